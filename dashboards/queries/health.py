"""Queries of the page on the state of the data."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import pandas as pd

from queries.builds import frame
from urbandata import suites
from urbandata.errors import ConfigError
from urbandata.masking import masked
from urbandata.serving import Connection

QUARANTINE_ROWS = 500
FETCHES = 50


def sources(con: Connection, origin: str, now: datetime) -> pd.DataFrame:
    """One row per source: how it stands at ``now``, which may be long after the build.

    ``age_s`` counts from what the source promises: its newest data or its last fetch.
    """
    return frame(
        con,
        """
        WITH latest_checks AS (
            SELECT c.source, c.success
            FROM ops.checks AS c
            SEMI JOIN (SELECT payload_id FROM ops.payloads WHERE origin = $origin)
                USING (payload_id)
            QUALIFY row_number() OVER (
                PARTITION BY c.source, c.table_name, c.check_name, c.column_name, c.why
                ORDER BY c.checked_at DESC
            ) = 1
        ),

        checks AS (
            SELECT source, count(*) AS checks, count_if(NOT success) AS checks_failed
            FROM latest_checks GROUP BY source
        ),

        standing AS (
            SELECT *,
                epoch($now::TIMESTAMPTZ) - epoch(
                    CASE promise_on WHEN 'data' THEN newest_event_at ELSE last_success_at END
                ) AS age_s
            FROM ops.sources
            LEFT JOIN (SELECT * FROM ops.source_status WHERE origin = $origin) USING (source)
        )

        SELECT s.source, s.title_de, s.title_en, s.producer, s.protocol, s.homepage,
            s.licence_id, s.licence_url, s.licence_verified, s.caveats_de, s.caveats_en,
            s.promise_on, s.promise_s, s.every_s, s.age_s, s.last_attempt_at,
            s.last_success_at, s.newest_event_at,
            coalesce(s.rows, 0) AS rows, coalesce(s.quarantined, 0) AS quarantined,
            coalesce(s.held_or_refused, 0) AS held_or_refused, coalesce(s.gaps, 0) AS gaps,
            coalesce(s.failures_24h, 0) AS failures_24h,
            coalesce(s.attempts_24h, 0) AS attempts_24h,
            coalesce(k.checks, 0) AS checks, coalesce(k.checks_failed, 0) AS checks_failed,
            CASE
                WHEN coalesce(s.state, 'never') IN ('never', 'failing')
                    THEN coalesce(s.state, 'never')
                WHEN s.age_s IS NULL OR s.age_s > s.promise_s THEN 'late'
                ELSE 'ok'
            END AS state
        FROM standing AS s
        LEFT JOIN checks AS k ON s.source = k.source
        ORDER BY s.source
        """,
        {"origin": origin, "now": now.isoformat()},
    )


def checks(con: Connection, origin: str, source: str) -> pd.DataFrame:
    """The newest result of every check of a source, failed ones first, and how often it ran."""
    return frame(
        con,
        """
        SELECT c.table_name, c.check_name, c.column_name, c.severity, c.success,
            c.unexpected_count, c.element_count, c.why,
            c.checked_at AT TIME ZONE 'Europe/Berlin' AS checked_at,
            count(*) OVER same AS runs, count(*) FILTER (NOT c.success) OVER same AS failed_runs
        FROM ops.checks AS c
        SEMI JOIN (SELECT payload_id FROM ops.payloads WHERE origin = $origin) USING (payload_id)
        WHERE c.source = $source
        WINDOW same AS (PARTITION BY c.table_name, c.check_name, c.column_name, c.why)
        QUALIFY row_number() OVER (
            PARTITION BY c.table_name, c.check_name, c.column_name, c.why
            ORDER BY c.checked_at DESC
        ) = 1
        ORDER BY c.success, c.table_name, c.column_name, c.check_name
        """,
        {"origin": origin, "source": source},
    )


def fetches(con: Connection, origin: str, source: str) -> pd.DataFrame:
    """The newest attempts to get a source, failures included; local clock."""
    return frame(
        con,
        f"""
        SELECT finished_at AT TIME ZONE 'Europe/Berlin' AS finished_at, resource, outcome, status,
            bytes, tries, error
        FROM ops.fetches WHERE origin = $origin AND source = $source
        ORDER BY fetches.finished_at DESC LIMIT {FETCHES}
        """,
        {"origin": origin, "source": source},
    )


def gaps(con: Connection, origin: str, source: str) -> pd.DataFrame:
    """Stretches no fetched window of an interval source covers, newest first; local clock."""
    return frame(
        con,
        """
        WITH reach AS (
            SELECT window_start, max(window_end) OVER (
                ORDER BY window_start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS covered_until
            FROM ops.covered_windows
            WHERE origin = $origin AND source = $source
                AND source IN (SELECT source FROM ops.sources WHERE kind = 'interval')
        )

        SELECT covered_until AT TIME ZONE 'Europe/Berlin' AS gap_start,
            window_start AT TIME ZONE 'Europe/Berlin' AS gap_end
        FROM reach WHERE window_start > covered_until
        ORDER BY window_start DESC
        """,
        {"origin": origin, "source": source},
    )


def quarantine_reasons(con: Connection, origin: str) -> pd.DataFrame:
    """One row per source and reason: how many records were turned away, newest fetch."""
    return frame(
        con,
        """
        SELECT q.source, q.reason, count(*) AS records,
            max(p.fetched_at) AT TIME ZONE 'Europe/Berlin' AS newest
        FROM ops.quarantine AS q
        INNER JOIN ops.payloads AS p ON q.source = p.source AND q.payload_id = p.payload_id
        WHERE p.origin = $origin
        GROUP BY q.source, q.reason ORDER BY records DESC, q.source, q.reason
        """,
        {"origin": origin},
    )


def quarantine(
    con: Connection,
    origin: str,
    source: str | None,
    reason: str | None,
    limit: int | None = QUARANTINE_ROWS,
) -> pd.DataFrame:
    """Records turned away, newest first; None means all sources, all reasons, all rows.

    Whatever may point to a person is hidden here, so that no caller can forget it.
    """
    found = frame(
        con,
        """
        SELECT p.fetched_at AT TIME ZONE 'Europe/Berlin' AS fetched_at, q.source, q.table_name,
            q."row", q.reason, q.record, p.resource, p.filename, q.payload_id
        FROM ops.quarantine AS q
        INNER JOIN ops.payloads AS p ON q.source = p.source AND q.payload_id = p.payload_id
        WHERE p.origin = $origin
            AND ($source::VARCHAR IS NULL OR q.source = $source)
            AND ($reason::VARCHAR IS NULL OR q.reason = $reason)
        ORDER BY p.fetched_at DESC, q.payload_id, q.table_name, q."row"
        LIMIT $limit
        """,
        {"origin": origin, "source": source, "reason": reason, "limit": limit},
    )
    return found.assign(record=found["record"].map(masked, na_action="ignore"))


def held(con: Connection, origin: str) -> pd.DataFrame:
    """Payloads that were held or refused as a whole, newest first; local clock.

    Their messages are without the source and the file, which have columns of their own.
    """
    return frame(
        con,
        """
        SELECT fetched_at AT TIME ZONE 'Europe/Berlin' AS fetched_at, source, resource, filename,
            state,
            regexp_replace(message, '^' || regexp_escape(
                source || ': ' || coalesce(nullif(filename, ''), resource) || ': '
            ), '') AS message,
            payload_id
        FROM ops.payloads
        WHERE origin = $origin AND state <> 'accepted'
        ORDER BY payloads.fetched_at DESC
        """,
        {"origin": origin},
    )


def builds(con: Connection) -> pd.DataFrame:
    """All builds this one knows of, newest first; local clock."""
    return frame(
        con,
        """
        SELECT build_id, started_at AT TIME ZONE 'Europe/Berlin' AS started_at,
            epoch(finished_at) - epoch(builds.started_at) AS duration_s,
            state, models, tests, failed, warned, message
        FROM ops.builds ORDER BY builds.started_at DESC
        """,
    )


def build_problems(con: Connection) -> pd.DataFrame:
    """Models and tests of the newest build that failed or warned."""
    return frame(
        con,
        """
        SELECT name, resource_type, status, failures, message FROM ops.dbt_results
        WHERE build_id = (SELECT arg_max(build_id, started_at) FROM ops.builds)
            AND status NOT IN ('success', 'pass', 'skipped')
        ORDER BY status, name
        """,
    )


def in_german(source: str, why: str) -> str:
    """Why a check is made, in German; as the build has it if the suite no longer says so."""
    return _german(source).get(why, why)


@cache
def _german(source: str) -> dict[str, str]:
    """German by English reasons of a source's checks; they change with the code only."""
    try:
        tables = suites.of(source)
    except ConfigError:  # a build may hold checks of a source that has gone
        return {}
    return {c["meta"]["why"]: c["meta"]["why_de"] for checks in tables.values() for c in checks}
