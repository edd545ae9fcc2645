"""Cleema: counting, saving, uncertainty; see community.py for the case.

A success on the bike saves 200/31 km × 0.166 kg × 0.5 (additional) × 0.5 (replaces a car)
× (1 − 0.2 rebound) = 0.2142 kg. Forty of them are counted in May: 8.568 kg.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.dbt.cleema_built import CleemaMarts, Tables
from urbandata.demo import cleema_catalogue as catalogue
from urbandata.settings import PROJECT_ROOT

pytestmark = pytest.mark.xdist_group("cleema")
MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)
KM = 200 / 31
TOTAL = 40 * KM * 0.166 * 0.5 * 0.5 * 0.8


def test_the_marts_pass_their_own_tests(cleema: CleemaMarts) -> None:
    assert cleema.tests > 40


def test_every_answer_has_a_fate(cleema: CleemaMarts) -> None:
    """May 2024: 40 counted + b02's late one; the rest stays, with its reason."""
    rows = dict(
        cleema.rows("""
            SELECT reason, count(*) FROM intermediate.int_cleema__assessed_answers
            WHERE month_start = '2024-05-01' GROUP BY reason
        """)
    )
    assert rows == {
        "counted": 41,
        "failed": 1,
        "other_city": 1,
        "duplicate": 1,
        "unmapped": 10,
        "above_daily_cap": 1,
    }


def test_coverage_shows_reasons_of_ten_people_and_more(cleema: CleemaMarts) -> None:
    """41 and 10 answers, rounded down to tens; the others are of single people."""
    rows = cleema.rows("""
        SELECT reason, answers, share_pct, is_suppressed FROM marts.fct_cleema_coverage
        WHERE month_start = '2024-05-01' ORDER BY reason
    """)
    assert rows == [
        ("above_daily_cap", None, None, True),
        ("counted", 40, 80.0, False),
        ("duplicate", None, None, True),
        ("failed", None, None, True),
        ("other_city", None, None, True),
        ("unmapped", 10, 20.0, False),
    ]


def _saving(tables: Tables, action: str, area: str, month: date = MAY) -> tuple[Any, ...]:
    """people, successes, gross, low, central, high of one row."""
    (row,) = [
        r
        for r in tables["marts.fct_cleema_savings_monthly"]
        if (r[1], r[2], r[4]) == (month, action, area)
    ]
    return row[5:11]


def test_saving_of_may_by_hand(cleema: CleemaMarts) -> None:
    """40 successes; low and high take every number at its end."""
    people, successes, *kg = _saving(cleema.before, "bike_km", "dresden")
    assert (people, successes) == (28, 40)
    expected = [
        40 * KM * 0.166,
        40 * KM * 0.150 * 0.25 * 0.3 * 0.7,
        TOTAL,
        40 * KM * 0.175 * 0.75 * 0.7 * 0.9,
    ]
    assert kg == pytest.approx(expected, abs=1e-4)
    assert abs(TOTAL - 8.5677) < 1e-4


def test_saving_of_june_by_hand(cleema: CleemaMarts) -> None:
    """Ten days without meat: 10 × 1.2 kg × 0.5; food has no rebound here."""
    people, successes, gross, low, central, high = _saving(
        cleema.before, "meatless_day", "dresden", JUNE
    )
    assert (people, successes) == (10, 10)
    assert [gross, low, central, high] == pytest.approx([12.0, 10 * 0.9 * 0.25, 6.0, 11.25])


def test_small_boroughs_are_hidden_with_a_larger_one(cleema: CleemaMarts) -> None:
    """Boroughs 3 and 4 have five people together, so borough 1 (11) is hidden with them: 16."""
    assert _saving(cleema.before, "bike_km", "borough:0")[:2] == (12, 24)
    assert _saving(cleema.before, "bike_km", "borough:under_k")[:2] == (16, 16)
    for area in ("borough:1", "borough:3", "borough:4"):
        assert _saving(cleema.before, "bike_km", area) == (None,) * 6


def test_totals_round_people_down(cleema: CleemaMarts) -> None:
    """28 people: exact counts of several actions could be subtracted from each other."""
    people, successes, *_, central, _ = _saving(cleema.before, "all", "dresden")
    assert (people, successes) == (20, 40)
    assert central == pytest.approx(TOTAL, abs=1e-4)


