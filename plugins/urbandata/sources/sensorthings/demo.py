"""The demo city's own sensors behind a SensorThings service in the manner of FROST.

Served: ``Things`` with ``$expand``, ``Datastreams(n)/Observations`` with a time span, paging by
``$top``, ``$skip`` and ``@iot.nextLink``. Quirks kept: rain comes as intervals and levels as
instants, values may arrive two hours late, sensors fall silent, one series repeats an
observation at each page break (as when a late value shifts the pages). Places are invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.chance import Bools, Floats, Times
from urbandata.demo.world import World

PAGE, LIMIT = 100, 5000
STEP = np.timedelta64(10, "m")
LATE = np.timedelta64(2, "h")
REPEATS = 5  # datastream whose pages overlap
SPAN = re.compile(
    r"phenomenonTime ge (?P<start>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    r" and phenomenonTime lt (?P<end>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
)
GAUGES = ("01", "24", "35", "45", "51", "61", "75", "95")  # districts with a rain gauge
STREAMS = {  # streams with a water-level sensor: invented places
    "Weißeritz, Löbtau": (51.0420, 13.7010),
    "Lockwitzbach, Lockwitz": (50.9905, 13.8030),
    "Prießnitz, Neustadt": (51.0716, 13.7655),
    "Kaitzbach, Mockritz": (51.0135, 13.7420),
    "Geberbach, Prohlis": (51.0035, 13.7930),
    "Lotzebach, Cossebaude": (51.0870, 13.6290),
}
Page = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor at one place; its number names the thing and the datastream alike."""

    number: int
    kind: Literal["rain", "level"]
    place: str
    lat: float
    lon: float


def routes(world: World) -> list[Route]:
    """``Things`` and ``Datastreams(n)/Observations``."""
    known = {s.number: s for s in sensors(world)}

    def things(request: Request) -> Response:
        expand = request.query_params.get("$expand", "")
        entries = [_thing(request, s, expand) for s in known.values()]
        return _paged(request, len(entries), lambda low, high: entries[low:high])

    def observations(request: Request) -> Response:
        sensor = known.get(request.path_params["number"])
        if sensor is None:
            return _error(404, "Nothing found.")
        span = SPAN.fullmatch(request.query_params.get("$filter", ""))
        order = request.query_params.get("$orderby", "phenomenonTime asc")
        if span is None or order != "phenomenonTime asc":
            return _error(400, "Query is not supported: $filter or $orderby")
        times, late = published(world, sensor, *(_instant(t) for t in span.groups()))
        values = measured(world, sensor, times)

        def page(low: int, high: int) -> list[Page]:
            part = zip(times[low:high], late[low:high], values[low:high], strict=True)
            return [_observation(request, sensor, *row) for row in part]

        return _paged(request, times.size, page, overlap=int(sensor.number == REPEATS))

    return [
        Route("/Things", things),
        Route("/Datastreams({number:int})/Observations", observations),
    ]


def sensors(world: World) -> list[Sensor]:
    """Eight rain gauges in the districts and six water-level sensors at small streams."""
    found = {d.number: d for d in world.districts}
    gauges = [(found[n].name, found[n].lat, found[n].lon) for n in GAUGES]
    rain = [Sensor(i, "rain", *gauge) for i, gauge in enumerate(gauges, start=1)]
    first = len(rain) + 1
    streams = enumerate(STREAMS.items(), start=first)
    return [*rain, *(Sensor(i, "level", name, *place) for i, (name, place) in streams)]


def published(world: World, sensor: Sensor, start: datetime, end: datetime) -> tuple[Times, Bools]:
    """Time stamps (begin of the interval for rain) that are there by now, and which came late."""
    begins = world.steps(start, end, 10)
    stamps = begins + STEP if sensor.kind == "rain" else begins
    name = f"sensorthings/{sensor.number}"
    late = world.dropped(f"{name}/late", begins, 0.01)
    now = np.datetime64(world.now().replace(tzinfo=None), "s")
    there = np.where(late, stamps + LATE, stamps) <= now
    there &= ~world.dropped(name, begins, 0.015)
    return begins[there], late[there]


