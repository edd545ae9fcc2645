"""The quick ways from text and JSON to columns give what the closer look gives, or nothing."""

import json
import re
from contextlib import nullcontext

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from urbandata.errors import PayloadError
from urbandata.reading import casting, csv_columns, csv_lines, json_paths, tabular
from urbandata.registry import Column, Table

KINDS = ("string", "int", "float", "bool", "timestamp", "datetime", "date")
FORMATS = (None, *casting.ISO_LENGTHS)
ALMOST = st.from_regex(
    r"[ \u00a0]?([+-]?[0-9]{0,20}[.,]?[0-9]{0,20}([eE][+-]?[0-9]{1,3})?|0[xX][0-9a-f]+|nan|-?inf|"
    r"true|FALSE|[tfyn01]|[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}(:[0-9]{2}){0,2}(\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)[ \u2003]?",
    fullmatch=True,
)
TEXTS = st.lists(st.none() | ALMOST | st.text(max_size=12), min_size=1, max_size=4)
NUMBERS = st.sampled_from(["", "0", "5", "12"]) | st.from_regex(
    r"[ \t\u00a0]?([+-]?(0[xX])?[0-9]{0,20}(\.0|e1)?|NA|nan|[0-9_])[ \t]{0,2}", fullmatch=True
)
DIGIT = re.compile(r"\d")
NUMBERED = Table.model_validate(
    {
        "grain": "g",
        "key": ["1"],
        "columns": {n: {"type": "int", "description": "d"} for n in ("1", "2 (x)")},
    }
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NESTED = st.dictionaries(st.sampled_from("ab"), PLAIN | st.lists(PLAIN, max_size=3), max_size=2)
RECORDS = st.lists(PLAIN | NESTED | st.dictionaries(st.sampled_from("ab"), NESTED), max_size=4)


@hypothesis_settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(KINDS), st.sampled_from(FORMATS), st.booleans())
@example(["0x1F"], "int", None, False)
@example(["0000-01-01"], "date", None, False)
@example(["2024-02-30"], "date", "%Y-%m-%d", False)
@example(["2024-01-01T10:00:00+01:00"], "timestamp", None, False)
@example(["2024-01-01 24:00"], "datetime", "%Y-%m-%d %H:%M", False)
@example(["2024-01-01T10:00"], "datetime", "%Y-%m-%d %H:%M", False)
@example(["2024-01-01 10:00:00"], "timestamp", "%Y-%m-%dT%H:%M:%S", False)
def test_a_quick_cast_is_the_cast_of_every_value(texts, kind, fmt, decimal_comma):
    fmt = fmt if kind in ("timestamp", "datetime", "date") else None
    clean = casting.trimmed(pa.chunked_array([pa.array(texts, pa.string())]), ["-"])
    quick = casting.quick(clean, kind, fmt, decimal_comma)
    if quick is None:
        return
    spec = Column(type=kind, description="d")
    cells = pa.table({"x": clean, tabular.FAULT: pa.nulls(len(texts), pa.string())})
    casts = {"x": (casting.sql("x", spec, fmt, decimal_comma), kind)}
    with tabular.in_memory() as session:
        slow = casting.closely(session, cells, casts)
    assert slow.column("fault").to_pylist() == [""] * len(texts)
    assert quick.equals(slow.column("x").cast(quick.type))  # not as Python's: it has no year 0


@hypothesis_settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(KINDS), st.sampled_from(FORMATS), st.booleans())
@example(["-"], "float", None, False)
@example([" 1"], "int", None, False)
@example([""], "date", None, False)
@example(["-999", "1"], "int", None, False)
@example(["\u00a0"], "string", None, False)
def test_a_cast_is_that_of_trimmed_text(texts, kind, fmt, decimal_comma):
    fmt = fmt if kind in ("timestamp", "datetime", "date") else None
    column = pa.chunked_array([pa.array(texts, pa.string())])
    for markers in ([""], ["-999"]):
        found = casting.cast(column, kind, fmt, decimal_comma, markers)
        trimmed = casting.quick(casting.trimmed(column, markers), kind, fmt, decimal_comma)
        assert found == trimmed, markers


@pytest.mark.parametrize(
    ("text", "kind", "fmt"),
    [
        ("1.5", "float", None),
        ("12", "int", None),
        ("2024-01-01T10:00:00Z", "timestamp", None),
        ("2024-01-01 10:00", "datetime", "%Y-%m-%d %H:%M"),
        ("2024-01-01 10:00:00", "timestamp", "%Y-%m-%d %H:%M:%S"),
        ("2024-01-01", "date", None),
    ],
)
def test_what_is_usual_is_cast_quickly(text, kind, fmt):
    column = pa.chunked_array([[text, None]])
    assert casting.quick(column, kind, fmt, False) is not None


def test_trimming_is_that_of_sql():
    text = pa.chunked_array([[f"{c}x{c}" for c in map(chr, range(1, 0xD800))]])
    with tabular.in_memory() as session:
        session.register("cells", pa.table({"x": text}))
        expected = session.execute("SELECT trim(x) AS x FROM cells").to_arrow_table()
    assert casting.trimmed(text, []).to_pylist() == expected.column("x").to_pylist()


@hypothesis_settings(max_examples=400, deadline=None)
@given(RECORDS, st.sampled_from(["a", "a.b", '"a"', "a[0]", "[0]", "b[1].a"]))
@example([{"a": 1e300}, {"a": 2**70}, {"a": -0.0}], "a")
def test_records_are_read_as_by_the_closer_look(records, below):
    content = json.dumps({"value": records}).encode()
    quick = json_paths.columns(content, {"x": below}, "$.value")
    if quick is not None:
        slow = tabular._json_records(content, {"x": below}, "$.value")
        assert quick["x"].to_pylist() == slow.column("x").to_pylist()


