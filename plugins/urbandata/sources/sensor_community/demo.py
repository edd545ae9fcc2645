"""Archive of sensor.community in the demo city: three fine dust sensors of citizens.

Readings come about every two and a half minutes, never quite; some are lost, and a sensor is
silent for hours at times. Traffic and still air raise the dust; damp air makes the sensor see
droplets, so PM10 shoots up in fog. A day's file is there from four o'clock (UTC) of the next day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo.chance import Floats, Times, key_number, seconds, uniform
from urbandata.demo.world import World

STEP_S = 150
PUBLISHED_AFTER = timedelta(days=1, hours=4)
FILE = re.compile(r"(\d{4}-\d{2}-\d{2})_sds011_sensor_(\d+)\.csv")
HEADER = "sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2"


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor; ``bias`` is the factor by which it reads too high."""

    number: int
    location: int
    district: str
    bias: float


SENSORS = {
    s.number: s
    for s in (
        Sensor(9000001, 8000001, "11", 1.0),
        Sensor(9000002, 8000002, "92", 1.25),
        Sensor(9000003, 8000003, "51", 0.85),
    )
}


def routes(world: World) -> list[Route]:
    """The daily files, and the list of a day's files."""

    def file(request: Request) -> Response:
        matched = FILE.fullmatch(request.path_params["file"])
        day = _day(request.path_params["day"])
        if matched is None or day is None or matched[1] != day.isoformat():
            return _missing()
        sensor = SENSORS.get(int(matched[2]))
        body = csv_of(world, sensor, day) if sensor and published(world, day) else None
        return _file(request, body, day) if body else _missing()

    def listing(request: Request) -> Response:
        day = _day(request.path_params["day"])
        if day is None or not published(world, day):
            return _missing()
        names = [f"{day}_sds011_sensor_{n}.csv" for n in SENSORS]
        links = "".join(f'<a href="{n}">{n}</a>\n' for n in names)
        return Response(f"<html><body><pre>\n{links}</pre></body></html>", media_type="text/html")

    return [Route("/{day}/", listing), Route("/{day}/{file}", file)]


def published(world: World, day: date) -> bool:
    """Whether the archive has the files of a day."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begin >= world.start and begin + PUBLISHED_AFTER <= world.now()


def csv_of(world: World, sensor: Sensor, day: date) -> str | None:
    """File of one sensor and day; None if it was silent all day."""
    times = reading_times(world, sensor, day)
    if times.size == 0:
        return None
    pm10, pm2_5 = dust(world, sensor, times)
    place = next(d for d in world.districts if d.number == sensor.district)
    head = f"{sensor.number};SDS011;{sensor.location};{place.lat:.3f};{place.lon:.3f}"
    stamps = np.datetime_as_string(times.astype("datetime64[s]")).tolist()
    lines = (
        f"{head};{t};{coarse:.2f};;;{fine:.2f};;"
        for t, coarse, fine in zip(stamps, pm10.tolist(), pm2_5.tolist(), strict=True)
    )
    return "\n".join([HEADER, *lines]) + "\n"


def reading_times(world: World, sensor: Sensor, day: date) -> Times:
    """Times of the day's readings (UTC): a beat of 150 s that wavers, with losses and outages."""
    beats = np.datetime64(day, "s") + np.arange(0, 86_400, STEP_S).astype("timedelta64[s]")
    wavers = (_drawn(world, f"beat/{sensor.number}", beats) * 40).astype("timedelta64[s]")
    lost = _drawn(world, f"lost/{sensor.number}", beats) < 0.02  # noqa: PLR2004
    silent = world.dropped(f"sds011/{sensor.number}", beats, 0.03)
    kept: Times = (beats + wavers)[~lost & ~silent]
    return kept


def dust(world: World, sensor: Sensor, times: Times) -> tuple[Floats, Floats]:
    """PM10 and PM2.5 (µg/m³) as the sensor shows them, droplets included."""
    hours = seconds(times) / 3600.0
    season = 1.0 + 0.5 * np.cos(2.0 * np.pi * (hours / 24.0 - 20.0) / 365.25)  # heating
    still = 2.5 / (1.0 + world.wind_ms(times))
    true = (4.0 + 7.0 * world.traffic(times)) * season * still * sensor.bias
    key = f"sds011/{sensor.number}"
    true = true * np.exp(world.noise(key, times, 0.12))
    damp = np.clip((world.humidity_pct(times) - 80.0) / 20.0, 0.0, 1.0)
    coarse = true * (1.0 + 6.0 * damp**3) + np.abs(world.noise(f"{key}/10", times, 0.4))
    fine = true * 0.55 * (1.0 + 2.5 * damp**3)
    return np.clip(coarse, 0.5, 1999.9), np.clip(fine, 0.3, 999.9)


def _drawn(world: World, key: str, times: Times) -> Floats:
    return uniform(key_number(world.seed, "sensor_community", key), seconds(times))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _file(request: Request, body: str, day: date) -> Response:
    """The file with the time of its publication; 304 if the client has it already."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    changed = format_datetime(begin + PUBLISHED_AFTER, usegmt=True)
    headers = {"Last-Modified": changed}
    if request.headers.get("if-modified-since") == changed:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="text/csv")


def _missing() -> Response:
    return Response("<html><body><h1>404 Not Found</h1></body></html>", 404, media_type="text/html")
