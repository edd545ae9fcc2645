"""Bookings of the demo city's sports park. Every number is invented.

A season (August to July) is a grid of days and 90-minute slots per facility. Schools and clubs
hold slots week by week, people book what is left. School holidays empty the schools' slots, rain
and cold the outdoor ones; who cancels late, who stays away without a word and who comes is
drawn once per slot, so that calendars, counters and meters tell the same story.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from urbandata.demo.chance import Bools, Floats, Ints, Times, key_number, seconds, uniform
from urbandata.demo.world import World

SEEDS = Path(__file__).parents[3] / "dbt/seeds/sportpark"
PLACE = (51.068, 13.719)
SLOT_MIN = 90
FREE, SCHOOL, CLUB, PERSON = range(4)
APP_FROM = np.datetime64("2025-03-01", "s")  # bookings by app: answers in hours, reminders
_SCHOOL_KINDS = frozenset({"hall", "athletics", "ice_rink", "stadium", "pitch"})
_SIZES = {"ice_rink": 22, "ice_track": 16, "hall": 24, "athletics": 18, "stadium": 40, "beach": 10}
_DEMAND = {"beach": 0.16, "hall": 0.14, "pitch": 0.10, "ice_rink": 0.08}


@dataclass(frozen=True, slots=True)
class Facility:
    """One bookable facility; ``hours`` are minutes of the local day by weekday, None if shut."""

    id: str
    name: str
    kind: str
    outdoor: bool
    hours: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Slots:
    """All slots of a facility and season, one entry each; instants are UTC."""

    facility: Facility
    season: int
    starts: Times
    clock: Times  # local clock of the start
    group: Ints
    series: Ints  # weekday * 100 + number in the day
    skipped: Bools  # a held slot that falls out by rule (holidays): EXDATE
    cancelled: Bools
    short: Bools  # ends half an hour early, agreed beforehand
    kept: Bools
    people: Ints
    requested: Times
    answered: Times
    declined: Bools
    cancelled_on: Times

    @property
    def ends(self) -> Times:
        """End of each slot as it takes place."""
        minutes = np.where(self.short, SLOT_MIN - 30, SLOT_MIN)
        ends: Times = self.starts + minutes.astype("timedelta64[m]")
        return ends


@cache
def facilities() -> tuple[Facility, ...]:
    """Bookable facilities as the seeds have them."""
    hours: dict[tuple[str, int], tuple[int, int]] = {}
    with (SEEDS / "facility_hours.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            span = _minutes(row["opens_local"]), _minutes(row["closes_local"])
            hours[row["facility_id"], int(row["iso_weekday"])] = span
    with (SEEDS / "facilities.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Facility(
                id=row["facility_id"],
                name=row["name_de"],
                kind=row["kind"],
                outdoor=row["is_outdoor"] == "true",
                hours=tuple(hours.get((row["facility_id"], day)) for day in range(1, 8)),
            )
            for row in csv.DictReader(file)
            if row["is_bookable"] == "true"
        )


def seasons(world: World) -> list[int]:
    """Years in which seasons begin, from the first whole one of the city to the next."""
    last = world.now() + timedelta(days=70)  # the next season's slots are given away in June
    return list(range(world.start.year, season_of(last.date()) + 1))


def season_of(day: date) -> int:
    """Year in which the season of a day began."""
    return day.year if day.month >= 8 else day.year - 1  # noqa: PLR2004 - August


def is_closed(facility: Facility, day: date) -> bool:
    """Whole days on which a facility is shut (see the calendar of closures)."""
    if (day.month, day.day) in ((12, 24), (12, 25), (12, 26), (12, 31), (1, 1)):
        return True
    if facility.kind == "ice_track":
        return not (day.month >= 10 or day.month <= 3)  # noqa: PLR2004 - October to March
    return facility.kind == "ice_rink" and day.month in (6, 7)


def slots(world: World, facility: Facility, season: int) -> Slots:
    """Every slot of a season that somebody holds or has booked."""
    return _slots(world.seed, facility, season)


@lru_cache(maxsize=128)
def _slots(seed: int, facility: Facility, season: int) -> Slots:
    world = World(seed)
    clock, series = _grid(facility, season)
    starts = _utc(clock)
    days = clock.astype("datetime64[D]")
    group = _holders(seed, facility, season, clock, series)
    appeal = _appeal(world, facility, starts)
    booked = _draw(seed, facility, "person", starts) < _demand(facility, clock, season) * appeal
    group = np.where((group == FREE) & booked, PERSON, group)
    taken = group != FREE
    clock, series, starts, days = clock[taken], series[taken], starts[taken], days[taken]
    group, appeal = group[taken], appeal[taken]

    def draw(what: str) -> Floats:
        return _draw(seed, facility, what, starts)

    skipped = _skipped(world, facility, days, group)
    requested, answered = _requests(seed, facility, season, starts, group, series)
    declined = (group == PERSON) & (draw("declined") < 0.06)  # noqa: PLR2004
    cancelled = draw("cancelled") < 0.03 + 0.30 * np.clip(1.0 - appeal, 0.0, 1.0)
    absent = np.choose(group, [0.0, 0.03, 0.09, 0.16]) * np.where(starts >= APP_FROM, 0.7, 1.0)
    here = ~skipped & ~cancelled & ~declined & (draw("absent") >= absent)
    size = _SIZES.get(facility.kind, 20) * np.choose(group, [0.0, 1.1, 0.9, 0.35])
    people = np.maximum(np.round(size * (0.6 + 0.8 * draw("people"))), 2).astype(np.int64)
    notice_h = 2.0 + 90.0 * draw("notice") ** 2
    return Slots(
        facility=facility,
        season=season,
        starts=starts,
        clock=clock,
        group=group,
        series=series,
        skipped=skipped,
        cancelled=cancelled & ~skipped & ~declined,
        short=(draw("short") < 0.015) & (group != PERSON),  # noqa: PLR2004
        kept=here,
        people=np.where(here, people, 0),
        requested=requested,
        answered=answered,
        declined=declined,
        cancelled_on=np.maximum(starts - _hours(notice_h), answered),
    )


def _grid(facility: Facility, season: int) -> tuple[Times, Ints]:
    """Local clock and series number of all slots of a season on open days."""
    clock, series = [], []
    day, end = date(season, 8, 1), date(season + 1, 8, 1)
    while day < end:
        span = facility.hours[day.weekday()]
        if span is not None and not is_closed(facility, day):
            begins = np.arange(span[0], span[1] - SLOT_MIN + 1, SLOT_MIN)
            clock.append(np.datetime64(day, "s") + begins.astype("timedelta64[m]"))
            series.append(day.weekday() * 100 + np.arange(begins.size))
        day += timedelta(days=1)
    return np.concatenate(clock), np.concatenate(series)


def _holders(seed: int, facility: Facility, season: int, clock: Times, series: Ints) -> Ints:
    """Who holds each slot for the whole season."""
    hour = (clock - clock.astype("datetime64[D]")) / np.timedelta64(3600, "s")
    workday = series < 500  # noqa: PLR2004 - Monday to Friday
    drawn = uniform(key_number(seed, "sports/holder", facility.id, season), series)
    growth = 0.03 * (season - 2023)
    school = workday & (hour < 14.5) & (facility.kind in _SCHOOL_KINDS)  # noqa: PLR2004
    club = workday & (hour >= 15.0)  # noqa: PLR2004
    share = np.where(school, 0.55, np.where(club, 0.74 + growth, np.where(workday, 0.08, 0.42)))
    if facility.outdoor:
        share = share * 0.85
    holder: Ints = np.where(drawn < share, np.where(school, SCHOOL, CLUB), FREE)
    return holder


def _demand(facility: Facility, clock: Times, season: int) -> Floats:
    """Chance that somebody books a free slot in fine weather."""
    hour = (clock - clock.astype("datetime64[D]")) / np.timedelta64(3600, "s")
    base = _DEMAND.get(facility.kind, 0.04) * (1.0 + 0.12 * (season - 2023))
    chance: Floats = base * np.where(hour >= 15.0, 1.5, 0.6)  # noqa: PLR2004
    return chance


def _appeal(world: World, facility: Facility, starts: Times) -> Floats:
    """1 for halls and fine weather, less where cold and rain keep people away."""
    if not facility.outdoor or starts.size == 0:
        return np.ones(starts.size)
    warm = np.clip(0.25 + 0.055 * world.temperature_c(starts, *PLACE), 0.05, 1.0)
    if facility.kind == "ice_track":
        warm = np.ones(starts.size)
    wet = np.minimum(world.rain_mm(starts, *PLACE, 180), 4.0) / 4.0
    appeal: Floats = warm * (1.0 - 0.8 * wet)
    return appeal


def _skipped(world: World, facility: Facility, days: Times, group: Ints) -> Bools:
    """Held slots that fall out: public holidays for all, school holidays for schools."""
    every, place = np.unique(days, return_inverse=True)
    dates = [d.astype(object) for d in every]
    public = np.array([world.is_holiday(d) for d in dates], dtype=bool)[place]
    school = np.array([world.is_school_holiday(d) for d in dates], dtype=bool)[place]
    held = group != PERSON
    skipped: Bools = held & (public | (school & (group == SCHOOL)))
    return skipped


def _requests(
    seed: int, facility: Facility, season: int, starts: Times, group: Ints, series: Ints
) -> tuple[Times, Times]:
    """When each booking was asked for and answered; whole seasons are asked for in May."""
    may = np.datetime64(f"{season}-05-04T08:00", "s")
    whole = uniform(key_number(seed, "sports/asked", facility.id, season), series)
    season_asked = may + _hours(whole * 24 * 20)
    season_answered = season_asked + _hours((0.4 + whole) * 24 * (26 - 4 * (season - 2023)))
    lead_h = 20.0 + 24.0 * 18.0 * _draw(seed, facility, "lead", starts) ** 2
    asked = starts - _hours(lead_h)
    median_h = np.where(asked >= APP_FROM, 7.0, 58.0)
    wait = median_h * np.exp(1.6 * (_draw(seed, facility, "wait", starts) - 0.5))
    answered = asked + _hours(np.minimum(wait, 0.6 * lead_h))
    person = group == PERSON
    return np.where(person, asked, season_asked), np.where(person, answered, season_answered)


def _draw(seed: int, facility: Facility, what: str, starts: Times) -> Floats:
    return uniform(key_number(seed, "sports", what, facility.id), seconds(starts))


def _hours(hours: Floats) -> npt.NDArray[np.timedelta64]:
    return (hours * 3600).astype(np.int64).astype("timedelta64[s]")


def _utc(clock: Times) -> Times:
    """UTC of local clock readings by day (never in the hour in which the clock is changed)."""
    index = pd.DatetimeIndex(clock).tz_localize("Europe/Berlin")
    utc: Times = index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    return utc


def _minutes(text: str) -> int:
    at = datetime.strptime(text, "%H:%M")  # noqa: DTZ007 - a clock reading
    return at.hour * 60 + at.minute
