"""Runs one query and ends. Order as JSON on stdin; a JSON line and an Arrow stream on stdout.

Started by ``sandbox`` with an empty environment. It stands alone: nothing of the platform is
imported here.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import duckdb

MEGABYTE = 1024 * 1024
# Arrow, Python and DuckDB map a lot without using it; DuckDB's own limit is the tighter one.
OVERHEAD_MB = 2048
GRACE = 1.0  # seconds between asking a query to stop and ending the process
SCHEMAS = {"marts"}
OPS = {"sources", "source_status", "builds", "dbt_results", "checks"}
# What may stand in FROM beside tables: functions that make rows of their arguments.
FUNCTIONS = {"range", "generate_series", "unnest"}
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "threads": "1",
}


class RefusedError(Exception):
    """The query will not be run."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


def connect(build: str, memory_mb: int) -> duckdb.DuckDBPyConnection:
    """The build and nothing else, read-only; no setting can be changed any more."""
    config = {**CONFIG, "memory_limit": f"{memory_mb}MB"}
    con = duckdb.connect(build, read_only=True, config=config)
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET lock_configuration = true")
    return con


def check(con: duckdb.DuckDBPyConnection, sql: str, hidden: frozenset[str] = frozenset()) -> None:
    """Raise RefusedError unless this is one SELECT on the marts, from its parsed form.

    ``hidden``: tables (``schema.name``) this reader may not read.
    """
    # As a literal: a bound parameter would make DuckDB import pandas, which takes a second.
    if "\0" in sql:
        raise RefusedError("syntax", "NUL")
    quoted = sql.replace("'", "''")
    row = con.execute(f"SELECT json_serialize_sql('{quoted}')").fetchone()
    parsed = json.loads(row[0]) if row else {}
    if parsed.get("error"):
        is_syntax = parsed.get("error_type") == "parser"
        raise RefusedError("syntax" if is_syntax else "not_select", parsed["error_message"])
    if len(parsed["statements"]) != 1:
        raise RefusedError("many")
    nodes = list(_nodes(parsed["statements"][0]))
    named = {c["key"] for n in nodes for c in _named(n)}
    for node in nodes:
        _check_node(node, named, hidden)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _named(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Names that WITH gives to parts of the query."""
    table = node.get("cte_map")
    return table["map"] if isinstance(table, dict) else []


def _check_node(node: dict[str, Any], named: set[str], hidden: frozenset[str]) -> None:
    kind = node.get("type")
    if kind == "BASE_TABLE":
        schema, name = node.get("schema_name", ""), node.get("table_name", "")
        is_ops = schema == "ops" and name in OPS
        is_own = not schema and name in named
        is_hidden = f"{schema}.{name}".casefold() in hidden
        if is_hidden or not (schema in SCHEMAS or is_ops or is_own):
            raise RefusedError("forbidden", f"{schema}.{name}".strip("."))
    if kind == "SHOW_REF":  # SUMMARIZE would show values of any table
        raise RefusedError("forbidden", "DESCRIBE, SHOW, SUMMARIZE")
    if kind == "TABLE_FUNCTION":
        name = node.get("function", {}).get("function_name", "")
        if name not in FUNCTIONS:
            raise RefusedError("forbidden", f"{name}()")


def answer(con: duckdb.DuckDBPyConnection, sql: str, rows: int, seconds: float) -> tuple[Any, bool]:
    """At most ``rows`` rows as Arrow, and whether there were more."""
    alarms = [threading.Timer(seconds, con.interrupt), threading.Timer(seconds + GRACE, give_up)]
    for alarm in alarms:
        alarm.daemon = True
        alarm.start()
    try:
        # One row more than allowed shows that the answer was cut.
        table = con.sql(f"SELECT * FROM (\n{sql.rstrip().rstrip(';')}\n) LIMIT {rows + 1:d}")
        found = table.to_arrow_table()
    finally:
        for alarm in alarms:
            alarm.cancel()
    return found.slice(0, rows), found.num_rows > rows


def give_up() -> None:
    """End the process: a single long function call does not listen to the interrupt."""
    sys.stdout.buffer.write(json.dumps({"refused": "time", "detail": ""}).encode() + b"\n")
    sys.stdout.buffer.flush()
    os._exit(0)


def limit(memory_mb: int, seconds: float) -> None:
    """Limits of the system: what DuckDB's own settings might let through ends the process."""
    space = (memory_mb + OVERHEAD_MB) * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    cpu = int(seconds) + 10
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))


def reply(order: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """What to say, and the rows if there are any."""
    began = time.monotonic()
    try:
        con = connect(order["build"], order["memory_mb"])
        check(con, order["sql"], frozenset(order.get("hidden", ())))
        table, is_cut = answer(con, order["sql"], order["rows"], order["seconds"])
    except RefusedError as error:
        return {"refused": error.kind, "detail": error.detail}, None
    except duckdb.InterruptException:
        return {"refused": "time", "detail": ""}, None
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        return {"refused": "memory", "detail": str(error)[:300]}, None
    except duckdb.PermissionException as error:
        return {"refused": "forbidden", "detail": str(error)[:300]}, None
    except duckdb.Error as error:
        return {"refused": "failed", "detail": str(error)[:600]}, None
    return {"is_cut": is_cut, "seconds": round(time.monotonic() - began, 3)}, table


def main() -> None:
    """Read the order, run it, write the answer."""
    import pyarrow as pa

    order = json.loads(sys.stdin.read())
    limit(order["memory_mb"], order["seconds"])
    head, table = reply(order)
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    if table is not None:
        with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
            writer.write_table(table)
    sys.stdout.buffer.flush()
    # All is said. Taking Python and DuckDB down in order aborts about once in 200 times under load.
    os._exit(0)


if __name__ == "__main__":
    main()
