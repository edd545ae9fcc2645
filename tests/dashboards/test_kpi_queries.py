"""Queries on KPIs, money and Cleema, on small cases that can be checked in the head."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenario
from queries import builds, cleema, finance, kpis, lineage, marts, programme
from tests.dashboards import app_rows, serving
from tests.dashboards.records import insert


@pytest.fixture
def small() -> duckdb.DuckDBPyConnection:
    """The tables of a build without rows."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    serving._tables(con)
    con.execute("DELETE FROM marts.kpi_catalogue")
    return con


def catalogue(con, code, **other):
    base = {"code": code, "name_de": code, "name_en": code, "measure": "cleema",
            "action_field": "hf3", "unit": "%", "direction": "up", "is_headline": True,
            "missing_de": ""}  # fmt: skip
    insert(con, "marts.kpi_catalogue", [{**base, **other}])


def month(con, code, start, value, **other):
    base = {"kpi_code": code, "origin": "real", "area_kind": "city", "area_id": "dresden",
            "period_kind": "month", "period_start": start, "value": value,
            "quality_flags": ""}  # fmt: skip
    insert(con, "marts.kpi_values", [{**base, **other}])


def status(con, code, value, **other):
    base = {"kpi_code": code, "origin": "real", "area_kind": "city", "area_id": "dresden",
            "period_kind": "month", "period_start": date(2026, 10, 1), "value": value,
            "trend": "steigend", "status": "kein Zielwert beschlossen"}  # fmt: skip
    insert(con, "marts.kpi_status", [{**base, **other}])


def test_overview_takes_the_leading_area(small):
    catalogue(small, "A")
    catalogue(small, "B", missing_de="Buchungen")
    status(small, "A", 1.0, area_kind="borough", area_id="borough:1")
    status(small, "A", 7.0)
    status(small, "A", 99.0, origin="demo")
    found = kpis.overview(small, "real").set_index("code")
    assert found.loc["A", "value"] == 7
    assert list(found["is_missing"]) == [False, True]
    assert pd.isna(found.loc["B", "value"])


def test_a_site_stands_for_its_kpi_under_its_name(small):
    catalogue(small, "A")
    status(small, "A", 3.0, area_kind="station", area_id="air:1")
    insert(small, "marts.dim_stations", [{"station_id": "air:1", "name": "Nord"}])
    (row,) = builds.records(kpis.overview(small, "real"))
    assert (row["value"], row["area_name_de"]) == (3, "Nord")


def test_history_prefers_months_and_keeps_gaps(small):
    catalogue(small, "A")
    status(small, "A", 3.0)
    for i in (1, 2, 3, 6, 7):
        month(small, "A", date(2026, i, 1), float(i))
    month(small, "A", date(2025, 1, 1), 50.0, period_kind="year")
    month(small, "A", date(2026, 5, 1), 9.0, origin="demo")
    row = kpis.histories(small, "real").loc["A"]
    assert row["period_kind"] == "month"
    assert list(row["values"]) == [1, 2, 3, 6, 7]
    assert not row["is_running"]


def test_changes_are_those_that_are_unusual(small):
    """Steps of A are 1 and then 10; those of B always 10: only A left its usual path."""
    for code, last in (("A", 21.0), ("B", 70.0)):
        catalogue(small, code)
        step = 1 if code == "A" else 10
        for i in range(1, 7):
            month(small, code, date(2026, i, 1), 10.0 + step * (i - 1))
        month(small, code, date(2026, 7, 1), last)
        month(small, code, date(2026, 8, 1), 500.0, quality_flags="running_period")
    (row,) = builds.records(kpis.changes(small, "real"))
    assert (row["kpi_code"], row["value_before"], row["value"]) == ("A", 15, 21)
    assert row["unusual"] == 6


def test_changes_need_the_month_before(small):
    catalogue(small, "A")
    for i, value in ((1, 1.0), (2, 2.0), (5, 50.0)):
        month(small, "A", date(2026, i, 1), value)
    found = kpis.changes(small, "real")
    assert found.empty or found["period_start"].iloc[0] == pd.Timestamp(2026, 2, 1)


