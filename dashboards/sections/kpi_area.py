"""One KPI compared between areas: a map and the areas by size, from the same rows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import charts
import components
from components import Card
from queries import kpis
from sections import kpi_words as words
from sections.kpi_facts import sources_of
from shell import View

SHAPED = ("borough", "district")
MOST = 20


def show(view: View, kpi: pd.Series) -> None:
    """The finest kind of area of which there are several; nothing where there is only the city."""
    kind = str(kpi["period_kind"])
    found = view.read(kpis.by_area, view.origin, str(kpi["code"]), kind)
    counts = found.groupby("area_kind", sort=False).size() if len(found) else pd.Series(dtype=int)
    several = [str(k) for k in counts.index if counts[k] > 1]
    if not several:
        return
    chosen = next((k for k in SHAPED if k in several), several[0])
    rows = found[found["area_kind"] == chosen].reset_index(drop=True)
    unit = words.unit(view, kpi)
    rows["name"] = rows[f"name_{view.lang}"]
    rows["text"] = [f"{words.number(view, v)} {unit}".strip() for v in rows["value"]]
    left, right = st.columns(2, gap="medium")
    with left:
        components.chart_card(view, _bars(view, kpi, chosen, rows))
    with right:
        _map(view, kpi, chosen, rows)


def _bars(view: View, kpi: pd.Series, kind: str, rows: pd.DataFrame) -> Card:
    t = view.t
    shown = rows.head(MOST)[["name", "value", "text"]]
    few = t("area.first", n=MOST) if len(rows) > MOST else ""
    return Card(
        key="areas",
        title=t("area.title", name=words.name(view, kpi), kind=t(f"area.{kind}.many")),
        unit=words.unit(view, kpi),
        sources=sources_of(view, kpi),
        subject="",
        stand=_stand(view, kpi, rows),
        download=lambda: rows.drop(columns=["text", "name"]),
        note=few,
        chart=view.draw(charts.ranking, shown, words.unit(view, kpi)),
        summary=[_summary(view, rows)],
        table=pd.DataFrame({t(f"area.{kind}"): rows["name"], t("chart.value"): rows["text"]}),
    )


def _map(view: View, kpi: pd.Series, kind: str, rows: pd.DataFrame) -> None:
    """Filled districts, or points where an area is a place; places unknown are left out."""
    t = view.t
    unit = words.unit(view, kpi)
    title = t("area.map", kind=t(f"area.{kind}.many"))
    is_shaped = kind in SHAPED
    placed = rows if is_shaped else rows.dropna(subset=["latitude", "longitude"])
    if placed.empty:
        components.empty(view, title, t("area.no_place"), "area_map")
        return
    columns = ["area_id"] if is_shaped else ["latitude", "longitude"]
    data = placed[[*columns, "name", "value", "text"]]
    card = Card(
        key="area_map",
        title=title,
        unit=unit,
        sources=sources_of(view, kpi),
        subject="",
        stand=_stand(view, kpi, rows),
        download=lambda: rows.drop(columns=["text", "name"]),
        note=t("map.note"),
        chart=view.draw(charts.area_map if is_shaped else charts.point_map, data, unit),
        summary=[t("area.map_summary", n=len(placed), all=len(rows))],
    )
    components.chart_card(view, card)


def _stand(view: View, kpi: pd.Series, rows: pd.DataFrame) -> str:
    start = rows["period_start"].iloc[0]
    shown = pd.Series({"period_kind": kpi["period_kind"], "period_start": start})
    return view.t("kpi.stand", period=words.period(view, shown))


def _summary(view: View, rows: pd.DataFrame) -> str:
    top, low = rows.iloc[int(rows["value"].argmax())], rows.iloc[int(rows["value"].argmin())]
    return view.t("area.summary", n=len(rows), top=top["name"], top_value=top["text"],
                  low=low["name"], low_value=low["text"])  # fmt: skip
