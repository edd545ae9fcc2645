"""The raw zone and the ledger: bytes as they came, and one record per attempt.

Raw files are content-addressed, compressed and never change. The ledger is one JSON-lines file
per run of a source; a line is appended and synced only after its bytes are in place, so a crash
leaves at most bytes without a record, never a record without bytes. A torn last line is an
attempt that did not finish and is ignored.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zstandard

from urbandata.contract import Payload, Window

UNKNOWN = "_unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to get one resource, successful or not.

    ``outcome``: ``landed`` (new bytes), ``unchanged`` (same bytes as before), ``not_modified``
    (304), ``missing`` (404 where that is an answer), ``failed``, ``unknown`` (inbox file that
    no source recognises).
    """

    attempt_id: str
    run_id: str
    source: str
    origin: str
    resource: str
    url: str
    started_at: str
    finished_at: str
    outcome: str
    status: int | None = None
    bytes: int = 0
    sha256: str = ""
    raw_path: str = ""
    payload_id: str = ""
    filename: str = ""
    extension: str = ""
    error_kind: str = ""
    error: str = ""
    tries: int = 1
    window_start: str = ""
    window_end: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """A window of a source that was fetched completely."""

    source: str
    origin: str
    window: Window


def utc_now() -> datetime:
    """Now, UTC-aware."""
    return datetime.now(UTC)


def new_run_id() -> str:
    """Sortable, unique id of a run: time to the microsecond and six random hex digits."""
    return f"{utc_now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"


def sha256(content: bytes) -> str:
    """Hex digest that names a raw file."""
    return hashlib.sha256(content).hexdigest()


def payload_id(resource: str, digest: str, snapshot_at: datetime | None = None) -> str:
    """Identity of a payload: the same bytes of the same resource are the same payload.

    For snapshot sources the moment belongs to the identity: the same list seen a day later says
    that nothing has changed, which is news.
    """
    moment = snapshot_at.isoformat() if snapshot_at else ""
    return hashlib.sha256(f"{resource}\0{digest}\0{moment}".encode()).hexdigest()[:32]


def write_atomically(path: Path, content: bytes) -> None:
    """Bytes to ``path`` by temporary file, sync and rename: readers see all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


class RawZone:
    """Content-addressed store ``raw/<source>/<yyyy>/<mm>/<dd>/<sha256>.<ext>.zst``."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def put(self, source: str, digest: str, content: bytes, extension: str, at: datetime) -> str:
        """Store ``content`` and return its path relative to the data folder."""
        path = Path("raw", source, f"{at:%Y/%m/%d}", f"{digest}.{extension}.zst")
        if not (self.data_dir / path).exists():
            compressed = zstandard.ZstdCompressor(level=3).compress(content)
            write_atomically(self.data_dir / path, compressed)
        return path.as_posix()

    def get(self, raw_path: str) -> bytes:
        """The verbatim bytes. Raises FileNotFoundError or zstandard.ZstdError if damaged."""
        compressed = (self.data_dir / raw_path).read_bytes()
        return zstandard.ZstdDecompressor().decompress(compressed)


class Ledger:
    """Attempts and covered windows of all sources, as JSON lines under ``ledger/``."""

    def __init__(self, data_dir: Path) -> None:
        self.dir = data_dir / "ledger"

    def record(self, attempt: Attempt) -> None:
        """Append one attempt, synced."""
        self._append(attempt.source, attempt.run_id, {"kind": "attempt", **asdict(attempt)})

    def cover(self, run_id: str, covered: Covered) -> None:
        """Note that a window was fetched completely."""
        line = {
            "kind": "window",
            "source": covered.source,
            "origin": covered.origin,
            "start": covered.window.start.isoformat(),
            "end": covered.window.end.isoformat(),
            "at": utc_now().isoformat(),
        }
        self._append(covered.source, run_id, line)

    def attempts(self, source: str) -> Iterator[Attempt]:
        """All attempts of a source, oldest run first."""
        for line in self.lines(source):
            if line.pop("kind") == "attempt":
                yield Attempt(**line)

    def covered(self, source: str, origin: str) -> list[Window]:
        """Windows of a source that were fetched completely, in the order of the runs."""
        return [
            Window(datetime.fromisoformat(line["start"]), datetime.fromisoformat(line["end"]))
            for line in self.lines(source)
            if line["kind"] == "window" and line["origin"] == origin
        ]

    def lines(self, source: str) -> Iterator[dict[str, Any]]:
        """All complete ledger lines of a source, oldest run first."""
        for path in sorted(self.dir.glob(f"{source}/*/*/*.jsonl")):
            for raw in path.read_bytes().split(b"\n")[:-1]:
                yield json.loads(raw)

    def sources(self) -> list[str]:
        """Sources with at least one line."""
        return sorted(p.name for p in self.dir.glob("*") if p.is_dir())

    def _append(self, source: str, run_id: str, line: dict[str, Any]) -> None:
        path = self.dir / source / run_id[:4] / run_id[4:6] / f"{run_id}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def payload_of(attempt: Attempt, zone: RawZone) -> Payload:
    """The payload that a landed attempt stands for, with its bytes from the raw zone."""
    return Payload(
        content=zone.get(attempt.raw_path),
        resource=attempt.resource,
        extension=attempt.extension,
        fetched_at=datetime.fromisoformat(attempt.finished_at),
        origin=attempt.origin,
        sha256=attempt.sha256,
        payload_id=attempt.payload_id,
        url=attempt.url,
        filename=attempt.filename,
    )
