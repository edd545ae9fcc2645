"""Roads of the demo city: sections in the 64 districts and how their condition changes.

All invented except the rough length of the network (1,830 km). Sections wear from year to year
and are renewed the sooner the worse they are, so that campaigns of different years agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from urbandata.demo.chance import Bools, Floats, Ints, key_number, normal, uniform
from urbandata.demo.districts import districts

SECTIONS = 9_000
NETWORK_M = 1_830_000.0
FIRST_YEAR = 2015
CLASSES = ("HVS", "SaS", "Anlieger")
SURFACES = ("A", "B", "P")
WARNING, THRESHOLD = 3.5, 4.5
_KM_PER_DEGREE = 111.2
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Network:
    """Sections as columns; ``road_class`` and ``surface`` are indexes of the names above."""

    id: Texts
    district: Texts
    street: Texts
    road_class: Ints
    surface: Ints
    length_m: Floats
    width_m: Floats
    lat: Floats
    lon: Floats


@lru_cache(maxsize=4)
def network(seed: int) -> Network:
    """All sections, ordered by district."""
    places = districts()
    people = np.array([d.population for d in places], dtype=float)
    land = np.minimum([d.km2 for d in places], 8.0)
    weight = 0.6 * people / people.sum() + 0.4 * land / land.sum()
    bounds = np.round(np.cumsum(weight) / weight.sum() * SECTIONS).astype(np.int64)
    count = np.diff(bounds, prepend=0)
    index = np.repeat(np.arange(len(places)), count)
    within = np.arange(SECTIONS) - np.repeat(bounds - count, count)
    road_class = np.digitize(_draw(seed, "class"), [0.18, 0.42])
    old = np.array([int(d.number) < 30 for d in places])[index]  # noqa: PLR2004 - inner city
    setts = (
        _draw(seed, "setts") < np.where(old, 0.28, 0.12) * np.array([0.15, 0.8, 1.4])[road_class]
    )
    surface = np.where(setts, 2, np.where(_draw(seed, "concrete") < 0.04, 1, 0))  # noqa: PLR2004
    length = np.array([260.0, 210.0, 185.0])[road_class] * (0.35 + 1.3 * _draw(seed, "length"))
    length = np.round(length * NETWORK_M / length.sum(), 1)
    width = np.array([11.5, 8.0, 5.6])[road_class] * (0.85 + 0.3 * _draw(seed, "width"))
    radius = np.sqrt(np.array([d.km2 for d in places]) / np.pi)[index] / _KM_PER_DEGREE
    angle = 2 * np.pi * _draw(seed, "angle")
    away = radius * 0.85 * np.sqrt(_draw(seed, "away"))
    lat = np.array([d.lat for d in places])[index] + away * np.sin(angle)
    lon = np.array([d.lon for d in places])[index] + away * np.cos(angle) / np.cos(
        np.radians(51.05)
    )
    numbers = np.array([d.number for d in places])[index]
    names = np.array([d.name for d in places])[index]
    return Network(
        id=np.array([f"D{n}-{w:04d}" for n, w in zip(numbers, within + 1, strict=True)]),
        district=numbers,
        street=np.array([f"{n}, Straße {w // 4 + 1}" for n, w in zip(names, within, strict=True)]),
        road_class=road_class.astype(np.int64),
        surface=surface.astype(np.int64),
        length_m=length,
        width_m=np.round(width, 1),
        lat=lat,
        lon=lon,
    )


@lru_cache(maxsize=64)
def condition(seed: int, year: int) -> tuple[Floats, Floats]:
    """True usability and substance (1 very good to 5 very bad) of all sections in a year."""
    if year <= FIRST_YEAR:
        start = 1.1 + 3.5 * _draw(seed, "start") ** 1.15 + _neighbourhood(seed)
        other = (
            start + 0.12 + 0.45 * normal(key_number(seed, "roads", "other"), np.arange(SECTIONS))
        )
        return np.clip(start, 1.0, 5.0), np.clip(other, 1.0, 5.0)
    usability, substance = condition(seed, year - 1)
    busy = np.array([1.25, 1.0, 0.8])[network(seed).road_class]
    usability = usability + (0.05 + 0.05 * _draw(seed, "wear", year)) * busy
    substance = substance + (0.05 + 0.05 * _draw(seed, "age", year)) * busy
    renewed = renewals(seed, year)
    fresh = 1.05 + 0.4 * _draw(seed, "fresh", year)
    return (
        np.clip(np.where(renewed, fresh, usability), 1.0, 5.0),
        np.clip(np.where(renewed, fresh - 0.05, substance), 1.0, 5.0),
    )


def _neighbourhood(seed: int) -> Floats:
    """How much worse or better the roads of each section's district are than elsewhere."""
    district = network(seed).district.astype(np.int64)
    offset: Floats = 0.9 * (uniform(key_number(seed, "roads", "district"), district) - 0.5)
    return offset


def renewals(seed: int, year: int) -> Bools:
    """Sections that were renewed in a year: bad ones first."""
    worst = np.maximum(*condition(seed, year - 1))
    chance = 0.008 + 0.035 * (worst >= WARNING) + 0.06 * (worst >= THRESHOLD)
    renewed: Bools = _draw(seed, "renewed", year) < chance
    return renewed


def utm33(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Easting and northing (m, EPSG:25833) of WGS 84 positions, good to a millimetre here."""
    a, f, k0 = 6_378_137.0, 1 / 298.257222101, 0.9996
    e2 = f * (2 - f)
    ep2 = e2 / (1 - e2)
    phi, lam = np.radians(lat), np.radians(np.asarray(lon) - 15.0)
    n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    t, c, x = np.tan(phi) ** 2, ep2 * np.cos(phi) ** 2, lam * np.cos(phi)
    arc = a * (
        (1 - e2 / 4 - 3 * e2**2 / 64 - 5 * e2**3 / 256) * phi
        - (3 * e2 / 8 + 3 * e2**2 / 32 + 45 * e2**3 / 1024) * np.sin(2 * phi)
        + (15 * e2**2 / 256 + 45 * e2**3 / 1024) * np.sin(4 * phi)
        - (35 * e2**3 / 3072) * np.sin(6 * phi)
    )
    cubic = (1 - t + c) * x**3 / 6
    fifth = (5 - 18 * t + t**2 + 72 * c - 58 * ep2) * x**5 / 120
    easting = 500_000 + k0 * n * (x + cubic + fifth)
    fourth = (5 - t + 9 * c + 4 * c**2) * x**4 / 24
    sixth = (61 - 58 * t + t**2 + 600 * c - 330 * ep2) * x**6 / 720
    northing = k0 * (arc + n * np.tan(phi) * (x**2 / 2 + fourth + sixth))
    return easting, northing


def _draw(seed: int, *key: object) -> Floats:
    """One value in (0, 1) per section."""
    return uniform(key_number(seed, "roads", *key), np.arange(SECTIONS, dtype=np.int64))
