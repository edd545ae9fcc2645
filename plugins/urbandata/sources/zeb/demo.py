"""Survey deliveries of the demo city: an archive per campaign with CSV files inside.

Two full campaigns by measuring vehicle (2015, 2021/22) and a sensor drive over the main roads
and collectors every summer, delivered in November. German headers, semicolons, decimal commas.
Setts are not rated. Everything is invented.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zlib import crc32

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import roads
from urbandata.demo.chance import Bools, Floats, key_number, normal, uniform
from urbandata.demo.world import World

SETTS = 2
LOCAL = 2
SECTIONS_HEAD = (
    "abschnitt_id;netzknoten_von;netzknoten_nach;station_von_m;station_bis_m;laenge_m;breite_m;"
    "flaeche_m2;bauweise;funktionsklasse;strassenname;stadtteil_nr;mitte_rechtswert;mitte_hochwert"
)
FULL_HEAD = (
    "kampagne_id;verfahren;befahrung_datum;abschnitt_id;aun_mm;mspt_mm;ris_pct;fli_pct;"
    "twgeb;twsub;gw"
)
SENSOR_HEAD = "kampagne_id;verfahren;befahrung_datum;abschnitt_id;twgeb;gw"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign, driven from ``first`` to ``last`` and delivered some months later."""

    id: str
    year: int
    first: date
    last: date
    delivered: date
    full: bool


FULL = {
    "zeb-2015": Campaign(
        "ZEB 2015", 2015, date(2015, 5, 4), date(2015, 10, 16), date(2016, 3, 1), True
    ),
    "zeb-2021": Campaign(
        "ZEB 2021/22", 2021, date(2021, 9, 6), date(2022, 5, 27), date(2022, 12, 1), True
    ),
}


def routes(world: World) -> list[Route]:
    """``/<delivery>.zip``, 404 until it is delivered."""

    def delivery(request: Request) -> Response:
        found = campaign(request.path_params["name"])
        if found is None or found.delivered > world.now().date():
            return PlainTextResponse("404: Not Found", 404)
        body = archive(world, found)
        tag = f'"{crc32(body):08x}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return Response(body, media_type="application/zip", headers={"etag": tag})

    return [Route("/{name}.zip", delivery)]


def campaign(name: str) -> Campaign | None:
    """The campaign of a delivery's name."""
    match = re.fullmatch(r"sensor-(20[2-9]\d)", name)
    if match is None:
        return FULL.get(name)
    year = int(match[1])
    return Campaign(
        f"Sensorik {year}", year, date(year, 6, 1), date(year, 9, 30), date(year, 11, 2), False
    )


def archive(world: World, found: Campaign) -> bytes:
    """Zip of a delivery; the same bytes whenever it is asked."""
    files = {"surveys.csv": surveys_csv(world, found)}
    if found.full:
        files["sections.csv"] = sections_csv(world)
    files["liesmich.pdf"] = b"%PDF-1.4 Demodaten, erfunden"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in sorted(files.items()):
            moment = datetime.combine(found.delivered, datetime.min.time(), tzinfo=UTC)
            target.writestr(zipfile.ZipInfo(name, moment.timetuple()[:6]), body)
    return packed.getvalue()


def grades(world: World, found: Campaign) -> tuple[Floats, Floats, Bools]:
    """Measured usability and substance to a tenth, and which sections were driven."""
    net = roads.network(world.seed)
    blur = 0.08 if found.full else 0.2
    number = np.arange(roads.SECTIONS)
    measured = [
        np.round(
            np.clip(
                value + blur * normal(key_number(world.seed, "zeb", found.id, part), number),
                1.0,
                5.0,
            ),
            1,
        )
        for part, value in enumerate(roads.condition(world.seed, found.year))
    ]
    blocked = uniform(key_number(world.seed, "zeb", found.id, "blocked"), number) < 0.015  # noqa: PLR2004
    driven = ~blocked if found.full else ~blocked & (net.road_class < LOCAL) & (net.surface < SETTS)
    usability, substance = (m.astype(np.float64) for m in measured)
    return usability, substance, driven


def surveys_csv(world: World, found: Campaign) -> bytes:
    """One line per section that was driven."""
    net = roads.network(world.seed)
    usability, substance, driven = grades(world, found)
    days = (found.last - found.first).days
    number = np.arange(roads.SECTIONS)
    day = uniform(key_number(world.seed, "zeb", found.id, "day"), number // 30) * days
    dates = np.datetime64(found.first, "D") + day.astype(np.int64)
    method = "Messfahrzeug" if found.full else "Sensorik"
    lines = [FULL_HEAD if found.full else SENSOR_HEAD]
    for i in np.flatnonzero(driven).tolist():
        when = dates[i].astype(object)
        start = f"{found.id};{method};{when:%d.%m.%Y};{net.id[i]}"
        if not found.full:
            lines.append(f"{start};{_n(usability[i])};{_n(usability[i])}")
        elif net.surface[i] == SETTS:
            lines.append(f"{start};;;;;;;")
        else:
            u, s = float(usability[i]), float(substance[i])
            sizes = (1.2 + 2.1 * (u - 1), 1.5 + 4.2 * (s - 1), max(0.0, 9 * (s - 1.5)))
            measured = ";".join(_n(v) for v in (*sizes, max(0.0, 6 * (s - 1.6))))
            lines.append(f"{start};{measured};{_n(u)};{_n(s)};{_n(max(u, s))}")
    return ("\r\n".join(lines) + "\r\n").encode()


def sections_csv(world: World) -> bytes:
    """One line per section of the network."""
    net = roads.network(world.seed)
    east, north = roads.utm33(net.lat, net.lon)
    lines = [SECTIONS_HEAD]
    for i in range(roads.SECTIONS):
        length, width = float(net.length_m[i]), float(net.width_m[i])
        values = (
            *(net.id[i], f"K{i:05d}", f"K{i + 1:05d}", "0,0", _n(length), _n(length), _n(width)),
            *(_n(length * width), roads.SURFACES[net.surface[i]]),
            *(roads.CLASSES[net.road_class[i]], f'"{net.street[i]}"', net.district[i]),
            *(_n(float(east[i])), _n(float(north[i]))),
        )
        lines.append(";".join(values))
    return ("\r\n".join(lines) + "\r\n").encode()


def _n(value: float) -> str:
    """A tenth, with a decimal comma."""
    return f"{value:.1f}".replace(".", ",")
