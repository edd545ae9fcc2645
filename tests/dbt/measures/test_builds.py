"""Late data, rebuilds and what holds whatever the data are."""

from __future__ import annotations

import pytest

from tests.dbt.measures.conftest import Built


def test_all_data_tests_pass(built: Built) -> None:
    assert (built.build.failed, built.build.warned) == (0, 0)
    assert built.build.tests > 20


@pytest.mark.parametrize(
    "table",
    [
        *("fct_road_sections", "fct_damage_reports", "fct_parking_occupancy_hourly"),
        *("fct_punctuality_daily", "fct_energy_balance_15min", "fct_electricity_prices"),
    ],
)
def test_late_data_change_the_first_build(built: Built, table: str) -> None:
    """Otherwise the comparison with the full refresh would prove nothing."""
    assert built.first[f"marts.{table}"] != built.incremental[f"marts.{table}"]


def test_incremental_equals_full_refresh(built: Built) -> None:
    assert built.incremental.keys() == built.full.keys()
    for name, rows in built.full.items():
        assert built.incremental[name] == rows, name


def test_values_have_no_two_rows_and_keep_their_bounds(built: Built) -> None:
    """Shares stay between 0 and 100, ranges hold their value."""
    for part in (
        "parking",
        "punctuality",
        "counting_sites",
        "energy_quarter",
        "roads",
        "sportpark",
    ):
        bad = built.rows(f"""
            SELECT * FROM intermediate.int_kpi__{part}
            WHERE low > value OR high < value OR NOT coverage_pct BETWEEN 0 AND 100
        """)
        assert bad == [], part
