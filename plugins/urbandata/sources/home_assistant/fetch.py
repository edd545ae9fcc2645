"""What each flat, inverter and heat meter has recorded in the window, nothing personal in it."""

from collections.abc import Iterable

from urbandata.contract import Request, Window
from urbandata.registry import Source
from urbandata.sources.home_assistant.privacy import cleaned


def requests(window: Window, source: Source) -> Iterable[Request]:
    """One history per unit, and the messages of its plug where it has one."""
    span = {"start": window.start.isoformat(), "end": window.end.isoformat()}
    for unit in source.options["units"]:
        yield Request(
            resource=f"{unit}/history", path=f"{unit}/history.csv", params=span, extension="csv"
        )
    for plug in source.options["plugs"]:
        yield Request(resource=plug, path=f"{plug}/sensor.jsonl", params=span, extension="jsonl")


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Numbers of sensors only; ids outside the agreed scheme become keyed hashes."""
    return cleaned(content, key)
