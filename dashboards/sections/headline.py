"""The numbers at the top of the page on the environment."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

import components
import theme
from queries import environment
from sections import kpi_words as words
from shell import View
from units import unit_text

GAUGE = "DRESDEN"
CODES = ("M5.1a", "M5.2", "M5.5a", "M5.6a", "M5.7a")
STATES = {
    "im Zielbereich": ("●", "good"),
    "Zielwert verfehlt": ("▲", "bad"),
    "kein Zielwert beschlossen": ("○", "quiet"),
    "nicht auswertbar": ("○", "quiet"),
}
FLAGS = {"running_period": "kpi.unfinished", "few_cases": "kpi.few"}
OPERATORS = {"down": "≤", "up": "≥"}
PER_ROW = 3


def show(view: View) -> None:
    """The river now and five KPIs of the city, each with its definition one click away."""
    st.header(view.t("umwelt.glance"), anchor="blick", divider=False)
    kpis = view.read(environment.kpis, view.origin)
    tiles: list[Any] = [None, *[kpis.loc[code] for code in CODES if code in kpis.index]]
    for start in range(0, len(tiles), PER_ROW):
        columns = st.columns(PER_ROW, gap="medium")
        for column, kpi in zip(columns, tiles[start : start + PER_ROW], strict=False):
            with column, st.container(border=True, height="stretch"):
                _river(view) if kpi is None else _kpi(view, kpi)


def _river(view: View) -> None:
    t = view.t
    now = view.read(environment.gauge_now, view.origin, GAUGE)
    if now.empty:
        components.tile(t("gauge.now"), t("kpi.none"), is_number=False, notes=[t("gauge.none")])
        return
    row = now.iloc[0]
    age = theme.fmt_age(theme.age_of(row["measured_at"], view.now), t)
    at = theme.fmt_instant(row["measured_at"], view.lang)
    notes = [_change(view, row), t("card.as_of", at=at, age=age)]
    value = theme.fmt_number(row["water_level_cm"], lang=view.lang)
    components.tile(t("gauge.now"), value, "cm", _alarm(view, row), notes)
    with st.popover(t("kpi.define"), type="tertiary", icon=":material/info:"):
        st.markdown(t("gauge.define"))


def _alarm(view: View, row: pd.Series) -> tuple[str, str]:
    levels = environment.alarm_levels(GAUGE, row["measured_at"].tz_convert(theme.CITY_TIME).date())
    if pd.isna(row["alarm_level"]):
        return "", ""
    if row["alarm_level"] > 0:
        return view.t("gauge.alarm", level=int(row["alarm_level"])), "bad"
    first = theme.fmt_number(levels["value_cm"].min(), lang=view.lang)
    return view.t("gauge.below", first=first), "good"


def _change(view: View, row: pd.Series) -> str:
    if pd.isna(row["day_before_cm"]):
        return ""
    diff = row["water_level_cm"] - row["day_before_cm"]
    text = theme.fmt_number(abs(diff), 0, view.lang)
    which = "steady" if text == "0" else "rising" if diff > 0 else "falling"
    return view.t(f"gauge.{which}", diff=text)


def _kpi(view: View, kpi: pd.Series) -> None:
    t = view.t
    name = str(kpi[f"name_{view.lang}"])
    if pd.isna(kpi["value"]):
        components.tile(name, t("kpi.none"), is_number=False, notes=[t("kpi.why_none")])
    else:
        symbol, kind = STATES[kpi["status"]]
        state = (f"{symbol} {t('status.' + kpi['status'])}", kind)
        value = theme.fmt_number(kpi["value"], lang=view.lang)
        components.tile(
            name,
            value,
            unit_text(str(kpi["unit"]), view.lang, str(kpi.name)),
            state,
            _notes(view, kpi),
        )
    with st.popover(t("kpi.define"), type="tertiary", icon=":material/info:"):
        _definition(view, kpi)


def _notes(view: View, kpi: pd.Series) -> list[str]:
    t, lang = view.t, view.lang
    period = [t("kpi.year", year=kpi["period_start"].year)]
    period += [t(key) for flag, key in FLAGS.items() if flag in str(kpi["quality_flags"])]
    period.append(_target(view, kpi))
    trend = t(f"trend.{kpi['trend']}")
    if not pd.isna(kpi["value_before"]):
        before = theme.fmt_number(kpi["value_before"], lang=lang)
        trend = f"{trend} · {t('kpi.before', value=before)}"
    return [" · ".join(part for part in period if part), trend, _running(view, kpi)]


def _target(view: View, kpi: pd.Series) -> str:
    if pd.isna(kpi["target_value"]):
        return ""
    target = theme.fmt_number(kpi["target_value"], lang=view.lang)
    return view.t("kpi.target", op=OPERATORS[kpi["direction"]], target=target)


def _running(view: View, kpi: pd.Series) -> str:
    if pd.isna(kpi["running_value"]):
        return ""
    value = theme.fmt_number(kpi["running_value"], lang=view.lang)
    return view.t("kpi.running", year=kpi["running_start"].year, value=value)


def _definition(view: View, kpi: pd.Series) -> None:
    """Everything the catalogue says, and what the value rests on."""
    t, lang = view.t, view.lang
    facts = {
        "code": kpi.name,
        "formula": words.said(view, kpi, "formula"),
        "decision": words.said(view, kpi, "decision"),
        "target": words.said(view, kpi, "target_source"),
        "standard": kpi["standard"] or "",
        "evidence": t(f"evidence.{kpi['evidence_class']}"),
        "sureness": t(f"sureness.{kpi['sureness']}"),
        "office": kpi["office"],
    }
    rows = [f"<b>{escape(t(f'kpi.detail.{k}'))}</b>: {escape(str(v))}"
            for k, v in facts.items() if v and not pd.isna(v)]  # fmt: skip
    if not pd.isna(kpi["n"]):
        n, coverage = (theme.fmt_number(kpi[c], 0, lang) for c in ("n", "coverage_pct"))
        rows.append(escape(t("kpi.basis", n=n, coverage=coverage)))
    if spread := words.spread(view, kpi):
        rows.append(escape(spread))
    st.html("".join(f"<p>{row}</p>" for row in rows))
