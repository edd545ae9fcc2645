"""Who takes part in Cleema, who stays, and what becomes of the answers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import charts
import components
import points as points_of
from components import Card
from queries import cleema
from sections import kpi_words as words
from sections.cleema import SOURCES, UNIT, amount
from shell import View


def activity(view: View) -> None:
    """Active people by month, and how many stay."""
    t = view.t
    st.header(t("cleema.people_section"), anchor="aktivitaet")
    left, right = st.columns(2, gap="medium")
    with left:
        _active(view, view.read(cleema.activity, view.origin))
    with right:
        _retention(view, view.read(cleema.retention, view.origin))


def _active(view: View, found: pd.DataFrame) -> None:
    t = view.t
    title = t("cleema.active_title")
    known = found.dropna(subset=["active_people"]) if len(found) else found
    if known.empty:
        components.empty(view, title, t("cleema.none"), "cleema_active")
        return
    points = points_of.by_period(view, known.rename(columns={"active_people": "value"}), "month")
    last = points.iloc[-1]
    card = Card(
        key="cleema_active", title=title, unit=t("cleema.people"), sources=SOURCES, subject="",
        stand=t("kpi.stand", period=last["label"]),
        download=lambda: found,
        note=t("cleema.active_note"),
        chart=view.draw(charts.course, points, t("cleema.people"), []),
        summary=[t("cleema.active_summary", month=last["label"], n=amount(view, last["value"]))],
        table=points_of.table(view, points, t("cleema.people")),
    )  # fmt: skip
    components.chart_card(view, card)


def _retention(view: View, found: pd.DataFrame) -> None:
    t = view.t
    title = t("cleema.retention_title")
    if found.empty:
        components.empty(view, title, t("cleema.no_retention"), "cleema_retention")
        return
    last = found.iloc[-1]
    shown = pd.DataFrame({
        t("cleema.week"): found["week"].astype(str),
        t("cleema.still_active"): [f"{amount(view, v)} %" for v in found["value"]],
        t("cleema.lowest_cohort"): [f"{amount(view, v)} %" for v in found["low"]],
        t("cleema.highest_cohort"): [f"{amount(view, v)} %" for v in found["high"]],
        t("cleema.people"): [amount(view, v) for v in found["people"]],
        t("cleema.cohorts_told"): [
            t("cleema.part_of_all", n=amount(view, n), total=amount(view, total))
            for n, total in zip(found["cohorts"], found["all_cohorts"], strict=True)
        ],
    })  # fmt: skip
    card = Card(
        key="cleema_retention", title=title, unit="%", sources=SOURCES, subject="",
        stand=t("cleema.since"),
        download=lambda: found,
        note=t("cleema.retention_note"),
        chart=view.draw(charts.retention, found),
        summary=[t("cleema.retention_summary", week=int(last["week"]),
                   share=amount(view, last["value"]), n=amount(view, last["people"]),
                   cohorts=amount(view, last["cohorts"]),
                   total=amount(view, last["all_cohorts"]))],
        table=shown,
    )  # fmt: skip
    components.chart_card(view, card)


def coverage(view: View) -> None:
    """What became of the answers, and the challenges that count nothing."""
    t = view.t
    st.header(t("cleema.coverage"), anchor="abdeckung")
    found = view.read(cleema.coverage, view.origin)
    if found.empty:
        components.empty(view, "", t("cleema.none"), "cleema_coverage")
    else:
        rows = found.assign(
            name=[t(f"reason.{r}") for r in found["reason"]],
            text=[f"{amount(view, v)} %" for v in found["value"]],
        )
        counted = float(found.loc[found["reason"] == "counted", "value"].sum())
        card = Card(
            key="cleema_coverage", title=t("cleema.coverage_title"), unit=t("cleema.coverage_unit"),
            sources=SOURCES, subject="", stand=t("cleema.since"),
            download=lambda: found,
            note=t("cleema.coverage_note"),
            chart=view.draw(charts.ranking, rows[["name", "value", "text"]], "%"),
            summary=[t("cleema.coverage_summary", share=amount(view, counted))],
            table=pd.DataFrame({
                t("cleema.reason"): rows["name"], t("cleema.share"): rows["text"],
                t("cleema.answers"): [amount(view, v) for v in rows["answers"]],
            }),
        )  # fmt: skip
        components.chart_card(view, card)
    _unmapped(view)


def _unmapped(view: View) -> None:
    t = view.t
    found = view.read(cleema.unmapped, view.origin)
    if found.empty:
        return
    shown = pd.DataFrame({
        t("cleema.challenge"): found["title"].fillna(t("cleema.by_users")),
        t("cleema.why_nothing"): [t(f"unmapped.{r}") for r in found["reason"]],
        t("period.from"): [components.day(view, d) for d in found["start_date"]],
        t("period.to"): [components.day(view, d) for d in found["end_date"]],
        t("cleema.joined"): found["people_band"],
    })  # fmt: skip
    n = len(found)
    title = t("cleema.unmapped_one") if n == 1 else t("cleema.unmapped_title", n=n)
    components.table_card(view, "unmapped", title, shown, found, SOURCES)


def sensitivity(view: View) -> None:
    """Which assumption moves the figure most."""
    t = view.t
    found = view.read(cleema.sensitivity, view.origin)
    if found.empty:
        return
    rows = found.assign(name=found[f"label_{view.lang}"].fillna(found["label_de"]))
    year = words.period(
        view, pd.Series({"period_kind": "year", "period_start": rows["period_start"].iloc[0]})
    )
    top = rows.iloc[0]
    card = Card(
        key="cleema_sensitivity", title=t("cleema.sensitivity_title"), unit=UNIT, sources=SOURCES,
        subject="", stand=t("kpi.stand", period=year),
        download=lambda: found,
        note=t("cleema.sensitivity_note"),
        chart=view.draw(charts.tornado, rows[["name", "low", "value", "high"]], UNIT),
        summary=[t("cleema.sensitivity_summary", name=top["name"], low=amount(view, top["low"]),
                   high=amount(view, top["high"]), value=amount(view, top["value"]))],
        table=pd.DataFrame({
            t("cleema.assumption"): rows["name"],
            f"{t('kpi.low')} ({UNIT})": [amount(view, v) for v in rows["low"]],
            f"{t('kpi.high')} ({UNIT})": [amount(view, v) for v in rows["high"]],
        }),
    )  # fmt: skip
    components.chart_card(view, card)
