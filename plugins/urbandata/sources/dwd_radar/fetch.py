"""RADOLAN RW: one binary grid per hour, ending at minute 50."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from urbandata.contract import Request, Window
from urbandata.registry import Source

HOUR = timedelta(hours=1)


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Every frame that ends in the window.

    404 means "not out yet"; the overlap of the windows asks again. A frame that we have
    answers 304.
    """
    product = source.options["product"]
    for end in frames(window, source.options["minute"]):
        name = f"raa01-{product}_10000-{end:%y%m%d%H%M}-dwd---bin"
        yield Request(
            resource=f"{product}/{end:%Y%m%d%H%M}",
            path=f"{name}.gz",
            extension="bin.gz",
            conditional=True,
            missing_ok=True,
        )


def frames(window: Window, minute: int) -> Iterable[datetime]:
    """Hourly instants (UTC) at ``minute`` in the window."""
    at = window.start.astimezone(UTC).replace(minute=minute, second=0, microsecond=0)
    if at < window.start:
        at += HOUR
    while at < window.end:
        yield at
        at += HOUR
