"""A long history of a city's sensors, made by SQL in the raw tables of a warehouse.

One load a day, as if the platform had run all the time; the values are invented and always the
same. Rain is some 700 mm a year, in showers of two hours, seven of them heavy. Rows a day grow with
the number of series, so any size can have the same span of years.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from urbandata import registry, warehouse
from urbandata.settings import Settings

DAYS = 3 * 365
FIRST = date(2020, 7, 1)
STEP_ROWS = 5_000_000  # made in one go: few enough to stay in memory

# One share of a city of 500 sensors: series by kind. With all of them 191,000 rows a day.
CITY = {"rain": 350, "level": 150, "detector": 200, "bicycle": 60, "gauge": 20, "air": 25}
MINUTES = {"rain": 5, "level": 10, "detector": 10, "bicycle": 15, "gauge": 15, "air": 60}
PER_SLOT = {"detector": 2, "air": 4}  # flow and speed; four pollutants
ENERGY_ROWS_A_DAY = 9 * 96  # every metering point that the seeds know, in quarters of an hour

SLOTS = """
    SELECT series.n AS n, days.d AS d, slots.i AS i,
        make_timestamptz(epoch_us(days.d) + slots.i * {minutes} * 60000000) AS ts,
        hash(series.n, days.d, slots.i) AS h,
        'demo' AS _origin, days.payload AS _payload_id,
        series.n * {slots} + slots.i AS _row,
        make_timestamptz(epoch_us(days.d) + 90000000000) AS _fetched_at,
        {load_id} + date_diff('day', DATE '{first}', days.d::DATE) AS _load_id
    FROM (SELECT d, sha256('{kind}' || d::VARCHAR) AS payload
            FROM range(TIMESTAMP '{first}', TIMESTAMP '{end}', INTERVAL 1 DAY) AS days (d)) AS days,
        range({count}) AS series (n), range({slots}) AS slots (i)
    ORDER BY d, n, i"""
META = "_origin, _payload_id, _row, _fetched_at, _load_id"
FILLS = {  # kind: table, columns of a slot
    "rain": ("sensorthings__observations", """
        '' || n AS datastream_id, '' || (_load_id * 1000000000 + _row) AS observation_id,
        ts AS phenomenon_start, ts + INTERVAL 5 MINUTE AS phenomenon_end,
        ts + INTERVAL 5 MINUTE AS result_time,
        CASE WHEN hash(n // 50, d, i // 24) % 600 = 0 THEN h % 30 / 10
            WHEN hash(n // 50, d, i // 24) % 12 = 0 THEN h % 3 / 20 ELSE 0 END AS "result" """),
    "level": ("sensorthings__observations", """
        'L' || n AS datastream_id, '' || (_load_id * 1000000000 + 500000000 + _row)
        AS observation_id, ts AS phenomenon_start, NULL AS phenomenon_end, ts AS result_time,
        20 + h % 100 / 10 AS "result" """),
    "detector": ("datex2__traffic_measurements", """
        'D' || n AS site_id, ts AS measured_at, unnest([0, 1]) AS value_index,
        unnest(['flow', 'speed']) AS quantity, unnest([h % 900, 25 + h % 40])::DOUBLE AS value,
        unnest(['veh/h', 'km/h']) AS unit, ts + INTERVAL 1 MINUTE AS published_at"""),
    "bicycle": ("eco_counter__counts", """
        n AS channel, make_timestamp(epoch_us(ts)) AS measured_local,
        h % 120 AS count, 0 AS status"""),
    "gauge": ("pegelonline__measurements", """
        CASE n WHEN 0 THEN 'DRESDEN' ELSE 'PEGEL' || n END AS station, 'W' AS series,
        ts AS measured_at, 150 + 100 * sin(date_diff('day', DATE '2023-01-01', d::DATE) / 20.0)
        + h % 10 AS value, 'cm' AS unit"""),
    "air": ("uba_air__measures", """
        '' || n AS station_id, 'DESN' || lpad('' || n, 3, '0') AS station_code,
        unnest([1, 3, 5, 9]) AS component_id, 2 AS scope_id,
        make_timestamp(epoch_us(ts)) AS date_start,
        make_timestamp(epoch_us(ts)) + INTERVAL 1 HOUR AS date_end,
        (10 + h % 30)::DOUBLE AS value, NULL AS "index" """),
}  # fmt: skip
ENERGY = """
    INSERT INTO raw.mscons__meter_values BY NAME
    SELECT n AS series, ts AS interval_start, ts + INTERVAL 15 MINUTE AS interval_end,
        5 + h % 20 / 10 AS value, 'KWH' AS unit, '220' AS qualifier, {meta}
    FROM ({slots}) WHERE n IN (SELECT number FROM points) ORDER BY ts"""
SERIES = """
    INSERT INTO raw.mscons__series BY NAME
    SELECT n AS series, points.market_location, points.obis, 'M' || _load_id AS message_ref,
        '9' AS message_function, _fetched_at AS created_at, {meta}
    FROM ({slots}) JOIN points ON n = points.number WHERE i = 0"""
CHANNELS = """
    INSERT INTO raw.eco_counter__channels BY NAME
    SELECT n AS channel, 'B' || n AS site_id, 'Zählstelle ' || n AS site_name,
        'B' || n AS channel_id, 'gesamt' AS channel_name, {meta}
    FROM ({slots}) WHERE i = 0"""
DATASTREAMS = """
    INSERT INTO raw.sensorthings__datastreams BY NAME
    SELECT '' || n AS datastream_id, '' || n AS thing_id, 'Regen ' || n AS thing_name,
        'Regen' AS name, 'Niederschlag' AS observed_property, 'mm' AS unit,
        51.0 + n % 100 / 1000 AS latitude, 13.7 + n // 100 / 100 AS longitude,
        'demo' AS _origin, 'streams' AS _payload_id, n AS _row,
        TIMESTAMPTZ '2023-07-01 00:00:00+00' AS _fetched_at, 1 AS _load_id
    FROM range({count}) AS series (n)"""
OTHERS = {"eco_counter__channels", "mscons__meter_values", "mscons__series"}
LOADS = """
    INSERT INTO ops.loads (load_id, loaded_at, payloads, conflicts)
    SELECT unnest(range({load_id}, {load_id} + {days})), now(), 1, 0"""
FILES = """
    INSERT INTO ops.loaded_files
    SELECT loads.load_id || tables.name, split_part(tables.name, '__', 1),
        split_part(tables.name, '__', 2), 'bronze', 1, loads.load_id, loads.loaded_at, NULL, NULL
    FROM ops.loads AS loads, (SELECT unnest({tables}) AS name) AS tables
    WHERE loads.load_id > (SELECT coalesce(max(load_id), 0) FROM ops.loaded_files)"""


@dataclass(frozen=True, slots=True)
class City:
    """How many series of each kind."""

    series: dict[str, int]

    @classmethod
    def of(cls, rows: int, days: int = DAYS) -> City:
        """The city whose sensors bring about so many rows in so many days."""
        share = max(0.0, rows / days - ENERGY_ROWS_A_DAY) / sum(
            _a_day(k) * n for k, n in CITY.items()
        )
        return cls({kind: max(1, round(share * count)) for kind, count in CITY.items()})

    def rows_a_day(self) -> int:
        """Rows that one day brings."""
        return ENERGY_ROWS_A_DAY + sum(_a_day(k) * n for k, n in self.series.items())


def _a_day(kind: str) -> int:
    return 1440 // MINUTES[kind] * PER_SLOT.get(kind, 1)


def fill(settings: Settings, city: City, first: int, days: int) -> int:
    """Append ``days`` days of rows, from the day with this number on; rows the tables hold now."""
    with warehouse.writing(settings) as con:
        con.execute("SET preserve_insertion_order = false; SET memory_limit = '2GB'")
        warehouse.prepare(con, registry.sources())
        load_id = _scalar(con, "SELECT coalesce(max(load_id), 0) + 1 FROM ops.loads")
        if load_id == 1:
            con.execute(DATASTREAMS.format(count=city.series["rain"]))
        con.execute(_points(settings))
        step = max(1, STEP_ROWS // city.rows_a_day())
        for start in range(first, first + days, step):
            end = min(start + step, first + days)
            _fill(con, city, start, end, load_id + start - first)
        con.execute(LOADS.format(load_id=load_id, days=days))
        names = sorted({table for table, _ in FILLS.values()} | OTHERS)
        con.execute(FILES.format(tables=names))
        return sum(_scalar(con, f"SELECT count(*) FROM raw.{name}") for name in names)


def _fill(con: duckdb.DuckDBPyConnection, city: City, start: int, end: int, load_id: int) -> None:
    for kind, (table, columns) in FILLS.items():
        slots = _slots(kind, city.series[kind], start, end, load_id)
        con.execute(f"INSERT INTO raw.{table} BY NAME SELECT {columns}, {META} FROM ({slots})")
    bicycles = _slots("bicycle", city.series["bicycle"], start, end, load_id)
    con.execute(CHANNELS.format(slots=bicycles, meta=META))
    energy = _slots("energy", 9, start, end, load_id)
    for insert in (ENERGY, SERIES):
        con.execute(insert.format(slots=energy, meta=META))


def _slots(kind: str, count: int, start: int, end: int, load_id: int) -> str:
    minutes = MINUTES.get(kind, 15)
    first = FIRST + timedelta(days=start)
    return SLOTS.format(
        kind=kind,
        minutes=minutes,
        count=count,
        slots=1440 // minutes,
        load_id=load_id,
        first=first,
        end=FIRST + timedelta(days=end),
    )


def _points(settings: Settings) -> str:
    seeds = settings.dbt_dir / "seeds" / "energy"
    return f"""
        CREATE OR REPLACE TEMP TABLE points AS
        SELECT row_number() OVER (ORDER BY market_location) - 1 AS number, market_location,
            CASE direction WHEN 'import' THEN '1-0:1.8.0' ELSE '1-0:2.8.0' END AS obis
        FROM read_csv('{seeds}/metering_points.csv', all_varchar := true)"""


def _scalar(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
