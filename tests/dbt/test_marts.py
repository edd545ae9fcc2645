"""Environment and KPI marts on a warehouse of hand-made rows; results worked out on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt import city
from urbandata import registry, transform, warehouse
from urbandata.settings import Settings

MARTS = (
    *("--select", "+path:models/marts/environment", "+path:models/marts/kpi"),
    # tests that also look at what is not built here would fail for that alone
    *("--indirect-selection", "cautious"),
)
FACTS_ONLY = (
    *("--select", "+path:models/marts/environment"),
    *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
)
SNAPSHOT = """
    SELECT
        table_schema || '.' || table_name AS name,
        list(if(data_type LIKE '%[]', column_name || '::VARCHAR', column_name)) AS columns
    FROM information_schema.columns
    WHERE table_schema IN ('intermediate', 'marts') GROUP BY name ORDER BY name
"""
Tables = dict[str, set[tuple[Any, ...]]]


@dataclass(frozen=True)
class Built:
    """The warehouse after both loads, with its tables as they were at each build."""

    con: duckdb.DuckDBPyConnection
    first: Tables
    incremental: Tables
    full: Tables
    build: transform.Build

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Result of a query on the warehouse, instants in UTC."""
        return self.con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Load 1 and the facts, load 2 and all with their tests, the facts from scratch."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(data)})
    first = _build(settings, 1, *FACTS_ONLY)[0]
    incremental, build = _build(settings, 2, *MARTS)
    full = _build(settings, None, "--full-refresh", *FACTS_ONLY)[0]
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        yield Built(con, first, incremental, full, build)


def _build(
    settings: Settings, load_id: int | None, *arguments: str
) -> tuple[Tables, transform.Build]:
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, registry.sources())
        if load_id:
            city.fill(con, load_id)
        if load_id == 2:
            warehouse.load(con, settings, registry.sources())
            _days_of_the_platform(con)
    build = transform.build(settings, f"build-{load_id}", arguments)
    assert build.ok, build.message
    return _snapshot(settings.warehouse_path), build


def _days_of_the_platform(con: duckdb.DuckDBPyConnection) -> None:
    """13 to 15 September 2025: the portal is asked each morning, a tram leaves after midnight.

    In July the warnings of four days were fetched.
    """
    days = [city.utc(f"2025-09-{day} 06:00") for day in (13, 14, 15)]
    con.executemany(
        "INSERT INTO ops.fetches (ledger_file, attempt_id, run_id, source, origin, resource, "
        "started_at, finished_at, outcome) VALUES ('x', $1, $1, 'dresden_portal', 'real', 'r', "
        "$2, $2, 'landed')",
        [[str(day), day] for day in days],
    )
    con.executemany(
        "INSERT INTO ops.covered_windows VALUES ('x', 'dresden_portal', 'real', $1, $1, $1)",
        [[day] for day in days],
    )
    summer = [city.utc("2025-06-30 00:00"), city.utc("2025-07-04 00:00")]
    con.execute(
        "INSERT INTO ops.covered_windows VALUES ('x', 'dwd_warnings', 'real', $1, $2, $2)", summer
    )
    for day in days:
        dataset = {"catalogue": "dresden", "dataset_id": "1", "licence": "dl-de/by-2-0"}
        hours = int((day - city.utc("2025-09-01 00:00")) / city.HOUR)
        city.insert(con, "dresden_portal__datasets", [dataset], hours)
    tram = {"stop_id": "1", "departure_id": "1", "line": "4", "direction": "Laubegast"}
    after_midnight = {**tram, "mode": "Tram", "scheduled_at": city.utc("2025-09-15 22:10")}
    city.insert(con, "vvo_departures__departures", [after_midnight], 2)


def _snapshot(path: Path) -> Tables:
    """All rows of intermediate and marts, without the build's id."""
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        return {
            name: set(
                con.execute(
                    f"SELECT {', '.join(c for c in columns if c != 'build_id')} FROM {name}"
                ).fetchall()
            )
            for name, columns in con.execute(SNAPSHOT).fetchall()
        }


def test_everything_is_built_and_tested(built: Built) -> None:
    assert (built.build.failed, built.build.warned) == (0, 0)
    assert built.build.models > 40
    assert built.build.tests > 40


def test_late_data_change_the_first_build(built: Built) -> None:
    """Otherwise the comparison with the full refresh would prove nothing."""
    for name in ("int_environment__gauge_readings", "int_environment__rain_10min"):
        assert built.first[f"intermediate.{name}"] != built.incremental[f"intermediate.{name}"]
    for name in ("fct_gauge_daily", "fct_rain_10min", "fct_heat_daily", "fct_air_quality_daily"):
        assert built.first[f"marts.{name}"] != built.incremental[f"marts.{name}"]


def test_incremental_equals_full_refresh(built: Built) -> None:
    assert built.incremental.keys() == built.full.keys()
    for name, rows in built.full.items():
        assert built.incremental[name] == rows, name


