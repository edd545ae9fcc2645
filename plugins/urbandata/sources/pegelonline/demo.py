"""PEGELONLINE of the demo city: the Elbe at four gauges, every quarter of an hour.

Served with the habits of the real service: local time stamps with offset, silent gauges, values
that turn up hours late, stamps that occur twice, a sensor that sometimes reads nonsense, and
gauges without discharge (404 with a JSON body). Positions are those of the real gauges, their
numbers (except Dresden's) are invented. The limit of 31 days is lifted.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo.calendar import local
from urbandata.demo.chance import Bools, Floats, Times, key_number, seconds, uniform
from urbandata.demo.world import World

STEP_MIN = 15
NONSENSE = 3276.7  # what a sensor delivers when its counter runs over
LONG_NAMES = {"W": ("WASSERSTAND ROHDATEN", "cm"), "Q": ("ABFLUSS_ROHDATEN", "m³/s")}


@dataclass(frozen=True, slots=True)
class Gauge:
    """One gauge; ``number`` and ``uuid`` are invented except for Dresden's."""

    name: str
    number: str
    km: float
    lat: float
    lon: float
    series: tuple[str, ...]
    uuid: str


def _gauge(name: str, number: str, km: float, lat: float, lon: float, series: str) -> Gauge:
    invented = str(uuid.uuid5(uuid.NAMESPACE_URL, f"demo:gauge:{name}"))
    return Gauge(name, number, km, lat, lon, tuple(series), invented)


GAUGES = (
    _gauge("SCHÖNA", "990001", 2.05, 50.875762, 14.235229, "WQ"),
    _gauge("PIRNA", "990002", 34.67, 50.964585, 13.929755, "W"),
    Gauge(
        *("DRESDEN", "501060", 55.63, 51.05446, 13.738832, ("W", "Q")),
        uuid="70272185-b2b3-4178-96b8-43bea330dcae",
    ),
    _gauge("MEISSEN", "990004", 82.2, 51.164406, 13.475468, "W"),
)


class NotServedError(Exception):
    """A question the service answers with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def routes(world: World) -> list[Route]:
    """All routes; every handler turns NotServedError into the service's JSON error."""

    def stations(request: Request) -> Response:
        waters = request.query_params.get("waters", "ELBE").upper().split(",")
        shown = GAUGES if "ELBE" in waters else ()
        return _json([_station(world, g, request.query_params) for g in shown])

    def station(request: Request) -> Response:
        return _json(_station(world, _find(request), request.query_params))

    def series(request: Request) -> Response:
        gauge, name = _series(request)
        return _json(_describe(world, gauge, name, request.query_params))

    def current(request: Request) -> Response:
        return _json(_current(world, *_series(request)))

    def measurements(request: Request) -> Response:
        gauge, name = _series(request)
        start, end = _span(request.query_params, world.now())
        body = measurements_json(*readings(world, gauge, name, start, end))
        return Response(body, media_type="application/json")

    served = {
        "/stations.json": stations,
        "/stations/{station}/{series}/measurements.json": measurements,
        "/stations/{station}/{series}/currentmeasurement.json": current,
        "/stations/{station}/{series}.json": series,
        "/stations/{station}.json": station,
    }
    return [Route(path, _with_errors(handler)) for path, handler in served.items()]


def readings(
    world: World, gauge: Gauge, series: str, start: datetime, end: datetime
) -> tuple[Times, Floats]:
    """Stamps (UTC) and values from ``start`` to ``end``, both included, as known by now."""
    times = world.steps(start, end + timedelta(minutes=1), STEP_MIN)
    device = f"{gauge.name}/{series}"
    visible = ~world.dropped(device, times, 0.004) & _arrived(world, device, times)
    times = times[visible]
    values = _values(world, gauge, series, times)
    return _with_repeats(world, device, times, values)


def _values(world: World, gauge: Gauge, series: str, times: Times) -> Floats:
    """Whole centimetres, or m³/s to three digits, with rare nonsense in the level."""
    if series == "Q":
        flow = world.discharge_m3s(times, gauge.km)
        return np.where(flow < 1000, np.round(flow, 1), np.round(flow))  # noqa: PLR2004
    level = world.river_cm(times, gauge.km) + world.noise(f"gauge/{gauge.name}", times, 0.4)
    broken = _drawn(world, f"nonsense/{gauge.name}", times) < 1 / 25_000
    return np.where(broken, NONSENSE, np.round(level))


def _arrived(world: World, device: str, times: Times) -> Bools:
    """False for values still on their way: minutes usually, for a few hours up to a day."""
    hours = times.astype("datetime64[h]").astype("datetime64[m]")
    draw = _drawn(world, f"late/{device}", hours)
    delay_min = np.where(draw < 0.01, 60 + draw * 100 * 1140, 6.0)  # noqa: PLR2004
    now = np.datetime64(world.now().astimezone(UTC).replace(tzinfo=None), "m")
    on_time: Bools = (now - times).astype(np.int64) >= delay_min
    return on_time


