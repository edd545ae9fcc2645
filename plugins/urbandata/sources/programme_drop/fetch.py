"""One CSV file per sheet where a server offers them; usually they come through the inbox."""

from collections.abc import Iterable

from urbandata.contract import Request, Window
from urbandata.reading import sheets
from urbandata.registry import Source
from urbandata.sources.programme_drop.sheets import BOOK


def requests(window: Window, source: Source) -> Iterable[Request]:
    """One request per sheet; a sheet that is not there is no error."""
    for name in BOOK.columns:
        yield Request(resource=f"{name}.csv", path=f"{name}.csv", extension="csv", missing_ok=True)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Known sheets and columns only. A CSV without others is kept as it came."""
    return sheets.stripped(content, resource, BOOK)
