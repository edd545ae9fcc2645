"""Restrictions of traffic from the city's layers (GeoJSON)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.sources.dresden_ogc_features.parse import features

PROPERTIES = {
    "staid": "work_id",
    "typ": "kind",
    "sperrgrund_format": "reason",
    "datum_von_format": "valid_from",
    "datum_bis_format": "valid_to",
}
DAY = r"^\s*(\d\d\.\d\d\.\d{4})\b.*$"  # a clock reading may follow


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``restrictions``. Raises PayloadError if no feature has what the layer is about."""
    rows = features(payload.content, PROPERTIES)
    asked = [n for n in PROPERTIES if rows.column(n).null_count < rows.num_rows]
    if rows.num_rows and not {"typ", "datum_von_format"} & set(asked):
        raise PayloadError("no restrictions of traffic: typ and datum_von_format are missing")
    rows = rows.rename_columns([PROPERTIES.get(n, n) for n in rows.column_names])
    for name in ("valid_from", "valid_to"):
        day = pc.replace_substring_regex(rows.column(name), pattern=DAY, replacement=r"\1")
        rows = rows.set_column(rows.column_names.index(name), name, day)
    layer = payload.resource.partition("/")[0]
    known = layer if layer in source.options["collections"] else None
    rows = rows.append_column("layer", pa.array([known] * rows.num_rows, pa.string()))
    return tabular.typed(
        rows,
        "restrictions",
        source.tables["restrictions"],
        formats={"valid_from": "%d.%m.%Y", "valid_to": "%d.%m.%Y"},
    )
