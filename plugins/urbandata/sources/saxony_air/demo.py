"""The demo city's monthly files in the manner of the Saxon network.

Quirks kept: a line of units, daily means (weighed, two weeks late) between the hours, the last
hour of a month dated the first of the next, weather columns that appear in July 2024, from then
on ``NaN`` for what is missing, and one failed transfer that wrote zeros into a whole line.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import air
from urbandata.demo.air import STATIONS, Station
from urbandata.demo.chance import Floats, Times
from urbandata.demo.world import World

CET = timezone(timedelta(hours=1))
UNITS = {"DRUCK": "hPa", "FEUCHT": "PROZ", "STRAHL": "W/m2", "TEMP": "GRADC", "WINDGE": "m/sec"}
AIR = {"NO": "NO", "NO2": "NO2", "O3": "O3", "PM10_TEOM": "PM10", "SO2": "SO2"}  # hourly
WEIGHED = {"PM10_HVS": "PM10", "PM2.5": "PM2.5"}  # daily
DECIMALS = {"SO2": 1, "FEUCHT": 1, "TEMP": 1, "WINDGE": 1, "PM10_HVS": 2, "PM2.5": 2}
WEATHER_FROM = date(2024, 7, 1)
LABORATORY = timedelta(days=13)
FAILED = ("DESN061", np.datetime64("2024-11-12T05:00"))  # station, hour ending 06:00
HOURS_OF_A_DAY = 18  # 75 % of the hours make a daily mean


def routes(world: World) -> list[Route]:
    """One file per station and month, with an entity tag."""

    def monthly(request: Request) -> Response:
        month = _month(request.path_params["year"], request.path_params["month"])
        name = request.path_params["name"]
        station = next((s for s in STATIONS.values() if s.name == name), None)
        if month is None or station is None or not _exists(world, month):
            return PlainTextResponse("404: Not Found", status_code=404)
        text = file_text(world, station, month)
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return PlainTextResponse(text, headers={"etag": tag})

    return [Route("/joint/{year}/{month}/{name}.csv", monthly)]


def file_text(world: World, station: Station, month: date) -> str:
    """The file of one station and month as far as the hours are over."""
    start = datetime.combine(month, datetime.min.time(), tzinfo=CET)
    begins = air.full_hours(world, start, _next(start))
    hourly = _hourly(world, station, month, begins)
    daily = _daily(world, station, begins)
    names = sorted({"BEN", *hourly, *WEIGHED})
    units = (UNITS.get(n, "µg/m³") for n in names)
    lines = [["Datum", "Zeit", *names], ["yyyy-mm-dd", "hh:mm", *units]]
    lines += sorted(_hour_lines(names, begins, hourly) + _day_lines(names, daily))
    return "".join(",".join(line) + "\n" for line in lines)


def _hourly(world: World, station: Station, month: date, begins: Times) -> dict[str, list[str]]:
    """Texts of the hourly columns."""
    means = air.means(world, station, begins)
    values = {column: means[pollutant] for column, pollutant in AIR.items()}
    modern = month >= WEATHER_FROM
    if modern:
        values |= _weather(world, station, begins + air.HOUR // 2)
    if station.code == FAILED[0]:
        values = {n: np.where(begins + air.HOUR == FAILED[1], 0.0, v) for n, v in values.items()}
    return {name: _texts(name, value, "NaN" if modern else "") for name, value in values.items()}


def _weather(world: World, station: Station, at: Times) -> dict[str, Floats]:
    return {
        "DRUCK": world.pressure_hpa(at) - 14.0,  # at the height of the station
        "FEUCHT": world.humidity_pct(at),
        "STRAHL": world.sun_w_m2(at),
        "TEMP": world.temperature_c(at, station.lat, station.lon),
        "WINDGE": world.wind_ms(at),
    }


def _daily(world: World, station: Station, begins: Times) -> dict[str, dict[str, str]]:
    """Text of the weighed means by day (CET) and column, where the laboratory has finished."""
    means = air.means(world, station, begins)
    days = (begins + air.HOUR).astype("datetime64[D]")
    finished = np.datetime64((world.now() - LABORATORY).replace(tzinfo=None), "D")
    result: dict[str, dict[str, str]] = {}
    for day in np.unique(days[days < finished]):
        for column, pollutant in WEIGHED.items():
            hours = means[pollutant][days == day]
            if np.count_nonzero(~np.isnan(hours)) >= HOURS_OF_A_DAY:
                text = f"{np.nanmean(hours):.{DECIMALS[column]}f}"
                result.setdefault(str(day), {})[column] = text
    return result


def _hour_lines(names: list[str], begins: Times, hourly: dict[str, list[str]]) -> list[list[str]]:
    """One line per hour, dated by its end; the closed station writes none."""
    blank = [""] * len(begins)
    columns = [hourly.get(name, blank) for name in names]
    ends = (begins + 2 * air.HOUR).astype(str)  # CET
    lines = [[*end.split("T"), *cells] for end, *cells in zip(ends, *columns, strict=True)]
    own = [names.index(n) + 2 for n in AIR]
    return [line for line in lines if any(line[i] not in ("", "NaN") for i in own)]


def _day_lines(names: list[str], daily: dict[str, dict[str, str]]) -> list[list[str]]:
    return [[day, "", *(cells.get(n, "") for n in names)] for day, cells in daily.items()]


def _texts(name: str, values: Floats, missing: str) -> list[str]:
    decimals = DECIMALS.get(name, 0)
    return [missing if np.isnan(v) else f"{v:.{decimals}f}" for v in values]


def _month(year: str, month: str) -> date | None:
    try:
        return datetime.strptime(f"{year}-{month}", "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _exists(world: World, month: date) -> bool:
    """Whether the month is in the city's history and has begun."""
    return world.start.date() <= month <= world.now().astimezone(CET).date()


def _next(start: datetime) -> datetime:
    return (start + timedelta(days=32)).replace(day=1)
