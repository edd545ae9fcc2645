"""Monthly files of the Saxon network: wide lines with changing columns to one row per value.

The second line holds the units. Lines with an empty ``Zeit`` are daily means and stand between
the hourly ones. A record is one filled cell; empty cells and ``NaN`` are no records, so a gap is
an hour without rows. A torn line counts as one record, because its cells cannot be told apart.
``_row`` counts the cells of the file, line by line, and is thus unique; reasons name line and
column.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

TABLE = "measurements"
KEYS = ("Datum", "Zeit")
NULL_MARKERS = ("NaN", "n. def.")
MIN_ZEROS = 4  # a line of so many values and all of them zero was not measured


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``measurements``, one row per filled cell."""
    content, names, broken = _whole_lines(payload.content)
    lines = tabular.csv_records(content)
    units, lines = _units(lines)
    cells = _cells(lines, names, units)
    cells, zeros = _without_zero_lines(cells, names)
    station = station_name(payload.filename or payload.resource)
    code = station_code(station, source)
    cells = tabular.constants(cells, station=station)
    cells = cells.append_column("station_code", pa.array([code] * cells.num_rows, pa.string()))
    typed = tabular.typed(cells, TABLE, source.tables[TABLE], formats={"date": "%Y-%m-%d"})
    faults = [_located(r, names) for r in typed.rejects]
    rejects = sorted((*broken, *zeros, *faults), key=lambda r: r.row)
    return Parsed(typed.tables, tuple(rejects))


def station_name(path: str) -> str:
    """Name of the station in ``Dresden-Nord-2013-06.csv`` or ``joint/2013/06/Dresden-Nord.csv``."""
    name = unicodedata.normalize("NFC", PurePosixPath(path).name)
    return re.sub(r"(-\d{4}-\d{2})?(\.csv)?$", "", name, count=1, flags=re.IGNORECASE)


def station_code(station: str, source: Source) -> str | None:
    """European code of the station; ``-str``, ``-str.`` and ``-straße`` are the same name."""
    codes = {_plain(name): code for name, code in source.options["stations"].items()}
    return codes.get(_plain(station))


def _plain(name: str) -> str:
    return name.rstrip(".").lower().replace("straße", "str").replace("strasse", "str")


def _whole_lines(content: bytes) -> tuple[bytes, list[str], list[Reject]]:
    """Content without lines that were cut or torn (blank instead, so numbers stay), and headings.

    Raises PayloadError if the first line is no heading of such a file.
    """
    lines = tabular.decode(content).replace("\r\n", "\n").split("\n")
    names = [n.strip() for n in lines[0].split(",")]
    if tuple(names[:2]) != KEYS or len(set(names)) != len(names) or len(names) <= len(KEYS):
        raise PayloadError(f"the first line is no heading 'Datum,Zeit,…': {lines[0][:100]!r}")
    rejects = []
    for number, line in enumerate(lines, start=1):
        found = line.count(",") + 1
        if line and found != len(names):
            reason = f"line {number} has {found} fields, the heading {len(names)}"
            rejects.append(Reject(TABLE, (number - 1) * len(names) + 1, reason, line[:500]))
            lines[number - 1] = ""
    return "\n".join(lines).encode(), names, rejects


def _units(lines: pa.Table) -> tuple[dict[str, str], pa.Table]:
    """Unit by column from the second line, and the lines after it."""
    if lines.num_rows == 0 or lines.column("Datum")[0].as_py() != "yyyy-mm-dd":
        raise PayloadError("the second line does not hold the units ('yyyy-mm-dd,hh:mm,…')")
    return lines.slice(0, 1).to_pylist()[0], lines.slice(1)


def _cells(lines: pa.Table, names: list[str], units: dict[str, str]) -> pa.Table:
    """Filled cells of all component columns, in the order of the file."""
    parts = [
        _column(lines, names, place, units[name])
        for place, name in enumerate(names)
        if name not in KEYS
    ]
    return pa.concat_tables(parts).sort_by(tabular.ROW)


def _column(lines: pa.Table, names: list[str], place: int, unit: str) -> pa.Table:
    """Filled cells of one column as text."""
    value, time = _trimmed(lines, names[place]), _trimmed(lines, "Zeit")
    line = lines.column(tabular.ROW).combine_chunks()
    cells = pa.table(
        {
            "date": lines.column("Datum").combine_chunks(),
            "time": time,
            "component": pa.array([names[place]] * lines.num_rows, pa.string()),
            "value": value,
            "unit": pa.array([unit] * lines.num_rows, pa.string()),
            "averaging": pc.if_else(pc.equal(time, pa.scalar("")), "day", "hour"),
            "line": line.cast(pa.string()),
            tabular.ROW: pc.add(pc.multiply(pc.subtract(line, 1), len(names)), place + 1),
        }
    )
    empty = pc.is_in(value, value_set=pa.array(["", *NULL_MARKERS]))
    return cells.filter(pc.invert(empty))


def _trimmed(lines: pa.Table, name: str) -> pa.Array[Any]:
    return pc.utf8_trim_whitespace(lines.column(name).combine_chunks())


def _without_zero_lines(cells: pa.Table, names: list[str]) -> tuple[pa.Table, list[Reject]]:
    """Cells of lines that hold a measurement, and those of failed transfers.

    Seen in March 2019: one hour with 0 in every column of every station, air pressure included.
    """
    zero = pc.match_substring_regex(cells.column("value"), r"^-?0*\.?0*$")
    marked = cells.select(["line"]).append_column("zero", zero.cast(pa.int64()))
    counts = marked.group_by("line").aggregate([("zero", "min"), ("zero", "count")])
    failed = pc.and_(
        pc.equal(counts["zero_min"], pa.scalar(1)),
        pc.greater_equal(counts["zero_count"], pa.scalar(MIN_ZEROS)),
    )
    bad = pc.is_in(cells.column("line"), value_set=counts["line"].filter(failed).combine_chunks())
    reason = "every value of the line is zero, a failed transfer"
    rejects = [
        _located(Reject(TABLE, cell[tabular.ROW], reason, _text(cell)), names)
        for cell in cells.filter(bad).to_pylist()
    ]
    return cells.filter(pc.invert(bad)), rejects


def _text(cell: dict[str, object]) -> str:
    return ", ".join(f"{k}={v}" for k, v in cell.items() if k != tabular.ROW and v)


def _located(reject: Reject, names: list[str]) -> Reject:
    """The reject with line and column in its reason."""
    line, place = divmod(reject.row - 1, len(names))
    return replace(reject, reason=f"line {line + 1}, column {names[place]}: {reject.reason}")
