"""PEGELONLINE REST v2: one request per gauge and series for the window."""

from collections.abc import Iterable
from urllib.parse import quote

from urbandata.contract import Request, Window
from urbandata.registry import Source


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Readings of every configured gauge and series in the window.

    Not every gauge has a discharge series: 404 there means "none", not an error.
    """
    for station, name in source.options["stations"].items():
        for series in source.options["series"]:
            yield Request(
                resource=f"{name}/{series}",
                path=f"stations/{quote(station)}/{series}/measurements.json",
                params={"start": window.start.isoformat(), "end": window.end.isoformat()},
                missing_ok=series == "Q",
            )
