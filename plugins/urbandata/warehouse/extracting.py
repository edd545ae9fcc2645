"""Extracts of a published build as DuckDB files of their own, for releases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from urbandata.warehouse.tables import comment


def extract(
    build: Path, target: Path, selects: Mapping[str, str], comments: Mapping[str, str]
) -> None:
    """Write a new DuckDB file from a published build: a table per select, rows in one order.

    ``selects`` and ``comments`` are by qualified name (``marts.x``, and ``marts.x.column`` for
    comments). One thread, so that equal builds give equal files.
    """
    with duckdb.connect(str(target), config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{build}' AS build (READ_ONLY)")
        for schema in sorted({name.partition(".")[0] for name in selects}):
            con.execute(f"CREATE SCHEMA {schema}")
        for name, select in selects.items():
            con.execute("USE build")
            schema, _, table = name.partition(".")
            place = f'"{target.stem}".{schema}."{table}"'
            con.execute(f"CREATE TABLE {place} AS FROM ({select}) ORDER BY ALL")
        con.execute(f'USE "{target.stem}"')
        for name, text in comments.items():
            parts = name.split(".")
            kind = "COLUMN" if len(parts) > 2 else "TABLE"  # noqa: PLR2004 - schema.table.column
            comment(con, f"{kind} " + ".".join(f'"{p}"' for p in parts), text)
        con.execute("DETACH build")
