"""Air quality against what holds today, what will hold from 2030, and what the WHO advises."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

import components
import state
import theme
from components import Card
from queries import environment
from queries.builds import records
from shell import View

REGIMES = ("eu_now", "eu_2030", "who_2021")
POLLUTANTS = {"de": {"NO2": "NO₂", "PM2.5": "PM2,5"}, "en": {"NO2": "NO₂"}}
STATUS_KIND = {"met": "good", "exceeded": "bad", "not_assessable": "quiet"}
Row = dict[str, Any]
SOURCES = ("uba_air", "saxony_air")


def show(view: View) -> None:
    """Annual means and exceedances of the chosen year."""
    t = view.t
    st.header(t("air.section"), anchor="luft")
    years = view.read(environment.air_years, view.origin)
    if years.empty:
        components.empty(view, "", t("air.empty"), "air")
        return
    judged = years.loc[years["is_assessable"], "year"]
    default = str(int(judged.iloc[0] if len(judged) else years["year"].iloc[0]))
    options = [str(int(y)) for y in years["year"]]
    year = int(state.switch("year", t("air.year"), options, str, default))
    assessment = view.read(environment.air_assessment, view.origin, year)
    means = assessment[assessment["averaging"] == "year"]
    counts = assessment[assessment["averaging"] != "year"]
    _card(view, "air", t("air.title", year=year), means, year)
    title = t("air.title_days", year=year)
    with st.expander(title):
        _card(view, "air_days", title, counts, year)


def _card(view: View, key: str, title: str, rows: pd.DataFrame, year: int) -> None:
    t = view.t
    if rows.empty:
        components.empty(view, title, t("air.empty"), key)
        return
    is_mean = key == "air"
    body = _means(view, rows) if is_mean else _counts(view, rows)
    card = Card(
        key=key,
        title=title,
        unit=t("air.unit" if is_mean else "air.unit_days"),
        sources=SOURCES,
        subject="air",
        download=lambda: rows,
        period=str(year),
        note=t("air.note") if is_mean else "",
        body=body,
    )
    components.chart_card(view, card)


def _means(view: View, rows: pd.DataFrame) -> str:
    t, lang = view.t, view.lang
    columns = [t("air.station"), t("air.pollutant"), t("air.value"), *_regimes(view),
               t("air.capture")]  # fmt: skip
    cells = []
    for (station, pollutant), by_regime in _by_regime(rows, ("station", "pollutant")).items():
        one = next(iter(by_regime.values()))
        cells.append([
            escape(str(station)),
            POLLUTANTS[view.lang].get(str(pollutant), escape(str(pollutant))),
            theme.fmt_number(one["value"], 1, lang),
            *[_verdict(view, by_regime, r) for r in REGIMES],
            _percent(one["capture_pct"], lang),
        ])  # fmt: skip
    return components.html_table(columns, cells, numbers=(2, 6))


def _counts(view: View, rows: pd.DataFrame) -> str:
    t = view.t
    columns = [t("air.station"), t("air.pollutant"), t("air.averaging"), *_regimes(view),
               t("air.capture")]  # fmt: skip
    cells = []
    key = ("station", "pollutant", "averaging")
    for (station, pollutant, averaging), by_regime in _by_regime(rows, key).items():
        cells.append([
            escape(str(station)),
            POLLUTANTS[view.lang].get(str(pollutant), escape(str(pollutant))),
            escape(t(f"air.averaging.{averaging}")),
            *[_count(view, by_regime, r) for r in REGIMES],
            _percent(next(iter(by_regime.values()))["capture_pct"], view.lang),
        ])  # fmt: skip
    return components.html_table(columns, cells, numbers=(6,))


def _by_regime(rows: pd.DataFrame, key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, Row]]:
    """The rows of a table line by regime, lines in the order of their key."""
    lines: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in sorted(records(rows), key=lambda row: tuple(str(row[k]) for k in key)):
        line = lines.setdefault(tuple(str(row[k]) for k in key), {})
        line[str(row["regime"])] = row
    return lines


def _regimes(view: View) -> list[str]:
    return [view.t(f"air.regime.{r}") for r in REGIMES]


def _verdict(view: View, by_regime: dict[str, Row], regime: str) -> str:
    """Status in shape and word, with the limit below."""
    if regime not in by_regime:
        return f"<span class='quiet'>{escape(view.t('air.nolimit'))}</span>"
    row = by_regime[regime]
    limit = theme.fmt_number(row["limit_value_ug_m3"], lang=view.lang)
    return _two_lines(_status(view, str(row["status"])), view.t("air.limit", limit=limit))


def _count(view: View, by_regime: dict[str, Row], regime: str) -> str:
    if regime not in by_regime:
        return f"<span class='quiet'>{escape(view.t('air.nolimit'))}</span>"
    row = by_regime[regime]
    counts = {
        "n": theme.fmt_number(row["exceedances"], 0, view.lang),
        "limit": theme.fmt_number(row["limit_value_ug_m3"], lang=view.lang),
        "allowed": theme.fmt_number(row["allowed_exceedances"], 0, view.lang),
    }
    return _two_lines(_status(view, str(row["status"])), view.t("air.count", **counts))


def _two_lines(first: str, second: str) -> str:
    return f"{first}<br><small>{escape(second)}</small>"


def _status(view: View, status: str) -> str:
    kind = STATUS_KIND[status]
    return f"<b class='{kind}'>{escape(view.t(f'air.status.{status}'))}</b>"


def _percent(value: float, lang: str) -> str:
    return f"{theme.fmt_number(value, 0, lang)} %"
