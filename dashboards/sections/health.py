"""The state of the data: sources, checks, quarantine, builds."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

import components
import state
import theme
from components import Card
from queries import health
from queries.builds import records
from shell import View, credit, note
from texts import messages

STATE_KIND = {"failing": "bad", "late": "bad", "ok": "good", "never": "quiet"}
ORDER = {state: i for i, state in enumerate(STATE_KIND)}
DATA_DOCS = Path(__file__).parents[1] / "static" / "data_docs" / "index.html"
STATIC_ADDRESS = "app/static/data_docs/index.html"
ALL = "all"
Row = dict[str, Any]


def _sources(view: View) -> pd.DataFrame:
    """One row per source; asked once a minute, as ages are told no finer than that."""
    minute = view.now.replace(second=0, microsecond=0)
    return view.read(health.sources, view.origin, minute)


def overview(view: View) -> None:
    """Four numbers, then every source with its age against what was promised."""
    t = view.t
    sources = _sources(view)
    if sources.empty:
        components.empty(view, "", t("lage.no_sources"), "sources")
        return
    _numbers(view, sources)
    st.header(t("lage.sources"), anchor="quellen")
    columns = ["source", "state", "fetched", "age", "rows", "quarantined", "checks", "gaps"]
    worst_first = sources.sort_values("state", key=lambda s: s.map(ORDER), kind="stable")
    rows = [_source_row(view, row) for row in records(worst_first)]
    with st.container(border=True):
        st.html(components.html_table([t(f"lage.col.{c}") for c in columns], rows, (4, 5, 7)))
        note(t("lage.promise_data"))


def _numbers(view: View, sources: pd.DataFrame) -> None:
    t, lang = view.t, view.lang
    ok = int((sources["state"] == "ok").sum())
    counts = sources.loc[sources["state"] != "ok", "state"].value_counts()
    others = [t("lage.state_count", n=counts[s], state=t(f"state.{s}"))
              for s in STATE_KIND if s in counts.index]  # fmt: skip
    accepted, turned_away = int(sources["rows"].sum()), int(sources["quarantined"].sum())
    share = 100 * turned_away / max(accepted + turned_away, 1)
    failed, checks = int(sources["checks_failed"].sum()), int(sources["checks"].sum())
    tiles = [
        (f"{ok}/{len(sources)}", t("lage.ok", n=ok, all=len(sources)),
         others or [t("lage.all_ok")]),
        (theme.fmt_number(accepted, 0, lang), t("lage.rows"), []),
        (theme.fmt_number(turned_away, 0, lang), t("lage.quarantined"),
         [t("lage.share", pct=theme.fmt_number(share, 3, lang))]),
        (theme.fmt_number(failed, 0, lang), t("lage.failed_checks"),
         [t("lage.of_checks", n=theme.fmt_number(checks, 0, lang))]),
    ]  # fmt: skip
    for column, (value, name, notes) in zip(st.columns(4, gap="medium"), tiles, strict=True):
        with column, st.container(border=True, height="stretch"):
            components.tile(name, value, notes=notes)


def _source_row(view: View, row: Row) -> list[str]:
    t, lang = view.t, view.lang
    promise = theme.fmt_span(row["promise_s"], t)
    age: str = (
        t("lage.age_none", promise=promise)
        if pd.isna(row["age_s"])
        else t("lage.age", age=theme.fmt_span(max(row["age_s"], 0), t), promise=promise)
    )
    kind = STATE_KIND[row["state"]]
    return [
        f"{escape(row[f'title_{lang}'])}<br><small>{escape(row['source'])}</small>",
        f"<b class='{kind}'>{escape(t('state.' + row['state']))}</b>",
        escape(theme.fmt_instant(row["last_success_at"], lang)),
        escape(age),
        theme.fmt_number(row["rows"], 0, lang),
        theme.fmt_number(row["quarantined"], 0, lang),
        escape(_checks(view, row)),
        theme.fmt_number(row["gaps"], 0, lang),
    ]


def _checks(view: View, row: Row) -> str:
    if not row["checks"]:
        return view.t("lage.checks_none")
    if row["checks_failed"]:
        return view.t("lage.checks_failed", failed=int(row["checks_failed"]), n=int(row["checks"]))
    return view.t("lage.checks_ok", n=int(row["checks"]))


def detail(view: View) -> None:
    """Facts, checks, gaps and fetches of one source."""
    t = view.t
    sources = _sources(view).set_index("source")
    if sources.empty:
        return
    st.header(t("lage.detail"), anchor="quelle")
    titles = {str(s): str(sources.loc[s, f"title_{view.lang}"]) for s in sources.index}
    chosen = state.pick(
        "source", t("lage.pick"), list(titles), titles.__getitem__, next(iter(titles))
    )
    row = sources.loc[chosen]
    facts = t("lage.facts", producer=row["producer"], protocol=row["protocol"],
              licence=credit(view, chosen))  # fmt: skip
    note(facts)
    measure = str(view.sources.loc[chosen, "measure"])
    if _airflow():
        st.link_button(t("lage.airflow_source"), f"{_airflow()}/dags/ingest_{measure}",
                       type="tertiary", icon=":material/open_in_new:")  # fmt: skip
    caveats = list(row[f"caveats_{view.lang}"])
    if caveats:
        with st.expander(t("lage.caveats")):
            st.html("<ul>" + "".join(f"<li>{escape(c)}</li>" for c in caveats) + "</ul>")
    tabs = st.tabs([t("lage.tab.checks"), t("lage.tab.gaps"), t("lage.tab.fetches")])
    with tabs[0]:
        _table(view, _check_rows(view, chosen), "lage.no_checks", "checks")
        note(t("lage.checks_note"))
    with tabs[1]:
        gaps = view.read(health.gaps, view.origin, chosen)
        _table(view, gaps, "lage.no_gaps", "gaps")
    with tabs[2]:
        fetches = view.read(health.fetches, view.origin, chosen)
        fetches["outcome"] = [t(f"lage.outcome.{o}") for o in fetches["outcome"]]
        fetches["error"] = _said(view, fetches["error"])
        _table(view, fetches, "lage.no_fetches", "fetches")


def _airflow() -> str:
    """Address of Airflow's pages, if the platform started them beside the dashboards."""
    return os.environ.get("URBANDATA_AIRFLOW_PAGE", "")


