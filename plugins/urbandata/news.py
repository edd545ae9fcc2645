"""What has come since the last published build, which dbt nodes follow from it, and its record.

A model is a function of its inputs alone: no clock, no chance. With the same code and no new rows
in what it is made of, a model and its tests would give again what they gave before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from urbandata import warehouse
from urbandata.landing import utc_now
from urbandata.transform import Build

# Every load writes there, rows or not; fetches that failed are news too.
ALWAYS = "source:ops+"

LAST = """
    SELECT build_id, code_hash, load_id FROM ops.builds
    WHERE state = 'published' ORDER BY started_at DESC LIMIT 1"""
# A failed build, or one that was killed, has left models of its code behind.
OTHER_CODE = """
    SELECT count(*) FROM ops.builds WHERE code_hash <> ? AND started_at > (
        SELECT max(started_at) FROM ops.builds WHERE state = 'published')"""
MISSING = """
    SELECT count(*) FROM ops.dbt_results AS results
    WHERE build_id = ? AND resource_type IN ('model', 'seed') AND NOT EXISTS (
        FROM information_schema.tables AS there
        WHERE there.table_catalog = current_database() AND there.table_name = results.name)"""
CHANGED = """
    SELECT DISTINCT 'source:urbandata.' || source || '.' || table_name || '+'
    FROM ops.loaded_files WHERE load_id > ? ORDER BY 1"""
KEPT = "FROM ops.dbt_results WHERE build_id = ? AND NOT list_contains(?, unique_id)"


@dataclass(frozen=True, slots=True)
class News:
    """What a build has to do: all or some nodes, from scratch or on top of what is there."""

    load_id: int  # the newest load, which the build will hold
    based_on: str | None = None  # the last build, whose other nodes stand; None: all are built
    arguments: tuple[str, ...] = ()


def since_last_build(con: duckdb.DuckDBPyConnection, code_hash: str) -> News:
    """Compare the warehouse with its last published build; other code makes all anew."""
    (load_id,) = _row(con, "SELECT coalesce(max(load_id), 0) FROM ops.loads") or (0,)
    last, code, loaded = _row(con, LAST) or (None, None, None)
    if code != code_hash or _row(con, OTHER_CODE, [code_hash]) != (0,):
        return News(load_id, arguments=("--full-refresh",))
    missing = _row(con, MISSING, [last])
    if loaded is None or missing != (0,):  # such as views after the warehouse has moved
        return News(load_id)
    changed = [row[0] for row in con.execute(CHANGED, [loaded]).fetchall()]
    return News(load_id, last, ("--select", *changed, ALWAYS))


def with_kept(con: duckdb.DuckDBPyConnection, built: Build, news: News) -> Build:
    """The build with the results of the nodes it did not have to run."""
    if news.based_on is None:
        return built
    ran = [row[1] for row in built.results]
    kept = con.execute(KEPT, [news.based_on, ran]).fetchall()
    return built.holding([*built.results, *((built.build_id, *row[1:]) for row in kept)])


def begin(con: duckdb.DuckDBPyConnection, build_id: str, news: News, code: str) -> None:
    """Write to ``ops`` what is true of a build until :func:`note` replaces it: that it failed.

    A build that is killed may leave models of its code behind, and the next one has to know.
    Nobody reads this of a running build: it is replaced before anything is published.
    """
    now = utc_now()
    begun = Build(build_id, now, now, message="the build did not come to its end")
    note(con, begun, "failed", news, code)


def note(con: duckdb.DuckDBPyConnection, built: Build, state: str, news: News, code: str) -> None:
    """Write a build with all that stands in it to ``ops``; it replaces what was said of it."""
    row = {f: getattr(built, f) for f in built.__slots__}
    row |= {"state": state, "code_hash": code, "load_id": news.load_id}
    warehouse.record_build(con, row)


def _row(
    con: duckdb.DuckDBPyConnection, sql: str, values: list[Any] | None = None
) -> tuple[Any, ...] | None:
    return con.execute(sql, values).fetchone()
