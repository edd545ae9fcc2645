"""Who sits at the page: the name from the log-in, or the one of a machine without log-in."""

from __future__ import annotations

import streamlit as st

LOCAL = "lokal"


def name() -> str:
    """Name for histories; the e-mail address where the log-in gives no name."""
    user = st.user.to_dict()
    if not user.get("is_logged_in"):
        return LOCAL
    return str(user.get("name") or user.get("email") or user.get("sub") or LOCAL)
