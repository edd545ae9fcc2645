"""Car parks from five formats, told apart by their bytes: rows of lots, occupancy, forecast.

ParkAPI v1 (``{"lots": […]}``), the demo city's history (``{"history": […]}``), the flat list of
v3 (``{"items": […]}`` or ``[…]``), GeoJSON (of v1, of v3 or of a city), and the headerless
forecast CSV. The city's HTML page is read in ``page.py``.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.sources.parkapi.page import page_rows

V1_LOT = [
    *("lot_id=id", "name", "address", "lot_type", "region", "total", "free", "state"),
    *("latitude=coords.lat", "longitude=coords.lng"),
]
HISTORY = ["lot_id=id", "measured_at=timestamp", "free", "total", "state"]
V3_IDS = ("uid", "id", "original_uid")  # converters say uid; of the service only id is unique
V3_SITE = {
    "name": "name",
    "address": "address",
    "lot_type": "type",
    "purpose": "purpose",
    "total": "capacity",
    "measured_at": "realtime_data_updated_at",
    "free": "realtime_free_capacity",
    "realtime_total": "realtime_capacity",
    "state": "realtime_opening_status",
    "latitude": "lat",
    "longitude": "lon",
}
CITY_FEATURE = {  # property names of cities' own GeoJSON
    "lot_id": ("id", "uid", "original_uid"),
    "name": ("name",),
    "address": ("address",),
    "lot_type": ("type", "art"),
    "purpose": ("purpose",),
    "total": ("total", "capacity"),
}


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``lots`` and ``occupancy``, or ``forecast``. Raises PayloadError for other bytes."""
    head = payload.content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if head == b"<":
        return _both(tabular.constants(page_rows(payload.content), city=place(payload)), source)
    if head in (b"{", b"["):
        return _json(payload, source)
    return _forecast(payload, source)


def place(payload: Payload) -> str:
    """City (or for forecasts the lot) a payload is about, from its name or the question."""
    if payload.filename:
        return PurePosixPath(payload.filename).stem
    return payload.resource.partition("/")[0]


def _json(payload: Payload, source: Source) -> Parsed:
    try:
        answer = json.loads(payload.content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"broken JSON: {error}") from error
    if isinstance(answer, list):
        return _v3(payload, source, "$", "")
    kinds = [k for k in ("lots", "history", "items", "features") if k in answer]
    if len(kinds) != 1:
        raise PayloadError("neither lots (v1), items (v3), a history nor features")
    if kinds == ["lots"]:
        return _v1(payload, source, str(answer.get("last_updated") or ""))
    if kinds == ["history"]:
        rows = tabular.json_records(payload.content, HISTORY, "$.history")
        return tabular.typed(_utc(rows), "occupancy", source.tables["occupancy"])
    if kinds == ["items"]:
        return _v3(payload, source, "$.items", "")
    features = answer["features"] if isinstance(answer["features"], list) else []
    live = any(
        isinstance(f, dict) and "realtime_free_capacity" in (f.get("properties") or {})
        for f in features
    )
    return _v3(payload, source, "$.features", "properties.") if live else _city(payload, source)


def _v1(payload: Payload, source: Source, updated: str) -> Parsed:
    """One answer holds what a lot is and how full it was at ``last_updated`` (UTC, no zone)."""
    rows = tabular.json_records(payload.content, V1_LOT, "$.lots")
    rows = tabular.constants(rows, measured_at=updated, city=place(payload))
    return _both(_utc(rows), source)


def _v3(payload: Payload, source: Source, path: str, prefix: str) -> Parsed:
    """Parking sites of ParkAPI v3; those without realtime data have no occupancy."""
    fields = [f"{name}={prefix}{field}" for name, field in V3_SITE.items()]
    fields += [f"{name}={prefix}{name}" for name in V3_IDS]
    fields += [f"{axis}=geometry.coordinates[{i}]" for i, axis in enumerate("xy")]
    rows = tabular.json_records(payload.content, fields, path)
    rows = rows.append_column("lot_id", pc.coalesce(*(rows.column(n) for n in V3_IDS)))
    if rows.num_rows and rows.column("lot_id").null_count == rows.num_rows:
        raise PayloadError(f"no parking sites: every record lacks {', '.join(V3_IDS)}")
    for name, axis in (("longitude", "x"), ("latitude", "y")):
        degrees = pc.coalesce(rows.column(name), rows.column(axis))
        rows = rows.set_column(rows.column_names.index(name), name, degrees)
    rows = tabular.constants(_utc(rows), city=place(payload))
    lots = tabular.typed(rows, "lots", source.tables["lots"])
    live = rows.filter(pc.is_valid(rows.column("measured_at")))
    total = pc.coalesce(live.column("realtime_total"), live.column("total"))
    live = live.set_column(live.column_names.index("total"), "total", total)
    occupancy = tabular.typed(live, "occupancy", source.tables["occupancy"])
    return Parsed({**lots.tables, **occupancy.tables}, (*lots.rejects, *occupancy.rejects))


