"""Headerless radar records: ``24.10.16 08:37:29;00;032;01;0``."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

COLUMNS = ("passed_local", "channel", "speed_kmh", "length", "direction")
FIRST = re.compile(r"\s*\d\d\.\d\d\.(?:20)?\d\d \d\d:\d\d:\d\d;")
CENTURY = r"^(\s*\d\d\.\d\d\.)20(\d\d )"
CLOCK = "%d.%m.%y %H:%M:%S"


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``vehicles``. Raises PayloadError if the file is of another kind."""
    rows = tabular.csv_records(payload.content, delimiter=";", header=False)
    columns = [n for n in rows.column_names if n not in (tabular.FAULT, tabular.ROW)]
    first = rows.column(0)[0].as_py() or ""
    if len(columns) != len(COLUMNS) or not FIRST.match(f"{first};"):
        raise PayloadError(f"no radar records: the first line begins with {first[:40]!r}")
    rows = tabular.renamed(rows, dict(zip(columns, COLUMNS, strict=True)))
    clock = pc.replace_substring_regex(rows.column(0), CENTURY, r"\1\2")
    rows = rows.set_column(0, COLUMNS[0], clock)
    cut = pc.is_null(rows.column(COLUMNS[-1]))
    fault = pc.if_else(cut, "the line is cut off", rows.column(tabular.FAULT))
    rows = rows.set_column(rows.column_names.index(tabular.FAULT), tabular.FAULT, fault)
    site = PurePosixPath(payload.filename).stem or payload.resource.partition("/")[0]
    rows = rows.append_column("site", pa.array([site] * rows.num_rows, pa.string()))
    return tabular.typed(
        rows, "vehicles", source.tables["vehicles"], formats={"passed_local": CLOCK}
    )
