"""The map of the sites."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import charts
import components
import theme
from components import Card
from shell import View

MARGIN_DEGREES = 0.02
STEP_DEGREES = 0.008


def show(view: View, stations: pd.DataFrame) -> None:
    """All sites with data on the schematic city; those that do not fit are named below."""
    t = view.t
    st.header(t("map.section"), anchor="karte")
    if stations.empty:
        components.empty(view, "", t("map.empty"), "map")
        return
    places = stations.assign(
        value_text=[_value(view, row) for _, row in stations.iterrows()],
        at_text=[theme.fmt_clock(at, view.lang) for at in stations["value_at"]],
    )
    placed = places["latitude"].notna() & places["longitude"].notna()
    inside = placed & _inside(places)
    labels = {"name": t("chart.station"), "kind": t("map.subject"), "value_text": t("chart.value"),
              "at_text": t("map.at"), "note": t("map.remark")}  # fmt: skip
    kinds = places.assign(kind=[t(f"map.subject.{s}") for s in places["subject"]])
    card = Card(
        key="map",
        title=t("map.title"),
        unit=t("map.unit"),
        sources=tuple(sorted(set(places["source_key"].dropna()))),
        subject="",
        download=lambda: stations,
        note=t("map.note"),
        chart=view.draw(charts.city_map, _side_by_side(places[inside])) if inside.any() else None,
        summary=_summary(view, places, inside, placed),
        table=components.labelled(kinds.fillna({"note": ""}), labels),
    )
    components.chart_card(view, card)


def _side_by_side(places: pd.DataFrame) -> pd.DataFrame:
    """A place that measures several things shows its marks beside each other."""
    nth = places.groupby(["latitude", "longitude"]).cumcount()
    return places.assign(longitude=places["longitude"] + nth * STEP_DEGREES)


def _inside(places: pd.DataFrame) -> pd.Series:
    west, south, east, north = charts.bounds()
    m = MARGIN_DEGREES
    return places["longitude"].between(west - m, east + m) & places["latitude"].between(
        south - m, north + m
    )


def _value(view: View, row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return view.t("map.value.none")
    digits = 0 if row["subject"] == "gauge" else 1
    value = theme.fmt_number(row["value"], digits, view.lang)
    return view.t(f"map.value.{row['subject']}", value=value)


def _summary(view: View, places: pd.DataFrame, inside: pd.Series, placed: pd.Series) -> list[str]:
    t = view.t
    counts = places[inside].groupby("subject").size()
    parts = ", ".join(f"{t(f'map.subject.{s}')} {n}" for s, n in counts.items())
    lines = [t("map.summary", n=int(inside.sum()), parts=parts)] if inside.any() else []
    outside = sorted(set(places.loc[placed & ~inside, "name"]))
    unplaced = sorted(set(places.loc[~placed, "name"]))
    if outside:
        lines.append(t("map.outside", names=", ".join(outside)))
    if unplaced:
        lines.append(t("map.unplaced", names=", ".join(unplaced)))
    return lines
