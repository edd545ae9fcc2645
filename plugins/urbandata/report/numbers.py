"""Numbers, days and periods as people write them, in German and English."""

from __future__ import annotations

import math
from datetime import date, datetime
from zoneinfo import ZoneInfo

CITY_TIME = ZoneInfo("Europe/Berlin")
MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"
NONE = "–"
ROUGH = "D"  # evidence class whose numbers deserve two digits
MONTHS = {
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
           "Oktober", "November", "Dezember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
}  # fmt: skip


def digits(value: float) -> int:
    """Decimals worth showing: about three digits, none for whole and large numbers."""
    size = abs(value)
    if size >= 1000 or math.isclose(value, round(value), abs_tol=1e-9):  # noqa: PLR2004
        return 0
    if size >= 1:
        return 1
    most = min(2 - math.floor(math.log10(size)), 6)
    return next(d for d in range(1, most + 1) if d == most or round(size, d) == round(size, most))


def rounded(value: float, evidence_class: str = "") -> float:
    """The number that is shown; rough estimates keep two digits."""
    return round(value, _places(value, evidence_class))


def _places(value: float, evidence_class: str) -> int:
    """Decimals to round to; negative ones round to tens and hundreds."""
    if evidence_class == ROUGH and value:
        return 1 - math.floor(math.log10(abs(value)))
    return digits(value)


def number(value: float | None, lang: str, evidence_class: str = "") -> str:
    """``1234.5`` as ``1.234,5``; an en dash for nothing."""
    if value is None or math.isnan(value):
        return NONE
    shown = rounded(value, evidence_class)
    text = f"{abs(shown):,.{max(_places(value, evidence_class), 0)}f}"
    if lang == "de":
        text = text.translate(str.maketrans(",.", ".,"))
    negative = shown < 0 and any(c in "123456789" for c in text)
    return f"{MINUS}{text}" if negative else text


def day(value: date | datetime | None, lang: str) -> str:
    """A day as ``23.11.2026`` or ``23 Nov 2026``."""
    if value is None:
        return NONE
    if lang == "de":
        return f"{value:%d.%m.%Y}"
    return f"{value.day} {MONTHS['en'][value.month - 1][:3]} {value.year}"


def instant(value: datetime | None, lang: str) -> str:
    """An instant on the city's clock."""
    if value is None:
        return NONE
    local = value.astimezone(CITY_TIME)
    return f"{day(local, lang)}, {local:%H:%M}"


def short(kind: str, start: date) -> str:
    """A period for the foot of a chart: ``2025``, ``06/2025``, ``Q3/2025``, ``23.11.26``."""
    quarter = (start.month - 1) // 3 + 1
    forms = {"year": f"{start:%Y}", "quarter": f"Q{quarter}/{start:%Y}", "month": f"{start:%m/%Y}"}
    return forms.get(kind, f"{start:%d.%m.%y}")


def period(kind: str, start: date, lang: str) -> str:
    """``2025``, ``3. Quartal 2025``, ``Juni 2025``, ``23.11.2026``."""
    quarter = (start.month - 1) // 3 + 1
    is_german = lang == "de"
    named = {
        "year": f"{start.year}",
        "quarter": f"{quarter}. Quartal {start.year}" if is_german else f"Q{quarter} {start.year}",
        "month": f"{MONTHS[lang][start.month - 1]} {start.year}",
        "phase": f"Phase {'ab' if is_german else 'from'} {day(start, lang)}",
    }
    return named.get(kind, day(start, lang))