def test_gauge_days(built: Built) -> None:
    """96 readings at 410 cm, four of them 510; then one corrected to 390, one withdrawn."""
    columns = "max_cm, max_alarm_level, hours_alarm_1, hours_alarm_2, readings, coverage_pct"
    rows = built.rows(f"""
        SELECT origin, station, local_date, {columns} FROM marts.fct_gauge_daily ORDER BY ALL
    """)
    assert rows == [
        ("demo", "DRESDEN", date(2025, 9, 10), 800.0, 4, 0.25, 0.25, 1, 1.04),
        ("real", "DRESDEN", date(2025, 3, 30), 200.0, 0, 0.0, 0.0, 92, 100.0),
        ("real", "DRESDEN", date(2025, 9, 10), 510.0, 2, 23.5, 1.0, 95, 98.96),
        ("real", "DRESDEN", date(2025, 9, 11), 405.0, 1, 0.25, 0.0, 1, 1.04),
        ("real", "PIRNA", date(2025, 9, 10), 510.0, None, None, None, 1, 1.04),
    ]


def test_gauge_level_and_discharge_share_a_row_and_name_their_payload(built: Built) -> None:
    rows = built.rows("""
        SELECT water_level_cm, discharge_m3_s, alarm_level, payload_id
        FROM marts.fct_gauge_levels
        WHERE origin = 'real' AND station = 'DRESDEN' AND measured_at = '2025-09-09 22:00:00+00'
    """)
    assert rows == [(390.0, 900.0, 0, "pegelonline__measurements-real-2")]


def test_late_rain_completes_rolling_sums_across_midnight(built: Built) -> None:
    """21:30 UTC came late; the sum to 22:20 UTC belongs to the next local day."""
    at = "2025-07-01 22:20:00+00:00"
    query = f"SELECT rolling_60min_mm FROM marts.fct_rain_10min WHERE interval_end_at = '{at}'"
    assert built.rows(query) == [(3.0,)]
    before = [r for r in built.first["marts.fct_rain_10min"] if r[2] == city.utc(at[:19])]
    assert [r[3:6] for r in before] == [(date(2025, 7, 2), 0.0, None)]


def test_rain_days_take_the_finest_basis_that_covers_them(built: Built) -> None:
    rows = built.rows("""
        SELECT local_date, precipitation_mm, max_60min_mm, max_6h_mm, basis, is_heavy
        FROM marts.fct_rain_daily WHERE station_id = 'dwd:01048' ORDER BY local_date
    """)
    assert rows == [
        (date(2025, 7, 1), 33.0, 30.0, 30.0, "10min", True),
        (date(2025, 7, 2), 24.0, 24.0, 24.0, "10min", False),
        (date(2025, 7, 3), 31.0, None, None, "daily", True),
    ]


def test_heavy_rain_events(built: Built) -> None:
    """15 mm are reached at the third 5 mm; 30 mm in an hour are level 3."""
    rows = built.rows("""
        SELECT event_id, ended_at::VARCHAR, level, max_60min_mm, total_mm
        FROM marts.fct_heavy_rain_events ORDER BY event_id
    """)
    assert rows == [
        ("dwd:01048@2025-07-01T12:30Z", "2025-07-01 18:20:00+00", 3, 30.0, 30.0),
        ("dwd:01048@2025-07-02T15:40Z", "2025-07-02 21:10:00+00", 2, 24.0, 24.0),
    ]


def test_warnings_are_chained_and_verified(built: Built) -> None:
    assert built.rows("""
        SELECT warning_id, messages, level, onset_at::VARCHAR, expires_at::VARCHAR
        FROM marts.fct_weather_warnings ORDER BY warning_id
    """) == [
        ("A", 2, 3, "2025-07-01 12:00:00+00", "2025-07-01 16:00:00+00"),
        ("C", 1, 2, "2025-07-02 01:00:00+00", "2025-07-02 04:00:00+00"),
    ]
    assert built.rows("""
        SELECT verification_id, warning_id, lead_time_min, year
        FROM marts.fct_warning_verification ORDER BY verification_id
    """) == [
        ("false_alarm:C", "C", None, 2025),
        ("hit:dwd:01048@2025-07-01T12:30Z", "A", 90, 2025),
        ("miss:dwd:01048@2025-07-02T15:40Z", None, None, 2025),
    ]


def test_air_is_judged_only_with_enough_capture(built: Built) -> None:
    """7600 of 8784 hours are 86.52 %, 7000 are 79.69 %; (7598 x 30 + 230 + 210) / 7600."""
    assert built.rows("""
        SELECT pollutant, mean_ug_m3, capture_pct, is_valid
        FROM marts.fct_air_quality_yearly ORDER BY pollutant
    """) == [("NO2", 30.05, 86.52, True), ("PM10", 30.0, 79.69, False)]
    status = dict(built.rows("SELECT limit_code, status FROM marts.fct_air_quality_assessment"))
    assert status == {
        "eu_now_no2_year": "met",
        "eu_now_no2_hour": "met",
        "eu_2030_no2_year": "exceeded",
        "eu_2030_no2_day": "met",
        "eu_2030_no2_hour": "met",
        "who_2021_no2_year": "exceeded",
        "who_2021_no2_day": "exceeded",
        **dict.fromkeys(
            (
                "eu_now_pm10_year", "eu_now_pm10_day", "eu_2030_pm10_year",
                "eu_2030_pm10_day", "who_2021_pm10_year", "who_2021_pm10_day",
            ),
            "not_assessable",
        ),
    }  # fmt: skip


