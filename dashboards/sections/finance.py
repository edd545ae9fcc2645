"""Money: phases, spending against plan, forecast, and the measures side by side."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

import charts
import components
import marks
import state
import theme
from components import Card
from queries import finance, programme
from queries.builds import records
from shell import View, note

SOURCES = ("programme_drop",)
MILLION = 1_000_000
PERCENT = 100


def euros(view: View, amount: float | None) -> str:
    """``16,31 Mio. €``; smaller sums in thousands of euros."""
    if amount is None or pd.isna(amount):
        return theme.NONE
    if abs(amount) >= MILLION:
        return view.t("finance.millions", n=theme.fmt_number(amount / MILLION, 2, view.lang))
    return view.t("finance.thousands", n=theme.fmt_number(amount / 1000, 0, view.lang))


def percent(view: View, part: float | None, whole: float | None) -> str:
    """A share without decimals; an en dash where there is none."""
    if part is None or not whole or pd.isna(part) or pd.isna(whole):
        return theme.NONE
    return f"{theme.fmt_number(PERCENT * float(part) / float(whole), 0, view.lang)} %"


def phases(view: View) -> None:
    """One card per phase: cost, grant, how much is drawn and how much time has passed."""
    t = view.t
    found = view.read(finance.funding, view.origin)
    if found.empty:
        components.empty(view, "", t("finance.no_funding"), "funding")
        return
    order = {"total": 0, "phase_1": 1, "phase_2": 2}
    rows = sorted(records(found), key=lambda row: order.get(row["part"], 9))
    cards = "".join(_phase(view, row) for row in rows)
    st.html(f'<div class="cards phases">{cards}</div>')
    months = [r["last_month"] for r in rows if not pd.isna(r["last_month"])]
    until = theme.fmt_period("month", max(months), t, view.lang) if months else theme.NONE
    named = "; ".join(dict.fromkeys(str(r["source"]) for r in rows))
    note(t("finance.source", source=named, until=until))


def _phase(view: View, row: dict[str, Any]) -> str:
    t = view.t
    start, end = pd.Timestamp(row["starts_on"]), pd.Timestamp(row["ends_on"])
    today = pd.Timestamp(view.now.astimezone(theme.CITY_TIME).date())
    passed = min(max((today - start).days / max((end - start).days, 1), 0), 1)
    grant, drawn = float(row["grant_eur"]), row["drawn_eur"]
    is_known = not pd.isna(drawn)
    share = float(drawn) / grant if is_known else 0.0
    bars = [
        (t("finance.drawn"), share, f"{percent(view, drawn, grant)} · {euros(view, drawn)}"
         if is_known else t("finance.unknown")),
        (t("finance.time"), passed, f"{theme.fmt_number(PERCENT * passed, 0, view.lang)} %"),
    ]  # fmt: skip
    meters = "".join(marks.meter(name, value, words) for name, value, words in bars)
    span = f"{theme.fmt_date(start, view.lang)} – {theme.fmt_date(end, view.lang)}"
    cost = euros(view, float(row["cost_eur"]))
    return (
        f'<article class="kpi-card"><h2>{marks.text(row[f"name_{view.lang}"])}</h2>'
        f'<p class="quiet">{span}</p>'
        f'<p class="card-figure"><span class="figure">{cost}</span></p>'
        f"<p>{escape(t('finance.grant_of', grant=euros(view, grant)))}</p>{meters}</article>"
    )


def course(view: View) -> None:
    """Cumulated spending of the programme or one measure, against plan, with a forecast."""
    t = view.t
    st.header(t("finance.course"), anchor="ausgaben")
    titles = programme.titles(view.read(programme.measures), "measure", view.lang)
    options = [finance.PROGRAMME, *titles]
    chosen = state.pick(
        "m", t("finance.pick"), options,
        lambda m: t("finance.programme") if m == finance.PROGRAMME else titles[m],
        finance.PROGRAMME,
    )  # fmt: skip
    spent = view.read(finance.spending, view.origin, chosen)
    name = titles.get(chosen, t("finance.programme"))
    if spent.empty:
        components.empty(view, name, t("finance.no_spending"), "spending")
        return
    ahead = view.read(finance.forecast, view.origin, chosen)
    components.chart_card(view, _spending_card(view, name, spent, ahead))


def _spending_card(view: View, name: str, spent: pd.DataFrame, ahead: pd.DataFrame) -> Card:
    t = view.t
    known = spent.dropna(subset=["spent_cumulated_eur"])
    last = known.iloc[-1] if len(known) else None
    end = finance.phase_end(view.read(finance.funding, view.origin))
    lines = charts.spending_rows(spent, ahead, MILLION)
    return Card(
        key="spending",
        title=t("finance.course_title", name=name),
        unit=t("finance.unit"),
        sources=SOURCES,
        subject="",
        stand=""
        if last is None
        else t("kpi.stand", period=theme.fmt_month(last["month_start"], t)),
        download=lambda: spent,
        note=_forecast_note(view, ahead),
        chart=view.draw(charts.spending, lines, end, t("finance.unit")),
        summary=_spending_words(view, last, ahead, end),
        table=_spending_table(view, spent),
    )


def _forecast_note(view: View, ahead: pd.DataFrame) -> str:
    if ahead.empty:
        return view.t("finance.no_forecast")
    return view.t("finance.forecast_note", n=int(ahead["rate_months"].iloc[0]))


def _spending_words(
    view: View, last: pd.Series | None, ahead: pd.DataFrame, end: object
) -> list[str]:
    t = view.t
    if last is None:
        return [t("finance.nothing_spent")]
    said = [t(
        "finance.summary", month=theme.fmt_month(last["month_start"], t),
        spent=euros(view, last["spent_cumulated_eur"]),
        planned=euros(view, last["planned_cumulated_eur"]),
        share=percent(view, last["spent_cumulated_eur"], last["planned_cumulated_eur"]),
    )]  # fmt: skip
    within = ahead[~ahead["is_option"].astype(bool)] if len(ahead) else ahead
    if len(within):
        row = within.iloc[-1]
        said.append(t(
            "finance.forecast_summary", end=theme.fmt_date(end, view.lang),
            spent=euros(view, row["spent_cumulated_eur"]),
            low=euros(view, row["spent_cumulated_low_eur"]),
            high=euros(view, row["spent_cumulated_high_eur"]),
        ))  # fmt: skip
    return said


def _spending_table(view: View, spent: pd.DataFrame) -> pd.DataFrame:
    t = view.t
    columns = ("planned_eur", "spent_eur", "planned_cumulated_eur", "spent_cumulated_eur",
               "grant_cumulated_eur")  # fmt: skip
    shown = {t("step.month"): [theme.fmt_month(m, t) for m in spent["month_start"]]}
    for column in columns:
        shown[t(f"finance.{column}")] = [theme.fmt_number(v, 0, view.lang) for v in spent[column]]
    return pd.DataFrame(shown)


def measures(view: View) -> None:
    """Plan, spending and grant of the measures side by side."""
    t = view.t
    st.header(t("finance.measures"), anchor="massnahmen")
    found = view.read(finance.by_measure, view.origin)
    if found.empty:
        components.empty(view, "", t("finance.no_spending"), "spending_measures")
        return
    titles = programme.titles(view.read(programme.measures), "measure", view.lang)
    heads = ["measure", "budget", "planned_to_date", "spent_to_date", "share", "grant", "as_of"]
    rows = [_measure_row(view, row, titles) for row in records(found)]
    card = Card(
        key="spending_measures", title=t("finance.measures_title"), unit="", sources=SOURCES,
        subject="", download=lambda: found, note=t("finance.measures_note"),
        body=components.html_table([t(f"finance.col.{h}") for h in heads], rows, (1, 2, 3, 5)),
    )  # fmt: skip
    components.chart_card(view, card)


def _measure_row(view: View, row: dict[str, Any], titles: dict[str, str]) -> list[str]:
    planned, spent = row["planned_eur"], row["spent_eur"]
    share = 0.0 if pd.isna(planned) or not planned else float(spent) / float(planned)
    month = row["last_month"]
    return [
        marks.text(titles.get(str(row["measure"]), row["measure"])),
        *[euros(view, row[c]) for c in ("budget_eur", "planned_eur", "spent_eur")],
        marks.meter("", share, percent(view, spent, planned)),
        euros(view, row["grant_eur"]),
        theme.NONE if pd.isna(month) else theme.fmt_month(month, view.t),
    ]
