"""Movement in the demo city: parked cars, bicycles and motor traffic. Every number is invented.

All of it follows the world's weather, hours and kinds of day, so that a wet school morning
shows in the car parks, on the cycle paths and on the main roads alike.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from urbandata.demo.calendar import local
from urbandata.demo.chance import (
    Bools,
    Floats,
    Ints,
    Times,
    key_number,
    minutes,
    seconds,
    smooth,
    uniform,
)
from urbandata.demo.world import World

SATURDAY = 5
_GROWTH_FROM = np.datetime64("2023-07-01", "m")
_YEAR = np.timedelta64(525_960, "m")


def clock_hour(times: Times) -> Floats:
    """Hour of the local clock with fractions, 0 to 24."""
    clock = local(times)
    hours: Floats = (clock - clock.astype("datetime64[D]")) / np.timedelta64(3600, "s")
    return hours


def free_days(world: World, times: Times) -> tuple[Bools, Bools, Bools]:
    """Per instant: working day, Saturday, school holiday (by the local calendar)."""
    days, place = np.unique(local(times).astype("datetime64[D]"), return_inverse=True)
    dates: list[date] = [d.astype(object) for d in days]
    working = np.array([world.is_workday(d) for d in dates], dtype=bool)
    saturday = np.array(
        [d.weekday() == SATURDAY and not world.is_holiday(d) for d in dates], dtype=bool
    )
    school = np.array([world.is_school_holiday(d) for d in dates], dtype=bool)
    return working[place], saturday[place], school[place]


def parked_share(world: World, name: str, kind: str, times: Times) -> Floats:
    """Share of a car park that is taken, 0 to 1; ``kind`` is shops, office or park_and_ride."""
    if times.size == 0:
        return np.zeros(0)
    hour = clock_hour(times)
    working, saturday, school = free_days(world, times)
    commuters = np.where(school, 0.8, 1.0) * _bell(hour, 11.5, 5.0)
    if kind == "shops":
        rain = np.minimum(world.rain_mm(times, 51.05, 13.74, 60), 3.0) / 3.0
        amount = np.where(working, 0.64, np.where(saturday, 0.82, 0.30))
        share = 0.12 + amount * (1 + 0.08 * rain) * _bell(hour, 14.0, 5.0)
    elif kind == "office":
        share = np.where(working, 0.14 + 0.76 * commuters, 0.12 + 0.12 * _bell(hour, 15.0, 4.0))
    else:
        share = np.where(working, 0.06 + 0.86 * commuters, 0.10 + 0.15 * _bell(hour, 14.0, 5.0))
    wander = 0.06 * smooth(key_number(world.seed, "parking", name), minutes(times), 240.0)
    taken: Floats = np.clip(share + wander, 0.0, 1.0)
    return taken


def cyclists_per_hour(world: World, times: Times, peak: float) -> Floats:
    """Expected cyclists per hour at a counter with ``peak`` in a fine commuting hour."""
    if times.size == 0:
        return np.zeros(0)
    hour = clock_hour(times)
    working, _, school = free_days(world, times)
    commuting = 0.9 * _bell(hour, 7.6, 1.1) + _bell(hour, 16.6, 1.9) + 0.3 * _bell(hour, 12.5, 3.0)
    leisure = 0.65 * _bell(hour, 14.8, 3.6)
    level = np.where(working, commuting * np.where(school, 0.85, 1.0), leisure) + 0.015
    warmth = np.clip(0.3 + 0.04 * (world.temperature_c(times) + 2.0), 0.15, 1.15)
    dry = np.exp(-0.45 * np.minimum(world.rain_mm(times, 51.05, 13.74, 60), 5.0))
    growth = 1.0 + 0.03 * ((times - _GROWTH_FROM) / _YEAR)
    expected: Floats = peak * level * warmth * dry * growth
    return expected


def vehicles_per_hour(world: World, times: Times, peak: float) -> Floats:
    """Expected motor vehicles per hour at a counter with ``peak`` in a busy hour."""
    expected: Floats = np.maximum(peak * world.traffic(times), 1.0)
    return expected


def speed_kmh(world: World, times: Times, free_kmh: float) -> Floats:
    """Mean speed: slower the busier and the wetter it is."""
    rain = np.minimum(world.rain_mm(times, 51.05, 13.74, 60), 6.0) / 6.0
    slower = 1.0 - 0.28 * (world.traffic(times) / 1.3) ** 2 - 0.08 * rain
    speed: Floats = free_kmh * np.maximum(slower, 0.25)
    return speed


def counted(world: World, key: str, times: Times, expected: Floats) -> Ints:
    """Whole numbers scattered around ``expected`` as counts are, the same for every question."""
    scatter = world.noise(key, times, 1.0) * np.sqrt(np.maximum(expected, 0.0))
    number: Ints = np.maximum(np.round(expected + scatter), 0).astype(np.int64)
    return number


def now64(world: World) -> np.datetime64:
    """The world's present instant, to the second."""
    return np.datetime64(world.now().replace(tzinfo=None), "s")


def utc_texts(times: Times) -> list[str]:
    """``2025-09-01T00:00:00`` without a zone."""
    texts: list[str] = np.datetime_as_string(times.astype("datetime64[s]")).tolist()
    return texts


def draws(world: World, key: str, times: Times) -> Floats:
    """One value in (0, 1) per instant and key."""
    return uniform(key_number(world.seed, "mobility", key), seconds(times))


def _bell(hour: Floats, centre: float, width: float) -> Floats:
    """Bell over the clock, 1 at ``centre``; the night before and after is one night."""
    away = np.abs(hour - centre)
    away = np.minimum(away, 24.0 - away)
    curve: Floats = np.exp(-((away / width) ** 2))
    return curve
