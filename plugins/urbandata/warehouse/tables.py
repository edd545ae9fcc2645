"""The tables the platform itself creates: ``ops.*`` and one raw table per declared table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from urbandata.registry import Source

SQL = Path(__file__).parents[1] / "sql"
OPS_DDL = (SQL / "ops.sql").read_text(encoding="utf-8")
SQL_TYPES = {
    "string": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "datetime": "TIMESTAMP",
    "date": "DATE",
}
META_COLUMNS = {
    "_origin": "VARCHAR",
    "_payload_id": "VARCHAR",
    "_row": "BIGINT",
    "_fetched_at": "TIMESTAMPTZ",
    "_load_id": "BIGINT",
}


def prepare(con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> None:
    """Create what is missing: ops tables and one raw table per declared table."""
    con.execute(OPS_DDL)
    con.execute("CREATE SCHEMA IF NOT EXISTS raw")
    for source in sources.values():
        for name, table in source.tables.items():
            columns = {n: SQL_TYPES[c.type] for n, c in table.columns.items()} | META_COLUMNS
            _ensure_table(con, f"{source.source}__{name}", columns)


def _ensure_table(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str]) -> None:
    """Create the table, or add columns that its source.yml has gained."""
    body = ", ".join(f'"{n}" {t}' for n, t in columns.items())
    con.execute(f"CREATE TABLE IF NOT EXISTS raw.{name} ({body})")
    for column, sql_type in columns.items():
        con.execute(f'ALTER TABLE raw.{name} ADD COLUMN IF NOT EXISTS "{column}" {sql_type}')


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Columns of a table of ``ops``, in their order."""
    rows = con.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'ops' AND table_name = ? ORDER BY ordinal_position",
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
