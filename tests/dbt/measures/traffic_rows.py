"""Car parks, counters and departures of single days, whose KPIs can be worked out on paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from tests.dbt.city import HOUR, insert, utc

Row = dict[str, Any]
CHANNELS = {"S1": 1, "S2": 2}


def fill(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Load 2 corrects one hour of parking and brings a departure's last delay."""
    if load_id == 2:
        insert(con, "parkapi__occupancy", [_parked("small", 7, 38, 100)], load_id)
        insert(con, "vvo_departures__departures", [_departure("301", 100)], load_id)
        return
    _parking(con, load_id)
    bikes = {"eco_counter__channels": [_site("S1"), _site("S2")],
             "eco_counter__counts": [*_bikes_2024(), *_bikes_2025()]}  # fmt: skip
    for name, rows in bikes.items():
        insert(con, name, rows, load_id, payload="bikes")
    insert(con, "vvo_departures__departures", _departures(), load_id)
    insert(con, "datex2__traffic_measurements", _counter(), load_id)
    rain = [(y, d, 5.0 if y == 2025 and d % 2 == 0 else 0.0) for y in (2024, 2025) for d in APRIL]
    days = [
        {"station_id": "1048", "observed_on": date(y, 4, d), "precipitation": mm}
        for y, d, mm in rain
    ]
    insert(con, "dwd_rain__daily", days, load_id)


APRIL = range(1, 31)


def _parking(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """3 March 2025, 8 to 20 local (7 to 19 UTC): small half full, once full; large at 80 %."""
    lots = [("small", "Klein", 100), ("large", "Groß", 300), ("coach", "Ostra Bus", 10)]
    insert(
        con,
        "parkapi__lots",
        [{"lot_id": i, "name": n, "city": "Dresden", "total": t} for i, n, t in lots],
        load_id,
    )
    rows = [_parked("small", h, 0 if h == 12 else 50, 100) for h in range(7, 19)]
    rows += [_parked("large", h, 60, 300) for h in range(7, 19)]
    rows += [_parked("coach", h, 0, 10) for h in range(7, 19)]
    unknown = {**_parked("small", 19, 0, 100), "state": "nodata"}
    insert(con, "parkapi__occupancy", [*rows, unknown], load_id)


def _parked(lot: str, hour: int, free: int, total: int) -> Row:
    at = utc("2025-03-03 00:00") + hour * HOUR
    return {"lot_id": lot, "measured_at": at, "free": free, "total": total, "state": "open"}


def _bikes_2024() -> list[Row]:
    """Base year: 24 a day in four intervals, 20 days a month, all of April; one day half silent."""
    days = [date(2024, m, d) for m in range(1, 13) for d in range(1, 31 if m == 4 else 21)]
    return [
        _count("S1", day, hour, None if day == date(2024, 4, 2) and hour < 12 else 6)
        for day in days
        for hour in (0, 6, 12, 18)
    ]


def _bikes_2025() -> list[Row]:
    """April 2025: 72 on dry (odd) days, 24 on wet ones; S2 is new and has no base year."""
    rows = [
        _count("S1", date(2025, 4, d), hour, 18 if d % 2 else 6)
        for d in APRIL
        for hour in (0, 6, 12, 18)
    ]
    rows += [_count("S2", date(2025, 4, d), hour, 999) for d in APRIL for hour in (0, 6, 12, 18)]
    return rows


def _site(site: str) -> Row:
    texts = dict.fromkeys(("site_id", "site_name", "channel_id", "channel_name"), site)
    return {"channel": CHANNELS[site], **texts}


def _count(site: str, day: date, hour: int, bicycles: int | None) -> Row:
    return {
        "channel": CHANNELS[site],
        "measured_local": datetime(day.year, day.month, day.day, hour),  # noqa: DTZ001
        "count": bicycles,
        "status": 0,
    }


def _departures() -> list[Row]:
    """Delays around the limits of -60, 180 and 300 s; one cancelled, one not tracked."""
    told = [_departure(str(s), s) for s in (-61, -60, 0, 180, 181, 300, 301)]
    cancelled = {**_departure("gone", 0), "state": "Cancelled"}
    return [*told, cancelled, _departure("silent", None)]


def _departure(number: str, delay_s: int | None) -> Row:
    planned = utc("2025-03-03 08:00")
    real = None if delay_s is None else planned + timedelta(seconds=delay_s)
    return {
        "stop_id": "1",
        "stop_name": "Postplatz",
        "departure_id": number,
        "line": "4",
        "direction": "Laubegast",
        "mode": "Tram",
        "scheduled_at": planned,
        "real_at": real,
        "state": "InTime",
    }


def _counter() -> list[Row]:
    """3 to 7 March 2025 (local): 4 March has six errors, on 5 March nothing came at all."""
    start = utc("2025-03-02 23:00")
    rows = []
    for hour in range(24 * 5):
        day = hour // 24
        if day != 2:
            value = None if day == 1 and hour % 24 < 6 else 100.0
            told = {"site_id": "Z1", "measured_at": start + hour * HOUR, "value": value}
            rows.append({**told, "value_index": 1, "quantity": "flow", "unit": "veh/h"})
    return rows
