"""Two layers of the demo city over OGC API Features. Places are INVENTED, districts are squares."""

from __future__ import annotations

import math
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.districts import District, districts
from urbandata.demo.world import World

DEFAULT, MOST = 10, 1000
Record = dict[str, Any]


def routes(world: World) -> list[Route]:
    """``/collections/{layer}/items`` with limit, offset, numberMatched and next links."""
    layers = {
        "behindertenparkplaetze": [_parking(world, n) for n in range(240)],
        "stadtteile": [_square(d) for d in districts()],
    }

    def items(request: Request) -> Response:
        layer = layers.get(request.path_params["layer"])
        if layer is None:
            return JSONResponse({"code": "NotFound", "description": "Collection not found"}, 404)
        try:
            limit = min(int(request.query_params.get("limit", DEFAULT)), MOST)
            offset = int(request.query_params.get("offset", 0))
        except ValueError:
            limit = offset = -1
        if limit < 1 or offset < 0:
            return JSONResponse({"code": "InvalidParameterValue"}, 400)
        part = layer[offset : offset + limit]
        links = []
        if offset + limit < len(layer):
            link = request.url.include_query_params(limit=limit, offset=offset + limit)
            links.append({"rel": "next", "type": "application/geo+json", "href": str(link)})
        answer = {
            "type": "FeatureCollection",
            "numberMatched": len(layer),
            "numberReturned": len(part),
            "links": links,
            "features": part,
        }
        return JSONResponse(answer, media_type="application/geo+json")

    return [Route("/collections/{layer}/items", items)]


def _parking(world: World, number: int) -> Record:
    rng = world.rng("disabled parking", number)
    district = districts()[int(rng.integers(len(districts())))]
    half = math.sqrt(district.km2) / 2 / 111.0 * 0.5
    point = [district.lon + rng.uniform(-half, half) * 1.6, district.lat + rng.uniform(-half, half)]
    said = {"stellplatzanzahl": int(rng.integers(1, 4)), "stadtteil": district.name}
    geometry = {"type": "Point", "coordinates": [round(float(c), 6) for c in point]}
    return {"type": "Feature", "id": number + 1, "geometry": geometry, "properties": said}


def _square(district: District) -> Record:
    north = math.sqrt(district.km2) / 2 / 111.2
    east = north / math.cos(math.radians(district.lat))
    ring = [
        [round(district.lon + dx * east, 6), round(district.lat + dy * north, 6)]
        for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    ]
    said = {"blocknr": district.number, "bez": district.name}
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "id": district.number, "geometry": geometry, "properties": said}