def test_a_late_answer_changes_its_month_and_action_only(cleema: CleemaMarts) -> None:
    changed = (
        cleema.before["marts.fct_cleema_savings_monthly"]
        ^ cleema.late["marts.fct_cleema_savings_monthly"]
    )
    assert {(r[1], r[2], r[4]) for r in changed} == {
        (MAY, action, area)
        for action in ("bike_km", "all")
        for area in ("dresden", "borough:under_k")
    }
    assert _saving(cleema.late, "bike_km", "dresden")[1] == 41
    for name in ("public_cleema_savings_monthly", "fct_cleema_coverage"):
        months = {r[1] for r in cleema.before[f"marts.{name}"] ^ cleema.late[f"marts.{name}"]}
        assert months <= {MAY}, name
    # 2 May is day 7 after joining: of the cohort of April only the second week gains a person
    weeks = cleema.before["marts.fct_cleema_retention"] ^ cleema.late["marts.fct_cleema_retention"]
    assert {r[1:6] for r in weeks} == {
        (date(2024, 4, 1), 2, 2, 28, 12),
        (date(2024, 4, 1), 2, 2, 28, 13),
    }


def test_the_order_of_arrival_makes_no_difference(cleema: CleemaMarts) -> None:
    assert cleema.late.keys() == cleema.at_once.keys()
    for name, rows in cleema.at_once.items():
        assert cleema.late[name] == rows, name


def _kpi(tables: Tables, code: str, start: date, kind: str, area: str = "dresden") -> Any:
    name = "cleema_savings" if code in {"M2.3", "M2.4", "M2.5"} else "cleema"
    (row,) = [
        r
        for r in tables[f"intermediate.int_kpi__{name}"]
        if (r[0], r[1], r[2], r[4]) == (code, start, kind, area)
    ]
    return row[5], row[8]


def test_kpis_by_hand(cleema: CleemaMarts) -> None:
    """571,476 residents; see each line."""
    t = cleema.before
    # the 30 days up to 31 May begin on the 2nd: only a01 to a12 answered then
    assert _kpi(t, "M2.1", MAY, "month") == (pytest.approx(12 / 571.476, abs=5e-4), 12)
    # 28 + 1 + 10 + 1 joins ended; the ten of the two-day challenge did one of two days
    assert _kpi(t, "M2.2", MAY, "month") == (25.0, 40)
    assert _kpi(t, "M2.3", MAY, "month") == (pytest.approx(TOTAL, abs=1e-3), 1)
    assert _kpi(t, "M2.3", MAY, "month", "borough:0")[0] == pytest.approx(TOTAL * 24 / 40, abs=1e-3)
    assert _kpi(t, "M2.3", date(2024, 1, 1), "year")[0] == pytest.approx(TOTAL + 6, abs=1e-3)
    assert _kpi(t, "M2.4", MAY, "month") == (pytest.approx(TOTAL / 28, abs=1e-3), 28)
    # challenges 1, 2 and 4 have an action, 3 has none
    assert _kpi(t, "M2.5", MAY, "month") == (75.0, 4)
    # ten of the twenty who agree to be asked; the export of 1 August closes July
    assert _kpi(t, "M2.6", date(2024, 7, 1), "month") == (50.0, 20)
    # ten of the 28 who began on 25 April answer on 25 June, day 61: the ninth week
    assert _kpi(t, "M2.7", date(2024, 4, 1), "month") == (
        pytest.approx(100 * 10 / 28, abs=5e-3),
        28,
    )


def test_the_first_export_makes_nobody_new(cleema: CleemaMarts) -> None:
    """Ten people stand in the first export, of 1 June 2024; when they took part nobody knows. May
    has no value, and 2024 counts the ten of July, observed on 214 of its 366 days."""
    values = cleema.rows("""
        SELECT period_kind, month(period_start), value, n, coverage_pct
        FROM intermediate.int_kpi__cleema WHERE kpi_code = 'M2.6' AND year(period_start) = 2024
        ORDER BY period_kind, period_start
    """)
    assert values == [("month", 7, 50.0, 20, 100.0), ("year", 1, 50.0, 20, 58.47)]


