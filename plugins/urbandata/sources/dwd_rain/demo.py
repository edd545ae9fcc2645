"""The demo city's weather stations as a CDC file server: three folders, zips, a listing.

Quirks kept: leading blanks, -999, CRLF, ``eor``, Latin-1 descriptions beside the product,
``now`` begins at 00 UTC, ``recent`` reaches 550 days back up to yesterday and overlaps the
historical file, daily rain runs from 06 to 06 UTC, unchanged files answer 304.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from urbandata.demo.chance import Floats, Times
from urbandata.demo.world import World

DAY = timedelta(days=1)
RECENT = timedelta(days=550)
DAILY_ENDS = timedelta(hours=6)
MISSING = "-999"
SUNNY_W_M2 = 120  # the WMO's bound of sunshine
CLIMATE = "observations_germany/climate"


@dataclass(frozen=True, slots=True)
class Station:
    """A demo station; ``height`` in m."""

    id: str
    name: str
    lat: float
    lon: float
    height: int


@dataclass(frozen=True, slots=True)
class File:
    """A file of the server with its span ``[start, end)``."""

    station: Station
    period: str
    start: datetime
    end: datetime


Lines = Callable[[World, File], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder: name of its zips, name of the product, header, lines and stations."""

    folder: str
    name: str
    product: str
    header: str
    lines: Lines
    periods: tuple[str, ...]
    stations: tuple[str, ...]


STATIONS = {
    s.id: s
    for s in (
        Station("01048", "Dresden-Klotzsche", 51.1278, 13.7543, 228),
        Station("01050", "Dresden-Hosterwitz", 51.0221, 13.8470, 112),
        Station("01051", "Dresden-Strehlen", 51.0249, 13.7750, 119),
        Station("01693", "Dresden-Gohlis", 51.0895, 13.6321, 107),
    )
}


def routes(world: World) -> list[Route]:
    """A listing per folder and the files in it."""

    def listing(request: Request) -> Response:
        files = _files(world, **request.path_params)
        links = "\n".join(f'<a href="{n}">{n}</a>' for n in files)
        title = f"Index of /{request.path_params['folder']}/{request.path_params['period']}/"
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr><pre>"
        return HTMLResponse(f'{page}<a href="../">../</a>\n{links}\n</pre></body></html>')

    def file(request: Request) -> Response:
        name = request.path_params["file"]
        found = _files(world, request.path_params["folder"], request.path_params["period"])
        if name not in found:
            return Response("Not Found", status_code=404)
        return _answer(world, request, found[name])

    return [
        Route("/{folder:path}/{period}/", listing),
        Route("/{folder:path}/{period}/{file}", file),
    ]


def _files(world: World, folder: str, period: str) -> dict[str, File]:
    """Files of a folder by name; empty for folders the demo server does not have."""
    dataset = DATASETS.get(folder)
    if dataset is None or period not in dataset.periods:
        return {}
    start, end = _span(world, period)
    if end <= start:
        return {}
    files = [File(STATIONS[s], period, start, end) for s in dataset.stations]
    return {f"{dataset.name}_{f.station.id}_{_ending(f)}.zip": f for f in files}


def _span(world: World, period: str) -> tuple[datetime, datetime]:
    now = world.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "historical":
        return world.start, datetime(now.year, 1, 1, tzinfo=UTC)
    if period == "recent":
        return max(world.start, today - RECENT), today
    return today, now


def _ending(file: File) -> str:
    if file.period == "historical":
        return f"{file.start:%Y%m%d}_{file.end - DAY:%Y%m%d}_hist"
    return {"recent": "akt", "now": "now"}[file.period]


