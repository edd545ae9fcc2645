"""adhocracy+: log-in, projects and ideas, reduced to counts before storing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import registry
from urbandata.contract import Payload
from urbandata.demo.participation import contributions
from urbandata.errors import ConfigError, FetchError, PayloadError
from urbandata.landing import utc_now
from urbandata.sources.adhocracy import demo, fetch
from urbandata.sources.adhocracy.parse import parse

PRIVATE = "Erika Mustermann, erika@example.org"
PLACE = "modules/12/page/1"
NEXT = "https://adhocracy.plus/api/modules/12/ideas/?page=2"


@pytest.fixture(scope="module")
def source():
    return registry.source("adhocracy")


def idea(**changed):
    return {
        "pk": 7,
        "name": PRIVATE,
        "description": PRIVATE,
        "creator": "erika",
        "image": PRIVATE,
        "created": "2024-05-01T18:21:09.123456+02:00",
        "comment_count": 3,
        "positive_rating_count": 12,
        "negative_rating_count": 2,
        "category": {"name": "Plauen"},
        **changed,
    }


def page(*ideas, link=None):
    return json.dumps({"count": len(ideas), "next": link, "results": list(ideas)}).encode()


def stripped(make_payload, content, resource=PLACE, key="k"):
    return make_payload(fetch.strip(content, resource, key), resource=resource)


def test_login_comes_first_and_is_not_stored(source, make_payload):
    (login,) = fetch.requests(None, source)
    assert (login.land, login.method) == (False, "POST")
    assert login.json == {"username": "{ADHOCRACY_USER}", "password": "{ADHOCRACY_PASSWORD}"}
    (projects,) = fetch.follow(login, make_payload(b'{"token": "abc1"}'), source)
    assert projects.headers == {"Authorization": "Token abc1"}
    for answer in (b"{}", b"x", b'{"token": 5}'):
        with pytest.raises(FetchError, match="log-in"):
            list(fetch.follow(login, make_payload(answer), source))


def test_ideas_follow_from_projects_and_pages(source, make_payload):
    (login,) = fetch.requests(None, source)
    (projects,) = fetch.follow(login, make_payload(b'{"token": "abc1"}'), source)
    listed = [{"pk": 1, "single_idea_collection_module": 12}, {"pk": 2}]
    payload = stripped(make_payload, json.dumps(listed).encode(), "projects")
    (first,) = fetch.follow(projects, payload, source)
    assert (first.resource, first.path) == (PLACE, "api/modules/12/ideas/")
    (second,) = fetch.follow(first, stripped(make_payload, page(idea(), link=NEXT)), source)
    assert (second.resource, second.path) == ("modules/12/page/2", NEXT)
    assert second.headers == {"Authorization": "Token abc1"}
    assert list(fetch.follow(second, stripped(make_payload, page()), source)) == []


def test_nothing_personal_survives(source, make_payload):
    payload = stripped(make_payload, page(idea(), idea(category={"name": PRIVATE})))
    assert b"Mustermann" not in payload.content
    assert b"erika" not in payload.content
    parsed = parse(payload, source)
    (row,) = parsed.tables["ideas"].to_pylist()
    assert row["created_at"].isoformat() == "2024-05-01T16:00:00+00:00"
    assert (row["comments"], row["positive_ratings"], row["negative_ratings"]) == (3, 12, 2)
    assert (row["module_id"], row["category"]) == ("12", "Plauen")
    assert [r.row for r in parsed.rejects] == [2]
    listed = json.dumps([{"pk": 1, "name": PRIVATE, "information": PRIVATE}]).encode()
    assert b"rika" not in fetch.strip(listed, "projects", "")


def test_authors_are_keyed_hashes(make_payload, source):
    def keys(key):
        payload = stripped(make_payload, page(idea(), idea(), idea(creator="paul")), key=key)
        return parse(payload, source).tables["ideas"].column("creator_key").to_pylist()

    first = keys("k")
    assert first[0] == first[1] != first[2]
    assert keys("other")[0] != first[0]
    with pytest.raises(ConfigError, match="set URBANDATA_PSEUDONYM_KEY"):
        fetch.strip(page(idea()), PLACE, "")


def test_faulty_records_and_empty_pages(source, make_payload):
    parsed = parse(stripped(make_payload, page(idea(pk=None), idea(created=1), 5, idea())), source)
    assert [r.row for r in parsed.rejects] == [1, 2, 3]
    assert parse(stripped(make_payload, page()), source).count == 0
    assert parse(stripped(make_payload, b"[]", "projects"), source).count == 0


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff", page(link="file:///x")])
def test_broken_payloads_are_named(source, make_payload, content):
    with pytest.raises(PayloadError):
        parse(stripped(make_payload, content), source)


def test_door_turns_away_impossible_counts(source, make_payload, check):
    wrong = page(idea(), idea(pk=8, comment_count=2_000_000))
    door = check("adhocracy", parse(stripped(make_payload, wrong), source))
    assert [r.row for r in door.quarantined] == [2]


def test_round_trip(ask, source, world, check):
    payloads = ask("adhocracy")
    assert payloads[0].resource == "projects"
    assert len(payloads) <= 60
    assert any(p.resource.endswith("/page/2") for p in payloads)
    parsed = [parse(p, source) for p in payloads]
    assert not any(p.rejects for p in parsed)
    rows = [r for p in parsed[1:] for r in p.tables["ideas"].to_pylist()]
    expected = contributions(world, "adhocracy")
    assert sorted(int(r["idea_id"]) for r in rows) == sorted(expected.number.tolist())
    assert sum(r["positive_ratings"] for r in rows) == expected.votes.sum()
    modules = parsed[0].tables["projects"].column("idea_module_id").to_pylist()
    assert {r["module_id"] for r in rows} <= set(modules)
    assert len({r["creator_key"] for r in rows}) < len(rows)
    assert all(c.success for p in parsed for c in check("adhocracy", p).checks)


def test_demo_demands_log_in_and_token(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    assert client.post("/api/login/", json={"username": "x", "password": "y"}).status_code == 400
    assert client.get("/api/app-projects/").status_code == 401
    wrong = client.get("/api/modules/3003/ideas/", headers={"Authorization": "Token x"})
    assert wrong.status_code == 401
    token = client.post("/api/login/", json={"username": "demo", "password": "demo"}).json()
    headers = {"Authorization": f"Token {token['token']}"}
    assert client.get("/api/modules/1/ideas/", headers=headers).status_code == 404
    listed = client.get("/api/modules/3003/ideas/?page=99", headers=headers)
    assert listed.status_code == 404


def checked(content, resource):
    """Any bytes give a table or a named error, never anything else."""
    payload = Payload(content, resource, "json", utc_now(), "real")
    try:
        parsed = parse(payload, registry.source("adhocracy"))
    except PayloadError:
        return
    assert parsed.count == len(json.loads(content)["data"])


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
KEYS = st.sampled_from(["pk", "created", "creator", "category", "comment_count"])
RECORDS = st.lists(st.dictionaries(KEYS, SCALARS) | SCALARS, max_size=4)


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.binary() | st.text().map(str.encode), st.sampled_from([PLACE, "projects"]))
def test_any_bytes(content, resource):
    checked(content, resource)
    checked(fetch.strip(content, resource, "k"), resource)


@hypothesis_settings(deadline=None, max_examples=60)
@given(RECORDS, st.sampled_from([PLACE, "projects"]))
def test_any_json(records, resource):
    checked(fetch.strip(page(*records), resource, "k"), resource)
    for kind in fetch.KNOWN:
        checked(json.dumps({"resource": kind, "page": {}, "data": records}).encode(), resource)
