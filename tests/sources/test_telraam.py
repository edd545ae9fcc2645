"""Telraam: reports by window, errors inside a 200, and the demo city's segments."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.telraam import demo, fetch
from urbandata.sources.telraam.parse import parse


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


MONTH = Window(at(2025, 8, 15), at(2025, 9, 15, 12))


@pytest.fixture(scope="module")
def source():
    return registry.source("telraam")


def entry(**more):
    known = {"segment_id": 9, "date": "2025-09-01T10:00:00.000Z", "uptime": 0.9, "heavy": 1.5}
    return known | {"car": 20, "bike": 3, "pedestrian": 0, "v85": 41.5} | more


def answer(*entries, status=200, message="ok") -> bytes:
    return json.dumps({"status_code": status, "message": message, "report": entries}).encode()


def rows(parsed):
    return parsed.tables["reports"].to_pylist()


def test_one_report_per_segment_with_the_key_as_a_placeholder(source):
    assert list(fetch.requests(MONTH, source)) == []
    first, *_ = fetch.requests(MONTH, source.as_demo())
    assert (first.method, first.path) == ("POST", "reports/traffic")
    assert first.headers == {"X-Api-Key": "{TELRAAM_API_KEY}"}
    assert first.json == {
        "level": "segments",
        "format": "per-hour",
        "id": "9000090001",
        "time_start": "2025-08-15 00:00:00Z",
        "time_end": "2025-09-15 12:00:00Z",
    }


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (answer(status=429, message="slow down"), "rate_limited"),
        (answer(status=201), "server"),
        (b"<html>", "client"),
        (b"[]", "client"),
    ],
)
def test_inner_errors_leave_the_window_open(source, make_payload, content, kind):
    with pytest.raises(FetchError) as error:
        fetch.follow(Request("segments/9", "p"), make_payload(content), source)
    assert error.value.kind == kind
    with pytest.raises(PayloadError):
        parse(make_payload(content), source)


def test_a_good_answer_is_followed_by_nothing(source, make_payload):
    assert fetch.follow(Request("segments/9", "p"), make_payload(answer()), source) == []


def test_reports_become_rows(source, make_payload, check):
    parsed = parse(make_payload(answer(entry())), source)
    (row,) = rows(parsed)
    assert row["started_at"] == at(2025, 9, 1, 10)
    assert (row["segment_id"], row["heavy"], row["v85_kmh"]) == ("9", 1.5, 41.5)
    assert all(c.success for c in check("telraam", parsed).checks)


def test_bad_entries_are_turned_away(source, make_payload, check):
    entries = [entry(date="2025-09-01 10:00"), entry(car="viele"), entry(uptime=1.5), entry()]
    parsed = parse(make_payload(answer(*entries)), source)
    assert [r.row for r in parsed.rejects] == [1, 2]
    assert [r.row for r in check("telraam", parsed).quarantined] == [1, 2, 3]


def test_other_intervals_and_single_devices_are_no_hours_of_a_street(source, make_payload):
    entries = [entry(interval="quarter"), entry(segment_id=-1), entry(interval="hourly")]
    parsed = parse(make_payload(answer(*entries)), source)
    assert [r.reason for r in parsed.rejects] == [
        "counts of another interval than an hour",
        "counts of a single device, not of a street",
    ]
    assert parsed.tables["reports"].num_rows == 1


def test_no_entries_are_an_empty_table(source, make_payload):
    assert parse(make_payload(answer()), source).count == 0


@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(
            st.none() | st.dictionaries(st.sampled_from(list(entry())), st.text(max_size=6)),
            max_size=4,
        ).map(lambda e: answer(*e)),
        st.none() | st.integers() | st.text(max_size=9),
    ).map(lambda v: v if isinstance(v, bytes) else json.dumps(v).encode())
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    payload = Payload(content, "segments/9", "json", at(2025, 9, 15), "real")
    try:
        parsed = parse(payload, registry.source("telraam"))
    except PayloadError:
        return
    assert parsed.count == len(json.loads(content)["report"])


def test_files_are_recognised(tmp_path):
    owner = inbox.owner(tmp_path / "r.json", answer(entry()), tmp_path, registry.sources())
    assert owner == "telraam"


def test_round_trip(source, world, ask, check):
    payloads = ask("telraam", MONTH)
    assert len(payloads) == 3
    parsed = [parse(p, source) for p in payloads]
    assert not any(p.rejects for p in parsed)
    found = rows(parsed[0])
    times = demo.hours(world, "9000090001", MONTH.start, MONTH.end)
    car, _, uptime = demo.counted(world, "9000090001", times)
    assert [r["car"] for r in found] == car.tolist()
    assert [r["uptime"] for r in found] == uptime.tolist()
    assert max(r["started_at"] for r in found) <= at(2025, 9, 15, 11)
    assert not {r["started_at"].hour for r in found} & {0, 1, 22, 23}
    for part in parsed:
        assert all(c.success for c in check("telraam", part).checks)


def test_the_key_is_demanded_and_errors_come_inside(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    body = {"id": "1", "time_start": "2025-09-01 00:00:00Z", "time_end": "2025-09-02 00:00:00Z"}
    assert client.post("/reports/traffic", json=body).status_code == 401
    head = {"X-Api-Key": "demo"}
    long = body | {"id": "9000090001", "time_start": "2025-01-01 00:00:00Z"}
    for asked, status in ((body, 404), ({}, 400), (long, 422)):
        said = client.post("/reports/traffic", json=asked, headers=head)
        assert (said.status_code, said.json()["status_code"]) == (200, status)


def test_low_uptime_sees_less(world):
    times = demo.hours(world, "9000090001", at(2025, 5, 1), at(2025, 9, 1))
    car, _, uptime = demo.counted(world, "9000090001", times)
    low = uptime < 0.5
    assert 0.01 < low.mean() < 0.1
    assert car[low].mean() < 0.6 * car[~low].mean()
    assert np.all(uptime <= 1)


def test_first_fill_stays_small(source):
    days = (at(2026, 11, 30) - at(2023, 7, 1)).days
    assert -(-days // source.window.size.days) * len(demo.SEGMENTS) <= 60
    assert source.window.size <= demo.LONGEST
