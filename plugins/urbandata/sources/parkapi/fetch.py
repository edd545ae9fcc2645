"""ParkAPI: the present state of every configured city, and in the demo city its history."""

from collections.abc import Iterable
from datetime import datetime

from urbandata.contract import Request, Window
from urbandata.registry import Source


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The lots of each city as they are now; ``history`` (demo only) names a path by window."""
    for city in source.options["cities"]:
        yield Request(resource=city, path=city)
        if source.options.get("history"):
            yield Request(
                resource=f"{city}/history",
                path=f"{city}/{source.options['history']}",
                params={"from": _utc(window.start), "to": _utc(window.end)},
            )


def _utc(moment: datetime) -> str:
    """UTC without a zone, as this service writes and reads it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}"
