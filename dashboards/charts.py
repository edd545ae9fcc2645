"""Charts from DataFrames: pure functions, drawn with the theme, without network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

import theme
from i18n import Translate

DISTRICTS = Path(__file__).parent / "assets" / "districts.geojson"
SUBJECTS = ("gauge", "rain", "air", "heat")
FULL_YEAR_PCT = 80


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal threshold with its label."""

    value: float
    label: str


def finish(chart: Any, lang: str, summary: str, stamp: str = "") -> Any:
    """Theme, locale and description for screen readers; drawn as SVG, so that it can be saved.

    ``stamp`` stands in the picture itself, which may leave the page.
    """
    if stamp:
        chart.title = alt.Title(
            stamp, anchor="end", color=theme.STAMP, fontSize=13, font=theme.FONT, offset=12
        )
    chart.config = theme.config(lang)
    chart.description = summary
    chart.usermeta = {"embedOptions": {"renderer": "svg"}}
    return chart


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
    x = alt.X("at:T", title=None, axis=alt.Axis(format=theme.axis_format(days, lang)))
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
    layers: list[Any] = [base.mark_line(), _alone(base), *_thresholds(thresholds)]
    return alt.layer(*layers).properties(height=340, padding={"top": 10, "right": 8})


def _color(order: list[str]) -> alt.Color:
    scale = alt.Scale(domain=order, range=theme.SERIES[: len(order)])
    return alt.Color("name:N", legend=_line_legend(order), scale=scale)


def _line_legend(order: list[str]) -> alt.Legend | None:
    """Strokes, so that colour and dash stand together; none for a single series."""
    if len(order) == 1:
        return None
    return alt.Legend(title=None, columns=2, symbolType="stroke", symbolSize=700)


def _dash(order: list[str]) -> alt.StrokeDash:
    dashes = [list(d) for d in theme.DASHES[: len(order)]]
    return alt.StrokeDash(
        "name:N", legend=_line_legend(order), scale=alt.Scale(domain=order, range=dashes)
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


def _thresholds(thresholds: Sequence[Line]) -> list[Any]:
    if not thresholds:
        return []
    data = pd.DataFrame([{"value": line.value, "label": line.label} for line in thresholds])
    rules = alt.Chart(data).mark_rule(color=theme.ALARM, strokeDash=[6, 4], strokeWidth=1.2)
    style: dict[str, Any] = {"color": theme.ALARM, "fontSize": 13, "font": theme.FONT}
    place: dict[str, Any] = {"align": "left", "baseline": "bottom", "dx": 4, "dy": -3}
    halo = alt.Chart(data).mark_text(**style, **place, stroke=theme.PAPER, strokeWidth=5)
    labels = alt.Chart(data).mark_text(**style, **place)
    at: dict[str, Any] = {"y": "value:Q", "x": alt.value(0), "text": "label:N"}
    return [rules.encode(y="value:Q"), halo.encode(**at), labels.encode(**at)]


def heat(years: pd.DataFrame, lang: str, t: Translate) -> Any:
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


def bounds() -> tuple[float, float, float, float]:
    """West, south, east and north of the districts, degrees."""
    shapes = json.loads(DISTRICTS.read_bytes())["features"]
    ring = [point for shape in shapes for point in shape["geometry"]["coordinates"][0]]
    longitudes, latitudes = zip(*ring, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def city_map(places: pd.DataFrame, t: Translate) -> Any:
    """Stations as shapes over the schematic districts, all vector, nothing fetched.

    ``places`` has subject, name, value_text, at_text, latitude, longitude.
    """
    shapes = json.loads(DISTRICTS.read_bytes())
    district = alt.InlineData(values=shapes["features"])
    ground = alt.Chart(district).mark_geoshape(
        fill=theme.CELL, stroke=theme.CELL_EDGE, strokeWidth=1
    )
    subjects = [s for s in SUBJECTS if s in set(places["subject"])]
    order = [t(f"map.subject.{s}") for s in subjects]
    at = [SUBJECTS.index(s) for s in subjects]
    data = places.assign(kind=places["subject"].map({s: t(f"map.subject.{s}") for s in SUBJECTS}))
    legend = alt.Legend(title=None, columns=2, symbolSize=130)
    points = alt.Chart(data).mark_point(filled=True, size=170, opacity=1, stroke=theme.PAPER)
    placed = points.encode(
        longitude="longitude:Q",
        latitude="latitude:Q",
        color=alt.Color("kind:N", legend=legend, scale=alt.Scale(
            domain=order, range=[theme.SERIES[i] for i in at])),
        shape=alt.Shape("kind:N", legend=legend, scale=alt.Scale(
            domain=order, range=[theme.SHAPES[i] for i in at])),
        tooltip=[
            alt.Tooltip("name:N", title=t("chart.station")),
            alt.Tooltip("kind:N", title=t("map.subject")),
            alt.Tooltip("value_text:N", title=t("chart.value")),
            alt.Tooltip("at_text:N", title=t("map.at")),
        ],
    )  # fmt: skip
    named = ground.encode(tooltip=alt.Tooltip("properties.name:N", title=t("map.district")))
    return alt.layer(named, placed).project("mercator").properties(height=460)
