"""Load profiles of the demo hospital: CSV files of its energy management in a folder.

A file per year and per month of the current year, in Latin-1 with decimal comma and CET all
year; the current month's file is written anew every morning. As in practice the export changed:
energy per quarter of an hour with date and time apart, then MW, then kW with a preamble.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo.chance import Floats, Times
from urbandata.demo.energy import hospital_kw
from urbandata.demo.world import World
from urbandata.sources.load_profile.fetch import period

CET = np.timedelta64(1, "h")
WRITTEN_HOUR = 5  # UTC; up to the end of the day before (CET)
HOURLY = {  # heading and curve of the hourly file
    "Wärme gesamt [kW]": "heat",
    "Strom Kälteanlagen [kW]": "cooling",
    "Strom Lüftung [kW]": "ventilation",
    "Strom Bildgebung [kW]": "imaging",
    "Strom Küche [kW]": "kitchen",
}
SILENT = 0.003


@dataclass(frozen=True, slots=True)
class Export:
    """How the electricity was exported in a year: preamble, header, minutes, factor, digits."""

    header: str
    split: bool
    factor: float
    digits: int


EXPORTS = {
    2023: Export("Datum;Uhrzeit (Ende);Verbrauch [kWh]", True, 0.25, 1),
    2024: Export("ts;mw", False, 0.001, 4),
}
LATEST = Export(
    "Standort;Friedrichstadt\r\nMedium;Strom\r\n\r\nZeitstempel (Ende);Wirkleistung [kW]",
    *(False, 1.0, 1),
)


def routes(world: World) -> list[Route]:
    """The folder's page and the files in it, with entity tags."""

    def listing(_: Request) -> Response:
        links = "\n".join(f'<a href="{n}">{n}</a>' for n in file_names(world))
        return HTMLResponse(f"<html><h1>Index of /lastgang/</h1><pre>\n{links}\n</pre></html>")

    def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in file_names(world):
            return PlainTextResponse("404 Not Found", status_code=404)
        content = file_content(world, name)
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return Response(content, media_type="text/csv; charset=iso-8859-1", headers={"etag": tag})

    return [Route("/lastgang/", listing), Route("/lastgang/{name}", file)]


def file_names(world: World) -> list[str]:
    """Finished years as one file each, the current year by month."""
    last = _written_until(world) - timedelta(seconds=1)
    periods = [f"{year}" for year in range(world.start.year, last.year)]
    periods += [f"{last.year}-{month:02d}" for month in range(1, last.month + 1)]
    return [f"Friedrichstadt_{kind}_{p}.csv" for p in periods for kind in ("Strom", "Stunden")]


def file_content(world: World, name: str) -> bytes:
    """A file as far as it is written by now."""
    start, after = period(name)
    end = min(after, _written_until(world) - timedelta(hours=1))
    if "_Strom_" in name:
        lines = _electricity(world, start, end, EXPORTS.get(after.year, LATEST))
    else:
        lines = _hourly(world, start, end)
    return lines.encode("latin-1")


def _written_until(world: World) -> datetime:
    """Midnight (as a CET clock reading) up to which the exports reach by now."""
    written = world.now() - timedelta(hours=WRITTEN_HOUR)
    return datetime(written.year, written.month, written.day, tzinfo=UTC)


def _electricity(world: World, start: datetime, end: datetime, export: Export) -> str:
    times = world.steps(start, end, 15)
    power = hospital_kw(world, times, 15)["electricity"]
    silent = world.dropped("hospital/electricity", times, SILENT)
    stamp = "%d.%m.%Y;%H:%M" if export.split else "%d.%m.%Y %H:%M"
    values = np.where(silent, np.nan, power * export.factor)
    ends: Times = times + np.timedelta64(15, "m") + CET
    return f"{export.header}\r\n{_lines(ends, stamp, [values], export.digits)}"


def _hourly(world: World, start: datetime, end: datetime) -> str:
    """Heat and sub-meters side by side, stamped with the begin of the hour."""
    times = world.steps(start, end, 60)
    power = hospital_kw(world, times, 60)
    columns = [
        np.where(world.dropped(f"hospital/{key}", times, SILENT), np.nan, power[key])
        for key in HOURLY.values()
    ]
    begins: Times = times + CET
    header = ";".join(["Zeitstempel (Beginn)", *HOURLY])
    return f"{header}\r\n{_lines(begins, '%d.%m.%Y %H:%M', columns, 1)}"


def _lines(times: Times, stamp: str, columns: list[Floats], digits: int) -> str:
    """CSV lines with decimal comma; empty where a meter was silent."""
    table = {"t": pa.array(times.astype("datetime64[us]"))}
    table |= {f"v{n}": pa.array(values) for n, values in enumerate(columns)}
    cell = "CASE WHEN isnan({0}) THEN '' ELSE replace(format('{{:.{1}f}}', {0}), '.', ',') END"
    cells = " || ';' || ".join(cell.format(f"v{n}", digits) for n in range(len(columns)))
    with duckdb.connect() as session:
        session.register("lines", pa.table(table))
        found = session.execute(
            f"SELECT string_agg(strftime(t, '{stamp}') || ';' || {cells} || chr(13) || chr(10), '' "
            "ORDER BY t) FROM lines"
        ).fetchone()
    return str(found[0]) if found and found[0] is not None else ""
