"""Booking calendars: each configured feed, one calendar per season where the path says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from urbandata.contract import Request, Window
from urbandata.registry import Source
from urbandata.sources.ical.cleaning import strip

__all__ = ["requests", "season", "strip"]

AHEAD = timedelta(days=70)  # the next season's slots are given away before it begins
SEASON_BEGINS = 8  # August


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Every calendar; finished seasons answer 304 and cost nothing."""
    last = season((window.end + AHEAD).date())
    for feed in source.options["feeds"]:
        years = range(source.options["first_season"], last + 1) if "{season}" in feed else [None]
        for year in years:
            path = feed if year is None else feed.format(season=label(year))
            yield Request(
                resource=path,
                path=path,
                headers={
                    "Accept": "text/calendar",
                    "Authorization": "Bearer {SPORTPARK_CALENDAR_TOKEN}",
                },
                extension="ics",
                conditional=True,
                missing_ok=year is not None,
            )


def season(day: date) -> int:
    """Year in which the season of a day began."""
    return day.year if day.month >= SEASON_BEGINS else day.year - 1


def label(year: int) -> str:
    """``2025-26``."""
    return f"{year}-{(year + 1) % 100:02d}"
