"""Editions of the strategy update: draw a draft, fetch its files, hand it in."""

from __future__ import annotations

import os
from html import escape

import httpx
import streamlit as st

import components
import state
import theme
from i18n import LANGUAGES
from shell import View, note
from urbandata.errors import UrbandataError
from urbandata.platform import cluster
from urbandata.platform.airflow_api import AirflowApi
from urbandata.platform.parts import airflow_url
from urbandata.report import editions
from urbandata.report.periods import NEWEST
from urbandata.settings import Settings

DAG = "strategy_update"
STATES = {"draft": "○", "submitted": "◐", "approved": "●", "rejected": "▲"}
MIME = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHOWN = 20


def new(view: View) -> None:
    """Period, build and languages, and one button that makes a draft of them."""
    t = view.t
    st.header(t("fort.new"), anchor="neu", divider=False)
    with st.container(border=True, key="card_new_edition"):
        left, middle, right = st.columns(3, gap="medium")
        with left:
            period = state.pick("fperiod", t("fort.period"), _periods(view), lambda p: (
                t("fort.period.newest") if p == NEWEST else p), NEWEST)  # fmt: skip
        with middle:
            build = st.selectbox(t("fort.build"), _builds(view), key="widget_fbuild",
                                 format_func=lambda b: _build_name(view, b))  # fmt: skip
        with right:
            langs = st.multiselect(
                t("fort.langs"), list(LANGUAGES), default=[view.lang],
                format_func=LANGUAGES.__getitem__, key="widget_flangs",
            )  # fmt: skip
        if st.button(t("fort.make"), type="primary", key="make", disabled=not langs,
                     icon=":material/edit_document:"):  # fmt: skip
            _make(view, period, build, langs)


def _periods(view: View) -> list[str]:
    """The newest data, and years and quarters that are over."""
    now = view.build.published_at
    years = [str(y) for y in range(now.year - 1, now.year - 4, -1)]
    quarters = [f"{now.year}-Q{q}" for q in range((now.month - 1) // 3, 0, -1)]
    return [NEWEST, *quarters, *years]


def _builds(view: View) -> list[str]:
    names = [p.stem for p in view.build.path.parent.glob("*.duckdb")]
    return sorted(names, key=lambda n: (n != view.build.build_id, n))


def _build_name(view: View, build: str) -> str:
    current = build == view.build.build_id
    return view.t("fort.build.current", build=build) if current else build


def _make(view: View, period: str, build: str, langs: list[str]) -> None:
    try:
        with st.spinner(view.t("fort.making")):
            made = editions.create(
                Settings.from_env(), view.reader.name,
                "" if period == NEWEST else period, build, langs,
                view.origin,
            )  # fmt: skip
    except UrbandataError as error:
        st.error(view.t("fort.failed", problem=error))
        return
    state.keep("edition", [made.id])
    st.session_state["widget_edition"] = made.id
    st.success(view.t("fort.made", edition=made.id))


def listed(view: View) -> None:
    """All editions in a table, and one of them with files, steps and past."""
    t = view.t
    st.header(t("fort.editions"), anchor="ausgaben", divider=False)
    known = editions.every(Settings.from_env())
    if not known:
        components.empty(view, "", t("fort.none"), "editions")
        return
    names = [e.id for e in known]
    chosen = state.pick("edition", t("fort.edition"), names, lambda n: n, names[0])
    _one(view, next(e for e in known if e.id == chosen))
    with st.expander(t("fort.all")):
        columns = [t(f"fort.col.{c}") for c in ("edition", "state", "period", "build", "by", "at")]
        st.html(components.html_table(columns, [_row(view, e) for e in known[:SHOWN]]))


def _row(view: View, edition: editions.Edition) -> list[str]:
    shown = [edition.id, _state(view, edition), edition.period or view.t("fort.period.newest"),
             edition.build_id, edition.created_by,
             theme.fmt_instant(edition.created_at, view.lang)]  # fmt: skip
    return [escape(text) for text in shown]


def _state(view: View, edition: editions.Edition) -> str:
    return f"{STATES[edition.state]} {view.t(f'fort.state.{edition.state}')}"


def _one(view: View, edition: editions.Edition) -> None:
    t = view.t
    with st.container(border=True, key="card_edition"):
        badge = f'<span class="badge">{escape(t("demo.badge"))}</span>'
        named = escape(t("fort.title", edition=edition.id, state=_state(view, edition)))
        st.html(f'<h3 class="card-title">{named}{badge if edition.origin == "demo" else ""}</h3>')
        note(t("fort.rests_on", build=edition.build_id, origin=t(f"origin.{edition.origin}")))
        if edition.comment:
            st.html(f'<p class="summary">{escape(t("fort.comment", who=edition.decided_by))} '
                    f"{escape(edition.comment)}</p>")  # fmt: skip
        _downloads(view, edition)
        _steps(view, edition)
        with st.expander(t("fort.past")):
            columns = [t(f"fort.col.{c}") for c in ("at", "by", "what", "build", "comment")]
            rows = [[escape(c) for c in _event(view, e)]
                    for e in editions.events(Settings.from_env(), edition.id)]  # fmt: skip
            st.html(components.html_table(columns, rows))


def _event(view: View, event: dict[str, str]) -> list[str]:
    return [theme.fmt_instant(event["at"], view.lang), event["who"],
            view.t(f"fort.event.{event['what']}"), event["build"], event["comment"]]  # fmt: skip


def _downloads(view: View, edition: editions.Edition) -> None:
    found = editions.files(Settings.from_env(), edition.id)
    with st.container(horizontal=True, gap="small", key="downloads"):
        for name, path in found.items():
            lang, kind = path.stem.rpartition("_")[2], path.suffix[1:]
            label = kind.upper() if len(edition.langs) == 1 else f"{kind.upper()} ({lang})"
            st.download_button(
                label, data=path.read_bytes, file_name=f"{edition.id}_{edition.origin}_{name}",
                mime=MIME[kind], key=f"file_{edition.id}_{name}", on_click="ignore",
                icon=":material/download:",
            )  # fmt: skip


def _steps(view: View, edition: editions.Edition) -> None:
    """What can be done now; who decides does so in Airflow."""
    t = view.t
    if edition.state == "submitted":
        st.info(t("fort.waits"))
        page = airflow_url(Settings.from_env())
        st.link_button(t("fort.decide"), f"{page}/required_actions", icon=":material/gavel:")
    if edition.state != "draft":
        return
    with st.container(horizontal=True, gap="small"):
        if st.button(t("fort.refresh"), key="refresh", icon=":material/refresh:"):
            _act(view, edition, "refresh")
        if st.button(t("fort.submit"), key="submit", icon=":material/send:"):
            _act(view, edition, "submit")


def _act(view: View, edition: editions.Edition, step: str) -> None:
    settings = Settings.from_env()
    try:
        with st.spinner(view.t("fort.making")):
            if step == "refresh":
                editions.refresh(settings, edition.id, view.reader.name)
            else:
                editions.submit(settings, edition.id, view.reader.name)
                _ask_for_decision(settings, edition.id, view.reader.name)
    except UrbandataError as error:
        st.error(view.t("fort.failed", problem=error))
        return
    except httpx.HTTPError as error:
        st.warning(view.t("fort.no_airflow", edition=edition.id, problem=error))
        return
    st.rerun()


def _ask_for_decision(settings: Settings, edition: str, who: str) -> None:
    """Starts the DAG that waits for a person."""
    api = AirflowApi(settings.airflow_api, cluster.platform_user(os.environ))
    api.trigger(DAG, {"edition": edition, "who": who})
