"""Air of the demo city: hourly means at four stations, for every source that reports air.

Traffic and heating emit, wind and stagnant weather decide how much stays, rain washes dust out,
fireworks open the year, ozone follows the sun and is eaten by fresh exhaust. All numbers are
invented; the yearly means resemble Dresden's of the 2020s (NO2 about 24, 13, 20 and 8 µg/m³).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from urbandata.demo import chance
from urbandata.demo.chance import Bools, Floats, Times
from urbandata.demo.world import World

POLLUTANTS = ("NO", "NO2", "O3", "PM10", "PM2.5", "SO2")
HOUR = np.timedelta64(60, "m")
_DAY = 24 * 60.0


@dataclass(frozen=True, slots=True)
class Station:
    """A station: how much traffic (``traffic``) and town (``town``) reach it, 0 to 1.

    ``closed`` are days (first, last; CET) without any measurement, on top of short drop-outs.
    """

    code: str
    name: str
    lat: float
    lon: float
    traffic: float
    town: float
    closed: tuple[tuple[str, str], ...] = ()


# Two closures in 2024 leave the Bergstraße below 85 % of that year's hours.
STATIONS: Mapping[str, Station] = {
    s.code: s
    for s in (
        Station("DESN061", "Dresden-Nord", 51.0651, 13.7411, 1.0, 1.0),
        Station("DESN092", "Dresden-Winckelmannstr.", 51.0363, 13.7304, 0.22, 0.9),
        Station(
            *("DESN084", "Dresden-Bergstraße", 51.0280, 13.7290, 0.75, 0.9),
            closed=(("2024-03-04", "2024-04-08"), ("2024-08-19", "2024-09-14")),
        ),
        Station("DESN051", "Radebeul-Wahnsdorf", 51.1195, 13.6753, 0.04, 0.5),
    )
}


def full_hours(world: World, start: datetime, end: datetime) -> Times:
    """Begins (UTC) of the hours that begin in [start, end) and are over by now."""
    begins = world.steps(start, end, 60)
    return begins[begins + HOUR <= np.datetime64(world.now().replace(tzinfo=None), "s")]


def means(world: World, station: Station, begins: Times) -> dict[str, Floats]:
    """Hourly means (µg/m³) of all pollutants for the hours that begin then; NaN: not measured."""
    middle = begins + HOUR // 2
    stay, heat = _staying(world, middle), _heating(world, middle, station)
    exhaust = station.traffic * world.traffic(middle)
    no2 = (4.5 + 6.5 * station.town * (0.7 + 0.6 * heat) + 27.0 * exhaust) * stay
    dust = 13.0 + 7.5 * station.town * heat + 6.0 * exhaust  # background, stoves, raised dust
    pm10 = dust * stay * _washed(world, station, begins)
    smoke = _fireworks(begins, station) * stay
    values = {
        "NO": 1.0 + 22.0 * exhaust * stay**1.5,
        "NO2": no2,
        "O3": _ozone(world, middle, station, no2),
        "PM10": pm10 + smoke,
        "PM2.5": pm10 * (0.46 + 0.16 * heat) + 0.85 * smoke,
        "SO2": (1.2 + 1.4 * heat * station.town) * stay + 0.03 * smoke,
    }
    return {
        name: np.where(_missing(world, station, name, begins), np.nan, value * scatter)
        for name, value in values.items()
        for scatter in [np.exp(world.noise(f"air/{station.code}/{name}", begins, 0.12))]
    }


def _staying(world: World, at: Times) -> Floats:
    """How much of what is emitted stays near the ground, about 1 on average."""
    key = chance.key_number(world.seed, "air", "stagnation")
    episode = chance.smooth(key, chance.minutes(at), 4.0 * _DAY)
    shallow = 0.9 + 0.2 * np.cos(2.0 * np.pi * (chance.minutes(at) / _DAY % 365.2425) / 365.2425)
    return 1.12 * shallow * np.exp(0.32 * episode) * (2.9 / (world.wind_ms(at) + 0.6)) ** 0.45


def _heating(world: World, at: Times, station: Station) -> Floats:
    """Need of heating, 0 in summer to about 1.3 in hard frost."""
    return np.clip((15.0 - world.temperature_c(at, station.lat, station.lon)) / 15.0, 0.0, 1.8)


def _washed(world: World, station: Station, begins: Times) -> Floats:
    """Share of the dust that the rain of the last three hours leaves in the air."""
    rain = world.rain_mm(begins + HOUR, station.lat, station.lon, 180)
    return np.maximum(np.exp(-0.12 * rain), 0.45)


def _ozone(world: World, at: Times, station: Station, no2: Floats) -> Floats:
    """O3: the sun of the last hours makes it, warmth adds, fresh exhaust takes it away."""
    sun = (world.sun_w_m2(at - HOUR) + world.sun_w_m2(at - 3 * HOUR)) / 2.0
    warm = np.maximum(world.temperature_c(at, station.lat, station.lon) - 18.0, 0.0)
    season = 10.0 * np.cos(2.0 * np.pi * (chance.minutes(at) / _DAY % 365.2425 - 130.0) / 365.2425)
    return np.maximum(54.0 + season + 0.055 * sun + 2.0 * warm - 0.75 * no2, 1.0)


def _fireworks(begins: Times, station: Station) -> Floats:
    """PM10 (µg/m³) from fireworks: from New Year's midnight, falling through the night."""
    local = begins + HOUR  # CET
    year = local.astype("datetime64[Y]").astype("datetime64[m]")
    since = np.minimum((local - year).astype(np.int64) / 60.0, 300.0)  # hours
    smoke: Floats = 330.0 * station.town**2 * np.exp(-since / 2.2)
    return smoke


def _missing(world: World, station: Station, name: str, begins: Times) -> Bools:
    """Hours without a value: drop-outs of one instrument and days on which all are off."""
    silent = world.dropped(f"air/{station.code}/{name}", begins, 0.012)
    return silent | is_closed(station, begins)


def is_closed(station: Station, begins: Times) -> Bools:
    """Hours on days on which the whole station is closed."""
    days = (begins + HOUR).astype("datetime64[D]")  # CET
    closed = np.zeros(days.shape, dtype=bool)
    for first, last in station.closed:
        closed |= (days >= np.datetime64(first)) & (days <= np.datetime64(last))
    return closed
