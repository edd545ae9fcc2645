"""SMARD of the demo city: an index per series, weekly blocks of hours, yearly blocks of days.

Prices are cheap with sun and wind; load and generation follow the demo weather. The newest hours
are not known yet (null), as with the real service. The numbers of the filters are unverified.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.calendar import local
from urbandata.demo.chance import Floats, Times, seconds
from urbandata.demo.energy import area_mw, price_eur_mwh
from urbandata.demo.world import World

ZONE = ZoneInfo("Europe/Berlin")
PRICE = "4169"
CURVES = {"410": "load", "4068": "solar", "4067": "wind", "1223": "lignite"}
REGIONS = {PRICE: "DE", **dict.fromkeys(CURVES, "50Hertz")}
KNOWN_AFTER = np.timedelta64(120, "m")  # after the end of the hour
NOT_FOUND = 404


def routes(world: World) -> list[Route]:
    """Index and blocks of every series."""

    def index(request: Request) -> Response:
        number, region = (request.path_params[k] for k in ("number", "region"))
        begin = BLOCKS.get(request.path_params["resolution"])
        if REGIONS.get(number) != region or begin is None:
            return JSONResponse({"error": "not found"}, NOT_FOUND)
        stamps = [_ms(start) for start, _ in _blocks(world, begin)]
        return JSONResponse({"timestamps": stamps})

    def series(request: Request) -> Response:
        number, region, *parts = (
            request.path_params[k] for k in ("number", "region", "a", "b", "resolution", "stamp")
        )
        begin = BLOCKS.get(parts[2])
        known = begin is not None and REGIONS.get(number) == region
        if begin is None or not known or parts[:2] != [number, region]:
            return JSONResponse({"error": "not found"}, NOT_FOUND)
        span = {str(_ms(start)): (start, end) for start, end in _blocks(world, begin)}
        if parts[3] not in span:
            return JSONResponse({"error": "not found"}, NOT_FOUND)
        body = series_json(world, number, parts[2], *span[parts[3]])
        return Response(body, media_type="application/json")

    return [
        Route("/{number}/{region}/index_{resolution}.json", index),
        Route("/{number}/{region}/{a}_{b}_{resolution}_{stamp}.json", series),
    ]


def series_json(world: World, number: str, resolution: str, start: datetime, end: datetime) -> str:
    """``{"meta_data": …, "series": [[ms, value], …]}``."""
    times = world.steps(start, end, 60)
    values = _hours(world, number, times)
    if resolution == "day":
        times, values = _days(times, values, number)
    pairs = [
        [stamp * 1000, None if np.isnan(value) else round(value, 2)]
        for stamp, value in zip(seconds(times).tolist(), values.tolist(), strict=True)
    ]
    return json.dumps({"meta_data": {"version": 1, "created": _ms(world.now())}, "series": pairs})


def _hours(world: World, number: str, times: Times) -> Floats:
    """Price (€/MWh) or energy (MWh) of each hour; nan where it is not known yet."""
    if number == PRICE:
        return price_eur_mwh(world, times)
    now = np.datetime64(world.now().replace(tzinfo=None), "m")
    unknown = times + np.timedelta64(60, "m") + KNOWN_AFTER > now
    values: Floats = np.where(unknown, np.nan, area_mw(world, times)[CURVES[number]])
    return values


def _days(times: Times, values: Floats, number: str) -> tuple[Times, Floats]:
    """First instants of local days and their sum (price: mean); nan until a day is complete."""
    days = local(times).astype("datetime64[D]")
    _, first, count = np.unique(days, return_index=True, return_counts=True)
    if first.size == 0:
        return times, values
    sums = np.add.reduceat(values, first)
    result = sums / count if number == PRICE else sums
    hours = np.array([_day_hours(str(d)) for d in days[first]])
    return times[first], np.where(count == hours, result, np.nan)


def _day_hours(day: str) -> int:
    """23, 24 or 25."""
    begin = datetime.fromisoformat(day).replace(tzinfo=ZONE)
    return round((_next_day(begin).astimezone(UTC) - begin.astimezone(UTC)) / timedelta(hours=1))


def _next_day(at: datetime) -> datetime:
    return at + timedelta(days=1)  # local arithmetic: the same clock reading a day later


def _week(at: datetime) -> datetime:
    """Monday, 0:00 local."""
    return _midnight(at) - timedelta(days=at.weekday())


def _year(at: datetime) -> datetime:
    """1 January, 0:00 local."""
    return _midnight(at).replace(month=1, day=1)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


BLOCKS: dict[str, Callable[[datetime], datetime]] = {"hour": _week, "day": _year}


def _blocks(world: World, begin: Callable[[datetime], datetime]) -> list[tuple[datetime, datetime]]:
    """Start and end of the blocks from the beginning of the city's history to now."""
    found = []
    start, now = begin(world.start.astimezone(ZONE)), world.now().astimezone(ZONE)
    while start <= now:
        end = begin(start + timedelta(days=380 if begin is _year else 10))
        found.append((start, end))
        start = end
    return found


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
