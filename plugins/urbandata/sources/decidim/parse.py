"""Stored answers of Decidim to processes and contributions."""

from __future__ import annotations

import pyarrow as pa

from urbandata.contract import Parsed, Payload
from urbandata.reading import reduction, tabular
from urbandata.registry import Source
from urbandata.sources.decidim.fetch import KNOWN, PROCESS, PROPOSAL


def parse(payload: Payload, source: Source) -> Parsed:
    """One table of what the answer lists. Raises PayloadError if it was an error."""
    answer = reduction.kept(payload.content, KNOWN)
    if answer["resource"] == "processes":
        rows = reduction.records(payload.content, tuple(PROCESS), ("process_id",))
        return tabular.typed(rows, "processes", source.tables["processes"])
    rows = reduction.records(payload.content, tuple(PROPOSAL), ("external_id", "created_at"))
    process = answer["page"].get("process")
    known = str(process) if process is not None else None
    rows = rows.append_column("process_id", pa.array([known] * rows.num_rows, pa.string()))
    return tabular.typed(rows, "contributions", source.tables["contributions"])
