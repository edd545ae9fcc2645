"""Results of link checks (JSON lines) to rows."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

FIELDS = ("url", "method", "status", "error", "checked_at")


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``checks``. Raises PayloadError if a line is no JSON."""
    lines = [line for line in tabular.decode(payload.content).split("\n") if line.strip()]
    if not lines:
        raise PayloadError("the file is empty")
    for number, line in enumerate(lines, start=1):
        try:
            json.loads(line)
        except (ValueError, RecursionError) as error:
            raise PayloadError(f"line {number} is no JSON: {error}") from error
    rows = tabular.json_records(f"[{','.join(lines)}]".encode("utf-8", "replace"), FIELDS)
    lacking = pc.or_(pc.is_null(rows.column("url")), pc.is_null(rows.column("checked_at")))
    fault = pc.if_else(lacking, "no address or no time", None).cast(pa.string())
    rows = rows.append_column(tabular.FAULT, fault)
    return tabular.typed(rows, "checks", source.tables["checks"])
