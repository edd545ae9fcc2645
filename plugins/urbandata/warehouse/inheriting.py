"""What a build to be published takes over from the one in service: all that is still the same.

Copying that file costs a fraction of copying its rows. Marts that were built anew are dropped from
the copy; of long ones only the days are replaced that differ, which is told by hashes of all rows
of a day: one more new day must not copy the years before it.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from urbandata.warehouse.tables import scalar

COPY = "serving"  # the name the copy is attached by
INHERITED = ("marts",)  # every load and build writes to ops
LONG = 500_000  # rows; a shorter table is copied in the time that comparing it takes
# Replaced tables leave room in a file, which would be copied from build to build.
IS_HOLLOW = f"""
    SELECT free_blocks > total_blocks / 2 FROM pragma_database_size()
    WHERE database_name = '{COPY}'"""
TABLES = f"""
    SELECT there.schema_name, there.table_name, there.estimated_size, days.column_name
    FROM duckdb_tables() AS there
    LEFT JOIN (
        SELECT schema_name, table_name, min_by(column_name, column_index) AS column_name
        FROM duckdb_columns() WHERE database_name = '{COPY}' AND data_type = 'DATE'
        GROUP BY ALL
    ) AS days USING (schema_name, table_name)
    WHERE there.database_name = '{COPY}'"""
DAYS = "SELECT {day} AS day, count(*) AS n, sum(hash(*COLUMNS(*))) AS sum FROM {table} GROUP BY 1"
DIFFERENT = f"""
    CREATE OR REPLACE TEMP TABLE different_days AS
    SELECT coalesce(old.day, new.day) AS day
    FROM ({DAYS.format(day='"{day}"', table=COPY + ".{table}")}) AS old
    FULL JOIN ({DAYS.format(day='"{day}"', table="{table}")}) AS new
        ON old.day IS NOT DISTINCT FROM new.day
    WHERE old.n IS DISTINCT FROM new.n OR old.sum IS DISTINCT FROM new.sum"""
IS_DIFFERENT = '"{day}" IN (FROM different_days) OR "{day}" IS NULL'


@dataclass(frozen=True, slots=True)
class Base:
    """The published build that a new one stands on, and the marts that were built since."""

    build_id: str
    rebuilt: Collection[str]


def begin(
    con: duckdb.DuckDBPyConnection, partial: Path, folder: Path, base: Base
) -> frozenset[tuple[str, str]]:
    """Attach a copy of the base as ``serving``; the tables (schema, name) that are complete.

    None are, and nothing is attached, if the base is gone or holds more room than tables.
    """
    found = folder / f"{base.build_id}.duckdb"
    if not found.exists():
        return frozenset()
    shutil.copyfile(found, partial)
    con.execute(f"ATTACH '{partial}' AS {COPY}")
    if scalar(con, IS_HOLLOW):
        con.execute(f"DETACH {COPY}")
        partial.unlink()
        return frozenset()
    complete = {
        (schema, table)
        for schema, table, rows, day in con.execute(TABLES).fetchall()
        if schema in INHERITED
        and (table not in base.rebuilt or _renewed(con, schema, table, rows, day))
    }
    for schema, table, *_ in con.execute(TABLES).fetchall():
        if (schema, table) not in complete:
            con.execute(f'DROP TABLE {COPY}.{schema}."{table}"')
    con.execute(f"CHECKPOINT {COPY}")  # so that their room is used again
    return frozenset(complete)


def _renewed(
    con: duckdb.DuckDBPyConnection, schema: str, table: str, rows: int, day: str | None
) -> bool:
    """Replace the days of a long table that differ; False if it is better copied whole."""
    if rows < LONG or not day:
        return False
    name = f'{schema}."{table}"'
    con.execute(DIFFERENT.format(day=day, table=name))
    different = IS_DIFFERENT.format(day=day)
    if scalar(con, f"SELECT count(*) FROM {name} WHERE {different}") > rows / 2:
        return False
    con.execute(f"DELETE FROM {COPY}.{name} WHERE {different}")
    con.execute(f"INSERT INTO {COPY}.{name} BY NAME FROM {name} WHERE {different}")
    return True
