"""Road works of the demo city behind an OGC API in the manner of the city's.

Quirks kept: ten features without ``limit``, the total as ``numberMatched``, ids that repeat
(one work has several stretches), works whose end is open. Everything is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo import roads
from urbandata.demo.world import World

BERLIN = ZoneInfo("Europe/Berlin")
DEFAULT_LIMIT = 10
LONGEST = 120
AHEAD = 30
CURRENT, ANNOUNCED = "L60", "L150"
KINDS = ("Vollsperrung", "Halbseitige Sperrung", "Fahrbahneinengung", "Gehwegsperrung")
REASONS = ("Straßenbau", "Leitungsarbeiten", "Gleisbau", "Veranstaltung", "Hochbau")


@dataclass(frozen=True, slots=True)
class Work:
    """One stretch of a work; stretches of a work share its number. No ``end``: open."""

    number: int
    kind: str
    reason: str
    begin: date
    last: date
    end: date | None
    section: int


def routes(world: World) -> list[Route]:
    """``/collections/<layer>/items``."""

    def items(request: Request) -> Response:
        layer = request.path_params["layer"]
        if layer not in (CURRENT, ANNOUNCED):
            return JSONResponse({"code": "NotFound", "description": "collection"}, 404)
        try:
            limit = int(request.query_params.get("limit", DEFAULT_LIMIT))
            offset = int(request.query_params.get("offset", 0))
        except ValueError:
            return JSONResponse({"code": "InvalidParameterValue", "description": "limit"}, 400)
        shown = works(world, layer)
        page = shown[offset : offset + limit]
        body = {
            "type": "FeatureCollection",
            "links": [],
            "timeStamp": f"{world.now():%Y-%m-%dT%H:%M:%S}.0000000Z",
            "numberMatched": len(shown),
            "numberReturned": len(page),
            "features": [_feature(world, n, w) for n, w in enumerate(page, start=offset + 1)],
        }
        return JSONResponse(body, media_type="application/geo+json")

    return [Route("/collections/{layer}/items", items)]


def works(world: World, layer: str) -> list[Work]:
    """Works that are on today, or that begin within the next month."""
    today = world.now().astimezone(BERLIN).date()
    if layer == CURRENT:
        days = (today - timedelta(days=n) for n in range(LONGEST, -1, -1))
        return [w for d in days for w in _begun(world.seed, d) if w.last >= today]
    ahead = (today + timedelta(days=n) for n in range(1, AHEAD + 1))
    return [w for d in ahead for w in _begun(world.seed, d)]


@lru_cache(maxsize=1024)
def _begun(seed: int, day: date) -> tuple[Work, ...]:
    return tuple(_stretches(np.random.default_rng([seed, 60, day.toordinal()]), day))


def _stretches(rng: np.random.Generator, day: date) -> Iterator[Work]:
    """Works that begin on a day, fewer at weekends."""
    weekend = day.weekday() > 4  # noqa: PLR2004 - Saturday and Sunday
    for number in range(int(rng.poisson(0.6 if weekend else 3.2))):
        duration = int(np.clip(rng.lognormal(2.4, 0.9), 1, LONGEST))
        last = day + timedelta(days=duration)
        kind = KINDS[int(rng.choice(len(KINDS), p=[0.25, 0.3, 0.3, 0.15]))]
        reason = REASONS[int(rng.choice(len(REASONS), p=[0.25, 0.4, 0.1, 0.1, 0.15]))]
        end = None if rng.random() < 0.05 else last  # noqa: PLR2004
        first = int(rng.integers(roads.SECTIONS - 3))
        for stretch in range(int(rng.choice(3, p=[0.7, 0.2, 0.1])) + 1):
            name = day.toordinal() * 100 + number
            yield Work(name, kind, reason, day, last, end, first + stretch)


def _feature(world: World, number: int, work: Work) -> dict[str, Any]:
    net = roads.network(world.seed)
    place = [round(float(net.lon[work.section]), 6), round(float(net.lat[work.section]), 6)]
    return {
        "type": "Feature",
        "id": number,
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {
            "staid": work.number,
            "typ": work.kind,
            "sperrgrund_format": work.reason,
            "datum_von_format": f"{work.begin:%d.%m.%Y}",
            "datum_bis_format": f"{work.end:%d.%m.%Y}" if work.end else None,
        },
    }
