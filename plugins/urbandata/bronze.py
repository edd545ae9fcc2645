"""From raw bytes to checked Parquet: parse, door check, bronze files.

The outcome file of a payload is written last and marks it as done; a payload without one is
done again from its raw bytes and gives the same rows. Accepted and quarantined rows always add
up to the records parsed, or nothing is written.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

import pyarrow as pa
import zstandard

from urbandata import bundles, chunking, door, storage
from urbandata.contract import Parsed, Payload
from urbandata.door import DoorResult
from urbandata.errors import PayloadError, UrbandataError
from urbandata.landing import (
    UNKNOWN,
    Attempt,
    Ledger,
    RawZone,
    payload_of,
    utc_now,
)
from urbandata.reading.eras import within_reach
from urbandata.reading.tabular import ROW
from urbandata.registry import Source
from urbandata.settings import Settings

log = logging.getLogger(__name__)
# A check costs 30 to 60 ms beside its rows, so payloads are read until they are worth it.
READ_BYTES = chunking.CHUNK_BYTES // 4
CHECK_ROWS = 1_000_000
THREADS = min(4, os.cpu_count() or 1)
QUARANTINE_SCHEMA = pa.schema(
    [
        ("table_name", pa.string()),
        ("row", pa.int64()),
        ("reason", pa.string()),
        ("record", pa.string()),
    ]
)

Read: TypeAlias = dict[Attempt, Parsed | str]  # what a payload holds, or why it cannot be read


@dataclass(slots=True)
class Outcome:
    """What became of one payload. ``state``: accepted, held, refused or unknown."""

    payload_id: str
    source: str
    origin: str
    resource: str
    filename: str
    sha256: str
    raw_path: str
    fetched_at: str
    state: str
    message: str = ""
    parsed: int = 0
    accepted: int = 0
    quarantined: int = 0
    newest_event_at: str | None = None
    processed_at: str = ""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    quarantine_path: str = ""
    checks: list[dict[str, Any]] = field(default_factory=list)


FIELDS = [f.name for f in fields(Outcome)]


class Bronze:
    """Checked rows of all sources in the platform's store."""

    def __init__(self, settings: Settings) -> None:
        self.store = storage.of(settings)
        self.zone = RawZone(self.store)
        self.ledger = Ledger(self.store)

    def pending(self, source: str) -> list[Attempt]:
        """Landed payloads that have no outcome yet, oldest first."""
        done = {e.stem for e in self.store.files(f"outcomes/{source}", ".json", sizes=False)}
        landed = (a for a in self.ledger.attempts(source) if a.outcome in ("landed", "unknown"))
        unique = {a.payload_id: a for a in landed if a.payload_id not in done}
        return sorted(unique.values(), key=lambda a: (a.finished_at, a.payload_id))

    def note_unknown(self) -> Iterator[Outcome]:
        """Outcomes of inbox files that no source recognises; their bytes are not kept."""
        for attempt in self.pending(UNKNOWN):
            yield self._store(_outcome(attempt, "unknown", attempt.error))

    def process(
        self, source: Source, attempts: Sequence[Attempt], alone: bool = True
    ) -> Iterator[Outcome]:
        """Parse, check and store these payloads.

        Beside each other in threads: unpacking, casting and writing leave Python. A process that
        is ``alone`` reads the next ones while some are checked; beside others it has no core left.
        """
        with ThreadPoolExecutor(THREADS) as threads, ThreadPoolExecutor(1) as reader:
            parts = self._read_parts(source, attempts, threads)
            stored: Iterator[Outcome] = iter(())
            for read in _ahead(parts, reader) if alone else parts:
                parsed = {a.payload_id: p for a, p in read.items() if isinstance(p, Parsed)}
                results = door.check_payloads(source.source, parsed, source.ties) if parsed else {}
                write = partial(self._write, source, read, results)
                size = partial(_size, results)
                written = threads.map(write, chunking.groups(read, bundles.MAX_ROWS, size))
                yield from stored
                stored = threads.map(self._store, chain.from_iterable(written))
            yield from stored

    def _read_parts(
        self, source: Source, attempts: Sequence[Attempt], threads: ThreadPoolExecutor
    ) -> Iterator[Read]:
        """What was read of the payloads, of as many at once as are worth a check."""
        for some in chunking.groups(attempts, chunking.LARGE_CHUNK_BYTES):
            read: Read = {}
            for few in chunking.groups(some, READ_BYTES):
                read.update(zip(few, threads.map(partial(self._read, source), few), strict=True))
                if sum(p.count for p in read.values() if isinstance(p, Parsed)) >= CHECK_ROWS:
                    yield read
                    read = {}
            if read:
                yield read

    def _write(
        self,
        source: Source,
        read: Read,
        results: Mapping[str, DoorResult],
        attempts: Sequence[Attempt],
    ) -> list[Outcome]:
        """Write the rows of some payloads; what became of each, which is to be stored next."""
        outcomes = {a: _judged(a, read[a], results.get(a.payload_id)) for a in attempts}
        for name, spec in source.tables.items():
            passed = {a: _passed(results, a).get(name) for a in attempts}
            tables = {a: table for a, table in passed.items() if table}
            written = bundles.write(self.store, f"bronze/{source.source}/{name}", spec, tables)
            for attempt, file in written.items():
                outcomes[attempt].files[name] = file
        for attempt, outcome in outcomes.items():
            if outcome.quarantined:
                outcome.quarantine_path = self._write_quarantine(
                    attempt, results[attempt.payload_id]
                )
            outcome.newest_event_at = newest(f["newest_event_at"] for f in outcome.files.values())
        return list(outcomes.values())

    def _read(self, source: Source, attempt: Attempt) -> Parsed | str:
        """Parsed payload, or in words why it is refused."""
        try:
            return self._parse(source, attempt)
        except PayloadError as error:
            return f"{source.source}: {attempt.filename or attempt.resource}: {error}"

    def _parse(self, source: Source, attempt: Attempt) -> Parsed:
        """Parsed payload. Whatever is wrong with it is a PayloadError with a plain message.

        A disk or storage that does not give it now is another UrbandataError.
        """
        try:
            payload: Payload = payload_of(attempt, self.zone)
        except (FileNotFoundError, zstandard.ZstdError) as error:
            raise PayloadError(f"the raw file {attempt.raw_path} is damaged: {error}") from error
        except OSError as error:  # rights, open files: it may be there the next time
            raise UrbandataError(
                f"the raw file {attempt.raw_path} is out of reach: {error}"
            ) from error
        try:
            parsed: Parsed = source.module("parse").parse(payload, source)
        except UrbandataError:
            raise
        except Exception as error:
            log.exception("parser of %s failed on %s", source.source, attempt.raw_path)
            raise PayloadError(f"the parser failed: {type(error).__name__}: {error}") from error
        _assert_declared(source, parsed)
        return within_reach(parsed)

    def _write_quarantine(self, attempt: Attempt, result: DoorResult) -> str:
        path = f"quarantine/{attempt.source}/{attempt.payload_id}.parquet"
        rows = [
            {"table_name": r.table, "row": r.row, "reason": r.reason, "record": r.record}
            for r in result.quarantined
        ]
        bundles.write_parquet(self.store, path, pa.Table.from_pylist(rows, QUARANTINE_SCHEMA))
        return path

    def _store(self, outcome: Outcome) -> Outcome:
        path = f"outcomes/{outcome.source}/{outcome.payload_id}.json"
        outcome.processed_at = utc_now().isoformat()
        said = {name: getattr(outcome, name) for name in FIELDS}
        self.store.put(path, json.dumps(said, ensure_ascii=False).encode())
        return outcome


