"""The two kinds of topics: measures and action fields, chosen in the URL."""

from __future__ import annotations

from html import escape

import pandas as pd

import components
import state
from marks import text
from queries import programme
from sections import kpi_words as words
from sections import topic
from sections.topic import Topic
from shell import View


def measure(view: View) -> str | None:
    """Choice and page of one measure; returns its identifier."""
    t = view.t
    measures = view.read(programme.measures).set_index("measure")
    if measures.empty:
        components.empty(view, "", t("topic.none"), "measures")
        return None
    names = {str(m): f"{int(row['number'])} {row[f'title_{view.lang}']}"
             for m, row in measures.iterrows()}  # fmt: skip
    chosen = state.pick(
        "m", t("overview.measure"), list(names), names.__getitem__, next(iter(names))
    )
    kpis = topic.subset(view, "measure", chosen)
    kpis = kpis[~kpis["code"].str.startswith("HF")]
    row = measures.loc[chosen]
    fields = programme.titles(view.read(programme.action_fields), "action_field", view.lang)
    field = str(row["action_field"])
    href = escape(words.link(view, "handlungsfelder", hf=field))
    name = f"{t('field.short', n=field[2:])} {fields.get(field, '')}".strip()
    facts = [f'<a href="{href}">{text(name)}</a>', *_facts(view, kpis)]
    topic.show(
        view,
        Topic(f"measure-{chosen}", names[chosen], facts, kpis, {"page": "massnahmen", "m": chosen}),
    )
    return chosen


def action_field(view: View) -> None:
    """Choice and page of one action field."""
    t = view.t
    titles = programme.titles(view.read(programme.action_fields), "action_field", view.lang)
    chosen = state.switch(
        "hf", t("overview.fields"), list(programme.ACTION_FIELDS),
        lambda f: t("field.short", n=f[2:]), programme.ACTION_FIELDS[0],
    )  # fmt: skip
    kpis = topic.subset(view, "action_field", chosen)
    own = kpis["code"].str.startswith("HF")
    kpis = kpis[own | kpis["is_headline"].astype(bool)]
    kpis = kpis.loc[own.sort_values(ascending=False, kind="stable").index.intersection(kpis.index)]
    measures = view.read(programme.measures)
    listed = [
        f'<a href="{escape(words.link(view, "massnahmen", m=str(m["measure"])))}">'
        f"{text(m[f'title_{view.lang}'])}</a>"
        for _, m in measures[measures["action_field"] == chosen].iterrows()
    ]
    title = f"{t('field.short', n=chosen[2:])} {titles.get(chosen, '')}".strip()
    facts = [*_facts(view, kpis), *listed]
    here = {"page": "handlungsfelder", "hf": chosen}
    topic.show(view, Topic(chosen, title, facts, kpis, here))


def _facts(view: View, kpis: pd.DataFrame) -> list[str]:
    """Responsible offices and how many KPIs there are."""
    t = view.t
    offices = sorted(set(kpis["office"].dropna()) - {""})
    missing = int(kpis["is_missing"].sum())
    facts = [text(t("topic.office", offices=", ".join(offices)))] if offices else []
    counted = (
        t("topic.count", n=len(kpis))
        if not missing
        else t("topic.count_missing", n=len(kpis), missing=missing)
    )
    return [*facts, escape(counted)]
