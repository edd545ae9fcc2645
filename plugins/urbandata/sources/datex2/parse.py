"""DATEX II publications to rows. Names of elements count, not their namespaces: v2 and v3,
generic publications and national profiles differ in these only as far as they are read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.sources.datex2.fetch import unpacked

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
Element = etree._Element
Row = dict[str, str | None]
FACILITIES = {  # of v2; of the parking publications: v3, and an extension of v2
    "parkingFacility": (
        *("parkingFacilityName", "parkingFacilityLayout", "totalParkingCapacity"),
        "parkingFacilityRecordVersionTime",
    ),
    "parkingRecord": (
        *("parkingName", "parkingLayout", "parkingNumberOfSpaces", "parkingRecordVersionTime"),
    ),
}
QUANTITIES = {  # element that says what is measured: the number in it, what it is, its unit
    "vehicleFlow": ("vehicleFlowRate", "flow", "veh/h"),
    "averageVehicleSpeed": ("speed", "speed", "km/h"),
    "occupancy": ("percentage", "occupancy", "%"),
    "axleFlow": ("axleFlowRate", "axle_flow", "axles/h"),
    "travelTime": ("duration", "travel_time", "s"),
    "percentageLongVehicles": ("percentage", "long_vehicles", "%"),
}
TIMES = ("status_time", "measured_at", "version_time", "valid_from", "valid_to", "published_at")


def parse(payload: Payload, source: Source) -> Parsed:
    """Rows of every known kind of record. Raises PayloadError if it is no DATEX II."""
    root = _root(payload.content)
    found: dict[str, list[Row]] = {}
    records = _records(root)
    for table, row in records:
        found.setdefault(table, []).append(row)
    if not found:
        kind = _empty_kind(root)
        return Parsed(
            {kind: source.tables[kind].schema.append(pa.field("_row", pa.int64())).empty_table()}
        )
    parts = [_typed(table, rows, source) for table, rows in found.items()]
    rejects: list[Reject] = [r for part in parts for r in part.rejects]
    return Parsed({n: t for part in parts for n, t in part.tables.items()}, tuple(rejects))


def _root(content: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    body = unpacked(content) or content
    try:
        root = etree.fromstring(body.lstrip(b"\xef\xbb\xbf \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PayloadError(f"broken XML: {error}") from error
    if not _kinds(root):
        raise PayloadError("no DATEX II publication in the XML")
    return root


def _kinds(root: Element) -> set[str]:
    """Kinds of publications: v2 and v3 name them in a type, generic ones by an element."""
    names = {(e.get(XSI_TYPE) or "").rpartition(":")[2] for e in root.iter("*")}
    return {n for n in (*names, *(_local(e) for e in root.iter("*"))) if n.endswith("Publication")}


def _empty_kind(root: Element) -> str:
    """The table of a publication without records. Raises PayloadError for unknown kinds."""
    kinds = _kinds(root)
    for mark, table in (
        ("MeasuredDataPublication", "traffic_measurements"),
        ("MeasurementSiteTablePublication", "measurement_sites"),
        ("SituationPublication", "situations"),
        ("parkingFacilityTableStatusPublication", "parking_status"),
        ("parkingFacilityTablePublication", "parking_facilities"),
        ("ParkingStatusPublication", "parking_status"),
        ("parkingStatusPublication", "parking_status"),
        ("ParkingTablePublication", "parking_facilities"),
        ("parkingTablePublication", "parking_facilities"),
    ):
        if mark in kinds:
            return table
    raise PayloadError("a DATEX II publication of a kind that is not read here")


def _records(root: Element) -> Iterator[tuple[str, Row]]:
    """Table and fields of every record, in the order of the document."""
    readers: Mapping[str, tuple[str, Callable[[Element], Iterator[Row]]]] = {
        "siteMeasurements": ("traffic_measurements", _measurements),
        "measurementSiteRecord": ("measurement_sites", _site),
        "measurementSite": ("measurement_sites", _site),
        "parkingFacility": ("parking_facilities", _facility),
        "parkingFacilityStatus": ("parking_status", _status),
        "parkingRecord": ("parking_facilities", _facility),
        "parkingRecordStatus": ("parking_status", _record_status),
        "situationRecord": ("situations", _situation),
    }
    for element in root.iter("*"):
        reader = readers.get(_local(element))
        if reader is None or (len(element) == 0 and not element.attrib):
            continue  # parkingFacilityStatus is also the name of a plain value inside itself
        table, read = reader
        for row in read(element):
            yield table, {**row, "published_at": _published(element)}


def _published(element: Element) -> str | None:
    """Time of the publication around a record; v3 may send several in one container."""
    times = (_child(a, "publicationTime") for a in element.iterancestors())
    return _text(next((t for t in times if t is not None), None))


def _measurements(element: Element) -> Iterator[Row]:
    """One row per measured value of a site; a value without a number is a gap."""
    reference = _child(element, "measurementSiteReference")
    site_id = reference.get("id") if reference is not None else None
    default = _moment(_child(element, "measurementTimeDefault"))
    for outer in element:
        index = outer.get("index")
        if _local(outer) not in ("measuredValue", "physicalQuantity") or index is None:
            continue
        data = next((e for e in outer.iter("*") if _local(e) == "basicData"), None)
        kind, unit, value = _quantity(outer if data is None else data)
        faulty = (_first(outer, "dataError") or "").lower() == "true"
        own = next(outer.iter("{*}measurementOrCalculationTime"), None)
        yield {
            "site_id": site_id,
            "measured_at": _moment(own) or default,
            "value_index": index,
            "quantity": kind,
            "value": None if faulty else value,
            "unit": unit,
        }


def _moment(element: Element | None) -> str | None:
    """A time: v3 has it in an element of its own."""
    return None if element is None else _first(element, "timeValue") or element.text


def _quantity(element: Element) -> tuple[str | None, str | None, str | None]:
    """What a value is: from the element around the number, else from its type. Of a flow with
    its share of long vehicles the flow counts."""
    for around, (number, kind, unit) in QUANTITIES.items():
        if (holder := next(element.iter("{*}" + around), None)) is not None:
            return kind, unit, _first(holder, number)
    named = (element.get(XSI_TYPE) or "").rpartition(":")[2]
    known = {"TrafficFlow": ("flow", "veh/h"), "TrafficSpeed": ("speed", "km/h")}
    kind_unit = known.get(named, (named or None, None))
    return (*kind_unit, None)


def _site(element: Element) -> Iterator[Row]:
    yield {
        "site_id": element.get("id"),
        "name": _named(element, "measurementSiteName"),
        "latitude": _first(element, "latitude"),
        "longitude": _first(element, "longitude"),
    }


def _facility(element: Element) -> Iterator[Row]:
    """A car park; names of groups of spaces inside it are not those of the whole."""
    name, layout, total, version = FACILITIES[_local(element)]
    yield {
        "facility_id": element.get("id"),
        "name": _named(element, name),
        "layout": _text(_child(element, layout)),
        "total": _text(_child(element, total)),
        "latitude": _first(element, "latitude"),
        "longitude": _first(element, "longitude"),
        "version_time": _text(_child(element, version)),
    }


def _status(element: Element) -> Iterator[Row]:
    """``parkingFacilityStatus`` holds several plain values of the same name: all are kept."""
    reference = _child(element, "parkingFacilityReference")
    states = [_text(c) or "" for c in element if _local(c) == "parkingFacilityStatus"]
    yield {
        "facility_id": reference.get("id") if reference is not None else None,
        "status": "|".join(sorted(states)) or None,
        "status_time": _text(_child(element, "parkingFacilityStatusTime")),
        "occupied": _text(_child(element, "totalNumberOfOccupiedParkingSpaces")),
        "vacant": _text(_child(element, "totalNumberOfVacantParkingSpaces")),
    }


def _record_status(element: Element) -> Iterator[Row]:
    """State of a ``parkingRecord``; numbers of groups of spaces in it are not the whole's."""
    reference = _child(element, "parkingRecordReference")
    names = ("parkingSiteOpeningStatus", "parkingSiteStatus")
    states = [state for name in names if (state := _text(_child(element, name)))]
    counts = _child(element, "parkingOccupancy")
    yield {
        "facility_id": reference.get("id") if reference is not None else None,
        "status": "|".join(sorted(states)) or None,
        "status_time": _text(_child(element, "parkingStatusOriginTime")),
        "occupied": _text(_child(counts, "parkingNumberOfOccupiedSpaces")),
        "vacant": _text(_child(counts, "parkingNumberOfVacantSpaces")),
    }


