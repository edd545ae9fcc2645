"""The course of one KPI with target, range and gaps; the choices live in the URL."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import charts
import components
import points as points_of
import state
from components import Card
from queries import kpis
from queries.builds import records
from sections import kpi_words as words
from sections.kpi_facts import sources_of
from shell import View

Area = dict[str, str]
STEPS = ("day", "month", "quarter", "year", "phase")
SPANS = {"1": 1, "3": 3, "all": 100}


def choose(view: View, fed: pd.DataFrame) -> tuple[pd.Series, Area]:
    """The KPI and the area the reader wants; first of all the headline of the topic."""
    t = view.t
    with_values = fed[fed["value"].notna()]
    names = {str(k["code"]): words.name(view, k) for _, k in with_values.iterrows()}
    left, right = st.columns([3, 2], gap="medium")
    with left:
        code = state.pick("kpi", t("topic.kpi"), list(names), names.__getitem__, next(iter(names)))
    kpi = with_values[with_values["code"] == code].iloc[0]
    areas = {a["area_id"]: a for a in records(view.read(kpis.areas_of, view.origin, code))}
    with right:
        area_id = state.pick(
            "area", t("topic.area"), list(areas),
            lambda a: _area_name(view, areas[a]), next(iter(areas)),
        )  # fmt: skip
    return kpi, areas[area_id]


def _area_name(view: View, area: Area) -> str:
    if area["area_kind"] == "city":
        return view.t("area.city")
    return f"{area[f'name_{view.lang}']} ({view.t('area.' + area['area_kind'])})"


def show(view: View, kpi: pd.Series, area: Area) -> None:
    """Chart card of the KPI in that area."""
    t = view.t
    code = str(kpi["code"])
    values = view.read(kpis.series, view.origin, code, area["area_kind"], area["area_id"])
    steps = [s for s in STEPS if s in set(values["period_kind"])]
    left, right = st.columns(2, gap="medium")
    with left:
        default = "month" if "month" in steps else steps[0]
        step = state.switch("step", t("topic.step"), steps, lambda s: t(f"step.{s}"), default)
    with right:
        span = state.switch("span", t("topic.span"), list(SPANS), lambda s: t(f"span.{s}"), "3")
    shown = _within(values[values["period_kind"] == step], SPANS[span])
    components.chart_card(view, _card(view, kpi, area, step, shown))


def _within(values: pd.DataFrame, years: int) -> pd.DataFrame:
    newest = values["period_start"].max()
    shown: pd.DataFrame = values[values["period_start"] > newest - pd.DateOffset(years=years)]
    return shown


def _card(view: View, kpi: pd.Series, area: Area, step: str, shown: pd.DataFrame) -> Card:
    t = view.t
    unit = words.unit(view, kpi)
    points = points_of.by_period(view, shown, step)
    place = _area_name(view, area)
    return Card(
        key="course",
        title=f"{words.name(view, kpi)}: {place}",
        unit=unit,
        sources=sources_of(view, kpi),
        subject="",
        stand=t("kpi.stand", period=words.period(view, shown.iloc[-1])),
        download=lambda: shown,
        period=f"{points['label'].iloc[0]} – {points['label'].iloc[-1]}",
        note=_note(view, shown),
        chart=view.draw(charts.course, points, unit, _targets(view, kpi)),
        summary=_summary(view, kpi, shown, unit),
        table=points_of.table(view, points, unit),
        lineage=words.link(view, "datenlage", kpi=str(kpi["code"])),
    )


def _targets(view: View, kpi: pd.Series) -> list[charts.Line]:
    """The target as a line, a band as two."""
    columns = [c for c in ("target_value", "target_high") if not pd.isna(kpi[c])]
    return [
        charts.Line(float(kpi[c]), f"{view.t('kpi.goal')} {words.value(view, kpi, c)}")
        for c in columns
    ]


def _note(view: View, shown: pd.DataFrame) -> str:
    notes = []
    if shown["low"].notna().any():
        notes.append(view.t("kpi.band"))
    if shown["quality_flags"].fillna("").ne("").any():
        notes.append(view.t("kpi.hollow"))
    return " ".join(notes)


def _summary(view: View, kpi: pd.Series, shown: pd.DataFrame, unit: str) -> list[str]:
    """The same in words: first, lowest, highest and latest value, and the target."""
    rows = records(shown.dropna(subset=["value"]))
    if not rows:
        return [view.t("kpi.none")]
    chosen = {
        "low": min(rows, key=lambda r: r["value"]),
        "high": max(rows, key=lambda r: r["value"]),
        "last": rows[-1],
    }
    parts = {"name": words.name(view, kpi)}
    for which, row in chosen.items():
        parts[which] = f"{words.number(view, row['value'])} {unit}".strip()
        parts[f"{which}_at"] = words.period(view, pd.Series(row))
    return [view.t("chart.series", **parts) + " " + _target_sentence(view, kpi)]


def _target_sentence(view: View, kpi: pd.Series) -> str:
    if pd.isna(kpi["target_value"]):
        return view.t("kpi.no_target")
    source = words.said(view, kpi, "target_source")
    return view.t("kpi.target_from", target=words.target(view, kpi), source=source)
