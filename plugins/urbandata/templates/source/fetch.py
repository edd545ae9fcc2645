"""$name: what to ask for."""

from collections.abc import Iterable

from urbandata.contract import Request, Window
from urbandata.registry import Source


def requests(window: Window, source: Source) -> Iterable[Request]:
    """All observations of the window."""
    span = {"start": window.start.isoformat(), "end": window.end.isoformat()}
    yield Request(resource="observations", path="observations.json", params=span)