def _city(payload: Payload, source: Source) -> Parsed:
    """A city's own GeoJSON. The place is the geometry: other geometries in the properties
    are in other reference systems."""
    wanted = [f"{n}{i}=properties.{f}" for n, fs in CITY_FEATURE.items() for i, f in enumerate(fs)]
    point = ["kind=geometry.type", "longitude=geometry.coordinates[0]"]
    rows = tabular.json_records(
        payload.content, [*wanted, *point, "latitude=geometry.coordinates[1]"], "$.features"
    )
    for name, fields in CITY_FEATURE.items():
        value = pc.coalesce(*(rows.column(f"{name}{i}") for i in range(len(fields))))
        rows = rows.append_column(name, value.cast(pa.string()))
    if rows.num_rows and rows.column("name").null_count == rows.num_rows:
        raise PayloadError("no parking lots: 'name' is missing in every feature")
    is_point = pc.fill_null(pc.equal(rows.column("kind"), "Point"), False)
    for axis in ("latitude", "longitude"):
        value = pc.if_else(is_point, rows.column(axis), None)
        rows = rows.set_column(rows.column_names.index(axis), axis, value.cast(pa.string()))
    is_city = pc.fill_null(pc.equal(rows.column("lot_type"), "city"), False)
    fault = pc.if_else(is_city, "describes the city, not a parking lot", None)
    rows = rows.append_column(tabular.FAULT, fault.cast(pa.string()))
    return tabular.typed(
        tabular.constants(rows, city=place(payload)), "lots", source.tables["lots"]
    )


def _both(rows: pa.Table, source: Source) -> Parsed:
    """Rows that say what a lot is and how full it is."""
    lots = tabular.typed(rows, "lots", source.tables["lots"])
    named = rows.append_column("lot_name", rows.column("name"))
    occupancy = tabular.typed(named, "occupancy", source.tables["occupancy"])
    return Parsed({**lots.tables, **occupancy.tables}, (*lots.rejects, *occupancy.rejects))


def _utc(rows: pa.Table) -> pa.Table:
    """v1 writes UTC without saying so; an offset, where there is one, is kept."""
    text = rows.column("measured_at")
    bare = pc.match_substring_regex(text, r"^\s*\d{4}-\d\d-\d\d[T ][\d:.]+\s*$")
    zoned = pc.if_else(bare, pc.binary_join_element_wise(text, "Z", ""), text)
    return rows.set_column(rows.column_names.index("measured_at"), "measured_at", zoned)


def _forecast(payload: Payload, source: Source) -> Parsed:
    """Lines ``2015-11-01T00:45:00,47``: clock reading and forecast in percent, no header."""
    rows = tabular.csv_records(payload.content, header=False)
    if rows.column_names[:2] != ["column0", "column1"] or "column2" in rows.column_names:
        raise PayloadError("not the two columns of a parking forecast")
    first = rows.column("column0")[0].as_py() or ""
    if not pc.match_substring_regex(pa.scalar(first), r"^\s*\d{4}-\d\d-\d\dT\d\d:\d\d").as_py():
        raise PayloadError(f"no parking forecast: the first line begins with {first[:40]!r}")
    names = {"column0": "forecast_local", "column1": "occupancy_pct"}
    rows = tabular.constants(tabular.renamed(rows, names), lot_id=place(payload))
    short = pc.is_null(rows.column("occupancy_pct"))
    fault = pc.if_else(short, "the line is cut off", rows.column(tabular.FAULT))
    rows = rows.set_column(rows.column_names.index(tabular.FAULT), tabular.FAULT, fault)
    return tabular.typed(
        rows, "forecast", source.tables["forecast"], formats={"forecast_local": "%Y-%m-%dT%H:%M:%S"}
    )
