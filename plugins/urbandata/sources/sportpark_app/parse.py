"""Matomo's summary of visits by day or month to one row per period."""

from __future__ import annotations

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.registry import Source
from urbandata.sources.matomo.parse import VISITS, periods, records

COLUMNS = {**VISITS, "is_suppressed": "suppressed"}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``usage``. Raises PayloadError for reports on other things."""
    answer = periods(payload.content)
    if any(isinstance(report, list) and report for report in answer.values()):
        raise PayloadError("a list of pages or files, not the summary of visits")
    return records(answer, COLUMNS, "usage", source.tables["usage"])
