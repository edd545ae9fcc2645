"""CKAN's action API over the demo city's catalogue.

With its habits: at most 1,000 rows a page, times in UTC without a zone, errors as JSON with 404
and 409. Contacts are invented and there to be removed.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo import catalogue
from urbandata.demo.catalogue import FILE_TYPE_URI, FREQUENCY_URI, LICENCE_URIS, Dataset
from urbandata.demo.world import World

GEOCODING_URI = "http://dcat-ap.de/def/politicalGeocoding/districtKey/14612"
MOST_ROWS = 1000
HELP = f"{catalogue.BASE}/api/3/action/help_show?name="


def routes(world: World) -> list[Route]:
    """``package_search``, ``package_list`` and ``package_show``."""

    def search(request: Request) -> Response:
        found = catalogue.datasets(world)
        try:
            start = int(request.query_params.get("start", "0"))
            rows = int(request.query_params.get("rows", "10"))
        except ValueError:
            return _error(409, "Validation Error", "start and rows are whole numbers")
        page = found[start : start + min(rows, MOST_ROWS)]
        result = {
            "count": len(found),
            "sort": "issued asc",
            "results": [_package(world, d) for d in page],
        }
        return _answer("package_search", result)

    def names(request: Request) -> Response:
        return _answer("package_list", [d.slug for d in catalogue.datasets(world)])

    def show(request: Request) -> Response:
        wanted = request.query_params.get("id", "").lower()
        for dataset in catalogue.datasets(world):
            if wanted in (dataset.slug, dataset.id.lower()):
                return _answer("package_show", _package(world, dataset))
        return _error(404, "Not Found Error", "Nicht gefunden")

    served = {"search": search, "list": names, "show": show}
    return [Route(f"/package_{name}", handler) for name, handler in served.items()]


def _answer(action: str, result: Any) -> Response:
    body = {"help": f"{HELP}{action}", "success": True, "result": result}
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")


def _error(status: int, kind: str, message: str) -> Response:
    body = {"success": False, "error": {"__type": kind, "message": message}}
    return Response(json.dumps(body), status, media_type="application/json")


def _package(world: World, dataset: Dataset) -> dict[str, Any]:
    modified = dataset.modified(world.now())
    contact = "Erika Beispiel" if dataset.has_contact else ""
    return {
        "id": dataset.id.lower(),
        "name": dataset.slug,
        "title": dataset.title,
        "type": "dataset",
        "state": "active",
        "private": False,
        "notes": f"Daten des Amtes: {dataset.title}." if dataset.has_description else "",
        "maintainer": contact,
        "maintainer_email": "erika.beispiel@demostadt.example" if contact else "",
        "author": dataset.office,
        "author_email": None,
        "metadata_created": _time(dataset.issued),
        "metadata_modified": _time(modified),
        "license_id": LICENCE_URIS.get(dataset.licence, ""),
        "organization": {"name": "demostadt", "title": dataset.office},
        "groups": [{"name": dataset.eu_theme.lower(), "title": dataset.theme}],
        "tags": [{"name": k, "vocabulary_id": None} for k in dataset.keywords],
        "extras": [{"key": k, "value": v} for k, v in _extras(dataset, modified).items() if v],
        "resources": [_resource(dataset, n, modified) for n in range(len(dataset.downloads))],
    }


def _extras(dataset: Dataset, modified: datetime) -> dict[str, str]:
    years = dataset.years
    return {
        "issued": _time(dataset.issued),
        "modified": _time(modified),
        "frequency": FREQUENCY_URI + dataset.period if dataset.period else "",
        "access_rights": dataset.access_rights,
        # offices that name a contact also say in the portals' terms which area it is about
        "politicalGeocodingURI": GEOCODING_URI if dataset.has_contact else "",
        "geocodingText": dataset.region,
        "temporal_start": f"{years[0]}-01-01" if years else "",
        "temporal_end": f"{years[-1]}-12-31" if years else "",
        "contact_name": "Erika Beispiel" if dataset.has_contact else "",
    }


def _resource(dataset: Dataset, number: int, modified: datetime) -> dict[str, Any]:
    way = dataset.downloads[number]
    is_file = way.kind not in ("WFS", "WMS", "GEOJSON")
    return {
        "id": f"{dataset.id.lower()}-{number}",
        "url": way.url,
        "download_url": way.url if is_file else "",
        "format": FILE_TYPE_URI + way.kind,
        "mimetype": way.media_type,
        "size": way.byte_size,
        "license": LICENCE_URIS.get(dataset.licence, ""),
        "created": _time(dataset.issued),
        "last_modified": _time(modified),
        "description": "Auskunft: Erika Beispiel",
    }


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"
