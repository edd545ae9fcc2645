"""Where a number comes from: the mart ``kpi_lineage``, if the build has it."""

from __future__ import annotations

import duckdb
import pandas as pd

from queries.builds import optional


def sources_of_kpi(con: duckdb.DuckDBPyConnection, code: str) -> pd.DataFrame:
    """Sources a KPI rests on, one row each; empty where the build records no lineage."""
    return optional(
        con,
        "kpi_lineage",
        "SELECT DISTINCT source FROM marts.kpi_lineage WHERE kpi_code = $code "
        "AND source IS NOT NULL ORDER BY source",
        {"code": code},
    )
