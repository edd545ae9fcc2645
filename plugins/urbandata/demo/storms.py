"""Rain of the demo city: storms made of moving cells whose sums can be written down exactly.

The rate of a cell is a bell curve in time times a bell curve in space that moves along a line.
At a fixed point that is again a bell curve in time, so the sum over any interval is a
difference of its integral: ten-minute sums always add up to the hourly one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal

import numpy as np

from urbandata.demo.chance import (
    Floats,
    Number,
    epoch_minutes,
    generator,
    instant,
    key_number,
    smooth,
)

LAT, LON = 51.05, 13.74
_KM_PER_LAT, _KM_PER_LON = 111.2, 111.2 * 0.6286  # cos(51.05°) = 0.6286
_CUT = 2.5  # a cell is over this many standard deviations from its middle
_REST = 0.5 * (1.0 - np.tanh(0.7978845608 * (_CUT + 0.044715 * _CUT**3)))
_DAY = 24 * 60.0
_SETTLED = range(-6, 5)  # days around a multi-day rain without another front
_CHANCE_OF_THAW = 0.5  # a second, smaller flood in late winter: thaw and rain

# Columns of a cell: middle (minutes since 1970), length (standard deviation, min), place (km east
# and north of the centre), speed (km/min), radius (km), rate at its core (mm/h), storm number.
_T, _S, _X, _Y, _U, _V, _R, _P, _STORM = range(9)


@dataclass(frozen=True, slots=True)
class Storm:
    """One rain event: place and radius at its height, rate and sum at its core."""

    id: int
    kind: Literal["convective", "frontal"]
    onset: datetime
    end: datetime
    lat: float
    lon: float
    radius_km: float
    peak_mm_h: float
    total_mm: float


@dataclass(frozen=True, slots=True)
class StormYear:
    """Storms of one calendar year: cells as rows, and what each storm sends to the river."""

    cells: Floats
    storms: tuple[Storm, ...]
    upstream: Floats  # per storm: rain in the upper catchment relative to Dresden


def xy_km(lat: Number, lon: Number) -> tuple[Floats, Floats]:
    """Kilometres east and north of the city's centre."""
    east = (np.asarray(lon, dtype=np.float64) - LON) * _KM_PER_LON
    return east, (np.asarray(lat, dtype=np.float64) - LAT) * _KM_PER_LAT


def day_anomaly(seed: int, at: Floats) -> Floats:
    """Departure of the weather from the season (K), days to weeks long; ``at`` in minutes."""
    return (
        1.3 * smooth(key_number(seed, "t", "day"), at, 1.5 * _DAY)
        + 2.6 * smooth(key_number(seed, "t", "week"), at, 5 * _DAY)
        + 1.1 * smooth(key_number(seed, "t", "month"), at, 24 * _DAY)
    )


def accumulated(at: Number, mean: Number, length: Number) -> Floats:
    """Share of a cell's rain that has fallen by ``at`` (0..1)."""
    z = np.clip((at - mean) / length, -_CUT, _CUT)
    share = 0.5 * (1.0 + np.tanh(0.7978845608 * (z + 0.044715 * z * z * z)))
    fallen: Floats = (share - _REST) / (1.0 - 2.0 * _REST)
    return fallen


def at_point(cells: Floats, x: Number, y: Number) -> tuple[Floats, Floats, Floats]:
    """Middle (min), length (min) and sum (mm) of every cell at points; cells run along axis 0."""
    cell = cells.reshape(cells.shape[0], *[1] * np.ndim(x), cells.shape[1])
    dx, dy = cell[..., _X] - x, cell[..., _Y] - y
    square = cell[..., _R] ** 2
    a = 0.5 / cell[..., _S] ** 2 + (cell[..., _U] ** 2 + cell[..., _V] ** 2) / square
    b = 2.0 * (dx * cell[..., _U] + dy * cell[..., _V]) / square
    c = (dx**2 + dy**2) / square
    length = np.sqrt(0.5 / a)
    total = cell[..., _P] / 60.0 * np.exp(b * b / (4.0 * a) - c) * length * np.sqrt(2.0 * np.pi)
    return cell[..., _T] - b / (2.0 * a), length, total


def _convective(seed: int, day: date, noon: float) -> list[Floats]:
    """Cells of the thunderstorms of one day: short, peaked, moving, a few kilometres wide."""
    rng = generator(seed, "convective", day)
    season = max(0.0, np.cos((day.timetuple().tm_yday - 196) / 365.25 * 2.0 * np.pi)) ** 1.5
    if not 5 <= day.month <= 9:  # noqa: PLR2004 - May to September
        return []
    warm = float(day_anomaly(seed, np.array([noon]))[0])
    chance = min(0.75, 0.24 * season * np.exp(0.16 * warm))
    if rng.random() > chance:
        return []
    return [_convective_cell(rng, noon) for _ in range(1 + rng.poisson(3.4))]


def _convective_cell(rng: np.random.Generator, noon: float) -> Floats:
    bearing, speed = rng.normal(0.6, 0.7), rng.uniform(4.0, 22.0) / 60.0
    return np.array(
        [
            noon + rng.normal(4.2, 2.6) * 60.0,
            rng.uniform(11.0, 26.0),
            rng.uniform(-28.0, 28.0),
            rng.uniform(-25.0, 25.0),
            speed * np.cos(bearing),
            speed * np.sin(bearing),
            rng.uniform(4.0, 10.0),
            min(100.0, 26.0 + rng.gamma(1.8, 11.0)),
            0.0,
        ]
    )


