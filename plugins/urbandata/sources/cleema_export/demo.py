"""Database exports of the demo city's app: ``/export.zip?since=…&until=…`` with MySQL names.

As an operator might hand them over before anybody has thought of data protection: with names,
e-mail addresses, passwords and the follow table, which the platform has to throw away. Joins,
answers and people are those that are new since ``since``; the list of all joins that exist shows
who has left. All people are invented.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import cleema_catalogue as catalogue
from urbandata.demo.chance import Ints, key_number, uniform
from urbandata.demo.cleema import Community, community, epoch_s
from urbandata.demo.cleema_catalogue import Challenge
from urbandata.demo.world import World

TROPHIES = {1: 5, 2: 20, 3: 60}  # trophy and the succeeded answers it takes
TROPHY_JOB_S = 6 * 3_600  # trophies are awarded by a job every six hours


@dataclass(frozen=True, slots=True)
class Span:
    """What is new: after ``since``, up to and with ``until`` (seconds since 1970)."""

    since: int
    until: int

    def new(self, moments: Ints) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """True for moments in the span."""
        return (moments > self.since) & (moments <= self.until)


def routes(world: World) -> list[Route]:
    """The one address of the drop."""

    def export(request: Request) -> Response:
        try:
            since, until = (
                datetime.fromisoformat(request.query_params[name]) for name in ("since", "until")
            )
        except (KeyError, ValueError):
            return PlainTextResponse("since and until have to be times", 400)
        if since.tzinfo is None or until.tzinfo is None:
            return PlainTextResponse("since and until need an offset from UTC", 400)
        body = export_zip(world, since.astimezone(UTC), until.astimezone(UTC))
        return Response(body, media_type="application/zip")

    return [Route("/export.zip", export)]


def export_zip(world: World, since: datetime, until: datetime) -> bytes:
    """The export as of ``until`` (never later than now); the first one goes back to the start."""
    until = min(until, world.now())
    span = Span(epoch_s(since) if since > World.start else 0, epoch_s(until))
    story = community(world)
    tables = {
        **_challenge_tables(story, span),
        **_join_tables(story, span),
        **_people_tables(world, story, span),
    }
    note = {
        "exported_at": until.isoformat(),
        "scope": "changes",
        "changed_since": since.isoformat(),
        "rows": {name: table.num_rows for name, table in tables.items()},
    }
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo("export.json"), json.dumps(note))
        for name, table in tables.items():
            body = io.BytesIO()
            pa_csv.write_csv(table, body)
            archive.writestr(zipfile.ZipInfo(f"{name}.csv"), body.getvalue())
    return sink.getvalue()


def _challenge_tables(story: Community, span: Span) -> dict[str, pa.Table]:
    """All challenges that exist, with their goals; deleted ones are gone."""
    there = [
        c
        for c in story.challenges
        if epoch_s(c.published_at) <= span.until
        and not (c.deleted_at and epoch_s(c.deleted_at) <= span.until)
    ]
    steps = [c for c in there if not c.template.unit]
    measured = [c for c in there if c.template.unit]
    units = pa.array([c.template.unit for c in measured], pa.string())
    return {
        "challenges": pa.Table.from_pylist([_challenge(c) for c in there]),
        "challenges_goal_type_steps": _goals(steps, "count"),
        "challenges_goal_type_measurements": _goals(measured, "value").append_column("unit", units),
    }


def _goals(challenges: list[Challenge], name: str) -> pa.Table:
    number = pa.array([c.number for c in challenges], pa.int64())
    goal = pa.array([c.template.goal for c in challenges], pa.int64())
    return pa.table({"id": number, name: goal, "challenge_id": number})


def _challenge(challenge: Challenge) -> dict[str, object]:
    template = challenge.template
    published = challenge.published_at.replace(tzinfo=None)
    by_user = template.kind in ("user", "group")
    return {
        "id": challenge.number,
        "title": challenge.title,
        "teaser_text": "Mach mit!",
        "description": f"{template.title}, ausführlich (Demotext)",
        "interval": template.interval,
        "is_public": int(not by_user),
        "kind": template.kind,
        "goal_type": "measurement" if template.unit else "steps",
        "start_date": challenge.start,
        "end_date": challenge.end,
        "created_at": published,
        "updated_at": published,
        "published_at": published,
        "locale": "de-DE",
        "uuid": challenge.uuid,
        "views": 100 + challenge.number,
        "author_id": 7 if by_user else None,
        "region_id": 1,
        "collective_goal_amount": template.collective,
    }


def _join_tables(story: Community, span: Span) -> dict[str, pa.Table]:
    """New joins and answers of people who have not left, and the list of all joins.

    Joins whose challenge was deleted come again, without it.
    """
    joins, answers = story.joins, story.answers
    live = joins.live(span.until)
    shown = live & (span.new(joins.joined_s) | span.new(joins.orphaned_s))
    orphaned = joins.orphaned_s[shown] <= span.until
    changed = np.where(orphaned, joins.orphaned_s[shown], joins.joined_s[shown])
    given = span.new(answers.given_s) & live[answers.join - 1]
    return {
        "joined_challenges": pa.table(
            {
                "id": joins.number[shown],
                "created_at": _times(joins.joined_s[shown]),
                "updated_at": _times(changed),
                "challenge_id": pa.array(joins.challenge[shown], mask=orphaned),
                "user_id": joins.user[shown],
            }
        ),
        "joined_challenge_ids": pa.table({"id": joins.number[live]}),
        "joined_challenges_answers": pa.table(
            {
                "id": answers.number[given],
                "answer": np.where(answers.succeeded[given], "succeeded", "failed"),
                "day_index": answers.day_index[given],
                "joined_challenge_id": answers.join[given],
            }
        ),
    }


def _people_tables(world: World, story: Community, span: Span) -> dict[str, pa.Table]:
    """New people with everything a database knows about them, and what they took part in."""
    quiz = span.new(story.quiz_s)
    day = story.quiz_s[quiz] // 86_400 - epoch_s(World.start) // 86_400
    return {
        "up_users": _users(story, span),
        "user_follows_v2": _follows(world, story, span),
        "user_trophies_v2": _trophies(story, span),
        "quiz_responses_v2": pa.table(
            {
                "answer": np.array(list("abcd"))[story.quiz_answer[quiz]],
                "date": _times(story.quiz_s[quiz]),
                "quiz_id": day + 1,
                "user_id": story.quiz_user[quiz],
            }
        ),
        "surveys_participants_links": _linked(world, story, span, "survey", catalogue.SURVEYS, 0.5),
        "projects_users_joined_links": _linked(
            world, story, span, "project", catalogue.PROJECTS, 0.04
        ),
    }


def _users(story: Community, span: Span) -> pa.Table:
    users = story.users
    new = span.new(users.created_s)
    number = users.number[new].tolist()
    borough = [b for b, shown in zip(users.borough, new.tolist(), strict=True) if shown]
    anonymous = users.anonymous[new]
    created = _times(users.created_s[new])
    return pa.table(
        {
            "id": number,
            "username": [f"demoperson{n}" for n in number],
            "email": [f"person{n}@demostadt.example" for n in number],
            "password": [f"$2a$10$demohash{n:08d}" for n in number],
            "reset_password_token": [f"resettoken{n}" for n in number],
            "confirmation_token": [f"confirmtoken{n}" for n in number],
            "confirmed": (~anonymous).astype(np.int64),
            "blocked": np.zeros(len(number), np.int64),
            "created_at": created,
            "updated_at": created,
            "referral_code": [f"REF{n:06d}" for n in number],
            "uuid": [catalogue.stable_uuid(f"user/{n}") for n in number],
            "accepts_surveys": users.accepts_surveys[new].astype(np.int64),
            "is_supporter": (users.zeal[new] > 0.9).astype(np.int64),  # noqa: PLR2004
            "avatar_id": users.number[new] % 12 + 1,
            "region_id": np.ones(len(number), np.int64),
            "is_anonymous": anonymous.astype(np.int64),
            "latitude": [51.0 + n / 10_000 for n in number],
            "borough_number": borough,
        }
    )


def _follows(world: World, story: Community, span: Span) -> pa.Table:
    """Who follows whom among the new people; it must not get past the door."""
    follower = story.users.number[span.new(story.users.created_s)]
    draw = uniform(key_number(world.seed, "cleema", "follows"), follower)
    return pa.table(
        {
            "is_request": np.zeros(follower.size, np.int64),
            "followed_user_id": 1 + (draw * follower).astype(np.int64),
            "follows_user_id": follower,
        }
    )


def _trophies(story: Community, span: Span) -> pa.Table:
    """Trophies for the n-th succeeded answer, dated by the job that awards them."""
    answers = story.answers
    good = answers.succeeded & (answers.given_s <= span.until)
    person, moment = story.joins.user[answers.join[good] - 1], answers.given_s[good]
    order = np.lexsort((moment, person))
    person, moment = person[order], moment[order]
    first = np.searchsorted(person, person, side="left")
    rank = np.arange(person.size) - first + 1
    parts = []
    for trophy, needed in TROPHIES.items():
        hit = rank == needed
        awarded = (moment[hit] // TROPHY_JOB_S + 1) * TROPHY_JOB_S
        new = span.new(awarded)
        parts.append((person[hit][new], np.full(int(new.sum()), trophy), awarded[new]))
    user, trophy_id, date = (np.concatenate(c) for c in zip(*parts, strict=True))
    notified = np.ones(user.size, np.int64)
    return pa.table(
        {"notified": notified, "date": _times(date), "trophy_id": trophy_id, "user_id": user}
    )


def _linked(
    world: World,
    story: Community,
    span: Span,
    name: str,
    items: tuple[catalogue.Item, ...],
    share: float,
) -> pa.Table:
    """Who took part in which item; the table itself has no times."""
    users, parts = story.users, []
    for item in items:
        begin, end = epoch_s(item.start), epoch_s(item.end)
        if begin > span.until:
            break
        key = f"{name}/{item.number}"
        draw = uniform(key_number(world.seed, "cleema", key), users.number)
        moment = begin + (draw / share * (end - begin)).astype(np.int64)
        willing = users.accepts_surveys if name == "survey" else users.zeal > 0.5  # noqa: PLR2004
        takes = (draw < share) & willing & (users.created_s < moment) & (users.lost_s > moment)
        takes &= span.new(moment)
        parts.append((users.number[takes], np.full(int(takes.sum()), item.number)))
    empty = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    user, number = (np.concatenate(c) for c in zip(empty, *parts, strict=True))
    return pa.table({"id": number * 100_000 + user, f"{name}_id": number, "user_id": user})


def _times(moments: Ints) -> pa.Array:
    """Clock readings in UTC as MySQL writes them."""
    return pa.array(moments.astype("datetime64[s]")).cast(pa.timestamp("us"))
