"""Departure boards of the demo city in the manner of the VVO WebAPI, and an archive.

Quirks kept: POST with a JSON body, times in milliseconds with the local offset behind them,
errors as HTTP 200 with a status inside, departures without real time, cancelled ones. The
archive (one departure per stop and hour) is the demo city's own. Stops and lines bear real
names; timetables and delays are invented.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo import mobility
from urbandata.demo.calendar import local
from urbandata.demo.chance import Bools, Floats, Ints, Times, seconds
from urbandata.demo.world import World

MODES = {"Tram": 1.0, "CityBus": 1.35, "SuburbanRailway": 0.7}
STATES = ("InTime", "Delayed", "Cancelled")
LATE_S = 120
FIRST_HOUR, LAST_HOUR = 4.5, 0.5  # no departures in between
MAX_LIMIT = 100
DATED_MS = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """A line at a stop: one departure every ``headway`` minutes, ``offset`` past the hour."""

    name: str
    direction: str
    mode: str
    headway: int
    offset: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop with its lines."""

    id: str
    name: str
    lines: tuple[Line, ...]


STOPS = (
    Stop(
        "33000028",
        "Hauptbahnhof",
        (
            Line("3", "Coschütz", "Tram", 10, 4),
            Line("7", "Weixdorf", "Tram", 10, 8),
            Line("S1", "Meißen", "SuburbanRailway", 30, 18),
        ),
    ),
    Stop(
        "33000037",
        "Postplatz",
        (Line("4", "Laubegast", "Tram", 10, 2), Line("11", "Bühlau", "Tram", 10, 6)),
    ),
    Stop(
        "33000005",
        "Pirnaischer Platz",
        (Line("1", "Prohlis", "Tram", 10, 9), Line("62", "Johannstadt", "CityBus", 10, 3)),
    ),
    Stop(
        "33000013",
        "Albertplatz",
        (Line("6", "Niedersedlitz", "Tram", 15, 7), Line("8", "Hellerau", "Tram", 15, 12)),
    ),
    Stop(
        "33000052",
        "Schillerplatz",
        (Line("61", "Löbtau", "CityBus", 10, 5), Line("63", "Pillnitz", "CityBus", 20, 14)),
    ),
    Stop(
        "33000016",
        "Bahnhof Neustadt",
        (Line("11", "Zschertnitz", "Tram", 10, 1), Line("S1", "Pirna", "SuburbanRailway", 30, 22)),
    ),
)


