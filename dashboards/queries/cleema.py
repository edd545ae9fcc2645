"""Queries on what Cleema saved, how sure that is, and who takes part.

All of them return a frame without rows where the build has no Cleema marts.
"""

from __future__ import annotations

import pandas as pd

from queries.builds import optional
from urbandata.serving import Connection

# A month that is not over when the newest export was made.
RUNNING = """CASE WHEN month_start + INTERVAL 1 MONTH > (
    SELECT max(observed_until) + 1 FROM marts.{table} WHERE origin = $origin
) THEN 'running_period' ELSE '' END"""

# Months that the total counts: those of the programme's second phase.
COUNTED = """s.month_start >= (
    SELECT min(first_month) FROM marts.public_cleema_totals WHERE origin = $origin
)"""


def monthly(con: Connection, origin: str) -> pd.DataFrame:
    """One row per month: saving of the whole city over all actions, with its range."""
    return optional(
        con,
        "fct_cleema_savings_monthly",
        "SELECT month_start, saving_kg_co2e, saving_low_kg_co2e, saving_high_kg_co2e, "
        "gross_kg_co2e, people, is_complete, "
        f"{RUNNING.format(table='fct_cleema_activity_monthly')} AS quality_flags "
        "FROM marts.fct_cleema_savings_monthly "
        "WHERE origin = $origin AND action_code = 'all' AND area_kind = 'city' "
        "AND saving_kg_co2e IS NOT NULL ORDER BY month_start",
        {"origin": origin},
    )


def by_action(con: Connection, origin: str) -> pd.DataFrame:
    """One row per action: saving of the whole city in the months of the total, largest first."""
    return optional(
        con,
        "fct_cleema_savings_monthly",
        f"""
        SELECT s.action_code, any_value(a.name_de) AS name_de, any_value(a.name_en) AS name_en,
            any_value(a.action_group) AS action_group,
            sum(s.saving_kg_co2e) AS value, sum(s.saving_low_kg_co2e) AS low,
            sum(s.saving_high_kg_co2e) AS high, sum(s.gross_kg_co2e) AS gross,
            sum(s.successes) AS successes, any_value(a.unit_de) AS unit_de,
            any_value(a.unit_en) AS unit_en
        FROM marts.fct_cleema_savings_monthly AS s
        LEFT JOIN marts.dim_cleema_actions AS a ON s.action_code = a.action_code
        WHERE s.origin = $origin AND s.action_code <> 'all' AND s.area_kind = 'city'
            AND s.saving_kg_co2e IS NOT NULL AND {COUNTED}
        GROUP BY s.action_code ORDER BY value DESC
        """,
        {"origin": origin},
    )


def by_borough(con: Connection, origin: str) -> pd.DataFrame:
    """One row per borough that may be shown: saving in the months of the total, with its range."""
    return optional(
        con,
        "fct_cleema_savings_monthly",
        f"""
        SELECT s.area_id, any_value(a.name_de) AS name_de, any_value(a.name_en) AS name_en,
            sum(s.saving_kg_co2e) AS value, sum(s.saving_low_kg_co2e) AS low,
            sum(s.saving_high_kg_co2e) AS high
        FROM marts.fct_cleema_savings_monthly AS s
        LEFT JOIN marts.dim_areas AS a ON s.area_kind = a.area_kind AND s.area_id = a.area_id
        WHERE s.origin = $origin AND s.action_code = 'all' AND s.area_kind = 'borough'
            AND s.saving_kg_co2e IS NOT NULL AND {COUNTED}
        GROUP BY s.area_id ORDER BY value DESC
        """,
        {"origin": origin},
    )


def totals(con: Connection, origin: str) -> pd.DataFrame:
    """One row, or none: the saving since the second phase began, its ranges, and its coverage."""
    return optional(
        con,
        "public_cleema_totals",
        "SELECT * FROM marts.public_cleema_totals WHERE origin = $origin",
        {"origin": origin},
    )


def activity(con: Connection, origin: str) -> pd.DataFrame:
    """One row per month: people, answers and completed challenges of the whole city."""
    return optional(
        con,
        "fct_cleema_activity_monthly",
        "SELECT month_start, active_people, active_people_30d, answers, successes, "
        "self_reported_pct, completion_pct, "
        f"{RUNNING.format(table='fct_cleema_activity_monthly')} AS quality_flags "
        "FROM marts.fct_cleema_activity_monthly "
        "WHERE origin = $origin AND area_kind = 'city' ORDER BY month_start",
        {"origin": origin},
    )


