"""One Monday in the sports park: five bookings, one counter, two meters, the month of the app."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from tests.dbt.city import HOUR, MINUTE, insert, insert_metered, utc

Row = dict[str, Any]
QUARTER = 15 * MINUTE


def fill(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Load 2 is the same calendar asked again: nothing counts twice."""
    insert(con, "ical__bookings", _bookings(), load_id, origin="demo")
    if load_id == 2:
        return
    insert(con, "people_counters__uplinks", _frames(), load_id, origin="demo")
    usage = {"period": "2025-06", "visits": 300, "unique_visitors": 120}
    insert(con, "sportpark_app__usage", [usage], load_id, origin="demo")
    insert_metered(con, _meters(), load_id, origin="demo")


def _bookings() -> list[Row]:
    """7 July 2025 (local): school 10 to 11, person 12 to 12:30, cancelled 14 to 15,

    youth club 18 to 19:30 (occurrence of a series), all in the hall; club 18 to 19 on the pitch.
    """
    hall = "Ballspielhalle"
    told = [
        ("S", "school", hall, "08:00", 60, 30),
        ("P", "person", hall, "10:00", 30, None),
        ("C", "club", hall, "12:00", 60, None),
        ("U", "club,youth", hall, "16:00", 90, 10),
        ("K", "club", "Kunstrasenplatz 1", "16:00", 60, None),
    ]
    rows = [_booking(*row) for row in told]
    rows[2]["status"] = "CANCELLED"
    # next week's occurrence of the series: asked for once, and not yet judged
    later = _booking("U", "club,youth", hall, "16:00", 90, 10)
    moved = {k: later[k] + 98 * 24 * HOUR for k in ("starts_at", "ends_at", "starts_local")}
    return [*rows, {**later, **moved, "occurrence": "2025-10-13"}]


def _booking(
    uid: str, words: str, place: str, start: str, minutes: int, answer_h: int | None
) -> Row:
    at = utc(f"2025-07-07 {start}")
    asked = utc("2025-06-02 08:00")
    return {
        "calendar": "hallen",
        "uid": uid,
        "occurrence": "2025-07-07",
        "starts_at": at,
        "ends_at": at + minutes * MINUTE,
        "starts_local": datetime.fromisoformat(f"2025-07-07T{start}") + 2 * HOUR,
        "zone": "Europe/Berlin",
        "is_all_day": False,
        "is_series": uid == "U",
        "is_changed": False,
        "is_transparent": False,
        "status": "CONFIRMED",
        "categories": words,
        "location": place,
        "requested_at": None if answer_h is None else asked,
        "confirmed_at": None if answer_h is None else asked + answer_h * HOUR,
    }


def _frames() -> list[Row]:
    """The hall's counter: nobody at school time, five people for the club, silent at noon."""
    start = utc("2025-07-07 08:00")
    morning = [start + n * QUARTER for n in range(5)]
    evening = [start + n * QUARTER for n in range(32, 40)]
    return [
        {
            "device_id": "pc-ballspielhalle",
            "received_at": at,
            "session_key_id": "a",
            "frame_counter": number,
            "count_in": 5 if at == utc("2025-07-07 16:15") else 0,
            "count_out": 0,
        }
        for number, at in enumerate([*morning, *evening], start=1)
    ]


def _meters() -> list[Row]:
    """40 kWh in the halls and 2 m³ on the pitches, an hour of 7 July."""
    points = [
        ("DE00000001067DEMOSPORTPARK0000002", "1-1:1.29.0", 10.0, None),
        ("DE00000001067DEMOSPORTPARK0000003", "8-0:1.0.0", 0.5, "MTQ"),
    ]
    return [
        {
            "market_location": point,
            "obis": obis,
            "interval_start": utc("2025-07-07 08:00") + n * QUARTER,
            "interval_end": utc("2025-07-07 08:15") + n * QUARTER,
            "value": value,
            "unit": unit,
            "qualifier": "220",
            "message_ref": "S",
            "message_function": "9",
            "created_at": utc("2025-08-03 06:00"),
        }
        for point, obis, value, unit in points
        for n in range(4)
    ]
