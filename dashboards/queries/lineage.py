"""Where a number comes from. The SQL is that of ``urbandata explain``, so both say the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from queries.builds import frame, has_table, optional
from urbandata.explain import SQL
from urbandata.serving import Connection

PERIODS = 60


def sources_of_kpi(con: Connection, code: str) -> pd.DataFrame:
    """Sources a KPI rests on, one row each; empty where the build records no lineage."""
    return optional(
        con,
        "kpi_lineage",
        "SELECT DISTINCT source FROM marts.kpi_lineage WHERE kpi_code = $code "
        "AND source IS NOT NULL ORDER BY source",
        {"code": code},
    )


def is_recorded(con: Connection) -> bool:
    """Whether the build knows what its KPIs are made of."""
    return has_table(con, "kpi_lineage")


def periods(con: Connection, origin: str, code: str, area_id: str) -> pd.DataFrame:
    """Periods with values of a KPI and area, the newest first: kind, start."""
    return frame(
        con,
        f"""
        SELECT period_kind, period_start FROM marts.kpi_values
        WHERE origin = $origin AND kpi_code = $code AND area_id = $area
        ORDER BY list_position(['month', 'quarter', 'year', 'phase', 'day'], period_kind),
            period_start DESC
        LIMIT {PERIODS:d}
        """,
        {"origin": origin, "code": code, "area": area_id},
    )


def values(
    con: Connection, origin: str, code: str, kind: str, start: date, area: str
) -> pd.DataFrame:
    """The value itself, with range, basis, flags and the model that computed it."""
    found = _ask(con, "values", code=code, kind=kind, start=start, area=area)
    return found[found["origin"] == origin]


def models(con: Connection, code: str) -> pd.DataFrame:
    """Models and seeds, nearest first, with what the build says about them."""
    return _ask(con, "models", code=code)


def checks(con: Connection, code: str) -> pd.DataFrame:
    """Checks at the door on the tables behind the KPI, summed over all batches."""
    return _ask(con, "checks", code=code)


def payloads(
    con: Connection, origin: str, code: str, kind: str, start: date, area: str
) -> pd.DataFrame:
    """Raw payloads whose event times touch the period, with address and hash."""
    found = _ask(con, "payloads", code=code, kind=kind, start=start, area=area)
    return found[found["origin"] == origin]


def _ask(con: Connection, name: str, **parameters: Any) -> pd.DataFrame:
    return frame(con, (SQL / f"{name}.sql").read_text(encoding="utf-8"), parameters)
