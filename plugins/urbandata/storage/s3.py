"""The store in S3-compatible storage, through Arrow's file system."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from urbandata.errors import UrbandataError
from urbandata.settings import S3, SCHEME_S3
from urbandata.storage import Entry, copied, write_atomically

T = TypeVar("T")
PART = 16 * 2**20
READERS = 16  # objects asked for at once: each answer takes far longer than its bytes
# What the SDK says of a server that is away; whatever else it says, waiting does not help.
AWAY = re.compile(
    r"AWS Error (?:SLOW_DOWN|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|THROTTLING|REQUEST_TIMEOUT"
    r"|NETWORK_CONNECTION)|HTTP status 5\d\d"
)


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
        self._until_there(lambda: copied(work, target))

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


def create_bucket(name: str, s3: S3) -> None:
    """Create a bucket unless it is there. Raises UrbandataError."""
    try:
        _system(s3, may_create=True).create_dir(name)
    except OSError as error:
        raise UrbandataError(f"the storage does not give the bucket {name}: {error}") from error


@cache
def _system(s3: S3, may_create: bool = False) -> Any:
    """The client, one per process. Without keys it looks for them where every SDK does.

    Without ``may_create`` a misspelt bucket is an error.
    """
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
        allow_bucket_creation=may_create,
        allow_delayed_open=True,  # a small object is then one request
    )
