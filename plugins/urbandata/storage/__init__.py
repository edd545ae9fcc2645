"""Where what is written once lies: in the data folder, or in S3-compatible storage.

Raw zone, ledger, bronze, quarantine and outcomes have the same relative paths in both, so moving
them is copying. Both keep two promises: readers see a file whole or not at all, and what ``put``
and ``append`` have written is durable when they return.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from urbandata.errors import UrbandataError
from urbandata.settings import SCHEME_S3, Settings


class Entry(NamedTuple):
    """A stored file: its path below the store, its size, when it was written (seconds)."""

    path: str
    size: int
    written_at: float

    @property
    def stem(self) -> str:
        """Name without folder and extension."""
        return self.path.rpartition("/")[2].partition(".")[0]


class Store(Protocol):
    """Files by relative path with forward slashes."""

    def put(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all; what was there is replaced."""

    def put_new(self, path: str, content: Callable[[], bytes]) -> None:
        """Write a file whose path says what it holds, so that it need not be written twice."""

    def append(self, path: str, line: bytes) -> None:
        """Add a line to the file of one writer, or to the row of files that stands for it."""

    def get(self, path: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError."""

    def put_file(self, path: str, source: Path) -> None:
        """Write a file that may be larger than memory, from a disk."""

    def get_file(self, path: str, target: Path) -> None:
        """A file onto a disk, whole or not at all."""

    def read(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        """The bytes of many files, in their order."""

    def files(self, under: str, suffix: str = "", sizes: bool = True) -> list[Entry]:
        """All files below a folder whose names end so, sorted by path; sizes and times if asked."""

    def folders(self, under: str) -> list[str]:
        """Names of the folders in a folder, sorted."""

    def remove(self, under: str) -> None:
        """Remove a folder with all it holds, if it is there. Raises UrbandataError if it stays."""

    def discard(self, paths: Iterable[str]) -> None:
        """Remove single files."""

    def uri(self, path: str) -> str:
        """What DuckDB reads a file by."""


def of(settings: Settings) -> Store:
    """The store that the settings name."""
    return at(settings.storage or str(settings.data_dir), settings)


def at(place: str, settings: Settings) -> Store:
    """The store at an address ``s3://…`` or in a folder."""
    if not place.startswith(SCHEME_S3):
        return Folder(Path(place))
    from urbandata.storage.s3 import Bucket

    return Bucket(place, settings.s3, settings.patience_s, settings.data_dir / "cache")


def prepare(settings: Settings) -> list[str]:
    """Create the buckets that the settings name, where they are missing; their names.

    Raises UrbandataError if the storage refuses.
    """
    lake = settings.warehouse_data if settings.lake_dsn else ""
    far = [p for p in (settings.storage, lake) if p.startswith(SCHEME_S3)]
    if not far:
        return []
    from urbandata.storage.s3 import create_bucket

    names = sorted({place.removeprefix(SCHEME_S3).partition("/")[0] for place in far})
    for name in names:
        create_bucket(name, settings.s3)
    return names


def write_atomically(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Bytes to ``path`` by temporary file, sync and rename: readers see all or nothing.

    ``mode`` is what others may do with it, less what the process's umask forbids.
    """

    def write(temporary: Path) -> None:
        new = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(new, "wb") as file:
            file.write(content)

    copied(write, path)


def copied(write: Callable[[Path], Any], target: Path) -> None:
    """Let ``write`` fill a temporary file beside the target, sync it, put it in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = passing_name(target)
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def passing_name(target: Path) -> Path:
    """A hidden name beside the target that no other process or thread takes."""
    return target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")


def remove_folder(folder: Path) -> None:
    """Remove a folder with all it holds, if it is there. Raises UrbandataError if it stays."""
    try:
        while folder.exists():
            with suppress(FileNotFoundError):  # another process has renamed or removed a file
                shutil.rmtree(folder)
    except OSError as error:
        raise UrbandataError(f"{folder} cannot be removed: {error}") from error


class Folder:
    """A folder on a disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, content: bytes) -> None:
        """By temporary file, sync and rename."""
        write_atomically(self.root / path, content)

    def put_new(self, path: str, content: Callable[[], bytes]) -> None:
        """Only if there is no such file."""
        if not (self.root / path).exists():
            self.put(path, content())

    def append(self, path: str, line: bytes) -> None:
        """To the end of one file, synced."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def get(self, path: str) -> bytes:
        """From the disk."""
        return (self.root / path).read_bytes()

    def put_file(self, path: str, source: Path) -> None:
        """A copy."""
        copied(lambda file: shutil.copyfile(source, file), self.root / path)

    def get_file(self, path: str, target: Path) -> None:
        """A copy."""
        copied(lambda file: shutil.copyfile(self.root / path, file), target)

    def read(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        """One after the other."""
        return (self.get(e.path) for e in entries)

    def files(self, under: str, suffix: str = "", sizes: bool = True) -> list[Entry]:
        """By walking the folder; hidden files are unfinished ones."""
        found: list[Entry] = []
        places = [under] if (self.root / under).is_dir() else []
        while places:
            place = places.pop()
            start = f"{place}/" if place else ""
            for item in os.scandir(self.root / place):
                name = item.name
                if item.is_dir():
                    places.append(start + name)
                elif name.endswith(suffix) and name[0] != ".":
                    state = item.stat() if sizes else None
                    size, at = (state.st_size, state.st_mtime) if state else (0, 0.0)
                    found.append(Entry(start + name, size, at))
        return sorted(found)  # by path, which is there once

    def folders(self, under: str) -> list[str]:
        """By looking into it."""
        place = self.root / under
        return sorted(p.name for p in place.iterdir() if p.is_dir()) if place.is_dir() else []

    def remove(self, under: str) -> None:
        """With all it holds."""
        remove_folder(self.root / under)

    def discard(self, paths: Iterable[str]) -> None:
        """Those that are there."""
        for path in paths:
            (self.root / path).unlink(missing_ok=True)

    def uri(self, path: str) -> str:
        """The path on the disk."""
        return str(self.root / path)
