"""Appending new bronze files to ``raw.*`` and recording them, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from urbandata.errors import UrbandataError
from urbandata.landing import utc_now
from urbandata.registry import Source
from urbandata.settings import Settings
from urbandata.warehouse.records import (
    new_outcomes,
    record_fetches,
    record_outcomes,
    record_sources,
)
from urbandata.warehouse.tables import prepare, scalar


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load brought in: payloads and rows by source."""

    load_id: int
    payloads: int
    rows: dict[str, int]


def load(
    con: duckdb.DuckDBPyConnection, settings: Settings, sources: Mapping[str, Source]
) -> Loaded:
    """Append all new bronze files and ops records in one transaction."""
    prepare(con, sources)
    con.execute("BEGIN")
    try:
        loaded = _load(con, settings, sources)
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise
    return loaded


def _load(
    con: duckdb.DuckDBPyConnection, settings: Settings, sources: Mapping[str, Source]
) -> Loaded:
    load_id = scalar(con, "SELECT coalesce(max(load_id), 0) + 1 FROM ops.loads")
    outcomes = new_outcomes(con, settings.data_dir)
    rows: dict[str, int] = {}
    files: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for outcome in outcomes:
        for table, file in outcome["files"].items():
            if outcome["source"] in sources:
                files.setdefault((outcome["source"], table), []).append({**outcome, **file})
    for (source, table), members in files.items():
        rows[source] = rows.get(source, 0) + _append(con, settings, source, table, members, load_id)
    record_outcomes(con, settings, outcomes, load_id)
    record_fetches(con, settings)
    record_sources(con, sources)
    if outcomes:
        con.execute("INSERT INTO ops.loads VALUES (?, ?, ?)", [load_id, utc_now(), len(outcomes)])
    return Loaded(load_id, len(outcomes), rows)


def _append(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    table: str,
    members: list[dict[str, Any]],
    load_id: int,
) -> int:
    """Append the bronze files of one table; the row counts must be those written."""
    paths = [str(settings.data_dir / m["path"]) for m in members]
    count = con.execute(
        f"INSERT INTO raw.{source}__{table} BY NAME "
        "SELECT *, ?::BIGINT AS _load_id FROM read_parquet(?, union_by_name := true)",
        [load_id, paths],
    ).fetchone()
    expected = int(sum(m["rows"] for m in members))
    if not count or count[0] != expected:
        raise UrbandataError(f"{source}.{table}: {expected} rows in bronze, {count} loaded")
    now = utc_now()
    records = [
        (m["payload_id"], source, table, m["path"], m["rows"], load_id, now,
         m.get("oldest_event_at"), m.get("newest_event_at"))
        for m in members
    ]  # fmt: skip
    con.executemany("INSERT INTO ops.loaded_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", records)
    return expected
