"""The quick ways from text and JSON to columns give what the closer look gives, or nothing."""

import json

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from urbandata import casting, json_paths, tabular
from urbandata.registry import Column

KINDS = ("string", "int", "float", "bool", "timestamp", "datetime", "date")
FORMATS = (None, *casting.ISO_LENGTHS)
ALMOST = st.from_regex(
    r"[ \u00a0]?([+-]?[0-9]{0,20}[.,]?[0-9]{0,20}([eE][+-]?[0-9]{1,3})?|0[xX][0-9a-f]+|nan|-?inf|"
    r"true|FALSE|[tfyn01]|[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}(:[0-9]{2}){0,2}(\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)[ \u2003]?",
    fullmatch=True,
)
TEXTS = st.lists(st.none() | ALMOST | st.text(max_size=12), min_size=1, max_size=4)
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
def test_a_quick_cast_is_the_cast_of_every_value(texts, kind, fmt, decimal_comma):
    fmt = fmt if kind in ("timestamp", "datetime", "date") else None
    clean = casting.trimmed(pa.chunked_array([pa.array(texts, pa.string())]), ["-"])
    quick = casting.quick(clean, kind, fmt, decimal_comma)
    if quick is None:
        return
    spec = Column(type=kind, description="d")
    cells = pa.table({"x": clean, tabular.FAULT: pa.nulls(len(texts), pa.string())})
    casts = {"x": (tabular._cast('"x"', spec, fmt, decimal_comma), kind)}
    slow = tabular._slowly(cells, casts)
    assert slow.column("fault").to_pylist() == [""] * len(texts)
    assert quick.equals(slow.column("x").cast(quick.type))  # not as Python's: it has no year 0


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


def test_usual_records_are_read_quickly():
    content = b'{"value": [{"id": 1, "at": {"t": "x"}, "v": 0.5}, {"id": 2, "v": 1}, {}]}'
    fields = {"id": "id", "at": "at.t", "v": "v"}
    found = json_paths.columns(content, fields, "$.value")
    assert found is not None
    assert found["id"].to_pylist() == ["1", "2", None]
    assert found["at"].to_pylist() == ["x", None, None]
    assert found["v"].to_pylist() == ["0.5", "1", None]


@pytest.mark.parametrize("content", [b"{", b'{"value": 1}', b'{"value": [{"a": [1]}]}', b"\xff"])
def test_what_is_unusual_is_left_to_the_closer_look(content):
    assert json_paths.columns(content, {"a": "a"}, "$.value") is None
    assert json_paths.steps("a[*]") is None
