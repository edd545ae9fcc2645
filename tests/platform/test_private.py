"""Passwords lie where only their owner can get at them."""

from __future__ import annotations

import os
import stat
import tempfile

import pytest

from urbandata.errors import ConfigError
from urbandata.platform.private import private_folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"urbandata-{os.getuid()}"


def test_nobody_else_can_enter(place):
    assert private_folder() == place
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_an_open_folder_of_ours_is_closed(place):
    place.mkdir(mode=0o755)
    private_folder()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.parametrize("made", ["link", "file"])
def test_what_somebody_else_left_there_is_not_used(place, tmp_path, made):
    if made == "link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="not a folder of this user"):
        private_folder()


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_another_user_is_not_used(place):
    place.mkdir(mode=0o700)
    os.chown(place, 65534, 65534)
    with pytest.raises(ConfigError):
        private_folder()
