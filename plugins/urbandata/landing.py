"""The raw zone and the ledger: bytes as they came, and one record per attempt.

Raw files are content-addressed, compressed and never change. The ledger is one JSON-lines file
per run of a source; a line is appended and synced only after its bytes are in place, so a crash
leaves at most bytes without a record, never a record without bytes. A torn last line is an
attempt that did not finish and is ignored. In S3 each line is an object of its own; those of a
day that is over are sealed into one.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import zstandard

from urbandata.contract import Payload, Window
from urbandata.errors import UrbandataError
from urbandata.storage import Entry, Store

UNKNOWN = "_unknown"
SEALED_AFTER = timedelta(days=2)  # no run is silent for so long


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to get one resource, successful or not.

    ``outcome``: ``landed`` (new bytes), ``unchanged`` (the newest bytes again), ``not_modified``
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


def payload_id(resource: str, digest: str, at: datetime | None = None) -> str:
    """Identity of a payload: the same bytes of the same resource are the same payload.

    For snapshot sources the moment belongs to the identity: the same list seen a day later says
    that nothing has changed, which is news. So it does where an earlier state comes back.
    """
    moment = at.isoformat() if at else ""
    return hashlib.sha256(f"{resource}\0{digest}\0{moment}".encode()).hexdigest()[:32]


class RawZone:
    """Content-addressed store ``raw/<source>/<yyyy>/<mm>/<dd>/<sha256>.<ext>.zst``."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put(self, source: str, digest: str, content: bytes, extension: str, at: datetime) -> str:
        """Store ``content`` and return its path in the store."""
        path = f"raw/{source}/{at:%Y/%m/%d}/{digest}.{extension}.zst"
        compressor = zstandard.ZstdCompressor(level=3)
        self.store.put_new(path, lambda: compressor.compress(content))
        return path

    def get(self, raw_path: str) -> bytes:
        """The verbatim bytes. Raises FileNotFoundError or zstandard.ZstdError if damaged."""
        return zstandard.ZstdDecompressor().decompress(self.store.get(raw_path))


class Ledger:
    """Attempts and covered windows of all sources, as JSON lines under ``ledger/``."""

    def __init__(self, store: Store) -> None:
        self.store = store

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
        for content in self.store.read(self.files(source)):
            for raw in content.split(b"\n")[:-1]:
                yield json.loads(raw)

    def files(self, source: str = "") -> list[Entry]:
        """Files of a source (or of all) in the order of the runs, without those sealed into one."""
        found = self.store.files(f"ledger/{source}".rstrip("/"), ".jsonl")
        sealed = {day for e in found if (day := sealed_day(e.path))}
        return [e for e in found if sealed_day(e.path) or day_of(e.path) not in sealed]

    def sources(self) -> list[str]:
        """Sources with at least one line."""
        return self.store.folders("ledger")

    def seal(self, source: str, now: datetime) -> int:
        """Put the files of each day that nobody writes any more into one; the number of days."""
        days: dict[str, list[Entry]] = {}
        for entry in self.files(source):
            if not sealed_day(entry.path):
                days.setdefault(day_of(entry.path), []).append(entry)
        quiet = {
            day: members
            for day, members in days.items()
            if max(e.written_at for e in members) < (now - SEALED_AFTER).timestamp()
        }
        for day, members in quiet.items():
            content = b"".join(c[: c.rfind(b"\n") + 1] for c in self.store.read(members))
            self.store.put(f"{day}.jsonl", content)
            if self.store.get(f"{day}.jsonl") != content:
                raise UrbandataError(f"{day}.jsonl does not hold what was sealed; nothing removed")
            self.store.discard(e.path for e in members)
        return len(quiet)

    def _append(self, source: str, run_id: str, line: dict[str, Any]) -> None:
        path = f"ledger/{source}/{run_id[:4]}/{run_id[4:6]}/{run_id}.jsonl"
        self.store.append(path, json.dumps(line, ensure_ascii=False).encode() + b"\n")


def day_of(path: str) -> str:
    """Folder and day of a ledger file: run ids begin with their day."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name[:8]}"


def sealed_day(path: str) -> str:
    """The day that a ledger file holds whole; empty for the file of a run."""
    return day_of(path) if path.endswith(f"{day_of(path)}.jsonl") else ""


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
