"""M3.1 to M3.7 against figures worked out by hand."""

from __future__ import annotations

from datetime import date

from tests.dbt.measures.conftest import Built

CITY_2021 = "area_kind = 'city' AND period_start = '2021-01-01'"


def test_city_2021(built: Built) -> None:
    """A 5, B 2 (corrected late), C without grade, D 3.5 of 2015; 1,000 m² each.

    Mean (5 + 2 + 3.5) / 3; at 4.5 only A, at 3.5 A and D; substance minus usability
    (1 + 1 + 0) / 3; A costs 1,000 m² x 140 (70 to 260) EUR. Ages at 31 December: A, B and C
    30 days, D 2,405 days; the median is 30 days of 30.4375 to a month.
    """
    kpis = built.kpis("roads", CITY_2021)
    assert kpis == {
        "M3.1a": (3.5, None, None, 3, 75.0),
        "M3.2a": (33.33, None, None, 3, 75.0),
        "M3.2b": (0.1, None, None, 3, 75.0),
        "M3.3": (66.67, None, None, 3, 75.0),
        "M3.4": (0.667, None, None, 3, 75.0),
        "M3.6": (140_000.0, 70_000.0, 260_000.0, 3, 75.0),
        "M3.7a": (1.0, None, None, 4, 100.0),
        "M3.7b": (1.0, None, None, 4, 100.0),
    }


def test_state_of_earlier_years_knows_no_later_survey(built: Built) -> None:
    """2020: A 3 and D 3.5 of 2015; B and C were not surveyed yet."""
    kpis = built.kpis("roads", "area_kind = 'city' AND period_start = '2020-01-01'")
    assert kpis["M3.1a"] == (3.25, None, None, 2, 50.0)
    assert kpis["M3.2a"][0] == 0.0
    assert kpis["M3.7a"][-1] == 50.0


def test_a_sensor_drive_changes_age_and_usability_only(built: Built) -> None:
    """A by sensor on 1 July 2022; the total grade stays that of the measuring vehicle."""
    kpis = built.kpis("roads", "area_kind = 'city' AND period_start = '2022-01-01'")
    assert kpis["M3.1a"][0] == 3.5
    assert kpis["M3.1b"] == (4.2, None, None, 1, 25.0)
    # 183 days for A; 395 for B and C; 2,770 for D: median 395 days
    assert kpis["M3.7b"][0] == 13.0


def test_boroughs(built: Built) -> None:
    """Borough 0 holds A and B: (5 + 2) / 2; borough 7 C without grade and D."""
    rows = built.rows("""
        SELECT area_id, value, coverage_pct FROM intermediate.int_kpi__roads
        WHERE kpi_code = 'M3.1a' AND area_kind = 'borough' AND period_start = '2021-01-01'
        ORDER BY area_id
    """)
    assert rows == [("borough:0", 3.5, 100.0), ("borough:7", 3.5, 50.0)]


def test_setts_stay_without_a_grade(built: Built) -> None:
    rows = built.rows("SELECT section_id, condition, total_grade FROM marts.fct_road_sections")
    assert sorted(rows) == [
        ("A", "critical", 5.0), ("B", "fair", 2.0), ("C", "unrated", None), ("D", "warning", 3.5),
    ]  # fmt: skip


def test_reaction_time_counts_open_reports_as_longest(built: Built) -> None:
    """10, 20, 30 (closed late), open, open: the median is 30; of nine in ten none is known."""
    kpis = built.kpis("damage_reports", "area_kind = 'city' AND period_kind = 'month'")
    assert {code: values[:4] for code, values in kpis.items()} == {
        "M3.5a": (30.0, 20.0, 30.0, 5),
        "M3.5b": (None, 30.0, None, 5),
    }


def test_reports_are_placed(built: Built) -> None:
    rows = built.rows("SELECT DISTINCT local_date, district_number FROM marts.fct_damage_reports")
    assert rows == [(date(2025, 3, 3), "05")]
