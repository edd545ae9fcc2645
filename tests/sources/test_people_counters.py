"""People counters: paging, what uplinks look like, any bytes, and the demo storage."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.demo import sports
from urbandata.demo.sports_use import passages
from urbandata.errors import FetchError, PayloadError
from urbandata.fetching import Fetcher
from urbandata.sources.people_counters import demo, fetch
from urbandata.sources.people_counters.parse import parse
from urbandata.transport import Transport

SOURCE = registry.source("people_counters")
NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)
DAY = Window(NOW - timedelta(days=1), NOW)


def uplink(**more):
    known = {
        "end_device_ids": {"device_id": "pc-1"},
        "received_at": "2025-09-15T10:08:44.868680817Z",
        "uplink_message": {
            "session_key_id": "AX==",
            "f_port": 1,
            "f_cnt": 43,
            "decoded_payload": {"ltr": 3, "rtl": 1},
            "rx_metadata": [{"rssi": -42, "snr": 5.8}, {"rssi": -90}],
        },
    }
    return known | more


def lines(*records) -> bytes:
    return "".join(f"{json.dumps({'result': r})}\n" for r in records).encode()


def read(content: bytes):
    return parse(Payload(content, "x", "jsonl", NOW, "real"), SOURCE)


# --- fetch -------------------------------------------------------------------------------------


def test_first_page_asks_the_window_oldest_first():
    (request,) = fetch.requests(DAY, SOURCE)
    assert request.path == "api/v3/as/applications/sportpark-ostra/packages/storage/uplink_message"
    assert request.params == {
        "after": "2025-09-14T12:00:00.000000000Z",
        "before": "2025-09-15T12:00:00.000000000Z",
        "limit": "5000",
        "order": "received_at",
    }
    assert request.headers["Accept"] == "text/event-stream"


@pytest.mark.parametrize(("count", "pages"), [(1, 0), (2, 1)])
def test_a_full_page_leads_on_from_its_last_uplink(count, pages):
    source = SOURCE.model_copy(update={"options": {**SOURCE.options, "limit": 2}})
    (request,) = fetch.requests(DAY, source)
    payload = Payload(lines(*[uplink()] * count), "x", "jsonl", NOW, "real")
    more = list(fetch.follow(request, payload, source))
    assert [r.params["after"] for r in more] == ["2025-09-15T10:08:44.868680817Z"] * pages


def test_a_page_that_does_not_lead_on_and_a_broken_stream_are_errors():
    source = SOURCE.model_copy(update={"options": {**SOURCE.options, "limit": 1}})
    (request,) = fetch.requests(DAY, source)
    old = lines(uplink(received_at="2025-09-14T12:00:00.000000000Z"))
    broken = lines(uplink()) + b'{"error":{"code":14,"message":"unavailable"}}\n'
    for content, reason in (
        (old, "does not lead beyond"),
        (b"{}\n", "None"),
        (broken, "broke off"),
    ):
        with pytest.raises(FetchError, match=reason):
            list(fetch.follow(request, Payload(content, "x", "jsonl", NOW, "real"), source))


# --- parse -------------------------------------------------------------------------------------


def test_an_uplink_of_the_storage():
    parsed = read(lines(uplink()))
    assert parsed.tables["uplinks"].to_pylist() == [
        {
            "device_id": "pc-1",
            "received_at": datetime(2025, 9, 15, 10, 8, 44, 868680, tzinfo=UTC),
            "session_key_id": "AX==",
            "frame_counter": 43,
            "port": 1,
            "count_in": 3,
            "count_out": 1,
            "total_in": None,
            "total_out": None,
            "battery_v": None,
            "gateways": 2,
            "rssi": -42.0,
            "snr": 5.8,
            "_row": 1,
        }
    ]


@pytest.mark.parametrize(
    ("decoded", "counts"),
    [
        ({"ltr": 1, "rtl": 0}, (1, 0, None, None)),
        ({"period_in": 2, "period_out": 3}, (2, 3, None, None)),
        ({"count_in": 500, "count_out": 498}, (None, None, 500, 498)),
        ({"counter_a": 4, "counter_b": 5, "total_counter_a": 9}, (4, 5, 9, None)),
        ({"temperature": 21.0}, (None, None, None, None)),
        (None, (None, None, None, None)),
    ],
)
def test_makers_call_counts_differently(decoded, counts):
    message = uplink()["uplink_message"] | {"decoded_payload": decoded}
    (row,) = read(lines(uplink(uplink_message=message))).tables["uplinks"].to_pylist()
    assert (row["count_in"], row["count_out"], row["total_in"], row["total_out"]) == counts


def test_webhook_bodies_and_lists_say_the_same():
    bare = json.dumps(uplink()).encode()
    expected = read(lines(uplink())).tables["uplinks"]
    for content in (bare, b"[" + bare + b"]", b"\xef\xbb\xbf" + bare + b"\r\n\r\n"):
        assert read(content).tables["uplinks"].equals(expected)


def test_a_body_over_several_lines_is_one_uplink():
    (row,) = read(json.dumps(uplink(), indent=2).encode()).tables["uplinks"].to_pylist()
    assert (row["device_id"], row["count_in"]) == ("pc-1", 3)


def test_a_device_with_several_lines_is_not_counted_as_one():
    decoded = {"line_1_total_in": 5, "line_1_total_out": 3, "line_2_total_in": 50}
    message = uplink()["uplink_message"] | {"decoded_payload": decoded}
    (reject,) = read(lines(uplink(uplink_message=message))).rejects
    assert reject.reason == "the device counts several lines"


def test_broken_lines_are_named_and_the_rest_goes_on():
    wrong = uplink(uplink_message={"decoded_payload": {"ltr": "viele"}})
    nameless = uplink(end_device_ids={})
    content = lines(uplink(), wrong, nameless, uplink(received_at="gestern")) + b"{cut off"
    parsed = read(content)
    assert parsed.tables["uplinks"].num_rows == 1
    assert [(r.row, r.reason.split(":")[0]) for r in parsed.rejects] == [
        (2, "count_in"),
        (3, "no uplink"),
        (4, "received_at"),
        (5, "the line is no JSON object"),
    ]
    assert parsed.count == 5


@pytest.mark.parametrize("content", [b"{}", b"x", b"[", b"\xff", b"<html>", b'{"error":{}}'])
def test_other_bytes_are_refused(content):
    with pytest.raises(PayloadError):
        read(content)


def test_an_empty_answer_is_empty():
    assert read(b"").count == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["result", "end_device_ids", "device_id", "received_at", "uplink_message", "f_cnt",
                 "decoded_payload", "ltr", "rx_metadata", "rssi"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)  # fmt: skip


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60).map(lambda t: t.encode("utf-8", "surrogatepass")),
        st.lists(JSON, max_size=4).map(lambda vs: "\n".join(map(json.dumps, vs)).encode()),
        JSON.map(lambda v: json.dumps([v]).encode()),
        st.lists(st.sampled_from([lines(uplink()), b"{", b"\n", b"null\n"])).map(b"".join),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    try:
        parsed = read(content)
    except PayloadError as error:
        assert str(error)
        return
    text = content.decode("utf-8-sig").strip()
    records = len(json.loads(text)) if text.startswith("[") else sum(
        bool(line.strip(" ")) for line in text.replace("\r", "").split("\n")
    )  # fmt: skip
    assert parsed.count == records


def test_dumps_in_the_inbox_are_recognised(tmp_path):
    path = tmp_path / "uplinks.jsonl"
    path.write_bytes(lines(uplink()))
    assert inbox.owner(path, path.read_bytes(), tmp_path, registry.sources()) == "people_counters"


# --- the demo city -----------------------------------------------------------------------------


def test_round_trip_pages_through_the_demo_storage(ask, check, world, monkeypatch):
    """Small pages bring the same frames as one large page, each frame of each device."""
    limited = SOURCE.model_copy(update={"demo_options": {"limit": 300}})
    monkeypatch.setattr(registry, "source", lambda name: limited)
    payloads = ask("people_counters", DAY)
    assert len(payloads) > 3
    found = [r for p in payloads for r in read(p.content).tables["uplinks"].to_pylist()]
    start, end = (np.datetime64(t.replace(tzinfo=None), "ns") for t in (DAY.start, DAY.end))
    assert len(found) == len(demo.page(world, start, end, 100_000))
    assert check("people_counters", read(payloads[0].content)).quarantined == []
    frames = {(r["device_id"], r["session_key_id"], r["frame_counter"]) for r in found}
    assert len(frames) < len(found)  # repeated frames
    assert len({r["device_id"] for r in found}) == 10
    by_device: dict[str, list[int]] = {}
    for r in sorted(found, key=lambda r: r["received_at"]):
        by_device.setdefault(r["device_id"], []).append(r["frame_counter"] or 0)
    assert any(ns != sorted(ns) for ns in by_device.values())  # late frames


def test_counts_are_the_people_of_the_bookings(world):
    """Interval counters: what the frames of a day say is who passed; totals grow by the same."""
    start = np.datetime64("2025-09-10T00:00", "ns")
    content = "\n".join(demo.page(world, start, start + np.timedelta64(26, "h"), 100_000)).encode()
    rows = read(content).tables["uplinks"].to_pylist()
    for facility in sports.facilities():
        mine = {
            r["frame_counter"] or 0: r for r in rows if r["device_id"] == f"pc-{facility.id}"
        }  # fmt: skip
        for frame, row in mine.items():
            number = int((np.datetime64("2025-09-10T00:00", "m") - demo.EPOCH) // demo.QUARTER)
            base = number - number % demo.SESSION
            came, _ = passages(
                world, facility, np.array([demo.EPOCH + (base + frame) * demo.QUARTER])
            )
            before = mine.get(frame - 1)
            if row["count_in"] is not None:
                assert row["count_in"] == came[0]
            elif before is not None:
                assert row["total_in"] - before["total_in"] == came[0]


def test_demo_storage_checks_key_and_accept_header(world):
    app = Starlette(routes=[Mount("/p", routes=demo.routes(world))])
    client = TestClient(app)
    (request,) = fetch.requests(DAY, SOURCE)
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer demo"}, 415),
        ({"Authorization": "Bearer demo", "Accept": "text/event-stream"}, 200),
    ):
        answer = client.get(f"/p/{request.path}", params=dict(request.params), headers=headers)
        assert answer.status_code == status


def test_a_window_whose_stream_broke_off_is_asked_again(settings):
    body = lines(uplink()) + b'{"error":{"code":14,"message":"unavailable"}}\n'
    client = httpx.Client(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    )
    transport = Transport(
        SOURCE, "http://ttn", client=client, pace=False, secrets={"TTN_API_KEY": "k"}
    )
    fetcher = Fetcher(SOURCE, settings, transport)
    run = fetcher.fetch([DAY])
    assert "broke off" in run.failures[0]
    assert fetcher.ledger.covered("people_counters", settings.origin) == []
