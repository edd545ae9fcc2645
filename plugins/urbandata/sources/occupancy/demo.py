"""How full the demo city's pool, gym and public skating are: a poll as collectors write them.

Quirks kept: the percentage is that of free places, everything is said to be open all night, and
the layout changed in the middle of a day: until then the ice rink stood among
``unknown_facilities`` and counters had other names. The archive (one poll an hour) is the demo
city's own. All numbers are invented.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo.sports_use import PUBLIC, visitors
from urbandata.demo.world import World

LOCAL = ZoneInfo("Europe/Berlin")
CHANGED = datetime(2025, 1, 20, 12, 25, tzinfo=UTC)
WRITTEN = timedelta(hours=3)  # after midnight UTC the archive has the day before
KINDS = {"pool": "pools", "gym": "gyms", "ice_rink": "ice_rinks"}


def routes(world: World) -> list[Route]:
    """``/auslastung.json``, ``/archiv/`` and the monthly files in it."""

    def now(_: Request) -> Response:
        moment = np.array([np.datetime64(world.now().replace(tzinfo=None), "s")])
        return JSONResponse(polls(world, moment)[0])

    def listing(_: Request) -> Response:
        stamp = format_datetime(_written(world), usegmt=True)
        return JSONResponse(
            [{"name": f"{m}.jsonl", "type": "file", "mtime": stamp} for m in months(world)]
        )

    def archived(request: Request) -> Response:
        name = re.fullmatch(r"(\d{4}-\d\d)\.jsonl", request.path_params["name"])
        if name is None or name[1] not in months(world):
            return PlainTextResponse("404 Not Found", 404)
        start = datetime.strptime(name[1], "%Y-%m").replace(tzinfo=UTC)
        end = min((start + timedelta(days=32)).replace(day=1), _written(world))
        found = polls(world, world.steps(start, end, 60))
        content = "".join(f"{json.dumps(p, ensure_ascii=False)}\n" for p in found).encode()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return Response(content, media_type="application/x-ndjson", headers={"etag": tag})

    return [
        Route("/auslastung.json", now),
        Route("/archiv/", listing),
        Route("/archiv/{name}", archived),
    ]


def months(world: World) -> list[str]:
    """Months of the archive so far."""
    last = _written(world) - timedelta(seconds=1)
    first = world.start.year * 12 + world.start.month - 1
    count = last.year * 12 + last.month - first
    return [f"{m // 12}-{m % 12 + 1:02d}" for m in range(first, first + count)]


def polls(world: World, times: np.ndarray[Any, np.dtype[np.datetime64]]) -> list[dict[str, Any]]:
    """One poll per instant."""
    inside = {place.id: visitors(world, place, times) for place in PUBLIC}
    found = []
    for n, at in enumerate(times.astype("datetime64[s]").tolist()):
        moment = at.replace(tzinfo=UTC)
        people = {place.id: int(inside[place.id][n]) for place in PUBLIC}
        found.append(_poll(moment, people))
    return found


def _poll(moment: datetime, people: dict[str, int]) -> dict[str, Any]:
    local = moment.astimezone(LOCAL)
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name in KINDS.values()}
    for place in PUBLIC:
        free = round(100 * (1 - people[place.id] / place.capacity))
        lists[KINDS[place.kind]].append(
            {
                "pool_name": place.name,
                "facility_type": place.kind,
                "occupancy_level": f"{free} % frei",
                "occupancy_percent": float(free),
                "is_open": True,
                "timestamp": local.isoformat(),
                "raw_occupancy": f"{people[place.id]}/{place.capacity} persons",
            }
        )
    new = moment >= CHANGED
    if not new:
        lists["unknown_facilities"] = lists.pop("ice_rinks")
    total = "pool_count" if new else "pools_count"
    return {
        "scrape_timestamp": (local + timedelta(seconds=2)).isoformat(),
        "scrape_metadata": {"total_facilities": len(PUBLIC), total: 1, "method": "api"},
        **lists,
    }


def _written(world: World) -> datetime:
    """Midnight (UTC) up to which the archive reaches by now."""
    written = world.now() - WRITTEN
    return datetime(written.year, written.month, written.day, tzinfo=UTC)
