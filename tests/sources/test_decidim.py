"""Decidim: processes and proposals over GraphQL, reduced to counts before storing."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import registry
from urbandata.contract import Payload
from urbandata.demo.participation import contributions, procedures
from urbandata.errors import FetchError, PayloadError
from urbandata.landing import utc_now
from urbandata.sources.decidim import demo, fetch
from urbandata.sources.decidim.parse import parse

PRIVATE = "Erika Mustermann, erika@example.org"
PLACE = "processes/12/components/3/page/1"


@pytest.fixture(scope="module")
def source():
    return registry.source("decidim")


def page(*nodes, more=False, cursor="MTAw"):
    listed = {"pageInfo": {"hasNextPage": more, "endCursor": cursor}, "nodes": list(nodes)}
    return json.dumps({"data": {"component": {"id": "3", "proposals": listed}}}).encode()


def processes(*listed):
    return json.dumps({"data": {"participatoryProcesses": list(listed)}}).encode()


def process(**changed):
    return {
        "id": "12",
        "slug": "radweg-elbe",
        "title": {"translations": [{"locale": "de", "text": PRIVATE}]},
        "startDate": "2024-05-01",
        "endDate": "2024-06-30",
        "steps": [{"id": "1", "active": False}, {"id": "2", "active": True}],
        "components": [
            {"id": "3", "__typename": "Proposals"},
            {"id": "4", "__typename": "Meetings"},
        ],
        **changed,
    }


def node(**changed):
    return {
        "id": "7",
        "title": {"translations": [{"locale": "de", "text": PRIVATE}]},
        "author": {"name": PRIVATE},
        "state": "accepted",
        "voteCount": 12,
        "totalCommentsCount": 3,
        "publishedAt": "2024-05-01T18:23:11+02:00",
        "createdAt": "2024-05-01T18:21:09+02:00",
        "scope": {"name": {"translation": "<p>S&uuml;dvorstadt</p>"}},
        **changed,
    }


def stripped(make_payload, content, resource=PLACE):
    return make_payload(fetch.strip(content, resource, ""), resource=resource)


def test_proposals_follow_from_the_processes(source, make_payload):
    (first,) = fetch.requests(None, source)
    assert (first.method, first.path, first.resource) == ("POST", "api", "processes")
    payload = stripped(make_payload, processes(process(), process(id="13")), "processes")
    one, two = fetch.follow(first, payload, source)
    assert (one.resource, two.resource[:13]) == (PLACE, "processes/13/")
    assert one.json["variables"] == {"component": "3", "first": 50, "after": None}
    assert "title" not in one.json["query"]
    payload = stripped(make_payload, page(node(), more=True))
    (second,) = fetch.follow(one, payload, source)
    assert second.json["variables"]["after"] == "MTAw"
    assert second.resource.endswith("/page/2")
    with pytest.raises(FetchError, match="not where"):
        list(fetch.follow(second, payload, source))


def test_errors_with_status_200_fail_the_fetch(source, make_payload):
    payload = stripped(make_payload, b'{"errors": [{"message": "no, ask a@b.de"}]}')
    assert b"a@b.de" not in payload.content
    with pytest.raises(FetchError, match="no, ask"):
        list(fetch.follow(next(iter(fetch.requests(None, source))), payload, source))
    with pytest.raises(PayloadError, match="no, ask"):
        parse(payload, source)


def test_nothing_personal_survives(source, make_payload):
    wrong = node(state=PRIVATE, slug=PRIVATE)
    for content in (page(node(), wrong), processes(process(), process(slug=PRIVATE))):
        payload = stripped(make_payload, content)
        assert b"Mustermann" not in payload.content
        assert b"erika" not in payload.content
        parsed = parse(payload, source)
        assert [r.row for r in parsed.rejects] == [2]


def test_proposal_in_plain_words(source, make_payload):
    payload = stripped(make_payload, page(node(), node(voteCount=None, scope=None)))
    shown, hidden = parse(payload, source).tables["contributions"].to_pylist()
    assert shown["created_at"].isoformat() == "2024-05-01T16:00:00+00:00"
    assert (shown["scope"], shown["votes"], shown["process_id"]) == ("Südvorstadt", 12, "12")
    assert (hidden["votes"], hidden["comments"], hidden["scope"]) == (None, 3, None)


def test_process_has_its_active_step(source, make_payload):
    payload = stripped(make_payload, processes(process(), process(steps=None)), "processes")
    one, none = parse(payload, source).tables["processes"].to_pylist()
    assert (one["step_count"], one["active_step"], one["slug"]) == (2, 2, "radweg-elbe")
    assert (none["step_count"], none["active_step"]) == (0, None)


def test_empty_and_faulty_records(source, make_payload):
    assert parse(stripped(make_payload, page()), source).count == 0
    assert parse(stripped(make_payload, processes(), "processes"), source).count == 0
    wrong = [node(id=None), node(createdAt="gestern"), None, node()]
    parsed = parse(stripped(make_payload, page(*wrong)), source)
    assert [r.row for r in parsed.rejects] == [1, 2, 3]


@pytest.mark.parametrize("content", [b"", b"{", b'{"data": {"component": null}}', b"[1]", b"\xff"])
def test_broken_payloads_are_named(source, make_payload, content):
    with pytest.raises(PayloadError):
        parse(stripped(make_payload, content), source)


def test_door_turns_away_an_end_before_the_begin(source, make_payload, check):
    listed = processes(process(), process(id="13", endDate="2024-04-30"), process(endDate=None))
    door = check("decidim", parse(stripped(make_payload, listed, "processes"), source))
    assert [(r.row, r.reason) for r in door.quarantined] == [(2, "End is before the start")]


def test_round_trip(ask, source, world, check):
    payloads = ask("decidim")
    assert 20 < len(payloads) <= 60
    parsed = [parse(p, source) for p in payloads]
    assert not any(p.rejects for p in parsed)
    known = parsed[0].tables["processes"].to_pylist()
    mine = [p for p in procedures(world) if p.platform == "decidim"]
    assert [int(r["process_id"]) for r in known] == [p.number for p in mine]
    rows = [r for p in parsed[1:] for r in p.tables["contributions"].to_pylist()]
    expected = contributions(world, "decidim")
    assert Counter(int(r["external_id"]) for r in rows) == Counter(expected.number.tolist())
    assert {r["process_id"] for r in rows} <= {r["process_id"] for r in known}
    assert sum(r["comments"] for r in rows) == expected.comments.sum()
    hidden = sum(r["votes"] is None for r in rows)
    assert 0 < hidden < len(rows) / 2
    boroughs = {d.borough_name for d in world.districts}
    assert {r["scope"] for r in rows} <= boroughs
    assert max(r["created_at"] for r in rows) <= world.now()
    assert all(c.success for p in parsed for c in check("decidim", p).checks)


def test_demo_wants_json(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    answer = client.post("/api", content=b"x", headers={"content-type": "text/plain"})
    assert "query" in answer.json()["errors"][0]["message"]
    body = {"query": fetch.PROPOSALS, "variables": {"component": "1"}}
    assert client.post("/api", json=body).json() == {"data": {"component": None}}


def checked(content):
    """Any bytes give a table or a named error, never anything else."""
    payload = Payload(content, PLACE, "json", utc_now(), "real")
    try:
        parsed = parse(payload, registry.source("decidim"))
    except PayloadError:
        return
    assert parsed.count == len(json.loads(content)["data"])


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
KEYS = st.sampled_from(["id", "createdAt", "scope", "steps", "components", "x"])
RECORDS = st.lists(st.dictionaries(KEYS, SCALARS | st.lists(SCALARS)) | SCALARS, max_size=4)


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes(content):
    checked(content)
    checked(fetch.strip(content, PLACE, ""))


@hypothesis_settings(deadline=None, max_examples=60)
@given(RECORDS, st.sampled_from(["processes", "proposals", "x"]))
def test_any_json(records, kind):
    checked(fetch.strip(page(*records), PLACE, ""))
    checked(fetch.strip(processes(*records), "processes", ""))
    checked(json.dumps({"resource": kind, "page": {}, "data": records}).encode())
