"""What editors say about a subject, beside the numbers."""

from __future__ import annotations

import re
from html import escape

import pandas as pd
import streamlit as st
from markdown_it import MarkdownIt

from queries import findings
from sections import kpi_words as words
from shell import View
from urbandata.settings import Settings

FIGURE = re.compile(r"\{\{\s*([A-Z]+\d[\w.]*)\s*\}\}")
# What the report reads too. No markup of its own and no pictures: a text must not load anything
# from anywhere.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


def show(view: View, subject: str, kpis: pd.DataFrame) -> None:
    """Qualitative findings on a measure or action field, or that there are none yet."""
    t = view.t
    st.header(t("topic.findings"), anchor="einschaetzung")
    written = findings.text(Settings.from_env().data_dir, view.lang, subject)
    if not written:
        st.html(f'<p class="summary">○ {escape(t("topic.no_findings"))}</p>')
        return
    body = MARKDOWN.render(_with_figures(view, written, kpis.set_index("code", drop=False)))
    by = f'<p class="card-footer">{escape(t("topic.by_editors"))}</p>'
    st.html(f'<div class="finding">{body}{by}</div>')


def _with_figures(view: View, written: str, kpis: pd.DataFrame) -> str:
    """``{{M2.3}}`` becomes the newest value of that KPI, so that text and numbers agree."""

    def figure(found: re.Match[str]) -> str:
        code = found.group(1)
        if code not in kpis.index:
            return f"[{code}]"
        kpi = pd.Series(kpis.loc[code])
        return f"{words.value(view, kpi)} {words.unit(view, kpi)}".strip()

    return FIGURE.sub(figure, written)
