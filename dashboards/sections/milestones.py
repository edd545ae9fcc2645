"""Milestones: what is done, what is late, and what lies ahead."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

import charts
import components
import theme
from components import Card
from marks import text
from queries import finance, programme
from queries.builds import records
from sections.finance import SOURCES
from shell import View

KIND = {"overdue": "bad", "late": "bad", "open": "quiet", "in_time": "good"}


def show(view: View) -> None:
    """Counts by state, the milestones over time, and all of them as a table."""
    t = view.t
    st.header(t("miles.section"), anchor="meilensteine")
    found = view.read(finance.milestones, view.origin)
    if found.empty:
        components.empty(view, "", t("miles.none"), "milestones")
        return
    titles = programme.titles(view.read(programme.measures), "measure", view.lang)
    rows = found.assign(
        name=found["measure"].map(titles).fillna(found["measure"]),
        state_text=[t(f"miles.{s}") for s in found["state"]],
    )
    counts = found["state"].value_counts()
    summary = ", ".join(
        f"{counts[s]} × {t(f'miles.{s}')}" for s in finance.STATES if s in counts.index
    )
    today = pd.Timestamp(found["as_of_on"].iloc[0])
    card = Card(
        key="milestones",
        title=t("miles.title"),
        unit="",
        sources=SOURCES,
        subject="",
        stand=t("kpi.stand", period=theme.fmt_date(today, view.lang)),
        download=lambda: found,
        note=t("miles.note"),
        chart=view.draw(charts.milestones, _drawn(rows), today),
        summary=[summary],
        table=_table(view, rows),
    )
    components.chart_card(view, card)
    _overdue(view, rows[rows["state"] == "overdue"])


def _drawn(rows: pd.DataFrame) -> pd.DataFrame:
    columns = ["name", "milestone", "planned_on", "done_on", "state", "state_text"]
    days = {c: pd.to_datetime(rows[c]) for c in ("planned_on", "done_on")}
    return rows[columns].assign(**days, at=days["done_on"].fillna(days["planned_on"]))


def _overdue(view: View, rows: pd.DataFrame) -> None:
    """What is overdue stands by itself: somebody has to act."""
    if rows.empty:
        return
    t = view.t
    cells = [
        [text(row["name"]), text(row["milestone"]), theme.fmt_date(row["planned_on"], view.lang),
         f"<b class='bad'>{escape(theme.fmt_days(int(row['delay_days']), t))}</b>"]
        for row in records(rows)
    ]  # fmt: skip
    heads = [t(f"miles.col.{c}") for c in ("measure", "milestone", "planned", "delay")]
    st.subheader(t("miles.overdue_title"), anchor=False)
    with st.container(border=True):
        st.html(components.html_table(heads, cells))


def _table(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    t = view.t
    return pd.DataFrame({
        t("miles.col.measure"): rows["name"],
        t("miles.col.milestone"): rows["milestone"],
        t("miles.col.first_planned"): [components.day(view, d) for d in rows["first_planned_on"]],
        t("miles.col.planned"): [components.day(view, d) for d in rows["planned_on"]],
        t("miles.col.done"): [components.day(view, d) for d in rows["done_on"]],
        t("miles.col.state"): rows["state_text"],
        t("miles.col.changes"): rows["plan_changes"],
    })  # fmt: skip
