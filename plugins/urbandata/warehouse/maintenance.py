"""Keeping a lake tidy: small files merged, old snapshots and files nobody names removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from urbandata.errors import UrbandataError
from urbandata.settings import Settings
from urbandata.warehouse import lake
from urbandata.warehouse.engine import writing
from urbandata.warehouse.retrying import until_there
from urbandata.warehouse.tables import scalar

KEEP_DAYS = 30  # as long as a backup of the catalogue may have to be put back
STEPS = {
    "flushed": "CALL ducklake_flush_inlined_data('{name}')",
    "merged": "CALL ducklake_merge_adjacent_files('{name}')",
    "expired": "CALL ducklake_expire_snapshots('{name}', versions => {old})",
    "removed": "CALL ducklake_cleanup_old_files('{name}', older_than => {age})",
    "orphans": "CALL ducklake_delete_orphaned_files('{name}', older_than => {age})",
}


@dataclass(frozen=True, slots=True)
class Maintained:
    """What one maintenance did: tables flushed, files merged, snapshots expired, files removed."""

    flushed: int
    merged: int
    expired: int
    removed: int
    orphans: int
    snapshots: int
    """Snapshots that are left."""


def maintain(
    settings: Settings, keep_days: float = KEEP_DAYS, named: Collection[int] = ()
) -> Maintained:
    """Merge small files; forget snapshots, and files only they name, older than ``keep_days``.

    Snapshots ``named`` by somebody stay, and so does the newest.

    Orphans are files of transactions that never committed; younger ones may belong to a running
    one and stay. Raises UrbandataError on a DuckDB file, which needs none of this.
    """
    if not settings.lake_dsn:
        raise UrbandataError("the warehouse is a DuckDB file; only a lake needs maintenance")
    age = f"now() - INTERVAL '{float(keep_days) * 86400} seconds'"

    def work() -> Maintained:
        with writing(settings) as con:
            done = {}
            for step, sql in STEPS.items():
                old = _old(con, age, named) if "{old}" in sql else []
                call = sql.format(name=lake.NAME, age=age, old=old)
                done[step] = len(con.execute(call).fetchall()) if old or "{old}" not in sql else 0
            left = scalar(con, f"SELECT count(*) FROM ducklake_snapshots('{lake.NAME}')")
        return Maintained(**done, snapshots=left)

    return until_there(settings, work)


def _old(con: duckdb.DuckDBPyConnection, age: str, named: Collection[int]) -> list[int]:
    """Snapshots to forget."""
    found = con.execute(
        f"SELECT snapshot_id FROM ducklake_snapshots('{lake.NAME}') "
        f"WHERE snapshot_time < {age} QUALIFY snapshot_id < max(snapshot_id) OVER () ORDER BY 1"
    ).fetchall()
    return [number for (number,) in found if number not in named]
