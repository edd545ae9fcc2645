"""Which warnings the demo city's weather service issues: hits, misses, false alarms, chains.

Everything follows from the storms of the demo city, so a warning and the rain it warns of belong
together. The service errs in amount and time, but knows the storms before they come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import numpy as np

from urbandata.demo.calendar import local
from urbandata.demo.chance import Times
from urbandata.demo.world import Storm, World

MINUTE = timedelta(minutes=1)
SENDER = "opendata@dwd.de"
HEAVY_MM_H = 10.0  # from here on the service usually warns
GAP = np.timedelta64(3, "h")
LEVEL_MM_H = {2: 15.0, 3: 25.0, 4: 40.0}  # DWD: moderate, severe, extreme


@dataclass(frozen=True, slots=True)
class Episode:
    """Heavy rain somewhere in the city: first and last instant with >= 10 mm in an hour."""

    begin: datetime
    end: datetime
    peak_mm_h: float


@dataclass(frozen=True, slots=True)
class Message:
    """One CAP message. ``level`` 1 is wind, 2 to 4 heavy rain; times are UTC."""

    identifier: str
    kind: str
    sent: datetime
    onset: datetime
    expires: datetime
    level: int
    certainty: str = "Likely"
    references: str = ""
    in_city: bool = True

    @property
    def reference(self) -> str:
        """How a later message names this one."""
        return f"{SENDER},{self.identifier},{cap_time(self.sent)}"


def cap_time(moment: datetime) -> str:
    """Clock of Dresden with its offset, as CAP wants it (2023-06-23T11:14:00+02:00)."""
    index = np.datetime64(moment.replace(tzinfo=None), "s")

    clock = local(np.array([index]))[0].astype("datetime64[s]")
    hours = int((clock - index) / np.timedelta64(1, "h"))
    return f"{clock}+{hours:02}:00"


def messages(world: World, start: datetime, end: datetime) -> list[Message]:
    """Messages issued in ``[start, end)`` and not later than now, in order of issue."""
    low, high = max(start, world.start), min(end, world.now() + timedelta(seconds=1))
    around = timedelta(days=2)  # a message is about weather at most a day away
    years = range((low - around).year, (high + around).year + 1)
    every = [m for year in years for m in _year(world, year)]
    return sorted((m for m in every if low <= m.sent < high), key=lambda m: (m.sent, m.identifier))


@lru_cache(maxsize=16)
def _year(world: World, year: int) -> tuple[Message, ...]:
    """All messages about the weather of one year (UTC)."""
    found = episodes(world, year)
    first, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    storms = [s for s in world.storms(first, last) if first <= s.onset < last]
    chains = [_heavy_rain(world, e) for e in found]
    chains += [_false_alarm(world, s) for s in storms if _passes(s, found)]
    chains += [_wind(world, s) for s in storms if s.kind == "frontal"]
    return tuple(m for chain in chains for m in chain)


def episodes(world: World, year: int) -> list[Episode]:
    """Heavy rain at any of sixteen places of the city in one year."""
    grid = np.arange(f"{year}-01-01", f"{year + 1}-01-01", 10, dtype="datetime64[m]")
    hourly = np.max([world.rain_mm(grid, d.lat, d.lon, 60) for d in world.districts[::4]], axis=0)
    heavy = np.flatnonzero(hourly >= HEAVY_MM_H)
    parts = np.split(heavy, np.flatnonzero(np.diff(grid[heavy]) > GAP) + 1)
    return [_episode(grid[p], float(hourly[p].max())) for p in parts if p.size]


def _episode(times: Times, peak: float) -> Episode:
    begin, end = (t.astype("datetime64[s]").astype(datetime) for t in (times[0], times[-1]))
    return Episode(begin.replace(tzinfo=UTC), end.replace(tzinfo=UTC), peak)


def _passes(storm: Storm, found: list[Episode]) -> bool:
    """A thunderstorm near the city that brings it no heavy rain within three hours."""
    near = timedelta(hours=3)
    hits = any(e.begin - near < storm.end and storm.onset < e.end + near for e in found)
    return storm.kind == "convective" and not hits


def _heavy_rain(world: World, episode: Episode) -> list[Message]:
    """Chain about one episode; empty for a miss, late for some."""
    rng = world.rng("warning", episode.begin)
    fate = rng.random()
    if fate < 0.12:  # noqa: PLR2004 - nobody saw it coming
        return []
    lead = rng.uniform(10, 90) if fate > 0.20 else -rng.uniform(5, 25)  # noqa: PLR2004
    guess = level(episode.peak_mm_h * float(np.exp(rng.normal(0.0, 0.3))))
    sent = _whole(episode.begin - lead * MINUTE)
    onset = max(sent, _whole(episode.begin - rng.uniform(5, 25) * MINUTE))
    expires = _whole(episode.end + rng.uniform(40, 150) * MINUTE, 30)
    chain = [Message(_identifier(world, sent, "alert"), "Alert", sent, onset, expires, guess)]
    seen = level(episode.peak_mm_h)
    if seen != guess or rng.random() < 0.15:  # noqa: PLR2004 - some only in time
        at = max(sent + 10 * MINUTE, _whole(episode.begin + rng.uniform(0, 20) * MINUTE))
        longer = expires + int(rng.integers(0, 2)) * 30 * MINUTE
        changed = replace(chain[-1], expires=longer, level=seen, certainty="Observed")
        chain.append(_next(world, chain[-1], changed, "Update", at))
    over = _whole(max(episode.end + rng.uniform(15, 40) * MINUTE, chain[-1].sent + 5 * MINUTE))
    if rng.random() < 0.4 and over + 20 * MINUTE < chain[-1].expires:  # noqa: PLR2004
        chain.append(_next(world, chain[-1], chain[-1], "Cancel", over))
    return chain


def _false_alarm(world: World, storm: Storm) -> list[Message]:
    """Warning of a storm that passes: now and then for the city, more often for neighbours."""
    rng = world.rng("false alarm", storm.id)
    draw = rng.random()
    if draw > 0.35:  # noqa: PLR2004
        return []
    sent = _whole(storm.onset - rng.uniform(-20, 40) * MINUTE)
    expires = _whole(storm.end + rng.uniform(10, 80) * MINUTE, 30)
    in_city = draw < 0.09  # noqa: PLR2004
    guess = level(min(storm.peak_mm_h * rng.uniform(0.3, 0.7), 39.0))
    alert = _identifier(world, sent, storm.id)
    chain = [Message(alert, "Alert", sent, sent, expires, guess, in_city=in_city)]
    over = _whole(sent + rng.uniform(30, 70) * MINUTE)
    if rng.random() < 0.5 and over + 10 * MINUTE < expires:  # noqa: PLR2004
        chain.append(_next(world, chain[0], chain[0], "Cancel", over))
    return chain


def _wind(world: World, storm: Storm) -> list[Message]:
    """Gusts (level 1) with the wetter fronts, hours ahead, now and then prolonged."""
    rng = world.rng("gusts", storm.id)
    if storm.total_mm < 8.0 or rng.random() > 0.6:  # noqa: PLR2004
        return []
    onset = _whole(storm.onset + rng.uniform(0, 3) * 60 * MINUTE, 60)
    sent = _whole(onset - rng.uniform(2, 8) * 60 * MINUTE)
    expires = onset + timedelta(hours=int(rng.integers(5, 14)))
    chain = [Message(_identifier(world, sent, storm.id), "Alert", sent, onset, expires, 1)]
    if rng.random() < 0.3:  # noqa: PLR2004
        longer = replace(chain[0], expires=expires + timedelta(hours=3))
        chain.append(_next(world, chain[0], longer, "Update", expires - 40 * MINUTE))
    return chain


def _next(world: World, before: Message, now: Message, kind: str, sent: datetime) -> Message:
    """The next message of a chain; it refers to the one before."""
    return replace(
        now,
        identifier=_identifier(world, sent, before.identifier),
        kind=kind,
        sent=sent,
        references=before.reference,
    )


def level(mm_h: float) -> int:
    """DWD level (2 to 4) for an hourly amount; a weaker expectation is still level 2."""
    return max((n for n, bound in LEVEL_MM_H.items() if mm_h >= bound), default=2)


def _identifier(world: World, sent: datetime, key: object) -> str:
    number = UUID(bytes=world.rng("cap", sent, key).bytes(16), version=4)
    return f"2.49.0.0.276.0.DWD.PVW.{int(sent.timestamp() * 1000)}.{number}.DEU"


def _whole(moment: datetime, minutes: int = 1) -> datetime:
    """The next whole number of minutes of the clock."""
    rest = (moment - datetime.min.replace(tzinfo=UTC)) % (minutes * MINUTE)
    return moment if not rest else moment - rest + minutes * MINUTE
