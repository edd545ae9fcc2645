"""Moving the warehouse from a DuckDB file into a lake and back, proven by checksums."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

import duckdb

from urbandata.errors import UrbandataError
from urbandata.registry import Source
from urbandata.settings import Settings
from urbandata.warehouse import lake
from urbandata.warehouse.engine import create, writing
from urbandata.warehouse.locks import file_locked
from urbandata.warehouse.tables import prepare

FILE = "file"
Checksums = dict[str, tuple[int, int]]


def to_lake(settings: Settings, sources: Mapping[str, Source]) -> Checksums:
    """Copy all tables of the DuckDB file into the lake; see :func:`_move`."""
    if not settings.warehouse_path.exists():
        raise UrbandataError(f"there is no warehouse at {settings.warehouse_path}")
    return _move(settings, sources, FILE, lake.NAME)


def to_file(settings: Settings, sources: Mapping[str, Source]) -> Checksums:
    """Copy all tables of the lake into the DuckDB file; see :func:`_move`."""
    return _move(settings, sources, lake.NAME, FILE)


def _move(settings: Settings, sources: Mapping[str, Source], origin: str, target: str) -> Checksums:
    """Rows and checksum of each table, equal on both sides. Views come with the next build.

    What the target held is replaced, in one transaction: it has all or nothing new. Raises
    UrbandataError if the warehouse is not set to a lake, or if a checksum differs.
    """
    if not settings.lake_dsn:
        raise UrbandataError("URBANDATA_WAREHOUSE has to name the lake to move into or out of")
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(file_locked(settings))
        con = stack.enter_context(writing(settings))
        create(settings.warehouse_path)
        con.execute(f"ATTACH '{settings.warehouse_path}' AS {FILE}")
        con.execute("BEGIN")
        try:
            sums = _copy(con, sources, origin, target)
            con.execute("COMMIT")
        except BaseException:
            con.execute("ROLLBACK")
            raise
        if _checksums(con, target, list(sums)) != sums:
            raise UrbandataError(f"the {target} does not hold what was copied; keep the {origin}")
        return sums


def _copy(
    con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source], origin: str, target: str
) -> Checksums:
    tables = _tables(con, origin)
    sums = _checksums(con, origin, tables)
    for kind, name in _relations(con, target):
        con.execute(f"DROP {kind} {target}.{name}")
    con.execute(f"USE {target}")
    prepare(con, sources, alone=False)
    made = set(_tables(con, target))
    for name in tables:
        schema, _, _ = name.partition(".")
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {target}.{schema}")
        if name in made:  # with the keys and checks that the target can keep
            con.execute(f"INSERT INTO {target}.{name} BY NAME FROM {origin}.{name}")
        else:
            con.execute(f"CREATE TABLE {target}.{name} AS FROM {origin}.{name}")
    return sums


def _tables(con: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    return [name for kind, name in _relations(con, database) if kind == "TABLE"]


def _relations(con: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    """Kind and quoted name with schema, views first: they hang on tables."""
    return con.execute(
        "SELECT if(table_type = 'VIEW', 'VIEW', 'TABLE'), "
        """table_schema || '."' || table_name || '"' """
        "FROM system.information_schema.tables WHERE table_catalog = ? ORDER BY 1 DESC, 2",
        [database],
    ).fetchall()


def _checksums(con: duckdb.DuckDBPyConnection, database: str, tables: list[str]) -> Checksums:
    """Count and sum of the hashes of all rows, whatever their order; columns by name."""
    sums: Checksums = {}
    for name in tables:
        described = con.execute(f"DESCRIBE {database}.{name}").fetchall()
        columns = ", ".join(sorted(f'"{c[0]}"' for c in described))
        row = con.execute(
            f"SELECT count(*), coalesce(sum(hash({columns})::HUGEINT), 0) FROM {database}.{name}"
        ).fetchone()
        sums[name] = (row[0], int(row[1])) if row else (0, 0)
    return sums