def _answer(world: World, request: Request, file: File) -> Response:
    """The zip, or 304 if the asker has it. ``now`` is new every ten minutes, the rest daily."""
    dataset = DATASETS[request.path_params["folder"]]
    newest = file.end.replace(minute=file.end.minute // 10 * 10, second=0, microsecond=0)
    version = f"{world.seed}/{dataset.name}/{file.station.id}/{file.period}/{newest:%Y%m%d%H%M}"
    headers = {
        "ETag": f'"{zlib.crc32(version.encode()):08x}"',
        "Last-Modified": format_datetime(newest, usegmt=True),
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    body = _zip(dataset, file, "".join(f"{line}\r\n" for line in dataset.lines(world, file)))
    return Response(body, media_type="application/zip", headers=headers)


def _zip(dataset: Dataset, file: File, lines: str) -> bytes:
    """The product with its header and a description, the same bytes for the same content."""
    station, last = file.station, file.end - timedelta(minutes=1)
    kind = dataset.product.format("now" if file.period == "now" else "min")
    name = f"produkt_{kind}_{file.start:%Y%m%d}_{last:%Y%m%d}_{station.id}.txt"
    about = (
        "Stations_id;Stationshoehe;Geogr.Breite;Geogr.Laenge;von_datum;bis_datum;Stationsname\n"
        f"{int(station.id):>6};{station.height:>7.2f};{station.lat:>8.4f};{station.lon:>8.4f};"
        f"{file.start:%Y%m%d};;{station.name} (Demostadt, Messgeräte erfunden)\n"
    )
    members = {
        f"Metadaten_Geographie_{station.id}.txt": about.encode("latin-1"),
        name: f"{dataset.header}\r\n{lines}".encode("ascii"),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for member, content in members.items():
            archive.writestr(zipfile.ZipInfo(member), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _ten_minutes(world: World, file: File) -> Iterator[str]:
    """``STATIONS_ID;MESS_DATUM;  QN;RWS_DAU_10;RWS_10;RWS_IND_10;eor``."""
    station, times = file.station, world.steps(file.start, file.end, 10)
    rain = np.round(world.rain_mm(times, station.lat, station.lon, 10), 2)
    silent = world.dropped(f"dwd/{station.id}", times, 0.003)
    minutes = np.where(rain > 0, np.minimum(10, np.ceil(rain / 0.05)), 0)  # harder rain fills them
    head, quality = f"{int(station.id):>11}", _quality(file)
    for stamp, mm, long, gone in zip(_stamps(times), rain, minutes, silent, strict=True):
        if gone:
            yield f"{head};{stamp};{quality};{MISSING:>4};{MISSING:>7};{MISSING:>4};eor"
        else:
            yield f"{head};{stamp};{quality};{long:4.0f};{mm:7.2f};{mm > 0:4d};eor"


def _hourly(world: World, file: File) -> Iterator[str]:
    """``STATIONS_ID;MESS_DATUM;QN_8;  R1;RS_IND;WRTR;eor``."""
    station, times = file.station, world.steps(file.start, file.end, 60)
    rain = np.round(world.rain_mm(times, station.lat, station.lon, 60), 1)
    silent = world.dropped(f"dwd/{station.id}", times, 0.003)
    head, quality = f"{int(station.id):>11}", _quality(file)
    for stamp, mm, gone in zip(_stamps(times), rain, silent, strict=True):
        amount, wet = (MISSING, MISSING) if gone else (f"{mm:.1f}", str(int(mm > 0)))
        yield f"{head};{stamp[:10]};{quality};{amount:>6};{wet:>4};{MISSING};eor"


def _daily(world: World, file: File) -> Iterator[str]:
    """Days whose rain is measured to the end, as in the product KL."""
    last = min(file.end, world.now() - DAILY_ENDS)
    days = np.arange(np.datetime64(file.start.date()), np.datetime64(last.date()))
    head, quality = f"{int(file.station.id):>11}", f"{_quality(file):>5}"
    for day, values in zip(days, _daily_values(world, file.station, days), strict=True):
        gust, wind, rain, form, sun, vapour, pressure, mean, humidity, high, low, ground = values
        yield (
            f"{head};{str(day).replace('-', '')};{quality};{gust:6.1f};{wind:6.1f};{quality};"
            f"{rain:6.1f};{form:4.0f};{sun:6.1f};{0:4d};{MISSING:>4};{vapour:6.1f};{pressure:8.1f};"
            f"{mean:7.1f};{humidity:7.1f};{high:7.1f};{low:7.1f};{ground:7.1f};eor"
        )


def _daily_values(world: World, station: Station, days: Times) -> Floats:
    """Gust, wind, rain, its form, sunshine, vapour pressure, pressure, temperatures by day."""
    ten = days[:, None] + np.arange(0, 24 * 60, 10).astype("timedelta64[m]")
    hours = ten[:, ::6]
    air = world.temperature_c(ten.ravel(), station.lat, station.lon).reshape(ten.shape)
    wind = world.wind_ms(hours.ravel()).reshape(hours.shape)
    humid = world.humidity_pct(hours.ravel()).reshape(hours.shape).mean(axis=1)
    sun = (world.sun_w_m2(hours.ravel()).reshape(hours.shape) > SUNNY_W_M2).sum(axis=1)
    pressure = world.pressure_hpa(hours.ravel()).reshape(hours.shape).mean(axis=1)
    until = hours[:, 6] + np.timedelta64(1, "D")  # 06 UTC of the next day
    rain = np.round(world.rain_mm(until, station.lat, station.lon, 24 * 60), 1)
    mean: Floats = air.mean(axis=1)
    vapour = humid / 100.0 * 6.11 * np.exp(17.6 * mean / (243.0 + mean))
    return np.column_stack(
        [
            wind.max(axis=1) * 1.8,
            wind.mean(axis=1),
            rain,
            np.where(rain > 0, np.where(mean < 0, 7, 6), 0),
            sun,
            vapour,
            pressure - station.height / 8.3,
            mean,
            humid,
            air.max(axis=1),
            air.min(axis=1),
            air.min(axis=1) - 1.5,
        ]
    )


def _quality(file: File) -> str:
    """Level 3 (routine control) once a year's file is out, before that 1 (formal check)."""
    return f"{3 if file.period == 'historical' else 1:>5}"


def _stamps(times: Times) -> list[str]:
    """``YYYYMMDDHHMM`` of each instant."""
    text = np.datetime_as_string(times.astype("datetime64[m]"))
    return [t.translate(_DIGITS) for t in text.tolist()]


_DIGITS = str.maketrans("", "", "-T:")
_ALL = tuple(STATIONS)
DATASETS = {
    d.folder: d
    for d in (
        Dataset(
            f"{CLIMATE}/10_minutes/precipitation",
            "10minutenwerte_nieder",
            "zehn_{}_rr",
            "STATIONS_ID;MESS_DATUM;  QN;RWS_DAU_10;RWS_10;RWS_IND_10;eor",
            _ten_minutes,
            ("historical", "recent", "now"),
            _ALL,
        ),
        Dataset(
            f"{CLIMATE}/hourly/precipitation",
            "stundenwerte_RR",
            "rr_stunde",
            "STATIONS_ID;MESS_DATUM;QN_8;  R1;RS_IND;WRTR;eor",
            _hourly,
            ("historical", "recent"),
            _ALL,
        ),
        Dataset(
            f"{CLIMATE}/daily/kl",
            "tageswerte_KL",
            "klima_tag",
            "STATIONS_ID;MESS_DATUM;QN_3;  FX;  FM;QN_4; RSK;RSKF; SDK;SHK_TAG;  NM; VPM;  PM; "
            "TMK; UPM; TXK; TNK; TGK;eor",
            _daily,
            ("historical", "recent"),
            _ALL[:3],
        ),
    )
}
