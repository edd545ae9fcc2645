"""Who the reader is, and what a role may open and read.

With an OpenID provider configured (``URBANDATA_OIDC_…``), nobody gets in without logging in, the
role comes from a claim of the ID token, and a session ends after ``URBANDATA_SESSION_HOURS``.
Without one, the app runs in local mode: no log-in, every role, but on loopback only. A container
listens on all its addresses; what counts there is where its port is published
(``URBANDATA_PUBLISHED_ON``). The rules are data, ``access.yml``; they bind the queries and not
only the menu.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
import yaml

RULES = Path(__file__).with_name("access.yml")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LOCAL = "lokal"
SESSION_HOURS = 8.0
HOUR = 3600.0


class DeniedError(Exception):
    """A query names a table that the reader's role may not read."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a name for histories and the roles. ``is_local``: nobody had to log in."""

    name: str
    roles: frozenset[str]
    is_local: bool = False


PUBLIC = Reader("public", frozenset())


@cache
def rules() -> dict[str, Any]:
    """The content of ``access.yml``."""
    found: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return found


def everyone() -> frozenset[str]:
    """All roles."""
    return frozenset(rules()["roles"])


def may_open(roles: Iterable[str], page: str) -> bool:
    """Whether one of the roles may open the page."""
    return not set(rules()["pages"].get(page, ())).isdisjoint(roles)


def hidden_tables(roles: Iterable[str]) -> frozenset[str]:
    """Tables (``schema.name``) that none of the roles may read."""
    held = set(roles)
    return frozenset(t for t, allowed in rules()["tables"].items() if held.isdisjoint(allowed))


def roles_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """Known roles in the claim ``URBANDATA_ROLE_CLAIM`` (a list, or words in a text)."""
    held = claims.get(os.environ.get("URBANDATA_ROLE_CLAIM", "roles")) or ()
    words = held.split() if isinstance(held, str) else held
    return everyone() & {str(w) for w in words}


def is_over(claims: Mapping[str, Any], now: float) -> bool:
    """Whether the session is too old; a token that does not say when it was made is."""
    hours = float(os.environ.get("URBANDATA_SESSION_HOURS", SESSION_HOURS))
    issued = claims.get("iat")
    return not isinstance(issued, (int, float)) or now - issued > hours * HOUR


def has_provider() -> bool:
    """Whether a log-in is configured."""
    return bool(os.environ.get("URBANDATA_OIDC_METADATA_URL"))


def is_loopback(address: str | None) -> bool:
    """Whether a server at this address can be reached from this machine alone."""
    return address in LOOPBACK


def current(now: float | None = None) -> Reader | str:
    """The reader, or why there is none: ``login``, ``expired``, ``no_role`` or ``open_network``."""
    if not has_provider():
        address = os.environ.get("URBANDATA_PUBLISHED_ON") or st.get_option("server.address")
        return Reader(LOCAL, everyone(), is_local=True) if is_loopback(address) else "open_network"
    if not st.user.is_logged_in:
        return "login"
    claims = st.user.to_dict()
    if is_over(claims, time.time() if now is None else now):
        return "expired"
    roles = roles_of(claims)
    name = str(claims.get("name") or claims.get("email") or claims["sub"])
    return Reader(name, roles) if roles else "no_role"
