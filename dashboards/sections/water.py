"""River, rain and warnings."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

import charts
import components
import state
import theme
from components import Card
from queries import environment, series
from queries.builds import records
from sections.headline import GAUGE
from sections.period import Period
from shell import View, note

RAIN_WINDOWS = {"1h": (series.RAIN_1H, 60), "6h": (series.RAIN_6H, 360)}
MAX_STATIONS = 6
DEFAULT_STATIONS = 3
EVENTS_SHOWN = 8
RAIN_SOURCES = {"dwd_rain", "sensorthings"}


def gauge(view: View, period: Period, stations: pd.DataFrame) -> None:
    """Level of one gauge against the computed alarm levels."""
    t = view.t
    st.header(t("gauge.section"), anchor="elbe")
    gauges = _names(stations, "gauge", prefix="gauge:")
    if not gauges:
        components.empty(view, "", t("gauge.none"), "gauge")
        return
    default = GAUGE if GAUGE in gauges else next(iter(gauges))
    chosen = state.pick("gauge", t("gauge.pick"), list(gauges), gauges.__getitem__, default)
    name = gauges[chosen]
    args = (series.WATER_LEVEL, view.origin, (chosen,), period.start, period.end)
    points = view.read(series.read, *args)
    if points.empty:
        why = t("gauge.empty", name=name, **period.words(view))
        components.empty(view, name, why, "gauge")
        return
    levels = environment.alarm_levels(chosen, period.end)
    thresholds = [
        charts.Line(row["value_cm"], t("gauge.level", level=int(row["level"]),
                                       value=theme.fmt_number(row["value_cm"], 0, view.lang)))
        for row in records(levels)
    ]  # fmt: skip
    card = Card(
        key="gauge",
        title=name,
        unit=t("gauge.unit"),
        sources=("pegelonline",),
        subject="gauge",
        download=lambda: series.read_all(view.con, *args),
        period=period.text(view),
        note=t("gauge.note" if thresholds else "gauge.note_none"),
        chart=view.draw(charts.lines, points, {chosen: name}, t("gauge.unit"), thresholds),
        summary=components.describe_series(points, {chosen: name}, "cm", view.lang, t),
        table=points,
    )
    components.chart_card(view, card)


def rain(view: View, period: Period, stations: pd.DataFrame) -> None:
    """Rolling sums of chosen stations against the DWD's levels, and the events there."""
    t = view.t
    st.header(t("rain.section"), anchor="regen")
    names = _names(stations, "rain")
    if not names:
        components.empty(view, "", t("rain.none"), "rain")
        return
    left, right = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with left:
        default = list(names)[:DEFAULT_STATIONS]
        chosen = state.pick_some(
            "rain", t("rain.pick"), list(names), names.__getitem__, default, MAX_STATIONS
        )
    with right:
        window = state.switch(
            "window", t("rain.window"), list(RAIN_WINDOWS), lambda w: t(f"rain.window.{w}"), "1h"
        )
    if not chosen:
        components.empty(view, "", t("rain.none_chosen"), "rain")
        return
    shown = {s: names[s] for s in chosen}
    _rain_chart(view, period, shown, window)
    _events(view, period, list(chosen))


def _rain_chart(view: View, period: Period, names: dict[str, str], window: str) -> None:
    t = view.t
    measure, minutes = RAIN_WINDOWS[window]
    title = t("rain.title", window=t(f"rain.window.{window}"))
    args = (measure, view.origin, tuple(names), period.start, period.end)
    points = view.read(series.read, *args)
    if points.empty:
        components.empty(view, title, t("rain.empty", **period.words(view)), "rain")
        return
    thresholds = [_rain_level(view, row) for row in records(environment.rain_levels(minutes))]
    card = Card(
        key="rain",
        title=title,
        unit=t("rain.unit"),
        sources=tuple(sorted(RAIN_SOURCES)),
        subject="rain",
        download=lambda: series.read_all(view.con, *args),
        period=period.text(view),
        note=t("rain.note"),
        chart=view.draw(charts.lines, points, names, t("rain.unit"), thresholds),
        summary=components.describe_series(points, names, "mm", view.lang, t, "chart.peaks"),
        table=points.assign(series=points["series"].map(names)),
    )
    components.chart_card(view, card)


def _rain_level(view: View, row: dict[str, Any]) -> charts.Line:
    key = "rain.level" if row["is_inclusive"] else "rain.level_above"
    value = theme.fmt_number(row["threshold_mm"], 0, view.lang)
    return charts.Line(row["threshold_mm"], view.t(key, level=row["level"], value=value))


