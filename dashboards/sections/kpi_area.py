"""One KPI compared between areas: a map and the areas by size, from the same rows."""

from __future__ import annotations

import pandas as pd

import charts
import components
from components import Card
from queries import kpis
from sections import kpi_words as words
from sections.kpi_facts import sources_of
from shell import View

SHAPED = ("borough", "district")


def show(view: View, kpi: pd.Series) -> None:
    """The finest kind of area of which there are several; nothing where there is only the city."""
    kind = str(kpi["period_kind"])
    found = view.read(kpis.by_area, view.origin, str(kpi["code"]), kind)
    counts = found.groupby("area_kind", sort=False).size() if len(found) else pd.Series(dtype=int)
    several = [str(k) for k in counts.index if counts[k] > 1]
    if not several:
        return
    chosen = next((k for k in ("borough", "district") if k in several), several[0])
    rows = found[found["area_kind"] == chosen].reset_index(drop=True)
    components.chart_card(view, _card(view, kpi, chosen, rows))


def _card(view: View, kpi: pd.Series, kind: str, rows: pd.DataFrame) -> Card:
    t = view.t
    unit = words.unit(view, kpi)
    name = f"name_{view.lang}"
    rows = rows.assign(
        name=rows[name], text=[f"{words.number(view, v)} {unit}".strip() for v in rows["value"]]
    )
    first = pd.Series(
        {"period_kind": kpi["period_kind"], "period_start": rows["period_start"].iloc[0]}
    )
    drawn = (
        view.draw(charts.area_map, rows, unit)
        if kind in SHAPED
        else view.draw(charts.ranking, rows, unit)
    )
    return Card(
        key="areas",
        title=t("area.title", name=words.name(view, kpi), kind=t(f"area.{kind}.many")),
        unit=unit,
        sources=sources_of(view, kpi),
        subject="",
        stand=t("kpi.stand", period=words.period(view, first)),
        download=lambda: rows.drop(columns=["text", "name"]),
        note=t("map.note") if kind in SHAPED else "",
        chart=drawn,
        summary=[_summary(view, rows)],
        table=pd.DataFrame({t(f"area.{kind}"): rows["name"], t("chart.value"): rows["text"]}),
    )


def _summary(view: View, rows: pd.DataFrame) -> str:
    top, low = rows.loc[rows["value"].idxmax()], rows.loc[rows["value"].idxmin()]
    return view.t("area.summary", n=len(rows), top=top["name"], top_value=top["text"],
                  low=low["name"], low_value=low["text"])  # fmt: skip
