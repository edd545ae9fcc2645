"""What Cleema saved: key figures, course, actions and boroughs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

import charts
import components
import points as points_of
import theme
from components import Card
from queries import cleema
from queries.builds import records
from sections import kpi_words as words
from shell import REGISTER, View

SOURCES = ("cleema_export", "cleema_api")
UNIT = "kg CO₂e"


def numbers(view: View) -> None:
    """Saving with range, people, coverage and what counts nothing yet."""
    t = view.t
    found = view.read(cleema.totals, view.origin)
    if found.empty:
        return
    row = found.iloc[0]
    activity = view.read(cleema.activity, view.origin)
    people = activity["active_people_30d"].dropna()
    assessed = ("assessed_challenges", "challenges")
    tiles = [
        (t("cleema.total"), amount(view, row["saving_kg_co2e"]), UNIT,
         [t("kpi.range", low=amount(view, row["saving_low_kg_co2e"]),
            high=amount(view, row["saving_high_kg_co2e"])), t("cleema.estimated")]),
        (t("cleema.active"), amount(view, people.iloc[-1] if len(people) else None),
         t("cleema.people"), [t("cleema.last_30_days")]),
        (t("cleema.assessed"), "/".join(amount(view, row[c]) for c in assessed),
         t("cleema.challenges"), [t("cleema.assessed_note")]),
        (t("cleema.self_reported"), amount(view, row["self_reported_pct"]), "%",
         [t("cleema.self_reported_note")]),
    ]  # fmt: skip
    for column, (name, value, unit, notes) in zip(st.columns(4, gap="medium"), tiles, strict=True):
        with column, st.container(border=True, height="stretch"):
            components.tile(name, value, unit, notes=notes)


def amount(view: View, number: float | None) -> str:
    """A number as readers compare it."""
    return words.number(view, number)


def course(view: View) -> None:
    """Saving by month with its range."""
    t = view.t
    st.header(t("cleema.course"), anchor="verlauf")
    found = view.read(cleema.monthly, view.origin)
    if found.empty:
        components.empty(view, "", t("cleema.none"), "cleema")
        return
    columns = {
        "saving_kg_co2e": "value",
        "saving_low_kg_co2e": "low",
        "saving_high_kg_co2e": "high",
    }
    points = points_of.by_period(view, found.rename(columns=columns), "month")
    last = points.iloc[-1]
    card = Card(
        key="cleema_course",
        title=t("cleema.course_title"),
        unit=UNIT,
        sources=SOURCES,
        subject="",
        stand=t("kpi.stand", period=last["label"]),
        download=lambda: found,
        period=f"{points['label'].iloc[0]} – {last['label']}",
        note=f"{t('cleema.course_note')} {t('kpi.hollow')}",
        chart=view.draw(charts.course, points, UNIT, []),
        summary=[t("cleema.course_summary", month=last["label"], value=amount(view, last["value"]),
                   low=amount(view, last["low"]), high=amount(view, last["high"]))],
        table=points_of.table(view, points, UNIT),
    )  # fmt: skip
    components.chart_card(view, card)


def actions(view: View) -> None:
    """Saving by action, and by borough where the export knows it."""
    t = view.t
    st.header(t("cleema.where"), anchor="handlungen")
    left, right = st.columns(2, gap="medium")
    with left:
        _ranking(view, view.read(cleema.by_action, view.origin), "cleema_actions", "action")
    with right:
        _boroughs(view, view.read(cleema.by_borough, view.origin))


def _ranking(view: View, found: pd.DataFrame, key: str, what: str) -> None:
    t = view.t
    title = t(f"cleema.by_{what}")
    if found.empty:
        components.empty(view, title, t(f"cleema.no_{what}"), key)
        return
    rows = _named(view, found)
    card = Card(
        key=key, title=title, unit=UNIT, sources=SOURCES, subject="",
        stand=t("cleema.since_phase"),
        download=lambda: found,
        chart=view.draw(charts.ranking, rows[["name", "value", "text"]], UNIT),
        summary=[t("cleema.action_summary", n=len(rows), top=rows["name"].iloc[0],
                   top_value=rows["text"].iloc[0], low=rows["name"].iloc[-1],
                   low_value=rows["text"].iloc[-1])],
        table=_range_table(view, rows, t(f"cleema.{what}")),
    )  # fmt: skip
    components.chart_card(view, card)


def _boroughs(view: View, found: pd.DataFrame) -> None:
    t = view.t
    title = t("cleema.by_borough")
    if found.empty:
        components.empty(view, title, t("cleema.no_borough"), "cleema_boroughs")
        return
    rows = _named(view, found)
    mapped = rows[rows["area_id"].str.fullmatch(r"borough:\d+")]
    card = Card(
        key="cleema_boroughs", title=title, unit=UNIT, sources=SOURCES, subject="",
        stand=t("cleema.since_phase"),
        download=lambda: found,
        note=f"{t('cleema.under_k')} {t('map.note')}",
        chart=view.draw(charts.area_map, mapped[["area_id", "name", "value", "text"]], UNIT)
        if len(mapped) else None,
        summary=[", ".join(f"{r['name']}: {r['text']}" for _, r in rows.iterrows())],
        table=_range_table(view, rows, t("area.borough")),
    )  # fmt: skip
    components.chart_card(view, card)


def _named(view: View, found: pd.DataFrame) -> pd.DataFrame:
    """Rows with name and value as text; areas that are no borough say what they are."""
    named = found[f"name_{view.lang}"].fillna(found["name_de"])
    if "area_id" in found.columns:
        special = {k: view.t(f"area.{k}") for k in ("borough:unknown", "borough:under_k")}
        named = named.fillna(found["area_id"].map(special)).fillna(found["area_id"])
    else:
        named = named.fillna(found["action_code"])
    text = [f"{amount(view, v)} {UNIT}" for v in found["value"]]
    return found.assign(name=named, text=text)


def _range_table(view: View, rows: pd.DataFrame, what: str) -> pd.DataFrame:
    t = view.t
    shown: dict[str, Any] = {what: rows["name"]}
    for column, head in (("low", "kpi.low"), ("value", "cleema.central"), ("high", "kpi.high")):
        shown[f"{t(head)} ({UNIT})"] = [amount(view, v) for v in rows[column]]
    return pd.DataFrame(shown)


def factors(view: View) -> None:
    """The register: what one unit of an action saves, and who says so."""
    t = view.t
    st.header(t("cleema.factors"), anchor="faktoren")
    found = view.read(cleema.factors)
    if found.empty:
        components.empty(view, "", t("cleema.no_factors"), "factors")
        return
    shown = pd.DataFrame({
        t("cleema.action"): found[f"name_{view.lang}"],
        t("cleema.per_unit"): found[f"unit_{view.lang}"],
        t("kpi.low"): [theme.fmt_number(v, 3, view.lang) for v in found["low_kg_co2e"]],
        t("cleema.central"): [theme.fmt_number(v, 3, view.lang) for v in found["value_kg_co2e"]],
        t("kpi.high"): [theme.fmt_number(v, 3, view.lang) for v in found["high_kg_co2e"]],
        t("cleema.boundary"): [t(f"boundary.{b}") for b in found["boundary"]],
        t("kpi.detail.evidence"): found["evidence_class"],
        t("cleema.sureness"): [t(f"sureness.{s}") for s in found["sureness"]],
        t("cleema.source"): found["source"],
        t("cleema.edition"): found["edition"],
    })  # fmt: skip
    components.table_card(view, "factors", t("cleema.factors_title"), shown, found, REGISTER,
                          t("cleema.factors_note"))  # fmt: skip


def scope(view: View, row: dict[str, Any]) -> str:
    """What an assumption applies to: an action by its name, a group of them, or all others."""
    action = row[f"action_{view.lang}"]
    return view.t(f"scope.{row['scope']}") if pd.isna(action) else str(action)


def assumptions(view: View) -> None:
    """Shares and caps, each with its origin."""
    t = view.t
    found = view.read(cleema.assumptions)
    if found.empty:
        return
    shown = pd.DataFrame({
        t("cleema.assumption"): [t(f"assumption.{a}") for a in found["assumption"]],
        t("cleema.scope"): [scope(view, row) for row in records(found)],
        t("kpi.low"): [words.number(view, v) for v in found["low"]],
        t("cleema.central"): [words.number(view, v) for v in found["central"]],
        t("kpi.high"): [words.number(view, v) for v in found["high"]],
        t("kpi.detail.evidence"): found["evidence_class"],
        t("cleema.sureness"): [t(f"sureness.{s}") for s in found["sureness"]],
        t("cleema.meaning"): found[f"note_{view.lang}"].fillna(""),
        t("cleema.source"): found["source"],
    })  # fmt: skip
    components.table_card(view, "assumptions", t("cleema.assumptions_title"), shown, found,
                          REGISTER)  # fmt: skip
