"""Cleaned reports to rows."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.reading.reduction import UNFIT
from urbandata.registry import Source

FIELDS = [
    *("service_request_id", "status", "service_code", "service_name"),
    *("requested_at=requested_datetime", "updated_at=updated_datetime"),
    *("expected_at=expected_datetime", "latitude=lat", "longitude=long"),
]
TIMES = ("requested_at", "updated_at", "expected_at")


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``reports``. Raises PayloadError for anything but a list of reports."""
    try:
        answer = json.loads(payload.content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"broken JSON: {error}") from error
    if not isinstance(answer, list):
        reason = answer.get("error") if isinstance(answer, dict) else None
        raise PayloadError(str(reason or "no list of reports"))
    rows = tabular.json_records(payload.content, FIELDS)
    place = rows.column_names.index("status")
    rows = rows.set_column(place, "status", pc.utf8_lower(rows.column("status")))
    return tabular.typed(_without_guesses(rows), "reports", source.tables["reports"])


def _without_guesses(rows: pa.Table) -> pa.Table:
    """Marks times without an offset: read as UTC they would be an hour or two wrong.

    Also values that ``strip`` could not keep, where null would mean something else.
    """
    fault = pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
    for name in TIMES:
        zoned = pc.match_substring_regex(rows.column(name), r"(Z|[+-]\d\d:?\d\d)\s*$")
        bad = pc.invert(pc.fill_null(zoned, True))
        fault = pc.if_else(bad, f"{name} has no offset from UTC", fault)
    for name in ("status", *TIMES):
        unfit = pc.fill_null(pc.equal(rows.column(name), UNFIT), False)
        reason = f"{name}: the value had not the shape of its field and was not stored"
        fault = pc.if_else(unfit, reason, fault)
    return rows.append_column(tabular.FAULT, fault)
