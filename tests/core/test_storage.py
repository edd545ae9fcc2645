"""A folder as a store: nothing half-written stays, and what was not removed is said."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from urbandata.errors import UrbandataError
from urbandata.storage import Folder, write_atomically


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "pointer.json"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_atomically(path, b"new")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


def test_a_file_has_the_mode_that_was_asked_for(tmp_path: Path) -> None:
    write_atomically(tmp_path / "secret", b"x", mode=0o600)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_stays_is_an_error(tmp_path: Path, monkeypatch) -> None:
    store = Folder(tmp_path)
    store.put("outcomes/a/b.json", b"{}")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "not yours")

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(UrbandataError, match=r"outcomes cannot be removed: .*not yours"):
        store.remove("outcomes")


def test_a_file_that_others_remove_meanwhile_is_no_error(tmp_path: Path, monkeypatch) -> None:
    store, unlink = Folder(tmp_path), os.unlink
    for name in ("a", "b"):
        store.put(f"outcomes/{name}.json", b"{}")

    def overtaken(*given: object, **more: object) -> None:
        unlink(*given, **more)  # type: ignore[arg-type]
        monkeypatch.setattr(os, "unlink", unlink)
        raise FileNotFoundError

    monkeypatch.setattr(os, "unlink", overtaken)
    store.remove("outcomes")
    store.remove("never there")
    assert not list(tmp_path.iterdir())
