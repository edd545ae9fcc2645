"""The platform's own records in the small build: sources, fetches, checks, quarantine, builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from urbandata import registry, warehouse

BUILD = "b20261120T120000"
END = datetime(2026, 11, 20, 12, tzinfo=UTC)
Row = Mapping[str, Any]


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Rows by column name; columns not given stay empty."""
    given = pa.Table.from_pylist(list(rows))  # row by row would take a hundred times as long
    con.register("given_rows", given)
    con.execute(f"INSERT INTO {table} BY NAME FROM given_rows")
    con.unregister("given_rows")


def fill(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """PEGELONLINE is well, uba_air failed last, the others were never fetched."""
    con.execute("DELETE FROM ops.sources")
    warehouse.record_sources(con, registry.sources())
    at = END - timedelta(minutes=5)
    for source, outcome in (("pegelonline", "landed"), ("uba_air", "failed")):
        insert(con, "ops.fetches", [{
            "ledger_file": "l", "attempt_id": f"{source}-{origin}", "run_id": "r",
            "source": source, "origin": origin, "resource": "x", "started_at": at,
            "finished_at": at, "outcome": outcome, "status": 200 if outcome == "landed" else 500,
            "tries": 1, "error": None if outcome == "landed" else "server error",
        }])  # fmt: skip
    rows = {"real": (3840, 3), "demo": (10, 1)}[origin]
    payload = {
        "payload_id": f"p-{origin}", "source": "pegelonline", "origin": origin, "resource": "W",
        "filename": "", "sha256": "0", "raw_path": "r", "fetched_at": at, "state": "accepted",
        "message": None, "parsed": sum(rows), "accepted": rows[0], "quarantined": rows[1],
        "newest_event_at": END, "processed_at": at, "load_id": 1,
    }  # fmt: skip
    none = {"parsed": 0, "accepted": 0, "quarantined": 0}
    held = {**payload, "payload_id": f"h-{origin}", "source": "uba_air", "state": "held",
            "message": "zu wenige Zeilen", **none}  # fmt: skip
    insert(con, "ops.payloads", [payload, held])
    insert(con, "ops.quarantine", [
        {"payload_id": f"p-{origin}", "source": "pegelonline", "table_name": "measurements",
         "row": i, "reason": "Value outside the possible range", "record": f'{{"value": {i}}}'}
        for i in range(rows[1])
    ])  # fmt: skip
    check = {
        "payload_id": f"p-{origin}", "source": "pegelonline", "table_name": "measurements",
        "check_name": "ExpectColumnValuesToBeBetween", "column_name": "value",
        "severity": "critical", "success": True, "element_count": sum(rows), "unexpected_count": 0,
        "why": "Pegel dieser Elbestrecke", "observed": None, "payloads": 1,
        "checked_at": at - timedelta(hours=1),
    }  # fmt: skip
    later = {**check, "success": False, "unexpected_count": rows[1], "checked_at": at}
    other = {**check, "column_name": "unit", "why": "Einheit bekannt"}
    insert(con, "ops.checks", [check, later, other])
    day = timedelta(days=1)
    insert(con, "ops.covered_windows", [
        {"ledger_file": "l", "source": "pegelonline", "origin": origin, "window_start": start,
         "window_end": end, "covered_at": at}
        for start, end in ((END - 9 * day, END - 6 * day), (END - 7 * day, END - 5 * day),
                           (END - 4 * day, END))
    ])  # fmt: skip


def lineage(con: duckdb.DuckDBPyConnection) -> None:
    """M5.6a rests on one model and the river gauges; its payload is the accepted one."""
    insert(con, "marts.kpi_lineage", [
        {"kpi_code": "M5.6a", "node": node, "node_kind": kind, "depth": depth, "source": source,
         "table_name": table}
        for depth, (node, kind, source, table) in enumerate((
            ("int_kpi__gauge", "intermediate", None, None),
            ("stg_pegelonline__measurements", "staging", None, None),
            ("pegelonline.measurements", "source", "pegelonline", "measurements")))
    ])  # fmt: skip
    insert(con, "ops.loaded_files", [
        {"payload_id": f"p-{origin}", "source": "pegelonline", "table_name": "measurements",
         "path": "bronze/x.parquet", "rows": 3840, "load_id": 1, "loaded_at": END,
         "oldest_event_at": END - timedelta(days=400), "newest_event_at": END}
        for origin in ("real", "demo")
    ])  # fmt: skip


def builds(con: duckdb.DuckDBPyConnection) -> None:
    build = {
        "build_id": BUILD, "started_at": END - timedelta(seconds=90), "finished_at": END,
        "state": "published", "code_hash": "0", "models": 40, "tests": 200,
        "failed": 0, "warned": 1, "message": None,
    }  # fmt: skip
    day = timedelta(days=1)
    old = {**build, "build_id": "b20261119T120000", "state": "failed", "failed": 2,
           "started_at": build["started_at"] - day, "finished_at": END - day,
           "message": "2 Tests"}  # fmt: skip
    insert(con, "ops.builds", [build, old])
    result = {"build_id": BUILD, "unique_id": "t", "name": "known_station_x",
              "resource_type": "test", "status": "warn", "execution_s": 0.1, "failures": 4,
              "message": "Got 4 results"}  # fmt: skip
    insert(con, "ops.dbt_results", [result, {**result, "status": "pass", "name": "quiet"}])