def routes(world: World) -> list[Route]:
    """``POST /dm`` and ``GET /departures/archive?start&end`` (demo only)."""
    known = {s.id: s for s in STOPS}

    async def dm(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
            stop = known.get(str(body["stopid"]))
            limit = min(int(body.get("limit") or 0) or MAX_LIMIT, MAX_LIMIT)
        except (ValueError, KeyError, TypeError, AttributeError):
            return _status("ValidationError", "stopid required")
        if stop is None:
            return _status("ServiceError", "no it connection")
        return JSONResponse(board(world, stop, limit))

    def past(request: Request) -> Response:
        try:
            start, end = (_instant(request.query_params[name]) for name in ("start", "end"))
        except (KeyError, ValueError):
            return _status("ValidationError", "start and end required")
        return Response(archive_json(world, start, end), media_type="application/json")

    return [
        Route("/dm", dm, methods=["POST"]),
        Route("/departures/archive", past, methods=["GET"]),
    ]


def board(world: World, stop: Stop, limit: int) -> dict[str, Any]:
    """The next departures of all lines; delays of those to come are what is known now."""
    now = mobility.now64(world).astype("datetime64[m]")
    ahead = now + np.arange(0, 90).astype("timedelta64[m]")
    found = []
    for line in stop.lines:
        minute = ahead.astype(np.int64) % 60
        times = ahead[((minute - line.offset) % line.headway == 0) & running(ahead)]
        found += list(zip(times.tolist(), _records(world, stop, line, times), strict=True))
    departures = [json.loads(record) for _, record in sorted(found)[:limit]]
    answer: dict[str, Any] = {
        "Name": stop.name,
        "Status": {"Code": "Ok"},
        "Place": "Dresden",
        "ExpirationTime": _dates(np.array([now + np.timedelta64(1, "m")]))[0],
    }
    return {**answer, "Departures": departures} if departures else answer


def archive_json(world: World, start: datetime, end: datetime) -> bytes:
    """One departure per stop and hour that has left by now, the lines taking turns."""
    parts = []
    for stop in STOPS:
        name = f'"StopId":"{stop.id}","StopName":"{stop.name}",'
        for line, times in sampled(world, stop, start, end):
            records = _records(world, stop, line, times)
            parts += [f"{{{name}{record[1:]}" for record in records]
    return f'{{"Status":{{"Code":"Ok"}},"Archive":[{",".join(parts)}]}}'.encode()


def sampled(world: World, stop: Stop, start: datetime, end: datetime) -> list[tuple[Line, Times]]:
    """Scheduled times in the archive, by line."""
    hours = world.steps(start, end, 60)
    turn = hours.astype("datetime64[h]").astype(np.int64) % len(stop.lines)
    found = []
    for number, line in enumerate(stop.lines):
        times = hours[turn == number] + np.timedelta64(line.offset, "m")
        gone = times + np.timedelta64(1, "h") <= mobility.now64(world)
        found.append((line, times[gone & running(times)]))
    return found


def running(times: Times) -> Bools:
    """Whether there is service at the local clock."""
    hour = mobility.clock_hour(times)
    service: Bools = (hour >= FIRST_HOUR) | (hour < LAST_HOUR)
    return service


def delays(world: World, stop: Stop, line: Line, times: Times) -> tuple[Floats, Ints, Bools]:
    """Delay (s), index of the state and whether there is a real time."""
    key = f"{stop.id}/{line.name}"
    rain = np.minimum(world.rain_mm(times, 51.05, 13.74, 60), 4.0) / 4.0
    median = 62.0 * (0.6 + 0.55 * world.traffic(times)) * MODES[line.mode] * (1.0 + 0.5 * rain)
    delay = np.round(-30.0 + median * np.exp(world.noise(f"delay/{key}", times, 0.9)))
    cancelled = mobility.draws(world, f"cancelled/{key}", times) < 0.012  # noqa: PLR2004
    tracked = mobility.draws(world, f"tracked/{key}", times) > 0.03  # noqa: PLR2004
    state = np.where(cancelled, 2, np.where(delay > LATE_S, 1, 0)).astype(np.int64)
    return delay, state, tracked & ~cancelled


def _records(world: World, stop: Stop, line: Line, times: Times) -> list[str]:
    """Departures as JSON text."""
    delay, state, tracked = delays(world, stop, line, times)
    scheduled = _dates(times)
    real = _dates(times.astype("datetime64[s]") + delay.astype("timedelta64[s]"))
    number = crc32(f"{stop.id}{line.name}".encode()) % 10_000
    ids = (seconds(times) // 60).tolist()
    common = (
        f'"DlId":"de:vvo:{line.name}","LineName":"{line.name}","Direction":"{line.direction}",'
        f'"Platform":{{"Name":"1","Type":"Platform"}},"Mot":"{line.mode}",'
    )
    rows = zip(ids, scheduled, real, state.tolist(), tracked.tolist(), strict=True)
    return [
        f'{{"Id":"{number}{i}",{common}'
        + (f'"RealTime":"{r}",' if known else "")
        + f'"ScheduledTime":"{s}","State":"{STATES[kind]}"}}'
        for i, s, r, kind, known in rows
    ]


def _dates(times: Times) -> list[str]:
    """``/Date(1487778279147+0100)/``."""
    whole = seconds(times)
    offset_h = (seconds(local(times)) - whole) // 3600
    return [
        f"/Date({t * DATED_MS}+{h:02d}00)/"
        for t, h in zip(whole.tolist(), offset_h.tolist(), strict=True)
    ]


def _status(code: str, message: str) -> Response:
    return JSONResponse({"Status": {"Code": code, "Message": message}})


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
