"""Text to types: no record is lost, every bad one names its row and reason."""

from datetime import datetime

import pyarrow as pa
import pytest

from urbandata.errors import PayloadError
from urbandata.reading import csv_lines, tabular
from urbandata.registry import Table

TABLE = Table.model_validate(
    {
        "grain": "g",
        "key": ["at"],
        "columns": {
            "at": {"type": "datetime", "description": "d"},
            "value": {"type": "float", "description": "d"},
            "n": {"type": "int", "description": "d"},
        },
    }
)


def parse(text: str, **options):
    return tabular.typed(tabular.csv_records(text.encode(), **options), "t", TABLE)


def test_good_bad_short_and_long_lines_all_arrive_somewhere():
    parsed = parse(
        "at,value,n\n2025-01-01 00:00,1.5,1\n2025-01-01 01:00,x,2\n\nlater\n2025,1,2,3\n"
    )
    assert parsed.tables["t"].to_pylist()[0]["value"] == 1.5
    assert [(r.row, r.reason) for r in parsed.rejects] == [
        (3, 'value: "x" is not a float'),
        (5, 'at: "later" is not a datetime'),
        (6, 'at: "2025" is not a datetime; 4 fields, the header has 3'),
    ]
    assert parsed.rejects[0].record == "at=2025-01-01 01:00, value=x, n=2"
    assert parsed.count == 4


def test_lines_swallowed_by_an_open_quote_are_not_lost_in_silence():
    """A file cut off inside a quoted field, or one with a stray quote."""
    for tail in ('"2', '"2\n2025-01-02 00:00,3,4\n'):
        rows = tabular.csv_records(f"at,value,n\n,1.5,1\n,2,{tail}".encode())
        assert rows.column(tabular.FAULT).to_pylist() == [None, csv_lines.OPEN]
    whole = tabular.csv_records(b'at,value,n\n,1.5,"1"\n,"2\n3",4')
    assert whole.column(tabular.FAULT).null_count == 2
    for text in ('a;"b', 'a;b\n1;"2\r\n3;4'):
        with pytest.raises(PayloadError, match="not closed"):
            csv_lines.assert_closed(text, ";")
    csv_lines.assert_closed('a;"b;""c"\n5";6"', ";")


@pytest.mark.parametrize("value", ["nan", "inf", "1e999"])
def test_not_every_float_is_a_measurement(value):
    assert parse(f"value\n{value}\n").rejects


@pytest.mark.parametrize("value", ["3-4-24", "01-05-2014", "14-05-01 10:00"])
def test_a_year_has_four_digits(value):
    assert parse(f"at\n{value}\n").rejects


@pytest.mark.parametrize(
    ("fmt", "good", "bad"),
    [("%d.%m.%Y", "1.5.2014", "01.05.14"), ("%Y-%m-%d", "2014-5-1", "14-05-01")],
)
def test_a_year_has_four_digits_in_a_format_too(fmt, good, bad):
    rows = tabular.csv_records(f"at,value\n{good},1\n{bad},1\n".encode())
    parsed = tabular.typed(rows, "t", TABLE, formats={"at": fmt})
    assert [t["at"].isoformat()[:10] for t in parsed.tables["t"].to_pylist()] == ["2014-05-01"]
    assert [r.row for r in parsed.rejects] == [3]


def test_what_is_typed_already_stays_beside_text_that_needs_the_closer_look():
    at = datetime(2025, 3, 1)  # noqa: DTZ001 - a clock reading
    times = pa.array([at], pa.timestamp("us")).dictionary_encode()
    for text, whole in (("1.5", True), ("x", False)):
        rows = pa.table({"at": times, "value": [text], "n": pa.array([3]), "_row": [7]})
        parsed = tabular.typed(rows, "t", TABLE, formats={"at": "%Y-%m-%d"})
        found = [{"at": at, "value": 1.5, "n": 3, "_row": 7}] if whole else []
        assert parsed.tables["t"].to_pylist() == found
        assert [(r.row, r.record) for r in parsed.rejects] == (
            [] if whole else [(7, "at=2025-03-01 00:00:00, value=x, n=3")]
        )


