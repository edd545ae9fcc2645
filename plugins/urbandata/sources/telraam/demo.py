"""Telraam of the demo city: three segments, hourly, by daylight only.

Quirks kept: POST with a key, errors inside a 200, three months at most, hours with little
uptime (too low counts), nothing at night. Segments and counts are invented.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo import mobility
from urbandata.demo.chance import Floats, Ints, Times
from urbandata.demo.world import World

SEGMENTS = {"9000090001": (320.0, 60.0), "9000090002": (140.0, 95.0), "9000090003": (520.0, 30.0)}
HOUR = np.timedelta64(60, "m")
LONGEST = timedelta(days=92)
KEY = "demo"
TWILIGHT_W_M2 = 25.0


def routes(world: World) -> list[Route]:
    """``POST /reports/traffic``."""

    async def traffic(request: Request) -> Response:
        if request.headers.get("x-api-key") != KEY:
            return JSONResponse({"message": "Forbidden"}, 401)
        try:
            body = json.loads(await request.body())
            segment = str(body["id"])
            start, end = (_instant(body[name]) for name in ("time_start", "time_end"))
        except (ValueError, KeyError, TypeError):
            return _said(400, "invalid request body")
        if end - start > LONGEST:
            return _said(422, "time range is limited to three months")
        if segment not in SEGMENTS:
            return _said(404, "unknown segment")
        return _said(200, "ok", report(world, segment, start, end))

    return [Route("/reports/traffic", traffic, methods=["POST"])]


def report(world: World, segment: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """One entry per whole hour of daylight that is over."""
    times = hours(world, segment, start, end)
    car, bike, uptime = counted(world, segment, times)
    stamps = mobility.utc_texts(times)
    rows = zip(stamps, car.tolist(), bike.tolist(), uptime.tolist(), strict=True)
    return [
        {
            "segment_id": int(segment),
            "date": f"{stamp}.000Z",
            "uptime": up,
            "heavy": cars // 14,
            "car": cars,
            "bike": bikes,
            "pedestrian": bikes // 2,
            "v85": round(47.0 - 4.0 * cars / (SEGMENTS[segment][0] * 1.3), 1),
        }
        for stamp, cars, bikes, up in rows
    ]


def hours(world: World, segment: str, start: datetime, end: datetime) -> Times:
    """Hours with enough light in which the camera was there."""
    times = world.steps(start, end, 60)
    light = world.sun_w_m2(times + HOUR // 2) > TWILIGHT_W_M2
    over = times + HOUR <= mobility.now64(world)
    return times[light & over & ~world.dropped(f"telraam/{segment}", times, 0.05)]


def counted(world: World, segment: str, times: Times) -> tuple[Ints, Ints, Floats]:
    """Cars, bicycles and uptime; a camera that looked away for half the hour saw half."""
    peak, riders = SEGMENTS[segment]
    draw = mobility.draws(world, f"uptime/{segment}", times)
    uptime = np.round(np.where(draw < 0.06, draw / 0.06 * 0.7, 0.86 + 0.13 * draw), 3)  # noqa: PLR2004
    cars = mobility.vehicles_per_hour(world, times, peak) * uptime
    bikes = mobility.cyclists_per_hour(world, times, riders) * uptime
    return (
        mobility.counted(world, f"telraam/{segment}/car", times, cars),
        mobility.counted(world, f"telraam/{segment}/bike", times, bikes),
        uptime.astype(np.float64),
    )


def _said(status: int, message: str, found: list[dict[str, Any]] | None = None) -> Response:
    body: dict[str, Any] = {"status_code": status, "message": message}
    return JSONResponse(body if found is None else {**body, "report": found})


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%SZ").replace(tzinfo=UTC)
