"""How everything looks: one chart theme, colours, and numbers and dates as people write them."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from i18n import Translate

CITY_TIME = ZoneInfo("Europe/Berlin")
INK = "#1B2733"
QUIET = "#4A5A68"
GRID = "#E3E9EE"
PAPER = "#FFFFFF"
CELL = "#DFE7EE"
CELL_EDGE = "#FFFFFF"
STAMP = "#4D3A00"
ALARM = "#9C1C1C"
ACCENT = "#0B5A8F"
SHADES = ("#DCEAF4", "#8FBEDC", "#3B86B8", "#0B5A8F", "#073A5E")  # light to dark, one hue
# Okabe and Ito's hues, darkened until each has 4.5:1 on white; dashes tell them apart as well.
SERIES = ("#0B5A8F", "#B34700", "#00735A", "#8E3A6E", "#7A5C00", "#1B2733")
DASHES = ([1, 0], [7, 3], [2, 2], [10, 3, 2, 3], [5, 2], [1, 3])
SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down")
FONT = '"Source Sans", system-ui, sans-serif'
MINUS = "\N{MINUS SIGN}"
NONE = "–"
MONTHS_DE = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
             "Oktober", "November", "Dezember")  # fmt: skip
DAYS_DE = ("Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag")
NUMBER_LOCALE = {
    "de": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " €"],
           "minus": MINUS},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""],
           "minus": MINUS},
}  # fmt: skip
TIME_LOCALE_DE = {
    "dateTime": "%A, %e. %B %Y, %X",
    "date": "%d.%m.%Y",
    "time": "%H:%M:%S",
    "periods": ["", ""],
    "days": list(DAYS_DE),
    "shortDays": [d[:2] for d in DAYS_DE],
    "months": list(MONTHS_DE),
    "shortMonths": ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov",
                    "Dez"],
}  # fmt: skip
DAY_FORMAT = {"de": "%d.%m.%Y", "en": "%d %b %Y"}
INSTANT_FORMAT = {"de": "%d.%m.%Y, %H:%M", "en": "%d %b %Y, %H:%M"}
MINUTE, HOUR, DAY, MONTH = 60, 3600, 86_400, 2_629_746
MONTHS_FROM = 3
AXIS_FORMATS = {  # longest span in days that this format suits
    "de": ((2, "%H:%M"), (120, "%d.%m."), (4000, "%b %Y"), (math.inf, "%Y")),
    "en": ((2, "%H:%M"), (120, "%d %b"), (4000, "%b %Y"), (math.inf, "%Y")),
}


def config(lang: str) -> dict[str, Any]:
    """The Vega-Lite theme, with the locale of the language."""
    axis = {
        "labelFont": FONT, "titleFont": FONT, "labelFontSize": 13, "titleFontSize": 13,
        "labelColor": QUIET, "titleColor": QUIET, "titleFontWeight": "normal",
        "gridColor": GRID, "domainColor": GRID, "tickColor": GRID,
    }  # fmt: skip
    locale: dict[str, Any] = {"number": NUMBER_LOCALE[lang]}
    if lang == "de":
        locale["time"] = TIME_LOCALE_DE
    return {
        "background": PAPER,
        "font": FONT,
        "locale": locale,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False, "labelOverlap": "greedy", "labelSeparation": 8,
                  "labelFlush": True},
        "axisY": {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleY": -10,
                  "titleX": 0, "domain": False, "ticks": False, "tickCount": 5},
        "legend": {"labelFont": FONT, "titleFont": FONT, "labelFontSize": 13, "orient": "bottom",
                   "titleFontSize": 13, "labelColor": INK, "titleColor": QUIET,
                   "symbolStrokeWidth": 2.5, "labelLimit": 320, "columnPadding": 20},
        "range": {"category": list(SERIES)},
        "line": {"strokeWidth": 2},
        # The description and the table say it better than thousands of marks read one by one,
        # and a layer in which nothing is drawn would be a picture without a name.
        "mark": {"aria": False},
    }  # fmt: skip


def axis_format(days: float, lang: str) -> str:
    """Time format of an axis that spans so many days."""
    return next(form for limit, form in AXIS_FORMATS[lang] if days <= limit)


def fmt_number(value: Any, digits: int | None = None, lang: str = "de") -> str:
    """``1234.5`` as ``1.234,5``; whole numbers without decimals, an en dash for nothing."""
    if value is None or pd.isna(value):
        return NONE
    if digits is None:
        digits = 0 if math.isclose(value, round(value), abs_tol=0.05) else 1
    text = f"{abs(value):,.{digits}f}"
    if lang == "de":
        text = text.translate(str.maketrans(",.", ".,"))
    negative = value < 0 and any(c in "123456789" for c in text)
    return f"{MINUS}{text}" if negative else text


def fmt_date(value: Any, lang: str = "de") -> str:
    """A day as ``23.11.2026``; an en dash for nothing."""
    if value is None or pd.isna(value):
        return NONE
    return pd.Timestamp(value).strftime(DAY_FORMAT[lang])


def fmt_month(value: Any, t: Translate) -> str:
    """A month as ``Okt. 2026``."""
    start = pd.Timestamp(value)
    return f"{t(f'month.{start.month}')} {start.year}"


def fmt_period(kind: Any, start: Any, t: Translate, lang: str = "de") -> str:
    """A period by its kind and first day; an en dash for nothing."""
    if start is None or pd.isna(start):
        return NONE
    day = pd.Timestamp(start)
    if kind == "year":
        return str(day.year)
    if kind == "quarter":
        return t("period.quarter", quarter=day.quarter, year=day.year)
    if kind == "month":
        return fmt_month(day, t)
    text = fmt_date(day, lang)
    return t("period.phase", start=text) if kind == "phase" else text


def period_end(kind: Any, start: Any) -> pd.Timestamp:
    """First day after a period; a phase has no fixed length and ends with its first day."""
    day = pd.Timestamp(start)
    lengths = {
        "month": pd.DateOffset(months=1),
        "quarter": pd.DateOffset(months=3),
        "year": pd.DateOffset(years=1),
    }
    return day + lengths.get(str(kind), pd.DateOffset(days=1))


def fmt_clock(value: Any, lang: str = "de") -> str:
    """A reading of the local clock (no zone) as ``23.11.2026, 06:50``."""
    if value is None or pd.isna(value):
        return NONE
    return pd.Timestamp(value).strftime(INSTANT_FORMAT[lang])


def fmt_instant(value: Any, lang: str = "de") -> str:
    """An instant with its zone, on the local clock."""
    if value is None or pd.isna(value):
        return NONE
    return fmt_clock(pd.Timestamp(value).tz_convert(CITY_TIME).tz_localize(None), lang)


def fmt_age(age: timedelta, t: Translate) -> str:
    """``vor 3 Stunden``; from three months on in months."""
    seconds = age.total_seconds()
    if seconds >= MONTHS_FROM * MONTH:
        return t("age.months", n=int(seconds // MONTH))
    return t("age.now") if seconds < MINUTE else _amount("age", seconds, t)


def fmt_span(seconds: float, t: Translate) -> str:
    """``3 Stunden``; less than a minute counts as one."""
    return _amount("span", max(seconds, MINUTE), t)


def fmt_days(days: int, t: Translate) -> str:
    """``3 Tage``."""
    return t("span.day") if days == 1 else t("span.days", n=days)


def _amount(prefix: str, seconds: float, t: Translate) -> str:
    """Largest unit of which there are at least two; days from 48 hours, hours from 120 minutes."""
    for name, size, least in (("day", DAY, 2), ("hour", HOUR, 2), ("minute", MINUTE, 0)):
        n = int(seconds // size)
        exact = seconds == size
        if n >= least or exact:
            return t(f"{prefix}.{name}") if n == 1 else t(f"{prefix}.{name}s", n=n)
    raise AssertionError(f"negative span: {seconds}")


def age_of(instant: Any, now: datetime) -> timedelta:
    """How long ago an instant was; nothing that lies ahead counts as negative."""
    return max(now - pd.Timestamp(instant).to_pydatetime(), timedelta(0))


def days_between(start: date, end: date) -> int:
    """Days of a period, both ends included."""
    return (end - start).days + 1
