"""The city's OGC API in the demo city: layer L1625 with twelve heat sensors.

Served with the habits of the real service: a filter dialect of its own, local clock readings in
two ways of writing, feature ids that start at 1 on every page, ``numberMatched`` on some answers
only, and for some questions an ``offset`` that is ignored. The sensors are invented. Inner-city
ones stay warm at night; one sensor sometimes reads 85 °C after a restart, as that type does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo.calendar import local
from urbandata.demo.chance import Floats, Times, key_number, seconds, uniform
from urbandata.demo.world import World

LAYER = "L1625"
DEFAULT_LIMIT = 10
AIR, HUMIDITY = "Lufttemperatur 2m", "Relative Luftfeuchte 2m"
UNITS = {AIR: "°C", HUMIDITY: "%"}
DISTRICTS = ("01", "04", "11", "07", "86", "92", "76", "51", "72", "96", "43", "31")
CONDITION = re.compile(r'^(\w+)\s*(==|~~|>|<)\s*(?:"([^"]*)"|(-?[\d.]+))$')


@dataclass(frozen=True, slots=True)
class Sensor:
    """One heat sensor. ``german`` ones write ``dd.mm.yyyy``."""

    number: int
    name: str
    lat: float
    lon: float
    parameters: tuple[str, ...]
    german: bool


@dataclass(frozen=True, slots=True)
class Value:
    """One measured value: sensor, parameter, local clock (ISO text with a blank), text or null."""

    sensor: Sensor
    parameter: str
    clock: str
    value: str | None


PROPERTIES: dict[str, Callable[[Value], str]] = {
    "ids": lambda v: str(v.sensor.number),
    "bezeichnung": lambda v: v.sensor.name,
    "parameter": lambda v: v.parameter,
    "wert_n": lambda v: v.value or "",
    "einheit": lambda v: UNITS[v.parameter],
    "messzeit": lambda v: v.clock,
}
OPERATORS: dict[str, Callable[[Any, str], Any]] = {
    "==": np.equal,
    ">": np.greater,
    "<": np.less,
    "~~": lambda texts, part: np.strings.find(texts, part) >= 0,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a filter: property, operator, operand; all compare as text."""

    name: str
    operator: str
    operand: str

    def met_by(self, texts: Any) -> Any:
        """Which of the texts meet the condition."""
        return OPERATORS[self.operator](np.asarray(texts, dtype=np.str_), self.operand)


class BadFilterError(Exception):
    """A filter the service does not understand."""


def routes(world: World) -> list[Route]:
    """Items of the layer, as GeoJSON or CSV."""

    def items(request: Request) -> Response:
        wanted = request.query_params
        if request.path_params["layer"] != LAYER:
            return Response("Collection not found", 404, media_type="text/plain")
        try:
            found = values(world, wanted.get("filter", ""))
        except BadFilterError as error:
            return Response(f"Filter: {error}", 400, media_type="text/plain")
        total = len(found)
        text = wanted.get("filter", "")
        offset = 0 if ignores_paging(text) else int(wanted.get("offset", 0))
        page = found[offset : offset + int(wanted.get("limit", DEFAULT_LIMIT))]
        columns = [c for c in PROPERTIES if c in wanted.get("propertynames", ",".join(PROPERTIES))]
        if wanted.get("format", "").startswith("csv"):
            return Response(as_csv(page, columns), media_type="text/csv")
        body = as_geojson(page, columns, world.now(), total if shows_total(text) else None)
        return Response(body, media_type="application/geo+json")

    return [Route("/collections/{layer}/items", items)]


def ignores_paging(text: str) -> bool:
    """Every third question has its ``offset`` ignored, always the same ones."""
    return crc32(text.encode()) % 3 == 0


def shows_total(text: str) -> bool:
    """Half of the answers carry ``numberMatched``."""
    return crc32(text.encode()[::-1]) % 2 == 0


def sensors(world: World) -> list[Sensor]:
    """Twelve sensors, a little beside the middle of their districts."""
    by_number = {d.number: d for d in world.districts}
    found = []
    for place, number in enumerate(DISTRICTS):
        district, shift = by_number[number], world.rng("klips", number).uniform(-0.002, 0.002, 2)
        found.append(
            Sensor(
                number=901 + place,
                name=f"Demo-Sensor {district.name}",
                lat=round(district.lat + shift[0], 6),
                lon=round(district.lon + shift[1], 6),
                parameters=(AIR, HUMIDITY) if place % 4 == 0 else (AIR,),
                german=place % 4 == 2,  # noqa: PLR2004
            )
        )
    return found


def values(world: World, text: str) -> list[Value]:
    """Values that meet the filter, by time and sensor."""
    conditions, low, high = read_filter(text)
    times = world.steps(low - timedelta(hours=3), high + timedelta(hours=3), 60)
    found = [
        v
        for sensor in sensors(world)
        for parameter in sensor.parameters
        for v in _series(world, sensor, parameter, times, conditions)
    ]
    return sorted(found, key=lambda v: (v.clock, v.sensor.number, v.parameter))


