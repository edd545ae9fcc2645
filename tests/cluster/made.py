"""Checked payloads made by hand: bronze files and outcomes as the door check leaves them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from urbandata import registry
from urbandata.registry import SQL_TYPES
from urbandata.warehouse import META_COLUMNS

AT = datetime(2025, 9, 15, 12, tzinfo=UTC).isoformat()


def payload(data: Path, source: str, number: int, rows: int) -> str:
    """One payload of a source with ``rows`` rows of its first table; its id."""
    name, table = next(iter(registry.source(source).tables.items()))
    payload_id = f"{source}-{number:04}"
    path = Path("bronze", source, name, f"{payload_id}.parquet")
    (data / path).parent.mkdir(parents=True, exist_ok=True)
    columns = {n: SQL_TYPES[c.type] for n, c in table.columns.items()} | META_COLUMNS
    values = {"_origin": "'demo'", "_payload_id": f"'{payload_id}'", "_row": "i"}
    select = ", ".join(
        f'{values.get(n, "NULL")}::{t} AS "{n}"' for n, t in columns.items() if n != "_load_id"
    )
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT {select} FROM range({rows}) r(i)) TO '{data / path}'")
    outcome = {
        "payload_id": payload_id, "source": source, "origin": "demo", "resource": "x",
        "filename": "", "sha256": "0" * 64, "raw_path": "raw/x", "fetched_at": AT,
        "state": "accepted", "message": "", "parsed": rows, "accepted": rows, "quarantined": 0,
        "newest_event_at": AT, "processed_at": AT, "checks": [], "quarantine_path": None,
        "files": {name: {"path": path.as_posix(), "rows": rows}},
    }  # fmt: skip
    target = data / "outcomes" / source / f"{payload_id}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(outcome))
    partial.replace(target)
    return payload_id
