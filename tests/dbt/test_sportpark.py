"""Sports park models on a warehouse of hand-made rows: a Monday in a hall, worked out on paper.

Hall open 8:00 to 21:30 on Mondays (seed): 810 minutes, of which a closure takes 12:00 to 13:00.
Booked: 16:00-17:30 by a club that comes (9 people), 17:30-19:00 by a person who does not, 19:00-
20:30 by a club that cancelled in the second answer of the calendar.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from tests.dbt.city import grid, insert, insert_metered, utc
from urbandata import registry, transform, warehouse
from urbandata.settings import Settings

MODELS = ("--select", "+path:models/intermediate/sportpark")
QUARTER = timedelta(minutes=15)


def _booking(uid: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    begin, finish = utc(f"2025-07-07 {start}"), utc(f"2025-07-07 {end}")
    return {
        "calendar": "sporthalle-2024-25.ics",
        "uid": uid,
        "occurrence": f"20250707T{start.replace(':', '')}00",
        "starts_local": begin.replace(tzinfo=None) + timedelta(hours=2),
        "ends_local": finish.replace(tzinfo=None) + timedelta(hours=2),
        "zone": "Europe/Berlin",
        "starts_at": begin,
        "ends_at": finish,
        "is_all_day": False,
        "is_series": False,
        "is_changed": False,
        "is_transparent": False,
        "status": "CONFIRMED",
        "categories": "club",
        "location": "Sporthalle des Sportschulzentrums",
        "requested_at": utc("2025-07-01 08:00"),
        "confirmed_at": utc("2025-07-01 14:00"),
        **more,
    }


def _fill(con: duckdb.DuckDBPyConnection) -> None:
    closure = _booking("x", "10:00", "11:00", categories="closure", location="Sportpark Ostra")
    rows = [
        _booking("a", "14:00", "15:30"),
        _booking("b", "15:30", "17:00", categories="person"),
        _booking("c", "17:00", "18:30"),
        closure,
    ]
    insert(con, "ical__bookings", rows, 1)
    cancelled = _booking("c", "17:00", "18:30", status="CANCELLED", sequence=1)
    insert(con, "ical__bookings", [*rows[:2], cancelled, closure], 2)
    arriving = {utc("2025-07-07 14:00"): 5, utc("2025-07-07 14:15"): 4}
    uplinks = [
        {
            "device_id": "pc-sporthalle",
            "session_key_id": "s",
            "frame_counter": number,
            "received_at": at,
            "count_in": arriving.get(at, 0),
            "count_out": 0,
        }
        for number, at in enumerate(grid(utc("2025-07-07 06:00"), utc("2025-07-07 20:00"), QUARTER))
    ]
    insert(con, "people_counters__uplinks", uplinks, 1)
    insert(con, "people_counters__uplinks", uplinks[-4:], 2)  # the overlap, asked again
    day = list(grid(utc("2025-07-06 22:00"), utc("2025-07-07 21:45"), QUARTER))
    water = [
        {
            "market_location": "DE00000001067DEMOSPORTPARK0000003",
            "obis": "8-0:1.0.0",
            "interval_start": at,
            "interval_end": at + QUARTER,
            "value": 0.25,
            "unit": "MTQ",
            "qualifier": "220",
            "message_ref": "1",
            "message_function": "9",
        }
        for at in day
    ]
    insert_metered(con, water, 1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The models of the sports park, built with all their tests."""
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, registry.sources())
        _fill(con)
    build = transform.build(settings, "hand-made", MODELS)
    assert build.ok, build.message
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        yield con


def test_utilisation_of_the_hall(built):
    """180 of 750 bookable minutes: the cancelled booking leaves the hall free."""
    found = built.execute(
        "SELECT sum(bookable_minutes), sum(booked_minutes), sum(is_closed::int) * 15 "
        "FROM intermediate.int_sportpark__quarters WHERE facility_id = 'sporthalle'"
    ).fetchall()
    assert found == [(750, 180, 60)]


def test_a_closure_of_the_park_shuts_every_facility(built):
    found = built.execute(
        "SELECT count(*), sum(bookable_minutes) FROM intermediate.int_sportpark__quarters "
        "WHERE quarter_at >= '2025-07-07 10:00:00Z' AND quarter_at < '2025-07-07 11:00:00Z'"
    ).fetchall()
    assert found == [(10 * 4, 0)]


def test_who_came_and_who_did_not(built):
    found = built.execute(
        "SELECT b.booking_uid, a.outcome, a.people_in, b.answer_h "
        "FROM intermediate.int_sportpark__attendance a "
        "JOIN intermediate.int_sportpark__bookings b USING (origin, booking_id, facility_id) "
        "ORDER BY 1"
    ).fetchall()
    assert found == [("a", "kept", 9, 6.0), ("b", "absent", 0, 6.0)]


def test_an_uplink_fetched_twice_counts_once(built):
    found = built.execute(
        "SELECT sum(people_in), count(*), count(DISTINCT quarter_at) "
        "FROM intermediate.int_sportpark__passages"
    ).fetchall()
    assert found == [(9, 57, 57)]


def test_water_of_a_day(built):
    found = built.execute(
        "SELECT meter_site, quantity, energy_kwh, volume_m3, intervals_with_value, "
        "intervals_expected FROM intermediate.int_sportpark__consumption"
    ).fetchall()
    assert found == [("ostra_pitches", "water", None, 24.0, 96, 96)]
