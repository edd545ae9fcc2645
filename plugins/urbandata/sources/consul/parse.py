"""Stored answers and files of CONSUL to one table of contributions."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.reading import reduction, tabular
from urbandata.registry import Source
from urbandata.sources.consul.fetch import KNOWN

COLUMNS = ("external_id", "created_at", "votes", "comments", "geozone", "state")
SINGULAR = {
    "proposals": "proposal",
    "debates": "debate",
    "investments": "investment",
    "file": "proposal",
}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``contributions``; a list of budgets has none. Raises PayloadError for errors."""
    kind = reduction.kept(payload.content, KNOWN)["resource"]
    if kind == "budgets":
        return Parsed()
    rows = reduction.records(payload.content, COLUMNS, ("external_id", "created_at"))
    rows = tabular.constants(
        rows, kind=SINGULAR[kind], created_precision="day" if kind == "file" else "hour"
    )
    place = rows.column_names.index("created_at")
    rows = rows.set_column(place, "created_at", _iso(rows.column("created_at")))
    return tabular.typed(rows, "contributions", source.tables["contributions"])


def _iso(stamps: pa.ChunkedArray) -> pa.ChunkedArray:
    """``2023-07-03 18:00:00 +0200`` and ``… UTC`` as the casts expect them."""
    stamps = pc.replace_substring_regex(stamps, r" ?([+-]\d\d):?(\d\d)$", r"\1:\2")
    return pc.replace_substring_regex(stamps, r" ?UTC$", "Z")
