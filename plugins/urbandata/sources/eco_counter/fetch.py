"""Bicycle counters: one file per site and local month that the window touches."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from urbandata.contract import Request, Window
from urbandata.registry import Source

BERLIN = ZoneInfo("Europe/Berlin")


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Monthly files of every site; no file means that the site did not count then."""
    for month in months(window):
        for site in source.options["sites"]:
            yield Request(
                resource=f"{site}/{month}",
                path=f"{site}/{month}.csv",
                extension="csv",
                conditional=True,
                missing_ok=True,
            )


def months(window: Window) -> Iterator[str]:
    """Local months of the window's instants, ``2025-09``; the end itself is outside."""
    first = window.start.astimezone(BERLIN)
    last = max(window.start, window.end - timedelta(microseconds=1)).astimezone(BERLIN)
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield f"{datetime(year, month, 1, tzinfo=BERLIN):%Y-%m}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004
