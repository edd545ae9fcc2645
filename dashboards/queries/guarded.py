"""A connection that runs a query only if the reader's role may read every table it names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Any

import duckdb

import access


class Guarded:
    """One reader's view of a shared read-only connection. Queries go through ``cursor``."""

    def __init__(self, con: duckdb.DuckDBPyConnection, roles: frozenset[str]) -> None:
        self._con = con
        self.hidden = access.hidden_tables(roles)

    def cursor(self) -> GuardedCursor:
        """A cursor of its own, as connections are shared by threads."""
        return GuardedCursor(self._con.cursor(), self.hidden)


class GuardedCursor:
    """Closes with its ``with`` block, like DuckDB's own."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, hidden: frozenset[str]) -> None:
        self._cursor = cursor
        self._hidden = hidden

    def __enter__(self) -> GuardedCursor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cursor.close()

    def execute(
        self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()
    ) -> duckdb.DuckDBPyConnection:
        """Run one SELECT. Raises DeniedError before anything is read."""
        if self._hidden:
            denied = self._hidden & tables_of(sql)
            if denied:
                raise access.DeniedError(f"not for this role: {', '.join(sorted(denied))}")
        return self._cursor.execute(sql, parameters)


@lru_cache(maxsize=500)
def tables_of(sql: str) -> frozenset[str]:
    """Tables a SELECT names, as ``schema.name``. Raises DeniedError if it is no SELECT."""
    with duckdb.connect() as con:
        row = con.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchone()
    parsed = json.loads(row[0]) if row else {"error": True}
    if parsed.get("error"):
        raise access.DeniedError(f"not a SELECT: {sql[:80]}")
    found: set[str] = set()
    _collect(parsed["statements"], found)
    return frozenset(found)


def _collect(value: Any, found: set[str]) -> None:
    if isinstance(value, list):
        for inner in value:
            _collect(inner, found)
    elif isinstance(value, dict):
        if value.get("type") == "BASE_TABLE":
            found.add(f"{value.get('schema_name', '')}.{value['table_name']}".casefold())
        for inner in value.values():
            _collect(inner, found)
