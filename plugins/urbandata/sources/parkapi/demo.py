"""ParkAPI v1 of the demo city: twelve car parks, the present state and a history.

Quirks kept: UTC without a zone, ``free`` is 0 where a lot gives no data, a lot that is closed at
night, text for unknown cities. The history is the demo city's own: the real service has none.
Places are those of real car parks, roughly; capacities and everything counted are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import mobility
from urbandata.demo.chance import Ints, Times
from urbandata.demo.world import World

STEP_MIN = 60
OPENS = 6


@dataclass(frozen=True, slots=True)
class Lot:
    """One car park; ``closes``: shut from midnight to six."""

    id: str
    name: str
    region: str
    kind: str
    lot_type: str
    total: int
    lat: float
    lon: float
    closes: bool = False


LOTS = (
    Lot("demoaltmarkt", "Altmarkt", "Altstadt", "shops", "Tiefgarage", 410, 51.0503, 13.7375),
    Lot("demozwinger", "Am Zwinger", "Altstadt", "shops", "Tiefgarage", 180, 51.0515, 13.7358),
    Lot("demosemperoper", "Semperoper", "Altstadt", "shops", "Tiefgarage", 390, 51.0555, 13.7341),
    Lot(
        *("demogalerie", "Prager Straße", "Prager Straße", "shops", "Parkhaus"),
        *(1010, 51.0455, 13.7337, True),
    ),
    Lot("demohbf", "Hauptbahnhof", "Prager Straße", "office", "Tiefgarage", 330, 51.0419, 13.7316),
    Lot("demomitte", "Bahnhof Mitte", "Ring West", "office", "Parkhaus", 290, 51.0579, 13.7260),
    Lot("demowtc", "Freiberger Straße", "Ring West", "office", "Tiefgarage", 240, 51.0495, 13.7222),
    Lot(
        "demopirnaisch",
        "Pirnaischer Platz",
        "Ring Ost",
        "shops",
        "Parkplatz",
        150,
        51.0479,
        13.7433,
    ),
    Lot(
        "demoneustadt", "Bahnhof Neustadt", "Neustadt", "office", "Parkplatz", 130, 51.0654, 13.7420
    ),
    Lot(
        "demowiesentor", "Wiesentorstraße", "Neustadt", "shops", "Parkplatz", 125, 51.0571, 13.7434
    ),
    Lot("demokaditz", "Kaditz", "Park + Ride", "park_and_ride", "Parkplatz", 195, 51.0813, 13.6910),
    Lot(
        "demoprohlis", "Prohlis", "Park + Ride", "park_and_ride", "Parkplatz", 70, 50.9996, 13.7995
    ),
)


def routes(world: World) -> list[Route]:
    """``/Dresden`` (v1) and ``/Dresden/history?from&to`` (demo only)."""

    def lots(request: Request) -> Response:
        city = request.path_params["city"]
        if city != "Dresden":
            return PlainTextResponse(
                f"Error 404: Sorry, '{city}' isn't supported at the current time.", 404
            )
        return JSONResponse(present(world))

    def history(request: Request) -> Response:
        try:
            start, end = (_instant(request.query_params[name]) for name in ("from", "to"))
        except (KeyError, ValueError):
            return PlainTextResponse(
                "Error 400: from and/or to URL params are not in ISO format, "
                "e.g. 2015-06-26T18:00:00",
                400,
            )
        return Response(history_json(world, start, end), media_type="application/json")

    return [Route("/Dresden/history", history), Route("/{city}", lots)]


def present(world: World) -> dict[str, Any]:
    """The v1 answer of this moment; the state is that of the last full five minutes."""
    now = mobility.now64(world)
    minute = now.astype("datetime64[m]").astype(np.int64) // 5 * 5
    at = np.array([minute], dtype=np.int64).astype("datetime64[m]")
    return {
        "last_updated": mobility.utc_texts(at)[0],
        "last_downloaded": str(now),
        "data_source": "Demostadt",
        "lots": [_lot(world, lot, at) for lot in LOTS],
    }


def occupancy(world: World, lot: Lot, times: Times) -> tuple[Ints, list[str]]:
    """Free spaces and state of a lot; a lot without data says 0 free."""
    share = mobility.parked_share(world, lot.id, lot.kind, times)
    free = np.round(lot.total * (1.0 - share)).astype(np.int64)
    silent = world.dropped(f"parkapi/{lot.id}", times, 0.015)
    shut = (mobility.clock_hour(times) < OPENS) & lot.closes
    state = np.where(silent, "nodata", np.where(shut, "closed", "open"))
    return np.where(silent, 0, free), state.tolist()


def history_json(world: World, start: datetime, end: datetime) -> bytes:
    """All lots at the full hours of the span, in the fields of v1."""
    times = world.steps(start, end, STEP_MIN)
    stamps = mobility.utc_texts(times)
    parts = []
    for lot in LOTS:
        free, states = occupancy(world, lot, times)
        parts += [
            f'{{"id":"{lot.id}","timestamp":"{t}","free":{f},"total":{lot.total},"state":"{s}"}}'
            for t, f, s in zip(stamps, free.tolist(), states, strict=True)
        ]
    return f'{{"history":[{",".join(parts)}]}}'.encode()


def _lot(world: World, lot: Lot, at: Times) -> dict[str, Any]:
    free, state = occupancy(world, lot, at)
    return {
        "id": lot.id,
        "name": lot.name,
        "address": lot.name,
        "coords": {"lat": lot.lat, "lng": lot.lon},
        "total": lot.total,
        "free": int(free[0]),
        "state": state[0],
        "lot_type": lot.lot_type,
        "region": lot.region,
        "forecast": False,
    }


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
