"""Hot days and tropical nights."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import charts
import components
import state
import theme
from components import Card
from queries import environment
from queries.builds import records
from shell import View


def show(view: View, stations: pd.DataFrame) -> None:
    """Days per year at one site."""
    t, lang = view.t, view.lang
    st.header(t("heat.section"), anchor="hitze")
    sites = stations[stations["subject"] == "heat"].set_index("station_id")
    if sites.empty:
        components.empty(view, "", t("heat.empty"), "heat")
        return
    options = [str(s) for s in sites.index]
    chosen = state.pick(
        "heat", t("heat.pick"), options, lambda s: str(sites.loc[s, "name"]), options[0]
    )
    years = view.read(environment.heat_years, view.origin, chosen)
    columns = ["year", "hot_days", "tropical_nights", "days", "coverage_pct"]
    labels = {"year": t("warn.year"), **{c: t(f"heat.{c}") for c in columns[1:]}}
    is_partial = bool((years["coverage_pct"] < charts.FULL_YEAR_PCT).any())
    summary = [
        t("heat.summary", year=int(row["year"]), hot=int(row["hot_days"]),
          nights=int(row["tropical_nights"]),
          coverage=theme.fmt_number(row["coverage_pct"], 0, lang))
        for row in records(years.iloc[::-1].head(3))
    ]  # fmt: skip
    site = records(sites.reset_index()[sites.index == chosen])[0]
    card = Card(
        key="heat",
        title=f"{t('heat.title')}: {site['name']}",
        unit=t("heat.unit"),
        sources=(site["source_key"],),
        subject="heat",
        download=lambda: years,
        note=t("heat.note") if is_partial else "",
        chart=view.draw(charts.heat, years),
        summary=summary,
        table=components.labelled(years.assign(year=years["year"].astype(str)), labels),
    )
    components.chart_card(view, card)
