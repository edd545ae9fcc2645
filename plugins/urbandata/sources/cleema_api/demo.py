"""The Cleema API of the demo city: per-user lists without paging, as the open-source backend.

Served with its habits: lower-case ``bearer``, errors inside 200 answers where no install id came,
challenges that vanish a week after their end, user objects with e-mail addresses inside
``usersJoined``, ``goalInvolvement`` always 0/0. All people are invented.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo import cleema_catalogue as catalogue
from urbandata.demo.cleema import Community, community, epoch_s
from urbandata.demo.cleema_catalogue import Challenge, Item
from urbandata.demo.world import World

TOKEN = "demo"  # noqa: S105 - the platform sends this word for every secret in demo mode
SHOWN_AFTER_END = timedelta(days=7)
REFUSED = {"error": "Authentication failed"}
Record = dict[str, Any]


def routes(world: World) -> list[Route]:
    """One route per list; each demands the token."""
    lists: dict[str, Callable[[World], list[Record]]] = {
        "challenges": _challenges,
        "projects": _projects,
        "regions": _regions,
        "offers": _offers,
        "surveys": _surveys,
        "news-entries": _news,
    }

    def listing(request: Request) -> Response:
        refusal = _refusal(request)
        if refusal is not None:
            return refusal
        name = request.url.path.rpartition("/")[2]
        records = lists[name](world)
        if name == "challenges" and not request.headers.get("cleema-install-id"):
            records = [REFUSED for _ in records]
        return JSONResponse({"data": records, **({"meta": {}} if name == "projects" else {})})

    def quiz(request: Request) -> Response:
        refusal = _refusal(request)
        if refusal is not None:
            return refusal
        known = bool(request.headers.get("cleema-install-id"))
        return JSONResponse({"data": _quiz(world.now().date()) if known else REFUSED})

    def challenge(request: Request) -> Response:
        refusal = _refusal(request)
        wanted = request.path_params["uuid"]
        found = [r for r in _challenges(world) if r["uuid"] == wanted]
        if refusal is not None:
            return refusal
        if found:
            return JSONResponse({"data": found[0]})
        return JSONResponse(_error(f"no challenge with uuid: {wanted} found!"), 400)

    return [
        Route("/quizzes/current", quiz),
        Route("/challenges/{uuid}", challenge),
        *(Route(f"/{name}", listing) for name in lists),
    ]


def _refusal(request: Request) -> Response | None:
    """401 unless the header says ``bearer`` (lower case) and the token."""
    _, found, token = request.headers.get("authorization", "").rpartition("bearer ")
    if found and token.partition(",")[0] == TOKEN:
        return None
    message = "Login failed" if found else "No bearer token provided"
    return JSONResponse(_error(message), 401)


def _error(message: str) -> Record:
    error = {"details": {}, "message": message, "name": "ApplicationError", "status": 400}
    return {"data": None, "error": error}


def _challenges(world: World) -> list[Record]:
    now, story = world.now(), community(world)
    shown = [
        c
        for c in story.challenges
        if c.published_at < now
        and datetime.combine(c.end, datetime.min.time(), now.tzinfo) > now - SHOWN_AFTER_END
        and not (c.deleted_at and c.deleted_at <= now)
    ]
    return [_challenge(story, c, epoch_s(now)) for c in shown]


def _challenge(story: Community, challenge: Challenge, now_s: int) -> Record:
    template, joins = challenge.template, story.joins
    mine = joins.live(now_s) & (joins.challenge == challenge.number)
    given = story.answers.succeeded & (story.answers.given_s <= now_s)
    progress = int(np.isin(story.answers.join[given], joins.number[mine]).sum())
    measured = template.unit != ""
    return {
        "title": challenge.title,
        "description": f"{template.title}: so geht es, Schritt für Schritt (Demotext).",
        "interval": template.interval,
        "isPublic": template.kind in ("partner", "collective"),
        "kind": template.kind,
        "startDate": _stamp(challenge.start),
        "endDate": _stamp(challenge.end),
        "createdAt": _stamp(challenge.published_at),
        "updatedAt": _stamp(challenge.published_at),
        "publishedAt": _stamp(challenge.published_at),
        "locale": "de-DE",
        "goalType": "measurement" if measured else "steps",
        "uuid": challenge.uuid,
        "teaserText": "Mach mit!",
        "region": _region("Dresden"),
        "goalMeasurement": {"unit": template.unit, "value": template.goal} if measured else None,
        "goalSteps": {"count": None if measured else template.goal},
        "joinedChallenge": None,
        "collectiveGoalAmount": template.collective,
        "collectiveProgress": progress,
        "usersJoined": [_person(int(n)) for n in joins.user[mine]],
        "joined": False,
        "partner": {
            "title": "Verein Demostadt e. V.",
            "url": "https://verein.example",
            "description": "Ansprechpartnerin: Petra Muster, petra.muster@verein.example",
            "uuid": catalogue.stable_uuid("partner"),
        },
        "image": {"url": "https://bilder.example/challenge.jpg"},
    }


def _person(number: int) -> Record:
    """A user object as the service embeds it; the address is invented."""
    return {
        "acceptsSurveys": False,
        "email": f"person{number}@demostadt.example",
        "username": f"demoperson{number}",
        "referralCode": f"REF{number:06d}",
        "region": _region("Dresden"),
        "uuid": catalogue.stable_uuid("caller"),  # always the caller's, a fault of the service
    }


def _region(name: str) -> Record:
    day = _stamp(date(2022, 1, 1))
    return {
        "name": name,
        "createdAt": day,
        "updatedAt": day,
        "publishedAt": day,
        "uuid": catalogue.REGIONS[name],
    }


def _regions(world: World) -> list[Record]:
    return [_region(name) for name in catalogue.REGIONS]


def _open(items: tuple[Item, ...], world: World) -> list[Item]:
    """What has begun and not ended."""
    today = world.now().date()
    return [i for i in items if i.start <= today <= i.end]


def _content(kind: str, item: Item) -> Record:
    begun = _stamp(item.start)
    return {
        "title": item.title,
        "description": f"{item.title} (Demotext)",
        "createdAt": begun,
        "updatedAt": begun,
        "publishedAt": begun,
        "locale": "de-DE",
        "uuid": catalogue.stable_uuid(f"{kind}/{item.number}"),
    }


def _projects(world: World) -> list[Record]:
    """Finished projects are not shown."""
    return [
        {
            **_content("project", item),
            "summary": item.title,
            "startDate": _stamp(item.start),
            "goalType": "involvement",
            "phase": "running",
            "conclusion": None,
            "region": _region("Dresden"),
            "goalInvolvement": {"currentParticipants": 0, "maxParticipants": 0},
            "joined": False,
        }
        for item in _open(catalogue.PROJECTS, world)
    ]


def _offers(world: World) -> list[Record]:
    """Every third offer has no dates, for which the service writes a day in the year 2000."""
    unknown = "2000-04-30 00:00:00.000000"
    return [
        {
            **_content("offer", item),
            "id": item.number,
            "discount": "10",
            "storeType": "shop",
            "validFrom": _stamp(item.start) if item.number % 3 else unknown,
            "validUntil": _stamp(item.end) if item.number % 3 else unknown,
            "genericVoucher": f"GUTSCHEIN{item.number}",
            "isRegional": True,
            "redeemInterval": 30,
            "views": 40 + 7 * item.number,
            "region": _region("Dresden"),
        }
        for item in _open(catalogue.OFFERS, world)
    ]


def _surveys(world: World) -> list[Record]:
    return [
        {
            **_content("survey", item),
            "surveyUrl": "https://umfrage.example/app",
            "evaluationUrl": "https://umfrage.example/ergebnis",
            "target": "all",
            "trophyProcessed": False,
            "finished": False,
        }
        for item in _open(catalogue.SURVEYS, world)
    ]


def _news(world: World) -> list[Record]:
    """The year's news; the service would list all."""
    since = world.now().date() - timedelta(days=365)
    return [
        {**_content("news", i), "date": i.start.isoformat(), "region": _region("Dresden")}
        for i in _open(catalogue.NEWS, world)
        if i.start > since
    ]


def _quiz(today: date) -> Record:
    return {
        "question": "Was spart mehr Wasser? (Demofrage)",
        "answers": [{"option": o, "text": "Demoantwort"} for o in "abcd"],
        "correctAnswer": "b",
        "createdAt": _stamp(today),
        "publishedAt": None,
        "date": _stamp(today),
        "response": None,
        "uuid": catalogue.stable_uuid(f"quiz/{today}"),
    }


def _stamp(moment: datetime | date) -> str:
    """UTC with six digits, as Laravel writes it."""
    if not isinstance(moment, datetime):
        moment = catalogue.instant(moment, 0)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