def _events(view: View, period: Period, stations: list[str]) -> None:
    t = view.t
    events = view.read(
        environment.rain_events, view.origin, tuple(stations), period.start, period.end
    )
    if events.empty:
        why = t("events.empty", **period.words(view))
        components.empty(view, t("events.title"), why, "events")
        return
    heads = ["started_at", "ended_at", "station", "level", "max_60min_mm", "max_6h_mm", "total_mm"]
    rows = [_event(view, event) for event in records(events.head(EVENTS_SHOWN))]
    more = t("events.more", shown=EVENTS_SHOWN, n=len(events))
    card = Card(
        key="events",
        title=t("events.title"),
        unit="",
        sources=tuple(sorted(RAIN_SOURCES)),
        subject="rain",
        download=lambda: events,
        period=period.text(view),
        body=components.html_table([t(f"events.{c}") for c in heads], rows, numbers=(4, 5, 6)),
        summary=[more] if len(events) > EVENTS_SHOWN else [],
    )
    components.chart_card(view, card)


def _event(view: View, event: dict[str, Any]) -> list[str]:
    sums = [event[c] for c in ("max_60min_mm", "max_6h_mm", "total_mm")]
    return [
        *[theme.fmt_clock(event[c], view.lang) for c in ("started_at", "ended_at")],
        escape(str(event["station"])),
        _level(view, int(event["level"])),
        *[theme.fmt_number(mm, 1, view.lang) for mm in sums],
    ]


def _level(view: View, level: int) -> str:
    """Level as number, filled shapes and word."""
    shape = "▲" * (level - 1) if level > 1 else "△"
    return f"{level} · {escape(view.t(f'level.{level}'))} <span class='bad'>{shape}</span>"


def warnings(view: View, period: Period) -> None:
    """How warnings and heavy rain went together, by year; all warnings of the period."""
    t = view.t
    st.header(t("warn.section"), anchor="warnungen")
    outcomes = view.read(environment.verification, view.origin)
    if outcomes.empty:
        components.empty(view, t("warn.title"), t("warn.empty"), "warnings")
    else:
        columns = ["year", "hits", "misses", "false_alarms", "lead", "rate", "far"]
        card = Card(
            key="warnings",
            title=t("warn.title"),
            unit=t("warn.unit"),
            sources=("dwd_warnings", "dwd_rain"),
            subject="warnings",
            download=lambda: outcomes,
            note=t("warn.note"),
            body=components.html_table(
                [t(f"warn.{c}") for c in columns],
                [_outcome(view, row) for row in records(outcomes)],
                numbers=range(1, 7),
            ),
        )
        components.chart_card(view, card)
    with st.expander(t("warn.list")):
        _warning_list(view, period)


def _outcome(view: View, row: dict[str, Any]) -> list[str]:
    def number(column: str, unit: str = "") -> str:
        text = theme.fmt_number(row[column], 0, view.lang)
        return text if text == theme.NONE else f"{text}{unit}"

    rate = number("hit_rate_pct", " %")
    if rate != theme.NONE and not pd.isna(row["hit_rate_low_pct"]):
        spread = f"{number('hit_rate_low_pct')}–{number('hit_rate_high_pct', ' %')}"
        rate = f"{rate}<br><small>({spread})</small>"
    counts = [number(c) for c in ("hits", "misses", "false_alarms")]
    return [f"{int(row['year'])}", *counts, number("lead_time_min", " min"), rate,
            number("false_alarm_pct", " %")]  # fmt: skip


def _warning_list(view: View, period: Period) -> None:
    t = view.t
    # A warning is sent ahead of the rain: those of tomorrow belong to the newest day as well.
    end: date = period.end + timedelta(days=1)
    found = view.read(environment.warnings, view.origin, period.start, end)
    if found.empty:
        note(t("warn.list_empty", **period.words(view)))
        return
    shown = found.assign(is_cancelled=found["is_cancelled"].map({True: t("yes"), False: t("no")}))
    shown["level"] = shown["level"].map(lambda level: f"{level} · {t(f'level.{level}')}")
    for column in ("first_sent_at", "onset_at", "expires_at"):
        shown[column] = shown[column].map(lambda at: theme.fmt_clock(at, view.lang))
    labels = {c: t(f"warn.{c}") for c in found.columns}
    st.dataframe(components.labelled(shown, labels), hide_index=True, width="stretch",
                 key="table_warnings")  # fmt: skip


def _names(stations: pd.DataFrame, subject: str, prefix: str = "") -> dict[str, str]:
    """Names of the stations of one subject by id; the same name twice carries its id."""
    chosen = records(stations[stations["subject"] == subject])
    count = Counter(row["name"] for row in chosen)
    return {
        row["station_id"].removeprefix(prefix): row["name"]
        if count[row["name"]] == 1
        else f"{row['name']} ({row['station_id']})"
        for row in chosen
    }
