"""Building blocks of the pages: chart cards, KPI cards, tables, downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

import charts
import exports
import theme
from i18n import Translate
from queries.builds import records
from shell import REGISTER, View, credit_all, note

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Card:
    """What a chart card shows. ``download`` is asked only when somebody clicks."""

    key: str
    title: str
    unit: str
    sources: tuple[str, ...]
    subject: str
    download: Callable[[], pd.DataFrame]
    period: str = ""
    note: str = ""
    chart: dict[str, Any] | None = None
    body: str = ""
    summary: Sequence[str] = field(default=())
    table: pd.DataFrame | None = None
    stand: str = ""
    lineage: str = ""


def chart_card(view: View, card: Card) -> None:
    """Title, unit, chart or table, the same in words, source and age, table view, download."""
    with st.container(border=True, key=f"card_{card.key}"):
        st.html(
            _heading(
                view, card.title, "" if card.chart is not None else card.unit, is_demo=view.is_demo
            )
        )
        if card.chart is not None:
            stamp = view.t("demo.banner") if view.is_demo else ""
            drawn = charts.finish(card.chart, view.lang, " ".join(card.summary), stamp)
            st.vega_lite_chart(drawn, theme=None, width="stretch", key=f"chart_{card.key}")
        if card.body:
            st.html(card.body)
        if card.summary:
            st.html("".join(f'<p class="summary">{escape(s)}</p>' for s in card.summary))
        st.html(f'<p class="card-footer">{"<br>".join(_footer(view, card))}</p>')
        _table_view(view, card)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            download(view, card)
            if card.chart is not None:
                st.html(_save_buttons(view, card), width="content")


def _heading(view: View, title: str, unit: str, *, is_demo: bool) -> str:
    badge = f'<span class="badge">{escape(view.t("demo.badge"))}</span>' if is_demo else ""
    below = f'<p class="card-unit">{escape(unit)}</p>' if unit else ""
    return f'<h3 class="card-title">{escape(title)}{badge}</h3>{below}'


def _footer(view: View, card: Card) -> list[str]:
    named = credit_all(view, card.sources) or theme.NONE
    lines = [
        card.note,
        view.t("card.source", sources=named),
        card.stand or _age(view, card.subject),
    ]
    origin = f'<a href="{escape(card.lineage)}#woher">{escape(view.t("lineage.title"))}</a>'
    return [*[escape(line) for line in lines if line], *([origin] if card.lineage else [])]


def _age(view: View, subject: str) -> str:
    """How old the newest value is; a day counts as old from its end."""
    if subject not in view.as_of:
        return ""
    known = view.as_of[subject]
    passed = view.now - known["newest_at"]
    age = theme.fmt_age(passed, view.t)
    if known["is_daily"]:
        at = theme.fmt_date(known["newest_day"], view.lang)
        which = "card.as_of_day" if passed < ONE_DAY else "card.as_of_day_age"
        return view.t(which, at=at, age=age)
    return view.t("card.as_of", at=theme.fmt_instant(known["newest_at"], view.lang), age=age)


def _table_view(view: View, card: Card) -> None:
    if card.table is None:
        return
    with st.expander(view.t("card.table")):
        if card.chart is not None and "series" in card.table.columns:
            note(view.t("card.table_shown"))
        st.dataframe(card.table, hide_index=True, width="stretch", key=f"table_{card.key}")


def _save_buttons(view: View, card: Card) -> str:
    """Buttons that ``assets/save_chart.js`` listens to."""
    where = f'data-card="card_{card.key}" data-name="{card.key}_{view.origin}"'
    return "".join(
        f'<button type="button" class="save" data-save="{kind}" {where}>'
        f"{escape(view.t(f'chart.{kind}'))}</button>"
        for kind in ("svg", "png")
    )


def download(view: View, card: Card, label: str = "") -> None:
    """Button for the CSV file; its rows are read when it is clicked."""
    st.download_button(
        label or view.t("card.csv"),
        data=lambda: csv(view, card),
        file_name=f"{card.key}_{view.origin}_{view.build.build_id}.csv",
        mime="text/csv",
        key=f"csv_{card.key}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def csv(view: View, card: Card) -> bytes:
    """The rows of a card for a spreadsheet, with what they are at the top."""
    about = exports.about(view, card.title, card.sources, unit=card.unit, period=card.period)
    return exports.spreadsheet(about, card.download(), view.lang)


def tile(
    name: str,
    value: str,
    unit: str = "",
    state: tuple[str, str] = ("", ""),
    notes: Sequence[str] = (),
    *,
    is_number: bool = True,
) -> None:
    """A large number with its name above, state (words, kind) and notes below."""
    kind = "" if is_number else " none"
    parts = [
        f'<p class="kpi-name">{escape(name)}</p>',
        f'<p class="kpi-value{kind}">{escape(value)} <span class="unit">{escape(unit)}</span></p>',
    ]
    if state[0]:
        parts.append(f'<p class="kpi-state {state[1]}">{escape(state[0])}</p>')
    lines = "<br>".join(escape(note) for note in notes if note)
    st.html("".join(parts) + f'<p class="kpi-note">{lines}</p>')


def empty(view: View, title: str, why: str, key: str) -> None:
    """A card without data that says why there are none; no title where the section says it."""
    with st.container(border=True, key=f"empty_{key}"):
        if title:
            st.html(_heading(view, title, "", is_demo=view.is_demo))
        st.html(f'<p class="summary">○ {escape(why)}</p>')


def table_card(
    view: View,
    key: str,
    title: str,
    shown: pd.DataFrame,
    rows: pd.DataFrame,
    sources: tuple[str, ...],
    remark: str = "",
) -> None:
    """A table as a card of its own: ``shown`` for readers, ``rows`` for the download.

    With ``REGISTER`` for sources it is a table of the platform, the same for demo and real data,
    whose rows say themselves where they come from.
    """
    with st.container(border=True, key=f"card_{key}"):
        st.html(_heading(view, title, "", is_demo=view.is_demo and sources != REGISTER))
        st.dataframe(shown, hide_index=True, width="stretch", key=f"table_{key}", alt=title)
        card = Card(key, title, "", sources, "", lambda: rows, note=remark)
        st.html(f'<p class="card-footer">{"<br>".join(_footer(view, card))}</p>')
        download(view, card)


def day(view: View, value: Any) -> str:
    """A day as readers write it."""
    return theme.fmt_date(value, view.lang)


def describe_series(
    points: pd.DataFrame,
    names: dict[str, str],
    unit: str,
    lang: str,
    t: Translate,
    text_key: str = "chart.series",
) -> list[str]:
    """A sentence per series: lowest, highest and latest value with their times, and the gaps."""
    return [
        _describe(points[points["series"] == series], name, unit, lang, t, text_key)
        for series, name in names.items()
        if points.loc[points["series"] == series, "value"].notna().any()
    ]


def _describe(
    group: pd.DataFrame, name: str, unit: str, lang: str, t: Translate, text_key: str
) -> str:
    rows = group.dropna(subset=["value"])
    at = (int(rows["value"].argmin()), int(rows["value"].argmax()), len(rows) - 1)
    chosen = dict(zip(("low", "high", "last"), records(rows.iloc[list(at)]), strict=True))
    parts: dict[str, str] = {"name": name}
    for which, row in chosen.items():
        parts[which] = f"{theme.fmt_number(row['value'], lang=lang)} {unit}"
        parts[f"{which}_at"] = theme.fmt_clock(row["at"], lang)
    is_flat = chosen["low"]["value"] == chosen["high"]["value"]
    text = t("chart.flat" if is_flat else text_key, **parts)
    gaps = int(group["value"].isna().sum())
    if gaps:
        text += " " + (t("chart.gaps_one") if gaps == 1 else t("chart.gaps", n=gaps))
    return text


def html_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()
) -> str:
    """A plain table of ready-made (escaped) cells; columns in ``numbers`` are right-aligned."""
    kind = ['class="num"' if i in numbers else "" for i in range(len(columns))]
    head = "".join(
        f'<th scope="col" {k}>{escape(c)}</th>' for k, c in zip(kind, columns, strict=True)
    )
    labels = [f'data-label="{escape(column)}"' for column in columns]
    body = "".join(f"<tr>{_cells(kind, labels, row)}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0"><table class="plain"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(kind: Sequence[str], labels: Sequence[str], row: Sequence[str]) -> str:
    """Cells that know their column: on a phone the name stands beside the value."""
    cells = zip(kind, labels, row, strict=True)
    return "".join(f"<td {k} {label}><div>{cell}</div></td>" for k, label, cell in cells)


def labelled(frame: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Columns in the order of ``labels`` under names for readers."""
    return frame[list(labels)].rename(columns=labels)
