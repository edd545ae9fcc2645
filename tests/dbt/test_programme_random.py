"""What must hold for any rows: random sheets and contributions, counted a second time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

pytestmark = pytest.mark.xdist_group("programme")


def rows(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Result of a query."""
    return con.execute(sql, list(values)).fetchall()


def test_random_milestones_equal_a_second_computation(con):
    """Every month and measure of the random sheet, counted again in Python."""
    raw = rows(con, "SELECT measure, planned_on, done_on FROM raw.programme_drop__milestones "
               "WHERE _origin = 'demo'")  # fmt: skip
    found = rows(con, "SELECT kpi_code, period_start, area_id, value, n FROM kpis "
                 "WHERE origin = 'demo' AND kpi_code IN ('HF3.1a', 'HF3.1b')")  # fmt: skip
    assert len(found) > 200
    for code, start, area, value, n in found:
        last = (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        last = min(last, date(2025, 9, 1))
        due = [(p, d) for m, p, d in raw if p <= last and area in ("dresden", f"measure:{m}")]
        kept = sum(d is not None and d <= p for p, d in due)
        late = sum(d is None or d > last for p, d in due)
        expected = round(100 * kept / len(due), 2) if code == "HF3.1a" else late
        assert (value, n) == (pytest.approx(expected, abs=0.011), len(due)), (code, start, area)


def test_random_spending_adds_up(con):
    """Cumulated sums grow by each month; measures add up to the programme and its grant."""
    months = rows(con, "SELECT measure, month_start, planned_eur, spent_eur, grant_eur, "
                  "planned_cumulated_eur, spent_cumulated_eur FROM marts.fct_spending_monthly "
                  "WHERE origin = 'demo' ORDER BY measure, month_start")  # fmt: skip
    planned: dict[str, Any] = {}
    spent: dict[str, Any] = {}
    for measure, _, plan, paid, _, all_planned, all_paid in months:
        planned[measure] = planned.get(measure, 0) + plan
        assert all_planned == planned[measure]
        if paid is not None:
            spent[measure] = spent.get(measure, 0) + paid
            assert all_paid == spent[measure]
    drawn = sum(m[4] for m in months if m[4] is not None)
    (phase,) = rows(con, "SELECT spent_eur, drawn_eur, remaining_eur FROM marts.fct_funding "
                    "WHERE origin = 'demo' AND part = 'phase_2'")  # fmt: skip
    assert phase == (sum(spent.values()), drawn, Decimal("10600000.00") - drawn)


def test_forecast_repeats_the_last_six_months(con):
    """Mean, smallest and largest month of March to August 2025, counted on to June 2027."""
    totals: dict[date, Decimal] = {}
    for month, paid in rows(con, "SELECT month_start, spent_eur FROM marts.fct_spending_monthly "
                            "WHERE origin = 'demo' AND spent_eur IS NOT NULL"):  # fmt: skip
        totals[month] = totals.get(month, Decimal(0)) + paid
    last_six = [float(totals[m]) for m in sorted(totals)[-6:]]
    so_far = float(sum(totals.values()))
    found = rows(con, "SELECT months_ahead, month_start, spent_cumulated_low_eur, "
                 "spent_cumulated_eur, spent_cumulated_high_eur FROM marts.fct_spending_forecast "
                 "WHERE origin = 'demo' AND area_id = 'dresden' ORDER BY 1")  # fmt: skip
    assert (found[0][1], found[-1][:2]) == (date(2025, 9, 1), (22, date(2027, 6, 1)))
    for ahead, _, low, central, high in found:
        assert low == pytest.approx(so_far + ahead * min(last_six), abs=0.01)
        assert central == pytest.approx(so_far + ahead * sum(last_six) / 6, abs=0.01)
        assert high == pytest.approx(so_far + ahead * max(last_six), abs=0.01)


def test_boroughs_and_places_unknown_add_up_to_the_city(con):
    """300 random proposals: nothing lost between boroughs, counted once in the city."""
    by_area = dict(rows(con, "SELECT area_id, sum(n) FROM kpis WHERE kpi_code = 'M6.2a' "
                        "AND origin = 'demo' AND period_kind = 'month' GROUP BY ALL"))  # fmt: skip
    (unplaced,) = rows(con, "SELECT count(*) FROM raw.decidim__contributions WHERE _origin = "
                       "'demo' AND (scope IS NULL OR scope = 'Atlantis')")[0]  # fmt: skip
    assert by_area.pop("dresden") == 300 == sum(by_area.values()) + unplaced
    assert {a for a, n in by_area.items() if n} == {"borough:3", "borough:5", "borough:7"}
    assert len(by_area) == 10


def test_shares_and_ranges_are_bounded(con):
    """Shares lie in 0 to 100 and within their range; counts are never negative."""
    assert rows(con, "FROM kpis WHERE n < 0 OR value < 0 OR NOT coverage_pct BETWEEN 0 AND 100 "
                "OR low > value OR value > high OR low > high") == []  # fmt: skip
    shares = ("HF1.1", "HF1.4", "HF1.5", "HF2.2b", "HF2.3", "HF2.4", "HF2.5a", "HF2.5b", "HF3.1a",
              "HF3.2b", "HF3.2c", "HF4.1", "HF4.2", "M1.5")  # fmt: skip
    assert rows(con, "FROM kpis WHERE kpi_code IN ? AND value > 100", list(shares)) == []


def test_every_kpi_that_is_built_stands_in_the_catalogue_and_none_is_faked(con):
    """Codes with values are not listed as missing; those of these areas without are."""
    catalogue = rows(con, "SELECT code, missing_de IS NOT NULL, missing_en IS NOT NULL "
                     "FROM marts.kpi_catalogue")  # fmt: skip
    built = {code for (code,) in rows(con, "SELECT DISTINCT kpi_code FROM kpis")}
    lacking = {code for code, german, english in catalogue if german and english}
    assert all(german == english for _, german, english in catalogue)
    assert built.isdisjoint(lacking)
    mine = {
        c
        for c, *_ in catalogue
        if c.startswith(("HF1", "HF2", "HF4", "M1.", "M6.", "HF3.1", "HF3.2"))
    }
    assert mine - built == mine & lacking