def _situation(element: Element) -> Iterator[Row]:
    parent = element.getparent()
    yield {
        "situation_id": parent.get("id") if parent is not None else None,
        "record_id": element.get("id"),
        "record_type": (element.get(XSI_TYPE) or "").rpartition(":")[2] or None,
        "version_time": _first(element, "situationRecordVersionTime"),
        "validity": _first(element, "validityStatus"),
        "valid_from": _first(element, "overallStartTime"),
        "valid_to": _first(element, "overallEndTime"),
        "road": _first(element, "roadNumber") or _named(element, "roadName"),
        "latitude": _first(element, "latitude"),
        "longitude": _first(element, "longitude"),
    }


def _typed(table: str, rows: list[Row], source: Source) -> Parsed:
    """Rows of one table; their number is their place among the records of that table."""
    names = list(source.tables[table].columns)
    text = pa.table({n: pa.array([r.get(n) for r in rows], pa.string()) for n in names})
    fault = pa.nulls(len(rows), pa.string())
    for name in set(TIMES) & set(names):
        zoned = pc.match_substring_regex(text.column(name), r"(Z|[+-]\d\d:?\d\d)\s*$")
        bad = pc.invert(pc.fill_null(zoned, True))
        fault = pc.if_else(bad, f"{name} has no offset from UTC", fault)
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    text = text.append_column(tabular.FAULT, fault).append_column(tabular.ROW, numbers)
    return tabular.typed(text, table, source.tables[table])


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element | None) -> str | None:
    return None if element is None else element.text


def _child(element: Element | None, name: str) -> Element | None:
    return next((c for c in element if _local(c) == name), None) if element is not None else None


def _first(element: Element, name: str) -> str | None:
    """Text of the first element of that name below."""
    return next((e.text for e in element.iter("{*}" + name)), None)


def _named(element: Element, name: str) -> str | None:
    """Text of a multilingual name: its first value."""
    holder = next((e for e in element.iter("{*}" + name)), None)
    if holder is None:
        return None
    return _first(holder, "value") or holder.text
