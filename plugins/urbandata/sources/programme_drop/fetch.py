"""One CSV file per sheet where a server offers them; usually they come through the inbox."""

from collections.abc import Iterable

from urbandata import catalogue
from urbandata.contract import Request, Window
from urbandata.errors import PayloadError
from urbandata.registry import Source
from urbandata.sources.programme_drop import sheets


def requests(window: Window, source: Source) -> Iterable[Request]:
    """One request per sheet; a sheet that is not there is no error."""
    for name in sheets.COLUMNS:
        yield Request(resource=f"{name}.csv", path=f"{name}.csv", extension="csv", missing_ok=True)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Known sheets and columns only. A CSV without others is kept as it came."""
    try:
        found = sheets.read(content, resource)
        if not content.startswith((sheets.ZIP_START, b"{")) and sheets.has_only_known_columns(
            content
        ):
            text = content.decode("utf-8", "replace")
            return content if catalogue.scrubbed(text) == text else sheets.as_json(found)
        return sheets.as_json(found)
    except PayloadError as error:
        return catalogue.unreadable(error)
