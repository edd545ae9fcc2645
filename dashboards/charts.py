"""Charts from DataFrames: pure functions, drawn with the theme, without network."""

from __future__ import annotations

import json
import threading
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
LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal threshold with its label."""

    value: float
    label: str


def spec(chart: Any) -> dict[str, Any]:
    """A chart as a Vega-Lite specification with its DataFrames under ``datasets``.

    Altair's transformers are global, hence the lock. Validation against the schema is the tests'
    work: it costs more than all the rest.
    """
    datasets: dict[str, Any] = {}

    def keep(data: Any) -> dict[str, str]:
        name = f"data{len(datasets)}"
        datasets[name] = data
        return {"name": name}

    with LOCK:
        alt.data_transformers.register("kept", keep)
        with alt.data_transformers.enable("kept"):
            drawn: dict[str, Any] = chart.to_dict(validate=False)
    return {**drawn, "datasets": {**drawn.get("datasets", {}), **datasets}}


def finish(drawn: dict[str, Any], lang: str, summary: str, stamp: str = "") -> dict[str, Any]:
    """Theme, locale and description for screen readers; drawn as SVG, so that it can be saved.

    ``stamp`` stands in the picture itself, which may leave the page.
    """
    title = {
        "text": stamp, "anchor": "end", "color": theme.STAMP, "fontSize": 13, "font": theme.FONT,
        "offset": 12,
    }  # fmt: skip
    return {
        **drawn,
        **({"title": title} if stamp else {}),
        "config": theme.config(lang),
        "description": summary,
        "usermeta": {"embedOptions": {"renderer": "svg"}},
    }


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
    layers = [*([band] if data["low"].notna().any() else []), line, dots, *_thresholds(targets)]
    return alt.layer(*layers).properties(height=320, padding={"top": 10, "right": 12})


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


def tornado(rows: pd.DataFrame, unit: str, _lang: str, t: Translate) -> Any:
    """How far one unknown moves the result, all others central. ``rows``: name, low, value, high."""
    base = alt.Chart(rows).encode(
        y=alt.Y("name:N", title=None, sort=list(rows["name"]), axis=alt.Axis(labelLimit=320)),
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
    height = max(140, 30 * len(rows))
    return alt.layer(bars, centre).properties(height=height, padding={"top": 4, "right": 12})


SPENDING = ("planned", "spent", "forecast")


def spending_rows(spent: pd.DataFrame, ahead: pd.DataFrame, size: int) -> pd.DataFrame:
    """Plan, spending and forecast under each other: kind, at, value, low, high; in ``size`` EUR."""
    parts = [
        pd.DataFrame({"kind": "planned", "at": spent["month_start"],
                      "value": spent["planned_cumulated_eur"]}),
        pd.DataFrame({"kind": "spent", "at": spent["month_start"],
                      "value": spent["spent_cumulated_eur"]}),
    ]  # fmt: skip
    if len(ahead):
        parts.append(pd.DataFrame({
            "kind": "forecast", "at": ahead["month_start"], "value": ahead["spent_cumulated_eur"],
            "low": ahead["spent_cumulated_low_eur"], "high": ahead["spent_cumulated_high_eur"],
        }))  # fmt: skip
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
                        legend=_line_legend(order)),
        strokeDash=alt.StrokeDash("name:N", legend=_line_legend(order), scale=alt.Scale(
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


MILESTONES = ("in_time", "late", "overdue", "open")


def milestones(rows: pd.DataFrame, today: Any, lang: str, t: Translate) -> Any:
    """Milestones on a line per measure; shape and colour say how they stand."""
    order = [t(f"miles.{state}") for state in MILESTONES]
    colours = {"in_time": theme.SERIES[2], "late": theme.SERIES[4], "overdue": theme.ALARM,
               "open": theme.QUIET}  # fmt: skip
    shapes = {"in_time": "circle", "late": "diamond", "overdue": "triangle-up", "open": "square"}
    legend = alt.Legend(title=None, columns=4, symbolSize=110)
    base = alt.Chart(rows).encode(
        y=alt.Y("name:N", title=None, axis=alt.Axis(labelLimit=260, grid=True, domain=False))
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
            alt.Tooltip("planned_on:T", title=t("miles.col.planned"), format=theme.DAY_FORMAT[lang]),
            alt.Tooltip("done_on:T", title=t("miles.col.done"), format=theme.DAY_FORMAT[lang]),
            alt.Tooltip("state_text:N", title=t("miles.col.state")),
        ],
    )  # fmt: skip
    now = alt.Chart(pd.DataFrame({"at": [today]})).mark_rule(color=theme.INK).encode(x="at:T")
    height = 34 * rows["name"].nunique() + 20
    return alt.layer(now, points).properties(height=height, padding={"top": 8, "right": 12})


def _domain(data: pd.DataFrame, targets: Sequence[Line]) -> list[float]:
    """From zero where values are not negative, with room above the highest mark."""
    marks = [float(m) for m in (data["value"].max(), data["high"].max()) if not pd.isna(m)]
    lows = [float(m) for m in (data["value"].min(), data["low"].min()) if not pd.isna(m)]
    top = max([*marks, *[line.value for line in targets], 0.0]) * 1.08
    return [min([*lows, 0.0]), top or 1.0]


def ranking(rows: pd.DataFrame, unit: str, _lang: str, t: Translate) -> Any:
    """Areas by size as bars with their numbers. ``rows`` has name, value, text."""
    data = rows[["name", "value", "text"]]
    top = max(float(data["value"].max()), 0.0) * 1.2 or 1.0
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", title=None, sort="-x", axis=alt.Axis(labelLimit=220, ticks=False)),
        x=alt.X("value:Q", title=unit, axis=alt.Axis(grid=True, tickCount=5),
                scale=alt.Scale(domain=[min(0.0, float(data["value"].min())), top], nice=False)),
        tooltip=[alt.Tooltip("name:N", title=t("area.name")),
                 alt.Tooltip("text:N", title=t("chart.value"))],
    )  # fmt: skip
    bars = base.mark_bar(color=theme.ACCENT, cornerRadiusEnd=2, height={"band": 0.7})
    numbers = base.mark_text(align="left", dx=5, color=theme.INK, font=theme.FONT, fontSize=13)
    layers = alt.layer(bars, numbers.encode(text="text:N"))
    return layers.properties(height=max(120, 26 * len(data)), padding={"top": 4, "right": 12})


def area_map(rows: pd.DataFrame, unit: str, _lang: str, t: Translate) -> Any:
    """Districts filled by the value of their borough or their own; pale where there is none.

    ``rows`` has area_id (``borough:0`` or ``district:05``), name, value, text.
    """
    by_id = rows.set_index("area_id")
    shapes = json.loads(DISTRICTS.read_bytes())["features"]
    features = [{**shape, "properties": _filled(shape["properties"], by_id, t)} for shape in shapes]
    low, high = float(rows["value"].min()), float(rows["value"].max())
    scale = alt.Scale(domain=[min(low, 0.0) if low < high / 3 else low, high], range=theme.SHADES)
    chart = alt.Chart(alt.InlineData(values=features)).mark_geoshape(
        stroke=theme.PAPER, strokeWidth=0.8
    )
    return (
        chart.encode(
            color=alt.condition(
                "isValid(datum.properties.value)",
                alt.Color("properties.value:Q", scale=scale, title=unit,
                          legend=alt.Legend(orient="bottom", gradientLength=220)),
                alt.value(theme.CELL),
            ),
            tooltip=[
                alt.Tooltip("properties.place:N", title=t("area.name")),
                alt.Tooltip("properties.text:N", title=t("chart.value")),
            ],
        )
        .project("mercator")
        .properties(height=430)
    )  # fmt: skip


def _filled(cell: dict[str, Any], by_id: pd.DataFrame, t: Translate) -> dict[str, Any]:
    keys = (f"district:{cell['number']}", f"borough:{cell['borough_number']}")
    key = next((k for k in keys if k in by_id.index), None)
    if key is None:
        return {"place": cell["name"], "value": None, "text": t("map.value.none")}
    row = by_id.loc[key]
    return {"place": str(row["name"]), "value": float(row["value"]), "text": str(row["text"])}


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


def bounds() -> tuple[float, float, float, float]:
    """West, south, east and north of the districts, degrees."""
    shapes = json.loads(DISTRICTS.read_bytes())["features"]
    ring = [point for shape in shapes for point in shape["geometry"]["coordinates"][0]]
    longitudes, latitudes = zip(*ring, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def city_map(places: pd.DataFrame, _lang: str, t: Translate) -> Any:
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
