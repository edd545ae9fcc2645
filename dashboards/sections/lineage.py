"""Where does this number come from? From the value back to the raw payloads."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

import components
import state
import theme
from marks import text
from queries import health, kpis, lineage
from queries.builds import records
from sections import kpi_words as words
from shell import View, credit, note

KINDS = ("mart", "intermediate", "staging", "seed")
PAYLOADS = 200
Row = dict[str, Any]


def show(view: View) -> None:
    """One KPI in one area and period: value, formula, models, sources, checks, payloads."""
    t = view.t
    st.header(t("lineage.title"), anchor="woher")
    if not lineage.is_recorded(view.con):
        st.html(f'<p class="summary">○ {escape(t("lineage.none"))}</p>')
        return
    known = view.read(kpis.overview, view.origin).set_index("code", drop=False)
    known = known[known["value"].notna()]
    if known.empty:
        st.html(f'<p class="summary">○ {escape(t("lineage.no_values"))}</p>')
        return
    code, area, chosen = _choose(view, known)
    if chosen is None:
        return
    kind, start = str(chosen["period_kind"]), pd.Timestamp(chosen["period_start"]).date()
    key = (view.origin, code, kind, start, area)
    _value(view, pd.Series(known.loc[code]), view.read(lineage.values, *key))
    _models(view, view.read(lineage.models, code))
    _sources(view, code)
    _checks(view, view.read(lineage.checks, code))
    _payloads(view, view.read(lineage.payloads, *key))


def _choose(view: View, known: pd.DataFrame) -> tuple[str, str, Row | None]:
    t = view.t
    names = {str(c): f"{k[f'name_{view.lang}']} ({c})" for c, k in known.iterrows()}
    one, two, three = st.columns([3, 2, 2], gap="medium")
    with one:
        code = state.pick("kpi", t("topic.kpi"), list(names), names.__getitem__, next(iter(names)))
    areas = {a["area_id"]: a for a in records(view.read(kpis.areas_of, view.origin, code))}
    with two:
        area = state.pick(
            "area", t("topic.area"), list(areas), lambda a: _area(view, areas[a]), next(iter(areas))
        )
    periods = {
        f"{row['period_kind']}:{pd.Timestamp(row['period_start']).date()}": row
        for row in records(view.read(lineage.periods, view.origin, code, area))
    }
    with three:
        chosen = state.pick(
            "at", t("topic.period"), list(periods),
            lambda p: words.period(view, pd.Series(periods[p])),
            next(iter(periods)),
        )  # fmt: skip
    return code, area, periods.get(chosen)


def _area(view: View, area: Row) -> str:
    is_city = area["area_kind"] == "city"
    return view.t("area.city") if is_city else str(area[f"name_{view.lang}"])


def _value(view: View, kpi: pd.Series, values: pd.DataFrame) -> None:
    """The value, how it is computed and by which model."""
    t = view.t
    if values.empty:
        return
    row = values.iloc[0]
    unit = words.unit(view, kpi)
    said = [f'<b class="figure">{words.number(view, row["value"])} {text(unit)}</b>']
    said += [escape(line) for line in (words.spread(view, row), words.basis(view, row)) if line]
    computed = t("lineage.computed", model=row["model"], build=row["build_id"])
    formula = words.said(view, kpi, "formula")
    st.html(
        f'<p class="summary">{" · ".join(said)}</p>'
        f'<p class="summary">{escape(t("kpi.detail.formula"))}: {text(formula)}</p>'
        f'<p class="card-footer">{escape(computed)}</p>'
    )  # fmt: skip


def _models(view: View, found: pd.DataFrame) -> None:
    """Models by layer, from the mart back to what stands beside the sources."""
    t = view.t
    parts = []
    for kind in KINDS:
        nodes = found[found["node_kind"] == kind]
        if len(nodes):
            listed = ", ".join(f"<code>{text(n)}</code>" for n in nodes["node"])
            parts.append(f"<dt>{escape(t(f'lineage.{kind}'))}</dt><dd>{listed}</dd>")
    if parts:
        st.html(f'<dl class="facts-list">{"".join(parts)}</dl>')


def _sources(view: View, code: str) -> None:
    t = view.t
    named = view.read(lineage.sources_of_kpi, code)
    items = [
        f'<a href="{escape(words.link(view, "datenlage", source=str(s)))}">'
        f"{text(view.sources.loc[s, f'title_{view.lang}'])}</a> – {text(credit(view, str(s)))}"
        for s in named["source"]
        if s in view.sources.index
    ]
    if items:
        body = "".join(f"<li>{item}</li>" for item in items)
        st.html(f'<p class="summary"><b>{escape(t("topic.sources"))}</b></p>'
                f'<ul class="plain-list">{body}</ul>')  # fmt: skip


def _checks(view: View, found: pd.DataFrame) -> None:
    if found.empty:
        return
    t, whys = view.t, list(found["why"])
    if view.lang == "de":
        whys = [health.in_german(*pair) for pair in zip(found["source"], whys, strict=True)]
    shown = pd.DataFrame({
        t("col.source"): found["source"], t("col.table_name"): found["table_name"],
        t("col.column_name"): found["column_name"], t("col.check_name"): found["check_name"],
        t("lineage.checked"): [theme.fmt_number(n, 0, view.lang) for n in found["checked"]],
        t("lineage.unexpected"): [theme.fmt_number(n, 0, view.lang) for n in found["unexpected"]],
        t("col.why"): whys,
    })  # fmt: skip
    title = t("lineage.check") if len(found) == 1 else t("lineage.checks", n=len(found))
    with st.expander(title):
        st.dataframe(shown, hide_index=True, width="stretch", key="table_lineage_checks",
                     alt=title)  # fmt: skip


def _payloads(view: View, found: pd.DataFrame) -> None:
    """The files as they came, with hash and place in the raw zone."""
    t = view.t
    n = theme.fmt_number(len(found), 0, view.lang)
    title = t("lineage.payload") if len(found) == 1 else t("lineage.payloads", n=n)
    if found.empty:
        note(title)
        return
    first = found.head(PAYLOADS)
    shown = pd.DataFrame({
        t("col.source"): first["source"], t("col.table_name"): first["table_name"],
        t("col.resource"): first["resource"],
        t("col.fetched_at"): [theme.fmt_instant(at, view.lang) for at in first["fetched_at"]],
        t("col.records"): [theme.fmt_number(n, 0, view.lang) for n in first["rows"]],
        t("lineage.sha256"): first["sha256"], t("lineage.raw_path"): first["raw_path"],
    })  # fmt: skip
    components.table_card(
        view, "payloads", title, shown, found, tuple(dict.fromkeys(found["source"])),
        t("lineage.payloads_shown", n=PAYLOADS) if len(found) > PAYLOADS else "",
    )  # fmt: skip
