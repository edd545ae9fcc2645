"""Charts as Vega-Lite specifications, drawn as SVG and PNG without a browser or network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from urbandata.report import numbers, theme
from urbandata.report.evidence import Writer, evidence_of, unit_of
from urbandata.report.facts import Reading
from urbandata.report.model import Figure, Text

FONTS = Path(__file__).parent / "fonts"
NEWEST = 40
ENOUGH = 2
BARS_AT_MOST = 8
LABELS_AT_MOST = 12
WIDTH, HEIGHT = 560, 210
MONTHS = {"month": 1, "quarter": 3, "year": 12}  # how long periods are
GAP = {"value": None, "low": None, "high": None, "quality_flags": ""}
PIXELS = 2.5  # PNG pixels per point: sharp in print, for readers that cannot draw SVG
_ID = re.compile(r'(id="|url\(#|href="#)(\w+)')
Point = Mapping[str, Any]


def kpi_chart(writer: Writer, reading: Reading, suffix: str = "") -> Figure | None:
    """The course of one KPI in one area with its range and target; none for fewer than two."""
    code, kind, area = reading.place
    known = writer.facts.history.get(f"{code}|{kind}|{area}", ())[-NEWEST:]
    points = by_period(known)[-NEWEST:]
    if sum(p["value"] is not None for p in points) < ENOUGH:
        return None
    say, kpi = writer.say, reading.kpi
    unit = unit_of(writer, kpi) or say("count")
    rows = [_point(writer, p, evidence_of(kpi)) for p in points]
    is_partial = any(r["partial"] for r in rows)
    caption = say("chart.caption", name=kpi.text("name", writer.lang), area=reading.area)
    line = [Text(say("chart.source", sources=writer.sources_of(code)) + ". ")]
    if any(r["low"] is not None for r in rows):
        line.append(Text(say("chart.range") + " "))
    if is_partial:
        line.append(Text(say("chart.unfinished")))
    return Figure(
        id=f"figure-{code}{suffix}",
        caption=caption,
        alt=_alt(writer, reading, rows, unit),
        spec=json.dumps(_spec(writer, reading, rows, unit), ensure_ascii=False),
        line=(*line, writer.ref(reading)),
    )


def by_period(points: Sequence[Point]) -> list[Point]:
    """The points in order of time, with a gap for every period between two that has no point."""
    found: list[Point] = []
    for point in points:
        while found and _next(found[-1]) < point["period_start"]:
            found.append({**found[-1], **GAP, "period_start": _next(found[-1])})
        found.append(point)
    return found


def _next(point: Point) -> date:
    """First day of the period that follows; after one without a fixed length nothing is missing."""
    kind: str = point["period_kind"]
    start: date = point["period_start"]
    if kind == "day":
        return start + timedelta(days=1)
    if kind not in MONTHS:
        return date.max
    months = start.year * 12 + start.month - 1 + MONTHS[kind]
    return date(months // 12, months % 12 + 1, 1)


def _point(writer: Writer, point: Point, evidence: str) -> dict[str, Any]:
    low, high = _range(point)
    flags = str(point["quality_flags"])
    partial = "running_period" in flags or "low_coverage" in flags
    label = numbers.number(point["value"], writer.lang, evidence)
    return {
        "period": numbers.period(point["period_kind"], point["period_start"], writer.lang),
        "tick": numbers.short(point["period_kind"], point["period_start"]),
        "value": point["value"], "low": low, "high": high,
        "top": _most(point["value"], high), "partial": partial, "gap": writer.say("chart.gap"),
        "label": label + ("*" if partial and point["value"] is not None else ""),
    }  # fmt: skip


def _range(point: Point) -> tuple[float | None, float | None]:
    """Both ends of the range, or none of them."""
    if point["low"] is None or point["high"] is None:
        return None, None
    return point["low"], point["high"]


def _most(*ends: float | None) -> float | None:
    """The highest of value and range: where a number can stand above both."""
    return max((e for e in ends if e is not None), default=None)


def _alt(writer: Writer, reading: Reading, rows: Sequence[Point], unit: str) -> str:
    """The chart in words: all its points, or the outstanding ones."""
    name = {"name": reading.kpi.text("name", writer.lang), "area": reading.area, "unit": unit}
    if len(rows) <= LABELS_AT_MOST:
        points = "; ".join(f"{r['period']}: {r['label']}" for r in rows)
        return writer.say("chart.alt", **name, points=points)
    valued = [r for r in rows if r["value"] is not None]
    low, high = (f(valued, key=lambda r: r["value"]) for f in (min, max))
    return writer.say(
        "chart.alt_long", **name, n=len(valued), low=low["label"], low_at=low["period"],
        high=high["label"], high_at=high["period"], last=valued[-1]["label"],
        last_at=valued[-1]["period"],
    )  # fmt: skip


def _spec(writer: Writer, reading: Reading, rows: Sequence[Point], unit: str) -> dict[str, Any]:
    target = reading.kpi.row["target_value"]
    ends = [r[c] for r in rows for c in ("value", "low", "high") if r[c] is not None]
    top = max(*ends, target or 0.0) * 1.15 or 1.0
    lowest = min(0.0, *ends)
    # layers leave rows out, so the order of the axis is given and not found in what they draw
    x = {"field": "tick", "type": "ordinal", "axis": {"title": None},
         "scale": {"domain": [r["tick"] for r in rows]}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "axis": {"title": unit},
         "scale": {"domain": [lowest, top], "nice": False}}  # fmt: skip
    draw = _bars if len(rows) <= BARS_AT_MOST else _lines
    layers = [*draw(x, y), *_target(writer, target)]
    spec: dict[str, Any] = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH, "height": HEIGHT, "padding": {"left": 4, "top": 6, "right": 6, "bottom": 4},
        "data": {"values": [dict(r) for r in rows]}, "layer": layers, "config": theme.config(),
    }  # fmt: skip
    if writer.facts.origin == "demo":
        spec["title"] = writer.say("banner.demo")
    return spec


def _bars(x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    """A bar per period with its number above, a whisker for the range; a gap says so."""
    fill = {"condition": {"test": "datum.partial", "value": theme.BAND}, "value": theme.SERIES[0]}
    words = {"type": "text", "fontSize": 13, "font": theme.FONT}
    return [
        {"mark": {"type": "bar", "width": {"band": 0.55}},
         "encoding": {"x": x, "y": y, "color": fill}},
        {"transform": [{"filter": "isValid(datum.low)"}],
         "mark": {"type": "rule", "color": theme.SERIES[1], "strokeWidth": 2},
         "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {**words, "dy": -9, "color": theme.INK},
         "encoding": {"x": x, "y": {**y, "field": "top"}, "text": {"field": "label"}}},
        {"transform": [{"filter": "!isValid(datum.value)"}],
         "mark": {**words, "dy": -9, "color": theme.QUIET},
         "encoding": {"x": x, "y": {"datum": 0}, "text": {"field": "gap"}}},
    ]  # fmt: skip


def _lines(x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    """A line over many periods, and a band for the range; both break at a gap.

    A band needs two periods side by side: the bar under it shows the range of one between gaps.
    """
    ends = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    return [
        {"mark": {"type": "area", "color": theme.BAND, "opacity": 1}, "encoding": ends},
        {"transform": [{"filter": "isValid(datum.low)"}],
         "mark": {"type": "rule", "color": theme.BAND, "strokeWidth": 3}, "encoding": ends},
        {"mark": {"type": "line", "color": theme.SERIES[0], "strokeWidth": 2,
                  "point": {"size": 22, "color": theme.SERIES[0]}}, "encoding": {"x": x, "y": y}},
    ]  # fmt: skip


def _target(writer: Writer, target: float | None) -> list[dict[str, Any]]:
    if target is None:
        return []
    label = writer.say("chart.target", value=numbers.number(target, writer.lang))
    at = {"datum": target, "type": "quantitative"}
    once: dict[str, Any] = {
        "values": [{}]
    }  # without data of its own, a mark is drawn for every row
    return [
        {"data": once,
         "mark": {"type": "rule", "color": theme.ALARM, "strokeDash": [6, 4], "strokeWidth": 1.2},
         "encoding": {"y": at}},
        {"data": once,
         "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 4, "dy": -3,
                  "color": theme.ALARM, "fontSize": 13, "font": theme.FONT},
         "encoding": {"y": at, "x": {"value": 0}, "text": {"value": label}}},
    ]  # fmt: skip


@cache
def _converter() -> Any:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert


def svg(figure: Figure, lang: str) -> str:
    """The chart as SVG; ids carry the figure's, as many charts share one page."""
    return _drawn(figure.id, figure.spec, lang)


@lru_cache(maxsize=512)
def _drawn(name: str, spec: str, lang: str) -> str:
    """All formats show the same drawing, so it is made once."""
    locale = theme.NUMBER_LOCALE[lang]
    drawn = str(_converter().vegalite_to_svg(spec, format_locale=locale, allowed_base_urls=[]))
    names: dict[str, str] = {}
    prefix = re.sub(r"\W", "-", name)

    def renamed(match: re.Match[str]) -> str:
        return match[1] + names.setdefault(match[2], f"{prefix}-{len(names)}")

    return _ID.sub(renamed, drawn)


def png(figure: Figure, lang: str) -> bytes:
    """The chart as PNG, for readers that cannot draw SVG."""
    return _painted(svg(figure, lang))


@lru_cache(maxsize=128)
def _painted(drawing: str) -> bytes:
    """A draft, what is submitted and the release show the same pictures."""
    return bytes(_converter().svg_to_png(drawing, scale=PIXELS))
