"""Who comes to the demo city's sports park, and what that uses: all from one set of bookings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from urbandata.demo import mobility, sports
from urbandata.demo.chance import Floats, Ints, Times, key_number, uniform
from urbandata.demo.sports import PLACE, Facility
from urbandata.demo.world import World

QUARTER = np.timedelta64(15, "m")
IRRIGATION_BY_SENSOR_FROM = np.datetime64("2025-05-01", "m")
CARETAKER = 0.01  # share of quarters of an hour in which one person passes
_HALF = np.timedelta64(450, "s")


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """A place without bookings, counted by turnstiles; ``busy`` is its share taken at best."""

    id: str
    name: str
    kind: str
    capacity: int
    busy: float
    centre: float  # busiest hour of a working day
    months: tuple[int, ...] = tuple(range(1, 13))


PUBLIC = (
    PublicPlace("schwimmhalle", "Schwimmhalle Freiberger Platz", "pool", 360, 0.55, 17.0),
    PublicPlace("kraftraum", "Kraft- und Fitnessraum", "gym", 60, 0.75, 18.5),
    PublicPlace(
        *("eislauf", "Öffentliches Eislaufen", "ice_rink", 400, 0.60, 16.0),
        months=(10, 11, 12, 1, 2, 3),
    ),
)


def passages(world: World, facility: Facility, starts: Times) -> tuple[Ints, Ints]:
    """People who enter and leave in the quarters of an hour that begin at ``starts``."""
    entering, leaving = np.zeros(starts.size, np.int64), np.zeros(starts.size, np.int64)
    for season in sports.seasons(world):
        first, came, went = _season_passages(world.seed, facility, season)
        place = (starts - first) // QUARTER
        inside = (place >= 0) & (place < came.size)
        entering[inside] += came[place[inside]]
        leaving[inside] += went[place[inside]]
    return entering, leaving


@lru_cache(maxsize=64)
def _season_passages(
    seed: int, facility: Facility, season: int
) -> tuple[np.datetime64, Ints, Ints]:
    """First quarter of an hour of a season and who enters and leaves in each of them."""
    slots = sports.slots(World(seed), facility, season)
    first = np.datetime64(f"{season}-07-31T22:00", "m")
    size = 368 * 96
    came, went = np.zeros(size, np.int64), np.zeros(size, np.int64)
    here, people = slots.kept, slots.people[slots.kept]
    begin = (slots.starts[here] - first) // QUARTER
    end = (slots.ends[here] - first) // QUARTER
    early, lingering = (people * 55) // 100, (people * 35) // 100
    for counts, place, number in (
        (came, begin - 1, early),
        (came, begin, people - early),
        (went, end - 1, people - lingering),
        (went, end, lingering),
    ):
        np.add.at(counts, place, number)
    # a caretaker now and then; one person is not a team
    key = key_number(seed, "sports/alone", facility.id, season)
    alone = uniform(key, np.arange(size)) < CARETAKER
    return first, came + alone, went + alone


def visitors(world: World, place: PublicPlace, times: Times) -> Ints:
    """People inside a public place; nobody at night and out of season."""
    if times.size == 0:
        return np.zeros(0, np.int64)
    hour = mobility.clock_hour(times)
    working, _, school = mobility.free_days(world, times)
    month = times.astype("datetime64[M]").astype(np.int64) % 12 + 1
    centre = np.where(working & ~school, place.centre, 14.5)
    curve = np.exp(-(((hour - centre) / 3.6) ** 2)) + 0.25 * np.exp(-(((hour - 8.0) / 1.5) ** 2))
    level = np.where(working, np.where(school, 0.85, 0.75), 1.0)
    warm = np.clip((world.temperature_c(times, *PLACE) - 18.0) / 14.0, 0.0, 0.7)
    wave = np.maximum(1.0 + world.noise(f"sports/{place.id}", times, 0.08), 0.3)
    share = place.busy * level * curve * (1.0 - warm) * wave
    opened = (hour >= 6.5) & (hour < 22.0) & np.isin(month, place.months)  # noqa: PLR2004
    people: Ints = np.where(opened, np.round(place.capacity * np.clip(share, 0.0, 1.0)), 0)
    return people.astype(np.int64)


def app_users(world: World, day: date) -> int:
    """People who open the app on a local day: with the season, the weather and its spread."""
    age = (np.datetime64(day) - sports.APP_FROM.astype("datetime64[D]")).astype(int)
    if age < 0:
        return 0
    spread = 1.0 - np.exp(-age / 240.0)
    noon = np.array([np.datetime64(day, "m") + np.timedelta64(11, "h")])
    warm = np.clip(0.6 + 0.02 * world.temperature_c(noon, *PLACE)[0], 0.5, 1.2)
    level = 620.0 * spread * warm * (1.15 if day.weekday() >= 5 else 1.0)  # noqa: PLR2004
    level *= 0.8 if world.is_school_holiday(day) else 1.0
    return int(world.rng("sports/app", day.isoformat()).poisson(level * world.scale))


def meters(world: World, starts: Times) -> dict[str, Ints]:
    """Energy (Wh) of ice and halls, water (litres) of the pitches, by quarter of an hour."""
    if starts.size == 0:
        return dict.fromkeys(("ostra_ice", "ostra_halls", "ostra_pitches"), np.zeros(0, np.int64))
    present = {f.id: _present(world, f, starts) for f in sports.facilities()}
    kinds = {f.id: f.kind for f in sports.facilities()}

    def people(*wanted: str) -> Floats:
        found: Floats = np.sum([n for f, n in present.items() if kinds[f] in wanted], axis=0)
        return found

    warm = world.temperature_c(starts + _HALF, *PLACE)
    month = starts.astype("datetime64[M]").astype(np.int64) % 12 + 1
    chilling = np.where(np.isin(month, (6, 7)), 0.15, np.where(np.isin(month, (4, 5)), 0.6, 1.0))
    ice_kw = chilling * (190.0 + 6.5 * np.maximum(warm - 2.0, 0.0)) + 0.5 * people("ice_rink")
    ice_kw *= np.maximum(1.0 + world.noise("sports/ice", starts, 0.04), 0.5)
    halls_kw = 14.0 + 0.45 * people("hall", "athletics")
    halls_kw *= np.maximum(1.0 + world.noise("sports/halls", starts, 0.06), 0.5)
    return {
        "ostra_ice": np.round(ice_kw * 250.0).astype(np.int64),
        "ostra_halls": np.round(halls_kw * 250.0).astype(np.int64),
        "ostra_pitches": _water_l(world, starts, people("stadium", "pitch", "beach"), warm),
    }


def _water_l(world: World, starts: Times, people: Floats, warm: Floats) -> Ints:
    """Showers by people, and irrigation before sunrise: by timer first, by soil sensor later."""
    hour = mobility.clock_hour(starts)
    watering = (hour >= 3.0) & (hour < 6.0)  # noqa: PLR2004
    days, place = np.unique(starts.astype("datetime64[D]"), return_inverse=True)
    rain = world.rain_mm(days.astype("datetime64[m]"), *PLACE, 3 * 24 * 60)[place]
    season = np.clip((warm + 6.0 - 12.0) / 12.0, 0.0, 1.2)  # at night it is cooler
    dry = np.clip(1.0 - rain / 12.0, 0.0, 1.0)
    by_sensor = np.where(starts >= IRRIGATION_BY_SENSOR_FROM, 0.8 * dry, 0.45 + 0.55 * dry)
    litres = np.where(watering, 4_200.0 * season * by_sensor, 0.0) + 2.2 * people
    return np.round(litres).astype(np.int64)


def _present(world: World, facility: Facility, starts: Times) -> Floats:
    """People there: who came within the last slot, which is close enough for a meter."""
    back = sports.SLOT_MIN // 15
    margin = starts[0] - QUARTER * np.arange(back, 0, -1)
    entering, _ = passages(world, facility, np.concatenate([margin, starts]))
    total = np.cumsum(entering)
    present: Floats = (total[back:] - total[:-back]).astype(np.float64)
    return present
