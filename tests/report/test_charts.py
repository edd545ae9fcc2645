"""Charts over time: periods stand in order and nothing is drawn across a gap."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from urbandata.report import charts, facts, periods
from urbandata.report.evidence import Writer
from urbandata.report.model import Figure
from urbandata.report.words import speaker

MONTHS_IN_ORDER = [f"{n:02}/2025" for n in range(1, 13)]


def point(kind: str, start: date, value: float | None, low=None, high=None) -> dict:
    return {"period_kind": kind, "period_start": start, "value": value, "low": low, "high": high,
            "quality_flags": ""}  # fmt: skip


def chart(settings, points) -> Figure:
    """The chart of M5.5a with a history of the test's own."""
    read = facts.read(settings, periods.parse(""))
    read = replace(read, history={"M5.5a|city|dresden": tuple(points)})
    drawn = charts.kpi_chart(Writer(read, "de", speaker("de"), {}, {}, False), read.of("M5.5a")[0])
    assert drawn is not None
    return drawn


def year_with_gaps() -> list[dict]:
    """April and May without a value, June without a range, September without a row."""
    found = [point("month", date(2025, n, 1), 20.0 + n, 10.0, 40.0) for n in range(1, 13)]
    for n in (4, 5):
        found[n - 1] = point("month", date(2025, n, 1), None)
    found[5] = point("month", date(2025, 6, 1), 26.0)
    del found[8]
    return found


def marks(figure: Figure, role: str) -> list[etree._Element]:
    root = etree.fromstring(charts.svg(figure, "de").encode())
    return [e for e in root.iter() if e.get("aria-roledescription") == role]


def test_months_stand_in_order_on_the_axis(settings):
    root = etree.fromstring(charts.svg(chart(settings, year_with_gaps()), "de").encode())
    at = {e.text: float(re.search(r"\(([\d.]+)", e.get("transform"))[1])
          for e in root.iter("{*}text") if e.text in MONTHS_IN_ORDER}  # fmt: skip
    assert sorted(at) == MONTHS_IN_ORDER  # the renderer keeps labels it hides
    assert sorted(at, key=at.__getitem__) == MONTHS_IN_ORDER
    steps = {round(b - a, 2) for a, b in itertools.pairwise(sorted(at.values()))}
    assert len(steps) == 1, "months are not equally far apart"


def test_line_and_band_break_at_gaps(settings):
    drawn = chart(settings, year_with_gaps())
    (line,) = marks(drawn, "line mark")
    (band,) = marks(drawn, "area mark")
    assert line.get("d").count("M") == 3  # to March, June to August, from October
    assert band.get("d").count("M") == 3  # to March, July and August, from October


def test_a_range_between_gaps_is_still_drawn(settings):
    """One that stands alone has no width as a band."""
    every_fifth = [point("year", date(y, 1, 1), 30.0, 20.0, 40.0) for y in (2008, 2013, 2018)]
    bars = [m.get("aria-label") for m in marks(chart(settings, every_fifth), "rule mark")]
    assert [b.partition(";")[0] for b in bars if b] == ["tick: 2008", "tick: 2013", "tick: 2018"]


def test_bars_keep_the_place_of_a_period_without_a_row(settings):
    drawn = chart(settings, [point("quarter", date(2025, m, 1), 5.0) for m in (1, 4, 10)])
    assert "3. Quartal 2025: –" in drawn.alt
    assert "keine Daten" in charts.svg(drawn, "de")


@pytest.mark.parametrize(("kind", "first", "last", "between"), [
    ("day", date(2024, 2, 27), date(2024, 3, 1), [date(2024, 2, 28), date(2024, 2, 29)]),
    ("month", date(2024, 11, 1), date(2025, 2, 1), [date(2024, 12, 1), date(2025, 1, 1)]),
    ("quarter", date(2024, 10, 1), date(2025, 4, 1), [date(2025, 1, 1)]),
    ("year", date(2023, 1, 1), date(2025, 1, 1), [date(2024, 1, 1)]),
    ("year", date(2024, 1, 1), date(2025, 1, 1), []),
    ("phase", date(2023, 1, 1), date(2025, 1, 1), []),
])  # fmt: skip
def test_every_period_between_two_is_there(kind, first, last, between):
    given = [point(kind, first, 1.0, 0.0, 2.0), point(kind, last, 3.0)]
    assert charts.by_period(given) == [
        given[0], *(point(kind, day, None) for day in between), given[1],
    ]  # fmt: skip


def test_the_newest_periods_are_drawn_gaps_counted(settings):
    points = [point("year", date(y, 1, 1), 1.0 * y) for y in (1900, 1980, 1990, 2020)]
    (line,) = marks(chart(settings, points), "line mark")
    assert "1981" in charts.svg(chart(settings, points), "de")
    assert line.get("d").count("M") == 2  # 1990 and 2020
