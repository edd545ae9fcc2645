"""Deliveries to rows by the column mappings in source.yml: one entry per delivery format.

A sheet belongs to the first format whose columns it all has, in capitals or not. A sheet of no
known format is an error by name: a new supplier needs a mapping, not a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import casting, tabular
from urbandata.registry import Source, Table
from urbandata.sources.zeb.sheets import sheets

YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
# A spreadsheet turned "4/13" (April 2013) into a day of the year in which it was opened.
EXCEL_DATE = r"^\d{4}-\d\d-\d\d 00:00:00$"
GERMAN_DAY = r"^\s*(\d{1,2})\.(\d{1,2})\.(\d{4})\s*$"
COMMA = r"^[+-]?[\d.]*,\d*$"
NULLS = ("", "NA", "null", "None")


def parse(payload: Payload, source: Source) -> Parsed:
    """All tables of a delivery. Raises PayloadError if a sheet is of no known format."""
    name = payload.filename or payload.resource
    found = list(sheets(payload.content, name))
    if not found:
        raise PayloadError("the delivery is empty")
    tables: dict[str, list[pa.Table]] = {}
    rejects: list[Reject] = []
    first: dict[str, int] = {}
    for title, rows in found:
        layout = layout_of(title, rows.column_names, source.options["formats"])
        parsed = _sheet(rows, layout, name, source)
        table = layout["table"]
        offset = first.get(table, 0)
        tables.setdefault(table, []).append(_moved(parsed.tables[table], offset))
        rejects += [Reject(r.table, r.row + offset, r.reason, r.record) for r in parsed.rejects]
        lines = rows.column(tabular.ROW)
        first[table] = offset + (pc.max(lines).as_py() or 0)
    merged = {name: pa.concat_tables(parts) for name, parts in tables.items()}
    return Parsed(merged, tuple(rejects))


def layout_of(
    title: str, columns: list[str], formats: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """The format of a sheet by its columns. Raises PayloadError naming what it has instead."""
    for layout in formats.values():
        if set(map(str.lower, layout["columns"])) <= set(map(str.lower, columns)):
            return layout
    shown = ", ".join(c for c in columns if not c.startswith("_"))[:300]
    raise PayloadError(
        f"{PurePosixPath(title).name}: no format in source.yml has the columns {shown}"
    )


def _sheet(rows: pa.Table, layout: Mapping[str, Any], name: str, source: Source) -> Parsed:
    table = layout["table"]
    rows = _as_known(rows, [*layout["columns"], *layout.get("optional", {})])
    optional = {k: v for k, v in layout.get("optional", {}).items() if k in rows.column_names}
    text = tabular.renamed(rows, {**layout["columns"], **optional})
    text = tabular.constants(text, **layout.get("constants", {}))
    if "year_from_name" in layout:
        year = YEAR.search(PurePosixPath(name).name)
        if year is None:
            raise PayloadError(f"{name}: the file name has to say the year")
        text = tabular.constants(text, **{layout["year_from_name"]: year[0]})
    if layout.get("city_from_name"):
        text = tabular.constants(text, city=PurePosixPath(name).stem)
    if "month_year" in layout:
        damaged = pc.match_substring_regex(text.column(layout["month_year"]), EXCEL_DATE)
        text = text.append_column("is_date_damaged", damaged.cast(pa.string()))
    spec = source.tables[table]
    comma = bool(layout.get("decimal_comma")) and _has_decimal_comma(text, spec)
    return tabular.typed(
        _iso_days(text, spec), table, spec, null_markers=NULLS, decimal_comma=comma
    )


def _as_known(rows: pa.Table, names: list[str]) -> pa.Table:
    """Columns spelt as in the format; where case alone tells two apart, the exact one counts."""
    missing = {n.lower(): n for n in names if n not in rows.column_names}
    return rows.rename_columns([missing.pop(c.lower(), c) for c in rows.column_names])


def _has_decimal_comma(text: pa.Table, table: Table) -> bool:
    """Whether a sheet writes ``1.234,5``: spreadsheets and other programs write points.

    Raises PayloadError if the numbers do not tell.
    """
    floats = [c for c, spec in table.columns.items() if spec.type == "float"]
    cells = [text.column(c).cast(pa.string()) for c in floats if c in text.column_names]
    values = pa.chunked_array([k for c in cells for k in c.drop_null().chunks], pa.string())
    values = casting.trimmed(values, [])
    if pc.any(pc.match_substring_regex(values, COMMA)).as_py():
        return True
    pointed = values.filter(pc.match_substring(values, "."))
    if len(pointed) and pc.all(pc.match_substring_regex(pointed, casting.GROUPED)).as_py():
        raise PayloadError(
            "numbers like 1.234 may be thousands or decimals; the sheet does not say"
        )
    return False


def _iso_days(text: pa.Table, table: Table) -> pa.Table:
    """Days of ``06.09.2021`` as ``2021-09-06``; spreadsheets have them so already."""
    for name, spec in table.columns.items():
        if spec.type == "date" and name in text.column_names:
            days = pc.replace_substring_regex(text.column(name), GERMAN_DAY, r"\3-\2-\1")
            text = text.set_column(text.column_names.index(name), name, days)
    return text


def _moved(rows: pa.Table, offset: int) -> pa.Table:
    """Rows numbered behind those of the sheets before."""
    place = rows.column_names.index(tabular.ROW)
    return rows.set_column(place, tabular.ROW, pc.add(rows.column(place), offset))
