"""People of the demo city who use the app: sign-ups, joins, leaves and daily answers.

Everything is drawn from (seed, person, challenge, day), so that any moment shows a prefix of the
same story: numbers given once stay. People lose interest over weeks, answer less at weekends and
in school holidays, ride less in the rain, and some leave, which wipes their answers at the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np

from urbandata.demo import cleema_catalogue as catalogue
from urbandata.demo.chance import Bools, Floats, Ints, Times, key_number, uniform
from urbandata.demo.cleema_catalogue import Challenge
from urbandata.demo.storms import LAT, LON
from urbandata.demo.world import World

DAY = 86_400
NEVER = 2**62
EARLY_USERS, EARLY_DAYS = 600, 130  # there before the city's history begins
PER_DAY = 1.55
SATURDAY = 5
# From then on a campaign in one borough brings its people into more challenges.
CAMPAIGN, CAMPAIGN_BOROUGH, CAMPAIGN_EFFECT = date(2025, 3, 1), "7", 1.4
QUIZ_PER_DAY = 45


@dataclass(frozen=True, slots=True)
class Users:
    """One entry per person; ``number`` counts from 1 in the order of signing up."""

    number: Ints
    created_s: Ints
    lost_s: Ints  # when they lose interest
    zeal: Floats
    borough: tuple[str, ...]
    anonymous: Bools
    accepts_surveys: Bools


@dataclass(frozen=True, slots=True)
class Joins:
    """One entry per join, ordered by time; ``number`` counts from 1."""

    number: Ints
    user: Ints
    challenge: Ints
    joined_s: Ints
    left_s: Ints
    orphaned_s: Ints

    def live(self, at_s: int) -> Bools:
        """Joins whose row exists at an instant."""
        there: Bools = (self.joined_s <= at_s) & (self.left_s > at_s)
        return there


@dataclass(frozen=True, slots=True)
class Answers:
    """One entry per answer ever given, ordered by time; ``join`` is a join's number."""

    number: Ints
    join: Ints
    day_index: Ints
    succeeded: Bools
    given_s: Ints


@dataclass(frozen=True, slots=True)
class Community:
    """The whole story up to the end of a month; readers cut it off at their instant."""

    challenges: tuple[Challenge, ...]
    users: Users
    joins: Joins
    answers: Answers
    quiz_user: Ints
    quiz_s: Ints
    quiz_answer: Ints


def community(world: World) -> Community:
    """The story up to the end of the present month."""
    now = world.now()
    return _community(world.seed, world.scale, now.year, now.month)


@lru_cache(maxsize=4)
def _community(seed: int, scale: float, year: int, month: int) -> Community:
    horizon = (datetime(year, month, 1, tzinfo=UTC) + timedelta(days=32)).replace(day=1)
    world = World(seed, clock=lambda: horizon, scale=scale)
    planned = catalogue.challenges(horizon.date())
    users = _users(world, horizon)
    joins = _joins(world, users, planned, horizon)
    quiz = _quiz(world, users, horizon)
    return Community(planned, users, joins, _answers(world, users, joins, planned, horizon), *quiz)


def epoch_s(moment: datetime | date) -> int:
    """Whole seconds since 1970; a date means its midnight in UTC."""
    if not isinstance(moment, datetime):
        moment = catalogue.instant(moment, 0)
    return int(moment.timestamp())


def _draw(world: World, key: str, numbers: Ints) -> Floats:
    return uniform(key_number(world.seed, "cleema", key), numbers)


def _users(world: World, horizon: datetime) -> Users:
    """People in the order of signing up: a first wave, then a steady stream."""
    early = max(1, round(EARLY_USERS * world.scale))
    start = epoch_s(World.start)
    later = int((epoch_s(horizon) - start) / DAY * PER_DAY * world.scale) + 1
    index = np.arange(early + later)
    day = np.where(
        index < early,
        (index / early - 1.0) * EARLY_DAYS,
        (index - early) / (PER_DAY * world.scale),
    )
    created = start + (day * DAY).astype(np.int64) + 3_600
    stays = -np.log(_draw(world, "stays", index)) * 260 * DAY
    loyal = _draw(world, "loyal", index) < 0.3  # noqa: PLR2004
    lost = np.where(loyal, NEVER, created + stays.astype(np.int64))
    number = index + 1
    return Users(
        *(number, created, lost, 0.25 + 0.7 * _draw(world, "zeal", index)),
        borough=_boroughs(world, index),
        anonymous=_draw(world, "anonymous", index) < 0.06,  # noqa: PLR2004
        accepts_surveys=_draw(world, "surveys", index) < 0.4,  # noqa: PLR2004
    )


def _boroughs(world: World, index: Ints) -> tuple[str, ...]:
    """Borough by population; empty for the 15 % who did not say."""
    weights = np.cumsum([d.population for d in world.districts], dtype=np.float64)
    place = np.searchsorted(weights, _draw(world, "district", index) * weights[-1])
    told = _draw(world, "told", index) < 0.85  # noqa: PLR2004
    pairs = zip(place.tolist(), told.tolist(), strict=True)
    return tuple(world.districts[p].borough if yes else "" for p, yes in pairs)


def _joins(world: World, users: Users, planned: tuple[Challenge, ...], horizon: datetime) -> Joins:
    """Who joins which challenge when, and who leaves before its end."""
    parts = [_joins_of(world, users, challenge) for challenge in planned]
    user, number, joined, left, orphaned = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    known = joined < epoch_s(horizon)
    order = np.lexsort((user, number, joined))
    order = order[known[order]]
    return Joins(
        np.arange(1, order.size + 1),
        *(column[order] for column in (user, number, joined, left, orphaned)),
    )


