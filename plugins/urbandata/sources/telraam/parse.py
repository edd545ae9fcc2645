"""Telraam reports to rows."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

FIELDS = [
    *("segment_id", "started_at=date", "uptime", "heavy", "car", "bike", "pedestrian"),
    *("v85_kmh=v85", "interval"),
]
OK = 200


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``reports``. Raises PayloadError if the inner status is not 200."""
    try:
        answer = json.loads(payload.content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"broken JSON: {error}") from error
    if not isinstance(answer, dict) or "status_code" not in answer:
        raise PayloadError("no report of Telraam: status_code is missing")
    if answer["status_code"] != OK:
        raise PayloadError(f"the service answered {answer['status_code']}: {answer.get('message')}")
    rows = tabular.json_records(payload.content, FIELDS, "$.report")
    rows = rows.append_column(tabular.FAULT, _fault(rows))
    return tabular.typed(rows, "reports", source.tables["reports"])


def _fault(rows: pa.Table) -> pa.ChunkedArray:
    """Why an entry is no count of a street in an hour."""
    zoned = pc.match_substring_regex(rows.column("started_at"), r"(Z|[+-]\d\d:?\d\d)\s*$")
    hourly = pc.match_substring_regex(rows.column("interval"), r"(?i)^hour")
    device = pc.equal(rows.column("segment_id"), "-1")
    cases = (
        (pc.invert(zoned), "time without offset from UTC"),
        (pc.invert(hourly), "counts of another interval than an hour"),
        (device, "counts of a single device, not of a street"),
    )
    return pc.coalesce(
        *(
            pc.if_else(pc.fill_null(wrong, False), why, None).cast(pa.string())
            for wrong, why in cases
        )
    )
