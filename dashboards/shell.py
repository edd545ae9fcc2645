"""The frame of every page: language, build, origin, banner and footer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

import access
import charts
import gate
import i18n
import state
import theme
from queries import builds
from queries.guarded import Guarded
from urbandata.serving import Connection
from urbandata.settings import Settings

log = logging.getLogger(__name__)

ASSETS = Path(__file__).parent / "assets"
STYLE = (ASSETS / "style.css").read_text(encoding="utf-8")
REGISTER: tuple[str, ...] = ()  # "sources" of a table that is no data of the city
CLOSED = {"internal", "other-closed", "other"}  # words of a register; the others are names
PUBLIC = "public"  # folder of the public builds, below the serving folder
SAVE_CHART = (ASSETS / "save_chart.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class View:
    """What a page needs: the data, how to say it, when it is, and who reads."""

    con: Connection
    build: builds.Build
    origin: str
    lang: str
    t: i18n.Translate
    now: datetime
    sources: pd.DataFrame
    as_of: dict[str, pd.Series]
    reader: access.Reader

    @property
    def is_demo(self) -> bool:
        """Whether the values are invented."""
        return self.origin == "demo"

    @property
    def hidden(self) -> frozenset[str]:
        """Tables (``schema.name``) that the reader's role may not read."""
        return access.hidden_tables(self.reader.roles)

    def may_read(self, table: str) -> bool:
        """Whether the reader's role may read a table."""
        return table not in self.hidden

    def read(self, query: Callable[..., pd.DataFrame], *arguments: Hashable) -> pd.DataFrame:
        """Result of ``query(con, *arguments)``; kept, since a published build never changes."""
        name = f"{query.__module__}.{query.__qualname__}"
        roles = tuple(sorted(self.reader.roles))
        return _read(str(self.build.path), name, arguments, roles, query, self.con)

    def draw(self, make: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Specification of ``make(*arguments, lang, t)``; kept as long as the data are the same."""
        return _draw(make.__qualname__, arguments, self.lang, make)


@st.cache_data(max_entries=300, show_spinner=False)
def _read(
    path: str,
    name: str,
    arguments: tuple[Hashable, ...],
    roles: tuple[str, ...],
    _query: Callable[..., pd.DataFrame],
    _con: Connection,
) -> pd.DataFrame:
    """Kept by path, name, arguments and roles; Streamlit leaves ``_…`` out of the key."""
    return _query(_con, *arguments)


@st.cache_data(max_entries=200, show_spinner=False)
def _draw(
    name: str, arguments: tuple[Any, ...], lang: str, _make: Callable[..., Any]
) -> dict[str, Any]:
    """Kept by the name of the chart, its data and the language."""
    return charts.spec(_make(*arguments, lang, i18n.translator(lang)))


def language() -> str:
    """The reader's language: as just switched, else from the URL, else German."""
    switched = st.session_state.get("widget_lang")
    before = [switched] if switched else state.remembered("lang")
    return before[0] if before and before[0] in i18n.LANGUAGES else i18n.DEFAULT


def language_switch(t: i18n.Translate) -> None:
    """The switch in the sidebar; the same label in both, so that all find it."""
    languages = list(i18n.LANGUAGES)
    with st.sidebar:
        state.switch("lang", t("app.language"), languages, i18n.LANGUAGES.__getitem__, i18n.DEFAULT)


def open_page(title_key: str, lead_key: str) -> View:
    """Heading, banner and the build in service. Without one a page that says so, and no more.

    The page's name is the end of ``title_key``; a reader who may not open it gets no further.
    """
    lang = language()
    t = i18n.translator(lang)
    reader = gate.enter(t)
    gate.admit(reader, title_key.removeprefix("nav."), t)
    build = _current_or_stop(t, Settings.from_env().serving_dir)
    con = Guarded(builds.connect(build.build_id, build.path), reader.roles)
    origin = _origin(builds.origins(con), t)
    view = View(con, build, origin, lang, t, datetime.now(UTC), pd.DataFrame(), {}, reader)
    _head(view, title_key, lead_key)
    as_of = {str(row["subject"]): row for _, row in view.read(builds.as_of, origin).iterrows()}
    return replace(view, sources=view.read(builds.sources).set_index("source"), as_of=as_of)


def open_public_page(title_key: str, lead_key: str) -> View:
    """The same on the public build, which holds nothing but what everybody may see."""
    lang = language()
    t = i18n.translator(lang)
    build = _public_or_stop(t)
    con = builds.connect(build.build_id, build.path)
    origin = _origin(builds.public_origins(con), t)
    view = View(con, build, origin, lang, t, datetime.now(UTC), pd.DataFrame(), {}, access.PUBLIC)
    _head(view, title_key, lead_key)
    return replace(view, sources=view.read(builds.sources).set_index("source"))


def _head(view: View, title_key: str, lead_key: str) -> None:
    """Style, banner, title and what the page is about."""
    t = view.t
    st.html(f"<style>{STYLE}</style>")
    st.html(f"<script>{SAVE_CHART}</script>", unsafe_allow_javascript=True)
    if view.is_demo:
        st.html(f'<div class="demo-banner" role="note">▲ {escape(t("demo.banner"))}</div>')
    st.title(t(title_key), anchor=False)
    st.html(f'<p class="lead">{escape(t(lead_key))}</p>')


def close_page(view: View, measure: str | None = None) -> None:
    """Build, newest measurement, and the licences of the sources (of one measure)."""
    t, lang = view.t, view.lang
    chosen = view.sources if measure is None else view.sources.query("measure == @measure")
    parts = [
        t("footer.build", build=view.build.build_id),
        t("footer.published", at=theme.fmt_instant(view.build.published_at, lang)),
        _newest(view),
    ]
    named = "".join(f"<li>{escape(c)}</li>" for c in _credits(view, list(chosen.index)))
    licences = (
        f"<details><summary>{escape(t('footer.licences'))}</summary><ul>{named}</ul></details>"
    )
    st.html(
        f'<footer class="page-footer"><p>{escape(" · ".join(parts))}</p>'
        f"{licences if named else ''}</footer>"
    )


def _newest(view: View) -> str:
    newest = [view.as_of[s]["newest_at"] for s in ("gauge", "rain") if s in view.as_of]
    if newest:
        return view.t("footer.as_of", at=theme.fmt_instant(max(newest), view.lang))
    days = [view.as_of[s]["newest_day"] for s in ("air", "heat") if s in view.as_of]
    if days:
        return view.t("footer.as_of", at=theme.fmt_date(max(days), view.lang))
    return view.t("footer.as_of_none")


def credit_all(view: View, sources: Sequence[str]) -> str:
    """Attributions and licences of sources, each once; a register names its own line by line."""
    if not sources:
        return view.t("card.register")
    return "; ".join(_credits(view, sources))


def _credits(view: View, sources: Sequence[str]) -> list[str]:
    found = [credit(view, s) for s in sources if s in view.sources.index]
    return list({c.casefold(): c for c in reversed(found)}.values())[::-1]


def credit(view: View, source: str) -> str:
    """Attribution and licence of a source in one phrase."""
    row = view.sources.loc[source]
    stated = str(row["licence_id"])
    is_stated = stated not in {"", "notspecified", "unknown"}
    licence = view.t("licence.none")
    if is_stated:
        licence = view.t(f"licence.{stated}") if stated in CLOSED else stated
    if is_stated and not row["licence_verified"]:
        licence = f"{licence}, {view.t('licence.unverified')}"
    return f"{str(row['attribution']).removeprefix('Quelle: ')} ({licence})"


def note(text: str) -> None:
    """Small print, dark enough to read."""
    st.html(f'<p class="card-footer">{escape(text)}</p>')


def _public_or_stop(t: i18n.Translate) -> builds.Build:
    """The public build in service; citizens are not told what the server's folders look like."""
    try:
        build = builds.current(Settings.from_env().serving_dir / PUBLIC)
    except builds.BuildError:
        log.exception("the citizens' page has no build to show")
        build = None
    if build is None:
        st.title(t("public.title"), anchor=False)
        st.info(t("public.later"))
        st.stop()
    return build


def _current_or_stop(t: i18n.Translate, folder: Path) -> builds.Build:
    """The build in service; else the page says why there is none and ends."""
    try:
        build = builds.current(folder)
    except builds.BuildError as error:
        st.title(t("brokenbuild.title"), anchor=False)
        st.warning(t("brokenbuild.text", problem=error))
        st.stop()
    if build is None:
        st.title(t("nobuild.title"), anchor=False)
        st.info(t("nobuild.text"))
        note(t("nobuild.hint", folder=folder))
        st.stop()
    return build


def _origin(known: Sequence[str], t: i18n.Translate) -> str:
    """The one origin, or the reader's choice of two; real data unless chosen otherwise."""
    if len(known) < 2:  # noqa: PLR2004 - nothing to choose from
        return known[0] if known else "real"
    with st.sidebar:
        return state.switch(
            "origin", t("app.origin"), known, lambda o: t(f"origin.{o}"), default=known[0]
        )
