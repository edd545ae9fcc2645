"""Matomo's summary of visits by day or month to one row per period."""

from __future__ import annotations

from typing import Any

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.registry import Source
from urbandata.sources.matomo.parse import VISITS, periods, records

COLUMNS = {"starts_on": "starts_on", **VISITS, "is_suppressed": "suppressed"}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``usage``. Raises PayloadError for reports on other things."""
    answer = periods(payload.content)
    if any(isinstance(report, list) and report for report in answer.values()):
        raise PayloadError("a list of pages or files, not the summary of visits")
    dated = {period: _dated(period, report) for period, report in answer.items()}
    return records(dated, COLUMNS, "usage", source.tables["usage"])


def _dated(period: str, report: Any) -> Any:
    """The report with its first day; an empty one counts zero."""
    counts = report if report != [] else dict.fromkeys(VISITS.values(), 0)
    is_month = len(period) == len("2025-03")
    first = f"{period}-01" if is_month else period
    return {**counts, "starts_on": first} if isinstance(counts, dict) else counts