def test_areas_are_compared_in_one_period(small):
    catalogue(small, "A")
    for area, start, value in (("0", 9, 1.0), ("0", 10, 2.0), ("1", 9, 5.0)):
        month(
            small, "A", date(2026, start, 1), value, area_kind="borough", area_id=f"borough:{area}"
        )
    found = kpis.by_area(small, "real", "A", "month")
    assert list(found["area_id"]) == ["borough:0"]
    assert list(found["value"]) == [2]


def test_boroughs_have_names(con):
    code = next(c for c in kpis.overview(con, "real")["code"]
                if len(kpis.by_area(con, "real", c, "month")) == 10)  # fmt: skip
    assert "Altstadt" in set(kpis.by_area(con, "real", code, "month")["name_de"])
    areas = kpis.areas_of(con, "real", code)
    assert areas["area_kind"].iloc[0] == "city"
    assert len(areas) == 11


def test_measures_and_fields(con):
    assert list(programme.measures(con)["number"]) == list(range(1, 10))
    assert list(programme.action_fields(con)["action_field"]) == ["hf1", "hf2", "hf3", "hf4"]


def test_without_the_dimension_the_catalogue_names_the_measures(small):
    small.execute("DROP TABLE IF EXISTS marts.dim_measures")
    small.execute("DROP TABLE IF EXISTS marts.dim_action_fields")
    catalogue(small, "A")
    assert list(programme.measures(small)["measure"]) == ["cleema"]
    assert programme.action_fields(small).empty


def test_spending_of_the_programme_is_the_sum(con):
    """Nine measures plan 10,000 EUR times their number: 450,000 EUR a month, 80 % spent."""
    whole = finance.spending(con, "real", finance.PROGRAMME)
    assert whole["planned_eur"].iloc[0] == 450_000
    known = whole.dropna(subset=["spent_eur"])
    assert (known["spent_eur"] == 360_000).all()
    assert known["spent_cumulated_eur"].iloc[-1] == 360_000 * len(known)
    parts = [finance.spending(con, "real", m) for m in programme.measures(con)["measure"]]
    assert (
        sum(p["planned_cumulated_eur"].iloc[-1] for p in parts)
        == whole["planned_cumulated_eur"].iloc[-1]
    )


def test_one_unknown_measure_makes_the_month_unknown(small):
    small.execute("DROP TABLE IF EXISTS marts.fct_spending_monthly")
    from tests.dashboards.programme import ensure

    rows = [{"origin": "real", "measure": m, "month_start": date(2026, 1, 1), "planned_eur": 2.0,
             "spent_eur": spent, "grant_eur": spent}
            for m, spent in (("a", 1.0), ("b", None))]  # fmt: skip
    ensure(small, "fct_spending_monthly", rows)
    whole = finance.spending(small, "real", finance.PROGRAMME)
    assert whole["spent_eur"].isna().all()
    assert finance.spending(small, "real", "a")["spent_cumulated_eur"].iloc[0] == 1


def test_funding_stands_alone_for_another_origin(con):
    assert len(finance.funding(con, "real")) == 3
    assert finance.phase_end(finance.funding(con, "real")) == date(2026, 12, 31)


def test_milestones(con):
    counts = finance.milestones(con, "real")["state"].value_counts()
    assert counts.to_dict() == {"in_time": 9, "late": 9, "open": 7, "overdue": 2}


def test_cleema_sums_agree(con):
    """Actions and boroughs sum the months of the total; the course begins before them."""
    months = cleema.monthly(con, "real").set_index("month_start")["saving_kg_co2e"]
    actions, boroughs = cleema.by_action(con, "real"), cleema.by_borough(con, "real")
    total = cleema.totals(con, "real")["saving_kg_co2e"].sum()
    assert months.index.min() < pd.Timestamp(app_rows.PHASE)
    assert months.loc[pd.Timestamp(app_rows.PHASE) :].sum() == pytest.approx(total)
    assert actions["value"].sum() == pytest.approx(total)
    assert boroughs["value"].sum() == pytest.approx(total)
    assert set(boroughs["area_id"]) == {"borough:0", "borough:1", "borough:under_k"}
    assert cleema.coverage(con, "real")["value"].sum() == pytest.approx(100)
    assert cleema.retention(con, "real")["week"].is_monotonic_increasing


