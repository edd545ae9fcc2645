"""What is behind a KPI: formula, purpose, target, evidence and office."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from marks import text
from queries import lineage
from sections import kpi_words as words
from shell import View


def sources_of(view: View, kpi: pd.Series) -> tuple[str, ...]:
    """Sources the KPI rests on; without recorded lineage those of its measure."""
    known = view.read(lineage.sources_of_kpi, str(kpi["code"]))
    if len(known):
        return tuple(known["source"])
    return tuple(view.sources.index[view.sources["measure"] == kpi["measure"]])


def show(view: View, kpi: pd.Series) -> None:
    """Everything the catalogue says, as a list of terms, and the way back to the payloads."""
    t = view.t
    pairs = {name: value for name, value in _facts(view, kpi).items() if value}
    body = "".join(
        f"<dt>{escape(t(f'kpi.detail.{name}'))}</dt><dd>{text(value)}</dd>"
        for name, value in pairs.items()
    )
    with st.container(border=True, key="kpi_facts"):
        href = escape(words.link(view, "datenlage", kpi=str(kpi["code"])))
        link = f'<p><a href="{href}#woher">{escape(t("lineage.title"))}</a></p>'
        title = escape(t("topic.behind", name=words.name(view, kpi)))
        st.html(f'<h3 class="card-title">{title}</h3><dl class="facts-list">{body}</dl>{link}')


def _facts(view: View, kpi: pd.Series) -> dict[str, str]:
    t = view.t

    def plain(column: str) -> str:
        return "" if pd.isna(kpi[column]) else str(kpi[column])

    return {
        "formula": words.said(view, kpi, "formula"),
        "decision": words.said(view, kpi, "decision"),
        "target": words.said(view, kpi, "target_source") or t("status.kein Zielwert beschlossen"),
        "standard": plain("standard"),
        "level": t(f"level.kpi.{kpi['level']}"),
        "evidence": t(f"evidence.{kpi['evidence_class']}"),
        "sureness": t(f"sureness.{kpi['sureness']}"),
        "basis": words.basis(view, kpi),
        "office": plain("office"),
        "code": plain("code"),
    }
