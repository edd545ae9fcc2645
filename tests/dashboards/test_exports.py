"""What leaves the page, and what may not: formulas, markup."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import exports
import marks

FORMULAS = ["=1+1", "+49", "-2+3", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "\r=1", "\n=1"]
HARMLESS = ["Elbe", "", "a=1", "10–49", "Süd", "−5 °C"]
SAID = {"Titel": "Probe"}


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_become_text(text):
    frame = pd.DataFrame({"a": [text]})
    assert exports.tamed(frame)["a"].item() == f"'{text}"
    (_, row) = _rows(exports.csv_of_arrow(SAID, pa.table({"a": [text]})))
    assert row == [f"'{text}"]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays(text):
    assert exports.tamed(pd.DataFrame({"a": [text]}))["a"].item() == text
    (_, row) = _rows(exports.csv_of_arrow(SAID, pa.table({"a": [text]})))
    assert row == [text]


def test_numbers_stay_numbers_and_headings_are_tamed():
    frame = pd.DataFrame({"=a": [-1.5], "b": [None]})
    safe = exports.tamed(frame)
    assert list(safe.columns) == ["'=a", "b"]
    assert safe["'=a"].item() == -1.5
    german = exports.spreadsheet(SAID, frame, "de").decode("utf-8-sig")
    assert german.splitlines()[:2] == ["# Titel: Probe", "'=a;b"]
    assert german.splitlines()[2] == "-1,5;"


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=5))
def test_no_cell_ever_acts(texts):
    for text in exports.tamed(pd.DataFrame({"a": texts}))["a"]:
        assert not str(text).lstrip().startswith(("=", "+", "-", "@"))


def test_parquet_knows_what_it_is():
    table = pa.table({"a": [1], "l": [[1, 2]]})
    back = pq.read_table(io.BytesIO(exports.parquet(SAID, table)))
    assert back.schema.metadata[b"Titel"] == b"Probe"
    assert back.to_pydict() == table.to_pydict()


def test_nested_values_survive_csv():
    (_, row) = _rows(exports.csv_of_arrow(SAID, pa.table({"l": [[1, 2]]})))
    assert row == ["[1, 2]"]


def _rows(content: bytes) -> list[list[str]]:
    text = content.decode()
    assert text.startswith("# Titel: Probe\n")
    return list(csv.reader(io.StringIO(text.split("\n", 1)[1])))


def test_data_in_html_is_text():
    assert marks.text("<b>x</b>") == "<bdi>&lt;b&gt;x&lt;/b&gt;</bdi>"
    assert 'alt="&quot;&gt;&lt;script&gt;"' in marks.image("<svg/>", '"><script>', "spark")


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=40))
def test_a_sparkline_stays_in_its_frame(values):
    starts = pd.date_range("2024-01-01", periods=len(values), freq="MS")
    import base64
    import re

    drawn = base64.b64decode(marks.sparkline(starts, values, "x").split("base64,")[1][:-3]).decode()
    path = re.findall(r"[ML]([-\d.]+) ([-\d.]+)", drawn)
    assert len(path) == len(values)
    for x, y in path:
        assert 0 <= float(x) <= marks.WIDTH
        assert 0 <= float(y) <= marks.HEIGHT


def test_a_gap_breaks_the_sparkline():
    import base64

    starts = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-07-01", "2026-08-01"]
    drawn = base64.b64decode(
        marks.sparkline(starts, [1, 2, 3, 4, 5], "x").split("base64,")[1][:-3]
    ).decode()
    assert drawn.split('d="')[1].split('"')[0].count("M") == 2
