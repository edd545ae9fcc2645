"""Queries of the citizens' app; they name tables of the public build only."""

from __future__ import annotations

import pandas as pd

from queries.builds import optional
from queries.cleema import RUNNING
from urbandata.serving import Connection

CAR = "bike_km"  # one km by bicycle instead of by car: what a car emits per person and km

YEARS = (
    "min(min(year(year_start))) OVER () AS first_year, "
    "max(max(year(year_start))) OVER () AS last_year"
)


def totals(con: Connection, origin: str) -> pd.DataFrame:
    """One row, or none: what was saved since the second phase began, with its range."""
    return _all(con, "public_cleema_totals", origin)


def monthly(con: Connection, origin: str) -> pd.DataFrame:
    """One row per month: value, low, high in kg CO2e; empty where too few took part."""
    return optional(
        con,
        "public_cleema_savings_monthly",
        "SELECT month_start, saving_kg_co2e AS value, saving_low_kg_co2e AS low, "
        "saving_high_kg_co2e AS high, "
        f"{RUNNING.format(table='public_cleema_totals')} AS quality_flags "
        "FROM marts.public_cleema_savings_monthly "
        "WHERE origin = $origin ORDER BY month_start",
        {"origin": origin},
    )


def by_action(con: Connection, origin: str) -> pd.DataFrame:
    """One row per action, largest first: value, low, high in kg CO2e over all years.

    ``first_year`` and ``last_year`` are those of all actions.
    """
    return optional(
        con,
        "public_cleema_savings_by_action",
        "SELECT action_code, any_value(name_de) AS name_de, any_value(name_en) AS name_en, "
        "sum(saving_kg_co2e) AS value, sum(saving_low_kg_co2e) AS low, "
        f"sum(saving_high_kg_co2e) AS high, {YEARS} FROM marts.public_cleema_savings_by_action "
        "WHERE origin = $origin AND saving_kg_co2e IS NOT NULL "
        "GROUP BY action_code ORDER BY value DESC",
        {"origin": origin},
    )


def by_borough(con: Connection, origin: str) -> pd.DataFrame:
    """One row per borough, and those put together: value, low, high in kg CO2e over all years.

    ``first_year`` and ``last_year`` are those of all boroughs.
    """
    return optional(
        con,
        "public_cleema_savings_by_borough",
        "SELECT area_id, any_value(name_de) AS name_de, any_value(name_en) AS name_en, "
        "sum(saving_kg_co2e) AS value, sum(saving_low_kg_co2e) AS low, "
        f"sum(saving_high_kg_co2e) AS high, {YEARS} FROM marts.public_cleema_savings_by_borough "
        "WHERE origin = $origin AND area_id <> 'dresden' AND saving_kg_co2e IS NOT NULL "
        "GROUP BY area_id ORDER BY value DESC",
        {"origin": origin},
    )


def factors(con: Connection) -> pd.DataFrame:
    """One row per action: the factor valid today with its range, source and evidence class."""
    return optional(
        con,
        "dim_emission_factors",
        "SELECT f.action_code, a.name_de, a.name_en, a.unit_de, a.unit_en, f.value_kg_co2e, "
        "f.low_kg_co2e, f.high_kg_co2e, f.evidence_class, f.sureness, f.source, f.edition "
        "FROM marts.dim_emission_factors AS f "
        "INNER JOIN marts.dim_cleema_actions AS a ON f.action_code = a.action_code "
        "WHERE f.usage = 'saving' QUALIFY row_number() OVER "
        "(PARTITION BY f.action_code ORDER BY f.valid_from DESC) = 1 ORDER BY a.name_de",
    )


def table(con: Connection, name: str, origin: str) -> pd.DataFrame:
    """All rows of a public table."""
    return _all(con, f"public_cleema_{name}", origin)


def _all(con: Connection, name: str, origin: str) -> pd.DataFrame:
    return optional(
        con, name, f"SELECT * FROM marts.{name} WHERE origin = $origin", {"origin": origin}
    )
