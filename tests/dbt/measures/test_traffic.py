"""M4.2 to M4.5 against figures worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt.measures.conftest import Built

MARCH = "period_kind = 'month' AND period_start = '2025-03-01'"


def test_parking(built: Built) -> None:
    """Small: (10 x 50 + 62, corrected late, + 100) / 12 = 55.17 %; large: 80 %.

    By spaces (55.1667 x 100 + 80 x 300) / 400 = 73.79. More than 95 %: one hour and none.
    Known are 24 of 31 days x 12 hours x 2 car parks; coaches do not count, and the hour
    without data is neither full nor known.
    """
    kpis = built.kpis("parking", MARCH)
    assert kpis["M4.4a"] == (73.79, 55.17, 80.0, 24, 3.23)
    assert kpis["M4.4b"] == (0.5, 0.0, 1.0, 24, 1.61)
    state = "SELECT state, occupancy_pct FROM marts.fct_parking_occupancy_hourly "
    assert built.rows(state + "WHERE local_hour = 20") == [("unknown", None)]


def test_bicycle_index(built: Built) -> None:
    """April 2025: (15 x 72 + 15 x 24) / 30 = 48 a day against 24; dry days 72 against 24."""
    kpis = built.kpis("bicycles", "period_kind = 'month' AND period_start = '2025-04-01'")
    assert kpis == {
        "M4.2a": (200.0, None, None, 1, 100.0),
        "M4.2b": (300.0, None, None, 1, 100.0),
    }
    year = built.kpis("bicycles", "period_kind = 'year' AND period_start = '2025-01-01'")
    assert year["M4.2a"] == (200.0, None, None, 1, pytest.approx(8.33))
    base = built.kpis("bicycles", "period_kind = 'year' AND period_start = '2024-01-01'")
    assert base["M4.2a"] == (100.0, None, None, 1, 100.0)


def test_a_half_silent_day_is_no_basis(built: Built) -> None:
    query = "SELECT bicycles, coverage_pct, is_complete FROM marts.fct_bike_counts_daily "
    assert built.rows(query + "WHERE local_date = '2024-04-02'") == [(12, 50.0, False)]


def test_punctuality(built: Built) -> None:
    """Of seven tracked: -60, 0, 180 and the 301 that was at last 100; to 300 s also 181, 300."""
    kpis = built.kpis("punctuality", MARCH)
    values = {code: (round(v[0], 2), v[3]) for code, v in kpis.items()}
    assert values == {"M4.3a": (57.14, 7), "M4.3b": (85.71, 7), "M4.3c": (11.11, 9)}
    for value, low, high, *_ in kpis.values():
        assert 0 <= low < value < high <= 100


def test_days_without_any_message_count_as_failed(built: Built) -> None:
    """Between first and newest day: 18 of 24, 0 of 24, 24 of 24 hours."""
    kpis = built.kpis("counting_sites", f"{MARCH} AND kpi_code = 'M4.5b'")
    assert kpis["M4.5b"][:4] == (58.33, 58.33, 58.33, 1)
    rows = built.rows("""
        SELECT local_date, valid_intervals FROM marts.fct_counting_site_availability
        WHERE network = 'motor' ORDER BY local_date
    """)
    assert rows == [(date(2025, 3, 4), 18), (date(2025, 3, 5), 0), (date(2025, 3, 6), 24)]
