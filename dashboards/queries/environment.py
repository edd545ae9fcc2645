"""Queries of the page on water, rain, air and heat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd

from queries.builds import frame
from urbandata.serving import Connection

THRESHOLDS = Path(__file__).parents[2] / "dbt" / "seeds" / "thresholds"
CITY = "dresden"
LAST_DAY = "interval_end_at > newest - INTERVAL 24 HOUR"
RAIN_SLOTS = 130  # of 144 intervals of ten minutes in 24 h: 90 %


def kpis(con: Connection, origin: str) -> pd.DataFrame:
    """One row per KPI of the catalogue, index code: its newest judged city value and definition.

    ``running_*`` is the period that is not over yet, where there is one.
    """
    return frame(
        con,
        """
        WITH city AS (
            SELECT * FROM marts.kpi_values
            WHERE origin = $origin AND area_kind = 'city' AND area_id = $city
        ),

        running AS (
            SELECT * FROM city
            WHERE period_kind = 'year' AND contains(quality_flags, 'running_period')
            QUALIFY row_number() OVER (PARTITION BY kpi_code ORDER BY period_start DESC) = 1
        )

        SELECT c.*, s.value, s.value_before, s.trend, s.is_improving, s.status, s.period_start,
            v.low, v.high, v.n, v.coverage_pct, v.quality_flags,
            r.value AS running_value, r.period_start AS running_start
        FROM marts.kpi_catalogue AS c
        LEFT JOIN marts.kpi_status AS s
            ON c.code = s.kpi_code AND s.origin = $origin
            AND s.area_kind = 'city' AND s.area_id = $city
        LEFT JOIN city AS v
            ON c.code = v.kpi_code AND s.period_kind = v.period_kind
            AND s.period_start = v.period_start
        LEFT JOIN running AS r
            ON c.code = r.kpi_code AND r.period_start IS DISTINCT FROM s.period_start
        ORDER BY c.code
        """,
        {"origin": origin, "city": CITY},
    ).set_index("code")


def stations(con: Connection, origin: str) -> pd.DataFrame:
    """One row per station with data: what it measures, where it is, its newest value.

    The value is cm (gauge), mm in the last 24 h (rain), µg/m³ NO2 day mean (air), or °C highest
    of the day (heat); ``value_at`` is the local clock of that value. Rain is empty where too many
    of the 24 h are missing, as the rest would look dry. A DWD station can be rain and heat.
    """
    return frame(
        con,
        f"""
        WITH gauge AS (
            SELECT 'gauge' AS subject, 'gauge:' || station AS station_id,
                arg_max(water_level_cm, measured_at) AS value,
                max(measured_at) AT TIME ZONE 'Europe/Berlin' AS value_at
            FROM marts.fct_gauge_levels
            WHERE origin = $origin AND water_level_cm IS NOT NULL GROUP BY station
        ),

        rain_until AS (
            SELECT station_id, max(interval_end_at) AS newest
            FROM marts.fct_rain_10min
            WHERE origin = $origin AND precipitation_mm IS NOT NULL GROUP BY station_id
        ),

        rain AS (
            SELECT 'rain', station_id,
                CASE WHEN count(*) FILTER ({LAST_DAY}) >= {RAIN_SLOTS}
                    THEN sum(precipitation_mm) FILTER ({LAST_DAY}) END,
                max(newest) AT TIME ZONE 'Europe/Berlin'
            FROM marts.fct_rain_10min
            INNER JOIN rain_until USING (station_id)
            WHERE origin = $origin AND precipitation_mm IS NOT NULL
                AND interval_end_at > (SELECT min(newest) FROM rain_until) - INTERVAL 24 HOUR
            GROUP BY station_id
        ),

        air AS (
            SELECT 'air', 'air:' || station_code,
                arg_max(mean_ug_m3, local_date) FILTER (pollutant = 'NO2'),
                (max(local_date) FILTER (pollutant = 'NO2' AND mean_ug_m3 IS NOT NULL))::TIMESTAMP
            FROM marts.fct_air_quality_daily WHERE origin = $origin GROUP BY station_code
        ),

        heat AS (
            SELECT 'heat', station_id, arg_max(max_temperature_c, local_date),
                (max(local_date) FILTER (max_temperature_c IS NOT NULL))::TIMESTAMP
            FROM marts.fct_heat_daily WHERE origin = $origin GROUP BY station_id
        ),

        measuring AS (
            FROM gauge UNION ALL FROM rain UNION ALL FROM air UNION ALL FROM heat
        )

        SELECT m.*, coalesce(d.name, m.station_id) AS name, d.source_key, d.latitude,
            d.longitude, d.district_number, d.note
        FROM measuring AS m
        LEFT JOIN marts.dim_stations AS d ON m.station_id = d.station_id
        ORDER BY m.subject, d.district_number IS NULL,
            d.source_key IS DISTINCT FROM 'dwd_rain', name
        """,
        {"origin": origin},
    )


def gauge_now(con: Connection, origin: str, station: str) -> pd.DataFrame:
    """The newest reading of a gauge, with the one a day before if there is one; else no row."""
    return frame(
        con,
        """
        WITH readings AS (
            SELECT *, max(measured_at) OVER () AS newest FROM marts.fct_gauge_levels
            WHERE origin = $origin AND station = $station AND water_level_cm IS NOT NULL
        )

        SELECT max(measured_at) AS measured_at,
            arg_max(water_level_cm, measured_at) AS water_level_cm,
            arg_max(alarm_level, measured_at) AS alarm_level,
            arg_max(water_level_cm, measured_at) FILTER (
                measured_at BETWEEN newest - INTERVAL 25 HOUR AND newest - INTERVAL 24 HOUR
            ) AS day_before_cm
        FROM readings HAVING count(*) > 0
        """,
        {"origin": origin, "station": station},
    )


@cache
def _seed(name: str) -> pd.DataFrame:
    """A table of thresholds; read once, as it changes with the code only."""
    return pd.read_csv(THRESHOLDS / f"{name}.csv", dtype={"station": str})


def alarm_levels(station: str, day: date) -> pd.DataFrame:
    """Thresholds of the computed alarm levels on that day: level, value_cm. Empty without any."""
    levels = _seed("elbe_alarm_levels")
    start, end = (pd.to_datetime(levels[c]) for c in ("valid_from", "valid_to"))
    at = pd.Timestamp(day)
    begun, lasts = start.isna() | (start <= at), end.isna() | (at <= end)
    valid = levels[(levels["station"] == station) & begun & lasts]
    return valid[["level", "value_cm"]].astype(float).sort_values("level", ignore_index=True)


def rain_levels(window_minutes: int) -> pd.DataFrame:
    """Thresholds of the DWD's heavy rain levels for sums over that window: level, threshold_mm."""
    levels = _seed("heavy_rain_levels")
    chosen = levels[levels["window_minutes"] == window_minutes]
    return chosen[["level", "threshold_mm", "is_inclusive"]].reset_index(drop=True)


