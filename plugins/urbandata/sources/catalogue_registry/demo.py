"""The demo city's registry: a handful of INVENTED suppliers and portals."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo.world import World

DEMO = "demostadt.example"
LISTS: dict[str, Sequence[Sequence[str]]] = {
    "suppliers.csv": (
        ("sid", "title@EN", "title@DE", "type", "sameAsWikidata", "partOfWikidata", "imageSource",
         "imageURL", "germanRegionalKey"),
        ("d0001", "Demo City", "Demostadt", "municipality", "", "", "", "", "146120000000"),
        ("d0002", "Demo State", "Demoland", "state", "", "", "", "", "140000000000"),
        ("d0003", "Demo District", "Demokreis", "county", "", "", "", "", "146250000000"),
    ),
    "portals.de.csv": (
        ("sid", "title", "type", "portal_title", "parent_and_id_1", "parent_and_id_2", "url",
         "begin", "rs", "associated_rs", "wikidata", "api", "api_list_children", "dcat_ap_de",
         "last_check"),
        ("d0001", "Demostadt", "municipality", "Demostadt", f"opendata.land.{DEMO}|demostadt", "",
         f"https://opendata.{DEMO}", "2014-10-08", "146120000000", "", "", "", "", "",
         "2026-01-15"),
        ("d0002", "Demoland", "statePortal", "Open Data Demoland", "", "",
         f"https://opendata.land.{DEMO}", "2018-03-01", "140000000000", "", "",
         f"https://opendata.land.{DEMO}/api/3/action/package_list", "",
         f"https://opendata.land.{DEMO}/catalog.rdf", "2026-01-15"),
    ),
}  # fmt: skip


def routes(world: World) -> list[Route]:
    """Both lists as CSV with entity tags."""

    def file(request: Request) -> Response:
        lines = LISTS.get(request.path_params["name"])
        if lines is None:
            return PlainTextResponse("404: Not Found", 404)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines)
        content = text.getvalue().encode()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return Response(content, media_type="text/csv", headers={"etag": tag})

    return [Route("/{name}", file)]
