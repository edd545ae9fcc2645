"""Citizens' reports: what is asked, what is removed, what is read, and the demo city's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.open311 import demo, fetch
from urbandata.sources.open311.parse import parse

PERSONAL = ("Mustermann", "example.org", "0351 55", "Beispiel", "Straße ", "http", "Rückruf")


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


QUARTER = Window(at(2025, 6, 17, 12), at(2025, 9, 15, 12))


@pytest.fixture(scope="module")
def source():
    return registry.source("open311")


def report(**more):
    return {
        "service_request_id": "7",
        "status": "open",
        "service_code": "101",
        "service_name": "Schlagloch",
        "requested_datetime": "2025-09-01T10:00:00+02:00",
        "updated_datetime": "2025-09-01T10:00:00Z",
        "lat": 51.0512345,
        "long": "13.7412345",
    } | more


def dumped(*records) -> bytes:
    return json.dumps(records).encode()


# --- fetch -------------------------------------------------------------------------------------


def test_reports_of_the_window(source):
    (request,) = fetch.requests(QUARTER, source)
    assert (request.resource, request.path) == ("requests/1", "requests.json")
    assert request.params == {
        "start_date": "2025-06-17T12:00:00Z",
        "end_date": "2025-09-15T12:00:00Z",
        "page_size": "1000",
        "page": "1",
    }


def test_jurisdiction_is_sent_where_one_is_set(source):
    asked = source.model_copy(update={"options": {"page_size": 9, "jurisdiction_id": "dresden"}})
    (request,) = fetch.requests(QUARTER, asked)
    assert request.params["jurisdiction_id"] == "dresden"


def test_a_full_page_has_a_next_one(source, make_payload):
    asked = source.model_copy(update={"options": {"page_size": 2}})
    (first,) = fetch.requests(QUARTER, asked)
    (second,) = fetch.follow(first, make_payload(dumped({}, {})), asked)
    assert (second.resource, second.params["page"]) == ("requests/2", "2")
    assert second.params["start_date"] == first.params["start_date"]
    assert list(fetch.follow(second, make_payload(dumped({})), asked)) == []
    with pytest.raises(FetchError, match="paging is ignored"):
        fetch.follow(second, make_payload(dumped({}, {})), asked)


@pytest.mark.parametrize("content", [b"<html>", b'{"error": "x"}'])
def test_an_answer_that_is_no_list_fails(source, make_payload, content):
    with pytest.raises(FetchError):
        fetch.follow(Request("requests/1", "p", context={"page": 1}), make_payload(content), source)


# --- strip -------------------------------------------------------------------------------------


def test_nothing_personal_survives():
    record = report(
        description="Frau Mustermann, 0351 555, a@example.org",
        address="Beispielweg 3",
        first_name="Erika",
        status_notes="Herr Beispiel",
        media_url="http://example.org/1.jpg",
        account_id="u7",
        agency_responsible="Frau Beispiel",
        extended={"email": "a@example.org"},
    )
    (kept,) = json.loads(fetch.strip(dumped(record), "requests/1", "k"))
    assert set(kept) == {*fetch.KEPT, *fetch.COORDINATES}
    assert (kept["lat"], kept["long"]) == (51.0512, 13.7412)
    assert kept["service_request_id"] == "7"


def test_personal_data_in_a_kept_field_do_not_survive_either():
    hidden = report(
        service_request_id="erika@example.org wohnt hier",
        service_name="Schlagloch, bitte an a@example.org",
        status={"name": "Erika"},
        updated_datetime="gestern, sagt Erika",
        lat="bei Erika",
    )
    text = fetch.strip(dumped(hidden, "Erika", ["Erika"], None), "requests/1", "k").decode()
    assert "rika" not in text
    assert "example.org" not in text
    assert len(json.loads(text)) == 4


@pytest.mark.parametrize("content", [b"Erika Mustermann", b'{"error": "Erika"}', b"\xff", b""])
def test_what_cannot_be_read_is_replaced_by_a_note(source, make_payload, content):
    note = fetch.strip(content, "requests/1", "k")
    assert b"Erika" not in note
    with pytest.raises(PayloadError, match="the answer is"):
        parse(make_payload(note), source)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.floats() | st.text(max_size=6),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from([*fetch.KEPT, "lat", "long"]), inner)
            ),
            max_leaves=8,
        ).map(lambda v: json.dumps([v]).encode()),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_stripped_and_give_rows_or_a_named_error(content):
    source = registry.source("open311")
    for body in (content, fetch.strip(content, "requests/1", "k")):
        payload = Payload(body, "requests/1", "json", at(2025, 9, 15), "real")
        try:
            parsed = parse(payload, source)
        except PayloadError:
            continue
        assert parsed.count == len(json.loads(body.decode("utf-8-sig")))


# --- parse -------------------------------------------------------------------------------------


def test_reports_become_rows(source, make_payload, check):
    parsed = parse(make_payload(fetch.strip(dumped(report()), "requests/1", "k")), source)
    (row,) = parsed.tables["reports"].to_pylist()
    assert row["requested_at"] == at(2025, 9, 1, 8)
    assert (row["latitude"], row["longitude"], row["expected_at"]) == (51.0512, 13.7412, None)
    door = check("open311", parsed)
    assert all(c.success for c in door.checks)


def test_broken_reports_are_turned_away(source, make_payload, check):
    records = [
        report(requested_datetime="2025-09-01T10:00:00"),
        report(service_request_id=None),
        report(status="rejected"),
        report(updated_datetime="2025-08-31T10:00:00Z"),
        report(),
    ]
    parsed = parse(make_payload(dumped(*records)), source)
    assert [(r.row, r.reason) for r in parsed.rejects] == [
        (1, "requested_at has no offset from UTC")
    ]
    door = check("open311", parsed)
    assert [r["_row"] for r in door.accepted["reports"].to_pylist()] == [5]
    assert len(door.quarantined) == 4


def test_what_is_stated_in_another_shape_is_not_taken_for_missing(source, make_payload, check):
    """A closed report without the time of its closing, or without a state, would say too little."""
    records = [
        report(status="CLOSED", service_name="Müll: „wilde“ Ablagerung", service_code="A/1 b"),
        report(updated_datetime="01.09.2025 10:00"),
        report(requested_datetime="2025-09-01 10:00:00"),
        report(status="in progress"),
        report(status="seit gestern, sagt Erika"),
    ]
    content = fetch.strip(b"\xef\xbb\xbf" + dumped(*records), "requests/1", "k")
    assert b"Erika" not in content
    parsed = parse(make_payload(content), source)
    assert [r.row for r in parsed.rejects] == [2, 3, 5]
    first, _ = parsed.tables["reports"].to_pylist()
    assert (first["status"], first["service_name"][:6]) == ("closed", "Müll: ")
    checked = check("open311", parsed)
    assert [q.row for q in checked.quarantined] == [2, 3, 5, 4]  # at the door: in progress
    assert checked.accepted["reports"].num_rows == 1


def test_the_same_reports_as_xml(source, make_payload, tmp_path):
    fields = {k: v for k, v in report(expected_datetime=None).items() if v is not None}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    content = (
        '<?xml version="1.0" encoding="utf-8"?><service_requests><request>'
        f"{inner}<expected_datetime/><address>Beispielweg 3</address></request></service_requests>"
    ).encode()
    for name in ("requests.xml", "a.txt"):
        assert inbox.owner(tmp_path / name, content, tmp_path, registry.sources()) == "open311"
    kept = fetch.strip(content, "requests/1", "k")
    assert b"Beispiel" not in kept
    assert kept == fetch.strip(dumped(report()), "requests/1", "k")
    assert parse(make_payload(kept), source).tables["reports"].num_rows == 1
    with pytest.raises(PayloadError, match="no list of reports"):
        parse(make_payload(fetch.strip(b"<errors/>", "requests/1", "k")), source)


def test_no_reports_are_an_empty_table(source, make_payload):
    assert parse(make_payload(b"[]"), source).count == 0


def test_files_are_recognised(tmp_path):
    path = tmp_path / "requests.json"
    assert inbox.owner(path, dumped(report()), tmp_path, registry.sources()) == "open311"


# --- demo --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_round_trip(source, world, ask, check):
    payloads = ask("open311", QUARTER)
    assert len(payloads) > 1
    for payload in payloads:
        assert not [w for w in PERSONAL if w in payload.content.decode()]
    parsed = [parse(p, source) for p in payloads]
    rows = [r for p in parsed for r in p.tables["reports"].to_pylist()]
    expected = demo.reports(world, QUARTER.start, QUARTER.end)
    assert [r["service_request_id"] for r in rows] == [r.id for r in expected]
    assert [r["requested_at"] for r in rows] == [r.made for r in expected]
    assert {r["status"] for r in rows} == {"open", "closed"}
    for part in parsed:
        assert all(c.success for c in check("open311", part).checks)


def test_windows_meet_without_gap_or_overlap(world):
    middle = at(2025, 8, 1, 22, 30)
    parts = [
        *demo.reports(world, QUARTER.start, middle),
        *demo.reports(world, middle, QUARTER.end),
    ]
    assert parts == demo.reports(world, QUARTER.start, QUARTER.end)
    assert demo.reports(world, at(2030, 1, 1), at(2030, 2, 1)) == []


def test_reports_are_closed_as_time_goes_on(world):
    found = demo.reports(world, QUARTER.start, QUARTER.end)
    late = next(r for r in found if r.closed and r.closed > world.now())
    later = type(world)(seed=world.seed, clock=lambda: late.closed + timedelta(seconds=1))
    assert demo.answer(world, late)["status"] == "open"
    closed = demo.answer(later, late)
    assert closed["status"] == "closed"
    assert datetime.fromisoformat(closed["updated_datetime"]) == late.closed


@pytest.mark.parametrize(
    "query",
    [
        "start_date=gestern",
        "start_date=2025-01-01T00:00:00Z&end_date=2025-06-01T00:00:00Z",
        "page=0",
        "page_size=viele",
    ],
)
def test_errors_of_the_service(client, query):
    answer = client.get(f"/requests.json?{query}")
    assert answer.status_code == 400
    assert answer.json()[0]["code"] == 400


def test_defaults_of_the_format(client):
    assert len(client.get("/requests.json").json()) == demo.DEFAULT_PAGE
    assert len(client.get("/services.json").json()) == len(demo.SERVICES)


def test_first_fill_stays_small(source, world):
    year = len(demo.reports(world, at(2024, 9, 15), at(2025, 9, 15)))
    days = (at(2026, 11, 30) - at(2023, 7, 1)).days
    assert 20_000 < year / 365 * days < 30_000
    windows = -(-days // source.window.size.days)
    assert windows * -(-year * 90 // 365 // 1000) + windows <= 60
