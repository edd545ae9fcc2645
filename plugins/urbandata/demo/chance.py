"""Chance that depends on the instant only.

A random generator that is run along a time axis gives another value when the axis starts
elsewhere. Here every value is a hash of (seed, key, instant), so any window gives the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zlib import crc32

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Number = Floats | np.float64 | float
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_U53 = float(2**53)
_MOST_SILENT = 0.5  # share of a device's life


def seconds(times: Times) -> Ints:
    """Whole seconds since 1970 (UTC) of numpy instants."""
    return np.asarray(times).astype("datetime64[s]").astype(np.int64)


def minutes(times: Times) -> Floats:
    """Minutes since 1970 (UTC) of numpy instants, with fractions."""
    return seconds(times) / 60.0


def epoch_minutes(instant: datetime) -> float:
    """Minutes since 1970 of one instant. Raises ValueError without a time zone."""
    if instant.tzinfo is None:
        raise ValueError(f"the demo city needs UTC-aware times, got {instant!r}")
    return (instant - _EPOCH).total_seconds() / 60.0


def instant(minute: float) -> datetime:
    """UTC instant of minutes since 1970, to the whole second."""
    return _EPOCH + timedelta(seconds=round(minute * 60))


def key_number(seed: int, *key: object) -> int:
    """64-bit number of a seed and a key, the same on every machine and run."""
    text = "\x1f".join(str(part) for part in (seed, *key)).encode()
    return crc32(text) << 32 | crc32(text[::-1] + b"#")


def generator(seed: int, *key: object) -> np.random.Generator:
    """A generator of its own for each key."""
    return np.random.default_rng([seed, *(crc32(str(part).encode()) for part in key)])


def uniform(key: int, numbers: Ints) -> Floats:
    """One value in (0, 1) per whole number (splitmix64)."""
    z = np.atleast_1d(numbers).astype(np.uint64)
    z = (z + np.uint64(key)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    drawn: Floats = ((z >> np.uint64(11)).astype(np.float64) + 0.5) / _U53
    return drawn.reshape(np.shape(numbers))


def normal(key: int, numbers: Ints) -> Floats:
    """One standard normal value per whole number (Box-Muller)."""
    first, second = uniform(key, numbers), uniform(key ^ 0x5DEECE66D, numbers)
    drawn: Floats = np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second)
    return drawn


def smooth(key: int, at: Floats, period: float) -> Floats:
    """Standard normal curve that wanders within about ``period`` minutes; ``at`` in minutes."""
    place = np.asarray(at, dtype=np.float64) / period
    node = np.floor(place)
    if node.size == 0:
        return np.zeros_like(place)
    first = int(node.min())
    draws = normal(key, np.arange(first, int(node.max()) + 2, dtype=np.int64))
    index = (node - first).astype(np.int64)
    share = place - node
    weight = share * share * (3.0 - 2.0 * share)
    curve: Floats = draws[index] * (1.0 - weight) + draws[index + 1] * weight
    return curve / np.sqrt(weight**2 + (1.0 - weight) ** 2)


def outages(key: int, at: Floats, share: float) -> Bools:
    """True while a device is silent: single outages of hours, together ``share`` of the time."""
    block = 72 * 60.0
    if not 0.0 <= share <= _MOST_SILENT:
        raise ValueError(f"share of dropped values must lie in 0..{_MOST_SILENT}, got {share}")
    number = np.floor(np.asarray(at) / block).astype(np.int64)
    mean = max(6 * 60.0, share * block)
    length = mean * (0.1 + 1.8 * uniform(key ^ 1, number))
    begin = uniform(key ^ 2, number) * np.maximum(block - length, 0.0)
    within = at - number * block
    happens = uniform(key ^ 3, number) < share * block / mean
    silent: Bools = happens & (within >= begin) & (within < begin + length)
    return silent