def _joins_of(
    world: World, users: Users, challenge: Challenge
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    key = f"join/{challenge.number}"
    begin, end = epoch_s(challenge.published_at), epoch_s(challenge.end) + DAY
    delay = -np.log(_draw(world, f"{key}/delay", users.number)) * 6 * DAY
    joined = np.maximum(users.created_s + 1_800, begin) + delay.astype(np.int64)
    appeal = challenge.template.appeal * users.zeal * 1.15
    if challenge.start >= CAMPAIGN:
        appeal = np.where(np.array(users.borough) == CAMPAIGN_BOROUGH, CAMPAIGN_EFFECT, 1) * appeal
    wants = _draw(world, key, users.number) < appeal
    comes = wants & (joined < end - DAY) & (users.lost_s > begin)
    joined, user = joined[comes], users.number[comes]
    leaves = _draw(world, f"{key}/leaves", user) < 0.08  # noqa: PLR2004
    share = _draw(world, f"{key}/when", user)
    left = joined + (share * (end - joined)).astype(np.int64) + 60
    left = np.where(leaves & (left < end), left, NEVER)
    gone = epoch_s(challenge.deleted_at) if challenge.deleted_at else NEVER
    size = user.size
    return user, np.full(size, challenge.number), joined, left, np.full(size, gone)


def _answers(
    world: World,
    users: Users,
    joins: Joins,
    planned: tuple[Challenge, ...],
    horizon: datetime,
) -> Answers:
    """All answers in the order in which they were given."""
    moods = _Days(world, planned[0].start, horizon.date())
    parts = [
        _answers_of(world, users, joins, challenge, moods)
        for challenge in planned
        if challenge.start < horizon.date()
    ]
    join, index, succeeded, given = (np.concatenate(c) for c in zip(*parts, strict=True))
    order = np.lexsort((index, join, given))
    return Answers(
        np.arange(1, order.size + 1), *(c[order] for c in (join, index, succeeded, given))
    )


class _Days:
    """Weather, weekday and holidays of every day, by days since ``first``."""

    def __init__(self, world: World, first: date, until: date) -> None:
        self.first = first
        days = [first + timedelta(days=n) for n in range((until - first).days + 90)]
        midnights: Times = np.array(days, "datetime64[D]").astype("datetime64[m]")
        noons = midnights + np.timedelta64(12, "h")
        rain = world.rain_mm(midnights + np.timedelta64(20, "h"), LAT, LON, 840)
        self.wet = np.clip(rain / 5.0, 0.0, 1.0)
        self.cold = np.clip((10.0 - world.temperature_c(noons)) / 10.0, 0.0, 1.0)
        self.weekend = np.array([d.weekday() >= SATURDAY for d in days])
        self.holiday = np.array([world.is_school_holiday(d) for d in days])


def _answers_of(
    world: World, users: Users, joins: Joins, challenge: Challenge, days: _Days
) -> tuple[Ints, Ints, Bools, Ints]:
    """Answers to one challenge: a grid of joins and intervals, thinned out."""
    template = challenge.template
    rows = np.flatnonzero(joins.challenge == challenge.number)
    index = np.arange(1, challenge.intervals + 1)
    step = 1 if template.interval == "daily" else 7
    day = (challenge.start - days.first).days + step * index - 1  # last day of the interval
    user = joins.user[rows]
    cell = user[:, None] * 1_024 + index[None, :]
    key = f"answer/{challenge.number}"

    mood = np.where(days.weekend[day], template.weekend, 1.0) * np.where(
        days.holiday[day], 0.82, 1.0
    )
    fades = np.exp(-index / (1.6 * index.size))
    chance = 1.25 * np.sqrt(users.zeal[user - 1])[:, None] * (mood * fades)[None, :]
    works = template.success * (1 - template.rain_loss * days.wet[day])
    works *= 1 - template.cold_loss * days.cold[day]

    late_day = _draw(world, f"{key}/late", cell) < 0.1  # noqa: PLR2004
    evening = 15 * 3_600 + _draw(world, f"{key}/hour", cell) * 6 * 3_600
    given = epoch_s(days.first) + (day * DAY)[None, :] + evening.astype(np.int64) + late_day * DAY
    counts = _draw(world, key, cell) < chance
    counts &= (given > joins.joined_s[rows, None]) & (given < joins.left_s[rows, None])
    counts &= (given < epoch_s(challenge.end) + DAY) & (given < users.lost_s[user - 1, None])
    succeeded = _draw(world, f"{key}/works", cell) < works[None, :]
    row, column = np.nonzero(counts)
    return joins.number[rows[row]], index[column], succeeded[counts], given[counts]


def _quiz(world: World, users: Users, horizon: datetime) -> tuple[Ints, Ints, Ints]:
    """Person, instant and option (0 to 3) of the answers to the quiz of the day."""
    start = epoch_s(World.start)
    slots = np.arange((epoch_s(horizon) - start) // DAY * QUIZ_PER_DAY)
    moment = start + slots // QUIZ_PER_DAY * DAY
    moment += (_draw(world, "quiz/hour", slots) * (DAY - 1)).astype(np.int64)
    known = np.searchsorted(users.created_s, moment)
    user = 1 + (_draw(world, "quiz", slots) * known).astype(np.int64)
    option = (_draw(world, "quiz/option", slots) * 4).astype(np.int64)
    once = np.unique((moment - start) // DAY * 1_000_000 + user, return_index=True)[1]
    kept = once[users.lost_s[user[once] - 1] > moment[once]]
    order = kept[np.argsort(moment[kept], kind="stable")]
    return user[order], moment[order], option[order]
