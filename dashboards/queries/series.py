"""Long series, thinned in the database: lows and highs stay, gaps stay gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from queries.builds import frame
from urbandata.serving import Connection

MAX_POINTS = 2000
BUCKETS = 650  # each gives a low, a high and at most one gap
DAY_S = 86_400
GAP_INTERVALS = 2


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of a mart that is drawn over time; ``interval_s`` is its regular spacing."""

    table: str
    key: str
    time: str
    value: str
    interval_s: int


WATER_LEVEL = Measure("fct_gauge_levels", "station", "measured_at", "water_level_cm", 900)
RAIN_1H = Measure("fct_rain_10min", "station_id", "interval_end_at", "rolling_60min_mm", 600)
RAIN_6H = Measure("fct_rain_10min", "station_id", "interval_end_at", "rolling_6h_mm", 600)


def bucket_s(days: int, interval_s: int) -> int:
    """Width of a bucket in seconds: the interval itself while all points fit."""
    span = days * DAY_S
    return interval_s if span <= interval_s * MAX_POINTS * 0.95 else -(-span // BUCKETS)


def read(
    con: Connection,
    measure: Measure,
    origin: str,
    keys: Sequence[str],
    start: date,
    end: date,
) -> pd.DataFrame:
    """Columns series, at (local clock), value; at most about 2,000 rows per series.

    ``start`` and ``end`` are local days, both included. Where readings are further apart than
    twice the interval, and further than a bucket is wide, a row without a value breaks the line.
    """
    bucket = bucket_s((end - start).days + 1, measure.interval_s)
    return frame(
        con,
        THINNED.format(m=measure),
        {
            "origin": origin,
            "keys": list(keys),
            "start": start,
            "end": end,
            "bucket_s": bucket,
            "gap_s": max(GAP_INTERVALS * measure.interval_s, bucket),
        },
    )


def read_all(
    con: Connection,
    measure: Measure,
    origin: str,
    keys: Sequence[str],
    start: date,
    end: date,
) -> pd.DataFrame:
    """Every value, not thinned, for the download; times in UTC (ISO 8601)."""
    return frame(
        con,
        ALL_VALUES.format(m=measure),
        {"origin": origin, "keys": list(keys), "start": start, "end": end},
    )


ALL_VALUES = """
SELECT {m.key} AS station, strftime({m.time}, '%Y-%m-%dT%H:%M:%SZ') AS {m.time}, {m.value}
FROM marts.{m.table}
WHERE origin = $origin AND list_contains($keys, {m.key})
    AND local_date BETWEEN $start AND $end
ORDER BY {m.key}, {m.table}.{m.time}
"""
THINNED = """
WITH readings AS (
    SELECT
        {m.key} AS series,
        {m.time} AS instant,
        {m.value} AS value,
        epoch({m.time}) - epoch(lag({m.time}) OVER (PARTITION BY {m.key} ORDER BY {m.time}))
            AS pause_s
    FROM marts.{m.table}
    WHERE origin = $origin AND list_contains($keys, {m.key})
        AND local_date BETWEEN $start AND $end AND {m.value} IS NOT NULL
),

segmented AS (
    SELECT
        *,
        count_if(pause_s > $gap_s) OVER (PARTITION BY series ORDER BY instant) AS segment
    FROM readings
),

bucketed AS (
    SELECT
        series,
        min(value) AS low,
        arg_min(instant, value) AS low_at,
        max(value) AS high,
        arg_max(instant, value) AS high_at
    FROM segmented
    GROUP BY series, segment, time_bucket(to_seconds($bucket_s), instant)
),

newest AS (
    SELECT series, instant, value FROM readings
    QUALIFY row_number() OVER (PARTITION BY series ORDER BY instant DESC) = 1
),

points AS (
    SELECT series, low_at AS instant, low AS value FROM bucketed
    UNION
    SELECT series, high_at, high FROM bucketed
    UNION
    SELECT series, instant, value FROM newest
    UNION
    SELECT series, instant - to_microseconds((pause_s * 500000)::BIGINT), NULL
    FROM segmented
    WHERE pause_s > $gap_s
)

SELECT series, instant AT TIME ZONE 'Europe/Berlin' AS "at", value
FROM points
ORDER BY series, instant
"""
