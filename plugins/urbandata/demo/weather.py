"""Weather of the demo city: rain, temperature, sun, wind, humidity, pressure.

All functions take the seed and instants, and depend on nothing else. Rain comes first; clouds
follow the fronts, and temperature, sun and humidity follow the clouds.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

import numpy as np

from urbandata.demo.chance import Floats, instant, key_number, smooth
from urbandata.demo.storms import (
    LAT,
    LON,
    Storm,
    accumulated,
    at_point,
    day_anomaly,
    storm_year,
    xy_km,
)

_DAY = 24 * 60.0
_LONGEST_STORM = timedelta(days=6)
_TRACE_MM = 0.002  # a cell that leaves less than this at a place is left out


def _years(at: Floats) -> range:
    """Years whose storms can matter at these minutes."""
    first = instant(float(at.min())) - _LONGEST_STORM
    return range(first.year, instant(float(at.max())).year + 1)


def storms(seed: int, start: float, end: float) -> list[Storm]:
    """Storms that touch the span (minutes since 1970), in order of their onset."""
    begin, finish = instant(start), instant(end)
    years = _years(np.array([start, end]))
    every = [storm for year in years for storm in storm_year(seed, year).storms]
    return [storm for storm in every if storm.onset < finish and storm.end > begin]


def rain_mm(seed: int, at: Floats, lat: float, lon: float, interval: int) -> Floats:
    """Rain (mm) at one place, summed over the ``interval`` minutes that end at each instant."""
    if at.size == 0:
        return np.zeros_like(at)
    order = np.argsort(at, kind="stable")
    line = at[order]
    fallen = np.zeros_like(line)
    for year in _years(line):
        middle, length, total = at_point(storm_year(seed, year).cells, *xy_km(lat, lon))
        first = np.searchsorted(line, middle - 2.5 * length)
        last = np.searchsorted(line, middle + 2.5 * length + interval)
        falls = np.flatnonzero((last > first) & (total > _TRACE_MM))
        times = last[falls] - first[falls]
        cell = np.repeat(falls, times)  # cell and place in line of every rain that falls
        place = np.arange(cell.size) + np.repeat(first[falls] - np.cumsum(times) + times, times)
        share = accumulated(line[place], middle[cell], length[cell])
        share -= accumulated(line[place] - interval, middle[cell], length[cell])
        np.add.at(fallen, place, total[cell] * share)
    result = np.empty_like(fallen)
    result[order] = fallen
    return result


def rain_field(seed: int, end: float, lat: Floats, lon: Floats, interval: int) -> Floats:
    """Rain (mm) on many points (arrays of any one shape) over the interval ending at ``end``."""
    east, north = xy_km(lat, lon)
    field = np.zeros(np.shape(east))
    for year in _years(np.array([end])):
        cells = storm_year(seed, year).cells
        near = np.abs(cells[:, 0] - end + interval / 2.0) < 2.5 * cells[:, 1] + interval
        for cell in cells[near]:
            middle, length, total = at_point(cell[None, :], east, north)
            share = accumulated(end, middle[0], length[0])
            share -= accumulated(end - interval, middle[0], length[0])
            field += np.where(total[0] > _TRACE_MM, total[0] * share, 0.0)
    return field


def _ramp(at: Floats, begin: float, end: float) -> Floats:
    """1 inside [begin, end], falling to 0 within six hours on either side."""
    outside = np.maximum(np.maximum(begin - at, at - end), 0.0)
    inside: Floats = np.clip(1.0 - outside / 360.0, 0.0, 1.0)
    return inside


@lru_cache(maxsize=64)
def _front_hours(seed: int, year: int) -> tuple[float, Floats]:
    """First minute of a year and how far a front governs the weather at each of its hours."""
    first = float(np.datetime64(f"{year}-01-01", "m").astype(np.int64))
    hours: Floats = first + 60.0 * np.arange(366.0 * 24 + 2)
    governed = np.zeros_like(hours)
    for storm in storms(seed, first - _DAY, float(hours[-1]) + _DAY):
        if storm.kind == "frontal":
            begin, end = storm.onset.timestamp() / 60.0, storm.end.timestamp() / 60.0
            low, high = np.searchsorted(hours, [begin - 360.0, end + 360.0])
            part = _ramp(hours[low:high], begin, end)
            governed[low:high] = np.maximum(governed[low:high], part)
    return first, governed


def front(seed: int, at: Floats) -> Floats:
    """0 in settled weather to 1 while a front passes."""
    if at.size == 0:
        return np.zeros_like(at)
    years = range(instant(float(at.min())).year, instant(float(at.max())).year + 1)
    governed = np.zeros_like(at)
    for year in years:
        first, hours = _front_hours(seed, year)
        start_of_next, _ = _front_hours(seed, year + 1)
        mine = (at >= first) & (at < start_of_next)
        place = (at[mine] - first) / 60.0
        whole = np.floor(place).astype(np.int64)
        share = place - whole
        governed[mine] = hours[whole] * (1.0 - share) + hours[whole + 1] * share
    return governed


def wet(seed: int, at: Floats, lat: float = LAT, lon: float = LON) -> Floats:
    """0 when it is dry to 1 after an hour of heavy rain."""
    soaked: Floats = 1.0 - np.exp(-rain_mm(seed, at, lat, lon, 60) / 3.0)
    return soaked


def clouds(seed: int, at: Floats) -> Floats:
    """Cloud cover, 0 clear to 1 overcast."""
    drift = smooth(key_number(seed, "cloud", "day"), at, 1.2 * _DAY)
    puff = smooth(key_number(seed, "cloud", "hour"), at, 100.0)
    season = 0.2 + 0.35 * np.cos(_year_angle(at) - 0.1)
    open_sky = 1.0 / (1.0 + np.exp(-(1.5 * drift + 0.6 * puff + season)))
    return np.maximum(np.maximum(open_sky, 0.95 * front(seed, at)), wet(seed, at))


def _year_angle(at: Floats) -> Floats:
    """Angle of the year, 0 on 1 January."""
    return 2.0 * np.pi * (at / _DAY % 365.2425) / 365.2425


def sun_height(at: Floats) -> Floats:
    """Sine of the sun's height over Dresden (negative at night); error below one degree."""
    angle = _year_angle(at)
    declination = 0.006918 - 0.399912 * np.cos(angle) + 0.070257 * np.sin(angle)
    declination += -0.006758 * np.cos(2 * angle) + 0.000907 * np.sin(2 * angle)
    equation = 0.000075 + 0.001868 * np.cos(angle) - 0.032077 * np.sin(angle)
    equation += -0.014615 * np.cos(2 * angle) - 0.040849 * np.sin(2 * angle)
    solar = at % _DAY + 4.0 * LON + 229.18 * equation  # minutes of true solar time
    hour_angle = np.radians(solar / 4.0 - 180.0)
    latitude = np.radians(LAT)
    height: Floats = np.sin(latitude) * np.sin(declination)
    height += np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    return height


