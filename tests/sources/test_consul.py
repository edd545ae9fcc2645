"""CONSUL: pages over GraphQL and an exported file, reduced to counts before storing."""

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
from urbandata.errors import FetchError, PayloadError
from urbandata.landing import utc_now
from urbandata.sources.consul import demo, fetch
from urbandata.sources.consul.parse import parse

PRIVATE = "Erika Mustermann, erika@example.org"


@pytest.fixture(scope="module")
def source():
    return registry.source("consul")


def page(kind="proposals", *nodes, more=False, cursor="MjU"):
    listed = {
        "pageInfo": {"hasNextPage": more, "endCursor": cursor},
        "edges": [{"node": n} for n in nodes],
    }
    data = {"budget": {"investments": listed}} if kind == "investments" else {kind: listed}
    return json.dumps({"data": data}).encode()


def node(**changed):
    return {
        "id": 7,
        "title": PRIVATE,
        "summary": PRIVATE,
        "public_author": {"username": PRIVATE},
        "public_created_at": "2024-05-01 18:00:00 +0200",
        "cached_votes_up": 12,
        "comments_count": 3,
        "geozone": {"name": "Plauen", "note": PRIVATE},
        **changed,
    }


def stripped(make_payload, content, resource="proposals/page/1"):
    return make_payload(fetch.strip(content, resource, ""), resource=resource)


def test_requests_keep_to_the_limits(source, make_payload):
    asked = list(fetch.requests(None, source))
    assert [r.resource for r in asked] == ["proposals/page/1", "debates/page/1", "budgets"]
    assert all(r.method == "POST" and r.path == "graphql" for r in asked)
    assert asked[0].json["variables"] == {"first": 25, "after": None}
    assert all("title" not in r.json["query"] and "author" not in r.json["query"] for r in asked)
    assert all(demo._violation(r.json["query"]) is None for r in asked)


def test_next_page_goes_on_at_the_cursor(source, make_payload):
    first = next(iter(fetch.requests(None, source)))
    payload = stripped(make_payload, page("proposals", node(), more=True))
    (second,) = fetch.follow(first, payload, source)
    assert second.resource == "proposals/page/2"
    assert second.json["variables"]["after"] == "MjU"
    with pytest.raises(FetchError, match="not where"):
        list(fetch.follow(second, payload, source))
    assert list(fetch.follow(first, stripped(make_payload, page()), source)) == []


def test_errors_with_status_200_fail_the_fetch(source, make_payload):
    payload = stripped(make_payload, b'{"errors": [{"message": "too deep, ask a@b.de"}]}')
    assert b"a@b.de" not in payload.content
    with pytest.raises(FetchError, match="too deep"):
        list(fetch.follow(next(iter(fetch.requests(None, source))), payload, source))
    with pytest.raises(PayloadError, match="too deep"):
        parse(payload, source)


def test_nothing_personal_survives(source, make_payload):
    payload = stripped(make_payload, page("proposals", node(geozone={"name": PRIVATE}), node()))
    assert b"Mustermann" not in payload.content
    assert b"erika" not in payload.content
    parsed = parse(payload, source)
    (row,) = parsed.tables["contributions"].to_pylist()
    assert (row["kind"], row["external_id"], row["votes"], row["comments"]) == (
        "proposal",
        "7",
        12,
        3,
    )
    assert (row["created_at"].hour, row["geozone"]) == (16, "Plauen")
    assert [(r.row, r.reason[:8]) for r in parsed.rejects] == [(1, "geozone:")]


def test_record_without_id_or_time_is_turned_away(source, make_payload):
    wrong = [node(id=None), node(public_created_at=None), "text", node()]
    parsed = parse(stripped(make_payload, page("proposals", *wrong)), source)
    assert [r.row for r in parsed.rejects] == [1, 2, 3]
    assert parsed.tables["contributions"].num_rows == 1


def test_debates_and_investments(source, make_payload):
    debate = stripped(make_payload, page("debates", node(cached_votes_total=9)), "debates/page/1")
    assert parse(debate, source).tables["contributions"].to_pylist()[0]["votes"] == 9
    given = node(feasibility="feasible", heading={"name": "Blasewitz"})
    payload = stripped(make_payload, page("investments", given), "investments/3/page/1")
    (row,) = parse(payload, source).tables["contributions"].to_pylist()
    assert (row["kind"], row["state"], row["geozone"]) == ("investment", "feasible", "Blasewitz")