def _with_repeats(world: World, device: str, times: Times, values: Floats) -> tuple[Times, Floats]:
    """A few stamps twice: first with a preliminary value, then with the right one."""
    twice = _drawn(world, f"twice/{device}", times) < 0.002  # noqa: PLR2004
    index = np.sort(np.concatenate([np.arange(times.size), np.flatnonzero(twice)]))
    first = np.append(index[1:] == index[:-1], False) if index.size else index.astype(bool)
    return times[index], values[index] + np.where(first, 1.0, 0.0)


def _drawn(world: World, key: str, times: Times) -> Floats:
    return uniform(key_number(world.seed, "pegelonline", key), seconds(times))


def measurements_json(times: Times, values: Floats) -> bytes:
    """``[{"timestamp":"2025-09-01T00:00:00+02:00","value":142.0},…]``."""
    stamps = _stamps(times)
    rows = (
        f'{{"timestamp":"{t}","value":{v!r}}}' for t, v in zip(stamps, values.tolist(), strict=True)
    )
    return f"[{','.join(rows)}]".encode()


def _stamps(times: Times) -> list[str]:
    """Local time with offset."""
    clock = local(times)
    offset_h = (seconds(clock) - seconds(times)) // 3600
    texts = np.datetime_as_string(clock.astype("datetime64[s]")).tolist()
    return [f"{t}+{h:02d}:00" for t, h in zip(texts, offset_h.tolist(), strict=True)]


def _station(world: World, gauge: Gauge, wanted: Mapping[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "uuid": gauge.uuid,
        "number": gauge.number,
        "shortname": gauge.name,
        "longname": gauge.name,
        "km": gauge.km,
        "agency": "STANDORT DRESDEN",
        "longitude": gauge.lon,
        "latitude": gauge.lat,
        "water": {"shortname": "ELBE", "longname": "ELBE"},
    }
    if wanted.get("includeTimeseries") == "true":
        answer["timeseries"] = [_describe(world, gauge, s, wanted) for s in gauge.series]
    return answer


def _describe(world: World, gauge: Gauge, series: str, wanted: Mapping[str, str]) -> dict[str, Any]:
    name, unit = LONG_NAMES[series]
    answer = {"shortname": series, "longname": name, "unit": unit, "equidistance": STEP_MIN}
    if wanted.get("includeCurrentMeasurement") == "true":
        answer["currentMeasurement"] = _current(world, gauge, series)
    return answer


def _current(world: World, gauge: Gauge, series: str) -> dict[str, Any]:
    """Newest reading with its state; the real service leaves ``trend`` out at times, we always."""
    now = world.now()
    times, values = readings(world, gauge, series, now - timedelta(days=3), now)
    if times.size == 0:
        raise NotServedError(404, f"There is no current measurement for {gauge.name}/{series}.")
    answer = {"timestamp": _stamps(times[-1:])[0], "value": float(values[-1])}
    if series == "W":
        answer |= {"stateMnwMhw": _state(gauge, float(values[-1])), "stateNswHsw": "unknown"}
    return answer


def _state(gauge: Gauge, level_cm: float) -> str:
    """Against mean low and mean high water, known for Dresden only."""
    if gauge.name != "DRESDEN":
        return "unknown"
    mean_low_cm, mean_high_cm = 67, 458
    return "low" if level_cm < mean_low_cm else "high" if level_cm > mean_high_cm else "normal"


def _find(request: Request) -> Gauge:
    wanted = request.path_params["station"]
    for gauge in GAUGES:
        if wanted.upper() == gauge.name or wanted in (gauge.uuid, gauge.number):
            return gauge
    raise NotServedError(404, f"Station {wanted} could not be found.")


def _series(request: Request) -> tuple[Gauge, str]:
    gauge, series = _find(request), request.path_params["series"].upper()
    if series not in gauge.series:
        raise NotServedError(
            404, f"Timeseries {series} of station {gauge.name} could not be found."
        )
    return gauge, series


def _span(wanted: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """``start`` and ``end`` as instants or as a period before now (``P8D``); default one day."""
    return _instant(wanted.get("start", "P1D"), now), _instant(wanted.get("end", "PT0H"), now)


def _instant(text: str, now: datetime) -> datetime:
    period = re.fullmatch(r"P(?:(\d+)D)?(?:T(\d+)H)?", text)
    if period:
        days, hours = (int(n or 0) for n in period.groups())
        return now - timedelta(days=days, hours=hours)
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # '+' of the offset, not escaped
    except ValueError:
        raise NotServedError(400, f"'{text}' is neither a date nor a period.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _json(answer: Any) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), media_type="application/json")


def _with_errors(handler: Any) -> Any:
    def answer(request: Request) -> Response:
        try:
            served: Response = handler(request)
        except NotServedError as error:
            body = json.dumps({"status": error.status, "message": str(error)}, ensure_ascii=False)
            return Response(body, error.status, media_type="application/json")
        return served

    return answer
