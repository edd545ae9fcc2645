"""M7.1 to M7.7 and M8.1 to M8.6 against figures worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt.measures.conftest import Built

MARCH = "period_kind = 'month' AND period_start = '2025-03-01'"


def year(number: int) -> str:
    """Filter for a year."""
    return f"period_kind = 'year' AND period_start = '{number}-01-01'"


def test_quarter_is_balanced_at_metering_interval(built: Built) -> None:
    """The balance holds 90 plain quarters of an hour and the island; consumption is

    90 x (4 + 8 - 2) + 10 = 910 MWh (1 MWh lost in the storage each time), import 90 x 8 = 720:
    (910 - 720) / 910. Of 370 MWh generated 180 went out. The 900 MWh generated while the import
    meter was silent belong to no rate; sums of the meters would give an autarky of 170 %.
    """
    kpis = built.kpis("energy_quarter", MARCH)
    assert kpis["M7.1"][0] == pytest.approx(100 * 190 / 910, abs=0.01)
    assert kpis["M7.2"][0] == pytest.approx(100 * 190 / 370, abs=0.01)
    assert kpis["M7.7"][0] == pytest.approx(100 * 1 / 91, abs=0.01)
    # March has 743 hours
    assert kpis["M7.1"][3:] == (91, pytest.approx(100 * 91 / (4 * 743), abs=0.01))


def test_quarter_peak_heat_pump_and_emissions(built: Built) -> None:
    """Load 90 x 9 + 2 x 10 = 830 MWh in 23 h, peak 40 MW; heat 6 per 2 of electricity.

    500 MWh of heat without electricity beside it do not count. In the year 720 MWh import x
    427 g / 11,500 m².
    """
    kpis = built.kpis("energy_quarter", MARCH)
    assert kpis["M7.3a"][0] == 40_000.0
    assert kpis["M7.3b"][0] == pytest.approx(100 * 830 / 23 / 40, abs=0.01)
    assert kpis["M7.5"][0] == 3.0
    assert "M7.6" not in kpis
    emissions = built.kpis("energy_quarter", year(2025))["M7.6"]
    assert emissions[0] == pytest.approx(720_000 * 0.427 / 11_500, abs=0.01)


def test_days_of_clock_changes_are_whole(built: Built) -> None:
    rows = built.rows("""
        SELECT local_date, expected_intervals, load_intervals, balance_intervals, load_kwh
        FROM marts.fct_energy_daily WHERE site = 'quarter' ORDER BY local_date
    """)
    assert rows == [
        (date(2025, 3, 30), 92, 92, 91, 830_000.0),
        (date(2025, 10, 26), 100, 100, 0, 100.0),
    ]


def test_storage_losses_show_in_the_balance(built: Built) -> None:
    query = "SELECT DISTINCT consumption_kwh, self_consumed_kwh, residual_kwh "
    table = "FROM marts.fct_energy_balance_15min WHERE site = 'quarter' AND heat_pump_kwh > 0"
    assert built.rows(query + table) == [(10_000.0, 2_000.0, 1_000.0)]


def test_load_shifting(built: Built) -> None:
    """Dear are Monday (price known late) and Tuesday 10 o'clock; Wednesday and Thursday compare.

    Usual (1,000 + 1,200) / 2; moved (1,100 - 800) + (1,100 - 900). Variance 20,000 per hour:
    two hours and twice the mean of two, 20,000 x (2 + 2 x 2 / 2).
    """
    spread = 1.96 * 80_000**0.5
    kpis = built.kpis("hospital_energy", "kpi_code = 'M8.4' AND period_kind = 'month'")
    assert kpis["M8.4"][:4] == (
        500.0, pytest.approx(500 - spread, abs=0.1), pytest.approx(500 + spread, abs=0.1), 2,
    )  # fmt: skip
    assert built.rows(
        "SELECT hours, dear_hours, dear_from_eur_mwh FROM marts.fct_load_shifting"
    ) == [(20, 2, 200.0)]


def test_hospital_power(built: Built) -> None:
    """16 x 1,000 + 800 + 900 + 1,000 + 1,200 + 2,400 kWh; one hour above the 2,250 kW agreed."""
    kpis = built.kpis("hospital_energy", year(2025))
    assert kpis["M8.1a"][0] == pytest.approx(22_300 / 92_000, abs=0.01)
    assert kpis["M8.3a"][0] == 2400.0
    assert kpis["M8.3b"][0] == 1.0
    heat = 24 * 3e5 + 24 * 1e5
    assert kpis["M8.2"][0] == pytest.approx((22_300 + heat) / 650, abs=0.01)


def test_heat_is_adjusted_where_it_follows_the_weather(built: Built) -> None:
    """The July day needs 2.4 GWh without heating; twice that of 9.6 GWh does not follow.

    The other 4.8 GWh met 20 degree days where 15 are usual (mean of 10 and 20).
    """
    kpis = built.kpis("hospital_energy", year(2025))
    assert kpis["M8.1b"][0] == pytest.approx((4.8e6 + 4.8e6 * 15 / 20) / 92_000, abs=0.01)
    months = built.rows("""
        SELECT month, degree_days, reference_degree_days FROM marts.fct_degree_days_monthly
        WHERE origin = 'demo' ORDER BY month
    """)
    assert months == [
        (date(2024, 1, 1), 310.0, 465.0),
        (date(2025, 1, 1), 620.0, 465.0),
        (date(2025, 7, 1), 0.0, 0.0),
    ]


def test_emissions_carry_the_range_of_district_heat(built: Built) -> None:
    """2025: 22.3 MWh x 427 g and 9,600 MWh x 200 (180 to 280) g; 2024: 1 MWh and 2,400 MWh."""
    kpis = built.kpis("hospital_energy", year(2025))
    central, low, high = (22.3 * 0.427 + 9600 * factor for factor in (0.2, 0.18, 0.28))
    assert kpis["M8.6a"][:3] == pytest.approx((central, low, high), abs=0.01)
    before = 1 * 0.427 + 2400 * 0.2
    assert kpis["M8.6b"][0] == pytest.approx(100 * (central / before - 1), abs=0.01)
    assert kpis["M8.6b"][1] < kpis["M8.6b"][0] < kpis["M8.6b"][2]
    assert "M8.6b" not in built.kpis("hospital_energy", year(2024))


def test_real_rows_do_not_get_the_figures_of_the_demo_city(built: Built) -> None:
    """Areas, beds and contract of the demo city are invented: a real site has none."""
    sites = "SELECT count(*) FROM seeds.energy_sites WHERE NOT is_demo AND (net_floor_area_m2 "
    rest = "IS NOT NULL OR beds IS NOT NULL OR contracted_kw IS NOT NULL)"
    assert built.rows(sites + rest) == [(0,)]
