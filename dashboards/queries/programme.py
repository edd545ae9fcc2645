"""Queries on the programme: measures, action fields, money and milestones."""

from __future__ import annotations

import pandas as pd

from queries.builds import frame, optional
from urbandata.serving import Connection

ACTION_FIELDS = ("hf1", "hf2", "hf3", "hf4")


def measures(con: Connection) -> pd.DataFrame:
    """One row per measure with the title that holds today, by number."""
    found = optional(
        con,
        "dim_measures",
        "SELECT measure, number, title_de, title_en, action_field FROM marts.dim_measures "
        "WHERE valid_to IS NULL ORDER BY number",
    )
    return found if len(found) else _measures_of_the_catalogue(con)


def _measures_of_the_catalogue(con: Connection) -> pd.DataFrame:
    """Without the dimension: the identifiers the KPIs use, as titles."""
    return frame(
        con,
        "SELECT measure, row_number() OVER (ORDER BY measure) AS number, measure AS title_de, "
        "measure AS title_en, any_value(action_field) AS action_field "
        "FROM marts.kpi_catalogue WHERE coalesce(measure, '') <> '' GROUP BY measure ORDER BY 1",
    )


def action_fields(con: Connection) -> pd.DataFrame:
    """One row per action field of the strategy: identifier and titles."""
    return optional(
        con,
        "dim_action_fields",
        "SELECT action_field, title_de, title_en FROM marts.dim_action_fields "
        "ORDER BY action_field",
    )


def titles(found: pd.DataFrame, key: str, lang: str) -> dict[str, str]:
    """Titles in one language by identifier; empty where the build has none."""
    return {} if found.empty else dict(zip(found[key], found[f"title_{lang}"], strict=True))
