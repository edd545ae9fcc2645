"""What all charts share: specification, theme, thresholds and legends."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

import theme

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


def threshold_layers(thresholds: Sequence[Line]) -> list[Any]:
    """Dashed lines with their labels, readable above any mark."""
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


def line_legend(order: list[str]) -> alt.Legend | None:
    """Strokes, so that colour and dash stand together; none for a single series."""
    if len(order) == 1:
        return None
    return alt.Legend(
        title=None,
        columns=3,
        symbolType="stroke",
        symbolSize=700,
        symbolOpacity=1,
        symbolStrokeWidth=2.4,
    )