@hypothesis_settings(max_examples=400, deadline=None)
@given(st.lists(st.none() | st.floats() | st.integers() | st.booleans() | st.text(max_size=2)))
@example([1, 2.5, None])
@example([2**53 + 1, 0.5])
@example([2**70])
@example([])
def test_numbers_are_those_of_the_text(values):
    content = json.dumps([{"x": v} for v in values]).encode()
    texts = json_paths.columns(content, {"x": "x"}, "$")
    found = json_paths.columns(content, {"x": "x"}, "$", numbers=["x"])
    if found is None or found["x"].type != pa.float64():
        assert found == texts
        return
    slow = tabular._json_records(content, {"x": "x"}, "$").column("x")
    assert found["x"].to_pylist() == [None if t is None else float(t) for t in slow.to_pylist()]


def test_a_number_stays_one_if_only_some_fields_are_asked_for_as_numbers():
    content = b'[{"x": 1, "y": 1}, {"x": 0.5, "y": 2}]'
    found = tabular.json_records(content, ["x", "y"], numbers=["x"])
    assert found.column("x").to_pylist() == [1.0, 0.5]
    assert found.column("y").to_pylist() == ["1", "2"]


def test_usual_records_are_read_quickly():
    content = b'{"value": [{"id": 1, "at": {"t": "x"}, "v": 0.5}, {"id": 2, "v": 1}, {}]}'
    fields = {"id": "id", "at": "at.t", "v": "v"}
    found = json_paths.columns(content, fields, "$.value")
    assert found is not None
    assert found["id"].to_pylist() == ["1", "2", None]
    assert found["at"].to_pylist() == ["x", None, None]
    assert found["v"].to_pylist() == ["0.5", "1", None]


@pytest.mark.parametrize(
    "content",
    [b"{", b'{"value": 1}', b'{"value": [{"a": [1]}]}', b"\xff"]
    + [b'{"value": [{"a": 1, "b": %s}]}' % unread for unread in (b"tru", rb'"\q"', b'"\xff"')],
)
def test_what_is_unusual_is_left_to_the_closer_look(content):
    assert json_paths.columns(content, {"a": "a"}, "$.value") is None
    assert json_paths.steps("a[*]") is None


LINES = st.lists(st.text("ab;\"' \t\x00\x0b\x85\ufeff\u2028ä_1", max_size=9), max_size=5)


@hypothesis_settings(max_examples=400, deadline=None)
@given(LINES, st.booleans(), st.integers(0, 2), st.sampled_from(["", "\n"]))
@example(["a;b", "1;2", "3;4"], True, 0, "\n")
@example(["_row;b", "1;2"], True, 0, "")
@example(["a; a", "1;2"], True, 0, "")
@example(["", "a;b", "1;2"], True, 1, "")
def test_lines_are_read_as_by_the_closer_look(lines, header, skip, end):
    text = "\n".join(lines) + end
    quick = csv_columns.columns(text, ";", header, skip, '"', (tabular.FAULT, tabular.ROW))
    if quick is None:
        return
    slow, faults, numbers = csv_lines.columns(text, ";", header, skip, '"')
    assert set(faults) <= {None}
    assert quick.equals(pa.table(slow))
    rows = tabular.csv_records(text.encode(), ";", header, skip)
    assert rows.equals(
        quick.append_column(tabular.FAULT, pa.nulls(len(numbers), pa.string())).append_column(
            tabular.ROW, pa.array(numbers, pa.int64())
        )
    )


@hypothesis_settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "a", "x"]), NUMBERS, NUMBERS), max_size=4))
@example([("", "", "5"), ("", "-3", "007")])
@example([("", "0x1F", "5")])
@example([("", "\t5 ", " 5\t")])
@example([("", "NA", "5"), ("", " ", "5")])
def test_whole_numbers_are_those_of_the_text(cells):
    content = "\n".join(map(";".join, [("name", "1", "2 (x)"), *cells])).encode()
    rows = tabular.csv_records(content, ";", integers=DIGIT)
    texts = tabular.csv_records(content, ";")
    assert rows.column("name").equals(texts.column("name"))
    assert tabular.typed(rows, "t", NUMBERED) == tabular.typed(texts, "t", NUMBERED)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("1", pa.int64()), ("", pa.int64()), (" -1", pa.int64()), ("0x1", pa.string())],
)
def test_only_plain_numbers_need_no_way_through_text(cell, kind):
    found = csv_columns.columns(f"1x;a\n{cell};b", ";", True, 0, '"', integers=DIGIT)
    assert found.schema.types == [kind, pa.string()]


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("end", ["", "\n"])
def test_usual_lines_are_read_quickly(skip, end):
    text = "x;y\n" * skip + "a;b\n1; 2\n;ä" + end
    assert csv_columns.columns(text, ";", True, skip, '"') is not None
    rows = tabular.csv_records(text.replace("\n", "\r\n").encode(), ";", skip=skip)
    assert rows.to_pydict() == {
        "a": ["1", ""],
        "b": [" 2", "ä"],
        tabular.FAULT: [None, None],
        tabular.ROW: [skip + 2, skip + 3],
    }


@pytest.mark.parametrize("text", ["", "a;b\n1\n", "a;b\n1;2;3", 'a;b\n"1";2', "a;b\n\n1;2"])
def test_unusual_lines_are_left_to_the_closer_look(text):
    assert csv_columns.columns(text, ";", True, 0, '"') is None
    with pytest.raises(PayloadError) if not text else nullcontext():
        tabular.csv_records(text.encode(), ";")