def measured(world: World, sensor: Sensor, times: Times) -> Floats:
    """Rain of the ten minutes that follow (mm) or level at the instant (cm)."""
    name = f"sensorthings/{sensor.number}"
    if sensor.kind == "level":
        level = world.brook_cm(times, sensor.lat, sensor.lon)
        return np.round(level + world.noise(name, times, 0.3), 1)
    rain = world.rain_mm(times + STEP, sensor.lat, sensor.lon)
    return np.round(rain * np.exp(world.noise(name, times, 0.03)), 2)


def _paged(
    request: Request, total: int, page: Callable[[int, int], list[Page]], overlap: int = 0
) -> Response:
    """One page of a collection; ``overlap`` entries of the page before come again."""
    query = request.query_params
    try:
        skip, top = int(query.get("$skip", 0)), min(int(query.get("$top", PAGE)), LIMIT)
    except ValueError:
        return _error(400, "$skip and $top have to be whole numbers")
    if skip < 0 or top < 1:
        return _error(400, "$skip and $top have to be positive")
    answer: Page = {"@iot.count": total} if query.get("$count") == "true" else {}
    low = skip - overlap if skip and top > overlap else skip
    if low + top < total:
        answer["@iot.nextLink"] = str(request.url.include_query_params(**{"$skip": low + top}))
    return JSONResponse({**answer, "value": page(low, low + top)})


def _thing(request: Request, sensor: Sensor, expand: str) -> Page:
    base = _base(request)
    link = f"{base}/Things({sensor.number})"
    kind = "Niederschlagsmesser" if sensor.kind == "rain" else "Wasserstandssensor"
    thing: Page = {
        "@iot.selfLink": link,
        "@iot.id": sensor.number,
        "name": sensor.place,
        "description": f"{kind} {sensor.place} (Demostadt)",
        "properties": {"owner": "Demostadt"},
    }
    if "Locations" in expand:
        thing["Locations"] = [_location(base, sensor)]
    else:
        thing["Locations@iot.navigationLink"] = f"{link}/Locations"
    if "Datastreams" in expand:
        thing["Datastreams"] = [_datastream(base, sensor, "ObservedProperty" in expand)]
    else:
        thing["Datastreams@iot.navigationLink"] = f"{link}/Datastreams"
    return thing


def _location(base: str, sensor: Sensor) -> Page:
    return {
        "@iot.selfLink": f"{base}/Locations({sensor.number})",
        "@iot.id": sensor.number,
        "name": sensor.place,
        "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": [sensor.lon, sensor.lat]},
    }


def _datastream(base: str, sensor: Sensor, with_property: bool) -> Page:
    link = f"{base}/Datastreams({sensor.number})"
    rain = sensor.kind == "rain"
    observed = "Niederschlag" if rain else "Wasserstand"
    unit = ("Millimeter", "mm") if rain else ("Zentimeter", "cm")
    stream: Page = {
        "@iot.selfLink": link,
        "@iot.id": sensor.number,
        "name": f"{observed} {sensor.place}",
        "description": f"{observed}, alle zehn Minuten",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {
            "name": unit[0],
            "symbol": unit[1],
            "definition": f"http://unitsofmeasure.org/ucum.html#{unit[1]}",
        },
        "Observations@iot.navigationLink": f"{link}/Observations",
    }
    if with_property:
        number = 1 if rain else 2
        stream["ObservedProperty"] = {
            "@iot.selfLink": f"{base}/ObservedProperties({number})",
            "@iot.id": number,
            "name": observed,
            "definition": "",
            "description": observed,
        }
    return stream


def _observation(
    request: Request, sensor: Sensor, begin: np.datetime64, late: np.bool_, value: float
) -> Page:
    """One observation; its number grows with the time of the observation."""
    number = sensor.number * 100_000_000 + int(begin.astype("datetime64[m]").astype(int))
    end = begin + STEP if sensor.kind == "rain" else begin
    stored = end + (LATE if late else np.timedelta64(0, "m"))
    phenomenon = _text(begin) if sensor.kind == "level" else f"{_text(begin)}/{_text(end)}"
    return {
        "@iot.selfLink": f"{_base(request)}/Observations({number})",
        "@iot.id": number,
        "phenomenonTime": phenomenon,
        "resultTime": _text(stored),
        "result": float(value),
    }


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _text(moment: np.datetime64) -> str:
    return f"{moment.astype('datetime64[s]')}Z"


def _error(status: int, message: str) -> Response:
    kind = {"code": status, "type": "error", "message": message}
    return JSONResponse(kind, status_code=status)
