"""The door of the internal app: log in, or a page that says why not."""

from __future__ import annotations

import streamlit as st

import access
from i18n import Translate


def enter(t: Translate) -> access.Reader:
    """The reader; without one a page that says what to do, and no more."""
    reader = access.current()
    if not isinstance(reader, access.Reader):
        _explain(reader, t)
        st.stop()
    return reader


def _explain(reader: str, t: Translate) -> None:
    st.title(t(f"gate.{reader}.title"), anchor=False)
    st.write(t(f"gate.{reader}.text"))
    if reader in ("login", "expired"):
        st.button(t("gate.login"), on_click=st.login, type="primary")
    elif reader == "no_role":
        st.button(t("gate.logout"), on_click=st.logout)


def identity(reader: access.Reader, t: Translate) -> None:
    """Who is logged in, in the sidebar; the local mode is named where everybody sees it."""
    with st.sidebar:
        if reader.is_local:
            st.info(t("gate.local"), icon=":material/lock_open:")
            return
        roles = ", ".join(sorted(t(f"role.{r}") for r in reader.roles))
        st.caption(t("gate.reader", name=reader.name, roles=roles))
        st.button(t("gate.logout"), on_click=st.logout)


def admit(reader: access.Reader, page: str, t: Translate) -> None:
    """Let a reader through to a page, whatever way the address was found; else say no and stop."""
    if access.may_open(reader.roles, page):
        return
    st.title(t("gate.forbidden.title"), anchor=False)
    st.write(t("gate.forbidden.text"))
    st.stop()
