"""How charts look: the dashboards' colours and type, so that page and report show one picture."""

from __future__ import annotations

from typing import Any

INK = "#1B2733"
QUIET = "#4A5A68"
GRID = "#E3E9EE"
PAPER = "#FFFFFF"
STAMP = "#4D3A00"
ALARM = "#9C1C1C"
BAND = "#BFD6E6"
SERIES = ("#0B5A8F", "#B34700", "#00735A", "#8E3A6E", "#7A5C00", "#1B2733")
FONT = "Source Sans Pro, system-ui, sans-serif"  # the first is in fonts/
MINUS = "\N{MINUS SIGN}"
NUMBER_LOCALE = {
    "de": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " €"],
           "minus": MINUS},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""],
           "minus": MINUS},
}  # fmt: skip


def config() -> dict[str, Any]:
    """The Vega-Lite theme."""
    axis = {
        "labelFont": FONT, "titleFont": FONT, "labelFontSize": 13, "titleFontSize": 13,
        "labelColor": QUIET, "titleColor": QUIET, "titleFontWeight": "normal",
        "gridColor": GRID, "domainColor": GRID, "tickColor": GRID,
    }  # fmt: skip
    return {
        "background": PAPER,
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False, "labelOverlap": "greedy", "labelAngle": 0, "labelSeparation": 14},
        "axisY": {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleY": -10,
                  "titleX": 0, "domain": False, "ticks": False, "tickCount": 5},
        "title": {"font": FONT, "fontSize": 12, "color": STAMP, "anchor": "end", "offset": 12},
    }  # fmt: skip
