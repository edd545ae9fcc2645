"""The portal's search over the demo city's catalogue, with its habits.

Nothing is found without the user group of the guest, themes and years are listed twice, the
identifier stands at the presentations, dates are written dd.mm.yyyy.
"""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import catalogue
from urbandata.demo.catalogue import Dataset, Distribution
from urbandata.demo.world import World

GUEST = "19"
LOCAL = ZoneInfo("Europe/Berlin")


def routes(world: World) -> list[Route]:
    """The search; the web app around it is not rebuilt."""

    async def search(request: Request) -> Response:
        try:
            wanted = json.loads(await request.body())
            start, size = int(wanted["pagingStart"]), int(wanted["numOfResults"])
            groups, words = wanted["userGroupIds"], str(wanted["textSearch"]).lower()
            fields = [a["name"] for a in wanted["textSearchConfig"]["attribute"]]
        except (ValueError, KeyError, TypeError):
            return PlainTextResponse("Bad Request", 400)
        found = catalogue.datasets(world) if GUEST in groups else ()
        found = tuple(d for d in found if _matches(d, words, fields))
        page = found[start : start + size]
        answer = {"numOfResults": len(found), "ipResults": [_result(world, d) for d in page]}
        return Response(json.dumps(answer, ensure_ascii=False), media_type="application/json")

    return [Route("/service/app/search/all", search, methods=["POST"])]


def _matches(dataset: Dataset, words: str, fields: list[str]) -> bool:
    if fields == ["ergebnis_id"]:
        return dataset.id.lower() == words
    return words in dataset.title.lower()


def _result(world: World, dataset: Dataset) -> dict[str, Any]:
    changed = dataset.modified(world.now()).astimezone(LOCAL)
    return {
        "bezeichnung": dataset.title,
        "letzteAenderung": f"{changed:%d.%m.%Y}",
        "themen": [dataset.theme] * 2,
        "raeume": [dataset.region],
        "zeiten": list(dataset.years) * 2,
        "dataSource": {"name": dataset.office},
        "presentationLicense": {"name": dataset.licence or "none"},
        "presentations": [_presentation(dataset, d) for d in dataset.distributions],
    }


def _presentation(dataset: Dataset, way: Distribution) -> dict[str, Any]:
    return {
        "ergebnisId": dataset.id,
        "darstellungsArtBezeichnung": way.kind,
        "schnittstelle": way.view or way.url,
        "aufrufUrl": way.url if way.view else None,
    }