def _ahead(parts: Iterator[Read], reader: ThreadPoolExecutor) -> Iterator[Read]:
    """The parts, each read while the one before is in use."""
    following = reader.submit(next, parts, None)
    while (read := following.result()) is not None:
        following = reader.submit(next, parts, None)
        yield read


def _outcome(attempt: Attempt, state: str, message: str = "") -> Outcome:
    return Outcome(
        payload_id=attempt.payload_id,
        source=attempt.source,
        origin=attempt.origin,
        resource=attempt.resource,
        filename=attempt.filename,
        sha256=attempt.sha256,
        raw_path=attempt.raw_path,
        fetched_at=attempt.finished_at,
        state=state,
        message=message,
    )


def _judged(attempt: Attempt, found: Parsed | str, result: DoorResult | None) -> Outcome:
    """What becomes of a payload. Raises UrbandataError if its rows do not add up."""
    if isinstance(found, str):
        return _outcome(attempt, "refused", found)
    if result is None:
        raise UrbandataError(f"{attempt.source}: {attempt.resource}: parsed, but not checked")
    outcome = _outcome(attempt, "held" if result.held else "accepted", result.held)
    outcome.parsed = found.count
    outcome.accepted = sum(t.num_rows for t in result.accepted.values())
    outcome.quarantined = len(result.quarantined)
    if outcome.accepted + outcome.quarantined != outcome.parsed:
        raise UrbandataError(
            f"{attempt.source}: {attempt.resource}: {outcome.parsed} records parsed, but "
            f"{outcome.accepted} accepted and {outcome.quarantined} quarantined"
        )
    outcome.checks = [asdict(c) for c in result.checks]
    return outcome


def _passed(results: Mapping[str, DoorResult], attempt: Attempt) -> Mapping[str, pa.Table]:
    """Rows of a payload that passed the door, by table."""
    result = results.get(attempt.payload_id)
    return result.accepted if result else {}


def _size(results: Mapping[str, DoorResult], attempt: Attempt) -> int:
    return sum(t.num_rows for t in _passed(results, attempt).values())


def _assert_declared(source: Source, parsed: Parsed) -> None:
    for name, table in parsed.tables.items():
        if name not in source.tables:
            raise PayloadError(f"the parser made a table '{name}' that source.yml does not declare")
        declared = source.tables[name].schema.append(pa.field(ROW, pa.int64()))
        if not table.schema.equals(declared):
            raise PayloadError(f"table '{name}' has {table.schema}, source.yml declares {declared}")


def newest(times: Iterable[str | None]) -> str | None:
    """Latest of some instants in ISO form, as it is written; None if there is none.

    Each source writes in its own offset, of which there are two in a year with summer time.
    """
    return max((t for t in times if t), key=datetime.fromisoformat, default=None)
