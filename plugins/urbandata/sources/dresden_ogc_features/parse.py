"""Answers of the city's OGC API to rows: GeoJSON as the service gives it, or its CSV variant.

In CSV the geometry is text, ``SRID=4326;POINT(lon lat)``. Clock readings come as
``2025-07-01 14:00:00`` or ``01.07.2025 14:00:00``; both stay the same clock reading.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

POINT = r"^\s*(?:SRID=4326;)?\s*POINT\s*(?:Z\s*)?\(\s*(?P<longitude>\S+)\s+(?P<latitude>[^\s)]+)"
KLIPS = {
    "ids": "sensor_id",
    "bezeichnung": "sensor_name",
    "parameter": "parameter",
    "wert_n": "value",
    "einheit": "unit",
    "messzeit": "measured_local",
}
ISO = r"^\s*(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.0+)?\s*$"
METRES = r"^\s*-?\d{4}"  # the service can answer in other reference systems, too
REQUIRED = ("ids", "parameter", "messzeit")


def parse(payload: Payload, source: Source) -> Parsed:
    """The table of the collection asked; files from the inbox are KLIPS values."""
    collection = source.options["collections"].get(payload.resource.partition("/")[0], {})
    name = collection.get("table", "klips")
    if payload.content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        rows = features(payload.content, KLIPS)
    else:
        rows = delimited(payload.content)
    return tabular.typed(
        _klips(rows), name, source.tables[name], formats={"measured_local": "%Y-%m-%d %H:%M:%S"}
    )


def features(content: bytes, properties: Iterable[str]) -> pa.Table:
    """Features of any GeoJSON collection: the named properties as text, and the point.

    ``longitude`` and ``latitude`` are null where the geometry is missing or no point; a point
    that is in metres is a fault of its feature.
    """
    fields = [f'{name}=properties."{name}"' for name in properties]
    point = ["kind=geometry.type", "x=geometry.coordinates[0]", "y=geometry.coordinates[1]"]
    rows = tabular.json_records(content, [*fields, *point], "$.features")
    is_point = pc.equal(rows.column("kind"), "Point")
    for axis, name in (("x", "longitude"), ("y", "latitude")):
        column = pc.if_else(is_point, rows.column(axis), None)
        rows = rows.append_column(name, column.cast(pa.string()))
    metres = pc.match_substring_regex(rows.column("longitude"), METRES)
    fault = pc.if_else(pc.fill_null(metres, False), "the point is not in degrees", None)
    rows = rows.append_column(tabular.FAULT, fault.cast(pa.string()))
    return rows.drop_columns(["kind", "x", "y"])


def delimited(content: bytes) -> pa.Table:
    """Lines of the CSV variant; a text that is no point becomes a fault of its line."""
    rows = tabular.csv_records(content, delimiter=";")
    names = [n for n in rows.column_names if n.lower().startswith("geom")]
    text = rows.column(names[0]) if names else pa.nulls(rows.num_rows, pa.string())
    text = pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), None, text)
    found = pc.extract_regex(text, pattern=POINT)
    for name in ("longitude", "latitude"):
        value = pc.coalesce(pc.struct_field(found, name), text)
        rows = rows.append_column(name, value)
    return _fault_where_cut(rows)


def _fault_where_cut(rows: pa.Table) -> pa.Table:
    """Marks lines with fewer fields than the header: their last value may be cut, too."""
    place = rows.column_names.index(tabular.FAULT)
    cut = pc.is_null(rows.column(place - 1))  # the last column of the file
    fault = pc.if_else(cut, "the line is cut off", rows.column(place))
    return rows.set_column(place, tabular.FAULT, fault)


def _klips(rows: pa.Table) -> pa.Table:
    """Columns by our names. Raises PayloadError if a required one is nowhere in the payload."""
    names = rows.column_names
    missing = [n for n in REQUIRED if n not in names or _always_null(rows, n)]
    if missing:
        raise PayloadError(f"no KLIPS values: {', '.join(missing)} missing in every record")
    rows = rows.rename_columns([KLIPS.get(n, n) for n in names])
    clock = pc.replace_substring_regex(
        rows.column("measured_local"),
        pattern=r"^\s*(\d\d)\.(\d\d)\.(\d{4}) ",
        replacement=r"\3-\2-\1 ",
    )
    clock = pc.replace_substring_regex(clock, pattern=ISO, replacement=r"\1 \2")
    value = pc.replace_substring(rows.column("value"), pattern=",", replacement=".")
    rows = rows.set_column(rows.column_names.index("measured_local"), "measured_local", clock)
    return rows.set_column(rows.column_names.index("value"), "value", value)


def _always_null(rows: pa.Table, name: str) -> bool:
    return bool(0 < rows.num_rows == rows.column(name).null_count)
