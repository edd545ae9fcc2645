"""Matomo's summary of visits to the app, by day and by month; fewer than ten are not kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from urbandata.contract import Request, Window
from urbandata.errors import PayloadError
from urbandata.reading import catalogue
from urbandata.registry import Source
from urbandata.sources.matomo import fetch as matomo

LEAST = 10
ZONE = ZoneInfo("Europe/Berlin")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
COUNTS = ("nb_visits", "nb_uniq_visitors")


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The summary for the local days of the window, and for the months they lie in."""
    for period in source.options["periods"]:
        asked = {
            "method": "VisitsSummary.get",
            "idSite": str(source.options["site"]),
            "period": period,
        }
        yield matomo.report(period, asked, window, ZONE, "{SPORTPARK_MATOMO_TOKEN}")


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Counts only, and none of fewer than ten people or visits."""
    cleaned = matomo.strip(content, resource, key)
    try:
        answer = catalogue.json_answer(cleaned)
    except PayloadError:
        return cleaned  # the note why nothing was kept
    kept = {period: _kept(report) for period, report in answer.items()}
    return json.dumps(kept, ensure_ascii=False).encode()


def _kept(report: Any) -> Any:
    """A report, or that it was too small to be kept; nobody at all is no secret."""
    if not isinstance(report, dict):
        return report
    said = [str(report[name]) for name in COUNTS if name in report]
    counts = [float(text) for text in said if NUMBER.fullmatch(text)]  # older versions write "5"
    return {"suppressed": True} if any(0 < n < LEAST for n in counts) else report
