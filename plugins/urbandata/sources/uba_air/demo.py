"""The demo city's answer in the manner of the UBA Air Data API v4.

Quirks kept: positional lists, hours 1 to 24 in CET, midnight written as hour 24, whole numbers,
null for drop-outs and no entry for closed days, values of the last two days not yet final,
200 with empty ``data`` for an unknown station. The error text of the real service is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo import air
from urbandata.demo.air import STATIONS, Station
from urbandata.demo.chance import Floats, Times
from urbandata.demo.world import World

CET = timezone(timedelta(hours=1))
COMPONENTS = {"1": "PM10", "3": "O3", "4": "SO2", "5": "NO2", "9": "PM2.5"}
CLASSES = {  # upper bounds of the index classes 0 to 3 (µg/m³)
    "PM10": (20, 35, 50, 100),
    "O3": (60, 120, 180, 240),
    "SO2": (100, 350, 500, 1000),
    "NO2": (20, 40, 100, 200),
    "PM2.5": (10, 20, 25, 50),
}
NUMBERS = {"DESN061": "298", "DESN092": "311", "DESN084": "90084", "DESN051": "90051"}
NOT_FINAL = np.timedelta64(2, "D")
STATION_NAMES = (
    *("station id", "station code", "station name", "station city", "station synonym"),
    *("station active from", "station active to", "station longitude", "station latitude"),
    *("network id", "station setting id", "station type id", "network code", "network name"),
    *("station setting name", "station setting short name", "station type name"),
    *("station street", "station street nr", "station zip code"),
)
MEASURE_NAMES = ["component id", "scope id", "value", "date end", "index"]


def routes(world: World) -> list[Route]:
    """``stations/json`` and ``measures/json``."""

    def stations(request: Request) -> Response:
        data = {number: _station(STATIONS[code], number) for code, number in NUMBERS.items()}
        answer = {
            "request": dict(request.query_params),
            "indices": list(STATION_NAMES),
            "data": {**data, "1": _closed_station()},
            "count": len(data) + 1,
        }
        return JSONResponse(answer)

    def measures(request: Request) -> Response:
        try:
            first, last = _span(request.query_params)
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": f"invalid parameter: {error}"}, status_code=400)
        query = request.query_params
        data = _measures(world, query, first, last)
        indices = {"data": {"station id": {"date start": MEASURE_NAMES}}}
        return JSONResponse({"request": dict(query), "indices": indices, "data": data})

    return [Route("/stations/json", stations), Route("/measures/json", measures)]


def _span(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    """First and last hour asked for (begin of each). Raises ValueError outside 1 to 24."""
    moments = []
    for end in ("from", "to"):
        day = datetime.strptime(query[f"date_{end}"], "%Y-%m-%d").replace(tzinfo=CET)
        hour = int(query[f"time_{end}"])
        if not 1 <= hour <= 24:  # noqa: PLR2004
            raise ValueError(f"time_{end} is {hour}, hours count 1 to 24")
        moments.append(day + timedelta(hours=hour - 1))
    return moments[0], moments[1]


def _measures(
    world: World, query: Mapping[str, str], first: datetime, last: datetime
) -> dict[str, dict[str, list[int | str | None]]]:
    """Hourly means of the station and component asked for, by begin of the hour."""
    number, component = query.get("station", ""), query.get("component", "")
    codes = [code for code, known in NUMBERS.items() if known == number]
    if not codes or component not in COMPONENTS or query.get("scope") != "2":
        return {}
    station, pollutant = STATIONS[codes[0]], COMPONENTS[component]
    begins = air.full_hours(world, first, last + timedelta(hours=1))
    begins = begins[~air.is_closed(station, begins)]
    values = _published(world, station, pollutant, begins)
    stamps = np.datetime_as_string((begins + air.HOUR).astype("datetime64[s]")).tolist()
    clocks = [stamp.replace("T", " ") for stamp in stamps]
    entries = {
        clock: [int(component), 2, value, _end(clock), _index(pollutant, value)]
        for clock, value in zip(clocks, values, strict=True)
    }
    return {number: entries} if entries else {}


def _published(world: World, station: Station, pollutant: str, begins: Times) -> list[int | None]:
    """Whole numbers as shown; the youngest are off by some percent until they are checked."""
    values = air.means(world, station, begins)[pollutant]
    young = begins > np.datetime64(world.now().replace(tzinfo=None), "s") - NOT_FINAL
    error = world.noise(f"uba/{station.code}/{pollutant}", begins, 0.06)
    shown: Floats = np.rint(np.where(young, values * (1.0 + error), values))
    return [None if np.isnan(value) else int(value) for value in shown]


def _end(begin: str) -> str:
    """End of the hour; midnight belongs to the day that ends, as hour 24."""
    return f"{begin[:11]}{int(begin[11:13]) + 1:02}:00:00"


def _index(pollutant: str, value: int | None) -> str | None:
    if value is None:
        return None
    return str(sum(value > bound for bound in CLASSES[pollutant]))


def _station(station: Station, number: str) -> list[str | None]:
    """One entry of the station list."""
    traffic = station.traffic > 0.5  # noqa: PLR2004
    setting = "städtisch" if station.town > 0.6 else "vorstädtisch"  # noqa: PLR2004
    return [
        *(number, station.code, station.name, station.name.split("-")[0], "", "1995-01-01", None),
        *(str(station.lon), str(station.lat), "13", "1", "2" if traffic else "1", "SN", "Sachsen"),
        *(f"{setting}es Gebiet", setting, "Verkehr" if traffic else "Hintergrund"),
        *("", "", ""),
    ]


def _closed_station() -> list[str | None]:
    """A station of another network that no longer measures, as the real list has many."""
    return [
        *("1", "DEXX001", "Demostation (geschlossen)", "Demostadt", "", "1990-01-01", "2005-12-31"),
        *("12.0", "51.0", "0", "1", "1", "XX", "Demonetz"),
        *("städtisches Gebiet", "städtisch", "Hintergrund", "", "", ""),
    ]
