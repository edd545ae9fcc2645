"""Queries on the KPI catalogue, its values and its verdicts, for all measures and action fields."""

from __future__ import annotations

import pandas as pd

from queries.builds import frame, has_table
from urbandata.serving import Connection

# A KPI may exist for many areas; the one that stands for it comes first.
AREA_RANK = (
    "list_position(['city', 'measure', 'quarter', 'site', 'borough', 'district', 'station', "
    "'source'], area_kind)"
)
HISTORY = 36
MIN_HISTORY = 4
NOTABLE_CHANGES = 5


def overview(con: Connection, origin: str) -> pd.DataFrame:
    """One row per KPI of the catalogue: definition, and the verdict on the area it stands for.

    ``area_name_*`` is empty for the whole city. ``is_missing`` marks KPIs that no source feeds.
    """
    return frame(
        con,
        f"""
        WITH judged AS (
            SELECT *, row_number() OVER (
                PARTITION BY kpi_code ORDER BY {AREA_RANK} NULLS LAST, area_id
            ) AS area_rank
            FROM marts.kpi_status WHERE origin = $origin
        ),

        areas AS ({_areas(con)})

        SELECT c.*, coalesce(c.missing_de, '') <> '' AS is_missing,
            s.area_kind, s.area_id, a.name_de AS area_name_de, a.name_en AS area_name_en,
            s.period_kind, s.period_start, s.value, s.value_before, s.trend, s.is_improving,
            s.status, v.low, v.high, v.n, v.coverage_pct, v.quality_flags
        FROM marts.kpi_catalogue AS c
        LEFT JOIN judged AS s ON c.code = s.kpi_code AND s.area_rank = 1
        LEFT JOIN marts.kpi_values AS v
            ON v.origin = $origin AND s.kpi_code = v.kpi_code AND s.area_kind = v.area_kind
            AND s.area_id = v.area_id AND s.period_kind = v.period_kind
            AND s.period_start = v.period_start
        LEFT JOIN areas AS a
            ON s.area_kind <> 'city' AND s.area_kind = a.area_kind AND s.area_id = a.area_id
        ORDER BY c.code
        """,
        {"origin": origin},
    )


def histories(con: Connection, origin: str) -> pd.DataFrame:
    """One row per KPI, index code: the newest values of its leading area, for a sparkline.

    Months come before quarters, years and days: the first kind of which there are enough.
    """
    return frame(
        con,
        f"""
        WITH lead_area AS (
            SELECT kpi_code, area_kind, area_id FROM marts.kpi_status WHERE origin = $origin
            QUALIFY row_number() OVER (
                PARTITION BY kpi_code ORDER BY {AREA_RANK} NULLS LAST, area_id
            ) = 1
        ),

        numbered AS (
            SELECT v.*, row_number() OVER same AS nth
            FROM marts.kpi_values AS v
            INNER JOIN lead_area AS l
                ON v.kpi_code = l.kpi_code AND v.area_kind = l.area_kind AND v.area_id = l.area_id
            WHERE v.origin = $origin AND v.value IS NOT NULL
            WINDOW same AS (
                PARTITION BY v.kpi_code, v.period_kind ORDER BY v.period_start DESC
            )
        ),

        by_kind AS (
            SELECT kpi_code, period_kind, list(period_start ORDER BY period_start) AS starts,
                list(value ORDER BY period_start) AS "values",
                bool_or(contains(quality_flags, 'running_period') AND nth = 1) AS is_running
            FROM numbered WHERE nth <= {HISTORY} GROUP BY kpi_code, period_kind
        )

        SELECT * FROM by_kind
        QUALIFY row_number() OVER (
            PARTITION BY kpi_code ORDER BY
                len("values") < {MIN_HISTORY},
                list_position(['month', 'quarter', 'year', 'phase', 'day'], period_kind)
        ) = 1
        """,
        {"origin": origin},
    ).set_index("kpi_code")


