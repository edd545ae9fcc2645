"""Queries on money and milestones; frames without rows where the build has no such marts."""

from __future__ import annotations

from datetime import date

import pandas as pd

from queries.builds import optional
from urbandata.serving import Connection

PROGRAMME = "programme"
STATES = ("overdue", "late", "open", "in_time")


def funding(con: Connection, origin: str) -> pd.DataFrame:
    """One row per phase and one for the whole: cost, grant, own share, spent, drawn.

    The council's figures are of no origin: where this one has no row, the phases stand alone.
    """
    return optional(
        con,
        "fct_funding",
        """
        WITH known AS (SELECT * FROM marts.fct_funding WHERE origin = $origin)

        FROM known UNION ALL BY NAME
        SELECT * REPLACE (NULL AS planned_eur, NULL AS spent_eur, NULL AS drawn_eur,
            NULL AS remaining_eur, NULL AS drawn_pct, NULL AS last_month)
        FROM marts.fct_funding
        WHERE origin = 'real' AND NOT EXISTS (SELECT 1 FROM known)
        ORDER BY part
        """,
        {"origin": origin},
    )


def spending(con: Connection, origin: str, measure: str) -> pd.DataFrame:
    """One row per month: plan, spending and grant, cumulated; of one measure or the programme.

    A month of the programme counts once every measure's spending of it is known.
    """
    return optional(
        con,
        "fct_spending_monthly",
        """
        WITH months AS (
            SELECT month_start, sum(planned_eur) AS planned_eur,
                CASE WHEN count(*) = count(spent_eur) THEN sum(spent_eur) END AS spent_eur,
                CASE WHEN count(*) = count(spent_eur) THEN sum(grant_eur) END AS grant_eur
            FROM marts.fct_spending_monthly
            WHERE origin = $origin AND $measure IN ('programme', measure)
            GROUP BY month_start
        )

        SELECT month_start, planned_eur::DOUBLE AS planned_eur, spent_eur::DOUBLE AS spent_eur,
            sum(planned_eur) OVER so_far::DOUBLE AS planned_cumulated_eur,
            CASE WHEN spent_eur IS NOT NULL THEN sum(spent_eur) OVER so_far END::DOUBLE
                AS spent_cumulated_eur,
            CASE WHEN spent_eur IS NOT NULL THEN sum(grant_eur) OVER so_far END::DOUBLE
                AS grant_cumulated_eur
        FROM months WINDOW so_far AS (ORDER BY month_start)
        ORDER BY month_start
        """,
        {"origin": origin, "measure": measure},
    )


def forecast(con: Connection, origin: str, measure: str) -> pd.DataFrame:
    """One row per month ahead: cumulated spending if it goes on as lately, with its range."""
    area = "dresden" if measure == PROGRAMME else f"measure:{measure}"
    return optional(
        con,
        "fct_spending_forecast",
        "SELECT month_start, last_month, rate_months, is_option, rate_eur, spent_cumulated_eur, "
        "spent_cumulated_low_eur, spent_cumulated_high_eur, grant_cumulated_eur, "
        "grant_cumulated_low_eur, grant_cumulated_high_eur FROM marts.fct_spending_forecast "
        "WHERE origin = $origin AND area_id = $area ORDER BY month_start",
        {"origin": origin, "area": area},
    )


def by_measure(con: Connection, origin: str) -> pd.DataFrame:
    """One row per measure: plan and spending up to the last known month, whole budget."""
    return optional(
        con,
        "fct_spending_monthly",
        """
        SELECT measure, sum(planned_eur)::DOUBLE AS budget_eur,
            max(month_start) FILTER (spent_eur IS NOT NULL) AS last_month,
            sum(planned_eur) FILTER (spent_eur IS NOT NULL)::DOUBLE AS planned_eur,
            sum(spent_eur)::DOUBLE AS spent_eur, sum(grant_eur)::DOUBLE AS grant_eur
        FROM marts.fct_spending_monthly WHERE origin = $origin GROUP BY measure ORDER BY measure
        """,
        {"origin": origin},
    )


def milestones(con: Connection, origin: str) -> pd.DataFrame:
    """One row per milestone: plan, first plan, done, state and delay, by plan."""
    return optional(
        con,
        "fct_milestones",
        "SELECT measure, milestone, planned_on, first_planned_on, plan_changes, done_on, state, "
        "delay_days, as_of_on FROM marts.fct_milestones WHERE origin = $origin "
        "ORDER BY planned_on, measure, milestone",
        {"origin": origin},
    )


def phase_end(funding_rows: pd.DataFrame) -> date | None:
    """Last day of the second phase, the one in which the grant has to be spent."""
    phase = funding_rows[funding_rows["part"] == "phase_2"] if len(funding_rows) else funding_rows
    return None if phase.empty else pd.Timestamp(phase["ends_on"].iloc[0]).date()
