"""Where what is written once lies: in the data folder, or in S3-compatible storage.

Raw zone, ledger, bronze, quarantine and outcomes have the same relative paths in both, so moving
them is copying. Both keep two promises: readers see a file whole or not at all, and what ``put``
and ``append`` have written is durable when they return.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from urbandata.errors import UrbandataError
from urbandata.settings import S3, SCHEME_S3, Settings

T = TypeVar("T")
PART = 16 * 2**20
READERS = 16  # objects asked for at once: each answer takes far longer than its bytes
# What the SDK says of a server that is away; whatever else it says, waiting does not help.
AWAY = re.compile(
    r"AWS Error (?:SLOW_DOWN|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|THROTTLING|REQUEST_TIMEOUT"
    r"|NETWORK_CONNECTION)|HTTP status 5\d\d"
)


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
        """Remove a folder with all it holds, if it is there."""

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
    return Bucket(place, settings.s3, settings.patience_s, settings.data_dir / "cache")


def write_atomically(path: Path, content: bytes) -> None:
    """Bytes to ``path`` by temporary file, sync and rename: readers see all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _copied(write: Callable[[Path], Any], target: Path) -> None:
    """Let ``write`` fill a temporary file beside the target and put it in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        write(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


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
        _copied(lambda file: shutil.copyfile(source, file), self.root / path)

    def get_file(self, path: str, target: Path) -> None:
        """A copy."""
        _copied(lambda file: shutil.copyfile(self.root / path, file), target)

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
        shutil.rmtree(self.root / under, ignore_errors=True)

    def discard(self, paths: Iterable[str]) -> None:
        """Those that are there."""
        for path in paths:
            (self.root / path).unlink(missing_ok=True)

    def uri(self, path: str) -> str:
        """The path on the disk."""
        return str(self.root / path)


class Bucket:
    """A prefix in a bucket of S3-compatible storage.

    A put is atomic there by itself, and an object, once written, is never changed. Nothing can be
    appended to one, so a line is an object of its own, numbered in the order of its writer.
    """

    def __init__(self, url: str, s3: S3, patience_s: float, cache_dir: Path) -> None:
        self.url = url.rstrip("/")
        self.root = self.url.removeprefix(SCHEME_S3)
        self.patience_s = patience_s
        self.cache_dir = cache_dir
        self._s3 = s3
        self._writer, self._lines = secrets.token_hex(4), 0

    def put(self, path: str, content: bytes) -> None:
        """One request; large objects in parts, which are seen when all are there."""

        def work() -> None:
            with self._system.open_output_stream(self._at(path)) as stream:
                stream.write(content)

        self._until_there(work)

    def put_new(self, path: str, content: Callable[[], bytes]) -> None:
        """Always: to ask first would cost as much."""
        self.put(path, content())

    def append(self, path: str, line: bytes) -> None:
        """An object of its own beside ``path``: its name, the line's number, the writer."""
        self._lines += 1
        stem, dot, extension = path.rpartition(".")
        self.put(f"{stem}.{self._lines:06d}.{self._writer}{dot}{extension}", line)

    def get(self, path: str) -> bytes:
        """Two requests: for the size, for the bytes."""

        def work() -> bytes:
            with self._system.open_input_stream(self._at(path)) as stream:
                return bytes(stream.readall())

        return self._until_there(work)

    def put_file(self, path: str, source: Path) -> None:
        """In parts."""

        def work() -> None:
            with source.open("rb") as file, self._system.open_output_stream(at) as stream:
                shutil.copyfileobj(file, stream, PART)

        at = self._at(path)
        self._until_there(work)

    def get_file(self, path: str, target: Path) -> None:
        """In parts, into a temporary file first."""

        def work(place: Path) -> None:
            with self._system.open_input_stream(at) as stream, place.open("wb") as file:
                shutil.copyfileobj(stream, file, PART)

        at = self._at(path)
        self._until_there(lambda: _copied(work, target))

    def read(self, entries: Iterable[Entry]) -> Iterator[bytes]:
        """Many at once."""
        with ThreadPoolExecutor(READERS) as pool:
            yield from pool.map(self._cached, entries)

    def files(self, under: str, suffix: str = "", sizes: bool = True) -> list[Entry]:
        """One request per 1,000 objects."""
        return [
            Entry(self._below(i.path), i.size, i.mtime_ns / 1e9)
            for i in self._infos(under, recursive=True)
            if i.is_file and i.path.endswith(suffix)
        ]

    def folders(self, under: str) -> list[str]:
        """From the names of the objects; there are no folders."""
        return [i.base_name for i in self._infos(under, recursive=False) if not i.is_file]

    def remove(self, under: str) -> None:
        """Object by object."""
        self.discard(e.path for e in self.files(under))

    def discard(self, paths: Iterable[str]) -> None:
        """Many at once."""
        with ThreadPoolExecutor(READERS) as pool:
            list(pool.map(self._discard, paths))

    def uri(self, path: str) -> str:
        """The address, which DuckDB reads through httpfs."""
        return f"{self.url}/{path}"

    @property
    def _system(self) -> Any:
        return _system(self._s3)

    def _at(self, path: str) -> str:
        return f"{self.root}/{path}"

    def _below(self, path: str) -> str:
        return path[len(self.root) + 1 :]

    def _infos(self, under: str, recursive: bool) -> list[Any]:
        from pyarrow import fs

        selector = fs.FileSelector(
            f"{self.root}/{under}".rstrip("/"), recursive=recursive, allow_not_found=True
        )
        found = self._until_there(lambda: self._system.get_file_info(selector))
        return sorted(found, key=lambda i: i.path)

    def _cached(self, entry: Entry) -> bytes:
        """An object by its copy on this machine, which is as good, as objects never change."""
        if not entry.path.startswith("ledger/"):
            return self.get(entry.path)  # the others are read once
        copy = self.cache_dir / self.root / entry.path
        if copy.exists() and copy.stat().st_size == entry.size:
            return copy.read_bytes()
        content = self.get(entry.path)
        write_atomically(copy, content)
        return content

    def _discard(self, path: str) -> None:
        def work() -> None:
            self._system.delete_file(self._at(path))

        self._until_there(work)

    def _until_there(self, work: Callable[[], T]) -> T:
        """The result of a request, asked again while the storage is away and patience lasts.

        Raises FileNotFoundError, or UrbandataError for whatever else is wrong.
        """
        import tenacity

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda e: bool(AWAY.search(str(e)))),
            stop=tenacity.stop_after_delay(self.patience_s),
            wait=tenacity.wait_random_exponential(0.2, max=10),
            reraise=True,
        )
        try:
            return retrying(work)
        except FileNotFoundError:
            raise
        except OSError as error:
            said = "does not answer" if AWAY.search(str(error)) else "refuses"
            raise UrbandataError(f"the storage {self.url} {said}: {error}") from error


@cache
def _system(s3: S3) -> Any:
    """The client, one per process. Without keys it looks for them where every SDK does."""
    # Checksums as trailers of chunked bodies are understood by Amazon, by few others.
    os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    os.environ.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")
    from pyarrow import fs

    return fs.S3FileSystem(
        access_key=s3.key_id or None,
        secret_key=s3.secret or None,
        region=s3.region,
        endpoint_override=s3.host or None,
        scheme="https" if s3.ssl else "http",
        background_writes=False,
        allow_delayed_open=True,  # a small object is then one request
    )
