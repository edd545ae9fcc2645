"""Wide monthly files of a counter to one row per channel and clock reading.

``Datetime,100031297 (Promenade),101031297 (Promenade FR Nord),…,100031297-status,…``: the first
channel is the site, the others are its directions. Names in the header change over the months.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

STATUS = re.compile(r"(\d+)\s*[-_ ]\s*status", re.IGNORECASE)
CHANNEL = re.compile(r"(\d+)\s*(?:\(\s*(.*?)\s*\)?)?")
DELIMITER = re.compile(rb'(?i)(?:\xef\xbb\xbf)?"?datetime"?([,;\t])')
CLOCK = "%Y-%m-%d %H:%M"
PLAIN_CLOCK = r"^\d{4}-\d\d-\d\d \d\d:\d\d$"
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
    """Table ``counts``. Rows are numbered cell by cell, line after line."""
    delimiter = DELIMITER.match(payload.content)
    rows = tabular.csv_records(payload.content, delimiter[1].decode() if delimiter else ",")
    found = channels([n for n in rows.column_names if n not in (tabular.FAULT, tabular.ROW)])
    return tabular.typed(
        long(rows, found), "counts", source.tables["counts"], formats={"measured_local": CLOCK}
    )


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


def long(rows: pa.Table, found: list[Channel]) -> pa.Table:
    """All cells as text rows, channel by channel; they are numbered from the first line on."""
    lines, site = rows.num_rows, found[0]
    last = rows.column_names.index(tabular.FAULT) - 1
    fault = pc.if_else(
        pc.is_null(rows.column(last)), "the line is cut off", rows.column(tabular.FAULT)
    )
    clock = _clock(rows.column(0))
    nothing = pa.chunked_array([pa.nulls(lines, pa.string())])
    counts = [rows.column(c.column) for c in found]
    states = [rows.column(c.status) if c.status else nothing for c in found]
    numbers = np.arange(lines) * len(found) + np.arange(1, len(found) + 1)[:, None]
    return pa.table(
        {
            "site_id": _each([site.id] * len(found), lines),
            "site_name": _each([site.name] * len(found), lines),
            "channel_id": _each([c.id for c in found], lines),
            "channel_name": _each([c.name for c in found], lines),
            "measured_local": _chained([clock] * len(found)),
            "count": _chained(counts),
            "status": _chained(states),
            tabular.FAULT: _chained([fault] * len(found)),
            tabular.ROW: pa.array(numbers.ravel()),
        }
    )


def _clock(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Clock readings as ``2024-03-31 01:00``, as almost every file has them."""
    if pc.all(pc.match_substring_regex(texts, PLAIN_CLOCK), min_count=0).as_py():
        return texts
    for written, plain in CLOCKS:
        texts = pc.replace_substring_regex(texts, written, plain)
    return texts


def _each(texts: list[str], times: int) -> pa.DictionaryArray:
    """Each text so many times, kept once."""
    places = np.repeat(np.arange(len(texts), dtype=np.int32), times)
    return pa.DictionaryArray.from_arrays(places, pa.array(texts, pa.string()))


def _chained(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
