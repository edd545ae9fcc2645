"""A scenario of the reader's own, visibly apart from the official figure."""

from __future__ import annotations

from html import escape

import streamlit as st

import scenario
import state
from queries import cleema
from sections.cleema import UNIT, amount
from shell import View

PERCENT = 100


def show(view: View) -> None:
    """Three assumptions to change, and what the saving would be with them."""
    t = view.t
    actions = view.read(cleema.by_action, view.origin)
    assumptions = view.read(cleema.assumptions)
    if actions.empty or assumptions.empty:
        return
    st.header(t("scenario.section"), anchor="szenario")
    with st.container(key="scenario"):
        st.html(f'<p class="scenario-mark">{escape(t("scenario.mark"))}</p>')
        official = {n: round(PERCENT * scenario.official(assumptions, n, "", "energy"))
                    for n in ("additionality", "rebound")}  # fmt: skip
        one, two, three = st.columns(3, gap="large")
        with one:
            extra = state.slide("zus", t("scenario.additionality"), 0, 100,
                                official["additionality"], 5, "%d %%")  # fmt: skip
        with two:
            rebound = state.slide(
                "reb", t("scenario.rebound"), 0, 60, official["rebound"], 5, "%d %%"
            )
        with three:
            people = state.slide("leute", t("scenario.people"), 1, 20, 1, 1, "× %d")
        chosen = scenario.Scenario(extra / PERCENT, rebound / PERCENT, people)
        _result(view, float(actions["value"].sum()), scenario.total(actions, assumptions, chosen))


def _result(view: View, official: float, total: float) -> None:
    t = view.t
    unit = f'<span class="unit">{UNIT}</span>'
    change = "" if official == 0 else t("scenario.times", factor=amount(view, total / official))
    st.html(
        '<div class="scenario-result">'
        f'<div><p class="kpi-name">{escape(t("scenario.result"))}</p>'
        f'<p class="kpi-value scenario-value">≈ {amount(view, total)} {unit}</p>'
        f'<p class="kpi-note">{escape(change)}</p></div>'
        f'<div><p class="kpi-name">{escape(t("scenario.official"))}</p>'
        f'<p class="kpi-value">{amount(view, official)} {unit}</p>'
        f'<p class="kpi-note">{escape(t("scenario.note"))}</p></div></div>'
    )
