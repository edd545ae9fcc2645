"""Matomo: what is asked, empty days, the token, and the way through the demo portal."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.conftest import NOW

from urbandata import registry
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.sources.matomo import demo, fetch
from urbandata.sources.matomo.parse import parse

SOURCE = registry.source("matomo")
MONTH = Window(datetime(2025, 7, 31, 22, tzinfo=UTC), datetime(2025, 8, 31, 22, tzinfo=UTC))
FILE = {"label": "x.example/a.csv", "url": "https://x.example/a.csv?name=muster", "nb_visits": 3}


def read(answer, make_payload, resource="visits/x"):
    content = fetch.strip(json.dumps(answer).encode(), resource, "k")
    return parse(make_payload(content, resource=resource), SOURCE)


def rows(parsed, table):
    return parsed.tables[table].to_pylist()


def test_local_days_of_the_window_are_asked():
    visits, downloads = fetch.requests(MONTH, SOURCE)
    assert visits.params["date"] == downloads.params["date"] == "2025-08-01,2025-08-31"
    assert (visits.params["method"], downloads.params["method"]) == (
        "VisitsSummary.get",
        "Actions.getDownloads",
    )
    assert visits.headers == {"Authorization": "Bearer {MATOMO_TOKEN}"}
    assert "token" not in " ".join([*visits.params, *visits.params.values()]).lower()
    (now, _) = fetch.requests(Window(NOW, NOW), SOURCE)
    assert now.params["date"] == "2025-09-15,2025-09-15"


def test_days_without_visits_are_zero(make_payload):
    counted = {"nb_visits": 120, "nb_uniq_visitors": 100, "nb_actions": 300, "bounce_rate": "40%"}
    parsed = read({"2025-08-01": counted, "2025-08-02": []}, make_payload)
    first, second = rows(parsed, "visits")
    assert (first["day"], first["visits"], first["bounces"]) == (date(2025, 8, 1), 120, None)
    assert (second["day"], second["visits"], second["unique_visitors"]) == (date(2025, 8, 2), 0, 0)


def test_downloads_lose_the_query_of_their_address(make_payload):
    parsed = read(
        {"2025-08-01": [{**FILE, "nb_hits": 5}], "2025-08-02": []}, make_payload, "downloads/x"
    )
    (row,) = rows(parsed, "downloads")
    assert (row["url"], row["visits"], row["hits"]) == ("https://x.example/a.csv", 3, 5)
    empty = read({"2025-08-02": []}, make_payload, "downloads/x")
    assert (empty.count, list(empty.tables)) == (0, ["downloads"])


def test_a_report_in_levels_is_not_taken_for_files(make_payload):
    group = {"label": "x.example", "nb_visits": 9, "nb_hits": 9, "idsubdatatable": 1}
    parsed = read({"2025-08-01": [group, {**FILE, "nb_hits": 5}]}, make_payload, "downloads/x")
    assert [r["hits"] for r in rows(parsed, "downloads")] == [5]
    assert "flat=1" in parsed.rejects[0].reason


def test_nothing_personal_survives():
    answer = {"2025-08-01": [{**FILE, "userId": "muster", "label": "x/muster@dresden.de.csv"}]}
    for content in (json.dumps(answer).encode(), b"muster", b'["muster"]'):
        assert b"uster" not in fetch.strip(content, "x", "k")


def test_broken_records_are_rejected(make_payload):
    answer = {
        "2025-08-01": [{**FILE, "nb_hits": "viele"}, 7],
        "gestern": [FILE],
        "2025-08-02": [FILE],
    }
    parsed = read(answer, make_payload, "downloads/x")
    assert [r.row for r in parsed.rejects] == [1, 2, 3]
    assert "viele" in parsed.rejects[0].reason
    assert parsed.count == 4


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"{", "broken JSON"),
        (b"[]", "no object of days"),
        (b'{"result":"error","message":"kein Zugriff"}', "kein Zugriff"),
        (b'{"2025-08-01":[]}', "nothing tells"),
    ],
)
def test_useless_payload_says_why(make_payload, content, hint):
    for variant in (content, fetch.strip(content, "x", "k")):
        with pytest.raises(PayloadError, match=hint):
            parse(make_payload(variant), SOURCE)


def test_round_trip_through_the_demo(ask, check, world):
    payloads = ask("matomo", MONTH)
    visits, downloads = (parse(p, SOURCE) for p in payloads)
    days = rows(visits, "visits")
    assert [r["day"] for r in days] == [date(2025, 8, 1) + timedelta(days=n) for n in range(31)]
    workdays = [r["visits"] for r in days if world.is_workday(r["day"])]
    weekends = [r["visits"] for r in days if not world.is_workday(r["day"])]
    assert min(len(workdays), len(weekends)) > 5
    assert sum(workdays) / len(workdays) > 1.5 * sum(weekends) / len(weekends)
    files = rows(downloads, "downloads")
    assert 10 * 31 < len(files) < 60 * 31
    assert {f["day"] for f in files} == {r["day"] for r in days}
    for parsed in (visits, downloads):
        result = check("matomo", parsed)
        assert (result.held, result.quarantined, parsed.rejects) == ("", [], ())


def test_demo_days_do_not_depend_on_when_they_are_asked(world):
    from urbandata.demo.world import World

    later = World(seed=world.seed, clock=lambda: NOW + timedelta(days=90))
    day = date(2025, 8, 5)

    def served(at):
        return demo._downloads(at, day, demo._known(at)), demo.visits(at, day)

    assert served(world) == served(later)
    assert len(served(world)[0]) > 10
    assert demo.visits(world, NOW.date() + timedelta(days=1)) == 0
    assert 0 < demo.visits(world, NOW.date()) < demo.visits(later, NOW.date())


def test_demo_demands_the_token(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    (first, _) = fetch.requests(MONTH, SOURCE)
    assert client.get("/index.php", params=first.params).status_code == 401
    headers = {"Authorization": "Bearer demo"}
    assert client.get("/index.php", params=first.params, headers=headers).status_code == 200
    for wrong in ({"method": "Live.getLastVisitsDetails"}, {"date": "gestern"}, {"period": "week"}):
        reply = client.get("/index.php", params={**first.params, **wrong}, headers=headers)
        assert (reply.status_code, reply.json()["result"]) == (200, "error")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(
            st.sampled_from(["2025-08-01", "label", "nb_visits", "nb_hits", "result"]), below
        )
    ),
    max_leaves=15,
)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120) | json_values.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_give_tables_or_a_named_error(content):
    for variant in (content, fetch.strip(content, "x", "k")):
        try:
            parsed = parse(Payload(variant, "visits/x", "json", NOW, "real"), SOURCE)
        except PayloadError:
            continue
        (table,) = parsed.tables.values()
        places = table.column("_row").to_pylist() + [r.row for r in parsed.rejects]
        assert sorted(places) == list(range(1, parsed.count + 1))
