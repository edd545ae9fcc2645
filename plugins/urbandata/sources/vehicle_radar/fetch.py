"""Roadside radars: one file per site and local day that the window touches."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from urbandata.contract import Request, Window
from urbandata.registry import Source

BERLIN = ZoneInfo("Europe/Berlin")


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Daily files of every site; no file means that nothing was recorded."""
    day = window.start.astimezone(BERLIN).date()
    end = max(window.start, window.end - timedelta(microseconds=1))
    while day <= end.astimezone(BERLIN).date():
        for site in source.options["sites"]:
            yield Request(
                resource=f"{site}/{day}",
                path=f"{site}/{day}.txt",
                extension="txt",
                conditional=True,
                missing_ok=True,
            )
        day += timedelta(days=1)
