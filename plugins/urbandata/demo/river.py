"""The Elbe in the demo city: rain in the upper catchment becomes discharge, then a level.

Discharge is a slow base plus the answer of the catchment to the rain of the last 40 days (a
fixed kernel, so the same instant gives the same value whatever is asked). The wave travels
downstream at 5 km/h. The rating curve is invented but close to the gauge at Dresden.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from urbandata.demo.chance import Floats, Times, instant, key_number, minutes, smooth
from urbandata.demo.storms import accumulated, storm_year
from urbandata.demo.weather import rain_mm

DRESDEN_KM = 55.6
_WAVE_KM_H = 5.0
_MEMORY_H = 40 * 24
_CATCHMENT_M3_S_PER_MM_H = 53_096e6 / 1000.0 / 3600.0  # area at Dresden 53,096 km²
_DAY = 24 * 60.0

_LEVEL_CM = (0.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 940.0)
_FLOW_M3_S = (30.0, 80.0, 112.0, 150.0, 260.0, 410.0, 780.0, 1200.0, 1600.0, 2000.0, 2550.0, 4580.0)
_SOFT_M3_S, _HARD_M3_S = 1650.0, 2000.0  # reservoirs upstream keep the gauge below 600 cm


def _kernel() -> Floats:
    """Answer of the catchment to one hour of rain, hour by hour; its sum is 1."""
    hours = np.arange(_MEMORY_H) + 0.5
    quick = hours**2 * np.exp(-hours / 17.0)
    slow = hours * np.exp(-hours / 110.0)
    kernel: Floats = 0.75 * quick / quick.sum() + 0.25 * slow / slow.sum()
    return kernel


def _catchment_rain(seed: int, edges: Floats) -> Floats:
    """Mean rain (mm) of the upper catchment between hourly edges (minutes since 1970)."""
    fallen = np.zeros(edges.size - 1)
    first, last = instant(float(edges[0])).year, instant(float(edges[-1])).year
    for year in range(first, last + 1):
        storms = storm_year(seed, year)
        for cell in storms.cells:
            middle, length, rate, storm = cell[0], cell[1], cell[7], int(cell[8])
            low, high = np.searchsorted(edges, [middle - 2.5 * length, middle + 2.5 * length])
            low, high = max(low - 1, 0), min(high + 1, edges.size)
            if high - low > 1:
                total = rate / 60.0 * length * np.sqrt(2.0 * np.pi) * storms.upstream[storm]
                share = accumulated(edges[low:high], middle, length)
                fallen[low : high - 1] += total * np.diff(share)
    return fallen


@lru_cache(maxsize=64)
def _waves(seed: int, year: int) -> tuple[float, Floats]:
    """First minute of a year and the discharge from rain (m³/s) at each of its hours."""
    first = float(np.datetime64(f"{year}-01-01", "m").astype(np.int64))
    edges: Floats = first + 60.0 * np.arange(-_MEMORY_H, 366.0 * 24 + 3)
    rain = _catchment_rain(seed, edges)
    hours = (edges[1:] - first) / 60.0
    # Wet and cold ground sends more of the rain to the river.
    season = np.cos(2.0 * np.pi * (hours / 24.0 - 45.0) / 365.25)
    runoff = rain * (0.165 + 0.04 * season) * _CATCHMENT_M3_S_PER_MM_H
    return first, np.convolve(runoff, _kernel(), mode="full")[_MEMORY_H - 1 : edges.size - 1]


def _rain_discharge(seed: int, at: Floats) -> Floats:
    """Discharge from rain (m³/s) at Dresden."""
    flow = np.zeros_like(at)
    for year in range(instant(float(at.min())).year, instant(float(at.max())).year + 1):
        first, hourly = _waves(seed, year)
        after = float(np.datetime64(f"{year + 1}-01-01", "m").astype(np.int64))
        mine = (at >= first) & (at < after)
        place = (at[mine] - first) / 60.0
        whole = np.floor(place).astype(np.int64)
        share = place - whole
        flow[mine] = hourly[whole] * (1.0 - share) + hourly[whole + 1] * share
    return flow


def _base_discharge(seed: int, at: Floats) -> Floats:
    """Discharge without recent rain (m³/s): high after the thaw, low in September."""
    angle = 2.0 * np.pi * (at / _DAY - 80.0) / 365.2425
    drift = np.exp(0.16 * smooth(key_number(seed, "base flow"), at, 40 * _DAY))
    return (170.0 + 75.0 * np.cos(angle)) * drift


def discharge_m3s(seed: int, times: Times, km: float) -> Floats:
    """Discharge of the Elbe at a river km (m³/s)."""
    at = minutes(times)
    if at.size == 0:
        return np.zeros_like(at)
    at = at - (km - DRESDEN_KM) / _WAVE_KM_H * 60.0
    flow = _base_discharge(seed, at) + _rain_discharge(seed, at)
    flow = flow * (1.0 + 0.0006 * (km - DRESDEN_KM))  # tributaries on the way
    room = _HARD_M3_S - _SOFT_M3_S
    above = np.maximum(flow - _SOFT_M3_S, 0.0)
    return np.minimum(flow, _SOFT_M3_S) + room * (1.0 - np.exp(-above / room))


def river_cm(seed: int, times: Times, km: float) -> Floats:
    """Level of the Elbe (cm) at a river km; every gauge has a zero of its own."""
    flow = discharge_m3s(seed, times, km)
    ripple = 0.6 * smooth(key_number(seed, "ripple", km), minutes(times), 45.0)
    zero = 14.0 * np.sin((km - DRESDEN_KM) / 9.0)
    level: Floats = np.interp(flow, _FLOW_M3_S, _LEVEL_CM) + zero + ripple
    return level


def brook_cm(seed: int, times: Times, lat: float, lon: float) -> Floats:
    """Level of a small stream (cm): rises within the hour after local rain, falls in hours."""
    at = minutes(times)
    if at.size == 0:
        return np.zeros_like(at)
    steps = np.arange(np.floor(at.min() / 10.0) - 72, np.ceil(at.max() / 10.0) + 2)
    lag = np.arange(72) * 10.0
    kernel = (1.0 - np.exp(-lag / 20.0)) * np.exp(-lag / 100.0)
    level = np.convolve(rain_mm(seed, steps * 10.0, lat, lon, 10), kernel)[: steps.size]
    rise = 9.0 * np.sqrt(np.interp(at, steps * 10.0, level))
    season = 6.0 * np.cos(2.0 * np.pi * (at / _DAY - 60.0) / 365.2425)
    height: Floats = 22.0 + season + rise
    return height
