"""Queries on a build whose rows are known."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import pandas as pd
import pytest

from queries import builds, environment, health, series
from tests.dashboards import serving

START, END = date(2026, 10, 1), serving.TODAY
CLOCK = datetime(2026, 11, 20, 13)  # noqa: DTZ001 - 12:00 UTC on the local clock
STORM = datetime(2026, 11, 15, 15, 30)  # noqa: DTZ001 - local clock


def test_no_pointer_no_build(tmp_path):
    assert builds.current(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{}", '{"build_id": "b", "path": "b.duckdb"}', "[1]"])
def test_broken_pointer_is_an_error(tmp_path, content):
    (tmp_path / "current.json").write_text(content)
    with pytest.raises(builds.BuildError, match=r"current\.json"):
        builds.current(tmp_path)


def test_pointer_to_nothing_is_an_error(tmp_path):
    serving.point_to(tmp_path, "gone.duckdb")
    with pytest.raises(builds.BuildError, match=r"gone\.duckdb is missing"):
        builds.current(tmp_path)


def test_one_connection_per_build(published, tmp_path):
    build = builds.current(published / "serving")
    own = builds.connect(build.build_id, build.path)
    assert builds.connect(build.build_id, build.path) is own
    other = serving.publish(tmp_path)
    assert builds.connect("another", other) is not own


def test_the_build_cannot_be_written(con):
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        con.cursor().execute("DELETE FROM marts.fct_gauge_levels")


def test_origins_real_first(con):
    assert builds.origins(con) == ["real", "demo"]


def test_as_of(con):
    found = builds.as_of(con, "real").set_index("subject")
    assert found.loc["gauge", "newest_at"] == serving.END
    assert found.loc["rain", "newest_at"] == serving.END
    assert found.loc["air", "newest_day"].date() == serving.TODAY
    # the air day ends at midnight CET, which is 23:00 UTC
    assert found.loc["air", "newest_at"].hour == 23
    assert list(found["is_daily"]) == [s in {"air", "heat"} for s in found.index]
    assert "warnings" not in found.index, "nobody has asked for warnings yet"


def read(con, measure, origin, keys, start=START, end=END):
    return series.read(con, measure, origin, keys, start, end)


def test_origins_are_never_mixed(con):
    real = read(con, series.WATER_LEVEL, "real", ["DRESDEN"])
    demo = read(con, series.WATER_LEVEL, "demo", ["DRESDEN"])
    assert real["value"].max() == 210
    assert demo["value"].min() == 450
    assert environment.gauge_now(con, "real", "DRESDEN")["water_level_cm"].item() == 164
    assert environment.gauge_now(con, "demo", "DRESDEN")["water_level_cm"].item() == 450
    year = environment.air_assessment(con, "real", 2025)
    assert set(year.loc[year["pollutant"] == "NO2", "value"]) == {23.4, 214.0}


def test_a_short_series_is_complete(con):
    week = read(con, series.WATER_LEVEL, "real", ["PIRNA"], END - timedelta(days=6), END)
    readings = 6 * 96 + 13 * 4 + 1  # six days, and today to 13:00 local, both ends included
    assert len(week) == readings
    assert week["at"].iloc[-1] == CLOCK
    assert week["value"].notna().all()


def test_a_gap_stays_a_gap(con):
    points = read(
        con, series.WATER_LEVEL, "real", ["DRESDEN"], date(2026, 10, 25), date(2026, 11, 5)
    )
    (gap,) = points.index[points["value"].isna()]
    before, after = points.loc[gap - 1, "at"], points.loc[gap + 1, "at"]
    assert after - before == serving.QUARTER * (serving.GAP[1] - serving.GAP[0] + 1)
    assert before < points.loc[gap, "at"] < after
    thinned = read(con, series.WATER_LEVEL, "real", ["DRESDEN"])
    assert thinned["value"].isna().sum() == 1


def test_lows_highs_and_the_newest_value_survive_thinning(con):
    points = read(con, series.WATER_LEVEL, "demo", ["DRESDEN"])
    assert len(points) <= series.MAX_POINTS
    assert points["value"].max() == 640
    assert points["value"].min() == 450
    assert points["at"].iloc[-1] == CLOCK
    rain = read(con, series.RAIN_1H, "real", ["dwd:01048", "dwd:01050"])
    assert rain.groupby("series").size().max() <= series.MAX_POINTS
    assert rain.groupby("series")["value"].max().to_dict() == {"dwd:01048": 30, "dwd:01050": 0}


@pytest.mark.parametrize("days", [1, 7, 30, 400, 4000])
@pytest.mark.parametrize("interval_s", [600, 900])
def test_buckets_keep_the_bound(days, interval_s):
    bucket = series.bucket_s(days, interval_s)
    assert bucket >= interval_s
    per_bucket = 1 if bucket == interval_s else 3
    assert per_bucket * days * series.DAY_S / bucket <= series.MAX_POINTS


def test_the_download_is_not_thinned(con):
    args = (con, series.WATER_LEVEL, "real", ["DRESDEN", "PIRNA"], START, END)
    whole = series.read_all(*args)
    assert len(whole) == 2 * serving.READINGS - (serving.GAP[1] - serving.GAP[0])
    assert whole["measured_at"].iloc[-1] == "2026-11-20T12:00:00Z"


def test_gauge_a_day_before(con):
    now = environment.gauge_now(con, "real", "PIRNA").iloc[0]
    assert (now["water_level_cm"], now["day_before_cm"]) == (130, 130)
    assert environment.gauge_now(con, "real", "NOWHERE").empty


def test_alarm_levels_follow_the_day():
    today = environment.alarm_levels("DRESDEN", END)
    assert list(today["value_cm"]) == [400, 500, 600, 700]
    assert environment.alarm_levels("DRESDEN", date(2010, 1, 1))["value_cm"].min() == 350
    assert environment.alarm_levels("PIRNA", END).empty


def test_rain_levels_by_window():
    assert list(environment.rain_levels(60)["threshold_mm"]) == [15, 25, 40]
    assert list(environment.rain_levels(360)["threshold_mm"]) == [20, 35, 60]


def test_rain_events(con):
    stations = ["dwd:01048", "dwd:01050"]
    (event,) = builds.records(environment.rain_events(con, "real", stations, START, END))
    assert event["started_at"] == STORM
    assert (event["station"], event["total_mm"]) == ("Dresden-Klotzsche", 30)
    assert environment.rain_events(con, "real", ["dwd:01050"], START, END).empty
    assert environment.rain_events(con, "real", stations, START, date(2026, 11, 14)).empty


def test_kpis_with_and_without_values(con):
    kpis = environment.kpis(con, "real")
    air = kpis.loc["M5.5a"]
    assert (air["value"], air["value_before"], air["status"]) == (23.4, 30, "im Zielbereich")
    assert air["running_value"] == 24.4
    assert air["running_start"].year == 2026
    assert kpis["value"].isna().loc["M5.4"]
    assert environment.kpis(con, "demo").loc["M5.5a", "status"] == "Zielwert verfehlt"


def test_verification(con):
    (year,) = builds.records(environment.verification(con, "real"))
    assert (year["hits"], year["misses"], year["false_alarms"]) == (2, 1, 1)
    assert (year["lead_time_min"], year["hit_rate_pct"]) == (45, 66.7)
    (demo,) = builds.records(environment.verification(con, "demo"))
    assert (demo["hits"], demo["misses"]) == (0, 1)


def test_warnings(con):
    found = environment.warnings(con, "real", START, END)
    assert list(found["event"]) == ["STARKREGEN"]
    assert environment.warnings(con, "real", START, date(2026, 11, 14)).empty


def test_air(con):
    years = environment.air_years(con, "real")
    assert [bool(a) for a in years["is_assessable"]] == [False, True]
    found = environment.air_assessment(con, "real", 2025)
    means = found[(found["averaging"] == "year") & (found["pollutant"] == "NO2")]
    assert means.set_index("regime")["status"].to_dict() == {
        "eu_now": "met", "eu_2030": "exceeded", "who_2021": "exceeded",
    }  # fmt: skip
    assert set(found["station"]) == {"Dresden-Nord"}
    assert set(environment.air_assessment(con, "real", 2026)["status"]) == {"not_assessable"}


def test_stations(con):
    found = environment.stations(con, "real").set_index(["subject", "station_id"])
    assert found.loc[("rain", "dwd:01048"), "value"] == 0, "the storm is older than a day"
    assert found.loc[("gauge", "gauge:DRESDEN"), "value"] == 164
    assert found.loc[("air", "air:DESN061"), "value"] == 21.5
    assert found.loc[("heat", "dwd:01048"), "value"] == 8.5
    assert environment.stations(con, "demo")["value"].max() == 450


@pytest.fixture
def gappy(tmp_path):
    """NO2 and temperature stopped ten days ago, other pollutants went on; rain has gaps."""
    path = serving.publish(tmp_path / "serving", origins=["real"])
    with duckdb.connect(str(path)) as con:
        for table, value in (
            ("fct_air_quality_daily", "mean_ug_m3"), ("fct_heat_daily", "max_temperature_c"),
        ):  # fmt: skip
            con.execute(f"INSERT INTO marts.{table} BY NAME SELECT * REPLACE "
                        f"(local_date - 10 AS local_date) FROM marts.{table}")  # fmt: skip
            con.execute(f"UPDATE marts.{table} SET {value} = NULL WHERE local_date = ?",
                        [serving.TODAY])  # fmt: skip
        con.execute("INSERT INTO marts.fct_air_quality_daily BY NAME SELECT * REPLACE "
                    "('PM10' AS pollutant, 9 AS mean_ug_m3) FROM marts.fct_air_quality_daily "
                    "WHERE local_date = ?", [serving.TODAY])  # fmt: skip
        for station, missing in (("dwd:01048", 14), ("dwd:01050", 15)):
            con.execute(
                "DELETE FROM marts.fct_rain_10min WHERE station_id = ? AND interval_end_at "
                "BETWEEN ?::TIMESTAMPTZ - to_minutes(?) AND ?::TIMESTAMPTZ - INTERVAL 10 MINUTE",
                [station, serving.END, 10 * missing, serving.END],
            )
        yield con


def test_a_place_says_of_when_its_value_is(gappy):
    found = environment.stations(gappy, "real").set_index(["subject", "station_id"])
    old = pd.Timestamp(serving.TODAY) - pd.Timedelta(days=10)
    for key, value in ((("air", "air:DESN061"), 21.5), (("heat", "dwd:01048"), 8.5)):
        assert (found.loc[key, "value"], found.loc[key, "value_at"]) == (value, old)


def test_a_day_of_rain_with_too_many_gaps_is_not_dry(gappy):
    found = environment.stations(gappy, "real").set_index(["subject", "station_id"])["value"]
    assert found["rain", "dwd:01048"] == 0, "130 of 144 intervals"
    assert pd.isna(found["rain", "dwd:01050"]), "129 of 144 intervals"


def test_heat_years(con):
    found = environment.heat_years(con, "real", "dwd:01048")
    assert list(found["hot_days"]) == [21, 12, 17]
    assert environment.heat_years(con, "real", "klips:7").empty


def test_source_states_are_judged_now(con):
    soon = health.sources(con, "real", serving.END + timedelta(hours=1)).set_index("source")
    assert soon.loc["pegelonline", "state"] == "ok"
    assert soon.loc["pegelonline", "age_s"] == 3600
    assert soon.loc["uba_air", "state"] == "failing"
    assert soon.loc["sensor_community", "state"] == "never"
    later = health.sources(con, "real", serving.END + timedelta(days=2)).set_index("source")
    assert later.loc["pegelonline", "state"] == "late"


def test_source_counts(con):
    row = health.sources(con, "real", serving.END).set_index("source").loc["pegelonline"]
    assert (row["rows"], row["quarantined"], row["gaps"]) == (3840, 3, 1)
    assert (row["checks"], row["checks_failed"]) == (2, 1), "only the newest result counts"
    demo = health.sources(con, "demo", serving.END).set_index("source").loc["pegelonline"]
    assert (demo["rows"], demo["quarantined"]) == (10, 1)


def test_checks_failed_first(con):
    found = health.checks(con, "real", "pegelonline")
    assert list(found["success"]) == [False, True]
    assert (found["runs"].iloc[0], found["failed_runs"].iloc[0]) == (2, 1)
    assert health.checks(con, "real", "uba_air").empty


def test_the_reason_of_a_check_is_german_if_the_suite_still_has_it():
    english = "A reading without a time belongs nowhere on the curve."
    german = "Ein Messwert ohne Zeit gehört nirgendwo auf die Kurve."
    assert health.in_german("pegelonline", english) == german
    assert health.in_german("pegelonline", "of older code") == "of older code"
    assert health.in_german("a_source_that_has_gone", english) == english


def test_gaps(con):
    (gap,) = builds.records(health.gaps(con, "real", "pegelonline"))
    assert gap["gap_start"] == CLOCK - timedelta(days=5)
    assert gap["gap_end"] == CLOCK - timedelta(days=4)


def test_fetches(con):
    (fetch,) = builds.records(health.fetches(con, "real", "uba_air"))
    assert (fetch["outcome"], fetch["status"], fetch["error"]) == ("failed", 500, "server error")


def test_quarantine(con):
    (reason,) = builds.records(health.quarantine_reasons(con, "real"))
    assert (reason["source"], reason["records"]) == ("pegelonline", 3)
    assert len(health.quarantine(con, "real", None, None)) == 3
    assert len(health.quarantine(con, "real", "pegelonline", reason["reason"], limit=2)) == 2
    assert len(health.quarantine(con, "real", None, None, limit=None)) == 3
    assert health.quarantine(con, "real", "uba_air", None).empty
    assert health.quarantine(con, "real", None, "other").empty
    assert len(health.quarantine(con, "demo", None, None)) == 1


def test_held_payloads(con):
    (payload,) = builds.records(health.held(con, "real"))
    assert (payload["source"], payload["state"]) == ("uba_air", "held")


def test_builds(con):
    found = health.builds(con)
    assert list(found["state"]) == ["published", "failed"]
    assert found["duration_s"].iloc[0] == 90
    assert list(health.build_problems(con)["name"]) == ["known_station_x"]
