"""OParl: council meetings, agenda items and organisations without people."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.landing import utc_now
from urbandata.sources.oparl import demo, fetch
from urbandata.sources.oparl.parse import parse

FOLDER = "participation/oparl-karlsruhe"
PRIVATE = "Erika Mustermann, erika@example.org"
WINDOW = Window(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 9, 15, tzinfo=UTC))


@pytest.fixture(scope="module")
def source():
    return registry.source("oparl")


def item(**changed):
    link = "https://rat.example/item/1"
    return {"id": link, "name": PRIVATE, "public": True, "order": 1, "number": "1", **changed}


def meeting(**changed):
    return {
        "id": "https://rat.example/meeting/1",
        "type": "https://schema.oparl.org/1.1/Meeting",
        "name": PRIVATE,
        "participant": [PRIVATE],
        "start": "2025-05-01T16:00:00+02:00",
        "end": "2025-05-01T18:00:00+02:00",
        "agendaItem": [item()],
        **changed,
    }


def listing(*records, link=None):
    return json.dumps({"data": list(records), "links": {"next": link} if link else {}}).encode()


def stripped(make_payload, content, resource="meetings/1/page/1"):
    return make_payload(fetch.strip(content, resource, ""), resource=resource)


def test_from_system_to_pages(source, make_payload):
    (system,) = fetch.requests(WINDOW, source)
    assert not system.land
    (bodies,) = fetch.follow(system, make_payload(b'{"body": "https://rat.example/b"}'), source)
    body = {"meeting": "https://rat.example/m", "organization": "https://rat.example/o"}
    meetings, organizations = fetch.follow(bodies, make_payload(listing(body)), source)
    assert meetings.params["modified_since"] == "2025-01-01T00:00:00+00:00"
    assert organizations.resource == "organizations/1/page/1"
    payload = stripped(make_payload, listing(meeting(), link="https://rat.example/m?page=2"))
    (second,) = fetch.follow(meetings, payload, source)
    assert (second.resource, second.path[-2:]) == ("meetings/1/page/2", "=2")
    for wrong in (b"{}", b"[]", b"x"):
        with pytest.raises(FetchError):
            list(fetch.follow(system, make_payload(wrong), source))


def test_nothing_personal_survives(source, make_payload):
    payload = stripped(make_payload, listing(meeting(), meeting(meetingState=PRIVATE)))
    assert b"Mustermann" not in payload.content
    assert b"erika" not in payload.content
    parsed = parse(payload, source)
    assert [(r.table, r.row) for r in parsed.rejects] == [("meetings", 2)]
    (row,) = parsed.tables["meetings"].to_pylist()
    assert (row["starts_at"].hour, row["item_count"]) == (14, 1)


def test_real_meeting_with_a_long_agenda(source, make_payload, realdata, check):
    content = realdata(f"{FOLDER}/meeting-10439.json").read_bytes()
    payload = stripped(make_payload, content, "meeting-10439.json")
    assert "Fahrbereitschaft" not in payload.content.decode()
    parsed = parse(payload, source)
    assert parsed.rejects == ()
    assert parsed.tables["meetings"].to_pylist()[0]["item_count"] == 394
    items = parsed.tables["agenda_items"].to_pylist()
    assert len(items) == 394
    assert Counter(r["result_category"] for r in items) == {
        "rejected": 161,
        "adopted": 103,
        "settled": 85,
        None: 27,
        "withdrawn": 5,
        "noted": 4,
        "amended": 4,
        "postponed": 3,
        "no_vote": 2,
    }
    assert all(c.success for c in check("oparl", parsed).checks)


def test_real_meeting_that_ends_before_it_begins(source, make_payload, realdata, check):
    content = realdata(f"{FOLDER}/meeting-1464.json").read_bytes()
    payload = stripped(make_payload, content, "meeting-1464.json")
    assert "Fenrich" in content.decode()
    assert "Fenrich" not in payload.content.decode()
    parsed = parse(payload, source)
    assert parsed.tables["agenda_items"].num_rows == 6
    door = check("oparl", parsed)
    assert [(r.row, r.reason) for r in door.quarantined] == [(1, "End is before the start")]


def test_real_organizations_come_as_a_list(source, make_payload, realdata):
    content = realdata(f"{FOLDER}/organizations.json").read_bytes()
    parsed = parse(stripped(make_payload, content, "organizations.json"), source)
    assert (parsed.tables["organizations"].num_rows, parsed.rejects) == (97, ())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nicht zugestimmt", "rejected"),
        ("Antrag nicht angenommen", "rejected"),
        ("geändert beschlossen", "amended"),
        ("ungeändert beschlossen", "adopted"),  # the usual word of ALLRIS
        ("ohne Änderungen angenommen", "adopted"),
        ("ungeändert beschlossen / überwiesen", "adopted"),
        ("überwiesen", "postponed"),
        (" ", None),
    ],
)
def test_categories(words, expected):
    assert fetch.category(words) == expected


def test_objects_of_another_type_in_a_list_are_rejected_and_their_names_not_kept(
    source, make_payload
):
    council = {"id": "https://rat.example/o/1", "type": "https://schema.oparl.org/1.0/Organization"}
    person = {**council, "id": "https://rat.example/p/1", "type": "…/1.0/Person", "name": PRIVATE}
    for resource in ("dump.json", "organizations/1/page/1"):
        payload = stripped(make_payload, listing({**council, "name": "Rat"}, person), resource)
        assert b"Mustermann" not in payload.content
        parsed = parse(payload, source)
        assert parsed.tables["organizations"].column("name").to_pylist() == ["Rat"]
        assert [r.row for r in parsed.rejects] == [2]


def test_what_other_systems_write(source, make_payload):
    """A single organisation as text, odd numbers; a clock without zone would be hours wrong."""
    numbers = ("Ö 1:", "§2", "1,2", "3*")
    agenda = [item(id=f"https://rat.example/i/{i}", number=n) for i, n in enumerate(numbers)]
    good = meeting(organization="https://rat.example/o/1", agendaItem=agenda)
    naive = [meeting(start="2025-05-01T16:00:00"), meeting(end="2025-05-01")]
    utc = meeting(start="2025-05-01T14:00:00Z", end=None)
    parsed = parse(stripped(make_payload, listing(good, *naive, utc)), source)
    assert parsed.tables["meetings"].column("organization_id").to_pylist()[0][-2:] == "/1"
    assert parsed.tables["meetings"].num_rows == 2
    assert [(r.row, r.reason) for r in parsed.rejects] == [
        (2, "starts_at has no offset from UTC"),
        (3, "ends_at has no offset from UTC"),
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"5", b"{}", b"[]", b"\xff"])
def test_broken_payloads_are_named(source, make_payload, content):
    with pytest.raises(PayloadError):
        parse(stripped(make_payload, content, "x.json"), source)


def test_round_trip(ask, source, world, check):
    payloads = ask("oparl", WINDOW)
    parsed = [parse(p, source) for p in payloads]
    assert any(p.resource.endswith("/page/2") for p in payloads)
    assert not any(p.rejects for p in parsed)
    meetings = [
        r for p in parsed if "meetings" in p.tables for r in p.tables["meetings"].to_pylist()
    ]
    items = [
        r for p in parsed if "meetings" in p.tables for r in p.tables["agenda_items"].to_pylist()
    ]
    assert sum(r["item_count"] for r in meetings) == len(items) > 200
    assert {r["meeting_id"] for r in items} == {r["meeting_id"] for r in meetings}
    assert all(WINDOW.start <= r["modified_at"] < WINDOW.end for r in meetings)
    assert all(c.success for p in parsed for c in check("oparl", p).checks)
    early = Window(datetime(2023, 7, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC))
    listed = parse(ask("oparl", early)[-1], source).tables["organizations"]
    assert listed.num_rows == len(demo.ORGANIZATIONS)


def test_demo_refuses_a_wrong_filter(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    assert client.get("/bodies/1/meetings?modified_since=x").status_code == 400


def checked(content, resource):
    """Any bytes give a table or a named error, never anything else."""
    payload = Payload(content, resource, "json", utc_now(), "real")
    try:
        parsed = parse(payload, registry.source("oparl"))
    except PayloadError:
        return
    answer = json.loads(content)
    items = answer["page"]["items"] if answer["resource"] == "meetings" else []
    assert parsed.count == len(answer["data"]) + len(items)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
KEYS = st.sampled_from(["id", "start", "agendaItem", "organization", "name", "type"])
RECORDS = st.lists(st.dictionaries(KEYS, SCALARS | st.lists(SCALARS)) | SCALARS, max_size=4)
RESOURCES = st.sampled_from(["meetings/1/page/1", "organizations/1/page/1", "x.json"])


@hypothesis_settings(deadline=None, max_examples=50)
@given(st.binary() | st.text().map(str.encode), RESOURCES)
def test_any_bytes(content, resource):
    checked(content, resource)
    checked(fetch.strip(content, resource, ""), resource)


@hypothesis_settings(deadline=None, max_examples=50)
@given(RECORDS, RESOURCES)
def test_any_json(records, resource):
    checked(fetch.strip(listing(*records), resource, ""), resource)
    for kind in fetch.KNOWN:
        page = {"items": records}
        checked(json.dumps({"resource": kind, "page": page, "data": records}).encode(), resource)


def test_people_and_papers_are_claimed_and_nothing_of_them_is_stored(make_payload, tmp_path):
    person = {"type": "https://schema.oparl.org/1.1/Person", "name": "Erika Mustermann"}
    content = json.dumps([person]).encode()
    path = tmp_path / "people.json"
    assert inbox.owner(path, content, tmp_path, registry.sources()) == "oparl"
    kept = fetch.strip(content, "inbox/people.json", "")
    assert b"Erika" not in kept
    with pytest.raises(PayloadError, match="no organisations, but Person"):
        parse(make_payload(kept), registry.source("oparl"))
