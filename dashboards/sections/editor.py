"""The editors' texts: choose a subject, write, see it as readers will, and who wrote what when."""

from __future__ import annotations

import contextlib
import difflib
from html import escape

import streamlit as st

import components
import state
import theme
from i18n import LANGUAGES
from sections.findings import MARKDOWN
from shell import View, note
from urbandata.report import preview
from urbandata.report.texts import ConflictError, Texts, Version
from urbandata.settings import Settings

HEIGHT = 340
VERSIONS = 50


def show(view: View) -> None:
    """Subject and language, then editor and preview side by side, then the history."""
    t = view.t
    st.header(t("edit.title"), anchor="texte", divider=False)
    note(t("edit.lead"))
    left, right = st.columns([3, 1], gap="medium")
    with right:
        lang = state.switch("tlang", t("edit.lang"), list(LANGUAGES), LANGUAGES.__getitem__,
                            view.lang)  # fmt: skip
    texts = Texts(Settings.from_env(), lang)
    names = preview.subjects(view.con, Settings.from_env(), view.lang)
    written = set(texts.subjects())
    with left:
        subject = state.pick(
            "subject", t("edit.subject"), list(names),
            lambda s: f"{names[s]} ✎" if s in written else names[s], next(iter(names)),
        )  # fmt: skip
    with st.container(border=True, key="card_editor"):
        _editor(view, texts, subject, lang)
    _history(view, texts, subject)


def _editor(view: View, texts: Texts, subject: str, lang: str) -> None:
    t, author = view.t, view.reader.name
    key = f"{lang}_{subject}"
    if f"text_{key}" not in st.session_state:
        _load(texts, subject, author, key)
    if f"draft_{key}" in st.session_state:
        st.info(
            t("edit.restored", at=theme.fmt_instant(st.session_state[f"draft_{key}"], view.lang))
        )
    _newer(view, texts, subject, key)
    writing, reading = st.columns(2, gap="medium")
    with writing:
        st.text_area(
            t("edit.text"), key=f"text_{key}", height=HEIGHT, help=t("edit.help"),
            on_change=_autosave, args=(texts, subject, author, key),
        )  # fmt: skip
        saved = st.button(t("edit.save"), type="primary", key="save_text", icon=":material/save:")
    with reading:
        st.html(f'<p class="kpi-note">{escape(t("edit.preview"))}</p>')
        text = st.session_state[f"text_{key}"]
        shown = preview.with_figures(text, view.con, view.origin, lang) or t("edit.empty")
        st.html(f'<div class="finding">{MARKDOWN.render(shown)}</div>')
    if saved:
        _save(view, texts, subject, author, key)


def _load(texts: Texts, subject: str, author: str, key: str) -> None:
    """The author's own draft if there is one, else the newest version."""
    current, draft = texts.current(subject), texts.draft(subject, author)
    number, text = (current.number, current.text) if current else (0, "")
    st.session_state[f"base_{key}"] = draft.base if draft else number
    st.session_state[f"text_{key}"] = draft.text if draft else text
    if draft:
        st.session_state[f"draft_{key}"] = draft.at


def _autosave(texts: Texts, subject: str, author: str, key: str) -> None:
    text, base = st.session_state[f"text_{key}"], st.session_state[f"base_{key}"]
    texts.autosave(subject, text, author, base)


def _save(view: View, texts: Texts, subject: str, author: str, key: str) -> None:
    text, base = st.session_state[f"text_{key}"], st.session_state[f"base_{key}"]
    try:
        saved = texts.save(subject, text, author, base)
    except ConflictError as conflict:
        st.session_state[f"theirs_{key}"] = conflict.theirs.number
        st.rerun()
    texts.discard(subject, author)
    st.session_state.pop(f"draft_{key}", None)
    st.session_state[f"base_{key}"] = saved.number
    st.toast(view.t("edit.saved", number=saved.number))


def _newer(view: View, texts: Texts, subject: str, key: str) -> None:
    """Somebody else saved meanwhile: both texts and the difference; the person merges."""
    newest, base = texts.current(subject), st.session_state[f"base_{key}"]
    if newest is None or newest.number == base:
        st.session_state.pop(f"theirs_{key}", None)
        return
    t, mine = view.t, st.session_state[f"text_{key}"]
    at = theme.fmt_instant(newest.at, view.lang)
    st.warning(t("edit.conflict", who=newest.author, at=at, number=newest.number))
    with st.expander(t("edit.difference"), expanded=True):
        st.code(_difference(newest.text, mine, t("edit.theirs"), t("edit.mine")), language="diff")
    with st.container(horizontal=True, gap="small"):
        if st.button(t("edit.merged"), key="merged", help=t("edit.merged.help")):
            st.session_state[f"base_{key}"] = newest.number
            st.rerun()
        st.button(t("edit.take_theirs"), key="theirs", on_click=_take,
                  args=(texts, newest, view.reader.name, key))  # fmt: skip


def _take(texts: Texts, newest: Version, author: str, key: str) -> None:
    """Theirs into the field; what stood there is in the history as a version in conflict."""
    mine, base = st.session_state[f"text_{key}"], st.session_state[f"base_{key}"]
    if mine.strip():
        with contextlib.suppress(ConflictError):  # it is in the history now, as it should be
            texts.save(newest.subject, mine, author, base)
    texts.discard(newest.subject, author)
    st.session_state[f"text_{key}"] = newest.text
    st.session_state[f"base_{key}"] = newest.number
    st.session_state.pop(f"draft_{key}", None)


def _difference(theirs: str, mine: str, their_name: str, my_name: str) -> str:
    lines = difflib.unified_diff(
        theirs.splitlines(), mine.splitlines(), their_name, my_name, lineterm="", n=2
    )
    return "\n".join(lines)


def _history(view: View, texts: Texts, subject: str) -> None:
    t = view.t
    past = texts.history(subject)[::-1]
    with st.expander(t("edit.history", n=len(past))):
        if not past:
            note(t("edit.history.none"))
            return
        columns = [t(f"edit.col.{c}") for c in ("number", "at", "who", "kind", "text")]
        rows = [[escape(c) for c in _line(view, v)] for v in past[:VERSIONS]]
        st.html(components.html_table(columns, rows, numbers=(0,)))


def _line(view: View, version: Version) -> list[str]:
    return [str(version.number), theme.fmt_instant(version.at, view.lang), version.author,
            view.t(f"edit.kind.{version.kind}"), " ".join(version.text.split())[:160]]  # fmt: skip
