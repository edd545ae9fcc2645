"""Features of a layer to rows: where they are and what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from urbandata.contract import Parsed, Payload, Reject
from urbandata.reading import catalogue, tabular
from urbandata.registry import Source
from urbandata.sources.geo_layers.shapes import Feature, features

NAMES = ("name", "bezeichnung", "title", "titel", "namen", "gen", "bez")


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``features``. Raises PayloadError if the payload is no layer."""
    layer = _layer(payload)
    rows, rejects = [], []
    for feature in features(payload.content):
        said = _attributes(feature.attributes)
        if feature.fault:
            rejects.append(Reject("features", feature.number, feature.fault, said[:500]))
        else:
            rows.append({"layer": layer, **_row(feature), "attributes": said})
    return Parsed({"features": tabular.from_rows(rows, source.tables["features"])}, tuple(rejects))


def _layer(payload: Payload) -> str:
    """Name of the layer: the collection asked, or the name of the file."""
    if not payload.filename:
        return payload.resource.rpartition("/")[0]
    return PurePosixPath(payload.filename).stem


def _row(feature: Feature) -> dict[str, Any]:
    west, south, east, north = feature.bounds or (None, None, None, None)
    by_name = {str(k).lower(): v for k, v in feature.attributes.items()}
    name = next((t for n in NAMES if (t := catalogue.text(by_name.get(n)))), None)
    return {
        "feature_id": feature.id or str(feature.number),
        "name": catalogue.scrubbed(name) if name else None,
        "geometry_type": feature.kind,
        "longitude": _middle(west, east),
        "latitude": _middle(south, north),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        tabular.ROW: feature.number,
    }


def _middle(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else (low + high) / 2


def _attributes(attributes: Mapping[str, Any]) -> str:
    """Scalar attributes as JSON, without e-mail addresses and whatever is nested."""
    kept = {
        str(k): v.isoformat() if isinstance(v, date) else v
        for k, v in attributes.items()
        if isinstance(v, str | int | float | bool | date)
    }
    text = json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace").decode()
    return catalogue.scrubbed(text)
