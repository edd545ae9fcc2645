"""Wide monthly files of a counter to their channels, and a row per channel and clock reading.

``Datetime,100031297 (Promenade),101031297 (Promenade FR Nord),…,100031297-status,…``: the first
channel is the site, the others are its directions. Names in the header change over the months.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import casting, tabular
from urbandata.registry import Source

STATUS = re.compile(r"(\d+)\s*[-_ ]\s*status", re.IGNORECASE)
CHANNEL = re.compile(r"(\d+)\s*(?:\(\s*(.*?)\s*\)?)?")
COUNTED = re.compile(r"\d")  # channels and their status: columns of whole numbers
DELIMITER = re.compile(rb'(?i)(?:\xef\xbb\xbf)?"?datetime"?([,;\t])')
CLOCK = "%Y-%m-%d %H:%M"
CLOCKS = (  # what spreadsheets and other programs make of it: seconds, a T, the German day
    (r"^\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::00(?:\.0+)?)?\s*$", r"\1 \2"),
    (r"^\s*(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d)(?::00)?\s*$", r"\3-\2-\1 \4"),
)


@dataclass(frozen=True, slots=True)
class Channel:
    """One counted channel: its column, and the column of its status if there is one."""

    id: str
    name: str
    column: str
    status: str | None


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``channels`` and ``counts``. Counts are numbered cell by cell, line after line."""
    delimiter = DELIMITER.match(payload.content)
    rows = tabular.csv_records(
        payload.content, delimiter[1].decode() if delimiter else ",", integers=COUNTED
    )
    found = channels([n for n in rows.column_names if n not in (tabular.FAULT, tabular.ROW)])
    counts = tabular.typed(
        long(rows, found), "counts", source.tables["counts"], formats={"measured_local": CLOCK}
    )
    described = tabular.from_rows(descriptions(found), source.tables["channels"])
    return Parsed({"channels": described, **counts.tables}, counts.rejects)


def channels(header: list[str]) -> list[Channel]:
    """Channels in the order of the header. Raises PayloadError if it is another kind of file."""
    if not header or header[0].lower() != "datetime":
        raise PayloadError(f"the first column is not Datetime: {header[:1]}")
    status: dict[str, str] = {}
    counted: dict[str, tuple[str, str]] = {}
    for column in header[1:]:
        if match := STATUS.fullmatch(column):
            status[match[1]] = column
        elif match := CHANNEL.fullmatch(column):
            if match[1] in counted:
                raise PayloadError(f"channel {match[1]} has two columns")
            counted[match[1]] = (match[2] or "", column)
        else:
            raise PayloadError(f"column {column[:80]!r} is neither a channel nor its status")
    if not counted:
        raise PayloadError("no channel in the header")
    if stray := sorted(set(status) - set(counted)):
        raise PayloadError(f"status without a channel: {', '.join(stray)}")
    return [Channel(i, name, column, status.get(i)) for i, (name, column) in counted.items()]


def descriptions(found: Sequence[Channel]) -> list[dict[str, Any]]:
    """Rows of the table ``channels``; the site is the first of them."""
    site = found[0]
    return [
        {
            "channel": place,
            "site_id": site.id,
            "site_name": site.name or None,
            "channel_id": channel.id,
            "channel_name": channel.name or None,
            tabular.ROW: place,
        }
        for place, channel in enumerate(found, start=1)
    ]


def long(rows: pa.Table, found: Sequence[Channel]) -> pa.Table:
    """All cells as rows, line after line; clock readings and channels are kept once."""
    lines, width = rows.num_rows, len(found)
    cells = np.arange(lines * width, dtype=np.int32)
    line, place = cells // width, cells % width
    by_line = place * lines + line  # where a cell stands in the columns one after the other
    counts = [rows.column(c.column) for c in found]
    nothing = pa.chunked_array([pa.nulls(lines, counts[0].type)])
    states = [rows.column(c.status) if c.status else nothing for c in found]
    clock = _clock(rows.column(0)).combine_chunks()
    return pa.table(
        {
            "channel": place.astype(np.int64) + 1,
            "measured_local": pa.DictionaryArray.from_arrays(line, clock),
            "count": _chained(counts).take(by_line),
            "status": _chained(states).take(by_line),
            tabular.FAULT: _faults(rows).take(line),
            tabular.ROW: cells.astype(np.int64) + 1,
        }
    )


def _clock(texts: casting.Column) -> casting.Column:
    """Clock readings; if one is unusual all as text, those of other programs as ``CLOCK``."""
    read = casting.cast(texts, "datetime", CLOCK, decimal_comma=False, null_markers=("",))
    if read is not None:
        return read
    for written, plain in CLOCKS:
        texts = pc.replace_substring_regex(texts, written, plain)
    return texts


def _faults(rows: pa.Table) -> casting.Column:
    """What is wrong with each line; whole numbers come of whole lines, and null is a blank."""
    place = rows.column_names.index(tabular.FAULT)
    last, faults = rows.column(place - 1), rows.column(place)
    if not pa.types.is_string(last.type):
        return faults
    return pc.if_else(pc.is_null(last), "the line is cut off", faults)


def _chained(columns: Sequence[casting.Column]) -> pa.Array:
    chunks = [chunk for column in columns for chunk in column.chunks]
    return pa.chunked_array(chunks, columns[0].type).combine_chunks()
