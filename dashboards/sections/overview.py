"""The programme on one screen: action fields, measures, what changed, what needs a decision."""

from __future__ import annotations

from html import escape
from typing import cast

import pandas as pd
import streamlit as st

from marks import text
from queries import kpis, programme
from sections import attention
from sections import kpi_words as words
from shell import View

COLUMNS = ("measure", "kpi", "value", "course", "status", "age")


def show(view: View) -> None:
    """Everything as one block, so that it is one screen and costs no chart."""
    found = view.read(kpis.overview, view.origin)
    histories = view.read(kpis.histories, view.origin)
    st.html(
        _fields(view, found)
        + _measures(view, found, histories)
        + '<div class="panels">'
        + attention.changed(view)
        + attention.decisions(view, found)
        + "</div>"
    )


def _headline(found: pd.DataFrame, of: pd.Series) -> pd.Series | None:
    """The KPI that stands for a measure or field: a headline, and rather one with a value."""
    chosen = found[of]
    if chosen.empty:
        return None
    headline, empty = chosen["is_headline"].astype(bool), chosen["value"].isna()
    order = pd.DataFrame({"other": ~headline, "empty": empty}).sort_values(
        ["other", "empty"], kind="stable"
    )
    return cast("pd.Series", chosen.loc[order.index[0]])


def is_field_kpi(found: pd.DataFrame) -> pd.Series:
    """KPIs of an action field as a whole carry its code; the others belong to a measure."""
    return found["code"].str.startswith("HF")


def _fields(view: View, found: pd.DataFrame) -> str:
    titles = programme.titles(view.read(programme.action_fields), "action_field", view.lang)
    cells = []
    for field in programme.ACTION_FIELDS:
        kpi = _headline(found, is_field_kpi(found) & (found["action_field"] == field))
        head = (
            f'<a href="{words.link(view, "handlungsfelder", hf=field)}">'
            f"<b>{escape(view.t('field.short', n=field[2:]))}</b> "
            f"{text(titles.get(field, ''))}</a>"
        )
        cells.append(
            f'<div class="field"><p class="field-name">{head}</p>{_field(view, kpi)}</div>'
        )
    label = escape(view.t("overview.fields"))
    return f'<section class="fields" aria-label="{label}">{"".join(cells)}</section>'


def _field(view: View, kpi: pd.Series | None) -> str:
    if kpi is None:
        return f'<p class="field-kpi quiet">{escape(view.t("overview.no_headline"))}</p>'
    number = (
        f'<span class="figure">{words.value(view, kpi)}</span> {text(words.unit(view, kpi))}'
        if words.has_value(kpi)
        else ""
    )
    return (
        f'<p class="field-kpi">{text(words.name(view, kpi))}{_dated(view, kpi)}</p>'
        f'<p class="field-value">{number} {words.status(view, kpi)}</p>'
    )


def _dated(view: View, kpi: pd.Series) -> str:
    return f", {escape(words.period(view, kpi))}" if words.has_value(kpi) else ""


def _measures(view: View, found: pd.DataFrame, histories: pd.DataFrame) -> str:
    measures = view.read(programme.measures)
    heads = "".join(
        f'<th scope="col" class="c-{c}">{escape(view.t(f"overview.{c}"))}</th>' for c in COLUMNS
    )
    rows = []
    for _, measure in measures.iterrows():
        kpi = _headline(found, ~is_field_kpi(found) & (found["measure"] == measure["measure"]))
        cells = [_measure(view, measure), *_cells(view, kpi, histories)]
        rows.append(
            "<tr>"
            + "".join(_cell(view, c, v) for c, v in zip(COLUMNS, cells, strict=True))
            + "</tr>"
        )
    return (
        f'<table class="overview"><caption>{escape(view.t("overview.caption"))}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _cell(view: View, column: str, content: str) -> str:
    label = escape(view.t(f"overview.{column}"))
    if column == "measure":
        return f'<th scope="row" class="c-{column}">{content}</th>'
    return f'<td class="c-{column}" data-label="{label}">{content}</td>'


def _measure(view: View, measure: pd.Series) -> str:
    href = words.link(view, "massnahmen", m=str(measure["measure"]))
    return (
        f'<a href="{escape(href)}"><span class="number">{int(measure["number"])}</span>'
        f'<span class="clamp">{text(measure[f"title_{view.lang}"])}</span></a>'
    )


def _cells(view: View, kpi: pd.Series | None, histories: pd.DataFrame) -> list[str]:
    t = view.t
    if kpi is None:
        return [f'<span class="quiet">{escape(t("overview.no_headline"))}</span>', *[""] * 4]
    name = _kpi_name(view, kpi)
    if not words.has_value(kpi):
        return [name, "", "", words.status(view, kpi), ""]
    before = words.before(view, kpi)
    number = (
        f'<span class="one-line"><span class="figure">{words.value(view, kpi)}</span> '
        f'<span class="unit">{text(words.unit(view, kpi))}</span></span>'
    )
    return [
        name,
        number + _small(before).removeprefix("<br>"),
        words.spark(view, kpi, histories),
        words.status(view, kpi) + _small(words.target_if_any(view, kpi)),
        escape(words.period(view, kpi)) + _small(words.age(view, kpi)),
    ]


def _kpi_name(view: View, kpi: pd.Series) -> str:
    area = words.area(view, kpi)
    place = f' <small class="quiet">{text(area)}</small>' if area else ""
    return f'<span class="clamp">{text(words.name(view, kpi))}{place}</span>'


def _small(line: str) -> str:
    return f'<br><small class="quiet">{text(line)}</small>' if line else ""
