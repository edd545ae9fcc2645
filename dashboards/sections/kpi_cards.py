"""Cards of KPIs: name, value, verdict, course and target, as one block without charts."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from marks import text
from queries import kpis
from sections import kpi_words as words
from shell import View


def show(view: View, found: pd.DataFrame, here: dict[str, str]) -> None:
    """A card per KPI; a click on its name shows it in detail on the same page (``here``)."""
    histories = view.read(kpis.histories, view.origin)
    cards = "".join(_card(view, kpi, histories, here) for _, kpi in found.iterrows())
    st.html(f'<div class="cards">{cards}</div>')


def _card(view: View, kpi: pd.Series, histories: pd.DataFrame, here: dict[str, str]) -> str:
    name = text(words.name(view, kpi))
    if words.has_value(kpi):
        href = escape(words.link(view, **here, kpi=str(kpi["code"])))
        name = f'<a href="{href}#kennzahl">{name}</a>'
    if kpi["is_headline"]:
        name = f'<span class="tag">{escape(view.t("overview.kpi"))}</span><br>{name}'
    area = words.area(view, kpi)
    place = f" <small>{text(area)}</small>" if area else ""
    if not words.has_value(kpi):
        why = escape(view.t("kpi.why_none"))
        body = f'<p class="card-figure">{words.status(view, kpi)}</p><p class="quiet">{why}</p>'
        return f'<article class="kpi-card"><h3>{name}{place}</h3>{body}</article>'
    flags = words.flags(view, kpi)
    lines = [
        " · ".join(dict.fromkeys([words.period(view, kpi), words.age(view, kpi), *flags])),
        words.spread(view, kpi),
        words.before(view, kpi),
    ]
    details = "<br>".join(escape(line) for line in lines if line)
    goal = words.target_if_any(view, kpi)
    return (
        f'<article class="kpi-card"><h3>{name}{place}</h3>'
        f'<p class="card-figure"><span class="figure">{words.value(view, kpi)}</span> '
        f'<span class="unit">{text(words.unit(view, kpi))}</span></p>'
        f"<p>{words.status(view, kpi)}{' · ' + escape(goal) if goal else ''}</p>"
        f'<div class="card-course">{words.spark(view, kpi, histories)}</div>'
        f'<p class="quiet">{details}</p></article>'
    )
