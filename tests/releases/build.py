"""The small build of the dashboards' tests with what a release needs besides: lineage, comments,
and two years of bicycles that stay at home when it rains."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from tests.dashboards import serving
from tests.dashboards.records import insert

DAYS = 730
FIRST = date(2024, 11, 1)
_CHANCE = random.Random(7)  # noqa: S311 - for tests
WEATHER = [_CHANCE.random() < 0.3 for _ in range(DAYS)]
DRY, WET = 1000, 700  # bicycles of a day at the first site, before the season
LINEAGE = [
    ("fct_gauge_daily", "pegelonline"), ("fct_rain_daily", "dwd_rain"),
    ("fct_weather_warnings", "dwd_warnings"), ("fct_heat_yearly", "dwd_rain"),
    ("fct_bike_counts_daily", "eco_counter"), ("public_cleema_totals", "cleema_export"),
    ("fct_heavy_rain_events", "dwd_rain"), ("kpi_values", "dwd_rain"),
    ("kpi_values", "cleema_export"), ("kpi_values", "ops"),
]  # fmt: skip


def publish(folder: Path, origins: tuple[str, ...] = ("demo",), code_hash: str = "c") -> Path:
    """Write and point to the build."""
    path = serving.publish(folder, origins=origins)
    with duckdb.connect(str(path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        insert(con, "marts.mart_lineage", [{"mart": m, "source": s} for m, s in LINEAGE])
        con.execute("COMMENT ON TABLE marts.fct_gauge_daily IS 'One row per gauge and day.'")
        con.execute("COMMENT ON COLUMN marts.fct_gauge_daily.max_cm IS 'Highest level of the day.'")
        con.execute("UPDATE ops.builds SET code_hash = ?", [code_hash])
        for origin in origins:
            _counts(con, origin)
            _groups(con, origin)
    return path


def is_wet(day: int) -> bool:
    """Three days in ten, by chance that is always the same."""
    return WEATHER[day]


def _counts(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    bikes, rain = [], []
    for i in range(DAYS):
        day = FIRST + timedelta(days=i)
        season = 1 + 0.5 * math.sin(2 * math.pi * (i - 150) / 365)
        wobble = 1 + 0.05 * math.sin(i * 12.9898)
        weekend = 0.6 if day.weekday() > 4 else 1
        for site, share in (("1", 1.0), ("2", 0.4)):
            bikes.append({
                "origin": origin, "site_id": site, "site_name": f"Brücke {site}",
                "local_date": day, "coverage_pct": 100.0, "is_complete": i != 100, "load_id": 1,
                "bicycles": round((WET if is_wet(i) else DRY) * season * wobble * weekend * share),
            })  # fmt: skip
        for station in ("dwd:01048", "dwd:01050"):
            rain.append({
                "origin": origin, "station_id": station, "local_date": day, "load_id": 1,
                "precipitation_mm": 6.5 if is_wet(i) else 0.0, "coverage_pct": 100.0,
                "basis": "10min", "is_heavy": False,
            })  # fmt: skip
    con.execute("DELETE FROM marts.fct_bike_counts_daily WHERE origin = ?", [origin])
    con.execute("DELETE FROM marts.fct_rain_daily WHERE origin = ?", [origin])
    for table, rows in (("fct_bike_counts_daily", bikes), ("fct_rain_daily", rain)):
        given = pa.Table.from_pylist(rows)  # thousands of rows, one by one, would take their time
        con.register("given", given)
        con.execute(f"INSERT INTO marts.{table} BY NAME FROM given")
        con.unregister("given")
    insert(con, "marts.fct_gauge_daily", [
        {"origin": origin, "station": "DRESDEN", "local_date": FIRST, "min_cm": 90.0,
         "max_cm": 110.0, "readings": 96, "load_id": 3}
    ])  # fmt: skip


def _groups(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """Groups of nine and of ten people; a booking of one person."""
    insert(con, "marts.fct_participation_groups_yearly", [
        {"origin": origin, "platform": "p", "year_start": date(2025, 1, 1), "group_kind": "age",
         "group_name": name, "people": people}
        for name, people in (("unter 18", 9), ("18–29", 10), ("über 80", 0))
    ])  # fmt: skip
    insert(con, "marts.fct_survey_satisfaction", [
        {"origin": origin, "survey_id": str(n), "title": "Parkbänke", "responses": n,
         "mean_mark": 2.5}
        for n in (4, 40)
    ])  # fmt: skip
    insert(con, "marts.fct_facility_bookings", [
        {"origin": origin, "booking_id": "b", "facility_id": "f", "team": "Erika Muster"}
    ])  # fmt: skip
