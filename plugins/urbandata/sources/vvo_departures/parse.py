"""Departure boards (JSON), and the register of stops and abbreviations (CSV).

Times are ``/Date(1487778279147+0100)/``: milliseconds since 1970 UTC; the offset behind only
says which clock a reader at the stop would use.
"""

from __future__ import annotations

import json
import re

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

FIELDS = [
    *("departure_id=Id", "line=LineName", "direction=Direction", "mode=Mot", "state=State"),
    *("scheduled_at=ScheduledTime", "real_at=RealTime", "platform=Platform.Name"),
]
ARCHIVE = [*FIELDS, "stop_id=StopId", "stop_name=StopName"]
DATE = r"^/Date\((?P<ms>-?\d{1,14})(?:[+-]\d{4})?\)/$"
STOPS = {
    "id": "dhid",
    "numeric_id": "stop_id",
    "name": "name",
    "city": "city",
    "latitude": "latitude",
    "longitude": "longitude",
    "tram_lines": "tram_lines",
    "bus_lines": "bus_lines",
}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``departures``, ``stops`` or ``abbreviations``. Raises PayloadError otherwise."""
    if payload.content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        return tabular.typed(_board(payload), "departures", source.tables["departures"])
    head = tabular.decode(payload.content).split("\n", 1)[0].strip().replace('"', "")
    if head.startswith("id,numeric_id,"):
        rows = _whole(tabular.csv_records(payload.content), len(head.split(",")))
        return tabular.typed(tabular.renamed(rows, STOPS), "stops", source.tables["stops"])
    if re.fullmatch(r"[^;]+;[^;]{1,8}", head):
        rows = _whole(tabular.csv_records(payload.content, delimiter=";", header=False), 2)
        named = tabular.renamed(rows, {"column0": "name", "column1": "abbreviation"})
        return tabular.typed(named, "abbreviations", source.tables["abbreviations"])
    raise PayloadError(f"neither departures nor a register of stops: {head[:80]!r}")


def _board(payload: Payload) -> pa.Table:
    """Departures as text. Raises PayloadError with the service's own message."""
    try:
        answer = json.loads(payload.content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"broken JSON: {error}") from error
    status = answer.get("Status")
    if isinstance(status, dict) and status.get("Code", "Ok") != "Ok":
        raise PayloadError(f"the service answered {status.get('Code')}: {status.get('Message')}")
    if "Archive" in answer:
        rows = tabular.json_records(payload.content, ARCHIVE, "$.Archive")
    elif isinstance(answer.get("Departures"), list):
        rows = tabular.json_records(payload.content, FIELDS, "$.Departures")
        kind, _, stop = payload.resource.rpartition("/")
        rows = tabular.constants(
            rows,
            stop_id=stop if kind == "dm" else "",
            stop_name=str(answer.get("Name") or ""),
        )
    elif isinstance(status, dict):  # a stop without departures: the list is left out
        rows = tabular.json_records(b"[]", ARCHIVE)
    else:
        raise PayloadError("the answer has no Departures")
    for name in ("scheduled_at", "real_at"):
        place = rows.column_names.index(name)
        rows = rows.set_column(place, name, instants(rows.column(name)))
    return rows


def instants(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """``/Date(…)/`` as UTC text; anything else stays as it is and is turned away by its type."""
    found = pc.struct_field(pc.extract_regex(text, pattern=DATE), "ms")
    stamps = pc.cast(pc.cast(found, pa.int64()), pa.timestamp("ms", tz="UTC"))
    written = pc.strftime(stamps, format="%Y-%m-%dT%H:%M:%SZ")
    is_date = pc.fill_null(pc.is_valid(found), False)
    unreadable = pc.if_else(pc.is_valid(text), pc.binary_join_element_wise("?", text, ""), None)
    return pc.if_else(is_date, written, unreadable)


def _whole(rows: pa.Table, fields: int) -> pa.Table:
    """Marks lines with fewer fields than the header: their last value may be cut, too."""
    place = rows.column_names.index(tabular.FAULT)
    if place != fields:
        raise PayloadError(f"{place} columns, {fields} are known")
    cut = pc.is_null(rows.column(place - 1))
    fault = pc.if_else(cut, "the line is cut off", rows.column(place))
    return rows.set_column(place, tabular.FAULT, fault)
