"""M9.1 to M9.7 against figures worked out by hand."""

from __future__ import annotations

import pytest

from tests.dbt.measures.conftest import Built

JULY = "period_kind = 'month' AND period_start = '2025-07-01'"


def test_utilisation(built: Built) -> None:
    """60 + 30 + 90 + 60 minutes of a Monday's 128 hours: five halls and rinks 13.5, oval and

    stadium 12, two pitches 13, beach 10.5. Only 7 July is behind us, one of 31 days watched.
    """
    rows = built.rows("""
        SELECT sum(booked_minutes), sum(bookable_minutes) FROM marts.fct_facility_hours
        WHERE local_date = '2025-07-07'
    """)
    assert rows == [(240, 128 * 60)]
    days = built.rows("SELECT count(DISTINCT local_date) FROM marts.fct_facility_hours")[0][0]
    assert days == 56, "7 July to 31 August: the day of the fetch is not over"
    july = built.kpis("sportpark", JULY)["M9.1"]
    assert july[4] == pytest.approx(100 * 25 / 31, abs=0.01)
    assert 0 < july[0] < 100 * 240 / (128 * 60)


def test_no_shows_need_ears(built: Built) -> None:
    """The school was heard and absent, the club came; noon and the pitch were not heard."""
    kpis = built.kpis("sportpark", JULY)
    assert kpis["M9.2"][0] == 50.0
    assert kpis["M9.2"][3:] == (2, 50.0)
    assert 0 < kpis["M9.2"][1] < 50 < kpis["M9.2"][2] < 100


def test_a_series_is_answered_once(built: Built) -> None:
    """The school after 30 hours, the series after 10, although it has two occurrences."""
    june = built.kpis("sportpark", "period_kind = 'month' AND period_start = '2025-06-01'")
    assert june["M9.3"] == (20.0, 15.0, 25.0, 2, 0.0)
    assert june["M9.4"][0] == 120.0


def test_shares_of_groups(built: Built) -> None:
    """Of 240 minutes 150 for clubs, 60 for the school, 30 for a person; 90 for youth."""
    kpis = built.kpis("sportpark", JULY)
    shares = [kpis[f"M9.7{x}"][0] for x in "abcd"]
    assert shares == [62.5, 25.0, 12.5, 37.5]
    assert sum(shares[:3]) == 100.0


def test_consumption_per_hour(built: Built) -> None:
    """40 kWh for three hours in the halls, 2 m³ for an hour on the pitches."""
    kpis = built.kpis("sportpark", JULY)
    assert kpis["M9.5a"][0] == pytest.approx(40 / 3, abs=0.01)
    assert kpis["M9.5b"][0] == 2.0
