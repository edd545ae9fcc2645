"""No factor, assumption, threshold or target changes unseen."""

from tests.dbt.accepted import ACCEPTED, current


def test_values_are_the_accepted_ones() -> None:
    """If the change is meant: ``make accept``, and commit the diff."""
    assert current().splitlines() == ACCEPTED.read_text(encoding="utf-8").splitlines()


def test_the_register_is_in_it() -> None:
    """Otherwise an empty file would be accepted for ever."""
    text = current()
    for line in (
        "emission_factors bike_km saving 2022-01-01: value=0.166 low=0.15 high=0.175 carrier=-",
        "cleema_assumptions additionality default 2019-01-01: low=0.25 central=0.5 high=0.75",
        "energy_carriers electricity saving 2024-01-01: value_kg_per_kwh=0.427",
        "air_limits eu_now_no2_year: limit_value_ug_m3=40",
        "variable min_group_people: 10",
    ):
        assert line in text