OFFICIAL = scenario.Scenario(app_rows.ADDITIONALITY, 0.2, 1)


def test_the_official_assumptions_give_the_official_figure(con):
    actions, assumptions = cleema.by_action(con, "real"), cleema.assumptions(con)
    assert scenario.total(actions, assumptions, OFFICIAL) == pytest.approx(actions["value"].sum())
    # Meat is not paid twice: without an official rebound there is none in the scenario.
    food = actions[actions["action_group"] == "food"]
    high = scenario.Scenario(app_rows.ADDITIONALITY, 0.6, 1)
    assert scenario.total(food, assumptions, high) == pytest.approx(food["value"].sum())


@given(
    extra=st.floats(0, 1),
    more=st.floats(0, 1),
    rebound=st.floats(0, 0.6),
    people=st.integers(1, 20),
)
def test_scenarios_are_proportional(extra, more, rebound, people):
    actions = pd.DataFrame({"action_code": ["a"], "action_group": ["g"], "value": [10.0]})
    assumptions = pd.DataFrame({"assumption": ["additionality", "rebound"],
                                "scope": ["default"] * 2, "central": [0.5, 0.2]})  # fmt: skip

    def total(share):
        return scenario.total(actions, assumptions, scenario.Scenario(share, rebound, people))

    assert total(extra) + total(more) == pytest.approx(total(extra + more), abs=1e-9)
    assert total(extra) == pytest.approx(10 * people * extra / 0.5 * (1 - rebound) / 0.8)


def test_the_narrowest_scope_counts():
    known = pd.DataFrame({"assumption": ["rebound"] * 3, "scope": ["default", "energy", "bike_km"],
                          "central": [0.0, 0.2, 0.9]})  # fmt: skip
    assert scenario.official(known, "rebound", "bike_km", "mobility") == 0.9
    assert scenario.official(known, "rebound", "shower", "energy") == 0.2
    assert scenario.official(known, "rebound", "x", "food") == 0
    with pytest.raises(ValueError, match="no value of substitution"):
        scenario.official(known, "substitution", "x", "food")


def test_lineage_leads_to_the_payload(con):
    assert list(lineage.sources_of_kpi(con, "M5.6a")["source"]) == ["pegelonline"]
    key = ("real", "M5.6a", "year", date(2025, 1, 1), "dresden")
    (value,) = builds.records(lineage.values(con, *key))
    assert value["value"] == 0
    (payload,) = builds.records(lineage.payloads(con, *key))
    assert payload["raw_path"] == "r"
    assert list(lineage.models(con, "M5.6a")["depth"]) == [0, 1]
    assert set(lineage.checks(con, "M5.6a")["source"]) == {"pegelonline"}


def test_marts_for_researchers(con):
    known = marts.tables(con).set_index("name")
    assert known.loc["kpi_values", "has_origin"]
    assert not known.loc["kpi_catalogue", "has_origin"]
    assert set(marts.whole(con, "kpi_values", "real").column("origin").to_pylist()) == {"real"}
    assert len(marts.preview(con, "kpi_catalogue", "real", 5)) == 5
    with pytest.raises(ValueError, match="not a mart"):
        marts.whole(con, 'x" UNION SELECT * FROM ops."quarantine', "real")


def test_a_build_of_older_code_lacks_marts_and_that_is_all(small):
    for table in ("fct_spending_monthly", "fct_milestones", "fct_cleema_savings_monthly"):
        small.execute(f"DROP TABLE IF EXISTS marts.{table}")
    assert finance.spending(small, "real", "programme").empty
    assert finance.milestones(small, "real").empty
    assert cleema.monthly(small, "real").empty
