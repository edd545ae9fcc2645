"""A small Cleema community written by hand, and a random one to attack.

By hand (2024). Everybody joins the bike challenge on 25 April; it asks for 200 km in the 31 days
of May, so a success stands for 200/31 km.

- a01 to a12, borough 0: succeed on 1 and 2 May; a01 fails on 3 May
- b01 to b11, borough 1: succeed on 1 May
- c1 to c3, borough 3, and d1, d2, borough 4: succeed on 1 May
- l1 lives in Leipzig and succeeds on 1 May

Challenge 2 is a copy of the first: a01 reports 1 May there as well. Challenge 3 has never been
reviewed: a01 to a10 succeed on its first of two days. Challenge 4 asks for 5,000 km in May: a02
reports 3 May. Challenge 5 is the month without meat in June: a01 to a10 succeed on 25 June.
Challenge 6 is another one nobody reviewed: of a01 to a12, a01 to a03 succeed on 3 June, its first
of two days.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb

from tests.dbt.city import insert, utc
from urbandata.demo import cleema_catalogue as catalogue

Row = dict[str, Any]
PLAN = {
    (c.template.key, c.start.year, c.start.month): c
    for c in catalogue.challenges(date(2025, 12, 1))
}
BIKE, MEAT = PLAN["bike", 2024, 5], PLAN["meat", 2024, 6]
A = [f"a{n:02}" for n in range(1, 13)]
B = [f"b{n:02}" for n in range(1, 12)]
C, D = ["c1", "c2", "c3"], ["d1", "d2"]
RANDOM = [("degree", 2), ("shower", 3), ("bike", 5), ("meat", 6), ("water", 7), ("train", 7)]


@dataclass
class Export:
    """One export: its moment and the rows that are new in it."""

    name: str
    exported_at: datetime
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Append rows of one table."""
        self.tables.setdefault(table, []).extend(rows)

    def write(self, con: duckdb.DuckDBPyConnection, load_id: int) -> None:
        """Into the raw tables, all under one payload."""
        about = {"exported_at": self.exported_at, "scope": "changes", "lists_all_joins": False}
        for table, rows in {"exports": [about], **self.tables}.items():
            insert(con, f"cleema_export__{table}", rows, load_id, "demo", self.name)


def _challenge(number: int, plan: catalogue.Challenge, **changes: Any) -> Row:
    return {
        "id": number,
        "uuid": plan.uuid,
        "title": plan.title,
        "interval": plan.template.interval,
        "kind": plan.template.kind,
        "goal_type": "measurement" if plan.template.unit else "steps",
        "start_date": plan.start,
        "end_date": plan.end,
        "region_id": 1,
        **changes,
    }


def _goal(number: int, value: int, unit: str) -> Row:
    return {"challenge_id": number, "value": value, "unit": unit}


def _person(key: str, borough: str | None, day: date, region: int = 1, **more: Any) -> Row:
    own = {"user_key": key, "created_on": day, "region_id": region, "borough_number": borough}
    return {**own, "is_anonymous": False, "blocked": False, "accepts_surveys": False, **more}


class _Numbers:
    """Joins and answers with running numbers."""

    def __init__(self, first: int) -> None:
        self.join, self.answer = first, first

    def take_part(
        self, to: Export, person: str, challenge: int, joined: datetime, days: dict[int, bool]
    ) -> int:
        """One join with its answers by ordinal; the number of the join."""
        self.join += 1
        row = {"id": self.join, "user_key": person, "challenge_id": challenge}
        to.add("joined_challenges", [{**row, "created_at": joined}])
        self.answers(to, self.join, days)
        return self.join

    def answers(self, to: Export, join: int, days: dict[int, bool]) -> None:
        """Answers to a join."""
        for index, done in days.items():
            self.answer += 1
            row = {"id": self.answer, "joined_challenge_id": join, "day_index": index}
            word = "succeeded" if done else "failed"
            to.add("joined_challenges_answers", [{**row, "answer": word}])


