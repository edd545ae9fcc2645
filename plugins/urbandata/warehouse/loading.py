"""Appending new bronze files to ``raw.*`` and recording them, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from urbandata import storage
from urbandata.errors import UrbandataError
from urbandata.landing import utc_now
from urbandata.registry import Source
from urbandata.settings import Settings
from urbandata.warehouse.engine import writing
from urbandata.warehouse.locks import turn
from urbandata.warehouse.records import (
    new_outcomes,
    record_fetches,
    record_outcomes,
    record_sources,
)
from urbandata.warehouse.retrying import transaction, until_there
from urbandata.warehouse.tables import append, prepare, scalar

MANY = 1_000_000  # rows; keeping their order takes up to a third of the time of loading so many
LAST_LOAD = "SELECT coalesce(max(load_id), 0) FROM ops.loads"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load brought in: payloads, rows by source; how often others came in between."""

    load_id: int
    payloads: int
    rows: dict[str, int]
    conflicts: int = 0


def load_new(
    settings: Settings, sources: Mapping[str, Source], only: Collection[str] | None = None
) -> Loaded:
    """Open the warehouse and load (see :func:`load`); on a lake also while a server is away."""

    def work() -> Loaded:
        with writing(settings, shared=True) as con:
            return load(con, settings, sources, only)

    return until_there(settings, work)


def load(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    sources: Mapping[str, Source],
    only: Collection[str] | None = None,
) -> Loaded:
    """Append all new bronze files (of some sources) and ops records in one transaction.

    On a lake, loaders of different sources may run beside each other: each is a transaction that
    is repeated after a conflict, and they commit in the order of their load ids.
    """
    prepare(con, sources)
    with turn(settings, sources if only is None else only) as place:
        last: int = scalar(con, LAST_LOAD)
        load_id = place.take(last) if place else last + 1

        def work(conflicts: int) -> Loaded:
            loaded = _load(con, settings, sources, only, load_id)
            if loaded.payloads:
                row = (load_id, utc_now(), loaded.payloads, conflicts)
                append(con, "ops.loads", [row])
            if place:
                place.wait(load_id)
            return replace(loaded, conflicts=conflicts)

        return transaction(con, work)


def _load(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    sources: Mapping[str, Source],
    only: Collection[str] | None,
    load_id: int,
) -> Loaded:
    outcomes = new_outcomes(con, storage.of(settings), only)
    rows: dict[str, int] = {}
    files: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for outcome in outcomes:
        for table, file in outcome["files"].items():
            if outcome["source"] in sources:
                files.setdefault((outcome["source"], table), []).append({**outcome, **file})
    loaded: list[tuple[Any, ...]] = []
    for (source, table), members in files.items():
        count = _append(con, settings, source, table, members, load_id)
        rows[source] = rows.get(source, 0) + count
        loaded += _loaded_files(source, table, members, load_id)
    append(con, "ops.loaded_files", loaded)
    record_outcomes(con, settings, outcomes, load_id)
    record_fetches(con, settings, only)
    record_sources(con, sources)
    return Loaded(load_id, len(outcomes), rows)


def _append(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    table: str,
    members: list[dict[str, Any]],
    load_id: int,
) -> int:
    """Append what bronze files hold of these payloads; the row counts must be those written."""
    store = storage.of(settings)
    expected = int(sum(m["rows"] for m in members))
    insert = (
        f"INSERT INTO raw.{source}__{table} BY NAME "
        "SELECT *, ?::BIGINT AS _load_id FROM read_parquet(?, union_by_name := true)"
    )
    whole, shared = _files(members)
    con.execute(f"SET preserve_insertion_order = {str(expected < MANY).lower()}")
    statements = [(insert, [load_id, [store.uri(p) for p in whole]])] if whole else []
    for path, ids in shared.items():
        of_these = f"{insert} WHERE list_contains(?, _payload_id)"
        statements.append((of_these, [load_id, [store.uri(path)], ids]))
    count = sum((con.execute(s, values).fetchone() or (0,))[0] for s, values in statements)
    con.execute("SET preserve_insertion_order = true")
    if count != expected:
        raise UrbandataError(f"{source}.{table}: {expected} rows in bronze, {count} loaded")
    return expected


def _files(members: list[dict[str, Any]]) -> tuple[list[str], dict[str, list[str]]]:
    """Files to load whole, and by file the payloads of those that hold rows of others too.

    Such are the files of a check that is still at its outcomes, or was killed there: the other
    payloads come with a later load or, checked again, with another file.
    """
    by_path: dict[str, list[dict[str, Any]]] = {}
    for member in members:
        by_path.setdefault(member["path"], []).append(member)
    shared = {
        path: [m["payload_id"] for m in found]
        for path, found in by_path.items()
        if sum(m["rows"] for m in found) != found[0].get("file_rows", found[0]["rows"])
    }
    return [p for p in by_path if p not in shared], shared


def _loaded_files(
    source: str, table: str, members: list[dict[str, Any]], load_id: int
) -> list[tuple[Any, ...]]:
    """Rows of ``ops.loaded_files``."""
    now = utc_now()
    return [
        (m["payload_id"], source, table, m["path"], m["rows"], load_id, now,
         m.get("oldest_event_at"), m.get("newest_event_at"))
        for m in members
    ]  # fmt: skip
