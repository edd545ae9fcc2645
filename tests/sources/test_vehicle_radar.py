"""Roadside radars: single vehicles from a real file and from the demo city."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, recognition, registry
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.sources.vehicle_radar import demo, fetch
from urbandata.sources.vehicle_radar.parse import parse

REAL = "traffic/moers/romerstrasse-415t3024102016.txt"


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture(scope="module")
def source():
    return registry.source("vehicle_radar")


def rows(parsed):
    return parsed.tables["vehicles"].to_pylist()


def test_local_days_of_the_window(source):
    asked = source.model_copy(update={"options": {"sites": ["a", "b"]}})
    found = list(fetch.requests(Window(at(2025, 9, 1, 21, 59), at(2025, 9, 2, 22)), asked))
    assert [r.path for r in found] == [
        "a/2025-09-01.txt",
        "b/2025-09-01.txt",
        "a/2025-09-02.txt",
        "b/2025-09-02.txt",
    ]
    assert list(fetch.requests(Window(at(2025, 9, 1), at(2025, 9, 2)), source)) == []


def test_records_become_rows(source, make_payload, check):
    content = b"24.10.16 08:37:29;00;032;01;0 \r\n24.10.16 08:37:42;00;035;12;1 \r\n\r\n"
    parsed = parse(make_payload(content, resource="demo/2016-10-24"), source)
    first, second = rows(parsed)
    assert first == {
        "site": "demo",
        "passed_local": datetime.fromisoformat("2016-10-24 08:37:29"),
        "channel": "00",
        "speed_kmh": 32,
        "length": 1,
        "direction": 0,
        "_row": 1,
    }
    assert (second["length"], second["direction"], second["_row"]) == (12, 1, 2)
    assert all(c.success for c in check("vehicle_radar", parsed).checks)


def test_years_may_have_four_digits(source, make_payload):
    content = b"24.10.2016 08:37:29;00;032;01;0\r\n"
    assert recognition.claims(Path("a.txt"), content, [source]) == ["vehicle_radar"]
    (row,) = rows(parse(make_payload(content), source))
    assert str(row["passed_local"]) == "2016-10-24 08:37:29"


def test_bad_lines_are_turned_away(source, make_payload, check):
    lines = [
        "24.10.16 08:37:29;00;032;01;0 ",
        "24.10.16 25:37:29;00;032;01;0 ",
        "24.10.16 08:37:30;00;0",
        "24.10.16 08:37:31;00;032;01;0;9",
        "24.10.16 08:37:32;00;999;01;0",
        "24.10.16 08:37:33;00;032;01;7",
    ]
    parsed = parse(make_payload("\r\n".join(lines).encode()), source)
    assert [r.row for r in parsed.rejects] == [2, 3, 4]
    assert [r.row for r in check("vehicle_radar", parsed).quarantined] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("content", [b"", b"a;b;c;d;e\n", b"24.10.16 08:37:29;00;032\n", b"<x>"])
def test_other_files_are_refused(source, make_payload, content):
    with pytest.raises(PayloadError):
        parse(make_payload(content), source)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text('0123456789.:; "\r\n', max_size=60).map(
            lambda t: ("24.10.16 08:37:29;00;032;01;0\n" + t).encode()
        ),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    payload = Payload(content, "x/2016-10-24", "txt", at(2025, 9, 15), "real")
    try:
        parsed = parse(payload, registry.source("vehicle_radar"))
    except PayloadError:
        return
    numbers = [r["_row"] for r in rows(parsed)] + [r.row for r in parsed.rejects]
    assert len(set(numbers)) == parsed.count


def test_real_file(source, realdata, make_payload, check):
    path = realdata(REAL)
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), source)
    found = rows(parsed)
    assert (len(found), parsed.rejects) == (14_152, ())
    assert found[0]["site"] == "romerstrasse-415t3024102016"
    assert found[0]["passed_local"] == datetime.fromisoformat("2016-10-24 08:37:29")
    assert found[-1]["passed_local"].date() == date(2016, 10, 26)
    assert {r["direction"] for r in found} == {0, 1}
    assert check("vehicle_radar", parsed).accepted["vehicles"].num_rows == 14_152


def test_real_file_is_recognised(realdata):
    path = realdata(REAL)
    owner = inbox.owner(path, path.read_bytes(), path.parent, registry.sources())
    assert owner == "vehicle_radar"


def test_round_trip(source, world, ask, check):
    payloads = ask("vehicle_radar", Window(at(2025, 9, 13, 22), at(2025, 9, 15, 12)))
    assert [p.resource for p in payloads] == [
        "demo-schulweg/2025-09-14",
        "demo-schulweg/2025-09-15",
    ]
    for payload, day in zip(payloads, (date(2025, 9, 14), date(2025, 9, 15)), strict=True):
        parsed = parse(payload, source)
        times, speed, length, direction = demo.vehicles(world, day)
        found = rows(parsed)
        assert not parsed.rejects
        assert [r["speed_kmh"] for r in found] == speed.tolist()
        assert [r["length"] for r in found] == length.tolist()
        assert [r["direction"] for r in found] == direction.tolist()
        assert {r["passed_local"].date() for r in found} == {day}
        assert times.max() <= demo.mobility.now64(world)
        assert all(c.success for c in check("vehicle_radar", parsed).checks)


def test_days_grow_and_meet(world):
    later = type(world)(seed=world.seed, clock=lambda: at(2025, 9, 15, 15))
    today = date(2025, 9, 15)
    before, after = demo.records(world, today), demo.records(later, today)
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert demo.records(world, date(2026, 1, 1)) == []


@pytest.mark.parametrize("path", ["/x/2025-09-14.txt", "/demo-schulweg/gestern.txt"])
def test_no_such_file(world, path):
    assert TestClient(Starlette(routes=demo.routes(world))).get(path).status_code == 404


def test_first_fill_stays_small(source, world):
    assert source.window.demo_history.days <= 59
    assert source.window.demo_history.days * len(demo.records(world, date(2025, 9, 9))) < 30_000