def retention(con: Connection, origin: str) -> pd.DataFrame:
    """One row per week since joining: share still active over the cohorts whose share may be told,
    lowest and highest, and how many of all cohorts these are."""
    return optional(
        con,
        "fct_cleema_retention",
        """
        SELECT from_week AS week,
            sum(people) FILTER (NOT is_suppressed)::BIGINT AS people,
            100 * sum(active_people) / sum(people) FILTER (NOT is_suppressed) AS value,
            min(retention_pct) AS low, max(retention_pct) AS high,
            count(retention_pct) AS cohorts, count(*) AS all_cohorts
        FROM marts.fct_cleema_retention
        WHERE origin = $origin AND from_week = to_week
        GROUP BY from_week HAVING count(retention_pct) > 0 ORDER BY from_week
        """,
        {"origin": origin},
    )


def coverage(con: Connection, origin: str) -> pd.DataFrame:
    """One row per reason: what became of the answers of all months, most frequent first."""
    return optional(
        con,
        "fct_cleema_coverage",
        """
        SELECT reason, sum(answers)::BIGINT AS answers,
            100 * sum(answers) / sum(sum(answers)) OVER () AS value
        FROM marts.fct_cleema_coverage WHERE origin = $origin AND answers IS NOT NULL
        GROUP BY reason ORDER BY answers DESC
        """,
        {"origin": origin},
    )


def sensitivity(con: Connection, origin: str) -> pd.DataFrame:
    """One row per assumption or factor of the newest year, the one that moves most first."""
    return optional(
        con,
        "fct_cleema_sensitivity",
        """
        SELECT period_start, label_de, label_en, saving_at_low_kg_co2e AS low,
            saving_kg_co2e AS value, saving_at_high_kg_co2e AS high
        FROM marts.fct_cleema_sensitivity
        WHERE origin = $origin AND period_kind = 'year' AND period_start = (
            SELECT max(period_start) FROM marts.fct_cleema_sensitivity
            WHERE origin = $origin AND period_kind = 'year'
        )
        ORDER BY place LIMIT 10
        """,
        {"origin": origin},
    )


def unmapped(con: Connection, origin: str) -> pd.DataFrame:
    """One row per challenge that counts nothing, with why."""
    return optional(
        con,
        "fct_cleema_unmapped",
        "SELECT title, kind, start_date, end_date, reason, people_band "
        "FROM marts.fct_cleema_unmapped WHERE origin = $origin ORDER BY start_date DESC, title",
        {"origin": origin},
    )


def factors(con: Connection) -> pd.DataFrame:
    """One row per factor that counts today, by action; the register holds for every origin."""
    return optional(
        con,
        "dim_emission_factors",
        """
        SELECT f.action_code, a.name_de, a.name_en, a.unit_de, a.unit_en, f.value_kg_co2e,
            f.low_kg_co2e, f.high_kg_co2e, f.gas_scope, f.boundary, f.edition, f.source,
            f.source_url, f.evidence_class, f.sureness
        FROM marts.dim_emission_factors AS f
        INNER JOIN marts.dim_cleema_actions AS a ON f.action_code = a.action_code
        WHERE f.usage = 'saving' AND f.valid_to IS NULL ORDER BY a.action_group, a.name_de
        """,
    )


def assumptions(con: Connection) -> pd.DataFrame:
    """One row per assumption that holds today: shares first, then caps."""
    return optional(
        con,
        "dim_cleema_assumptions",
        """
        SELECT s.assumption, s.scope, a.name_de AS action_de, a.name_en AS action_en, a.unit_de,
            a.unit_en, s.low, s.central, s.high, s.evidence_class, s.edition, s.source, s.sureness,
            s.note_de, s.note_en
        FROM marts.dim_cleema_assumptions AS s
        LEFT JOIN marts.dim_cleema_actions AS a ON s.scope = a.action_code
        WHERE s.valid_to IS NULL
        ORDER BY s.assumption LIKE 'cap%', s.assumption, s.scope <> 'default', s.scope
        """,
    )