def test_decimal_comma_and_thousands_dot():
    rows = tabular.csv_records(b"at;value;n\n;1.234,5;\n", delimiter=";")
    parsed = tabular.typed(rows, "t", TABLE, decimal_comma=True)
    assert parsed.tables["t"].column("value").to_pylist() == [1234.5]


def test_a_point_that_groups_no_digits_is_no_part_of_a_number_with_a_comma():
    rows = tabular.csv_records(b"at;value;n\n;1,5;\n;1.5;\n;12.345;\n", delimiter=";")
    parsed = tabular.typed(rows, "t", TABLE, decimal_comma=True)
    assert parsed.tables["t"].column("value").to_pylist() == [1.5, 12345.0]
    assert [r.reason for r in parsed.rejects] == ['value: "1.5" is not a float']


@pytest.mark.parametrize("value", ["18.5", "1.234", "1.000", "0x1F"])
def test_no_whole_number_is_made_of_another(value):
    assert [r.reason for r in parse(f"n\n{value}\n").rejects] == [f'n: "{value}" is not a int']


@pytest.mark.parametrize(
    ("value", "number"), [("18.0", 18), ("5.", 5), ("0.000", 0), ("-1e3", -1000)]
)
def test_whole_numbers_may_be_written_as_floats(value, number):
    assert parse(f"n\n{value}\n").tables["t"].column("n").to_pylist() == [number]


@pytest.mark.parametrize("value", ["1.5", "232,526.00", "0.123", "1.2345", "1.234.5"])
@pytest.mark.parametrize("beside", ["1", "x"])
def test_a_number_written_the_english_way_is_no_number_with_decimal_comma(value, beside):
    rows = tabular.csv_records(f"value\n1.234.567,25\n{value}\n{beside}\n".encode(), delimiter=";")
    parsed = tabular.typed(rows, "t", TABLE, decimal_comma=True)
    assert parsed.tables["t"].column("value").to_pylist()[0] == 1234567.25
    assert parsed.rejects[0].reason == f'value: "{value}" is not a float'


def test_clock_readings_that_do_not_exist_in_a_zone_stay_as_written():
    parsed = parse("at\n2025-03-30 02:30\n")
    assert str(parsed.tables["t"].column("at")[0]) == "2025-03-30 02:30:00"


@pytest.mark.parametrize("content", [b"{", b"", b"[1,", b'{"a": 1}', b"\xff\xfe"])
def test_broken_json_is_a_named_error(content):
    with pytest.raises(PayloadError):
        tabular.json_records(content, ["a"])


def test_json_paths_missing_fields_and_row_numbers():
    rows = tabular.json_records(b'{"v": [{"a": {"b": 1}}, {}]}', ["x=a.b"], "$.v")
    assert rows.to_pylist() == [{"x": "1", "_row": 1}, {"x": None, "_row": 2}]


def test_broken_json_that_the_message_cannot_quote():
    content = ("\0" * 7 + "\x80" * 7 + "\U00010000" * 7 + "\x80").encode()
    with pytest.raises(PayloadError, match="broken JSON"):
        tabular.json_records(content, ["x"])


def test_missing_columns_are_named():
    with pytest.raises(PayloadError, match="columns missing: wert"):
        tabular.renamed(tabular.csv_records(b"a\n1\n"), {"a": "n", "wert": "value"})


@pytest.mark.parametrize("text", ["a,b,a\n1,2,3\n", 'a,b,a\n"1",2,3\n', "a,b,a\n"])
def test_a_heading_that_repeats_itself_is_named_and_no_column_is_lost_in_silence(text):
    with pytest.raises(PayloadError, match="line 1: two columns of the same name: a"):
        tabular.csv_records(text.encode())


def test_headings_without_a_name_may_repeat_themselves():
    rows = tabular.csv_records(b"a,,\n1,,\n")
    assert rows.column("a").to_pylist() == ["1"]


def test_wrong_encoding_is_named():
    with pytest.raises(PayloadError, match="encodings: ascii"):
        tabular.decode("ä".encode(), ("ascii",))


@pytest.mark.parametrize("heading", [b'a"b', b"a\x00b", b"a;A", b"select"])
def test_no_heading_can_break_the_query(heading):
    rows = tabular.split_records(heading + b"\n1;2\n", ";")
    assert rows.num_rows == 1
    assert rows.column_names[-2:] == ["_fault", "_row"]
