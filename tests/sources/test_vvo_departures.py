"""Departures: boards, the archive of the demo city, and the register of stops."""

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
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.sources.vvo_departures import demo, fetch
from urbandata.sources.vvo_departures.parse import parse

REAL = "traffic/vvo/"


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


WEEK = Window(at(2025, 9, 8), at(2025, 9, 15, 12))


@pytest.fixture(scope="module")
def source():
    return registry.source("vvo_departures")


def board(*departures, **more) -> bytes:
    answer = {"Name": "Postplatz", "Status": {"Code": "Ok"}, "Departures": departures}
    return json.dumps(answer | more).encode()


def departure(**more):
    known = {"Id": "1", "LineName": "3", "Direction": "X", "Mot": "Tram", "State": "InTime"}
    times = {
        "ScheduledTime": "/Date(1487778180000+0100)/",
        "RealTime": "/Date(1487778279147+0100)/",
    }
    return known | times | {"Platform": {"Name": "2"}} | more


def rows(parsed, table="departures"):
    return parsed.tables[table].to_pylist()


# --- fetch -------------------------------------------------------------------------------------


def test_live_asks_every_stop_once(source):
    found = list(fetch.requests(WEEK, source))
    assert len(found) == len(source.options["stops"])
    assert (found[0].resource, found[0].path, found[0].method) == ("dm/33000028", "dm", "POST")
    assert found[0].json == {"stopid": "33000028", "limit": "40"}


def test_demo_asks_the_archive_too(source):
    request = list(fetch.requests(WEEK, source.as_demo()))[-1]
    assert (request.resource, request.path) == ("archive", "departures/archive")
    assert request.params == {"start": "2025-09-08T00:00:00Z", "end": "2025-09-15T12:00:00Z"}


# --- parse -------------------------------------------------------------------------------------


def test_times_are_milliseconds_since_1970(source, make_payload):
    bare = departure(ScheduledTime="/Date(1756123920000-0000)/", RealTime=None, Platform=None)
    parsed = parse(make_payload(board(departure(), bare), resource="dm/33000037"), source)
    first, second = rows(parsed)
    assert first["scheduled_at"] == at(2017, 2, 22, 15, 43)
    assert first["real_at"] == at(2017, 2, 22, 15, 44, 39, 147_000)
    assert (first["stop_id"], first["stop_name"], first["platform"]) == (
        "33000037",
        "Postplatz",
        "2",
    )
    assert second["scheduled_at"] == at(2025, 8, 25, 12, 12)
    assert (second["real_at"], second["platform"]) == (None, None)


@pytest.mark.parametrize("time", ["/Date(gestern)/", "2025-09-01T10:00:00", 7, {"a": 1}])
def test_other_times_are_turned_away(source, make_payload, time):
    parsed = parse(
        make_payload(board(departure(ScheduledTime=time), departure()), resource="dm/1"), source
    )
    assert [r.row for r in parsed.rejects] == [1]
    assert parsed.count == 2


def test_a_quiet_stop_is_empty(source, make_payload):
    quiet = json.dumps({"Name": "X", "Status": {"Code": "Ok"}}).encode()
    assert parse(make_payload(quiet, resource="dm/1"), source).count == 0
    assert parse(make_payload(board(), resource="dm/1"), source).count == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"Status": {"Code": "ServiceError", "Message": "no it"}}', "ServiceError: no it"),
        (b"{", "broken JSON"),
        (b"{}", "no Departures"),
        (b'{"Archive": 3}', "no JSON array"),
        (b"<html>", "neither departures"),
        (b"", "neither departures"),
        (b"id,numeric_id,x\n1,2,3\n", "columns missing"),
    ],
)
def test_other_bytes_are_refused(source, make_payload, content, message):
    with pytest.raises(PayloadError, match=message):
        parse(make_payload(content, resource="dm/1"), source)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text("abc;,\n\r", max_size=40).map(lambda t: ("Platz;PLA\n" + t).encode()),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5) | st.just("/Date(99999999999999)/"),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["Departures", "Archive", "Status", "Code", "ScheduledTime"]),
                    inner,
                )
            ),
            max_leaves=8,
        ).map(lambda v: json.dumps({"Departures": v}).encode()),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    payload = Payload(content, "dm/1", "json", at(2025, 9, 15), "real")
    try:
        parsed = parse(payload, registry.source("vvo_departures"))
    except PayloadError:
        return
    numbers = [r for t in parsed.tables.values() for r in t.column("_row").to_pylist()]
    assert len({*numbers, *(r.row for r in parsed.rejects)}) == parsed.count


def test_real_register(source, realdata, make_payload, check):
    content = realdata(REAL + "stations.csv").read_bytes()
    parsed = parse(make_payload(content, filename="stations.csv"), source)
    found = rows(parsed, "stops")
    assert (len(found), parsed.rejects) == (3913, ())
    assert len({r["dhid"] for r in found}) == 3913
    by_number = {r["stop_id"]: r for r in found}
    names = {s.id: s.name for s in demo.STOPS}
    assert {n: by_number[n]["name"] for n in source.options["stops"]} == names
    assert by_number["33000191"]["tram_lines"] == "12"
    assert all(c.success for c in check("vvo_departures", parsed).checks)