def sun_w_m2(seed: int, at: Floats) -> Floats:
    """Global radiation on flat ground (W/m²): Haurwitz clear sky, dimmed by clouds."""
    height = np.maximum(sun_height(at), 1e-3)
    clear = 1098.0 * height * np.exp(-0.057 / height)
    dimmed: Floats = clear * (1.0 - 0.78 * clouds(seed, at) ** 2.0)
    return np.where(sun_height(at) > 0.0, dimmed, 0.0)


def _day_clouds(seed: int, at: Floats) -> Floats:
    """Cloud cover as it shapes the day's swing: without single clouds."""
    drift = smooth(key_number(seed, "cloud", "day"), at, 1.2 * _DAY)
    return np.maximum(1.0 / (1.0 + np.exp(-1.5 * drift)), 0.95 * front(seed, at))


def _swing(at: Floats) -> Floats:
    """Daily course of temperature, -1 around sunrise to +1 in the afternoon."""
    hour = (at % _DAY) / 60.0 + LON / 15.0  # mean solar time
    angle = 2.0 * np.pi * (hour - 15.0) / 24.0
    return np.cos(angle) + 0.18 * np.cos(2.0 * angle + 0.5)


def city_heat(lat: float, lon: float) -> float:
    """How far a place belongs to the heat island of the inner city, 1 to 0."""
    east, north = xy_km(lat, lon)
    return float(np.exp(-(east**2 + north**2) / 4.2**2))


def temperature_c(seed: int, at: Floats, lat: float, lon: float) -> Floats:
    """Air temperature (°C): season, weather, day and night, heat island, height of the north."""
    season = 10.1 - 9.7 * np.cos(_year_angle(at) - 2.0 * np.pi * 20.0 / 365.0)
    bright = 1.0 - _day_clouds(seed, at)
    summer = 0.5 - 0.5 * np.cos(_year_angle(at) - 2.0 * np.pi * 5.0 / 365.0)
    swing = _swing(at)
    amplitude = 1.0 + 1.6 * summer + (1.2 + 5.6 * summer) * bright
    # Clear skies warm in summer and cool in winter.
    sky = (bright - 0.4) * (4.0 * summer - 1.6)
    heat = city_heat(lat, lon)
    island = heat * (0.4 + (0.3 + 1.1 * bright * (0.4 + 0.6 * summer)) * (0.5 - 0.45 * swing))
    height = -1.0 / (1.0 + np.exp(-(lat - 51.10) / 0.01))
    flicker = 0.25 * smooth(key_number(seed, "t", round(lat, 2), round(lon, 2)), at, 45.0)
    warm = day_anomaly(seed, at) * (1.18 - 0.18 * summer)
    warm -= 4.5 * summer * wet(seed, at, lat, lon)  # a thunderstorm ends the heat
    air: Floats = season + warm + sky + amplitude * swing + island + height + flicker
    return air


def humidity_pct(seed: int, at: Floats) -> Floats:
    """Relative humidity (%)."""
    bright = 1.0 - _day_clouds(seed, at)
    summer = 0.5 - 0.5 * np.cos(_year_angle(at))
    daily = (4.0 + 24.0 * bright) * (0.5 + 0.5 * summer) * _swing(at)
    drift = 5.0 * smooth(key_number(seed, "humidity"), at, 9 * 60.0)
    moist = 86.0 - 10.0 * summer - 8.0 * bright - daily + drift
    return np.clip(moist + 14.0 * wet(seed, at), 18.0, 100.0)


def pressure_hpa(seed: int, at: Floats) -> Floats:
    """Air pressure at sea level (hPa)."""
    slow = 7.5 * smooth(key_number(seed, "pressure", "week"), at, 4.5 * _DAY)
    quick = 1.5 * smooth(key_number(seed, "pressure", "day"), at, 10 * 60.0)
    return 1017.5 + slow + quick - 9.0 * front(seed, at)


def wind_ms(seed: int, at: Floats) -> Floats:
    """Wind speed, mean of ten minutes (m/s)."""
    slow = smooth(key_number(seed, "wind", "day"), at, 14 * 60.0)
    gusty = smooth(key_number(seed, "wind", "minute"), at, 25.0)
    mean = 2.7 + 0.6 * _swing(at) + 2.0 * front(seed, at)
    return np.maximum(mean, 0.6) * np.exp(0.38 * slow + 0.15 * gusty - 0.08)
