"""The demo city's reports of damage: GeoReport v2 as JSON, a thousand rows a page.

Served with what real answers carry and nobody should keep: descriptions with names and
telephone numbers, addresses, pictures. More roads break after frost, more rubbish lies about in
summer. Reports are closed after days, some never. All invented.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo import roads
from urbandata.demo.world import World

BERLIN = ZoneInfo("Europe/Berlin")
MAX_PAGE, DEFAULT_PAGE = 1000, 50
MAX_SPAN = timedelta(days=90)
PER_DAY = 19.0


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of report: its share, its usual hours until it is closed, share never closed."""

    code: str
    name: str
    share: float
    median_h: float
    left_open: float


SERVICES = (
    Service("101", "Schlagloch, Straßenschaden", 0.27, 130.0, 0.06),
    Service("102", "Gehwegschaden", 0.14, 260.0, 0.10),
    Service("201", "Straßenbeleuchtung", 0.17, 52.0, 0.02),
    Service("301", "Müll, wilde Ablagerung", 0.26, 40.0, 0.01),
    Service("401", "Verkehrszeichen", 0.09, 95.0, 0.03),
    Service("501", "Grünfläche, Baum", 0.07, 190.0, 0.05),
)
DAMAGE, RUBBISH = 0, 3


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was made and, if ever, closed."""

    id: str
    service: Service
    made: datetime
    closed: datetime | None
    section: int
    lat: float
    lon: float


def routes(world: World) -> list[Route]:
    """``/services.json`` and ``/requests.json``."""

    def services(_: Request) -> Response:
        kinds = [
            {"service_code": s.code, "service_name": s.name, "metadata": False, "type": "realtime"}
            for s in SERVICES
        ]
        return _json(kinds)

    def requests(request: Request) -> Response:
        query = request.query_params
        try:
            end = _instant(query["end_date"]) if "end_date" in query else world.now()
            start = _instant(query["start_date"]) if "start_date" in query else end - MAX_SPAN
            size = min(int(query.get("page_size", DEFAULT_PAGE)), MAX_PAGE)
            page = int(query.get("page", 1))
        except ValueError:
            return _error(400, "start_date and end_date have to be W3C times, pages whole numbers")
        if end - start > MAX_SPAN or size < 1 or page < 1:
            return _error(400, "the span of start_date and end_date is limited to 90 days")
        found = reports(world, start, end)[(page - 1) * size : page * size]
        return _json([answer(world, r) for r in found])

    return [Route("/services.json", services), Route("/requests.json", requests)]


def reports(world: World, start: datetime, end: datetime) -> list[Report]:
    """Reports made in ``[start, end)`` and not after now, in order of time."""
    start, end = max(start, world.start), min(end, world.now())
    days = range(max((end.date() - start.date()).days + 2, 0))
    per_day = PER_DAY * world.scale
    first = start.date() - timedelta(days=1)  # local days begin before the UTC ones
    found = [r for n in days for r in _day(world.seed, first + timedelta(days=n), per_day)]
    return [r for r in found if start <= r.made < end]


def answer(world: World, report: Report) -> dict[str, Any]:
    """A report as the service shows it by now, with the things that must not be kept."""
    closed = report.closed if report.closed and report.closed <= world.now() else None
    street = str(roads.network(world.seed).street[report.section])
    number = int(report.id[-4:], 10)
    return {
        "service_request_id": report.id,
        "status": "closed" if closed else "open",
        "status_notes": "Erledigt, Herr Beispiel informiert." if closed else None,
        "service_name": report.service.name,
        "service_code": report.service.code,
        "description": f"Bitte um Rückruf: Erika Mustermann, 0351 55501{number % 100:02d}, "
        f"erika{number}@example.org",
        "agency_responsible": "Straßen- und Tiefbauamt, Frau Beispiel",
        "service_notice": None,
        "requested_datetime": _text(report.made),
        "updated_datetime": _text(closed or report.made),
        "expected_datetime": None,
        "address": f"{street} {number % 90 + 1}",
        "zipcode": "01067",
        "lat": report.lat,
        "long": report.lon,
        "media_url": f"https://example.org/foto/{report.id}.jpg",
    }


@lru_cache(maxsize=4096)
def _day(seed: int, day: date, per_day: float) -> tuple[Report, ...]:
    """All reports of one local day, whenever they are asked for."""
    rng = np.random.default_rng([seed, day.toordinal()])
    season = np.cos(2 * np.pi * (day.timetuple().tm_yday - 45) / 365)
    share = np.array([s.share for s in SERVICES])
    share[DAMAGE] *= 1 + 0.5 * season
    share[RUBBISH] *= 1 - 0.25 * season
    weekend = 0.7 if day.weekday() > 4 else 1.1  # noqa: PLR2004 - Saturday and Sunday
    number = int(rng.poisson(per_day * weekend * share.sum()))
    kinds = rng.choice(len(SERVICES), number, p=share / share.sum())
    minutes = np.sort(np.clip(rng.normal(13.5, 4.0, number), 0.0, 23.98)) * 60
    worst = np.maximum(*roads.condition(seed, day.year))
    weight = worst**3 / (worst**3).sum()
    sections = rng.choice(roads.SECTIONS, number, p=weight)
    net = roads.network(seed)
    begin = datetime.combine(day, datetime.min.time(), tzinfo=BERLIN).astimezone(UTC)
    made = []
    for n in range(number):
        service, section = SERVICES[int(kinds[n])], int(sections[n])
        at = begin + timedelta(minutes=float(minutes[n]))
        hours = service.median_h * float(np.exp(0.9 * rng.normal()))
        lasting = rng.random() < service.left_open
        made.append(
            Report(
                id=f"{day:%Y%m%d}-{n + 1:04d}",
                service=service,
                made=at.replace(microsecond=0),
                closed=None if lasting else (at + timedelta(hours=hours)).replace(microsecond=0),
                section=section,
                lat=round(float(net.lat[section]), 6),
                lon=round(float(net.lon[section]), 6),
            )
        )
    return tuple(made)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text.replace(" ", "+"))  # '+' of the offset, not escaped
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(BERLIN).isoformat(timespec="seconds")


def _json(body: Any) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")


def _error(status: int, message: str) -> Response:
    body = json.dumps([{"code": status, "description": message}])
    return Response(body, status, media_type="application/json")
