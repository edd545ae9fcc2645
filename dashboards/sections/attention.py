"""What changed since last month and what needs a decision, each as a short list."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

import theme
from marks import text
from queries import kpis
from sections import kpi_words as words
from shell import View
from units import unit_text

SHOWN = 3
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
    href = escape(words.link(view, "massnahmen", m=str(row["measure"]), kpi=str(row["kpi_code"])))
    return (
        f'<a href="{href}" target="_self">{text(row[f"name_{view.lang}"])}</a>: '
        f'{before} <span aria-hidden="true">→</span> <b class="{kind}">{now}</b> '
        f"{text(unit_text(str(row['unit']), view.lang))} "
        f'<span class="{kind}">{ARROWS[bool(is_up)]}{verdict}</span>'
    )


def decisions(view: View, found: pd.DataFrame) -> str:
    """Missed targets first, then what cannot be steered for want of a target or of data."""
    t = view.t
    missed = found[found["status"] == "Zielwert verfehlt"]
    missed = missed.sort_values("is_headline", ascending=False, kind="stable")
    items = [_missed(view, kpi) for _, kpi in missed.head(2).iterrows()]
    headline = found[found["is_headline"].astype(bool)]
    without_target = int((headline["status"] == "kein Zielwert beschlossen").sum())
    if without_target:
        items.append(escape(t("overview.no_targets", n=without_target, all=len(headline))))
    missing = int(found["is_missing"].sum())
    if missing:
        items.append(escape(t("overview.no_data", n=missing, all=len(found))))
    return panel(t("overview.decide"), items[: SHOWN + 1], t("overview.decide_none"))


def _missed(view: View, kpi: pd.Series) -> str:
    href = escape(words.link(view, "massnahmen", m=str(kpi["measure"]), kpi=str(kpi["code"])))
    question = kpi[f"decision_{view.lang}"]
    asked = "" if pd.isna(question) else f" – {text(question)}"
    return (
        f'<b class="bad">▲</b> <a href="{href}" target="_self">{text(words.name(view, kpi))}</a>: '
        f"{words.value(view, kpi)} {text(words.unit(view, kpi))}, "
        f"{escape(view.t('kpi.goal'))} {text(words.target(view, kpi))}{asked}"
    )