def _frontal(rng: np.random.Generator, begin: float, hours: float, total: float) -> list[Floats]:
    """Cells of one front: overlapping bursts, each much wider than the city."""
    count = max(3, round(hours / 2.2))
    share = rng.dirichlet(np.full(count, 2.0))
    cells = []
    for part in share:
        length = rng.uniform(22.0, 60.0)
        middle = begin + _CUT * length
        middle += rng.random() * max(0.0, hours * 60.0 - 2.0 * _CUT * length)
        peak = part * total * 60.0 / (length * np.sqrt(2.0 * np.pi))
        place = rng.normal(0.0, 20.0, 2)
        cells.append(np.array([middle, length, *place, 0.0, 0.0, rng.uniform(45, 90), peak, 0.0]))
    return cells


def _front_of_day(seed: int, day: date, midnight: float) -> list[Floats]:
    rng = generator(seed, "frontal", day)
    if rng.random() > (0.20 if day.month in (6, 7, 8) else 0.40):
        return []
    hours = float(np.clip(rng.lognormal(2.4, 0.5), 6.0, 36.0))
    total = min(38.0, rng.gamma(0.9, 3.9)) + 0.3
    return _frontal(rng, midnight + rng.random() * _DAY, hours, total)


@lru_cache(maxsize=64)
def _extremes(seed: int, year: int) -> dict[int, tuple[float, float, float]]:
    """Day of year -> hours, sum (mm), upstream factor of the year's multi-day rain.

    One big one in three years (the gauge passes 5 m: 2024 or 2025, as the seed has it), the
    others just pass 4 m.
    """
    rng = generator(seed, "extreme", year)
    big = (year - 2024 - key_number(seed, "flood") % 2) % 3 == 0
    day = int(rng.integers(190, 285))
    total = rng.uniform(66, 72) if big else rng.uniform(42, 46)
    found = {day: (rng.uniform(60, 80), total, 1.25)}
    if rng.random() < _CHANCE_OF_THAW:
        found[int(rng.integers(35, 80))] = (rng.uniform(48, 72), rng.uniform(26, 31), 1.25)
    return found


def _storm(number: int, kind: Literal["convective", "frontal"], cells: list[Floats]) -> Storm:
    rows = np.array(cells)
    strongest = rows[np.argmax(rows[:, _P])]
    x, y = strongest[_X], strongest[_Y]
    middle, length, total = at_point(rows, x, y)
    grid = np.linspace(rows[:, _T].min() - 60, rows[:, _T].max() + 60, 600)[:, None]
    bell = np.exp(-0.5 * ((grid - middle) / length) ** 2) / (length * np.sqrt(2.0 * np.pi))
    return Storm(
        id=number,
        kind=kind,
        onset=instant(float((rows[:, _T] - _CUT * rows[:, _S]).min())),
        end=instant(float((rows[:, _T] + _CUT * rows[:, _S]).max())),
        lat=round(float(LAT + y / _KM_PER_LAT), 5),
        lon=round(float(LON + x / _KM_PER_LON), 5),
        radius_km=round(float(strongest[_R]), 1),
        peak_mm_h=round(float((bell * total).sum(axis=1).max() * 60.0), 1),
        total_mm=round(float(total.sum()), 1),
    )


def _rain_of_day(seed: int, day: date, midnight: float) -> tuple[list[Floats], float]:
    """Cells of the day's widespread rain, if any, and its strength in the upper catchment."""
    number = day.timetuple().tm_yday
    extremes = _extremes(seed, day.year)
    if number in extremes:
        hours, total, upstream = extremes[number]
        return _frontal(generator(seed, "extreme", day), midnight, hours, total), upstream
    # Settled before and after a multi-day rain, so that floods do not pile up by chance.
    if any(number - other in _SETTLED for other in extremes):
        return [], 0.0
    upstream = float(generator(seed, "upstream", day).uniform(0.55, 1.25))
    return _front_of_day(seed, day, midnight), upstream


def _storms_of_day(seed: int, day: date) -> list[tuple[Storm, list[Floats], float]]:
    """Storms that begin on one day, each with its cells and its strength upstream."""
    midnight = epoch_minutes(datetime(day.year, day.month, day.day, tzinfo=UTC))
    base = day.toordinal() * 100
    cells, upstream = _rain_of_day(seed, day, midnight)
    found = [(_storm(base, "frontal", cells), cells, upstream)] if cells else []
    for place, cell in enumerate(_convective(seed, day, midnight + _DAY / 2.0), start=1):
        found.append((_storm(base + place, "convective", [cell]), [cell], 0.02))
    return found


@lru_cache(maxsize=64)
def storm_year(seed: int, year: int) -> StormYear:
    """All storms that begin in one calendar year (UTC), in order of their onset."""
    ordinals = range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    found = [entry for n in ordinals for entry in _storms_of_day(seed, date.fromordinal(n))]
    found.sort(key=lambda entry: (entry[0].onset, entry[0].id))
    for number, (_, cells, _) in enumerate(found):
        for cell in cells:
            cell[_STORM] = number
    return StormYear(
        cells=np.array([cell for _, cells, _ in found for cell in cells]),
        storms=tuple(storm for storm, _, _ in found),
        upstream=np.array([factor for _, _, factor in found]),
    )
