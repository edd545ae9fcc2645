"""The period an edition reports on: everything up to a day, or up to the newest data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from urbandata.errors import ConfigError
from urbandata.report import numbers

_FORM = re.compile(
    r"^(?P<year>20\d\d)(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>\d\d)))?$"
)
NEWEST = "stand"


@dataclass(frozen=True, slots=True)
class Period:
    """``key`` as people type it; ``end`` is the first day after it, None for the newest data."""

    key: str
    end: date | None = None

    def label(self, lang: str) -> str:
        """The period in words."""
        if self.end is None:
            return {"de": "neueste abgeschlossene Zeiträume", "en": "newest complete periods"}[lang]
        until = numbers.day(self.end - timedelta(days=1), lang)
        return {"de": f"{self.key} (bis {until})", "en": f"{self.key} (until {until})"}[lang]


def parse(text: str) -> Period:
    """``2025``, ``2025-H1``, ``2025-Q3``, ``2025-06`` or nothing. Raises ConfigError."""
    if text in {"", NEWEST}:
        return Period(NEWEST)
    found = _FORM.match(text)
    if found is None or not 1 <= int(found["month"] or 1) <= 12:  # noqa: PLR2004
        raise ConfigError(f"period '{text}': write 2025, 2025-H1, 2025-Q3 or 2025-06")
    year = int(found["year"])
    months = int(found["month"] or 12)
    months = int(found["half"]) * 6 if found["half"] else months
    months = int(found["quarter"]) * 3 if found["quarter"] else months
    return Period(text, date(year + months // 12, months % 12 + 1, 1))