def rain_events(
    con: Connection, origin: str, stations: Sequence[str], start: date, end: date
) -> pd.DataFrame:
    """One row per heavy rain event at these stations that began in the period, newest first."""
    return frame(
        con,
        """
        SELECT e.started_at AT TIME ZONE 'Europe/Berlin' AS started_at,
            e.ended_at AT TIME ZONE 'Europe/Berlin' AS ended_at,
            coalesce(d.name, e.station_id) AS station, e.level, e.max_60min_mm, e.max_6h_mm,
            e.total_mm
        FROM marts.fct_heavy_rain_events AS e
        LEFT JOIN marts.dim_stations AS d ON e.station_id = d.station_id
        WHERE e.origin = $origin AND list_contains($stations, e.station_id)
            AND (e.started_at AT TIME ZONE 'Europe/Berlin')::DATE BETWEEN $start AND $end
        ORDER BY e.started_at DESC, station
        """,
        {"origin": origin, "stations": list(stations), "start": start, "end": end},
    )


def verification(con: Connection, origin: str) -> pd.DataFrame:
    """One row per year: hits, misses, false alarms, lead time of the hits, POD and FAR."""
    return frame(
        con,
        """
        WITH outcomes AS (
            SELECT year, count_if(outcome = 'hit') AS hits, count_if(outcome = 'miss') AS misses,
                count_if(outcome = 'false_alarm') AS false_alarms
            FROM marts.fct_warning_verification WHERE origin = $origin GROUP BY year
        ),

        kpis AS (
            SELECT year(period_start) AS year,
                any_value(value) FILTER (kpi_code = 'M5.2') AS lead_time_min,
                any_value(value) FILTER (kpi_code = 'M5.3a') AS hit_rate_pct,
                any_value(low) FILTER (kpi_code = 'M5.3a') AS hit_rate_low_pct,
                any_value(high) FILTER (kpi_code = 'M5.3a') AS hit_rate_high_pct,
                any_value(value) FILTER (kpi_code = 'M5.3b') AS false_alarm_pct
            FROM marts.kpi_values
            WHERE origin = $origin AND area_kind = 'city' AND period_kind = 'year'
                AND kpi_code IN ('M5.2', 'M5.3a', 'M5.3b')
            GROUP BY period_start
        )

        SELECT outcomes.*, kpis.* EXCLUDE (year)
        FROM outcomes LEFT JOIN kpis ON outcomes.year = kpis.year
        ORDER BY outcomes.year DESC
        """,
        {"origin": origin},
    )


