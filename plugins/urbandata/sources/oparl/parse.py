"""Stored OParl answers to meetings with their agenda items, or to organisations."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import reduction, tabular
from urbandata.registry import Source
from urbandata.sources.oparl.fetch import ITEM, KNOWN, MEETING, ORGANIZATION


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables of what the answer lists. Raises PayloadError if it was no list."""
    answer = reduction.kept(payload.content, KNOWN)
    content = payload.content
    if answer["resource"] == "organizations":
        rows = reduction.records(content, tuple(ORGANIZATION), ("organization_id",))
        return tabular.typed(rows, "organizations", source.tables["organizations"])
    if not isinstance(answer["page"].get("items"), list):
        raise PayloadError("the stored answer has no list of agenda items")
    rows = _zoned(reduction.records(content, tuple(MEETING), ("meeting_id",)))
    meetings = tabular.typed(rows, "meetings", source.tables["meetings"])
    rows = reduction.records(content, tuple(ITEM), ("agenda_item_id",), "$.page.items")
    items = tabular.typed(rows, "agenda_items", source.tables["agenda_items"])
    return Parsed({**meetings.tables, **items.tables}, (*meetings.rejects, *items.rejects))


def _zoned(rows: pa.Table) -> pa.Table:
    """Marks times without an offset: read as UTC they would be an hour or two wrong."""
    fault = rows.column(tabular.FAULT)
    for name in ("starts_at", "ends_at"):
        told = pc.match_substring_regex(rows.column(name), r"([+-]\d\d:?\d\d|\D)$")
        bare = pc.invert(pc.fill_null(told, True))
        fault = pc.if_else(bare, f"{name} has no offset from UTC", fault)
    return rows.set_column(rows.column_names.index(tabular.FAULT), tabular.FAULT, fault)
