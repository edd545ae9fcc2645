"""Days of the demo city: Saxon public holidays (computed), school holidays, local clock.

The school holidays are APPROXIMATE, typed from memory for the demo only: do not plan with them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from urbandata.demo.chance import Floats, Times

_SCHOOL_HOLIDAYS = tuple(
    (date.fromisoformat(first), date.fromisoformat(last))
    for first, last in (
        ("2023-02-13", "2023-02-24"),
        ("2023-04-07", "2023-04-15"),
        ("2023-07-10", "2023-08-18"),
        ("2023-10-02", "2023-10-14"),
        ("2023-12-23", "2024-01-02"),
        ("2024-02-12", "2024-02-23"),
        ("2024-03-28", "2024-04-05"),
        ("2024-06-20", "2024-08-02"),
        ("2024-10-07", "2024-10-19"),
        ("2024-12-23", "2025-01-03"),
        ("2025-02-17", "2025-03-01"),
        ("2025-04-18", "2025-04-25"),
        ("2025-06-28", "2025-08-08"),
        ("2025-10-06", "2025-10-18"),
        ("2025-12-22", "2026-01-02"),
        ("2026-02-09", "2026-02-21"),
        ("2026-04-03", "2026-04-10"),
        ("2026-07-04", "2026-08-14"),
        ("2026-10-12", "2026-10-24"),
        ("2026-12-23", "2027-01-02"),
        ("2027-02-08", "2027-02-19"),
        ("2027-03-26", "2027-04-02"),
        ("2027-07-10", "2027-08-20"),
        ("2027-10-11", "2027-10-23"),
        ("2027-12-23", "2027-12-31"),
    )
)

# Share of the busiest hour, hour 0..23 of the local clock.
_WORKDAY = (
    *(0.08, 0.05, 0.04, 0.05, 0.12, 0.35, 0.80, 1.20, 1.10, 0.85, 0.80, 0.85),
    *(0.90, 0.95, 1.05, 1.20, 1.30, 1.20, 0.90, 0.65, 0.45, 0.35, 0.25, 0.15),
)
_FREE_DAY = (
    *(0.20, 0.14, 0.10, 0.07, 0.06, 0.08, 0.13, 0.20, 0.32, 0.48, 0.60, 0.66),
    *(0.66, 0.66, 0.68, 0.70, 0.72, 0.70, 0.62, 0.50, 0.38, 0.30, 0.24, 0.16),
)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Gauss, as completed by Lichtenberg)."""
    k = year // 100
    m = 15 + (3 * k + 3) // 4 - (8 * k + 13) // 25
    s = 2 - (3 * k + 3) // 4
    a = year % 19
    d = (19 * a + m) % 30
    r = (d + a // 11) // 29
    limit = 21 + d - r
    first_sunday = 7 - (year + year // 4 + s) % 7
    return date(year, 3, 1) + timedelta(days=limit + 7 - (limit - first_sunday) % 7 - 1)


def repentance_day(year: int) -> date:
    """Buß- und Bettag: the Wednesday before 23 November."""
    last = date(year, 11, 22)
    return last - timedelta(days=(last.weekday() - 2) % 7)


@lru_cache(maxsize=32)
def holidays(year: int) -> frozenset[date]:
    """Public holidays in Saxony."""
    moving = {easter(year) + timedelta(days=days) for days in (-2, 1, 39, 50)}
    fixed = ((1, 1), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26))
    return frozenset(moving | {date(year, *day) for day in fixed} | {repentance_day(year)})


def is_holiday(day: date) -> bool:
    """Public holiday in Saxony."""
    return day in holidays(day.year)


def is_school_holiday(day: date) -> bool:
    """Saxon school holiday (approximate, 2023-2027 only)."""
    return any(first <= day <= last for first, last in _SCHOOL_HOLIDAYS)


def is_workday(day: date) -> bool:
    """Monday to Friday and no public holiday."""
    return day.weekday() < 5 and not is_holiday(day)  # noqa: PLR2004 - 5 is Saturday


def local(times: Times) -> Times:
    """Clock reading in Dresden (Europe/Berlin) of UTC instants, without a zone."""
    index = pd.DatetimeIndex(np.asarray(times).astype("datetime64[s]"), tz="UTC")
    return index.tz_convert("Europe/Berlin").tz_localize(None).to_numpy()


@lru_cache(maxsize=4096)
def _profile(day: date) -> tuple[float, ...]:
    """Relative traffic at the full hours of one local day."""
    weekday = day.weekday()
    if weekday == 6 or is_holiday(day):  # noqa: PLR2004 - 6 is Sunday
        return tuple(0.80 * share for share in _FREE_DAY)
    if weekday == 5:  # noqa: PLR2004 - 5 is Saturday
        return _FREE_DAY
    level = (0.98, 1.0, 1.02, 1.03, 1.0)[weekday]
    if is_school_holiday(day):
        level *= 0.88
    return tuple(level * share for share in _WORKDAY)


def traffic_profile(times: Times) -> Floats:
    """Relative traffic by local hour and kind of day, straight lines between full hours."""
    clock = local(times)
    days = clock.astype("datetime64[D]")
    if days.size == 0:
        return np.zeros(0)
    first = days.min()
    span = int((days.max() - first).astype(np.int64)) + 2
    every = [(first + np.timedelta64(n, "D")).astype(object) for n in range(span)]
    table = np.array([_profile(day) for day in every]).ravel()
    hour = (clock - first.astype("datetime64[s]")) / np.timedelta64(3600, "s")
    whole = np.floor(hour).astype(np.int64)
    share = hour - whole
    level: Floats = table[whole] * (1.0 - share) + table[whole + 1] * share
    return level
