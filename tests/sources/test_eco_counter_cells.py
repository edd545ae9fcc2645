"""Monthly files read in one go say what they say cell by cell, however odd they are."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbandata import registry
from urbandata.contract import Payload
from urbandata.reading import casting, tabular
from urbandata.sources.eco_counter.parse import CLOCK, CLOCKS, channels, parse

SOURCE = registry.source("eco_counter")
COLUMNS = SOURCE.tables["counts"].columns
HEADS = (
    ("Datetime", "1 (Platz)", "2 (FR Süd)", "1-status", "2-status"),
    ("Datetime", "1 (Platz)", "2 (FR Süd)", "2-status"),
    ("datetime", "2-status", "7", "2 (Max)"),
    ("Datetime", "1 (Platz)"),
)
USUAL = ("2025-03-01 00:00", ("5", "", "0", "12"))
CELLS = ["", " ", "5", " 5", "5 ", "\t5", "\u00a05", "18.0", "18.5", "1.000", "-3", "+5", "007"]
CELLS += ["zwei", "0x1F", "1e3", "NA", "99999999999999999999", '"5"', "--"]
TIMES = ["2025-03-01 00:15", "2025-03-01T00:15", "2025-03-01 00:15:00", "2025-03-01 00:15:30"]
TIMES += [
    "01.03.2025 00:15",
    "01.03.2025 00:15:00",
    "1.3.2025 00:15",
    " 2025-03-01 00:15 ",
    "\u00a0",
]
TIMES += ["2025-02-30 00:15", "2025-03-01", "25-03-01 00:15", "", "später", '"2025-03-01 00:15"']
LINES = st.just(USUAL) | st.tuples(
    st.sampled_from(TIMES), st.lists(st.sampled_from(CELLS), max_size=6)
)


def content_of(head, lines, delimiter=",", end="\n", start=""):
    """A file in which usual lines have as many cells as its header."""
    cells = [(t, *c[: len(head) - 1]) if (t, c) == USUAL else (t, *c) for t, c in lines]
    return (start + end.join(map(delimiter.join, [head, *cells])) + end).encode()


def read(content):
    parsed = parse(Payload(content, "x", "csv", datetime(2025, 9, 15, tzinfo=UTC), "real"), SOURCE)
    assert {r.table for r in parsed.rejects} <= {"counts"}
    return parsed.tables["counts"].to_pylist(), [(r.row, r.reason) for r in parsed.rejects]


def read_plainly(content):
    """The same line by line by Python's reader, and value by value with DuckDB."""
    text = tabular.decode(content)
    delimiter = text.removeprefix("\ufeff")[len("Datetime")]
    head, *lines = [r for r in csv.reader(text.splitlines(), delimiter=delimiter) if r]
    cells = [cell for line in lines for cell in cells_of(head, line)]
    table = pa.Table.from_pylist(cells, pa.schema([(c, pa.string()) for c in (*COLUMNS, "_fault")]))
    formats = {"measured_local": CLOCK}
    casts = {
        c: (casting.sql(c, spec, formats.get(c), False), spec.type) for c, spec in COLUMNS.items()
    }
    with tabular.in_memory() as session:
        found = casting.closely(session, table, casts).to_pylist()
    rows = [{**cell, "_row": number} for number, cell in enumerate(found, start=1)]
    faults = [(r["_row"], fault) for r in rows if (fault := r["fault"])]
    return [{c: r[c] for c in (*COLUMNS, "_row")} for r in rows if not r["fault"]], faults


def cells_of(head, line):
    fault = f"{len(line)} fields, the header has {len(head)}" if len(line) > len(head) else None
    fault = "the line is cut off" if len(line) < len(head) else fault
    values = dict(zip(head, line, strict=False))
    at = line[0]
    for written, plain in CLOCKS:
        at = re.sub(written, plain, at, flags=re.ASCII)
    for place, channel in enumerate(channels(head), start=1):
        cell = {
            "channel": str(place),
            "measured_local": at,
            "count": values.get(channel.column),
            "status": values.get(channel.status),
        }
        trimmed = {c: (v or "").strip(casting.SPACES) or None for c, v in cell.items()}
        yield {**trimmed, "_fault": fault}


@given(
    st.sampled_from(HEADS),
    st.lists(LINES, max_size=5),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    st.sampled_from(["", "\ufeff"]),
)
def test_odd_files_are_read_as_cell_by_cell(head, lines, delimiter, end, start):
    content = content_of(head, lines, delimiter, end, start)
    assert read(content) == read_plainly(content)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(
    "line", [(t, USUAL[1]) for t in TIMES] + [(USUAL[0], (c, "3", "0", "0")) for c in CELLS]
)
def test_one_odd_line_is_read_as_cell_by_cell(head, line):
    cut = (line[0], line[1][: len(head) - 1])
    content = content_of(head, [USUAL, cut, (USUAL[0], ["1"]), (USUAL[0], ["1"] * 9), USUAL])
    usual = content_of(head, [USUAL, cut, USUAL])
    assert read(content) == read_plainly(content)
    assert read(usual) == read_plainly(usual)


def test_a_usual_file_needs_no_closer_look(monkeypatch):
    monkeypatch.setattr(casting, "closely", None)
    monkeypatch.setattr(tabular.csv_lines, "columns", None)
    rows, faults = read(content_of(HEADS[0], [USUAL] * 2))
    assert not faults
    assert [(r["channel"], r["count"], r["status"]) for r in rows] == [
        (1, 5, 0), (2, None, 12), (1, 5, 0), (2, None, 12),
    ]  # fmt: skip