def test_a_late_cool_reading_ends_a_tropical_night(built: Built) -> None:
    query = """
        SELECT max_temperature_c, min_temperature_c, is_hot_day, is_tropical_night, coverage_pct
        FROM marts.fct_heat_daily WHERE station_id = 'klips:7'
    """
    assert built.rows(query) == [(31.0, 19.0, True, False, 100.0)]
    before = [r for r in built.first["marts.fct_heat_daily"] if r[1] == "klips:7"]
    assert [r[5:7] for r in before] == [(True, True)]


def test_observations_count_once_their_datastream_is_described(built: Built) -> None:
    query = "SELECT interval_end_at::VARCHAR, precipitation_mm FROM marts.fct_rain_10min "
    assert built.rows(query + "WHERE station_id = 'sensorthings:9'") == [
        ("2025-07-05 10:10:00+00", 1.0)
    ]


def test_kpi_values(built: Built) -> None:
    """City values of the year; low coverage is flagged, not hidden."""
    values = {
        (code, start.year): (value, flags)
        for code, start, value, flags in built.rows("""
            SELECT kpi_code, period_start, value, quality_flags FROM marts.kpi_values
            WHERE origin = 'real' AND period_kind = 'year' AND area_kind = 'city'
        """)
    }
    low = "running_period,low_coverage"
    assert values[("M5.1a", 2025)] == (2.0, low)
    assert values[("M5.1b", 2025)] == (1.0, low)
    assert values[("M5.2", 2025)] == (90.0, f"{low},few_cases")
    assert values[("M5.3a", 2025)] == (50.0, f"{low},few_cases")
    assert values[("M5.3b", 2025)] == (50.0, f"{low},few_cases")
    assert values[("M5.5a", 2024)] == (30.05, "")
    assert values[("M5.5b", 2024)] == (None, "low_coverage")
    assert values[("M5.5d", 2024)] == (2.0, "")
    assert values[("M5.6a", 2025)] == (23.75, low)
    assert values[("M5.6b", 2025)] == (1.0, low)


def test_origins_are_never_mixed(built: Built) -> None:
    """The demo row of 800 cm is in the demo's value and in no other."""
    rows = built.rows("""
        SELECT origin, value FROM marts.kpi_values
        WHERE kpi_code = 'M5.6d' AND period_kind = 'year' AND area_kind = 'city' ORDER BY origin
    """)
    assert rows == [("demo", 0.25), ("real", 0.0)]


def test_kpi_status(built: Built) -> None:
    status = {
        code: (value, target, text)
        for code, value, target, text in built.rows("""
            SELECT kpi_code, value, target, status FROM marts.kpi_status
            WHERE origin = 'real' AND area_kind = 'city'
        """)
    }
    assert status["M5.5a"] == (30.05, 40.0, "im Zielbereich")
    assert status["M5.5b"] == (None, 40.0, "nicht auswertbar")
    assert status["M5.1a"] == (2.0, None, "nicht auswertbar")


def test_the_day_that_runs_is_no_newest_day(built: Built) -> None:
    """Facts reach into 15 September; a snapshot of that day is whole, a day of calls is not."""
    assert built.rows("""
        SELECT kpi_code, day(period_start), quality_flags FROM marts.kpi_values
        WHERE origin = 'real' AND period_kind = 'day' AND area_kind = 'city'
            AND kpi_code IN ('HF2.1a', 'HF2.4') AND day(period_start) > 13 ORDER BY ALL
    """) == [
        ("HF2.1a", 14, ""),
        ("HF2.1a", 15, ""),
        ("HF2.4", 14, ""),
        ("HF2.4", 15, "running_period"),
    ]
    assert built.rows("""
        SELECT kpi_code, day(period_start) FROM marts.kpi_status
        WHERE origin = 'real' AND kpi_code IN ('HF2.1a', 'HF2.4') AND area_kind = 'city'
        ORDER BY kpi_code
    """) == [("HF2.1a", 15), ("HF2.4", 14)]


def test_values_carry_the_build_and_tables_their_descriptions(built: Built) -> None:
    assert built.rows("SELECT DISTINCT build_id FROM marts.kpi_values") == [("build-2",)]
    undescribed = built.rows("""
        SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' AND comment IS NULL
        UNION ALL
        SELECT table_name || '.' || column_name FROM duckdb_columns()
        WHERE schema_name = 'marts' AND comment IS NULL
    """)
    assert undescribed == []
