"""Three CSV files where a server offers them; usually the export comes through the inbox."""

from collections.abc import Iterable

from urbandata.contract import Request, Window
from urbandata.errors import PayloadError
from urbandata.reading import catalogue, sheets
from urbandata.registry import Source
from urbandata.sources.beteiligungsportal.words import BOOK, cleaned


def requests(window: Window, source: Source) -> Iterable[Request]:
    """One request per sheet; a sheet that is not there is no error."""
    for name in BOOK.columns:
        yield Request(resource=f"{name}.csv", path=f"{name}.csv", extension="csv", missing_ok=True)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Known sheets, known columns, allowed values; nothing else is stored."""
    try:
        return sheets.as_json(cleaned(s) for s in sheets.read(content, resource, BOOK))
    except PayloadError as error:
        return catalogue.unreadable(error)
