"""Makes districts.geojson: a schematic map from the centres of the districts.

Official outlines are not part of this repository. Each district gets the Voronoi cell of its
centre, cut to an outline of discs as large as the districts. Run it again when the seed changes:
``python dashboards/assets/make_districts.py``.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import shapely
from shapely import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

SEED = Path(__file__).parents[2] / "dbt" / "seeds" / "reference" / "districts.csv"
TARGET = Path(__file__).with_name("districts.geojson")
KM_PER_DEGREE = 111.2
MARGIN = 1.35  # districts are no discs: a little more, so that neighbours touch
SMALLEST_KM = 1.1
SMOOTHING_KM = 1.2
DIGITS = 5  # about one metre


def collection(rows: list[dict[str, str]]) -> dict[str, Any]:
    """A GeoJSON feature per district that has a centre; the others have no place on the map."""
    placed = [r for r in rows if r["latitude"]]
    centre = math.cos(math.radians(sum(float(r["latitude"]) for r in placed) / len(placed)))
    scale = (KM_PER_DEGREE * centre, KM_PER_DEGREE)
    points = [Point(float(r["longitude"]) * scale[0], float(r["latitude"]) * scale[1])
              for r in placed]  # fmt: skip
    outline = _outline(points, [float(r["area_km2"]) for r in placed])
    cells = shapely.voronoi_polygons(MultiPoint(points), extend_to=outline)
    features = [
        _feature(row, _cell_of(point, cells).intersection(outline), scale)
        for row, point in zip(placed, points, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _outline(points: list[Point], areas_km2: list[float]) -> BaseGeometry:
    discs = [
        point.buffer(max(SMALLEST_KM, MARGIN * math.sqrt(area / math.pi)))
        for point, area in zip(points, areas_km2, strict=True)
    ]
    return shapely.union_all(discs).buffer(SMOOTHING_KM).buffer(-SMOOTHING_KM)


def _cell_of(point: Point, cells: Any) -> BaseGeometry:
    return next(cell for cell in cells.geoms if cell.covers(point))


def _feature(
    row: dict[str, str], shape: BaseGeometry, scale: tuple[float, float]
) -> dict[str, Any]:
    parts = shape.geoms if hasattr(shape, "geoms") else [shape]
    largest = max(parts, key=lambda part: part.area)
    return {
        "type": "Feature",
        "id": row["district_number"],
        "properties": {
            "number": row["district_number"],
            "name": row["name"],
            "borough": row["borough_name"],
            "borough_number": row["borough_number"],
        },
        "geometry": {"type": "Polygon", "coordinates": [_ring(largest, scale)]},
    }


def _ring(shape: Polygon, scale: tuple[float, float]) -> list[list[float]]:
    """Clockwise: d3, which draws the map, takes the other order for the rest of the globe."""
    ring = shapely.orient_polygons(shape, exterior_cw=True).exterior.simplify(0.02)
    return [[round(x / scale[0], DIGITS), round(y / scale[1], DIGITS)] for x, y in ring.coords]


if __name__ == "__main__":
    with SEED.open(encoding="utf-8", newline="") as file:
        districts = collection(list(csv.DictReader(file)))
    TARGET.write_text(json.dumps(districts, ensure_ascii=False, indent=None) + "\n", "utf-8")
    print(f"{len(districts['features'])} districts in {TARGET.name}")