def by_hand() -> tuple[Export, Export, Export]:
    """The first export, of 1 June 2024: nothing but a09, a10 and b01 to b08 in survey 2. That of
    1 August, and the late one: b02's 2 May."""
    opening = Export("opening", utc("2024-06-01 00:00"))
    asked_before = [{"user_key": k, "survey_id": 2} for k in (*A[8:10], *B[:8])]
    opening.add("surveys_participants", asked_before)
    first = Export("by-hand", utc("2024-08-01 00:00"))
    late = Export("late", utc("2026-01-22 00:00"))
    signed = date(2024, 4, 20)
    asked = {*A, *B[:8]}
    people = [(A, "0"), (B, "1"), (C, "3"), (D, "4")]
    for keys, borough in people:
        first.add(
            "up_users",
            [_person(k, borough, signed, accepts_surveys=k in asked) for k in keys],
        )
    first.add("up_users", [_person("l1", None, signed, region=2)])
    first.add(
        "challenges",
        [
            _challenge(1, BIKE),
            _challenge(2, BIKE),
            _challenge(3, BIKE, uuid=catalogue.stable_uuid("new"), end_date=date(2024, 5, 2)),
            _challenge(4, BIKE),
            _challenge(5, MEAT),
            _challenge(
                6,
                MEAT,
                uuid=catalogue.stable_uuid("newer"),
                start_date=date(2024, 6, 3),
                end_date=date(2024, 6, 4),
            ),
        ],
    )
    goals = [_goal(1, 200, "km"), _goal(2, 200, "km"), _goal(4, 5000, "km")]
    first.add("challenges_goal_type_measurements", goals)
    first.add("surveys_participants", [{"user_key": k, "survey_id": 1} for k in A[:10]])

    numbers, april = _Numbers(0), utc("2024-04-25 10:00")
    for key in (*A, *B, *C, *D, "l1"):
        days = {1: True, **({2: True} if key in A else {}), **({3: False} if key == "a01" else {})}
        join = numbers.take_part(first, key, 1, april, days)
        if key == "b02":
            numbers.answers(late, join, {2: True})
    numbers.take_part(first, "a01", 2, april, {1: True})
    for key in A[:10]:
        numbers.take_part(first, key, 3, april, {1: True})
    numbers.take_part(first, "a02", 4, april, {3: True})
    for key in A:
        days = {25: True} if key in A[:10] else {}
        numbers.take_part(first, key, 5, utc("2024-05-28 10:00"), days)
        days = {1: True} if key in A[:3] else {}
        numbers.take_part(first, key, 6, utc("2024-05-28 10:00"), days)
    return opening, first, late


def at_random(seed: int, people: int = 260) -> Export:
    """A community of 2025: boroughs of very different size, six challenges, few answers each."""
    rng = random.Random(seed)  # noqa: S311 - for tests
    export = Export(f"random-{seed}", utc("2026-01-01 00:00"))
    boroughs = [*"0123456789", None]
    weights = [20, 9, 14, 3, 2, 22, 8, 12, 9, 25, 16]
    keys = [f"r{seed}-{n}" for n in range(people)]
    export.add(
        "up_users",
        [_person(k, rng.choices(boroughs, weights)[0], date(2025, 1, 2)) for k in keys],
    )
    numbers = _Numbers(100_000)
    for number, (key, month) in enumerate(RANDOM, start=100):
        plan = PLAN[key, 2025, month]
        export.add("challenges", [_challenge(number, plan)])
        if plan.template.unit:
            goal = _goal(number, plan.template.goal, plan.template.unit)
            export.add("challenges_goal_type_measurements", [goal])
        share = rng.choice([0.04, 0.12, 0.3, 0.6])
        for person in keys:
            if rng.random() < share:
                days = {rng.randint(1, plan.intervals): rng.random() < 0.8 for _ in range(4)}
                numbers.take_part(export, person, number, utc("2025-01-20 09:00"), days)
    return export
