"""A roadside radar of the demo city: one site, a file per day, a line per vehicle.

Quirks kept: no header, two-digit years, leading zeros, a blank at the end of the line, CRLF.
Site and vehicles are invented.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import mobility
from urbandata.demo.calendar import local
from urbandata.demo.chance import Floats, Ints, Times
from urbandata.demo.world import World

SITE = "demo-schulweg"
PEAK = 95.0  # vehicles in a busy hour: a quiet street by a school
LIMIT_KMH = 30.0


def routes(world: World) -> list[Route]:
    """``/<site>/<YYYY-MM-DD>.txt``."""

    def day(request: Request) -> Response:
        try:
            asked = date.fromisoformat(request.path_params["day"])
        except ValueError:
            return PlainTextResponse("404: Not Found", 404)
        lines = records(world, asked) if request.path_params["site"] == SITE else []
        if not lines:
            return PlainTextResponse("404: Not Found", 404)
        return Response("\r\n".join([*lines, ""]), media_type="text/plain; charset=us-ascii")

    return [Route("/{site}/{day}.txt", day)]


def records(world: World, day: date) -> list[str]:
    """Lines of the vehicles that passed on a local day so far, in order of time."""
    times, speed, length, direction = vehicles(world, day)
    stamps = [t.strftime("%d.%m.%y %H:%M:%S") for t in local(times).astype(object).tolist()]
    rows = zip(stamps, speed.tolist(), length.tolist(), direction.tolist(), strict=True)
    return [f"{stamp};00;{v:03d};{size:02d};{way} " for stamp, v, size, way in rows]


def vehicles(world: World, day: date) -> tuple[Times, Ints, Ints, Ints]:
    """Instants (UTC), speed (km/h), length class and direction of a local day's vehicles."""
    begin = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
    minutes = world.steps(begin - timedelta(hours=3), begin + timedelta(hours=27), 1)
    inside = local(minutes).astype("datetime64[D]") == np.datetime64(day)
    minutes = minutes[inside & ~world.dropped(f"radar/{SITE}", minutes, 0.01)]
    chance: Floats = mobility.vehicles_per_hour(world, minutes, PEAK) / 60.0
    passing = mobility.draws(world, "radar/pass", minutes) < 1.0 - np.exp(-chance)
    second = np.floor(mobility.draws(world, "radar/second", minutes) * 60).astype(np.int64)
    times = minutes.astype("datetime64[s]") + second.astype("timedelta64[s]")
    passing &= times <= mobility.now64(world)
    at = minutes[passing]
    speed = LIMIT_KMH - 1.0 + world.noise("radar/speed", at, 6.0)
    heavy = mobility.draws(world, "radar/length", at) < 0.07  # noqa: PLR2004
    way = mobility.draws(world, "radar/way", at) < 0.52  # noqa: PLR2004
    return (
        times[passing],
        np.clip(np.round(speed), 8, 99).astype(np.int64),
        np.where(heavy, 12, 1).astype(np.int64),
        way.astype(np.int64),
    )
