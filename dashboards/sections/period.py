"""The period a reader looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

import state
import theme
from shell import View, note

PERIODS = ("7", "30", "90", "365", "all", "free")
DEFAULT = "30"
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included."""

    start: date
    end: date

    def words(self, view: View) -> dict[str, str]:
        """Both days as text."""
        return {
            "start": theme.fmt_date(self.start, view.lang),
            "end": theme.fmt_date(self.end, view.lang),
        }

    def text(self, view: View) -> str:
        """``01.11.2026 bis 23.11.2026``."""
        return view.t("period.shown", **self.words(view))


def choose(view: View) -> Period:
    """The reader's period; it ends with the newest day of water and rain."""
    t = view.t
    known = [view.as_of[s] for s in ("gauge", "rain") if s in view.as_of]
    today = view.now.astimezone(theme.CITY_TIME).date()
    newest = max((k["newest_day"].date() for k in known), default=today)
    oldest = min((k["oldest_day"].date() for k in known), default=newest)
    chosen = state.switch(
        "period", t("period.label"), PERIODS, lambda p: t(f"period.{p}"), default=DEFAULT
    )
    if chosen == "free":
        return _free(view, newest)
    start = oldest if chosen == "all" else newest - timedelta(days=int(chosen) - 1)
    period = Period(start, newest)
    note(period.text(view))
    return period


def _free(view: View, newest: date) -> Period:
    left, right = st.columns(2)
    with left:
        start = state.pick_day(
            "from", view.t("period.from"), newest - timedelta(days=29), FIRST_DAY, newest
        )
    with right:
        end = state.pick_day("to", view.t("period.to"), newest, FIRST_DAY, newest)
    if start > end:
        note(view.t("period.order"))
    return Period(min(start, end), max(start, end))
