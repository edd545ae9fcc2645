"""Areas compared: bars and maps, all vector, nothing fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

import theme
from i18n import Translate

DISTRICTS = Path(__file__).parents[1] / "assets" / "districts.geojson"
SUBJECTS = ("gauge", "rain", "air", "heat")


def ranking(rows: pd.DataFrame, unit: str, _lang: str, t: Translate) -> Any:
    """Areas by size as bars with their numbers. ``rows`` has name, value, text."""
    data = rows[["name", "value", "text"]]
    # The longest bar leaves room for its number, also in half a page.
    room = 1.1 + 0.032 * int(data["text"].str.len().max())
    top = max(float(data["value"].max()), 0.0) * room or 1.0
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", title=None, sort="-x", axis=alt.Axis(
            labelLimit=220, ticks=False, labelPadding=8, domain=False)),
        x=alt.X("value:Q", title=unit, axis=alt.Axis(grid=True, tickCount=5),
                scale=alt.Scale(domain=[min(0.0, float(data["value"].min())), top], nice=False)),
        tooltip=[alt.Tooltip("name:N", title=t("area.name")),
                 alt.Tooltip("text:N", title=t("chart.value"))],
    )  # fmt: skip
    bars = base.mark_bar(color=theme.ACCENT, cornerRadiusEnd=2, height={"band": 0.7})
    numbers = base.mark_text(align="left", dx=5, color=theme.INK, font=theme.FONT, fontSize=13)
    layers = alt.layer(bars, numbers.encode(text="text:N"))
    return layers.properties(height=32 * len(data) + 70, padding={"top": 4, "right": 12})


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
        .properties(height=380)
    )  # fmt: skip


def _filled(cell: dict[str, Any], by_id: pd.DataFrame, t: Translate) -> dict[str, Any]:
    keys = (f"district:{cell['number']}", f"borough:{cell['borough_number']}")
    key = next((k for k in keys if k in by_id.index), None)
    if key is None:
        return {"place": cell["name"], "value": None, "text": t("map.value.none")}
    row: Any = by_id.loc[key]
    return {"place": str(row["name"]), "value": float(row["value"]), "text": str(row["text"])}


def point_map(rows: pd.DataFrame, unit: str, _lang: str, t: Translate) -> Any:
    """Places on the schematic districts, each with its value beside it.

    ``rows`` has name, value, text, latitude, longitude.
    """
    shapes = json.loads(DISTRICTS.read_bytes())["features"]
    ground = alt.Chart(alt.InlineData(values=shapes)).mark_geoshape(
        fill=theme.CELL, stroke=theme.CELL_EDGE, strokeWidth=1
    )
    base = alt.Chart(rows).encode(longitude="longitude:Q", latitude="latitude:Q")
    points = base.mark_point(
        filled=True, size=130, opacity=1, color=theme.ACCENT, stroke=theme.PAPER
    ).encode(tooltip=[alt.Tooltip("name:N", title=t("area.name")),
                      alt.Tooltip("text:N", title=unit or t("chart.value"))])  # fmt: skip
    style: dict[str, Any] = {"font": theme.FONT, "fontSize": 12, "align": "left", "dx": 9}
    halo = base.mark_text(**style, stroke=theme.PAPER, strokeWidth=4).encode(text="text:N")
    labels = base.mark_text(**style, color=theme.INK).encode(text="text:N")
    layers = alt.layer(ground, points, halo, labels)
    return layers.project("mercator").properties(height=380)


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
