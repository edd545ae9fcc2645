"""DWD CDC files: one per station and period, chosen by the window alone.

``now`` holds the current UTC day, ``recent`` (named ``akt``) about 550 days up to yesterday,
``historical`` everything up to some December, with its dates in the name. A short window asks
``now`` and, at fixed hours, ``recent``; a window of a day or more asks the list of historical
files and takes what overlaps. All are conditional: an unchanged file costs no transfer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.registry import Source

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Historical:
    """A file of the historical folder: its station and its span ``[start, end)``."""

    name: str
    station: str
    start: datetime
    end: datetime


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Current files always; recent files when due; the list of historical files for long spans."""
    for dataset, spec in source.options["datasets"].items():
        if window.end - window.start >= DAY:
            yield _listing(dataset, spec, window)
        elif refresh_due(window, **spec["refresh"]):
            yield from (_file(dataset, spec, station, "recent") for station in spec["stations"])
        if spec["now"]:
            yield from (_file(dataset, spec, station, "now") for station in spec["stations"])


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """Historical files that overlap the window, and ``recent`` where they end before it does.

    Raises FetchError if the list names no file of the data set: then the server has changed.
    """
    if request.land:
        return
    dataset, window = request.context["dataset"], request.context["window"]
    spec = source.options["datasets"][dataset]
    listed = historical_files(payload.content, spec["name"])
    if not listed:
        raise FetchError("client", f"{request.path} lists no {spec['name']}_…_hist.zip")
    for station in spec["stations"]:
        files = [f for f in listed if f.station == station]
        for file in files:
            if file.start < window.end and file.end > window.start:
                yield _file(dataset, spec, station, "historical", file.name)
        if all(file.end < window.end for file in files):
            yield _file(dataset, spec, station, "recent")


def historical_files(listing: bytes, name: str) -> list[Historical]:
    """Historical files linked in a directory listing (HTML), by name."""
    pattern = rf'href="({re.escape(name)}_(\d{{5}})_(\d{{8}})_(\d{{8}})_hist\.zip)"'
    found = re.findall(pattern, listing.decode("utf-8", errors="replace"))
    return [Historical(n, s, _day(a), _day(b) + DAY) for n, s, a, b in sorted(set(found))]


def refresh_due(window: Window, hour: int, weekday: int | None = None) -> bool:
    """Whether the window holds the hour (UTC) at which a recent file is asked again.

    Windows lie end to end, so each such hour is in exactly one of them.
    """
    at = window.end.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    while at >= window.end or (weekday is not None and at.weekday() != weekday):
        at -= DAY
    return at >= window.start


def _listing(dataset: str, spec: Mapping[str, Any], window: Window) -> Request:
    return Request(
        resource=f"{dataset}/list",
        path=f"{spec['folder']}/historical/",
        extension="html",
        land=False,
        context={"dataset": dataset, "window": window},
    )


def _file(
    dataset: str, spec: Mapping[str, Any], station: str, period: str, name: str = ""
) -> Request:
    """One file. Not every station has every file: 404 means "none", not an error."""
    ending = {"now": "now", "recent": "akt"}.get(period)
    name = name or f"{spec['name']}_{station}_{ending}.zip"
    return Request(
        resource=f"{dataset}/{name.removesuffix('.zip')}",
        path=f"{spec['folder']}/{period}/{name}",
        extension="zip",
        conditional=True,
        missing_ok=True,
    )


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
