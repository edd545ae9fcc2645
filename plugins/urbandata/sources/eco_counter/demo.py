"""The demo city's bicycle counters: eight sites, one file per month, a row per hour.

Quirks kept: local clock without a zone, the doubled hour of autumn is there once only, names in
the header change and have typing mistakes, silent channels leave empty cells, one site opened
later (404 before), and now and then a counter runs over. Real exports have a row per quarter of
an hour (``minutes``). Names are those of real counting sites where known; everything counted is
invented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import mobility
from urbandata.demo.calendar import local
from urbandata.demo.chance import Ints, Times
from urbandata.demo.world import World

HOUR = 60  # minutes
OVERFLOW = 65_535
RENAMED_IN = "2025-01"


@dataclass(frozen=True, slots=True)
class Site:
    """One counting site; ``inward`` is the share of the morning's riders that go inwards."""

    id: str
    name: str
    peak: float
    inward: float
    opened: str = "2022-01"

    @property
    def directions(self) -> tuple[str, str]:
        """Identifiers of the channels into and out of the city centre."""
        return f"101{self.id[3:]}", f"102{self.id[3:]}"


SITES = (
    Site("100090001", "Waldschlößchenbrücke", 420, 0.62),
    Site("100090002", "St. Petersburger Straße", 510, 0.58),
    Site("100090003", "Lennéstraße", 330, 0.60),
    Site("100090004", "Winterbergstraße", 190, 0.66),
    Site("100090005", "Tharandter Straße", 150, 0.70),
    Site("100090006", "Albertbrücke", 640, 0.55),
    Site("100090007", "Elberadweg Johannstadt", 460, 0.52),
    Site("100090008", "Leipziger Straße", 240, 0.64, opened="2024-04"),
)


def routes(world: World) -> list[Route]:
    """``/<site>/<YYYY-MM>.csv``."""
    known = {s.id: s for s in SITES}

    def month(request: Request) -> Response:
        site = known.get(request.path_params["site"])
        name = re.fullmatch(r"(\d{4}-(?:0[1-9]|1[0-2]))\.csv", request.path_params["file"])
        body = month_csv(world, site, name[1]) if site and name else None
        if body is None:
            return PlainTextResponse("404: Not Found", 404)
        tag = f'"{crc32(body):08x}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return Response(body, media_type="text/csv; charset=utf-8", headers={"etag": tag})

    return [Route("/{site}/{file}", month)]


def month_csv(world: World, site: Site, month: str, minutes: int = HOUR) -> bytes | None:
    """One month of a site, a row for so many minutes; None if there is no such file."""
    if month < site.opened:
        return None
    times, labels = intervals(world, month, minutes)
    if times.size == 0:
        return None
    inward, outward, silent = counts(world, site, times, minutes)
    total = np.where(silent, 0, inward + outward)
    stamps = np.datetime_as_string(labels, unit="m").tolist()
    lines = [_header(site, month)]
    lines += [
        f"{s.replace('T', ' ')},,,,0,0,0" if gap else f"{s.replace('T', ' ')},{t},{i},{o},0,0,0"
        for s, t, i, o, gap in zip(
            stamps, total.tolist(), inward.tolist(), outward.tolist(), silent.tolist(), strict=True
        )
    ]
    return ("\n".join(lines) + "\n").encode()


def intervals(world: World, month: str, minutes: int = HOUR) -> tuple[Times, Times]:
    """Begins (UTC) and local labels of the month's whole intervals so far, each label once."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    times = world.steps(first - timedelta(days=1), first + timedelta(days=32), minutes)
    times = times[times + np.timedelta64(minutes, "m") <= mobility.now64(world)]
    labels = local(times)
    inside = labels.astype("datetime64[M]") == np.datetime64(month, "M")
    _, once = np.unique(labels[inside], return_index=True)
    return times[inside][once], labels[inside][once]


def counts(world: World, site: Site, times: Times, minutes: int = HOUR) -> tuple[Ints, Ints, Ints]:
    """Riders inwards and outwards in the interval that begins, and 1 where the site was silent."""
    hour = mobility.clock_hour(times)
    share = np.where(hour < 12, site.inward, 1.0 - site.inward)  # noqa: PLR2004 - noon
    expected = mobility.cyclists_per_hour(world, times, site.peak) * (minutes / HOUR)
    inward = mobility.counted(world, f"{site.id}/in", times, expected * share)
    outward = mobility.counted(world, f"{site.id}/out", times, expected * (1.0 - share))
    broken = mobility.draws(world, f"overflow/{site.id}", times) < 1 / 30_000
    silent = world.dropped(f"eco_counter/{site.id}", times, 0.012)
    return np.where(broken, OVERFLOW, inward), outward, silent.astype(np.int64)


def _header(site: Site, month: str) -> str:
    into, out = site.directions
    kind = "Radfahrer " if month >= RENAMED_IN else ""
    away = "stadtauswarts" if month.startswith("2024") else "stadtauswärts"
    ids = (site.id, into, out)
    names = (site.name, f"{kind}FR stadteinwärts", f"{kind}FR {away}")
    cells = [f"{i} ({name})" for i, name in zip(ids, names, strict=True)]
    return ",".join(["Datetime", *cells, *(f"{i}-status" for i in ids)])
