"""The demo city's adhocracy+: log-in, projects and ideas. People and names are INVENTED."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.participation import Contributions, contributions, procedures
from urbandata.demo.world import World

PAGE = 100
USER = PASSWORD = "demo"  # noqa: S105 - the platform sends this word for every secret
TOKEN = "0123456789demo"  # noqa: S105
MODULES = 3000
Record = dict[str, Any]


def routes(world: World) -> list[Route]:
    """Log-in, projects and the ideas of a module; the last two demand the token."""

    async def login(request: Request) -> Response:
        try:
            sent = json.loads(await request.body())
        except ValueError:
            sent = None
        if sent != {"username": USER, "password": PASSWORD}:
            return JSONResponse({"non_field_errors": ["Unable to log in."]}, 400)
        return JSONResponse({"token": TOKEN})

    def projects(request: Request) -> Response:
        return _refusal(request) or JSONResponse(_projects(world))

    def ideas(request: Request) -> Response:
        number = request.path_params["module"] - MODULES
        known = {p.number for p in procedures(world) if p.platform == "adhocracy"}
        if number not in known:
            return _refusal(request) or JSONResponse({"detail": "Not found."}, 404)
        return _refusal(request) or _ideas(world, number, request)

    return [
        Route("/api/login/", login, methods=["POST"]),
        Route("/api/app-projects/", projects),
        Route("/api/modules/{module:int}/ideas/", ideas),
    ]


def _refusal(request: Request) -> Response | None:
    if request.headers.get("authorization") == f"Token {TOKEN}":
        return None
    detail = {"detail": "Authentication credentials were not provided."}
    return JSONResponse(detail, 401)


def _projects(world: World) -> list[Record]:
    """All projects; the real service hides those that are over."""
    mine = (p for p in procedures(world) if p.platform == "adhocracy")
    return [
        {
            "pk": p.number,
            "name": f"{p.kind} (Demoprojekt {p.number})",
            "information": "Fragen an Petra Muster, petra.muster@verein.example",
            "single_idea_collection_module": MODULES + p.number,
            "single_poll_module": None,
        }
        for p in mine
    ]


def _ideas(world: World, number: int, request: Request) -> Response:
    given = contributions(world, "adhocracy")
    places = [i for i, p in enumerate(given.procedure.tolist()) if p == number]
    try:
        page = int(request.query_params.get("page", 1))
    except ValueError:
        page = 0
    part = places[(page - 1) * PAGE : page * PAGE] if page > 0 else []
    if not part and page != 1:
        return JSONResponse({"detail": "Invalid page."}, 404)
    more = page * PAGE < len(places)
    link = str(request.url.include_query_params(page=page + 1)) if more else None
    results = [_idea(world, given, i) for i in part]
    return JSONResponse({"count": len(places), "next": link, "results": results})


def _idea(world: World, given: Contributions, i: int) -> Record:
    number = int(given.number[i])
    created = datetime.fromtimestamp(int(given.created_s[i]), UTC)
    return {
        "pk": number,
        "name": "Eine Idee (Demotext)",
        "description": "<p>Text einer erfundenen Person</p>",
        "creator": f"person{int(given.draw[i] * 400)}",
        "created": created.isoformat(),
        "reference_number": f"{created:%Y}-{number}",
        "comment_count": int(given.comments[i]),
        "positive_rating_count": int(given.votes[i]),
        "negative_rating_count": int(given.votes[i] * given.draw[i] * 0.3),
        "category": {"name": world.districts[int(given.district[i])].borough_name},
    }
