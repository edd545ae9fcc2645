"""The demo city's council information system (OParl 1.1). Meetings and results are INVENTED."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.chance import generator
from urbandata.demo.world import World

PAGE = 25
SCHEMA = "https://schema.oparl.org/1.1"
BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2023, 7, 1)
ORGANIZATIONS = {"SR": "Stadtrat", "ABV": "Bauausschuss", "AUK": "Umweltausschuss"}
RESULTS = (
    "einstimmig beschlossen",
    "mehrheitlich beschlossen",
    "mehrheitlich abgelehnt",
    "vertagt",
    "Kenntnisnahme",
)
EVERY = timedelta(days=21)
Record = dict[str, Any]


def routes(world: World) -> list[Route]:
    """System, bodies, and the lists of meetings and organisations with paging and filters."""

    def system(request: Request) -> Response:
        base = _base(request)
        return JSONResponse(
            {"id": f"{base}/system", "type": f"{SCHEMA}/System", "body": f"{base}/bodies"}
        )

    def bodies(request: Request) -> Response:
        base = _base(request)
        body = {
            "id": f"{base}/bodies/1",
            "type": f"{SCHEMA}/Body",
            "name": "Demostadt",
            "meeting": f"{base}/bodies/1/meetings",
            "organization": f"{base}/bodies/1/organizations",
        }
        return JSONResponse({"data": [body], "pagination": {}, "links": {}})

    def meetings(request: Request) -> Response:
        return _list(request, _meetings(world, _base(request)))

    def organizations(request: Request) -> Response:
        return _list(request, [_organization(_base(request), k) for k in ORGANIZATIONS])

    return [
        Route("/system", system),
        Route("/bodies", bodies),
        Route("/bodies/1/meetings", meetings),
        Route("/bodies/1/organizations", organizations),
    ]


def _list(request: Request, records: list[Record]) -> Response:
    """Records changed in ``[modified_since, modified_until)``, 25 a page."""
    query = request.query_params
    try:
        since = datetime.fromisoformat(query.get("modified_since", "1970-01-01T00:00:00+00:00"))
        until = datetime.fromisoformat(query.get("modified_until", "9999-01-01T00:00:00+00:00"))
        page = max(1, int(query.get("page", 1)))
    except ValueError:
        return JSONResponse({"error": "wrong filter"}, 400)
    there = [r for r in records if since <= datetime.fromisoformat(r["modified"]) < until]
    part = there[(page - 1) * PAGE : page * PAGE]
    links = {}
    if page * PAGE < len(there):
        links["next"] = str(request.url.include_query_params(page=page + 1))
    pagination = {"totalElements": len(there), "elementsPerPage": PAGE, "currentPage": page}
    return JSONResponse({"data": part, "pagination": pagination, "links": links})


def _organization(base: str, short: str) -> Record:
    return {
        "id": f"{base}/organizations/{short}",
        "type": f"{SCHEMA}/Organization",
        "name": ORGANIZATIONS[short],
        "shortName": short,
        "classification": "Gremium",
        "startDate": "2019-09-01",
        "membership": [f"{base}/memberships/1"],
        "modified": "2023-07-15T12:00:00+02:00",
    }


def _meetings(world: World, base: str) -> list[Record]:
    """One meeting of each organisation every three weeks; shown when its minutes are there."""
    made = []
    count = (world.now().date() - FIRST) // EVERY + 1
    for number in range(count * len(ORGANIZATIONS)):
        nth, which = divmod(number, len(ORGANIZATIONS))
        day = FIRST + EVERY * nth + timedelta(days=3 + which)
        begin = datetime(day.year, day.month, day.day, 16, tzinfo=BERLIN)
        if begin.astimezone(UTC) + timedelta(days=2) <= world.now():
            made.append(_meeting(world, base, number, tuple(ORGANIZATIONS)[which], begin))
    return made


def _meeting(world: World, base: str, number: int, short: str, begin: datetime) -> Record:
    rng = generator(world.seed, "oparl", number)
    link = f"{base}/meetings/{number + 1}"
    return {
        "id": link,
        "type": f"{SCHEMA}/Meeting",
        "name": f"Sitzung {number + 1}",
        "meetingState": "durchgeführt",
        "cancelled": False,
        "start": begin.isoformat(),
        "end": (begin + timedelta(minutes=int(rng.integers(60, 360)))).isoformat(),
        "organization": [f"{base}/organizations/{short}"],
        "agendaItem": [
            {
                "id": f"{base}/agendaitems/{number * 100 + i}",
                "type": f"{SCHEMA}/AgendaItem",
                "meeting": link,
                "number": str(i),
                "order": i,
                "name": "Tagesordnungspunkt (Demotext)",
                "public": bool(rng.random() < 0.85),  # noqa: PLR2004
                "result": str(rng.choice(RESULTS)),
            }
            for i in range(1, int(rng.integers(6, 26)))
        ],
        "modified": (begin + timedelta(days=2)).isoformat(),
    }


def _base(request: Request) -> str:
    """Address the service lies at; ``base_url`` would leave out where it is mounted."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
