"""Sheets of the portal's export to tables; a wrong cell is named by sheet, row and column."""

from __future__ import annotations

from urbandata.contract import Parsed, Payload, Reject
from urbandata.reading import sheets
from urbandata.reading.sheets import Sheet
from urbandata.registry import Source
from urbandata.sources.beteiligungsportal.words import BOOK, UNFIT, allowed, cleaned


def parse(payload: Payload, source: Source) -> Parsed:
    """One table per sheet of the file. Raises PayloadError naming what cannot be read."""
    found = sheets.read(payload.content, payload.filename or payload.resource, BOOK)
    parts = [_typed(cleaned(sheet), source) for sheet in found]
    tables = {name: table for p in parts for name, table in p.tables.items()}
    return Parsed(tables, tuple(r for p in parts for r in p.rejects))


def _typed(sheet: Sheet, source: Source) -> Parsed:
    """Typed rows; those with a removed value are rejects that say what the cell may hold."""
    rejects, kept = [], []
    for number, row in sheet.rows:
        unfit = [c for c, v in row.items() if v == UNFIT]
        if unfit:
            said = "; ".join(f"column {c}: not stored, it has to be {allowed(c)}" for c in unfit)
            shown = ", ".join(f"{c}={v}" for c, v in row.items() if v not in (None, UNFIT))
            reason = f"sheet {sheet.name}, row {number}, {said}"
            rejects.append(Reject(sheet.name, number, reason, shown))
        else:
            kept.append((number, row))
    typed = sheets.typed(Sheet(sheet.name, tuple(kept)), source.tables[sheet.name])
    together = sorted([*rejects, *typed.rejects], key=lambda r: r.row)
    return Parsed(typed.tables, tuple(together))
