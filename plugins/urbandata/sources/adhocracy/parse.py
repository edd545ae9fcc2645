"""Stored answers of adhocracy+ to projects and ideas."""

from __future__ import annotations

import pyarrow as pa

from urbandata.contract import Parsed, Payload
from urbandata.reading import reduction, tabular
from urbandata.registry import Source
from urbandata.sources.adhocracy.fetch import IDEA, KNOWN, PROJECT


def parse(payload: Payload, source: Source) -> Parsed:
    """One table of what the answer lists. Raises PayloadError if it was no list."""
    answer = reduction.kept(payload.content, KNOWN)
    if answer["resource"] == "projects":
        rows = reduction.records(payload.content, tuple(PROJECT), ("project_id",))
        return tabular.typed(rows, "projects", source.tables["projects"])
    rows = reduction.records(payload.content, tuple(IDEA), ("idea_id", "created_at"))
    module = answer["page"].get("module")
    known = str(module) if module is not None else None
    rows = rows.append_column("module_id", pa.array([known] * rows.num_rows, pa.string()))
    return tabular.typed(rows, "ideas", source.tables["ideas"])
