"""The demo city's CONSUL platform: its GraphQL limits, hourly times, errors with status 200."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.participation import Contributions, contributions
from urbandata.demo.world import World

LIMIT, MAX_DEPTH, MAX_COLLECTIONS = 25, 8, 2
COLLECTIONS = re.compile(r"\b(proposals|debates|investments|budgets|comments)\s*[({]")
SHARES = (0.6, 0.8)  # proposals, debates, the rest are investments
STATES = ("undecided", "feasible", "unfeasible")
Node = dict[str, Any]


def routes(world: World) -> list[Route]:
    """``POST /graphql`` and ``GET /graphql?query=``."""

    async def answer(request: Request) -> Response:
        if request.method == "GET":
            query, variables = request.query_params.get("query", ""), {}
        else:
            try:
                body = json.loads(await request.body())
                query, variables = str(body["query"]), dict(body.get("variables") or {})
            except (ValueError, KeyError, TypeError):
                return JSONResponse({"message": "Query string not valid JSON"}, 400)
        error = _violation(query)
        return JSONResponse(
            {"errors": [{"message": error}]} if error else _data(world, query, variables)
        )

    return [Route("/graphql", answer, methods=["GET", "POST"])]


def _violation(query: str) -> str | None:
    """What the service refuses, in its words as far as known."""
    depth = deepest = 0
    for sign in query:
        depth += (sign == "{") - (sign == "}")
        deepest = max(deepest, depth)
    if depth or not deepest:
        return "Parse error on end of query"
    if deepest - 1 > MAX_DEPTH:
        return f"Query has depth of {deepest - 1}, which exceeds max depth of {MAX_DEPTH}"
    if len(COLLECTIONS.findall(query)) > MAX_COLLECTIONS:
        return "Query has complexity which exceeds max complexity"
    return None


def _data(world: World, query: str, variables: Node) -> Node:
    found = COLLECTIONS.search(query)
    if found is None:
        return {"errors": [{"message": "Field must have selections"}]}
    everything = contributions(world, "consul")
    if "investments" in query:
        budget = str(variables.get("budget", ""))
        nodes = _nodes(world, everything, "investments", budget)
        if not any(str(p) == budget for p in _budgets(world)):
            return {"data": {"budget": None}}
        return {"data": {"budget": {"investments": _page(nodes, variables)}}}
    if found[1] == "budgets":
        edges = [{"node": {"id": str(n)}} for n in _budgets(world)]
        return {"data": {"budgets": {"edges": edges}}}
    nodes = _nodes(world, everything, found[1], "")
    return {"data": {found[1]: _page(nodes, variables)}}


def _budgets(world: World) -> list[int]:
    """One budget a year."""
    given = contributions(world, "consul")
    return sorted({_moment(given, i).year for i in range(given.number.size)})


def _nodes(world: World, given: Contributions, kind: str, budget: str) -> list[Node]:
    """All entries of one kind; the investments of one budget."""
    made = {"proposals": _proposal, "debates": _debate, "investments": _investment}
    make: Callable[[World, Contributions, int], Node] = made[kind]
    return [
        make(world, given, i)
        for i, draw in enumerate(given.draw.tolist())
        if _kind_of(draw) == kind and (not budget or str(_moment(given, i).year) == budget)
    ]


def _kind_of(draw: float) -> str:
    return "proposals" if draw < SHARES[0] else "debates" if draw < SHARES[1] else "investments"


def _moment(given: Contributions, i: int) -> datetime:
    return datetime.fromtimestamp(int(given.created_s[i]), UTC)


def _common(given: Contributions, i: int) -> Node:
    return {
        "id": str(given.number[i]),
        # to the hour, so that nobody is recognised by the minute of writing
        "public_created_at": f"{_moment(given, i):%Y-%m-%d %H}:00:00 UTC",
        "comments_count": int(given.comments[i]),
    }


def _proposal(world: World, given: Contributions, i: int) -> Node:
    zone = {"name": world.districts[int(given.district[i])].borough_name}
    node = {**_common(given, i), "cached_votes_up": int(given.votes[i])}
    return {**node, "geozone": None if int(given.number[i]) % 7 == 0 else zone}


def _debate(world: World, given: Contributions, i: int) -> Node:
    return {**_common(given, i), "cached_votes_total": int(given.votes[i])}


def _investment(world: World, given: Contributions, i: int) -> Node:
    heading = {"name": world.districts[int(given.district[i])].borough_name}
    state = STATES[int(given.number[i]) % len(STATES)]
    node = {**_common(given, i), "cached_votes_up": int(given.votes[i])}
    return {**node, "feasibility": state, "heading": heading}


def _page(nodes: list[Node], variables: Node) -> Node:
    """One page of at most 25, whatever was asked for."""
    start = _offset(variables.get("after"))
    size = min(int(variables.get("first") or LIMIT), LIMIT)
    part = nodes[start : start + size]
    end = base64.b64encode(str(start + len(part)).encode()).decode()
    return {
        "pageInfo": {"hasNextPage": start + size < len(nodes), "endCursor": end if part else None},
        "edges": [{"node": n} for n in part],
    }


def _offset(cursor: Any) -> int:
    try:
        return int(base64.b64decode(str(cursor))) if cursor else 0
    except (binascii.Error, ValueError):
        return 0
