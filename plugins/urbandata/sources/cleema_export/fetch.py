"""Cleema export: one zip per window; what is personal in it goes before it is stored.

In live operation the operator drops the files into the inbox; only the demo city serves them.
"""

from collections.abc import Iterable

from urbandata.contract import Request, Window
from urbandata.registry import Source
from urbandata.sources.cleema_export.cleaning import clean


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The export as of the end of the window with what has changed since its begin."""
    yield Request(
        resource="export",
        path="export.zip",
        params={"since": window.start.isoformat(), "until": window.end.isoformat()},
        extension="zip",
    )


def strip(content: bytes, resource: str, key: str) -> bytes:
    """The export reduced to the allowed tables and columns, users as keyed hashes."""
    return clean(content, resource, key)
