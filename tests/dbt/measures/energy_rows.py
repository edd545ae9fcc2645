"""Energy of the quarter on a short day, and of the hospital on a few hours and days.

Everything is marked demo: only the demo city's sites have areas, beds and a contract.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from tests.dbt.city import HOUR, MINUTE, grid, insert, insert_metered, utc

Row = dict[str, Any]
QUARTER = 15 * MINUTE
SHORT_DAY = list(grid(utc("2025-03-29 23:00"), utc("2025-03-30 21:45"), QUARTER))  # 92 intervals
ISLAND, SILENT = SHORT_DAY[40], SHORT_DAY[41]
METERS = {
    "import": ("99999900019", "1-1:1.29.0"),
    "export": ("99999900027", "1-1:2.29.0"),
    "load": ("DE00000001239DEMOQUARTIER00000001", "1-1:1.29.0"),
    "generation": ("DE00000001239DEMOQUARTIER00000002", "1-1:2.29.0"),
    "pump": ("DE00000001239DEMOQUARTIER00000003", "1-1:1.29.0"),
    "heat": ("DE00000001239DEMOQUARTIER00000004", "6-0:1.0.0"),
}


def fill(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Load 2: the month's message corrects one quarter of an hour, a price becomes known."""
    if load_id == 2:
        late = _metered("import", ISLAND, 0.0)
        month = {**late, "qualifier": "220", "created_at": utc("2025-04-03 06:00")}
        insert_metered(con, [month], load_id, origin="demo")
        insert(con, "smard__series", [_price(2, 10, 300.0)], load_id, origin="demo")
        return
    insert_metered(con, list(_short_day()), load_id, origin="demo")
    long_day = grid(utc("2025-10-25 22:00"), utc("2025-10-26 22:45"), QUARTER)
    rows = [_metered("load", at, 1.0) for at in long_day]
    insert_metered(con, rows, load_id, origin="demo")
    insert(con, "load_profile__load_values", [*_hospital_power(), *_heat()], load_id, origin="demo")
    prices = [_price(d, h, 200.0 if (d, h) == (3, 10) else 50.0) for d, h in _hours()]
    insert(con, "smard__series", [{**p, "value": None} if _is_first(p) else p for p in prices],
           load_id, origin="demo")  # fmt: skip
    insert(con, "dwd_rain__daily", list(_weather()), load_id, origin="demo")


def _short_day() -> list[Row]:
    """90 plain quarters of an hour, one without import, one whose import meter was silent."""
    plain = {"import": 8000, "export": 2000, "load": 9000, "generation": 4000, "pump": 2000,
             "heat": 6000}  # fmt: skip
    island = {"import": 5000, "export": 0, "load": 10_000, "generation": 10_000}
    silent = {"export": 0, "load": 10_000, "generation": 900_000, "heat": 500_000}
    rows = []
    for at in SHORT_DAY:
        told = {ISLAND: island, SILENT: silent}.get(at, plain)
        rows += [_metered(meter, at, float(kwh)) for meter, kwh in told.items()]
    return rows


def _metered(meter: str, at: datetime, kwh: float) -> Row:
    point, obis = METERS[meter]
    return {
        "market_location": point,
        "obis": obis,
        "interval_start": at,
        "interval_end": at + QUARTER,
        "value": kwh,
        "qualifier": "201",
        "message_ref": "D",
        "message_function": "9",
        "created_at": utc("2025-03-31 06:00"),
    }


def _hours() -> list[tuple[int, int]]:
    """8 to 12 o'clock (local) on Monday 2 to Thursday 5 June 2025: 20 hours, two of them dear."""
    return [(day, hour) for day in (2, 3, 4, 5) for hour in range(8, 13)]


def _is_first(price: Row) -> bool:
    return bool(price["started_at"] == utc("2025-06-02 08:00"))


def _price(day: int, hour: int, eur_mwh: float) -> Row:
    at = datetime(2025, 6, day, hour, tzinfo=utc("2025-06-01 00:00").tzinfo) - 2 * HOUR
    told = {"filter_id": "4169", "region": "DE", "resolution": "hour"}
    return {**told, "started_at": at, "value": eur_mwh}


def _hospital_power() -> list[Row]:
    """1,000 kW, at 10 o'clock 800, 900, 1,000, 1,200; and one hour of 2,400 kW on 6 June."""
    at_ten = {2: 800.0, 3: 900.0, 4: 1000.0, 5: 1200.0}
    powers = {(d, h): at_ten[d] if h == 10 else 1000.0 for d, h in _hours()}
    powers[6, 12] = 2400.0
    powers_2024 = {(2024, 1, 10, 12): 1000.0}
    clocks = {datetime(2025, 6, d, h - 1): kw for (d, h), kw in powers.items()}  # noqa: DTZ001
    clocks |= {datetime(*at): kw for at, kw in powers_2024.items()}  # noqa: DTZ001
    return [
        _profile(None, "Strom", clock + n * QUARTER, 15, kw)
        for clock, kw in clocks.items()
        for n in range(4)
    ]


def _heat() -> list[Row]:
    """10 January: 100 MW in 2024, 300 MW in 2025; 10 July 2025: 100 MW, hot water only."""
    days = {date(2024, 1, 10): 1e5, date(2025, 1, 10): 3e5, date(2025, 7, 10): 1e5}
    rows = []
    for day, kw in days.items():
        # the clock is CET all year, so a summer day begins at 23 o'clock of the day before
        start = datetime(day.year, day.month, day.day) - (day.month == 7) * HOUR  # noqa: DTZ001
        rows += [_profile("gesamt", "Wärme", start + n * HOUR, 60, kw) for n in range(24)]
    return rows


def _profile(meter: str | None, medium: str, clock: datetime, minutes: int, kw: float) -> Row:
    return {
        "site": "Friedrichstadt",
        "medium": medium,
        "meter": meter,
        "measured_local": clock,
        "stamp_marks": "start",
        "interval_minutes": minutes,
        "value": kw,
        "unit": "kW",
    }


def _weather() -> list[Row]:
    """Januaries of 10 °C (2024) and 0 °C (2025), a July of 25 °C."""
    means = {date(2024, 1, 1): 10.0, date(2025, 1, 1): 0.0, date(2025, 7, 1): 25.0}
    return [
        {
            "station_id": "1048",
            "observed_on": first + timedelta(days=n),
            "temperature_mean": mean,
        }
        for first, mean in means.items()
        for n in range(31)
    ]