def test_real_abbreviations(source, realdata, make_payload):
    content = realdata(REAL + "abbreviations_dresden.csv").read_bytes()
    parsed = parse(make_payload(content, filename="abbreviations_dresden.csv"), source)
    found = rows(parsed, "abbreviations")
    assert (len(found), parsed.rejects) == (675, ())
    assert (found[1]["name"], found[1]["abbreviation"]) == ("Aachener Straße", "AAC")


def test_a_register_with_quotes_says_the_same(source, make_payload, tmp_path):
    head = ["id", "numeric_id", "name", "city", "name_with_city"]
    head += ["latitude", "longitude", "tram_lines", "bus_lines"]
    cells = ["de:14612:28", "33000028", "Hbf", "Dresden", "x", "51.04", "13.73", "3|7", "66"]
    content = "".join(",".join(f'"{c}"' for c in row) + "\n" for row in (head, cells)).encode()
    owner = inbox.owner(tmp_path / "s.csv", content, tmp_path, registry.sources())
    assert owner == "vvo_departures"
    (stop,) = parse(make_payload(content), source).tables["stops"].to_pylist()
    assert (stop["dhid"], stop["latitude"], stop["tram_lines"]) == ("de:14612:28", 51.04, "3|7")


def test_files_are_recognised(realdata, tmp_path):
    for name in ("stations.csv", "abbreviations_dresden.csv"):
        path = realdata(REAL + name)
        owner = inbox.owner(path, path.read_bytes(), path.parent, registry.sources())
        assert owner == "vvo_departures", name
    content = board(departure())
    for body in (content, content.replace(b"/", b"\\/")):  # as some programs write JSON
        owner = inbox.owner(tmp_path / "b.json", body, tmp_path, registry.sources())
        assert owner == "vvo_departures"


# --- demo --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_round_trip(source, world, ask, check):
    *boards, archive = [(p, parse(p, source)) for p in ask("vvo_departures", WEEK)]
    assert len(boards) == len(demo.STOPS)
    for payload, parsed in boards:
        found = rows(parsed)
        assert not parsed.rejects
        assert len(found) == 12
        assert {r["stop_id"] for r in found} == {payload.resource.removeprefix("dm/")}
        assert all(r["scheduled_at"] >= world.now() for r in found)
    _, parsed = archive
    assert not parsed.rejects
    stop = demo.STOPS[0]
    mine = [r for r in rows(parsed) if r["stop_id"] == stop.id and r["line"] == "3"]
    line, times = demo.sampled(world, stop, WEEK.start, WEEK.end)[0]
    delay, _, tracked = demo.delays(world, stop, line, times)
    assert [np.datetime64(r["scheduled_at"].replace(tzinfo=None), "m") for r in mine] == list(times)
    seen = [
        (r["real_at"] - r["scheduled_at"]).total_seconds() if r["real_at"] else None for r in mine
    ]
    assert seen == [d if k else None for d, k in zip(delay, tracked, strict=True)]
    assert all(c.success for c in check("vvo_departures", parsed).checks)


def test_board_and_archive_tell_the_same(world):
    stop = demo.STOPS[1]
    shown = {d["Id"]: d for d in demo.board(world, stop, 99)["Departures"]}
    later = type(world)(seed=world.seed, clock=lambda: at(2025, 9, 15, 15))
    past = json.loads(demo.archive_json(later, at(2025, 9, 15, 12), at(2025, 9, 15, 15)))
    both = [d for d in past["Archive"] if d["Id"] in shown]
    assert both
    for one in both:
        assert {k: one[k] for k in ("ScheduledTime", "State")} == {
            k: shown[one["Id"]][k] for k in ("ScheduledTime", "State")
        }
        assert one.get("RealTime") == shown[one["Id"]].get("RealTime")


def test_archive_holds_only_what_has_left(world):
    ahead = json.loads(demo.archive_json(world, at(2025, 9, 15, 11, 30), at(2026, 1, 1)))
    assert ahead["Archive"] == []


def test_delays_follow_traffic(world):
    stop, line = demo.STOPS[0], demo.STOPS[0].lines[0]
    times = world.steps(at(2025, 6, 1), at(2025, 9, 1), 60)
    delay, state, tracked = demo.delays(world, stop, line, times)
    busy = world.traffic(times) > 0.9
    assert np.median(delay[busy]) > np.median(delay[~busy]) + 10
    assert 0.03 < (state == 1).mean() < 0.3
    assert 0 < (~tracked).mean() < 0.1


@pytest.mark.parametrize("body", [b"", b"[]", b'{"limit": 3}', b'{"stopid": "1"}'])
def test_errors_come_as_a_status_inside(client, source, make_payload, body):
    answer = client.post("/dm", content=body)
    assert answer.status_code == 200
    with pytest.raises(PayloadError, match="Error"):
        parse(make_payload(answer.content, resource="dm/1"), source)


def test_first_fill_stays_small(source):
    days = (at(2026, 11, 30) - at(2023, 7, 1)).days
    assert days * 20 * len(demo.STOPS) < 155_000
    windows = -(-days // source.window.size.days)
    assert windows * (len(demo.STOPS) + 1) <= 60
