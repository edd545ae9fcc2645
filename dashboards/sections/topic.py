"""One page for everything that has KPIs: an action field or a measure, fed by the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd
import streamlit as st

import components
from marks import text
from queries import kpis
from sections import findings, kpi_area, kpi_cards, kpi_course, kpi_facts
from sections import kpi_words as words
from shell import View, credit, note


@dataclass(frozen=True, slots=True)
class Topic:
    """What the page is about: title, a line of facts, its KPIs, and its address."""

    subject: str
    title: str
    facts: list[str]
    kpis: pd.DataFrame
    here: dict[str, str]


def show(view: View, topic: Topic) -> None:
    """Cards of all KPIs, one of them in detail, findings, missing data and sources."""
    t = view.t
    st.header(topic.title, anchor=False)
    if topic.facts:
        st.html(f'<p class="facts">{" · ".join(topic.facts)}</p>')
    fed = topic.kpis[~topic.kpis["is_missing"].astype(bool)]
    if topic.kpis.empty:
        components.empty(view, "", t("topic.none"), "kpis")
    else:
        kpi_cards.show(view, fed, topic.here)
    if fed["value"].notna().any():
        _detail(view, fed)
    findings.show(view, topic.subject, topic.kpis)
    _missing(view, topic.kpis[topic.kpis["is_missing"].astype(bool)])
    _sources(view, topic)


def _detail(view: View, fed: pd.DataFrame) -> None:
    """The chosen KPI: filters, course, areas and definition."""
    st.header(view.t("topic.detail"), anchor="kennzahl")
    kpi, area = kpi_course.choose(view, fed)
    kpi_course.show(view, kpi, area)
    kpi_area.show(view, kpi)
    kpi_facts.show(view, kpi)


def _missing(view: View, missing: pd.DataFrame) -> None:
    """KPIs that no source feeds, with what is missing."""
    if missing.empty:
        return
    t = view.t
    st.header(t("topic.missing"), anchor="daten-fehlen")
    rows = [
        [
            f"{text(words.name(view, kpi))}<br><small>{text(kpi['code'])}</small>",
            text(kpi[f"missing_{view.lang}"] or kpi["missing_de"]),
            text("" if pd.isna(kpi["office"]) else kpi["office"]),
        ]
        for _, kpi in missing.iterrows()
    ]
    columns = [t("topic.missing_kpi"), t("topic.missing_what"), t("kpi.detail.office")]
    with st.container(border=True):
        st.html(components.html_table(columns, rows))


def _sources(view: View, topic: Topic) -> None:
    """Sources of the measures these KPIs belong to, with licence and producer."""
    t = view.t
    measures = set(topic.kpis["measure"].dropna())
    chosen = view.sources[view.sources["measure"].isin(measures)]
    st.header(t("topic.sources"), anchor="quellen")
    if chosen.empty:
        note(t("topic.no_sources"))
        return
    href = {s: words.link(view, "datenlage", source=str(s)) for s in chosen.index}
    items = "".join(
        f'<li><a href="{escape(href[s])}">{text(row[f"title_{view.lang}"])}</a> '
        f"– {text(credit(view, str(s)))}</li>"
        for s, row in chosen.iterrows()
    )
    st.html(f'<ul class="plain-list">{items}</ul>')


def subset(view: View, column: str, value: str) -> pd.DataFrame:
    """KPIs of the catalogue with that measure or action field, headline first, by code."""
    found = view.read(kpis.overview, view.origin)
    chosen = found[found[column] == value]
    return chosen.sort_values(["is_headline", "code"], ascending=[False, True])
