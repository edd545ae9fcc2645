"""SMARD answers (JSON) and exports (CSV) to values.

A JSON block says nowhere what it is about; the question or the name of the file does
(``410_50Hertz_hour_1690149600000.json``).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

Strings: TypeAlias = "pa.Array[Any]"

BLOCK = re.compile(r"^(?P<filter>\d+)[/_](?P<region>[^/_]+)[/_](?P<resolution>[a-z]+)[/_]-?\d+$")
EXPORT = re.compile(  # "(1)": saved twice by a browser
    r"^(?P<dataset>\D+?)_\d{4,12}[_-]\d{4,12}_Tag(?:_(?P<region>[^_]+?))?(?: ?\(\d+\))?$"
)
HEADING = re.compile(r"^(?P<quantity>.+?) \[(?P<unit>[^\]]+)\](?P<resolution> .*)?$")
FROM, UNTIL = "Datum von", "Datum bis"
DAY = "%d.%m.%Y"
MILLISECONDS = r"^-?\d{1,13}$"


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``series`` from JSON, ``daily_consumption`` from CSV."""
    if payload.content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return _block(payload, source)
    return _export(payload, source)


def _block(payload: Payload, source: Source) -> Parsed:
    """``{"series": [[ms, value], …]}``; values not known yet are null."""
    name = PurePosixPath(payload.filename).stem if payload.filename else payload.resource
    about = BLOCK.match(name)
    if about is None:
        raise PayloadError(f"'{name}' names no filter, region and resolution")
    rows = tabular.json_records(payload.content, ["stamp=[0]", "value=[1]"], path="$.series")
    stamps = rows.column("stamp").combine_chunks()
    known = pc.fill_null(pc.match_substring_regex(stamps, MILLISECONDS), False)
    instants = pc.if_else(known, stamps, None).cast(pa.int64()).cast(pa.timestamp("ms"))
    iso = pc.strftime(instants, format="%Y-%m-%dT%H:%M:%SZ")
    fault = pc.if_else(known, None, "no instant in milliseconds").cast(pa.string())
    rows = rows.append_column("started_at", iso).append_column(tabular.FAULT, fault)
    rows = tabular.constants(
        rows,
        filter_id=about["filter"],
        region=about["region"],
        resolution=about["resolution"],
    )
    return tabular.typed(rows, "series", source.tables["series"])


def _export(payload: Payload, source: Source) -> Parsed:
    """Daily CSV export: a line per day, a column per quantity."""
    name = PurePosixPath(payload.filename or payload.resource).stem
    about = EXPORT.match(name)
    if about is None:
        raise PayloadError(f"'{name}' is not called like a daily export (…_Tag_50Hertz.csv)")
    lines = tabular.split_records(payload.content, ";")
    headings = [n for n in lines.column_names if n not in (tabular.FAULT, tabular.ROW)]
    if headings[:2] != [FROM, UNTIL] or len(headings) < 3:  # noqa: PLR2004
        raise PayloadError(f"the header does not begin with '{FROM};{UNTIL}' and quantities")
    parts = [_quantity(lines, heading, n, headings) for n, heading in enumerate(headings[2:])]
    rows = pa.concat_tables(parts).sort_by(tabular.ROW)
    rows = tabular.constants(rows, dataset=about["dataset"])
    region = pa.array([about["region"]] * rows.num_rows, pa.string())
    table = source.tables["daily_consumption"]
    return tabular.typed(
        rows.append_column("region", region),
        "daily_consumption",
        table,
        formats={"day": DAY, "next_day": DAY},
        null_markers=("-",),
        decimal_comma=True,
    )


def _quantity(lines: pa.Table, heading: str, number: int, headings: list[str]) -> pa.Table:
    """One column as rows; ``_row`` counts the cells line by line."""
    said = HEADING.match(heading)
    if said is None:
        raise PayloadError(f"'{heading}' names no unit")
    count = lines.num_rows
    line = pc.subtract(lines.column(tabular.ROW).combine_chunks(), 1)
    undated = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(lines.column(FROM)), ""), True)
    fault = pc.if_else(undated, "no day", pc.if_else(_is_longer(lines), "not one day", None))
    fault = pc.coalesce(lines.column(tabular.FAULT), fault)
    return pa.table(
        {
            "day": lines.column(FROM),
            "next_day": lines.column(UNTIL),
            "quantity": pa.array([said["quantity"]] * count, pa.string()),
            "value": lines.column(heading),
            "unit": pa.array([said["unit"]] * count, pa.string()),
            tabular.FAULT: fault.cast(pa.string()),
            tabular.ROW: pc.add(pc.multiply(line, len(headings) - 2), number + 1),
        }
    )


def _is_longer(lines: pa.Table) -> Strings:
    """Lines of exports by week, month or year: their days lie further apart, whatever the name."""
    begin, end = (
        pc.strptime(
            pc.utf8_trim_whitespace(lines.column(c)), format=DAY, unit="s", error_is_null=True
        )
        for c in (FROM, UNTIL)
    )
    return pc.fill_null(pc.not_equal(pc.days_between(begin, end), 1), False)
