"""Sheets that offices fill in, whatever spreadsheet program saved them.

A sheet is known by its name or its columns, English or German. Only known sheets and columns
are read; everything else (names in a remarks column, the author in a workbook's properties)
never leaves this module. A wrong cell is named by sheet, row and column.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
from lxml import etree

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import BROKEN_ARCHIVE, PayloadError
from urbandata.reading import catalogue, csv_lines, tabular
from urbandata.registry import Source, Table

ZIP_START = b"PK\x03\x04"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # what Excel calls Unicode text
MAX_ROWS = 100_000
GERMAN_DAY = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
GERMAN_MONTH = re.compile(r"^(\d{1,2})[./](\d{4})$")
ISO_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
PLAIN_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
GERMAN_NUMBER = re.compile(r"^-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$")
BROKEN = (  # what openpyxl lets through of a damaged workbook
    *BROKEN_ARCHIVE,
    *(ElementTree.ParseError, etree.XMLSyntaxError, TypeError, AttributeError),
)


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a template: columns by sheet, ``sheet.column`` that may be absent, and the
    German name of every sheet and column."""

    columns: Mapping[str, tuple[str, ...]]
    optional: frozenset[str]
    german: Mapping[str, str]

    def name(self, cell: Any) -> str:
        """Name of a column or sheet: lower case, German names in English."""
        text = re.sub(r"[\s_]+", " ", str(cell or "").strip().lower())
        return self.german.get(text, text.replace(" ", "_"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one known sheet as text; ``rows`` carry their number in the file."""

    name: str
    rows: tuple[tuple[int, Mapping[str, str | None]], ...]


def read(content: bytes, filename: str, book: Book) -> list[Sheet]:
    """Known sheets of a CSV, a workbook or what ``as_json`` left. Raises PayloadError."""
    catalogue.assert_readable(content)
    if content.startswith(ZIP_START):
        return _workbook(content, book)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _kept(content, book)
    return [_text(content, filename, book)]


def stripped(content: bytes, filename: str, book: Book) -> bytes:
    """Known sheets and columns only. A CSV without others is kept as it came."""
    try:
        found = read(content, filename, book)
        is_text = not content.startswith((ZIP_START, b"{", *UTF_16))
        if is_text and has_only_known_columns(content, book):
            text = content.decode("utf-8", "replace")
            return content if catalogue.scrubbed(text) == text else as_json(found)
        return as_json(found)
    except PayloadError as error:
        return catalogue.unreadable(error)


def parsed(payload: Payload, source: Source, book: Book) -> Parsed:
    """One table per sheet of the file. Raises PayloadError naming what cannot be read."""
    found = read(payload.content, payload.filename or payload.resource, book)
    parts = [typed(sheet, source.tables[sheet.name]) for sheet in found]
    tables = {name: table for p in parts for name, table in p.tables.items()}
    return Parsed(tables, tuple(r for p in parts for r in p.rejects))


def as_json(sheets: Iterable[Sheet]) -> bytes:
    """Known columns of known sheets, the same bytes for the same cells."""
    kept = {s.name: [[number, dict(row)] for number, row in s.rows] for s in sheets}
    return catalogue.scrubbed(json.dumps({"sheets": kept}, ensure_ascii=False)).encode()


def has_only_known_columns(content: bytes, book: Book) -> bool:
    """Whether a CSV can be kept as it came."""
    head = next(iter(_lines(content)), (0, []))[1]
    return all(book.name(cell) in {c for cs in book.columns.values() for c in cs} for cell in head)


def _text(content: bytes, filename: str, book: Book) -> Sheet:
    lines = _lines(content)
    if not lines:
        raise PayloadError("the file is empty")
    head = [book.name(cell) for cell in lines[0][1]]
    stem = book.name(PurePosixPath(filename).stem)
    name = stem if stem in book.columns else _best(head, book)
    return _sheet(name, head, lines[1:], book)


def _lines(content: bytes) -> list[tuple[int, Sequence[Any]]]:
    """Filled lines with their numbers; the header tells comma from semicolon."""
    known = ("utf-16",) if content.startswith(UTF_16) else tabular.ENCODINGS
    text = tabular.decode(content, known).replace("\r\n", "\n").replace("\r", "\n")
    head = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(text.split("\n"), delimiter=delimiter)
    try:
        csv_lines.assert_closed(text, delimiter)
        return [(reader.line_num, row) for row in reader if any(c.strip() for c in row)]
    except csv.Error as error:
        raise PayloadError(f"no CSV: {error}") from error


def _best(head: Sequence[str], book: Book) -> str:
    """The sheet with most of these columns. Raises PayloadError if none fits."""
    fits = {name: len(set(head) & set(columns)) for name, columns in book.columns.items()}
    name = max(fits, key=lambda n: fits[n] / len(book.columns[n]))
    if fits[name] < 2:  # noqa: PLR2004 - one column alone says nothing
        raise PayloadError(f"no known sheet; its columns are: {', '.join(map(str, head))[:200]}")
    return name


def _workbook(content: bytes, book: Book) -> list[Sheet]:
    import openpyxl

    try:
        opened = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        cells = {
            s.title: list(s.iter_rows(values_only=True, max_row=MAX_ROWS))
            for s in opened.worksheets
        }
    except BROKEN as error:
        raise PayloadError(f"the workbook cannot be opened: {error}") from error
    found = []
    for title, rows in cells.items():
        if book.name(title) not in book.columns:
            continue
        filled = [
            (n, r) for n, r in enumerate(rows, start=1) if any(c not in (None, "") for c in r)
        ]
        if filled:
            head = [book.name(c) for c in filled[0][1]]
            found.append(_sheet(book.name(title), head, filled[1:], book))
    if not found:
        names = ", ".join(cells) or "none"
        raise PayloadError(f"no known sheet ({', '.join(book.columns)}); found: {names}")
    return found


def _sheet(
    name: str, head: Sequence[str], lines: Iterable[tuple[int, Sequence[Any]]], book: Book
) -> Sheet:
    """Known columns of the lines. Raises PayloadError: what the sheet lacks or repeats."""
    required = [c for c in book.columns[name] if f"{name}.{c}" not in book.optional]
    missing = [c for c in required if c not in head]
    if missing:
        found = ", ".join(c for c in head if c)[:200]
        raise PayloadError(f"sheet {name}: column {', '.join(missing)} is missing; found: {found}")
    if repeated := [c for c in book.columns[name] if head.count(c) > 1]:
        raise PayloadError(f"sheet {name}: two columns of the same name: {', '.join(repeated)}")
    places = {c: head.index(c) if c in head else len(head) for c in book.columns[name]}
    rows = (
        (
            number,
            {
                c: _cell(line[i]) if i < min(len(line), len(head)) else None
                for c, i in places.items()
            },
        )
        for number, line in lines
    )
    return Sheet(name, tuple(rows))


def _kept(content: bytes, book: Book) -> list[Sheet]:
    """What ``as_json`` has left of a file."""
    answer = catalogue.json_answer(content)
    kept = answer.get("sheets") if isinstance(answer, dict) else None
    if not isinstance(kept, dict) or not kept.keys() <= book.columns.keys():
        raise PayloadError(f"JSON without the sheets {', '.join(book.columns)}")
    try:
        return [
            Sheet(
                name,
                tuple(
                    (int(n), {c: _cell(row.get(c)) for c in book.columns[name]}) for n, row in rows
                ),
            )
            for name, rows in kept.items()
        ]
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise PayloadError(f"JSON with broken rows: {error}") from error


def _cell(value: Any) -> str | None:
    """A cell as text; dates and times of a workbook in ISO form."""
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if value.time().isoformat() == "00:00:00"
            else value.isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return catalogue.text(value)
    return repr(round(value, 6))


def typed(sheet: Sheet, table: Table) -> Parsed:
    """Cells cast to the declared types; German days, months and numbers are understood."""
    rows = [
        {c: _plain(row.get(c), spec.type) for c, spec in table.columns.items()}
        for _, row in sheet.rows
    ]
    arrays = {c: pa.array([r[c] for r in rows], pa.string()) for c in table.columns}
    faults = pa.array([_ambiguous(r, table) for r in rows], pa.string())
    places = pa.array([n for n, _ in sheet.rows], pa.int64())
    text = pa.table({**arrays, tabular.FAULT: faults, tabular.ROW: places})
    found = tabular.typed(text, sheet.name, table)
    return Parsed(found.tables, tuple(_located(r) for r in found.rejects))


def _plain(value: str | None, kind: str) -> str | None:
    """German days, months and numbers in the spelling the types expect; others untouched."""
    if value is None:
        return None
    return {"date": _day, "float": _number, "int": _number}.get(kind, str)(value)


def _day(value: str) -> str:
    if day := GERMAN_DAY.match(value):
        return f"{day[3]}-{int(day[2]):02d}-{int(day[1]):02d}"
    if month := GERMAN_MONTH.match(value):
        return f"{month[2]}-{int(month[1]):02d}-01"
    return f"{value}-01" if ISO_MONTH.match(value) else value


def _number(value: str) -> str:
    number = value.replace("€", "").replace("%", "").replace("\u00a0", "").strip()
    if GERMAN_NUMBER.match(number) and not PLAIN_NUMBER.match(number):
        return number.replace(".", "").replace(",", ".")
    return number


def _ambiguous(row: Mapping[str, str | None], table: Table) -> str | None:
    """Reason if a number could mean two things: 1.234 is 1234 in German, 1.234 in a workbook."""
    for column, spec in table.columns.items():
        value = row[column] or ""
        if spec.type in ("float", "int") and re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", value):
            return f'{column}: "{value}" is ambiguous, write 1234 or 1.234,00'
    return None


def _located(reject: Reject) -> Reject:
    """The reason with its place, as somebody looks for it in the sheet."""
    place = f"sheet {reject.table}, row {reject.row}, column "
    return Reject(reject.table, reject.row, place + reject.reason, reject.record)
