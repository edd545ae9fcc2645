"""Sheets of the programme to tables; a wrong cell is named by sheet, row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa

from urbandata import tabular
from urbandata.contract import Parsed, Payload, Reject
from urbandata.registry import Source, Table
from urbandata.sources.programme_drop import sheets
from urbandata.sources.programme_drop.sheets import Sheet

GERMAN_DAY = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
GERMAN_MONTH = re.compile(r"^(\d{1,2})[./](\d{4})$")
ISO_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
PLAIN_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
GERMAN_NUMBER = re.compile(r"^-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$")


def parse(payload: Payload, source: Source) -> Parsed:
    """One table per sheet of the file. Raises PayloadError naming what cannot be read."""
    parts = [
        _typed(sheet, source.tables[sheet.name])
        for sheet in sheets.read(payload.content, payload.filename or payload.resource)
    ]
    tables = {name: table for p in parts for name, table in p.tables.items()}
    return Parsed(tables, tuple(r for p in parts for r in p.rejects))


def _typed(sheet: Sheet, table: Table) -> Parsed:
    rows = [
        {c: _plain(row.get(c), spec.type) for c, spec in table.columns.items()}
        for _, row in sheet.rows
    ]
    arrays = {c: pa.array([r[c] for r in rows], pa.string()) for c in table.columns}
    faults = pa.array([_ambiguous(r, table) for r in rows], pa.string())
    places = pa.array([n for n, _ in sheet.rows], pa.int64())
    text = pa.table({**arrays, tabular.FAULT: faults, tabular.ROW: places})
    typed = tabular.typed(text, sheet.name, table)
    return Parsed(typed.tables, tuple(_located(r) for r in typed.rejects))


def _plain(value: str | None, kind: str) -> str | None:
    """German days, months and numbers in the spelling the types expect; others untouched."""
    if value is None:
        return None
    return {"date": _day, "float": _number}.get(kind, str)(value)


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
        if spec.type == "float" and re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", value):
            return f'{column}: "{value}" is ambiguous, write 1234 or 1.234,00'
    return None


def _located(reject: Reject) -> Reject:
    """The reason with its place, as somebody looks for it in the sheet."""
    place = f"sheet {reject.table}, row {reject.row}, column "
    return Reject(reject.table, reject.row, place + reject.reason, reject.record)
