"""Exports of the demo quarter: flats, the inverter and the heat meter. All INVENTED.

Flats report power and room temperature every quarter of an hour and two counters; sensors drop
out (``unavailable``). The inverter and the heat meter are those whose energy the meter operator
delivers too. A plug's total begins anew when somebody resets it, once a year.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata import registry
from urbandata.demo.chance import Floats, Times, seconds
from urbandata.demo.energy import QUARTER, flat_w, quarter_wh
from urbandata.demo.world import World

SILENT = 0.01
STEP_MIN = 15
ZONE = ZoneInfo("Europe/Berlin")
PLUG_SHARE = 0.12  # of the flat's power goes through its plug
HEAD = "entity_id,state,last_changed"


def routes(world: World) -> list[Route]:
    """``/{unit}/history.csv`` and ``/{plug}/sensor.jsonl``, both for a span of time."""
    options = registry.source("home_assistant").options

    def history(request: Request) -> Response:
        unit = request.path_params["unit"]
        if unit not in options["units"]:
            return PlainTextResponse("404: Not Found", 404)
        lines = [HEAD, *_history(world, unit, _times(world, request))]
        return Response("\n".join(lines) + "\n", media_type="text/csv")

    def messages(request: Request) -> Response:
        plug = request.path_params["plug"]
        if plug not in options["plugs"]:
            return PlainTextResponse("404: Not Found", 404)
        lines = _messages(world, plug, _times(world, request))
        return Response("\n".join(lines) + "\n", media_type="application/x-ndjson")

    return [Route("/{unit}/history.csv", history), Route("/{plug}/sensor.jsonl", messages)]


def _times(world: World, request: Request) -> Times:
    start, end = (datetime.fromisoformat(request.query_params[k]) for k in ("start", "end"))
    return world.steps(start, end, STEP_MIN)


def _history(world: World, unit: str, times: Times) -> list[str]:
    """Lines of all sensors of a unit, sensor by sensor, as the export writes them."""
    stamps = [f"{t}:00.000Z" for t in np.datetime_as_string(times).tolist()]
    lines: list[str] = []
    for kind, values in _sensors(world, unit, times).items():
        silent = world.dropped(f"{unit}/{kind}", times, SILENT)
        entity = f"sensor.{unit}_{kind}"
        for stamp, value, gone in zip(stamps, values.tolist(), silent.tolist(), strict=True):
            lines.append(f"{entity},{'unavailable' if gone else value},{stamp}")
    return lines


def _sensors(world: World, unit: str, times: Times) -> dict[str, Floats]:
    """Readings of each sensor: W, kWh counted since the installation, °C."""
    if unit.startswith("flat"):
        warmth = 20.5 + 0.12 * (world.temperature_c(times, *QUARTER) - 9.0)
        return {
            "power": np.round(flat_w(world, unit, times), 1),
            "energy": np.round(_counted(world, unit, times), 3),
            "temperature": np.round(warmth + world.noise(f"{unit}/room", times, 0.3), 1),
        }
    if unit.startswith("pv"):
        power = quarter_wh(world, times)["generation"] * 4
        return {
            "power": power.astype(np.float64),
            "energy": np.round(_counted(world, "generation", times), 3),
        }
    return {"energy": np.round(_counted(world, "heat", times), 3)}


def _counted(world: World, what: str, times: Times) -> Floats:
    """kWh on the counter at each instant."""
    today = world.now().date().toordinal()
    grid, total = _counter(world, what, today)
    counted: Floats = np.interp(seconds(times), grid, total)
    return counted


@lru_cache(maxsize=32)
def _counter(world: World, what: str, _today: int) -> tuple[Floats, Floats]:
    """Instants (s) and kWh counted up to each, from the first day of the city on."""
    times = world.steps(world.start, world.now().astimezone(UTC), STEP_MIN)
    if what in ("generation", "heat"):
        wh = quarter_wh(world, times)[what].astype(np.float64)
    else:
        wh = flat_w(world, what, times) * STEP_MIN / 60
    edges = np.append(seconds(times), seconds(times[-1:]) + STEP_MIN * 60).astype(np.float64)
    return edges, np.concatenate([[0.0], np.cumsum(wh)]) / 1000.0


def _messages(world: World, plug: str, times: Times) -> list[str]:
    """Messages as the plug sends them: local clock without a zone, kWh and W."""
    flat = plug.removeprefix("plug_")
    power = flat_w(world, flat, times) * PLUG_SHARE
    total = _counted(world, flat, times) * PLUG_SHARE
    silent = world.dropped(plug, times, SILENT)
    lines = []
    for n in np.flatnonzero(~silent).tolist():
        at = datetime.fromtimestamp(int(seconds(times[n : n + 1])[0]), ZONE)
        reset = datetime(at.year, 1, 1, tzinfo=ZONE)
        since = np.array([int(reset.timestamp())]).astype("datetime64[s]")
        base = float(_counted(world, flat, since)[0]) * PLUG_SHARE
        energy = {
            "TotalStartTime": f"{max(reset, world.start):%Y-%m-%dT%H:%M:%S}",
            "Total": round(total[n] - base, 3),
            "Power": round(float(power[n])),
            "Voltage": 230,
            "Current": round(float(power[n]) / 230, 3),
        }
        body = {"Time": f"{at:%Y-%m-%dT%H:%M:%S}", "ENERGY": energy}
        lines.append(f"tele/{plug}/SENSOR {json.dumps(body)}")
    return lines
