"""A small city written by hand: raw rows whose marts can be worked out on paper.

Load 1 is the first build. Load 2 brings what comes late: corrections, gaps filled, a
withdrawn reading, a datastream described after its observations, another day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb

from urbandata.registry import source as known_source

Row = Mapping[str, Any]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    """``2025-07-01 12:00`` as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def grid(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """Instants from start to end, both included."""
    while start <= end:
        yield start
        start += step


def fill(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Append the rows of one load to the raw tables."""
    for put in (_gauges, _rain, _warnings, _air, _heat, _sensors):
        put(con, load_id)


def insert(
    con: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Row],
    load_id: int,
    origin: str = "real",
    payload: str = "",
) -> None:
    """Rows of one payload; columns not given stay empty. ``name`` is source__table."""
    source, _, table = name.partition("__")
    columns = list(known_source(source).tables[table].columns)
    unknown = {c for row in rows for c in row} - set(columns)
    assert not unknown, f"{name} has no columns {unknown}"
    payload = payload or f"{name}-{origin}-{load_id}"
    meta = [origin, payload, utc("2025-09-01 00:00") + load_id * HOUR, load_id]
    values = [[*(row.get(c) for c in columns), i, *meta] for i, row in enumerate(rows, start=1)]
    names = [*columns, "_row", "_origin", "_payload_id", "_fetched_at", "_load_id"]
    listed = ", ".join(f'"{n}"' for n in names)
    con.executemany(f"INSERT INTO raw.{name} ({listed}) VALUES ({_marks(names)})", values)


def insert_metered(
    con: duckdb.DuckDBPyConnection, rows: Sequence[Row], load_id: int, origin: str = "real"
) -> None:
    """Metered values, told with what their series says, as a file of their own."""
    heads = list(known_source("mscons").tables["series"].columns)[1:]
    numbers = {tuple(row.get(c) for c in heads): 0 for row in rows}
    numbers = {head: number for number, head in enumerate(numbers, start=1)}
    series = [{"series": n, **dict(zip(heads, head, strict=True))} for head, n in numbers.items()]
    values = [
        {k: v for k, v in row.items() if k not in heads}
        | {"series": numbers[tuple(row.get(c) for c in heads)]}
        for row in rows
    ]
    payload = f"mscons-{origin}-{load_id}-{rows[0]['interval_start']:%Y%m%d%H%M}"
    insert(con, "mscons__series", series, load_id, origin, payload)
    insert(con, "mscons__meter_values", values, load_id, origin, payload)


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def _level(at: datetime, cm: float | None, station: str = "DRESDEN") -> Row:
    return {"station": station, "series": "W", "measured_at": at, "value": cm, "unit": "cm"}


def _gauges(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """10 September 2025 (local): 410 cm, one hour 510 cm. 30 March: the short day."""
    name = "pegelonline__measurements"
    day = utc("2025-09-09 22:00")
    if load_id == 1:
        flood = list(grid(day, day + 23.75 * HOUR, 15 * MINUTE))
        rows = [_level(at, 510.0 if 40 <= i < 44 else 410.0) for i, at in enumerate(flood)]
        rows += [
            _level(at, 200.0)
            for at in grid(utc("2025-03-29 23:00"), utc("2025-03-30 21:45"), 15 * MINUTE)
        ]
        discharge = {**_level(day, 900.0), "series": "Q", "unit": "m³/s"}
        insert(con, name, [*rows, discharge, _level(day, 510.0, "PIRNA")], load_id)
        insert(con, name, [_level(day, 800.0)], load_id, origin="demo")
        return
    # corrected below level 1, withdrawn, and the first reading of the next local day
    late = [_level(day, 390.0), _level(day + 15 * MINUTE, None), _level(day + 24 * HOUR, 405.0)]
    insert(con, name, late, load_id)


def _rain(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Klotzsche, local 1 and 2 July 2025: 6 x 5 mm to 13:00 UTC, 6 x 4 mm the day after."""
    name = "dwd_rain__ten_minutes"

    def slot(end: datetime, mm: float) -> Row:
        return {
            "station_id": "1048",
            "measured_at": end.replace(tzinfo=None),
            "quality_level": 3,
            "precipitation": mm,
        }

    late = utc("2025-07-01 21:30")
    if load_id == 2:
        insert(con, name, [slot(late, 3.0)], load_id)
        return
    wet = dict.fromkeys(grid(utc("2025-07-01 12:10"), utc("2025-07-01 13:00"), 10 * MINUTE), 5.0)
    wet |= dict.fromkeys(grid(utc("2025-07-02 15:10"), utc("2025-07-02 16:00"), 10 * MINUTE), 4.0)
    ends = grid(utc("2025-06-30 22:10"), utc("2025-07-02 22:00"), 10 * MINUTE)
    insert(con, name, [slot(end, wet.get(end, 0.0)) for end in ends if end != late], load_id)
    days = [
        {"station_id": "1048", "observed_on": day, "precipitation": mm, "temperature_max": 25.0}
        for day, mm in [(date(2025, 7, 1), 28.0), (date(2025, 7, 3), 31.0)]
    ]
    insert(con, "dwd_rain__daily", days, load_id)


def _warnings(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """One right warning in two messages, one false alarm, one message for another place."""
    if load_id != 1:
        return

    def message(identifier: str, sent: str, onset: str, expires: str, **more: Any) -> Row:
        return {
            "identifier": identifier,
            "status": "Actual",
            "message_type": "Alert",
            "sent_at": utc(sent),
            "onset_at": utc(onset),
            "expires_at": utc(expires),
            "event": "STARKREGEN",
            "severity": "Moderate",
            "warncell_id": "114612000",
            **more,
        }

    rows = [
        message("A", "2025-07-01 11:00", "2025-07-01 12:00", "2025-07-01 14:00"),
        message(
            "B", "2025-07-01 11:30", "2025-07-01 12:15", "2025-07-01 16:00",
            message_type="Update", references_text="dwd,A,2025-07-01T11:00:00+00:00",
            severity="Severe",
        ),
        message("C", "2025-07-01 23:00", "2025-07-02 01:00", "2025-07-02 04:00"),
        message("D", "2025-07-03 09:00", "2025-07-03 10:00", "2025-07-03 12:00", warncell_id="1"),
    ]  # fmt: skip
    insert(con, "dwd_warnings__messages", rows, load_id)


def _air(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """2024 at DESN061: NO2 30 µg/m³ in 7600 of 8784 hours, PM10 in 7000; two high hours."""
    name = "uba_air__measures"

    def hour(number: int, component: int, value: float) -> Row:
        start = datetime(2024, 1, 1) + number * HOUR  # noqa: DTZ001 - the source writes CET
        return {
            "station_id": "298",
            "station_code": "DESN061",
            "component_id": component,
            "scope_id": 2,
            "date_start": start,
            "date_end": start + HOUR,
            "value": value,
        }

    if load_id == 2:
        insert(con, name, [hour(0, 5, 230.0), hour(1, 5, 210.0)], load_id)
        return
    for component, hours in [(5, 7600), (1, 7000)]:
        first = hour(0, component, 30.0)
        insert(con, name, [first], load_id)
        con.execute(
            f"INSERT INTO raw.{name} BY NAME SELECT * EXCLUDE (n) REPLACE ("
            "date_start + to_hours(n) AS date_start, date_end + to_hours(n) AS date_end, "
            f"n + 1 AS _row) FROM raw.{name}, range(1, ?) AS hours (n) WHERE component_id = ?",
            [hours, component],
        )


def _heat(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Sensor 7 on local 1 July 2025: 21 °C, 31 °C at 14:00; late: 19 °C at 04:00."""

    def reading(hour: int, value: float) -> Row:
        return {
            "sensor_id": "7",
            "sensor_name": "Postplatz",
            "parameter": "Lufttemperatur 2m",
            "value": value,
            "unit": "°C",
            "measured_local": datetime(2025, 7, 1, hour),  # noqa: DTZ001 - local clock
            "latitude": 51.0511,
            "longitude": 13.7387,
        }

    hours = range(24) if load_id == 1 else [4]
    rows = [reading(h, {4: 19.0 if load_id == 2 else 21.0, 14: 31.0}.get(h, 21.0)) for h in hours]
    insert(con, "dresden_ogc_features__klips", rows, load_id)


def _sensors(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """A city sensor: two spans of five minutes, described only by the second load."""
    if load_id == 2:
        told = {"datastream_id": "9", "thing_name": "Prohlis", "unit": "mm"}
        row = {**told, "observed_property": "Niederschlag"}
        insert(con, "sensorthings__datastreams", [row], load_id)
        return
    starts = [utc("2025-07-05 10:00"), utc("2025-07-05 10:05")]
    rows = [
        {
            "datastream_id": "9",
            "observation_id": str(i),
            "phenomenon_start": start,
            "phenomenon_end": start + 5 * MINUTE,
            "result": 0.5,
        }
        for i, start in enumerate(starts)
    ]
    insert(con, "sensorthings__observations", rows, load_id)
