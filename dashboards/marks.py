"""Small drawings that stand in the text: a sparkline and a status in shape and words.

They are HTML with small images inside, so a table of them costs the page no chart.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Any

import pandas as pd

import theme

WIDTH, HEIGHT, MARGIN = 110, 28, 3
GAP_FACTOR = 1.7
LONGEST = 800  # a longer text is a mistake or an attack; the whole of it is in the CSV files
STATUS = {
    "im Zielbereich": ("●", "good"),
    "Zielwert verfehlt": ("▲", "bad"),
    "kein Zielwert beschlossen": ("○", "quiet"),
    "nicht auswertbar": ("◌", "quiet"),
}
MISSING = ("◌", "quiet")


def text(value: Any) -> str:
    """Data as text in HTML: escaped, of bounded length, its writing direction kept to itself."""
    said = str(value)
    return f"<bdi>{escape(said if len(said) <= LONGEST else said[: LONGEST - 1] + '…')}</bdi>"


def status(key: str, words: str) -> str:
    """A verdict: shape, words, and colour for those who see it."""
    shape, kind = STATUS.get(key, MISSING)
    drawn = f'<span aria-hidden="true">{shape}</span>'
    return f'<span class="status {kind}">{drawn} {escape(words)}</span>'


def meter(name: str, share: float, words: str) -> str:
    """A share as a short bar with its words; beyond the whole the bar stays full."""
    width = 100 * min(max(share, 0.0), 1.0)
    head = f'<span class="meter-name">{escape(name)}</span>' if name else ""
    bar = f'<span class="meter-bar" aria-hidden="true"><i style="width:{width:.0f}%"></i></span>'
    return f'<div class="meter">{head}<span class="meter-words">{escape(words)}</span>{bar}</div>'


def sparkline(
    starts: Sequence[Any],
    values: Sequence[float],
    label: str,
    target: float | None = None,
    *,
    is_running: bool = False,
) -> str:
    """The course of a few values; a missing period breaks the line, a hollow end still runs."""
    if len(values) < 2:  # noqa: PLR2004 - one point is no course
        return ""
    days = [pd.Timestamp(start).toordinal() for start in starts]
    bounds = [*values, target] if target is not None and _is_near(target, values) else [*values]
    low, high = min(bounds), max(bounds)
    xs = [_scale(day, days[0], days[-1], MARGIN, WIDTH - MARGIN) for day in days]
    ys = [_scale(value, low, high, HEIGHT - MARGIN, MARGIN) for value in values]
    goal = ""
    if target is not None and low <= target <= high:
        y = _scale(target, low, high, HEIGHT - MARGIN, MARGIN)
        dashes = 'stroke-dasharray="3 3" fill="none"'
        goal = f'<path d="M0 {y:.1f}H{WIDTH}" stroke="{theme.ALARM}" {dashes}/>'
    end = theme.PAPER if is_running else theme.ACCENT
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{goal}'
        f'<path d="{_path(days, xs, ys)}" fill="none" stroke="{theme.ACCENT}" stroke-width="1.6" '
        f'stroke-linejoin="round"/><circle cx="{xs[-1]:.1f}" cy="{ys[-1]:.1f}" r="2.6" '
        f'fill="{end}" stroke="{theme.ACCENT}" stroke-width="1.4"/></svg>'
    )
    return image(drawing, label, "spark")


def image(drawing: str, label: str, kind: str) -> str:
    """An SVG as an image with its text alternative; as plain SVG the page would drop it."""
    coded = base64.b64encode(drawing.encode()).decode()
    return f'<img class="{kind}" alt="{escape(label)}" src="data:image/svg+xml;base64,{coded}"/>'


def _is_near(target: float, values: Sequence[float]) -> bool:
    """A target far off would flatten the line; it is then said in words only."""
    spread = max(values) - min(values) or abs(max(values)) or 1.0
    return min(values) - 2 * spread <= target <= max(values) + 2 * spread


def _scale(value: float, low: float, high: float, start: float, end: float) -> float:
    return (
        (start + end) / 2 if high == low else start + (value - low) / (high - low) * (end - start)
    )


def _path(days: Sequence[int], xs: Sequence[float], ys: Sequence[float]) -> str:
    steps = [after - before for before, after in pairwise(days)]
    usual = sorted(steps)[len(steps) // 2]
    joined = [False, *[step <= GAP_FACTOR * usual for step in steps]]
    return "".join(
        f"{'L' if is_joined else 'M'}{x:.1f} {y:.1f}"
        for is_joined, x, y in zip(joined, xs, ys, strict=True)
    )
