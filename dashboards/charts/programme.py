"""Charts of the programme: money, milestones, and what moves an estimate."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

import theme
from charts.base import line_legend
from i18n import Translate

SPENDING = ("planned", "spent", "forecast")
MILESTONES = ("in_time", "late", "overdue", "open")


def spending_rows(spent: pd.DataFrame, ahead: pd.DataFrame, size: int) -> pd.DataFrame:
    """Plan, spending and forecast under each other: kind, at, value, low, high; in ``size`` EUR."""
    parts = [
        pd.DataFrame({"kind": "planned", "at": spent["month_start"],
                      "value": spent["planned_cumulated_eur"]}),
        pd.DataFrame({"kind": "spent", "at": spent["month_start"],
                      "value": spent["spent_cumulated_eur"]}),
    ]  # fmt: skip
    if len(ahead):
        known = spent.dropna(subset=["spent_cumulated_eur"]).tail(1)  # where the forecast begins
        columns = {"value": "spent_cumulated_eur", "low": "spent_cumulated_low_eur",
                   "high": "spent_cumulated_high_eur"}  # fmt: skip
        begin = dict.fromkeys(columns, known["spent_cumulated_eur"])
        parts += [
            pd.DataFrame({"kind": "forecast", "at": known["month_start"], **begin}),
            pd.DataFrame({"kind": "forecast", "at": ahead["month_start"],
                          **{c: ahead[name] for c, name in columns.items()}}),
        ]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    for column in ("value", "low", "high"):
        rows[column] = rows[column].astype(float) / size if column in rows.columns else None
    return rows.assign(at=pd.to_datetime(rows["at"]) + pd.offsets.MonthEnd(0))


def spending(rows: pd.DataFrame, end: Any, unit: str, lang: str, t: Translate) -> Any:
    """Cumulated plan, spending and forecast with its range; a line where the phase ends."""
    order = [t(f"finance.{'plan' if k == 'planned' else k}") for k in SPENDING]
    data = rows.assign(name=rows["kind"].map(dict(zip(SPENDING, order, strict=True))))
    colours = [theme.QUIET, theme.ACCENT, theme.SERIES[1]]
    base = alt.Chart(data).encode(
        x=alt.X("at:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=8)),
        y=alt.Y("value:Q", title=unit),
        color=alt.Color("name:N", scale=alt.Scale(domain=order, range=colours),
                        legend=line_legend(order)),
        strokeDash=alt.StrokeDash("name:N", legend=line_legend(order), scale=alt.Scale(
            domain=order, range=[[7, 3], [1, 0], [2, 2]])),
        tooltip=[
            alt.Tooltip("name:N", title=t("chart.value")),
            alt.Tooltip("at:T", title=t("chart.time"), format=theme.DAY_FORMAT[lang]),
            alt.Tooltip("value:Q", title=unit, format=",.2f"),
        ],
    )  # fmt: skip
    band = base.mark_area(opacity=0.16, strokeOpacity=0).encode(y=alt.Y("low:Q"), y2="high:Q")
    layers = [band, base.mark_line(strokeWidth=2.4)]
    if end is not None:
        ends = alt.Chart(
            pd.DataFrame({"at": [pd.Timestamp(end)], "text": [t("finance.phase_end")]})
        )
        style: dict[str, Any] = {"font": theme.FONT, "fontSize": 13, "color": theme.QUIET}
        layers += [
            ends.mark_rule(color=theme.QUIET, strokeDash=[4, 4]).encode(x="at:T"),
            ends.mark_text(align="right", dx=-6, baseline="top", **style).encode(
                x="at:T", y=alt.value(0), text="text:N"
            ),
        ]
    return alt.layer(*layers).properties(height=340, padding={"top": 12, "right": 12})


def milestones(rows: pd.DataFrame, today: Any, lang: str, t: Translate) -> Any:
    """Milestones on a line per measure; shape and colour say how they stand."""
    order = [t(f"miles.{state}") for state in MILESTONES]
    colours = {"in_time": theme.SERIES[2], "late": theme.SERIES[4], "overdue": theme.ALARM,
               "open": theme.QUIET}  # fmt: skip
    shapes = {"in_time": "circle", "late": "diamond", "overdue": "triangle-up", "open": "square"}
    legend = alt.Legend(title=None, columns=4, symbolSize=110)
    day = theme.DAY_FORMAT[lang]
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "name:N",
            title=None,
            axis=alt.Axis(labelLimit=260, grid=True, domain=False, labelPadding=12),
        )
    )
    points = base.mark_point(filled=True, size=130, opacity=1, stroke=theme.PAPER).encode(
        x=alt.X("at:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=8)),
        color=alt.Color("state_text:N", legend=legend, scale=alt.Scale(
            domain=order, range=[colours[s] for s in MILESTONES])),
        shape=alt.Shape("state_text:N", legend=legend, scale=alt.Scale(
            domain=order, range=[shapes[s] for s in MILESTONES])),
        tooltip=[
            alt.Tooltip("milestone:N", title=t("miles.col.milestone")),
            alt.Tooltip("name:N", title=t("miles.col.measure")),
            alt.Tooltip("planned_on:T", title=t("miles.col.planned"), format=day),
            alt.Tooltip("done_on:T", title=t("miles.col.done"), format=day),
            alt.Tooltip("state_text:N", title=t("miles.col.state")),
        ],
    )  # fmt: skip
    now = alt.Chart(pd.DataFrame({"at": [today]})).mark_rule(color=theme.INK).encode(x="at:T")
    height = 34 * rows["name"].nunique() + 90
    return alt.layer(now, points).properties(height=height, padding={"top": 8, "right": 12})


def tornado(rows: pd.DataFrame, unit: str, _lang: str, t: Translate) -> Any:
    """How far one unknown moves the result, all others central.

    ``rows`` has name, low, value, high.
    """
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "name:N",
            title=None,
            sort=list(rows["name"]),
            axis=alt.Axis(labelLimit=320, labelPadding=8),
        ),
        tooltip=[
            alt.Tooltip("name:N", title=t("cleema.assumption")),
            alt.Tooltip("low:Q", title=t("kpi.low"), format=",.0f"),
            alt.Tooltip("high:Q", title=t("kpi.high"), format=",.0f"),
        ],
    )
    x = alt.X("low:Q", title=unit, axis=alt.Axis(grid=True, tickCount=6),
              scale=alt.Scale(zero=False))  # fmt: skip
    bars = base.mark_bar(color=theme.ACCENT, height={"band": 0.6}, cornerRadius=2).encode(
        x=x, x2="high:Q"
    )
    centre = alt.Chart(rows.head(1)).mark_rule(color=theme.INK, strokeWidth=1.5).encode(x="value:Q")
    height = 32 * len(rows) + 70
    return alt.layer(bars, centre).properties(height=height, padding={"top": 4, "right": 12})
