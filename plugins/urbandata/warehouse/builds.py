"""Records of builds in ``ops``: what ran, with which code, with which results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from urbandata.warehouse import lake
from urbandata.warehouse.retrying import transaction
from urbandata.warehouse.tables import append, columns_of, is_lake, scalar

# A node a row and build: at ten-minute builds 50 million rows a year, copied with each publication.
OLD_RESULTS = """
    DELETE FROM ops.dbt_results WHERE build_id NOT IN (
        SELECT build_id FROM ops.builds ORDER BY started_at DESC LIMIT 100)"""


def record_build(con: duckdb.DuckDBPyConnection, build: Mapping[str, Any]) -> None:
    """One row in ``ops.builds``, one per dbt node in ``ops.dbt_results``; a retry replaces."""
    transaction(con, lambda _: _record(con, build))


def snapshot(con: duckdb.DuckDBPyConnection) -> int | None:
    """The newest state of the lake that can be asked for by its number; a file has none."""
    if not is_lake(con):
        return None
    return int(scalar(con, f"SELECT max(snapshot_id) FROM ducklake_snapshots('{lake.NAME}')"))


def _record(con: duckdb.DuckDBPyConnection, build: Mapping[str, Any]) -> None:
    build_id = build["build_id"]
    con.execute("DELETE FROM ops.builds WHERE build_id = ?", [build_id])
    con.execute("DELETE FROM ops.dbt_results WHERE build_id = ?", [build_id])
    row = {**build, "snapshot_id": snapshot(con)}
    append(con, "ops.builds", [[row[c] for c in columns_of(con, "builds")]])
    append(con, "ops.dbt_results", build["results"])
    con.execute(OLD_RESULTS)