def changes(con: Connection, origin: str, limit: int = NOTABLE_CHANGES) -> pd.DataFrame:
    """KPIs whose last complete month left its usual path most, strongest first.

    ``unusual`` is the change against the median change of the two years before; what moves less
    than 5 % or no more than it usually does is left out.
    """
    return frame(
        con,
        f"""
        WITH months AS (
            SELECT kpi_code, area_kind, area_id, period_start, value,
                lag(value) OVER same AS value_before,
                lag(period_start) OVER same AS start_before
            FROM marts.kpi_values
            WHERE origin = $origin AND period_kind = 'month' AND value IS NOT NULL
                AND area_kind IN ('city', 'measure')
                AND NOT contains(quality_flags, 'running_period')
                AND NOT contains(quality_flags, 'low_coverage')
            WINDOW same AS (PARTITION BY kpi_code, area_kind, area_id ORDER BY period_start)
        ),

        steps AS (
            SELECT *, abs(value - value_before) AS step,
                row_number() OVER (
                    PARTITION BY kpi_code, area_kind, area_id ORDER BY period_start DESC
                ) AS nth
            FROM months WHERE start_before = period_start - INTERVAL 1 MONTH
        ),

        judged AS (
            SELECT kpi_code, area_kind, area_id,
                any_value(period_start) FILTER (nth = 1) AS period_start,
                any_value(value) FILTER (nth = 1) AS value,
                any_value(value_before) FILTER (nth = 1) AS value_before,
                any_value(step) FILTER (nth = 1)
                    / nullif(median(step) FILTER (nth BETWEEN 2 AND 25), 0) AS unusual
            FROM steps GROUP BY kpi_code, area_kind, area_id
        )

        SELECT j.*, c.code, c.name_de, c.name_en, c.unit, c.direction, c.measure, c.action_field
        FROM judged AS j INNER JOIN marts.kpi_catalogue AS c ON j.kpi_code = c.code
        WHERE abs(j.value - j.value_before) > 0.05 * abs(j.value_before) AND j.unusual > 1
            AND j.period_start = (SELECT max(period_start) FROM judged)
        ORDER BY j.unusual DESC, j.kpi_code LIMIT {limit:d}
        """,
        {"origin": origin},
    )


def areas_of(con: Connection, origin: str, code: str) -> pd.DataFrame:
    """Areas with values of one KPI, the leading one first: kind, id, names."""
    return frame(
        con,
        f"""
        WITH areas AS ({_areas(con)}), found AS (
            SELECT DISTINCT area_kind, area_id FROM marts.kpi_values
            WHERE origin = $origin AND kpi_code = $code
        )

        SELECT f.area_kind, f.area_id, coalesce(a.name_de, f.area_id) AS name_de,
            coalesce(a.name_en, a.name_de, f.area_id) AS name_en
        FROM found AS f
        LEFT JOIN areas AS a ON f.area_kind = a.area_kind AND f.area_id = a.area_id
        ORDER BY {AREA_RANK.replace("area_kind", "f.area_kind")} NULLS LAST, name_de
        """,
        {"origin": origin, "code": code},
    )


def series(con: Connection, origin: str, code: str, area_kind: str, area_id: str) -> pd.DataFrame:
    """All values of one KPI and area, every kind of period: start, value, range, basis, flags."""
    return frame(
        con,
        """
        SELECT period_kind, period_start, value, low, high, n, coverage_pct, quality_flags, origin
        FROM marts.kpi_values
        WHERE origin = $origin AND kpi_code = $code
            AND area_kind = $area_kind AND area_id = $area_id
        ORDER BY period_kind, period_start
        """,
        {"origin": origin, "code": code, "area_kind": area_kind, "area_id": area_id},
    )


def by_area(con: Connection, origin: str, code: str, period_kind: str) -> pd.DataFrame:
    """One row per area other than the city: its newest value of that kind of period.

    All rows are of the newest period that has values, so that areas can be compared.
    """
    return frame(
        con,
        f"""
        WITH areas AS ({_areas(con)}), chosen AS (
            SELECT * FROM marts.kpi_values
            WHERE origin = $origin AND kpi_code = $code AND period_kind = $period_kind
                AND area_kind NOT IN ('city', 'measure', 'source') AND value IS NOT NULL
        )

        SELECT v.area_kind, v.area_id, coalesce(a.name_de, v.area_id) AS name_de,
            coalesce(a.name_en, a.name_de, v.area_id) AS name_en, a.latitude, a.longitude,
            v.period_start, v.value, v.low, v.high, v.n, v.coverage_pct, v.quality_flags
        FROM chosen AS v
        LEFT JOIN areas AS a ON v.area_kind = a.area_kind AND v.area_id = a.area_id
        WINDOW kind AS (PARTITION BY v.area_kind)
        QUALIFY v.period_start = coalesce(
            max(v.period_start) FILTER (NOT contains(v.quality_flags, 'running_period')) OVER kind,
            max(v.period_start) OVER kind
        )
        ORDER BY {AREA_RANK.replace("area_kind", "v.area_kind")} NULLS LAST, v.value DESC
        """,
        {"origin": origin, "code": code, "period_kind": period_kind},
    )


def _areas(con: Connection) -> str:
    """Areas by kind and id, measuring stations included; older builds have no dimension."""
    stations = (
        "SELECT 'station' AS area_kind, station_id AS area_id, name AS name_de, name AS name_en, "
        "latitude, longitude FROM marts.dim_stations"
    )
    if not has_table(con, "dim_areas"):
        return stations
    return (
        "SELECT area_kind, area_id, name_de, name_en, latitude, longitude FROM marts.dim_areas "
        f"UNION ALL {stations} WHERE station_id NOT IN "
        "(SELECT area_id FROM marts.dim_areas WHERE area_kind = 'station')"
    )