def test_real_file_of_decide_madrid(source, make_payload, realdata, check):
    content = realdata("participation/decide-madrid/proposals.csv").read_bytes()
    payload = make_payload(fetch.strip(content, "proposals.csv", ""), filename="proposals.csv")
    for word in ("limpiar", "Limpiar", "calles", "userId", "9884"):
        assert word.encode() in content
        assert word.encode() not in payload.content
    parsed = parse(payload, source)
    table = parsed.tables["contributions"]
    assert (table.num_rows, parsed.rejects) == (80, ())
    first = table.to_pylist()[0]
    assert (first["external_id"], first["votes"], first["comments"]) == ("7", 6560, 188)
    assert (first["created_precision"], first["state"]) == ("day", "archived")
    assert all(c.success for c in check("consul", parsed).checks)


HEAD = b"id,url,code,title,userId,date,summary,text,numComments,status,numSupports\n"


@pytest.mark.parametrize(
    "content",
    [
        HEAD + b'1,u,M,t,1,2019-01-02,s,"cut',
        b"",
        b"a,b\n1,2\n",
        b"{",
        b'{"data": {}}',
        b"[1]",
        b"\xff\x00",
    ],
)
def test_broken_payloads_are_named(source, make_payload, content):
    with pytest.raises(PayloadError):
        parse(stripped(make_payload, content, "x.json"), source)


def test_door_turns_away_impossible_counts(source, make_payload, check):
    wrong = page("proposals", node(), node(cached_votes_up=6_000_000))
    door = check("consul", parse(stripped(make_payload, wrong), source))
    assert [r.row for r in door.quarantined] == [2]


def test_round_trip(ask, source, world, check):
    payloads = ask("consul")
    assert 30 < len(payloads) <= 60
    parsed = [parse(p, source) for p in payloads]
    assert not any(p.rejects for p in parsed)
    rows = [r for p in parsed for t in p.tables.values() for r in t.to_pylist()]
    expected = contributions(world, "consul")
    assert len(rows) == expected.number.size
    assert {r["kind"] for r in rows} == {"proposal", "debate", "investment"}
    assert sum(r["votes"] for r in rows) == expected.votes.sum()
    assert sum(r["comments"] for r in rows) == expected.comments.sum()
    assert max(r["created_at"] for r in rows) <= world.now()
    assert {(r["created_at"].minute, r["created_at"].second) for r in rows} == {(0, 0)}
    assert all(c.success for p in parsed if p.tables for c in check("consul", p).checks)
    assert payloads[3].content == ask("consul")[3].content


def test_demo_refuses_what_the_service_refuses(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    deep = "{ a " * 10 + "}" * 10
    many = "{ proposals { edges { node { id } } } debates { edges { node { id } } } budgets { x } }"
    for query, words in ((deep, "depth"), (many, "complexity"), ("{", "Parse error")):
        answer = client.get("/graphql", params={"query": query})
        assert answer.status_code == 200
        assert words in answer.json()["errors"][0]["message"]
    assert client.post("/graphql", content=b"x").status_code == 400
    asked = {"query": "{ proposals { edges { node { id } } } }", "variables": {"first": 100}}
    assert len(client.post("/graphql", json=asked).json()["data"]["proposals"]["edges"]) == 25


def checked(content, resource):
    """Any bytes give a table or a named error, never anything else."""
    payload = Payload(content, resource, "json", utc_now(), "real")
    try:
        parsed = parse(payload, registry.source("consul"))
    except PayloadError:
        return
    answer = json.loads(content)
    listed = 0 if answer["resource"] == "budgets" else len(answer["data"])
    assert parsed.count == listed


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.binary() | st.text().map(str.encode), st.sampled_from(["proposals/page/1", "x.csv"]))
def test_any_bytes(content, resource):
    checked(content, resource)
    checked(fetch.strip(content, resource, ""), resource)


@hypothesis_settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", "public_created_at", "geozone", "x"]), SCALARS)
        | SCALARS,
        max_size=4,
    ),
    st.sampled_from(["proposals", "debates", "budgets", "file", "x"]),
)
def test_any_json(records, kind):
    checked(fetch.strip(page(kind, *records), f"{kind}/page/1", ""), kind)
    checked(json.dumps({"resource": kind, "page": {}, "data": records}).encode(), kind)
