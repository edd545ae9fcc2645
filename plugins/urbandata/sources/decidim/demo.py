"""The demo city's Decidim: processes with one component of proposals, votes sometimes hidden."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.participation import Contributions, Procedure, contributions, procedures
from urbandata.demo.world import World

LIMIT = 100
HIDDEN_EVERY = 5  # decades of procedures whose votes are hidden
STATES = (("accepted", 0.2), ("rejected", 0.45), ("evaluating", 0.6))
Node = dict[str, Any]


def routes(world: World) -> list[Route]:
    """``POST /api``; it wants a JSON body with its content type."""

    async def answer(request: Request) -> Response:
        if "json" not in request.headers.get("content-type", ""):
            return JSONResponse({"errors": [{"message": "No query string was present"}]})
        try:
            body = json.loads(await request.body())
            query, variables = str(body["query"]), dict(body.get("variables") or {})
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"errors": [{"message": "No query string was present"}]})
        return JSONResponse(_answer(world, query, variables))

    return [Route("/api", answer, methods=["POST"])]


def _answer(world: World, query: str, variables: Node) -> Node:
    mine = [p for p in procedures(world) if p.platform == "decidim"]
    if "participatoryProcesses" in query:
        return {"data": {"participatoryProcesses": [_process(world, p) for p in mine]}}
    if "component(" not in query:
        return {"errors": [{"message": "Field doesn't exist on type 'Query'"}]}
    found = [p for p in mine if str(_component(p)) == str(variables.get("component"))]
    if not found:
        return {"data": {"component": None}}
    return {"data": {"component": _proposals(world, found[0], variables)}}


def _component(procedure: Procedure) -> int:
    return 500 + procedure.number


def _process(world: World, procedure: Procedure) -> Node:
    over = procedure.ends < world.now().date()
    return {
        "id": str(procedure.number),
        "slug": f"verfahren-{procedure.number}",
        "startDate": procedure.begins.isoformat(),
        "endDate": procedure.ends.isoformat(),
        "steps": [{"id": "1", "active": not over}, {"id": "2", "active": over}],
        "components": [
            {"id": str(_component(procedure)), "__typename": "Proposals"},
            {"id": str(_component(procedure) + 1000), "__typename": "Meetings"},
        ],
    }


def _proposals(world: World, procedure: Procedure, variables: Node) -> Node:
    given = contributions(world, "decidim")
    places = [i for i, p in enumerate(given.procedure.tolist()) if p == procedure.number]
    start = _offset(variables.get("after"))
    size = min(int(variables.get("first") or LIMIT), LIMIT)
    part = places[start : start + size]
    end = base64.b64encode(str(start + len(part)).encode()).decode()
    listed = {
        "pageInfo": {"hasNextPage": start + size < len(places), "endCursor": end},
        "nodes": [_node(world, procedure, given, i) for i in part],
    }
    return {"id": str(_component(procedure)), "proposals": listed}


def _node(world: World, procedure: Procedure, given: Contributions, i: int) -> Node:
    created = datetime.fromtimestamp(int(given.created_s[i]), UTC).isoformat()
    answered = procedure.answered_on and procedure.answered_on <= world.now().date()
    states = (s for s, up_to in STATES if given.draw[i] < up_to)
    name = world.districts[int(given.district[i])].borough_name
    return {
        "id": str(given.number[i]),
        "state": next(states, None) if answered else None,
        "voteCount": None if procedure.number // 10 % HIDDEN_EVERY == 1 else int(given.votes[i]),
        "totalCommentsCount": int(given.comments[i]),
        "publishedAt": created,
        "createdAt": created,
        # Decidim does not escape what administrators have typed
        "scope": {"name": {"translation": f"<p>{name.replace('&', '&amp;')}</p>"}},
    }


def _offset(cursor: Any) -> int:
    try:
        return int(base64.b64decode(str(cursor))) if cursor else 0
    except (binascii.Error, ValueError):
        return 0
