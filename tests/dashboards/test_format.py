"""Numbers, dates, ages, colours and texts."""

from __future__ import annotations

import json
import string
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

import charts
import i18n
import theme
from sections import kpi_words

T = {lang: i18n.translator(lang) for lang in i18n.LANGUAGES}


@pytest.mark.parametrize(
    ("value", "digits", "lang", "text"),
    [
        (1234.5, None, "de", "1.234,5"),
        (1234.5, None, "en", "1,234.5"),
        (40.0, None, "de", "40"),
        (39.97, None, "de", "40"),
        (1234567, 0, "de", "1.234.567"),
        (-3.26, 1, "de", "−3,3"),
        (-0.04, 1, "de", "0,0"),
        (0.05, 3, "de", "0,050"),
        (None, None, "de", "–"),
        (float("nan"), 1, "en", "–"),
        (pd.NA, None, "de", "–"),
    ],
)
def test_numbers(value, digits, lang, text):
    assert theme.fmt_number(value, digits, lang) == text


def test_dates():
    assert theme.fmt_date(date(2026, 11, 23)) == "23.11.2026"
    assert theme.fmt_date(date(2026, 11, 3), "en") == "03 Nov 2026"
    assert theme.fmt_date(pd.NaT) == "–"


def test_instants_are_on_the_local_clock():
    winter, summer = (datetime(2026, m, 1, 22, 30, tzinfo=UTC) for m in (1, 7))
    assert theme.fmt_instant(winter) == "01.01.2026, 23:30"
    assert theme.fmt_instant(summer) == "02.07.2026, 00:30"
    assert theme.fmt_clock(datetime(2026, 7, 1, 0, 30), "en") == "01 Jul 2026, 00:30"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("age", "de", "en"),
    [
        (timedelta(seconds=20), "gerade eben", "just now"),
        (timedelta(seconds=-5), "gerade eben", "just now"),
        (timedelta(minutes=1), "vor 1 Minute", "1 minute ago"),
        (timedelta(minutes=60), "vor 1 Stunde", "1 hour ago"),
        (timedelta(minutes=119), "vor 119 Minuten", "119 minutes ago"),
        (timedelta(hours=24), "vor 1 Tag", "1 day ago"),
        (timedelta(hours=47), "vor 47 Stunden", "47 hours ago"),
        (timedelta(days=9, hours=5), "vor 9 Tagen", "9 days ago"),
    ],
)
def test_ages(age, de, en):
    assert theme.fmt_age(age, T["de"]) == de
    assert theme.fmt_age(age, T["en"]) == en


def test_promises_are_spans():
    assert theme.fmt_span(7200, T["de"]) == "2 Stunden"
    assert theme.fmt_span(900, T["de"]) == "15 Minuten"


@pytest.mark.parametrize(("days", "german", "english"), [
    (0, "0 Tage", "0 days"), (1, "1 Tag", "1 day"), (51, "51 Tage", "51 days"),
])  # fmt: skip
def test_one_day_is_no_days(days, german, english):
    assert theme.fmt_days(days, T["de"]) == german
    assert theme.fmt_days(days, T["en"]) == english


def test_missing_text_is_an_error():
    with pytest.raises(KeyError):
        T["de"]("no.such.text")
    with pytest.raises(KeyError):
        T["en"]("gauge.level", level=1)
    with pytest.raises(KeyError, match="twice"):
        i18n.merge({"a": ("x", "y")}, {"a": ("x", "y")})


@pytest.mark.parametrize(
    ("kind", "flags", "said"),
    [("day", "", "von heute"), ("day", "running_period", "läuft noch"),
     ("month", "running_period,low_coverage", "läuft noch")],
)  # fmt: skip
def test_the_day_of_a_snapshot_is_whole_and_that_of_a_sum_is_not(kind, flags, said):
    view = SimpleNamespace(t=T["de"], now=datetime(2026, 11, 29, 9, tzinfo=UTC))
    start = date(2026, 11, 29 if kind == "day" else 1)
    kpi = pd.Series({"period_kind": kind, "period_start": start, "quality_flags": flags})
    assert kpi_words.age(view, kpi) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(1.5, 2.5, "Spanne 1,5 bis 2,5"), (2.0, 2.0, ""), (None, 2.0, ""), (1.5, float("nan"), "")],
)
def test_a_range_is_said_where_there_is_one(low, high, said):
    view = SimpleNamespace(lang="de", t=T["de"])
    assert kpi_words.spread(view, pd.Series({"low": low, "high": high}, dtype=float)) == said


def test_both_languages_ask_for_the_same_values():
    def fields(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    for key, (german, english) in i18n.TEXTS.items():
        assert german.strip(), key
        assert english.strip(), key
        assert fields(german) == fields(english), key


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", [*theme.SERIES, theme.INK, theme.QUIET, theme.ALARM])
def test_colours_are_dark_enough(colour):
    assert (luminance(theme.PAPER) + 0.05) / (luminance(colour) + 0.05) >= 4.5


def test_series_differ_without_colour():
    assert len({tuple(d) for d in theme.DASHES}) == len(theme.DASHES) >= len(theme.SERIES)
    assert len(set(theme.SHAPES)) == len(theme.SHAPES) >= len(charts.SUBJECTS)


def test_axis_formats_follow_the_span():
    assert theme.axis_format(1, "de") == "%H:%M"
    assert theme.axis_format(30, "de") == "%d.%m."
    assert theme.axis_format(30, "en") == "%d %b"
    assert theme.axis_format(9999, "de") == "%Y"


def test_map_has_a_cell_around_each_centre():
    """Shapes match the seed; d3 needs clockwise rings, else a cell covers the globe."""
    import csv

    from assets import make_districts

    with make_districts.SEED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shapes = json.loads(make_districts.TARGET.read_bytes())
    assert shapes == json.loads(json.dumps(make_districts.collection(rows)))
    centres = {r["district_number"]: r for r in rows if r["latitude"]}
    assert set(centres) == {shape["id"] for shape in shapes["features"]}
    from shapely import Point, Polygon

    for shape in shapes["features"]:
        ring = shape["geometry"]["coordinates"][0]
        row = centres[shape["id"]]
        assert Polygon(ring).contains(Point(float(row["longitude"]), float(row["latitude"])))
        assert not Polygon(ring).exterior.is_ccw
