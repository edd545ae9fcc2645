"""Link checks: which links are due, and one polite question for each."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from tests.conftest import NOW

from urbandata import links, registry
from urbandata.contract import Payload, Request
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.link_checks import demo, fetch
from urbandata.sources.link_checks.parse import parse
from urbandata.transport import Transport

SOURCE = registry.source("link_checks")
ADDRESS = "https://a.example/data.csv"


@pytest.fixture
def listed(settings):
    """A bronze file of a catalogue with these addresses, and one of earlier checks."""

    def write(urls, checks=(), fetched_at=NOW):
        def put(folder, table):
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, folder / "p.parquet")

        stamp = pa.timestamp("us", tz="UTC")
        put(
            settings.data_dir / "bronze/ckan/resources",
            pa.table(
                {
                    "access_url": pa.array(urls, pa.string()),
                    "download_url": pa.nulls(len(urls), pa.string()),
                    "_origin": ["demo"] * len(urls),
                    "_fetched_at": pa.array([fetched_at] * len(urls), stamp),
                }
            ),
        )
        if checks:
            found, status, days = zip(*checks, strict=True)
            put(
                settings.data_dir / "bronze/link_checks/checks",
                pa.table(
                    {
                        "url": found,
                        "status": pa.array(status, pa.int64()),
                        "checked_at": pa.array([NOW - timedelta(days=d) for d in days], stamp),
                        "_origin": ["demo"] * len(found),
                    }
                ),
            )

    return write


def test_due_are_new_links_and_old_results(settings, listed):
    urls = [f"https://a.example/{n}" for n in ("new", "good", "old", "bad", "lately")]
    listed([*urls, None, urls[0]], [(urls[1], 200, 5), (urls[2], 200, 40), (urls[3], 404, 5),
                                    (urls[3], 200, 50), (urls[4], 500, 1)])  # fmt: skip
    found = links.due(SOURCE, settings, NOW)
    assert found == [urls[0], urls[2], urls[3]], "those never checked come first, then the oldest"
    few = SOURCE.model_copy(update={"options": {**SOURCE.options, "per_run": 1}})
    assert links.due(few, settings, NOW) == [urls[0]]
    assert links.due(SOURCE, dataclasses.replace(settings, mode="live"), NOW) == []


def test_links_no_catalogue_lists_any_more_are_left_alone(settings, listed):
    assert links.due(SOURCE, settings, NOW) == []
    listed([ADDRESS], fetched_at=NOW - timedelta(days=20))
    assert links.due(SOURCE, settings, NOW) == []


@pytest.mark.parametrize(
    ("url", "public"),
    [
        (ADDRESS, True),
        ("http://8.8.8.8/x", True),
        ("ftp://a.example/x", False),
        ("http://localhost:8501/", False),
        ("http://127.0.0.1/", False),
        ("http://169.254.169.254/latest", False),
        ("http://[::1]/", False),
        ("http://[broken", False),
        ("http://nas.local/", False),
        ("mailto:amt@dresden.example", False),
    ],
)
def test_only_public_addresses_are_asked(url, public):
    assert links.is_public(url) is public


def answered(handler, urls, **options):
    client = httpx.Client(transport=httpx.MockTransport(handler), follow_redirects=True)
    transport = Transport(SOURCE, "https://x.example", client=client, **options)
    pairs = tuple((u, u) for u in urls)
    answer = transport.ask(Request("links/1", "", probes=pairs))
    return [json.loads(line) for line in answer.content.splitlines()]


def test_every_answer_and_every_failure_is_a_result():
    asked = []

    def handler(request):
        asked.append((request.method, request.url.path))
        match request.url.path:
            case "/moved":
                return httpx.Response(302, headers={"location": "https://other.example/fine"})
            case "/nohead":
                return httpx.Response(405 if request.method == "HEAD" else 200)
            case "/late":
                raise httpx.ReadTimeout("late")
            case "/dead":
                raise httpx.ConnectError("no such host")
            case path:
                return httpx.Response(404 if path == "/gone" else 200)

    names = ("fine", "gone", "moved", "nohead", "late", "dead")
    found = answered(handler, [f"https://a.example/{n}" for n in names], pace=False)
    assert [f["status"] for f in found] == [200, 404, 200, 200, None, None]
    assert [f["error"] for f in found] == [None, None, None, None, "timeout", "network"]
    assert ("GET", "/nohead") in asked
    assert asked.count(("HEAD", "/late")) == 1, "a question is not repeated"


def test_the_pace_is_kept():
    waited = []
    urls = [f"https://a.example/{n}" for n in range(3)]
    answered(lambda _: httpx.Response(200), urls, sleep=waited.append)
    assert len(waited) == 2
    assert all(w > 1.5 for w in waited)


def test_without_a_network_nothing_is_called_broken():
    def handler(request):
        raise httpx.ConnectError("offline")

    with pytest.raises(FetchError, match="none of 3 addresses"):
        answered(handler, [f"https://a.example/{n}" for n in range(3)], pace=False)


def test_round_trip_through_the_demo_city(world, check):
    due = [f"https://opendata.demostadt.example/data/{n}.csv?x=1" for n in range(120)]
    options = {**SOURCE.as_demo().options, "due": due}
    source = SOURCE.model_copy(update={"options": options})
    app = Starlette(routes=[Mount("/link_checks", routes=demo.routes(world))])
    client = TestClient(app, base_url="http://testserver")
    transport = Transport(source, "http://testserver/link_checks", client=client, pace=False)
    requests = list(fetch.requests(None, source))
    assert [len(r.probes) for r in requests] == [50, 50, 20]
    states = []
    for request in requests:
        answer = transport.ask(request)
        parsed = parse(Payload(answer.content, request.resource, "jsonl", NOW, "demo"), source)
        assert not check("link_checks", parsed).quarantined
        states += parsed.tables["checks"].to_pylist()
    assert [s["url"] for s in states] == due
    assert {s["status"] for s in states} == {200, 404, 500}
    assert sum(s["status"] == 200 for s in states) > 95


def test_a_line_that_is_no_json_is_named(make_payload):
    good = json.dumps({"url": ADDRESS, "status": 200, "checked_at": "2025-01-01T00:00:00Z"})
    with pytest.raises(PayloadError, match="line 2"):
        parse(make_payload(f"{good}\n{{".encode()), SOURCE)
    parsed = parse(make_payload(f'{good}\n{{"url": null}}'.encode()), SOURCE)
    assert [r.row for r in parsed.rejects] == [2]


@given(st.binary() | st.lists(st.text()).map("\n".join).map(str.encode))
def test_any_bytes_give_rows_or_a_named_error(content):
    try:
        parsed = parse(Payload(content, "links/1", "jsonl", NOW, "real"), SOURCE)
    except PayloadError as error:
        assert str(error)
    else:
        assert parsed.count > 0