def warnings(con: Connection, origin: str, start: date, end: date) -> pd.DataFrame:
    """One row per weather warning that was sent in the period, newest first; local clock."""
    return frame(
        con,
        """
        SELECT first_sent_at AT TIME ZONE 'Europe/Berlin' AS first_sent_at,
            onset_at AT TIME ZONE 'Europe/Berlin' AS onset_at,
            expires_at AT TIME ZONE 'Europe/Berlin' AS expires_at,
            event, level, is_cancelled, messages
        FROM marts.fct_weather_warnings
        WHERE origin = $origin
            AND (first_sent_at AT TIME ZONE 'Europe/Berlin')::DATE BETWEEN $start AND $end
        ORDER BY fct_weather_warnings.first_sent_at DESC
        """,
        {"origin": origin, "start": start, "end": end},
    )


def air_years(con: Connection, origin: str) -> pd.DataFrame:
    """One row per year with air data, newest first, and whether any station can be judged."""
    return frame(
        con,
        "SELECT year, bool_or(status <> 'not_assessable') AS is_assessable "
        "FROM marts.fct_air_quality_assessment WHERE origin = $origin "
        "GROUP BY year ORDER BY year DESC",
        {"origin": origin},
    )


def air_assessment(con: Connection, origin: str, year: int) -> pd.DataFrame:
    """One row per station, pollutant and limit of that year."""
    return frame(
        con,
        """
        SELECT a.station_code, coalesce(d.name, a.station_code) AS station, a.pollutant,
            a.averaging, a.regime, a.limit_value_ug_m3, a.allowed_exceedances, a.value,
            a.exceedances, a.capture_pct, a.status
        FROM marts.fct_air_quality_assessment AS a
        LEFT JOIN marts.dim_stations AS d ON d.station_id = 'air:' || a.station_code
        WHERE a.origin = $origin AND a.year = $year
        ORDER BY station, a.pollutant, a.averaging, a.regime
        """,
        {"origin": origin, "year": year},
    )


def heat_years(con: Connection, origin: str, station: str) -> pd.DataFrame:
    """One row per year at that station: hot days, tropical nights, share of days observed."""
    return frame(
        con,
        "SELECT year, hot_days, tropical_nights, days, coverage_pct FROM marts.fct_heat_yearly "
        "WHERE origin = $origin AND station_id = $station ORDER BY year",
        {"origin": origin, "station": station},
    )
