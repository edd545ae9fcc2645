"""How costs grow with the history: a chart of what was measured at 1, 4 and 16 times a size.

``python benchmarks/growth.py`` draws ``docs/images/growth.svg`` from ``docs/growth.csv``. Its rows
come from the other benchmarks: ``part`` is a panel (build, publish, size, dashboard, ingest),
``line`` a line in it, ``rows`` the observations of the history, ``value`` what was measured in
``unit``.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "growth.csv"
CHART = ROOT / "docs" / "images" / "growth.svg"


def main() -> None:
    """Draw the chart."""
    import vl_convert

    with FIGURES.open(encoding="utf-8", newline="") as file:
        rows = [
            {**r, "rows": int(r["rows"]), "value": float(r["value"])} for r in csv.DictReader(file)
        ]
    CHART.write_text(vl_convert.vegalite_to_svg(chart(rows)), encoding="utf-8")
    print(CHART)


def chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One panel for each part, both axes logarithmic: what grows with the rows rises by 45°."""
    parts = dict.fromkeys(row["part"] for row in rows)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "columns": 2,
        "concat": [panel(part, [r for r in rows if r["part"] == part]) for part in parts],
        "resolve": {"scale": {"color": "independent", "y": "independent"}},
        "config": {"font": "sans-serif", "view": {"stroke": None}},
    }


def panel(part: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The lines of one part, each named at the side."""
    return {
        "title": {"text": part, "anchor": "start"},
        "width": 260,
        "height": 190,
        "data": {"values": rows},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": "rows",
                "type": "quantitative",
                "scale": {"type": "log", "nice": False},
                "axis": {
                    "title": "observations",
                    "format": ".3~s",
                    "grid": False,
                    "values": ticks(rows),
                },
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "scale": {"type": "log"},
                "axis": {"title": rows[0]["unit"], "format": "~s", "tickCount": 4},
            },
            "color": {
                "field": "line",
                "type": "nominal",
                "sort": None,
                "legend": {"title": None, "orient": "bottom", "columns": 1, "labelLimit": 300},
                "scale": {"scheme": "tableau10"},
            },
        },
    }


def ticks(rows: list[dict[str, Any]]) -> list[int]:
    """The measured sizes."""
    return sorted({row["rows"] for row in rows})


if __name__ == "__main__":
    main()
