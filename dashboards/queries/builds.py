"""The build in service: which one it is, and one read-only connection to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from urbandata.serving import Connection

CITY_TIME = "Europe/Berlin"


class BuildError(Exception):
    """The pointer names a build that cannot be read."""


@dataclass(frozen=True, slots=True)
class Build:
    """A published build; ``published_at`` is UTC."""

    build_id: str
    path: Path
    published_at: datetime


def current(serving_dir: Path) -> Build | None:
    """The build the pointer names, None before the first. Raises BuildError if it is broken."""
    try:
        pointer = json.loads((serving_dir / "current.json").read_bytes())
        build = Build(
            str(pointer["build_id"]),
            serving_dir / str(pointer["path"]),
            datetime.fromisoformat(pointer["published_at"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise BuildError(f"current.json: {error}") from error
    if not build.path.exists():
        raise BuildError(f"{build.path.name} is missing")
    return build


@st.cache_resource(max_entries=3, show_spinner=False)
def connect(build_id: str, _path: Path) -> duckdb.DuckDBPyConnection:
    """One read-only connection per build, shared by all readers; old builds are let go.

    An old one is not closed here: a page that is still running reads it to its end, and with the
    last page that holds it DuckDB closes the file.
    """
    con = duckdb.connect(str(_path), read_only=True)
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    return con


def frame(con: Connection, sql: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Result of one query, on a cursor of its own as connections are shared by threads."""
    with con.cursor() as cursor:
        result: pd.DataFrame = cursor.execute(sql, dict(parameters or {})).df()
        return result


def has_table(con: Connection, table: str) -> bool:
    """Whether the build holds that mart; builds of older code may lack it."""
    found = frame(
        con,
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'marts' AND table_name = $table",
        {"table": table},
    )
    return len(found) > 0


def optional(
    con: Connection,
    table: str,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Result of a query on a mart that a build may lack: then a frame without rows or columns."""
    return frame(con, sql, parameters) if has_table(con, table) else pd.DataFrame()


def records(found: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dicts."""
    return [{str(name): value for name, value in row.items()} for row in found.to_dict("records")]


def origins(con: Connection) -> list[str]:
    """Origins the build knows, ``real`` first: that is the default."""
    found = frame(
        con,
        "SELECT origin FROM ops.payloads UNION SELECT origin FROM ops.source_status "
        "ORDER BY origin DESC",
    )
    return [str(origin) for origin in found["origin"]]


def public_origins(con: Connection) -> list[str]:
    """Origins of a public build, ``real`` first."""
    found = optional(
        con,
        "public_cleema_totals",
        "SELECT DISTINCT origin FROM marts.public_cleema_totals ORDER BY origin DESC",
    )
    return [str(origin) for origin in found["origin"]] if len(found) else []


def sources(con: Connection) -> pd.DataFrame:
    """One row per source: measure, titles, attribution, licence."""
    return frame(
        con,
        "SELECT source, measure, title_de, title_en, licence_id, attribution, licence_verified "
        "FROM ops.sources ORDER BY source",
    )


def as_of(con: Connection, origin: str) -> pd.DataFrame:
    """One row per subject with data: newest value (UTC; days count to their end), first day.

    Warnings come when there is something to warn of: theirs is the last time somebody asked.
    """
    return frame(con, AS_OF, {"origin": origin}).dropna(subset=["newest_at"])


AS_OF = """
SELECT 'gauge' AS subject, max(measured_at) AS newest_at, max(local_date) AS newest_day,
    min(local_date) AS oldest_day, false AS is_daily
FROM marts.fct_gauge_levels WHERE origin = $origin AND water_level_cm IS NOT NULL
UNION ALL
SELECT 'rain', max(interval_end_at), max(local_date), min(local_date), false
FROM marts.fct_rain_10min WHERE origin = $origin AND precipitation_mm IS NOT NULL
UNION ALL
SELECT 'warnings', max(last_success_at), NULL, NULL, false
FROM ops.source_status WHERE origin = $origin AND source = 'dwd_warnings'
UNION ALL
SELECT 'air', (max(local_date) + 1)::TIMESTAMP AT TIME ZONE 'Etc/GMT-1', max(local_date),
    min(local_date), true
FROM marts.fct_air_quality_daily WHERE origin = $origin
UNION ALL
SELECT 'heat', (max(local_date) + 1)::TIMESTAMP AT TIME ZONE 'Europe/Berlin', max(local_date),
    min(local_date), true
FROM marts.fct_heat_daily WHERE origin = $origin
"""
