"""What changed since last month and what needs a decision, each as a short list."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

import theme
from marks import text
from queries import finance, kpis
from sections import kpi_words as words
from sections.finance import euros
from shell import View

SHOWN = 4
ARROWS = {True: "↗", False: "↘"}


def panel(title: str, items: Sequence[str], none: str) -> str:
    """A heading with a list of ready-made items, or a sentence in their place."""
    listed = "".join(f"<li>{item}</li>" for item in items)
    body = f"<ul>{listed}</ul>" if items else f'<p class="quiet">{escape(none)}</p>'
    return f'<section class="panel"><h2>{escape(title)}</h2>{body}</section>'


def changed(view: View) -> str:
    """KPIs that moved more in the last full month than they usually do."""
    t = view.t
    found = view.read(kpis.changes, view.origin).head(SHOWN)
    if found.empty:
        return panel(t("overview.changed"), [], t("overview.changed_none"))
    title = t("overview.changed_in", month=theme.fmt_month(found.iloc[0]["period_start"], t))
    return panel(title, [_change(view, row) for _, row in found.iterrows()], "")


def _change(view: View, row: pd.Series) -> str:
    is_up = row["value"] > row["value_before"]
    before, now = (
        theme.fmt_number(row[c], words.digits(row[c]), view.lang) for c in ("value_before", "value")
    )
    good = {"up": is_up, "down": not is_up}.get(row["direction"])
    kind = {True: "good", False: "bad", None: ""}[good]
    verdict = (
        ""
        if good is None
        else f" ({escape(view.t('overview.better' if good else 'overview.worse'))})"
    )
    href = escape(words.place(view, row))
    return (
        f'<a href="{href}">{text(row[f"name_{view.lang}"])}</a>: '
        f'{before} <span aria-hidden="true">→</span> <b class="{kind}">{now}</b> '
        f"{text(words.unit(view, row))} "
        f'<span class="{kind}">{ARROWS[bool(is_up)]}{verdict}</span>'
    )


def decisions(view: View, found: pd.DataFrame) -> str:
    """Missed targets and overdue steps first, then what cannot be steered for want of a target."""
    missed = found[found["status"] == "Zielwert verfehlt"]
    missed = missed.sort_values("is_headline", ascending=False, kind="stable")
    items = [_missed(view, missed)] if len(missed) else []
    items += [*_overdue(view), *_unused_grant(view), *_no_targets(view, found)]
    return panel(view.t("overview.decide"), items, view.t("overview.decide_none"))


def _missed(view: View, missed: pd.DataFrame) -> str:
    """The first missed target with the question it raises, and how many more there are."""
    kpi = missed.iloc[0]
    question = kpi[f"decision_{view.lang}"]
    asked = "" if pd.isna(question) or not question else f" – {text(question)}"
    more = view.t("overview.more_missed", n=len(missed) - 1) if len(missed) > 1 else ""
    return (
        f'<b class="bad">▲</b> <a href="{escape(words.place(view, kpi))}">'
        f"{text(words.name(view, kpi))}</a>: "
        f"{words.value(view, kpi)} {text(words.unit(view, kpi))}, "
        f"{escape(view.t('kpi.goal'))} {text(words.target(view, kpi))}{asked} {escape(more)}"
    )


def _overdue(view: View) -> list[str]:
    found = view.read(finance.milestones, view.origin)
    late = found[found["state"] == "overdue"] if len(found) else found
    if late.empty:
        return []
    href = escape(words.link(view, "finanzierung"))
    oldest = late.sort_values("planned_on").iloc[0]
    said = view.t("overview.overdue", n=len(late))
    since = view.t("overview.overdue_since", day=theme.fmt_date(oldest["planned_on"], view.lang))
    return [
        f'<b class="bad">▲</b> <a href="{href}#meilensteine">{escape(said)}</a>, '
        f"{text(oldest['milestone'])} {escape(since)}"
    ]


def _unused_grant(view: View) -> list[str]:
    """What the forecast leaves of the grant at the end of the phase, if even its high end does."""
    if not view.may_read("marts.fct_spending_forecast"):
        return []
    funding = view.read(finance.funding, view.origin)
    ahead = view.read(finance.forecast, view.origin, finance.PROGRAMME)
    end = finance.phase_end(funding)
    if end is None or ahead.empty:
        return []
    grant = float(funding.loc[funding["part"] == "phase_2", "grant_eur"].iloc[0])
    last = ahead[~ahead["is_option"].astype(bool)].tail(1)
    if last.empty or float(last["grant_cumulated_high_eur"].iloc[0]) >= grant:
        return []
    left = {c: euros(view, grant - float(last[f"grant_cumulated{e}_eur"].iloc[0]))
            for c, e in (("low", "_high"), ("high", "_low"))}  # fmt: skip
    href = escape(words.link(view, "finanzierung"))
    said = view.t("overview.unused", end=theme.fmt_date(end, view.lang), **left)
    return [f'<b class="bad">▲</b> <a href="{href}#ausgaben">{escape(said)}</a>']


def _no_targets(view: View, found: pd.DataFrame) -> list[str]:
    """How many headline KPIs nobody has set a target for, and how many KPIs lack data."""
    t = view.t
    headline = found[found["is_headline"].astype(bool)]
    # By the target itself: the verdict names its lack only where there is a value to judge.
    n = int(headline["target_value"].isna().sum())
    missing = int(found["is_missing"].sum())
    said = [t("overview.no_targets", n=n, all=len(headline))] if n else []
    said += [t("overview.no_data", n=missing, all=len(found))] if missing else []
    return [f"○ {escape('; '.join(said))}."] if said else []