def test_uncertainty_by_hand(cleema: CleemaMarts) -> None:
    """Year 2024: bike and meat share additionality and nothing else.

    mean of a triangle (l + c + h) / 3, variance (l² + c² + h² − lc − lh − ch) / 18.
    """

    def triangle(low: float, central: float, high: float) -> tuple[float, float]:
        mean = (low + central + high) / 3
        square = low**2 + central**2 + high**2 - low * central - low * high - central * high
        return mean, square / 18 / mean**2  # mean and squared coefficient of variation

    extra, extra_cv2 = triangle(0.25, 0.5, 0.75)
    car, car_cv2 = triangle(0.150, 0.166, 0.175)
    replaced, replaced_cv2 = triangle(0.3, 0.5, 0.7)
    left, left_cv2 = triangle(0.7, 0.8, 0.9)
    meat, meat_cv2 = triangle(0.9, 1.2, 1.5)
    bike = 41 * KM * car * extra * replaced * left
    food = 10 * meat * extra
    variance = (
        bike**2 * ((1 + extra_cv2) * (1 + car_cv2) * (1 + replaced_cv2) * (1 + left_cv2) - 1)
        + food**2 * ((1 + extra_cv2) * (1 + meat_cv2) - 1)
        + 2 * bike * food * extra_cv2
    )
    ((mean, sd, drawn_mean, drawn_sd, p5, p50, p95),) = cleema.rows("""
        SELECT mean_kg_co2e, sd_kg_co2e, mean_drawn_kg_co2e, sd_drawn_kg_co2e, p5_kg_co2e,
            p50_kg_co2e, p95_kg_co2e
        FROM marts.fct_cleema_uncertainty
        WHERE period_kind = 'year' AND period_start = '2024-01-01'
    """)
    assert mean == pytest.approx(bike + food, abs=2e-3)
    assert sd == pytest.approx(math.sqrt(variance), abs=2e-3)
    assert drawn_mean == pytest.approx(mean, rel=0.02)
    assert drawn_sd == pytest.approx(sd, rel=0.05)
    # an independent simulation with numpy
    rng = np.random.default_rng(1)
    draw = {
        name: rng.triangular(*ends, 200_000)
        for name, ends in {
            "extra": (0.25, 0.5, 0.75), "car": (0.15, 0.166, 0.175), "replaced": (0.3, 0.5, 0.7),
            "left": (0.7, 0.8, 0.9), "meat": (0.9, 1.2, 1.5),
        }.items()
    }  # fmt: skip
    total = draw["extra"] * (
        41 * KM * draw["car"] * draw["replaced"] * draw["left"] + 10 * draw["meat"]
    )
    assert [p5, p50, p95] == pytest.approx(np.quantile(total, [0.05, 0.5, 0.95]), rel=0.03)


def test_sensitivity_moves_one_number_at_a_time(cleema: CleemaMarts) -> None:
    """2024: additionality from 0.25 to 0.75 moves all, so it comes first."""
    rows = cleema.rows("""
        SELECT parameter, saving_at_low_kg_co2e, saving_kg_co2e, saving_at_high_kg_co2e, place
        FROM marts.fct_cleema_sensitivity
        WHERE period_kind = 'year' AND period_start = '2024-01-01' ORDER BY place
    """)
    bike = TOTAL * 41 / 40
    assert rows[0] == (
        "additionality:default",
        pytest.approx((bike + 6) / 2, abs=2e-3),
        pytest.approx(bike + 6, abs=2e-3),
        pytest.approx((bike + 6) * 1.5, abs=2e-3),
        1,
    )
    by_name = {r[0]: r[1:4] for r in rows}
    assert by_name["rebound:mobility"] == pytest.approx(
        (bike * 0.7 / 0.8 + 6, bike + 6, bike * 0.9 / 0.8 + 6), abs=2e-3
    )
    assert by_name["factor:meatless_day"] == pytest.approx(
        (bike + 4.5, bike + 6, bike + 7.5), abs=2e-3
    )


def test_the_range_holds_its_value_and_parts_hold_their_sum(cleema: CleemaMarts) -> None:
    assert (
        cleema.one("""
        SELECT count(*) FROM marts.fct_cleema_savings_monthly
        WHERE NOT (saving_low_kg_co2e <= saving_kg_co2e
            AND saving_kg_co2e <= saving_high_kg_co2e
            AND saving_high_kg_co2e <= gross_kg_co2e * 1.5 * 3)
    """)
        == 0
    )
    assert (
        cleema.one("""
        SELECT max(abs(city - parts)) FROM (
            SELECT sum(saving_kg_co2e) FILTER (area_kind = 'city') AS city,
                sum(saving_kg_co2e) FILTER (area_kind = 'borough') AS parts
            FROM marts.fct_cleema_savings_monthly GROUP BY month_start, action_code
        )
    """)
        < 1e-6
    )


def test_citizens_and_offices_see_the_same_totals(cleema: CleemaMarts) -> None:
    """Monthly = by action = by borough = totals = KPI, over all years."""
    sums = [
        cleema.one(f"SELECT sum(saving_kg_co2e) FROM marts.public_cleema_{table}")
        for table in ("savings_monthly", "savings_by_action", "savings_by_borough", "totals")
    ]
    kpi = cleema.one("""
        SELECT value FROM intermediate.int_kpi__cleema_savings
        WHERE kpi_code = 'M2.3' AND period_kind = 'phase' AND area_kind = 'city'
    """)
    assert sums == pytest.approx([kpi] * 4, abs=2e-3)


def test_every_public_challenge_of_the_demo_city_is_reviewed_or_known_not_to_be() -> None:
    """Until the end of 2027; people's own challenges have no title to review."""
    mapped = (PROJECT_ROOT / "dbt/seeds/cleema/challenge_actions.csv").read_text()
    left = {
        c.template.key for c in catalogue.challenges(date(2027, 11, 30)) if c.uuid not in mapped
    }
    assert left == {"standby", "own", "group"}
