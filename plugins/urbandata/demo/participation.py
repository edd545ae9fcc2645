"""Citizens' participation in the demo city: procedures, what came in, who took part, answers.

All of it is INVENTED and a function of (seed, procedure): about one procedure begins every ten
days. Older people and inner boroughs take part more than their share, as the index of
representativeness is meant to show. Support grows with age and never shrinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np

from urbandata.demo.chance import Floats, Ints, generator
from urbandata.demo.districts import districts
from urbandata.demo.world import World

FIRST = date(2023, 7, 3)
EVERY_DAYS = 10
PLATFORMS = ("consul", "decidim", "decidim", "adhocracy") + 6 * ("portal",)
SIZES = {"consul": 0.7}  # its pages hold 25 only
KINDS = ("Stadtplanung", "Verkehr", "Grün und Freiraum", "Klima", "Soziales", "Kultur und Sport")
MODES = ("Dialog", "formelles Verfahren", "Umfrage", "Veranstaltung")
AGE_GROUPS = ("unter 18", "18 bis 29", "30 bis 44", "45 bis 64", "65 und älter")
AGE_SHARES = (0.05, 0.14, 0.29, 0.33, 0.19)  # of those who take part
NEVER_ANSWERED, ANSWER_DAYS = 0.12, 42.0
GROWTH_DAYS = 18.0
DAY_S = 86_400
HOURS = np.array([1, 0, 0, 0, 0, 1, 2, 4, 5, 6, 6, 5, 6, 6, 5, 6, 7, 8, 10, 12, 13, 10, 6, 3])


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure with its course; ``answered_on`` may lie ahead of the present."""

    number: int
    platform: str
    kind: str
    mode: str
    begins: date
    ends: date
    borough: str  # "" for the whole city
    answered_on: date | None
    expected: int
    adopted_share: float


@dataclass(frozen=True, slots=True)
class Contributions:
    """One entry per contribution, ordered by time; ``votes`` and ``comments`` are those of now."""

    number: Ints
    procedure: Ints
    created_s: Ints
    district: Ints
    votes: Ints
    comments: Ints
    draw: Floats  # uniform, for what else a platform tells


def procedures(world: World) -> tuple[Procedure, ...]:
    """Procedures that have begun by now, oldest first."""
    today = world.now().date()
    count = max(0, (today - FIRST).days // EVERY_DAYS + 1)
    return tuple(p for p in _planned(world.seed, count) if p.begins <= today)


def contributions(world: World, platform: str) -> Contributions:
    """Everything that one platform has received by now."""
    now_s = int(world.now().timestamp())
    parts = [_received(world.seed, p) for p in procedures(world) if p.platform == platform]
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return Contributions(empty, empty, empty, empty, empty, empty, np.zeros(0))
    number, procedure, created, district, votes, comments, draw = (
        np.concatenate(c) for c in zip(*parts, strict=True)
    )
    there = np.flatnonzero(created <= now_s)
    there = there[np.argsort(created[there], kind="stable")]
    grown = 1.0 - np.exp(-(now_s - created[there]) / (GROWTH_DAYS * DAY_S))
    return Contributions(
        number[there],
        procedure[there],
        created[there],
        district[there],
        np.floor(votes[there] * grown).astype(np.int64),
        np.floor(comments[there] * grown).astype(np.int64),
        draw[there],
    )


def participants(world: World, procedure: Procedure) -> Ints:
    """People who took part in a procedure by now, by age group (rows) and district (columns)."""
    rng = generator(world.seed, "participation", "participants", procedure.number)
    ages = np.array(AGE_SHARES) * rng.uniform(0.7, 1.3, len(AGE_GROUPS))
    table = np.outer(ages / ages.sum(), _weights(procedure.borough, rng))
    whole = rng.poisson(table * procedure.expected * 2.2)
    by_now: Ints = np.floor(whole * _share_done(world, procedure)).astype(np.int64)
    return by_now


def _share_done(world: World, procedure: Procedure) -> float:
    """How much of its span a procedure has behind it (0 to 1)."""
    passed = (world.now().date() - procedure.begins).days
    return min(1.0, max(0.0, passed / (procedure.ends - procedure.begins).days))


@lru_cache(maxsize=4)
def _planned(seed: int, count: int) -> tuple[Procedure, ...]:
    return tuple(_procedure(seed, n) for n in range(1, count + 1))


def _procedure(seed: int, number: int) -> Procedure:
    rng = generator(seed, "participation", "procedure", number)
    platform = PLATFORMS[number % len(PLATFORMS)]
    begins = FIRST + timedelta(days=EVERY_DAYS * (number - 1) + int(rng.integers(0, EVERY_DAYS)))
    ends = begins + timedelta(days=int(rng.integers(21, 90)))
    boroughs = sorted({d.borough for d in districts()})
    delay = timedelta(days=int(ANSWER_DAYS * np.exp(rng.normal(0.0, 0.5))))
    return Procedure(
        number=number,
        platform=platform,
        kind=str(rng.choice(KINDS)),
        mode=str(rng.choice(MODES, p=(0.4, 0.2, 0.3, 0.1))),
        begins=begins,
        ends=ends,
        borough=str(rng.choice(boroughs)) if rng.random() < 0.55 else "",  # noqa: PLR2004
        answered_on=None if rng.random() < NEVER_ANSWERED else ends + delay,
        expected=int(np.clip(rng.lognormal(4.75, 0.6) * SIZES.get(platform, 1.0), 20, 320)),
        adopted_share=float(rng.beta(2.0, 6.0)),
    )


@lru_cache(maxsize=1024)
def _received(seed: int, procedure: Procedure) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints, Floats]:
    """All contributions of one procedure with their final counts."""
    rng = generator(seed, "participation", "contributions", procedure.number)
    count = procedure.expected
    days = (procedure.ends - procedure.begins).days
    begin = datetime.combine(procedure.begins, datetime.min.time(), tzinfo=UTC)
    day = np.floor(rng.beta(1.0, 1.6, count) * days).astype(np.int64)
    hour = rng.choice(24, count, p=HOURS / HOURS.sum())
    created = int(begin.timestamp()) + day * DAY_S + hour * 3600 + rng.integers(0, 3600, count)
    weights = _weights(procedure.borough, rng)
    return (
        procedure.number * 1000 + np.arange(count, dtype=np.int64),
        np.full(count, procedure.number, dtype=np.int64),
        created.astype(np.int64),
        rng.choice(len(weights), count, p=weights).astype(np.int64),
        np.floor(rng.lognormal(2.2, 1.1, count)).astype(np.int64),
        rng.poisson(rng.gamma(0.8, 3.0, count)).astype(np.int64),
        rng.random(count),
    )


def _weights(borough: str, rng: np.random.Generator) -> Floats:
    """Share of each district: by population, unevenly, mostly from the borough concerned."""
    people = np.array([d.population for d in districts()], dtype=np.float64)
    near = np.array([not borough or d.borough == borough for d in districts()])
    weights: Floats = people * np.where(near, 1.0, 0.03) * rng.uniform(0.6, 1.4, people.size)
    shares: Floats = weights / weights.sum()
    return shares
