"""Charts over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

import theme
from charts.base import Line, line_legend, threshold_layers
from i18n import Translate

FULL_YEAR_PCT = 80


def lines(
    points: pd.DataFrame,
    names: Mapping[str, str],
    unit: str,
    thresholds: Sequence[Line],
    lang: str,
    t: Translate,
) -> Any:
    """Series over time on the local clock; an empty value breaks a line. Thresholds are dashed."""
    data = points.assign(name=points["series"].map(names))
    order = [names[s] for s in names if s in set(points["series"])]
    days = (data["at"].max() - data["at"].min()).total_seconds() / theme.DAY
    x = alt.X("at:T", title=None, axis=alt.Axis(format=theme.axis_format(days, lang),
                                              tickCount=8))  # fmt: skip
    top = max([data["value"].max(), *[line.value for line in thresholds]]) * 1.06
    low = min(0.0, float(data["value"].min()))
    y = alt.Y("value:Q", title=unit, scale=alt.Scale(domain=[low, max(top, 1.0)], nice=False))
    base = alt.Chart(data).encode(
        x=x,
        y=y,
        color=_color(order),
        strokeDash=_dash(order),
        tooltip=_tooltip(unit, lang, t),
    )
    layers: list[Any] = [base.mark_line(), _alone(base), *threshold_layers(thresholds)]
    return alt.layer(*layers).properties(height=340, padding={"top": 10, "right": 8})


def _color(order: list[str]) -> alt.Color:
    scale = alt.Scale(domain=order, range=theme.SERIES[: len(order)])
    return alt.Color("name:N", legend=line_legend(order), scale=scale)


def _dash(order: list[str]) -> alt.StrokeDash:
    dashes = [list(d) for d in theme.DASHES[: len(order)]]
    return alt.StrokeDash(
        "name:N", legend=line_legend(order), scale=alt.Scale(domain=order, range=dashes)
    )


def _tooltip(unit: str, lang: str, t: Translate) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=t("chart.station")),
        alt.Tooltip("at:T", title=t("chart.time"), format=theme.INSTANT_FORMAT[lang]),
        alt.Tooltip("value:Q", title=unit, format=",.1~f"),
    ]


def _alone(base: Any) -> Any:
    """A value between two gaps has no line; it gets a point, so that it is not lost."""
    neighbours = base.transform_window(
        before="lag(value)", after="lead(value)", sort=[alt.SortField("at")], groupby=["name"]
    )
    alone = "isValid(datum.value) && !isValid(datum.before) && !isValid(datum.after)"
    return neighbours.transform_filter(alone).mark_point(filled=True, size=24)


def course(
    points: pd.DataFrame, unit: str, targets: Sequence[Line], lang: str, t: Translate
) -> Any:
    """A KPI over its periods: range as a band, weak values hollow, gaps open, target dashed.

    ``points`` has at, label, value, low, high, n, coverage, is_weak.
    """
    data = points.assign(fill=points["is_weak"].map({True: "weak", False: "sound"}))
    days = max((data["at"].max() - data["at"].min()).days, 31)
    y = alt.Y("value:Q", title=unit, scale=alt.Scale(domain=_domain(data, targets), nice=False))
    base = alt.Chart(data).encode(
        x=alt.X("at:T", title=None, axis=alt.Axis(format=theme.axis_format(days, lang),
                                                  tickCount=8)), y=y,
    )  # fmt: skip
    band = base.mark_area(color=theme.ACCENT, opacity=0.14).encode(y=alt.Y("low:Q"), y2="high:Q")
    line = base.mark_line(color=theme.ACCENT)
    dots = base.mark_point(size=38, filled=True, opacity=1, color=theme.ACCENT).encode(
        fill=alt.Fill("fill:N", legend=None, scale=alt.Scale(
            domain=["sound", "weak"], range=[theme.ACCENT, theme.PAPER])),
        stroke=alt.value(theme.ACCENT),
        tooltip=[
            alt.Tooltip("label:N", title=t("topic.period")),
            alt.Tooltip("value:Q", title=unit or t("chart.value"), format=",.2~f"),
            alt.Tooltip("low:Q", title=t("kpi.low"), format=",.2~f"),
            alt.Tooltip("high:Q", title=t("kpi.high"), format=",.2~f"),
            alt.Tooltip("n:Q", title=t("kpi.n"), format=",.0f"),
            alt.Tooltip("coverage:Q", title=t("kpi.coverage"), format=",.0f"),
        ],
    )  # fmt: skip
    layers = [
        *([band] if data["low"].notna().any() else []),
        line,
        dots,
        *threshold_layers(targets),
    ]
    return alt.layer(*layers).properties(height=320, padding={"top": 10, "right": 12})


def _domain(data: pd.DataFrame, targets: Sequence[Line]) -> list[float]:
    """From zero where values are not negative, with room above the highest mark."""
    marks = [float(m) for m in (data["value"].max(), data["high"].max()) if not pd.isna(m)]
    lows = [float(m) for m in (data["value"].min(), data["low"].min()) if not pd.isna(m)]
    top = max([*marks, *[line.value for line in targets], 0.0]) * 1.08
    return [min([*lows, 0.0]), top or 1.0]


def retention(weeks: pd.DataFrame, _lang: str, t: Translate) -> Any:
    """Share still active by week since joining; the band spans the cohorts."""
    base = alt.Chart(weeks).encode(
        x=alt.X("week:Q", title=t("cleema.week_axis"),
                axis=alt.Axis(tickMinStep=1, format="d", grid=False)),
        y=alt.Y("value:Q", title="%", scale=alt.Scale(domain=[0, 100], nice=False)),
    )  # fmt: skip
    band = base.mark_area(color=theme.ACCENT, opacity=0.14).encode(y=alt.Y("low:Q"), y2="high:Q")
    tips = {"week": "cleema.week", "value": "cleema.still_active", "people": "cleema.people"}
    line = base.mark_line(color=theme.ACCENT, point={"filled": True, "size": 38}).encode(
        tooltip=[alt.Tooltip(f"{c}:Q", title=t(key), format=",.0f") for c, key in tips.items()]
    )
    return alt.layer(band, line).properties(height=320, padding={"top": 10, "right": 12})


def heat(years: pd.DataFrame, _lang: str, t: Translate) -> Any:
    """Two bars per year with their number; a star marks years that were not fully observed."""
    kinds = ["hot_days", "tropical_nights"]
    data = years.melt(["year", "coverage_pct"], kinds, "kind", "count")
    data["year"] = data["year"].astype(str)
    data["kind"] = data["kind"].map({kind: t(f"heat.{kind}") for kind in kinds})
    partial = data["coverage_pct"] < FULL_YEAR_PCT
    data["label"] = data["count"].astype(int).astype(str) + partial.map({True: "*", False: ""})
    order = [t(f"heat.{kind}") for kind in kinds]
    base = alt.Chart(data).encode(
        x=alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("kind:N", sort=order),
        y=alt.Y(
            "count:Q",
            title=t("heat.unit"),
            axis=alt.Axis(tickMinStep=1),
            scale=alt.Scale(domain=[0, max(1.0, 1.12 * data["count"].max())], nice=False),
        ),
        tooltip=[
            alt.Tooltip("year:N", title=t("warn.year")),
            alt.Tooltip("kind:N", title=t("heat.kind")),
            alt.Tooltip("count:Q", title=t("heat.unit")),
            alt.Tooltip("coverage_pct:Q", title=t("heat.coverage_pct"), format=",.0f"),
        ],
    )
    color = alt.Color(
        "kind:N", legend=alt.Legend(title=None, columns=1), sort=order,
        scale=alt.Scale(domain=order, range=[theme.SERIES[1], theme.SERIES[0]]),
    )  # fmt: skip
    bars = base.mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2).encode(color=color)
    numbers = base.mark_text(dy=-8, fontSize=14, color=theme.INK, font=theme.FONT)
    layers = alt.layer(bars, numbers.encode(text="label:N"))
    return layers.properties(height=300, padding={"top": 10})
