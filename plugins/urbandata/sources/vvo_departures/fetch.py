"""VVO WebAPI: the departure board of every configured stop; in the demo city also an archive."""

from collections.abc import Iterable
from datetime import datetime

from urbandata.contract import Request, Window
from urbandata.registry import Source


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The present board of each stop; ``archive`` (demo only) names a path by window."""
    for stop in source.options["stops"]:
        yield Request(
            resource=f"dm/{stop}",
            path="dm",
            method="POST",
            json={"stopid": stop, "limit": str(source.options["limit"])},
        )
    if source.options.get("archive"):
        yield Request(
            resource="archive",
            path=source.options["archive"],
            params={"start": _utc(window.start), "end": _utc(window.end)},
        )


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
