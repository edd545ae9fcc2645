"""Features of GeoJSON and shapefiles in one shape, with bounds in degrees."""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import shapefile

from urbandata.errors import BROKEN_ARCHIVE, PayloadError
from urbandata.reading import shapefiles, utm
from urbandata.recognition import is_zip

MAX_UNPACKED = 1_000_000_000  # bytes
_EPSG = r"EPSG[:/]{1,2}(?:[\d.]*[:/])?"
UTM_EPSG = re.compile(rf"{_EPSG}(?:258|326)(\d\d)$", re.IGNORECASE)
# Of the old ellipsoids the same numbers lie a hundred metres elsewhere, and some eastings of UTM
# begin with the zone.
_ELLIPSOID = r"(?=.*(?:SPHEROID|ELLIPSOID)\[\"(?:WGS|GRS))"
_EASTING = r"(?=.*\"false_easting\",\s*500000(?:\.0*)?\])"
UTM_WKT = re.compile(
    rf"^PROJCS\[{_ELLIPSOID}{_EASTING}.*UTM[_ ]zone[_ ](\d\d?)N", re.IGNORECASE | re.DOTALL
)
DEGREES = re.compile(
    rf"(?:CRS:?84h?|{_EPSG}(?:4326|4258))$|^GEOG(?:CS|CRS)\[{_ELLIPSOID}",
    re.IGNORECASE | re.DOTALL,
)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its kind of geometry, bounds (west, south, east, north) and attributes.

    ``fault`` says why the geometry cannot be used; a feature without geometry has no bounds.
    """

    number: int
    id: str | None
    kind: str | None
    bounds: tuple[float, float, float, float] | None
    attributes: Mapping[str, Any]
    fault: str | None = None


def features(content: bytes) -> Iterator[Feature]:
    """All features of a payload. Raises PayloadError for bytes of another kind."""
    if is_zip(content):
        yield from _shapefiles(content)
    else:
        yield from _geojson(content)


def _geojson(content: bytes) -> Iterator[Feature]:
    try:
        answer = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"broken JSON: {error}") from error
    found = answer.get("features") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise PayloadError("no GeoJSON FeatureCollection and no zipped shapefile")
    to_degrees = _projection(_named_crs(answer))
    for number, feature in enumerate(found, start=1):
        if not isinstance(feature, dict):
            yield Feature(number, None, None, None, {}, "this is no feature")
            continue
        geometry, attributes = feature.get("geometry"), feature.get("properties")
        known = attributes if isinstance(attributes, dict) else {}
        said = feature.get("id")
        kind, bounds, fault = _measured(geometry, to_degrees)
        yield Feature(number, None if said is None else str(said), kind, bounds, known, fault)


def _named_crs(answer: Mapping[str, Any]) -> str:
    crs = answer.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    if not isinstance(properties, dict):
        return ""
    return str(properties.get("name") or f"EPSG:{properties.get('code', 4326)}")


def _measured(
    geometry: Any, to_degrees: Callable[[float, float], Point]
) -> tuple[str | None, tuple[float, float, float, float] | None, str | None]:
    """Kind, bounds and what is wrong with a GeoJSON geometry."""
    if geometry is None:
        return None, None, None
    if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str):
        return None, None, "the geometry has no type"
    try:
        points = [p for part in _parts(geometry) for p in _points(part["coordinates"])]
    except (TypeError, ValueError, LookupError, RecursionError):
        return None, None, "the geometry has no coordinates in numbers"
    bounds, fault = _bounds(points, to_degrees)
    return geometry["type"], bounds, fault


def _parts(geometry: Any) -> Iterator[Any]:
    """A geometry, or those of a collection, which may hold others."""
    if geometry["type"] != "GeometryCollection":
        yield geometry
        return
    for part in geometry["geometries"]:
        yield from _parts(part)


def _points(coordinates: Any) -> Iterator[Point]:
    """Every position of nested coordinates. Raises TypeError, ValueError or LookupError else."""
    waiting = [coordinates]
    while waiting:
        value = waiting.pop()
        if value and not isinstance(value[0], list):
            yield float(value[0]), float(value[1])
        else:
            waiting.extend(value)


def _bounds(
    points: Sequence[Point], to_degrees: Callable[[float, float], Point]
) -> tuple[tuple[float, float, float, float] | None, str | None]:
    """Bounds in degrees, from the corners of the bounds in the file's reference system."""
    if not points:
        return None, None
    xs, ys = zip(*points, strict=True)
    if not all(map(math.isfinite, (*xs, *ys))):
        return None, "a coordinate is no number"
    corners = [to_degrees(x, y) for x in (min(xs), max(xs)) for y in (min(ys), max(ys))]
    lon, lat = zip(*corners, strict=True)
    if max(map(abs, lon)) > 180 or max(map(abs, lat)) > 90:  # noqa: PLR2004
        return None, "coordinates are no degrees, and no reference system says what they are"
    return (min(lon), min(lat), max(lon), max(lat)), None


def _projection(name: str) -> Callable[[float, float], Point]:
    """How coordinates become degrees. Raises PayloadError for an unknown reference system."""
    zone = UTM_EPSG.search(name) or UTM_WKT.search(name)
    if zone and 1 <= int(zone[1]) <= 60:  # noqa: PLR2004
        return lambda x, y: utm.degrees(x, y, int(zone[1]))
    if not name or DEGREES.search(name):
        return lambda x, y: (x, y)
    raise PayloadError(f"reference system '{name[:80]}' is not known (degrees or UTM are)")


def _shapefiles(content: bytes) -> Iterator[Feature]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(i.file_size for i in archive.infolist()) > MAX_UNPACKED:
                raise PayloadError(f"the archive unpacks to more than {MAX_UNPACKED} bytes")
            files = {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}
    except BROKEN_ARCHIVE as error:
        raise PayloadError(f"the archive cannot be unpacked: {error}") from error
    paths = sorted(n for n in files if n.lower().endswith(".shp"))
    if not paths:
        raise PayloadError(f"no shapefile in the archive: {', '.join(files)[:200]}")
    number = 0
    for path in paths:
        for feature in _shapefile(path, files, number):
            number = feature.number
            yield feature


def _shapefile(path: str, files: Mapping[str, bytes], before: int) -> Iterable[Feature]:
    stem = path[: -len(".shp")].lower()
    parts = {
        PurePosixPath(n).suffix.lower()[1:]: body
        for n, body in files.items()
        if n[: -len(PurePosixPath(n).suffix) or None].lower() == stem
    }
    if "dbf" not in parts or "prj" not in parts:
        raise PayloadError(f"{path} needs its .dbf and .prj beside it")
    to_degrees = _projection(parts["prj"].decode("utf-8", "replace").strip())
    try:
        reader = shapefile.Reader(
            **{k: io.BytesIO(parts[k]) for k in ("shp", "shx", "dbf") if k in parts},
            encoding=shapefiles.encoding(parts),
            encodingErrors="replace",
        )
        found = list(reader.iterShapeRecords())
    except Exception as error:  # pyshp raises whatever struct and its readers raise
        raise PayloadError(f"the shapefile cannot be read: {error!r}") from error
    result = []
    for number, item in enumerate(found, start=before + 1):
        points = [(float(p[0]), float(p[1])) for p in getattr(item.shape, "points", ())]
        bounds, fault = _bounds(points, to_degrees)
        kind = item.shape.shapeTypeName.title() if points else None
        result.append(Feature(number, None, kind, bounds, item.record.as_dict(), fault))
    return result