def _series(
    world: World, sensor: Sensor, parameter: str, times: Times, conditions: Sequence[Condition]
) -> list[Value]:
    """Hourly values of one sensor that meet the conditions, what can be told beforehand first.

    The two hours of a doubled clock hour both occur.
    """
    any_value = Value(sensor, parameter, "", None)
    same = [c for c in conditions if c.name not in ("messzeit", "wert_n")]
    if not all(c.met_by([PROPERTIES[c.name](any_value)]).all() for c in same):
        return []
    times = times[~world.dropped(f"klips/{sensor.number}", times, 0.01)]
    stamps = np.datetime_as_string(local(times).astype("datetime64[s]")).tolist()
    clocks = np.array([stamp.replace("T", " ") for stamp in stamps], dtype=np.str_)
    for condition in (c for c in conditions if c.name == "messzeit"):
        met = condition.met_by(clocks)
        times, clocks = times[met], clocks[met]
    measured = _measured(world, sensor, parameter, times)
    silent = _drawn(world, f"null/{sensor.number}/{parameter}", times) < 0.0005  # noqa: PLR2004
    found = [
        Value(sensor, parameter, c, None if s else f"{m:.1f}")
        for c, m, s in zip(clocks.tolist(), measured.tolist(), silent.tolist(), strict=True)
    ]
    for condition in (c for c in conditions if c.name == "wert_n"):
        met = condition.met_by([v.value or "" for v in found])
        found = [v for v, kept in zip(found, met.tolist(), strict=True) if kept]
    return found


def _measured(world: World, sensor: Sensor, parameter: str, times: Times) -> Floats:
    key = f"klips/{sensor.number}/{parameter}"
    if parameter == HUMIDITY:
        return np.clip(world.humidity_pct(times) + world.noise(key, times, 1.5), 0, 100)
    air = world.temperature_c(times, sensor.lat, sensor.lon) + world.noise(key, times, 0.1)
    restarts = (sensor.number == 907) & (_drawn(world, key, times) < 0.001)  # noqa: PLR2004
    return np.where(restarts, 85.0, air)


def _drawn(world: World, key: str, times: Times) -> Floats:
    return uniform(key_number(world.seed, "klips", key), seconds(times))


def read_filter(text: str) -> tuple[list[Condition], datetime, datetime]:
    """Conditions and a span of time (UTC, generous) they allow."""
    conditions: list[Condition] = []
    low, high = World.start, datetime(2100, 1, 1, tzinfo=UTC)
    for part in filter(None, (p.strip() for p in re.split(r"\s+and\s+", text))):
        matched = CONDITION.match(part)
        if matched is None:
            raise BadFilterError(part)
        name, operator, quoted, number = matched.groups()
        if name not in PROPERTIES:
            raise BadFilterError(f"unknown property {name}")
        operand = quoted if quoted is not None else number
        conditions.append(Condition(name, operator, operand))
        if name == "messzeit" and operator in "<>":
            at = _clock(operand)
            low, high = (at, high) if operator == ">" else (low, at)
    return conditions, low, high


def _clock(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise BadFilterError(f"{text} is no date") from None


def _written(value: Value, name: str) -> str:
    """A property as the sensor writes it."""
    if name == "messzeit" and value.sensor.german:
        c = value.clock
        return f"{c[8:10]}.{c[5:7]}.{c[:4]} {c[11:]}"
    return PROPERTIES[name](value)


def as_geojson(
    page: Sequence[Value], columns: Sequence[str], now: datetime, total: int | None
) -> str:
    """A FeatureCollection; ids count from 1 on every page."""
    features = ",".join(_feature(i, v, columns) for i, v in enumerate(page, start=1))
    stamp = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond * 10:07d}Z"
    matched = "" if total is None else f',"numberMatched":{total}'
    return (
        '{"type":"FeatureCollection","links":[{"href":"https://www.cardogis.com/WFS3Server#items",'
        f'"rel":"serviceDocumentation","type":"text/html"}}],"timeStamp":"{stamp}",'
        f'"features":[{features}],"numberReturned":{len(page)}{matched}}}'
    )


def _feature(number: int, value: Value, columns: Sequence[str]) -> str:
    properties = ",".join(f'"{c}":{_json(value, c)}' for c in columns)
    return (
        f'{{"type":"Feature","geometry":{{"type":"Point","crs":{{"type":"name","properties":'
        f'{{"name":"urn:ogc:def:crs:EPSG::4326"}}}},"coordinates":[{value.sensor.lon},'
        f'{value.sensor.lat}]}},"id":{number},"properties":{{{properties}}}}}'
    )


def _json(value: Value, name: str) -> str:
    if name == "wert_n":
        return value.value or "null"
    return _written(value, name) if name == "ids" else f'"{_written(value, name)}"'


def as_csv(page: Sequence[Value], columns: Sequence[str]) -> str:
    """Quoted, by semicolon, the geometry as EWKT."""
    lines = [";".join(f'"{c}"' for c in ("geom", *columns))]
    for v in page:
        point = f"SRID=4326;POINT({v.sensor.lon} {v.sensor.lat})"
        lines.append(";".join(f'"{t}"' for t in (point, *(_written(v, c) for c in columns))))
    return "\r\n".join(lines) + "\r\n"
