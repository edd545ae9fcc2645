"""The real environment files, all the way to KPI values and back to the files."""

import dataclasses
import json

import duckdb
import pytest
from click.testing import CliRunner

from urbandata import cli, explain, pipeline, serving
from urbandata.errors import UrbandataError
from urbandata.settings import Settings

from . import figures

pytestmark = pytest.mark.xdist_group("real_environment")


@pytest.fixture(scope="module")
def built(realdata, tmp_path_factory):
    """All files of the folder taken in and built, as ``make run MODE=inbox`` does."""
    folder = realdata("environment")
    data = tmp_path_factory.mktemp("real")
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(data), "URBANDATA_MODE": "inbox"})
    settings = dataclasses.replace(settings, inbox_dir=folder)
    done = pipeline.ingest_inbox(settings)
    pipeline.build(settings, print)
    return settings, {d.source: d for d in done}


def ask(built, sql):
    return serving.rows(built[0], sql)


def test_every_known_file_is_loaded_and_the_unknown_one_named(built):
    by_source = built[1]
    assert sum(d.payloads for d in by_source.values()) == 24
    assert by_source["_unknown"].problems == [
        "meta_wetterdaten.txt: no source recognises this file"
    ]
    for name, done in by_source.items():
        assert done.accepted + done.quarantined == done.parsed
        assert name == "_unknown" or not done.problems


def test_days_at_klotzsche_equal_a_second_computation(built):
    expected = figures.klotzsche()
    found = {
        row["year"]: row
        for row in ask(
            built,
            "SELECT year, hot_days, tropical_nights FROM marts.fct_heat_yearly "
            "WHERE station_id = 'dwd:01048'",
        )
    }
    assert set(found) == set(expected.index), "the gap of the war and after stays a gap"
    for year, row in expected.iterrows():
        assert found[year]["hot_days"] == row.hot_days, year
        assert found[year]["tropical_nights"] == row.tropical_nights, year


def test_heavy_rain_days_equal_a_second_computation(built):
    expected = figures.klotzsche()
    rows = ask(
        built,
        "SELECT year(local_date) AS year, count(*) FILTER (is_heavy) AS days, "
        "max(precipitation_mm) AS wettest FROM marts.fct_rain_daily "
        "WHERE station_id = 'dwd:01048' GROUP BY year",
    )
    found = {row["year"]: row for row in rows}
    for year, row in expected.iterrows():
        assert found[year]["days"] == row.heavy_rain_days, year
        assert found[year]["wettest"] == pytest.approx(row.wettest_mm), year
    assert found[2002]["wettest"] == 158.0, "12 August 2002 is true"


def test_hot_days_are_kpi_values(built):
    expected = figures.klotzsche()
    for row in ask(
        built,
        "SELECT year(period_start) AS year, value FROM marts.kpi_values WHERE kpi_code = 'M5.7a' "
        "AND period_kind = 'year' AND area_id = 'dwd:01048'",
    ):
        assert row["value"] == expected.loc[row["year"]].hot_days


def test_air_quality_equals_a_second_computation(built):
    expected = figures.air()
    found = {
        (r["area_id"].removeprefix("air:"), f"{r['period_start']:%Y-%m}"): r
        for r in ask(
            built,
            "SELECT area_id, period_start, value, n FROM marts.kpi_values WHERE "
            "kpi_code = 'M5.5a' AND period_kind = 'month' AND area_kind = 'station'",
        )
    }
    assert set(found) == set(expected.index)
    for key, row in expected.iterrows():
        assert found[key]["n"] == row.hours, key
        assert found[key]["value"] == pytest.approx(row.no2, abs=0.02), key


def test_the_document_says_what_the_files_say(realdata):
    folder = realdata("environment")
    assert figures.DOCUMENT.read_text(encoding="utf-8") == figures.document(folder)


def test_a_value_leads_back_to_its_file(built):
    answer = explain.explain(built[0], "M5.7a", "2018", "dwd:01048")
    assert [v["value"] for v in answer["values"]] == [28.0]
    assert answer["models"][0]["node"] == "int_kpi__heat"
    daily = [p for p in answer["payloads"] if p["table_name"] == "daily"]
    assert [p["resource"] for p in daily] == ["dresden-klotzsche-01048-tageswerte.txt"]
    raw = built[0].data_dir / daily[0]["raw_path"]
    assert raw.exists()
    assert raw.name.startswith(daily[0]["sha256"])
    assert any(c["column_name"] == "temperature_max" for c in answer["checks"])


def test_payloads_of_another_time_are_left_out(built):
    """The gauge files are of August 2026 and have no part in a flood of 2018."""
    answer = explain.explain(built[0], "M5.5a", "2013-06", "air:DESN061")
    air = {p["resource"] for p in answer["payloads"] if p["source"] == "saxony_air"}
    assert air == {"Dresden-Nord-2013-06.csv"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("M9.99", "2018"), "no KPI 'M9.99'"),
        (("M5.7a", "18"), "'18' is not a period"),
        (("M5.7a", "2018-13"), "'2018-13' is not a period"),
        (("M5.7a", "1944", "dwd:99999"), "there are month 1934-01-01 to"),
        (("M5.4", "2018"), "Simulation des digitalen Zwillings"),
    ],
)
def test_what_is_not_there_is_said(built, arguments, message):
    with pytest.raises(UrbandataError, match=message):
        explain.explain(built[0], *arguments)


def test_the_command_prints_text_and_json(built, monkeypatch):
    monkeypatch.setenv("URBANDATA_DATA_DIR", str(built[0].data_dir))
    asked = ["explain", "M5.7a", "2018", "dwd:01048"]
    text = CliRunner().invoke(cli.main, asked)
    assert text.exit_code == 0
    assert "Hitzetage" in text.output
    data = json.loads(CliRunner().invoke(cli.main, [*asked, "--json"]).output)
    assert set(data) == {"definition", "values", "models", "sources", "checks", "payloads"}


def test_every_kpi_leads_to_a_source(built):
    with duckdb.connect(str(serving.current_path(built[0])), read_only=True) as con:
        without = con.execute(
            "SELECT DISTINCT kpi_code FROM marts.kpi_values WHERE kpi_code NOT IN "
            "(SELECT kpi_code FROM marts.kpi_lineage WHERE node_kind = 'source')"
        ).fetchall()
    assert without == []
