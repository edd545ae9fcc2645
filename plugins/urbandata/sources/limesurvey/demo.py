"""The demo city's LimeSurvey: RemoteControl 2 with log-in, surveys and responses. INVENTED.

Every procedure that is a survey has one. As at a real kiosk about one in seven gives up, people
write texts and addresses into open questions, and one question allows several answers.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.districts import districts
from urbandata.demo.participation import Procedure, participants, procedures
from urbandata.demo.world import World

USER = PASSWORD = "demo"  # noqa: S105 - the platform sends this word for every secret
SESSION = "demo~session~0123456789"
FIRST = 100_000
GROUP = 10
GIVES_UP = 0.15
ZONE = ZoneInfo("Europe/Berlin")
QUESTIONS = (  # id, code, type, parts
    (11, "AGE", "L", ()),
    (12, "BOROUGH", "!", ()),
    (13, "Q1", "5", ()),
    (14, "Q2", "Y", ()),
    (15, "Q3", "M", ("SQ001", "SQ002", "SQ003")),
    (16, "TEXT", "T", ()),
    (17, "MAIL", "S", ()),
)
Answer = Callable[[World, list[Any]], Any]


def routes(world: World) -> list[Route]:
    """The one address of RemoteControl 2; errors come as HTTP 200 with a status."""
    methods: dict[str, Answer] = {
        "list_surveys": _surveys,
        "get_summary": _summary,
        "list_questions": _questions,
        "export_responses": _export,
        "release_session_key": lambda _world, _params: "OK",
    }

    async def call(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
            method, params = asked["method"], list(asked["params"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"id": None, "result": None, "error": "Invalid request"})
        if method == "get_session_key":
            wrong = {"status": "Invalid user name or password"}
            result: Any = SESSION if params == [USER, PASSWORD] else wrong
        elif params[:1] != [SESSION]:
            result = {"status": "Invalid session key"}
        else:
            result = methods[method](world, params) if method in methods else None
        return JSONResponse({"id": asked.get("id"), "result": result, "error": None})

    return [Route("/index.php/admin/remotecontrol", call, methods=["POST"])]


def surveys(world: World) -> list[Procedure]:
    """Procedures that are surveys."""
    return [p for p in procedures(world) if p.mode == "Umfrage"]


def _surveys(world: World, _params: list[Any]) -> Any:
    found = [
        {
            "sid": str(FIRST + p.number),
            "surveyls_title": f"{p.kind} (Demoumfrage {p.number})",
            "startdate": f"{p.begins} 08:00:00",
            "expires": f"{p.ends} 20:00:00",
            "active": "Y",
        }
        for p in surveys(world)
    ]
    return found or {"status": "No surveys found"}


def _summary(world: World, params: list[Any]) -> Any:
    lines = _responses(world, params[1])
    done = sum(1 for line in lines if line["submitdate"])
    return {
        "completed_responses": str(done),
        "incomplete_responses": str(len(lines) - done),
        "full_responses": str(len(lines)),
    }


def _questions(_world: World, params: list[Any]) -> Any:
    found = []
    for number, code, kind, parts in QUESTIONS:
        top = {"gid": str(GROUP), "sid": params[1], "question": "Frage (Demotext)"}
        found.append({**top, "qid": str(number), "title": code, "type": kind, "parent_qid": "0"})
        found += [
            {**top, "qid": f"{number}{n}", "title": part, "type": "T", "parent_qid": str(number)}
            for n, part in enumerate(parts)
        ]
    return found


def _export(world: World, params: list[Any]) -> Any:
    """CSV in base64 with the fields asked for; all of them if none are named."""
    lines = _responses(world, params[1])
    if not lines:
        return {"status": "No Data, survey table does not exist."}
    wanted = params[9] if len(params) > 9 else None  # noqa: PLR2004
    names = [c for c in lines[0] if wanted is None or _field(params[1], c) in wanted]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(lines)
    return base64.b64encode(b"\xef\xbb\xbf" + text.getvalue().encode()).decode()


def _field(survey: str, column: str) -> str:
    """Name of a column as the survey's table has it: 100003X10X15SQ001."""
    code, _, part = column.partition("[")
    numbers = {c: n for n, c, _, _ in QUESTIONS}
    return f"{survey}X{GROUP}X{numbers[code]}{part.rstrip(']')}" if code in numbers else column


def _responses(world: World, survey: str) -> list[dict[str, str]]:
    """Responses begun by now; the number grows while the survey runs."""
    found = next((p for p in surveys(world) if str(FIRST + p.number) == survey), None)
    if found is None:
        return []
    now = world.now().astimezone(ZONE).replace(tzinfo=None)
    return [line for line in _all(world.seed, found) if line["startdate"] <= str(now)]


@lru_cache(maxsize=64)
def _all(seed: int, procedure: Procedure) -> list[dict[str, str]]:
    end = datetime.combine(procedure.ends, datetime.min.time(), tzinfo=UTC)
    people = participants(World(seed, clock=lambda: end), procedure)
    ages, places = np.nonzero(people)
    repeat = people[ages, places]
    ages, places = np.repeat(ages, repeat), np.repeat(places, repeat)
    rng = World(seed).rng("limesurvey", procedure.number)
    span_s = (procedure.ends - procedure.begins).days * 86_400
    seconds = np.sort(rng.integers(0, span_s, ages.size))
    order = rng.permutation(ages.size)
    begin = datetime.combine(procedure.begins, datetime.min.time())
    return [
        _response(n, begin + timedelta(seconds=int(s)), int(ages[o]), int(places[o]), rng)
        for n, (s, o) in enumerate(zip(seconds, order, strict=True), start=1)
    ]


def _response(
    number: int, begun: datetime, age: int, place: int, rng: np.random.Generator
) -> dict[str, str]:
    stops = rng.random() < GIVES_UP
    ended = begun + timedelta(seconds=int(rng.integers(60, 900)))
    liked = int(np.clip(np.round(rng.normal(3.4, 1.1)), 1, 5))
    ticks = {
        f"Q3[SQ00{n}]": "Y" if rng.random() < p else "" for n, p in enumerate((0.6, 0.4, 0.2), 1)
    }
    given = {
        "AGE": f"A{age + 1}",
        "BOROUGH": f"B{districts()[place].borough}",
        "Q1": str(liked),
        "Q2": "Y" if rng.random() < 0.25 + 0.12 * liked else "N",
        **ticks,
        "TEXT": "Text einer erfundenen Person",
        "MAIL": f"person{number}@verein.example" if rng.random() < 0.1 else "",  # noqa: PLR2004
    }
    return {
        "id": str(number),
        "submitdate": "" if stops else f"{ended:%Y-%m-%d %H:%M:%S}",
        "lastpage": "1" if stops else "2",
        "startlanguage": "de",
        "startdate": f"{begun:%Y-%m-%d %H:%M:%S}",
        **(dict.fromkeys(given, "") if stops else given),
    }