def _check_rows(view: View, source: str) -> pd.DataFrame:
    t = view.t
    checks = view.read(health.checks, view.origin, source)
    checks["severity"] = [t(f"severity.{s}") for s in checks["severity"]]
    checks["result"] = [
        t("lage.passed")
        if row["success"]
        else t("lage.failed", n=row["unexpected_count"], all=row["element_count"])
        for row in records(checks)
    ]
    if view.lang == "de":
        checks["why"] = [health.in_german(source, why) for why in checks["why"]]
    return checks[["result", "severity", "table_name", "column_name", "check_name", "why", "runs",
                   "failed_runs", "checked_at"]]  # fmt: skip


def _table(view: View, frame: pd.DataFrame, why_empty: str, key: str) -> None:
    """A table with headings for readers and times as they write them."""
    t = view.t
    if frame.empty:
        st.html(f'<p class="summary">{escape(t(why_empty))}</p>')
        return
    shown = frame.copy()
    for column in shown.select_dtypes("datetime").columns:
        shown[column] = [theme.fmt_clock(at, view.lang) for at in shown[column]]
    labels = {c: t(f"col.{c}") for c in shown.columns}
    st.dataframe(components.labelled(shown, labels), hide_index=True, width="stretch",
                 key=f"table_{key}")  # fmt: skip


