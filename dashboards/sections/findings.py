"""What editors say about a subject, beside the numbers."""

from __future__ import annotations

from html import escape

import streamlit as st

from shell import View


def show(view: View, subject: str) -> None:
    """Qualitative findings on a measure or action field, or that there are none yet."""
    t = view.t
    st.header(t("topic.findings"), anchor="einschaetzung")
    st.html(f'<p class="summary">○ {escape(t("topic.no_findings"))}</p>')
