"""The tables the platform itself creates: ``ops.*`` and one raw table per declared table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from urbandata.errors import UrbandataError
from urbandata.registry import SQL_TYPES, Source
from urbandata.warehouse.retrying import transaction

SQL = Path(__file__).parents[1] / "sql"
OPS_DDL = (SQL / "ops.sql").read_text(encoding="utf-8")
META_COLUMNS = {
    "_origin": "VARCHAR",
    "_payload_id": "VARCHAR",
    "_row": "BIGINT",
    "_fetched_at": "TIMESTAMPTZ",
    "_load_id": "BIGINT",
}


# DuckLake keeps NOT NULL, but neither keys nor checks: there the transactions alone keep order.
CONSTRAINTS = re.compile(r",\s*(?:PRIMARY KEY|CHECK) \(.*\)(?=,?\s)|(?<=\w) PRIMARY KEY(?=,)")


def prepare(
    con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source], alone: bool = True
) -> None:
    """Create what is missing: ops tables and one raw table per declared table.

    Not ``alone``: in the transaction that the caller has begun. Raises UrbandataError if a raw
    table is :func:`outdated`.
    """
    if alone:
        transaction(con, lambda _: _prepare(con, sources))
    else:
        _prepare(con, sources)


def _prepare(con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> None:
    there = _columns_by_table(con)
    if any(there.get(name, {}).keys() < columns.keys() for name, columns in _ops_columns().items()):
        con.execute(CONSTRAINTS.sub("", OPS_DDL) if is_lake(con) else OPS_DDL)
    _widen_key(con)
    con.execute("CREATE SCHEMA IF NOT EXISTS raw")
    if old := _outdated(there, sources):
        raise UrbandataError(
            f"{', '.join(old)}: filled by an older version, as columns that are no longer in "
            "source.yml show; 'urbandata replay' reads everything anew from the raw zone"
        )
    for place, columns in _raw_tables(sources):
        _ensure_table(con, place, columns, there.get(place, {}))


def _widen_key(con: duckdb.DuckDBPyConnection) -> None:
    """Make ops.payloads anew where its key is the id alone; the rows stay.

    An inbox file that changed owner may have left the same id for two sources.
    """
    key = con.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() "
        "WHERE database_name = current_database() AND schema_name = 'ops' "
        "AND table_name = 'payloads' AND constraint_type = 'PRIMARY KEY'"
    ).fetchone()
    if key == (["payload_id"],):
        con.execute("CREATE TEMP TABLE kept_payloads AS FROM ops.payloads")
        con.execute("DROP TABLE ops.payloads")
        con.execute(OPS_DDL)
        con.execute("INSERT INTO ops.payloads BY NAME FROM kept_payloads")
        con.execute("DROP TABLE kept_payloads")


def outdated(con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> list[str]:
    """Raw tables with columns that their source.yml has no more: what they say is said elsewhere.

    New rows beside such old ones would not be the same table; models would read half of it.
    """
    return _outdated(_columns_by_table(con), sources)


def _outdated(there: Mapping[str, Mapping[str, str]], sources: Mapping[str, Source]) -> list[str]:
    return [p for p, columns in _raw_tables(sources) if there.get(p, {}).keys() - columns.keys()]


def _raw_tables(sources: Mapping[str, Source]) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and columns with their SQL types of each declared table."""
    for source in sources.values():
        for name, table in source.tables.items():
            columns = {n: SQL_TYPES[c.type] for n, c in table.columns.items()}
            yield f"raw.{source.source}__{name}", columns | META_COLUMNS


def _ensure_table(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    there: Mapping[str, str],
) -> None:
    """Create the table, or add columns that its source.yml has gained."""
    if not there:
        body = ", ".join(f'"{n}" {t}' for n, t in columns.items())
        con.execute(f"CREATE TABLE {name} ({body})")
        return
    for column, sql_type in columns.items():
        if column not in there:
            con.execute(f'ALTER TABLE {name} ADD COLUMN "{column}" {sql_type}')


def _columns_by_table(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Columns and types of all tables, by ``schema.table``, asked once: a lake is far away."""
    found: dict[str, dict[str, str]] = {}
    for table, column, sql_type in con.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name IN ('raw', 'ops')"
    ).fetchall():
        found.setdefault(table, {})[column] = sql_type
    return found


@cache
def _ops_columns() -> dict[str, dict[str, str]]:
    """What ops.sql creates."""
    with duckdb.connect() as con:
        con.execute(OPS_DDL)
        return _columns_by_table(con)


def is_lake(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the connection's warehouse is a DuckLake."""
    sql = "SELECT type FROM duckdb_databases() WHERE database_name = current_database()"
    return bool(scalar(con, sql) == "ducklake")


@contextmanager
def staged(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    """A table in memory with the columns of ``table``, whose rows are appended in one statement.

    In a lake each statement that inserts may write a file of its own.
    """
    place = "temp.main." + table.replace(".", "__")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {place} AS FROM {table} LIMIT 0")
    yield place
    con.execute(f"INSERT INTO {table} FROM {place}")
    con.execute(f"DROP TABLE {place}")


def append(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Append rows to a table, values in the order of its columns."""
    if rows:
        columns = zip(*rows, strict=True)
        arrow = pa.table({str(place): pa.array(values) for place, values in enumerate(columns)})
        con.register("appended", arrow)
        con.execute(f"INSERT INTO {table} FROM appended")
        con.unregister("appended")


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Columns of a table of ``ops``, in their order."""
    rows = con.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_catalog = current_database() AND table_schema = 'ops' AND table_name = ? "
        "ORDER BY ordinal_position",
        [table],
    ).fetchall()
    return [row[0] for row in rows]


def comment(con: duckdb.DuckDBPyConnection, target: str, text: str | None) -> None:
    """Set the comment of a table or column (``TABLE x``, ``COLUMN x.y``), if there is one."""
    if text:
        text = text.replace("'", "''")
        con.execute(f"COMMENT ON {target} IS '{text}'")


def scalar(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """First column of the first row of a query; None without rows."""
    row = con.execute(sql).fetchone()
    return row[0] if row else None