def quarantine(view: View) -> None:
    """Records turned away, by source and reason; payloads held back as a whole."""
    t = view.t
    st.header(t("lage.quarantine"), anchor="quarantaene")
    if view.may_read("ops.quarantine"):
        _turned_away(view)
    else:
        note(t("lage.quarantine_denied"))
    st.subheader(t("lage.held"), anchor=False)
    held = view.read(health.held, view.origin)
    held["state"] = [t(f"lage.payload.{s}") for s in held["state"]]
    held["message"] = _said(view, held["message"])
    _table(view, held, "lage.held_none", "held")


def _turned_away(view: View) -> None:
    """Reasons with their counts, then the records themselves."""
    reasons = view.read(health.quarantine_reasons, view.origin)
    if reasons.empty:
        st.html(f'<p class="summary">✓ {escape(view.t("lage.quarantine_empty"))}</p>')
        return
    st.html(f'<p class="lead">{escape(view.t("lage.quarantine_lead"))}</p>')
    said = reasons.assign(reason=_said(view, reasons["reason"]))
    _table(view, said, "lage.quarantine_empty", "reasons")
    _quarantined_rows(view, reasons)


def _said(view: View, found: pd.Series) -> pd.Series:
    """Messages in the reader's language."""
    return found.map(lambda text: messages.in_language(text, view.lang), na_action="ignore")


def _quarantined_rows(view: View, reasons: pd.DataFrame) -> None:
    t = view.t

    def show(value: str) -> str:
        return t("all") if value == ALL else messages.in_language(value, view.lang)

    left, right = st.columns(2, gap="medium")
    with left:
        source = state.pick("qsource", t("lage.quarantine_source"),
                            [ALL, *sorted(set(reasons["source"]))], show, ALL)  # fmt: skip
    chosen = reasons if source == ALL else reasons[reasons["source"] == source]
    with right:
        reason = state.pick("qreason", t("lage.quarantine_reason"),
                            [ALL, *sorted(set(chosen["reason"]))], show, ALL)  # fmt: skip
    chosen = chosen if reason == ALL else chosen[chosen["reason"] == reason]
    wanted_source, wanted_reason = (None if v == ALL else v for v in (source, reason))
    rows = view.read(health.quarantine, view.origin, wanted_source, wanted_reason)
    total = theme.fmt_number(chosen["records"].sum(), 0, view.lang)
    shown = theme.fmt_number(len(rows), 0, view.lang)
    note(f"{t('lage.quarantine_shown', shown=shown, n=total)} {t('lage.quarantine_masked')}")
    said = rows.assign(reason=_said(view, rows["reason"]))
    _table(view, said, "lage.quarantine_empty", "quarantine")
    card = Card(
        key="quarantine",
        title=t("lage.quarantine"),
        unit="",
        sources=tuple(view.sources.index) if source == ALL else (source,),
        subject="",
        download=lambda: health.quarantine(
            view.con, view.origin, wanted_source, wanted_reason, limit=None
        ),
    )
    components.download(view, card)


def builds(view: View) -> None:
    """Builds, and what the newest one warned about."""
    t = view.t
    st.header(t("lage.builds"), anchor="datenstaende")
    found = view.read(health.builds)
    found["state"] = [t(f"lage.build.{s}") for s in found["state"]]
    found["duration_s"] = found["duration_s"].round(0)
    _table(view, found, "lage.builds_none", "builds")
    if found.empty:
        return
    st.subheader(t("lage.build_problems"), anchor=False)
    _table(view, view.read(health.build_problems), "lage.build_clean", "problems")


def data_docs(view: View) -> None:
    """Link to the pages with all checks, wherever they are served."""
    t = view.t
    st.header(t("lage.docs"), anchor="pruefregeln")
    address = os.environ.get("URBANDATA_DATA_DOCS_URL") or (
        STATIC_ADDRESS if DATA_DOCS.exists() else ""
    )
    airflow = _airflow()
    if airflow:
        st.link_button(t("lage.airflow"), f"{airflow}/dags", icon=":material/open_in_new:")
    if address:
        st.link_button(t("lage.docs_link"), address, icon=":material/open_in_new:")
    else:
        st.html(f'<p class="summary">○ {escape(t("lage.docs_none"))}</p>')
