"""Sheets of the programme to tables; a wrong cell is named by sheet, row and column."""

from urbandata.contract import Parsed, Payload
from urbandata.reading import sheets
from urbandata.registry import Source
from urbandata.sources.programme_drop.sheets import BOOK


def parse(payload: Payload, source: Source) -> Parsed:
    """One table per sheet of the file. Raises PayloadError naming what cannot be read."""
    return sheets.parsed(payload, source, BOOK)
