"""SensorThings: things, datastreams and observations, from JSON and RDF, real and demo."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.sensorthings import demo, fetch
from urbandata.sources.sensorthings import parse as parsing
from urbandata.sources.sensorthings.parse import parse

REAL = "environment/sensorthings/hamburg-ldes-results.ttl"
SUBJECT = "<https://iot.example/v1.1/Observations({})>"
STAPI = "<https://example.org/stapi#{}>"


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


DAY = Window(at(2025, 9, 14), at(2025, 9, 15))


@pytest.fixture(scope="module")
def source():
    return registry.source("sensorthings")


@pytest.fixture
def small_pages(source, monkeypatch):
    """The source with 40 observations a page."""
    merged = source.model_copy(update={"options": {"top": 40}, "demo_options": {}})
    monkeypatch.setattr(registry, "source", lambda name: merged)
    return merged


def thing(number=1, streams=(), location=None, **more):
    location = location or {"type": "Point", "coordinates": [13.7, 51.0]}
    places = [{"@iot.id": 1, "encodingType": "application/geo+json", "location": location}]
    return {
        "@iot.id": number,
        "name": f"T{number}",
        "Locations": places,
        "Datastreams": streams,
    } | more


def stream(number=1, **more):
    unit = {"name": "Millimeter", "symbol": "mm"}
    named = {"@iot.id": number, "name": f"D{number}", "unitOfMeasurement": unit}
    return {**named, "ObservedProperty": {"name": "Niederschlag"}, **more}


def observation(number=1, when="2025-07-01T10:00:00Z/2025-07-01T10:10:00Z", result=0.4, **more):
    made = "2025-07-01T10:10:05.25Z"
    return {"@iot.id": number, "phenomenonTime": when, "resultTime": made, "result": result, **more}


def collection(*records, **more) -> bytes:
    return json.dumps({**more, "value": records}).encode()


def triples(number, **properties) -> bytes:
    lines = [f'{SUBJECT.format(number)} {STAPI.format(k)} "{v}" .' for k, v in properties.items()]
    return "\n".join([*lines, "", ""]).encode()


def observed(parsed):
    return parsed.tables["observations"].to_pylist()


# --- fetch -------------------------------------------------------------------------------------


def test_things_are_asked_first(source):
    (request,) = fetch.requests(DAY, source)
    assert (request.resource, request.path) == ("things", "Things")
    assert request.params == {"$expand": "Locations,Datastreams($expand=ObservedProperty)"}


def test_observations_of_each_datastream_follow(source, make_payload):
    (first,) = fetch.requests(DAY, source)
    answer = collection(thing(1, [stream(7), stream("o'x")]), thing(2, [stream(7)]))
    seven, text = fetch.follow(first, make_payload(answer), source)
    assert seven.resource == "datastreams/7"
    assert seven.path == "Datastreams(7)/Observations"
    assert text.path == "Datastreams('o''x')/Observations"
    assert seven.params == {
        "$filter": "phenomenonTime ge 2025-09-14T00:00:00Z"
        " and phenomenonTime lt 2025-09-15T00:00:00Z",
        "$orderby": "phenomenonTime asc",
        "$top": "1000",
    }


def test_next_links_are_followed_and_pages_named(source, make_payload):
    answer = make_payload(collection(**{"@iot.nextLink": "http://x/v1.1/next"}))
    (second,) = fetch.follow(Request("datastreams/7", "p"), answer, source)
    (third,) = fetch.follow(second, answer, source)
    assert (second.path, dict(second.params)) == ("http://x/v1.1/next", {})
    assert [second.resource, third.resource] == ["datastreams/7/page/2", "datastreams/7/page/3"]


def test_next_page_of_things_keeps_the_window(source, make_payload):
    (first,) = fetch.requests(DAY, source)
    answer = collection(thing(1, [stream(7)]), **{"@iot.nextLink": "http://x/v1.1/next"})
    _, page = fetch.follow(first, make_payload(answer), source)
    (nine,) = fetch.follow(page, make_payload(collection(thing(2, [stream(9)]))), source)
    assert (page.resource, nine.resource) == ("things/page/2", "datastreams/9")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>", "not JSON"),
        (b"[]", "no list 'value'"),
        (collection(thing(1, [], **{"Datastreams@iot.nextLink": "x"})), "more datastreams"),
    ],
)
def test_answers_that_cannot_be_followed_fail(source, make_payload, content, message):
    (first,) = fetch.requests(DAY, source)
    with pytest.raises(FetchError, match=message):
        list(fetch.follow(first, make_payload(content), source))


# --- parse -------------------------------------------------------------------------------------


def test_datastreams_of_things(source, make_payload):
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [13.8, 51.1]}}
    area = {"type": "Polygon", "coordinates": [[[13.8, 51.1]]]}
    no_symbol = stream(4, unitOfMeasurement={"name": "Meter", "symbol": ""})
    answer = collection(
        thing(1, [stream(1), stream("b")]),
        thing(2, []),
        thing(3, [stream(3)], feature),
        thing(4, [no_symbol], area),
    )
    parsed = parse(make_payload(answer, resource="things"), source)
    found = parsed.tables["datastreams"].to_pylist()
    assert not parsed.rejects
    assert found[0] == {
        "datastream_id": "1",
        "thing_id": "1",
        "thing_name": "T1",
        "name": "D1",
        "observed_property": "Niederschlag",
        "unit": "mm",
        "latitude": 51.0,
        "longitude": 13.7,
        "_row": 1,
    }
    assert [(r["datastream_id"], r["_row"]) for r in found] == [
        ("1", 1),
        ("b", 2),
        ("3", 3),
        ("4", 4),
    ]
    assert (found[2]["latitude"], found[2]["longitude"]) == (51.1, 13.8)
    assert (found[3]["latitude"], found[3]["unit"]) == (None, "Meter")


def test_observations_are_instants_or_intervals(source, make_payload):
    answer = collection(
        observation(1),
        observation(2, when="2025-07-01T12:00:00+02:00", result="12.5", resultTime=None),
        observation(3, result=None),
    )
    parsed = parse(make_payload(answer, resource="datastreams/7/page/2"), source)
    first, second, third = observed(parsed)
    assert not parsed.rejects
    assert first == {
        "datastream_id": "7",
        "observation_id": "1",
        "phenomenon_start": at(2025, 7, 1, 10),
        "phenomenon_end": at(2025, 7, 1, 10, 10),
        "result_time": at(2025, 7, 1, 10, 10, 5, 250_000),
        "result": 0.4,
        "_row": 1,
    }
    assert (second["phenomenon_start"], second["phenomenon_end"]) == (at(2025, 7, 1, 10), None)
    assert (second["result"], second["result_time"], third["result"]) == (12.5, None, None)


def test_broken_observations_are_turned_away(source, make_payload):
    answer = collection(
        observation(1, when="gestern"),
        observation(2, result="nass"),
        observation(3, result={"a": 1}),
        observation(4),
    )
    parsed = parse(make_payload(answer, resource="datastreams/7"), source)
    assert [r["observation_id"] for r in observed(parsed)] == ["4"]
    assert [r.row for r in parsed.rejects] == [1, 2, 3]
    assert "gestern" in parsed.rejects[0].reason
    assert parsed.count == 4


def test_a_list_of_datastreams_is_no_list_of_observations(source, make_payload):
    span = "2025-07-01T00:00:00Z/2025-08-01T00:00:00Z"
    listed = [
        stream(7, phenomenonTime=span, Thing={"@iot.id": 3, "name": "T3"}),
        stream(8, phenomenonTime=span, resultTime=span),
    ]
    parsed = parse(make_payload(collection(*listed), filename="Datastreams.json"), source)
    found = parsed.tables["datastreams"].to_pylist()
    assert [(r["datastream_id"], r["thing_id"], r["unit"]) for r in found] == [
        ("7", "3", "mm"),
        ("8", None, "mm"),
    ]
    assert parsed.rejects == ()


@pytest.mark.parametrize("is_thing", [True, False])
def test_observations_inside_of_datastreams_are_kept(source, make_payload, is_thing):
    inside = [stream(7, Observations=[observation(1), observation(2, when="x")]), stream(8)]
    content = collection(thing(1, inside)) if is_thing else collection(*inside)
    parsed = parse(make_payload(content), source)
    assert parsed.tables["datastreams"].num_rows == 2
    (found,) = observed(parsed)
    assert (found["datastream_id"], found["observation_id"], found["result"]) == ("7", "1", 0.4)
    assert [r.table for r in parsed.rejects] == ["observations"]


@pytest.mark.parametrize(
    "record",
    [
        observation(when="2025-07-01T10:00:00"),
        observation(when="2025-07-01T10:00:00Z/2025-07-01T10:10:00"),
        observation(when="2025-07-01"),
        observation(resultTime="2025-07-01T10:00:00.5"),
    ],
)
def test_time_without_offset_is_turned_away(source, make_payload, record):
    good = [observation(2, when="2025-07-01T12:00:00.5+02:00"), observation(3, resultTime=None)]
    parsed = parse(make_payload(collection(record, *good)), source)
    assert [r["observation_id"] for r in observed(parsed)] == ["2", "3"]
    assert observed(parsed)[0]["phenomenon_start"] == at(2025, 7, 1, 10, 0, 0, 500_000)
    assert "offset" in parsed.rejects[0].reason


@pytest.mark.parametrize(
    ("resource", "table"), [("things", "datastreams"), ("datastreams/7", "observations")]
)
def test_empty_collection_is_an_empty_table(source, make_payload, resource, table):
    parsed = parse(make_payload(collection(), resource=resource), source)
    assert list(parsed.tables) == [table]
    assert parsed.count == 0


@pytest.mark.parametrize(
    "content",
    [b"", b'{"value": [', b'{"code": 404}', collection({"@iot.id": 1}), b"<html>", b"\xff\xfe"],
)
def test_broken_payload_is_refused_as_a_whole(source, make_payload, content):
    with pytest.raises(PayloadError):
        parse(make_payload(content, resource="datastreams/7"), source)


def test_file_names_the_datastream_only_where_it_is_expanded(source, make_payload):
    expanded = observation(1, Datastream={"@iot.id": 42})
    for record, expected in ((expanded, "42"), (observation(1), None)):
        parsed = parse(make_payload(collection(record), resource="inbox/o.json"), source)
        assert observed(parsed)[0]["datastream_id"] == expected


def test_real_rdf_file(source, realdata, make_payload, check):
    content = realdata(REAL).read_bytes()
    parsed = parse(make_payload(content, resource="inbox/x.ttl", extension="ttl"), source)
    found = observed(parsed)
    assert not parsed.rejects
    assert len(found) == len({r["observation_id"] for r in found}) == 1000
    assert found[0]["observation_id"] == "701680145"
    assert found[0]["phenomenon_start"] == at(2022, 8, 31, 22)
    assert found[0]["phenomenon_end"] == at(2022, 9, 1, 21, 59, 59)
    assert found[0]["result_time"] == at(2022, 12, 20, 21, 17, 10, 377_000)
    assert (found[0]["result"], found[0]["_row"]) == (17242.0, 1)
    assert (min(r["result"] for r in found), max(r["result"] for r in found)) == (432, 27215)
    assert {r["datastream_id"] for r in found} == {None}  # the file only links to it
    door = check("sensorthings", parsed)
    assert door.accepted["observations"].num_rows == 1000
    assert not door.quarantined


def test_files_are_recognised(source, realdata, tmp_path):
    known = {"sensorthings": source}
    path = realdata(REAL)
    assert inbox.owner(path, path.read_bytes(), path.parent, known) == "sensorthings"
    page = collection(observation(), **{"@iot.count": 1})
    assert inbox.owner(tmp_path / "o.json", page, tmp_path, known) == "sensorthings"
    assert inbox.owner(tmp_path / "o.json", b'{"value": []}', tmp_path, known) == inbox.UNKNOWN


def test_rdf_lines_that_cannot_be_read_are_turned_away(source, make_payload):
    good = triples(1, phenomenonTime="2025-07-01T10:00:00Z", result="3")
    twice = triples(2, result="3") + triples(2, result="4")
    content = good + twice + b'<https://iot.example/Things(1)> <x#name> "a" .\n  kaputt\n'
    parsed = parse(make_payload(content, extension="ttl"), source)
    assert [(r["observation_id"], r["_row"]) for r in observed(parsed)] == [("1", 1)]
    assert [(r.row, r.reason) for r in parsed.rejects] == [
        (4, "a property is given twice"),
        (8, "the line is no triple about an observation"),
        (9, "the line is no triple about an observation"),
    ]


def test_rdf_link_may_name_the_datastream(source, make_payload):
    content = triples(1, phenomenonTime="2025-07-01T10:00:00Z", result="3")
    content += (
        f"{SUBJECT.format(1)} {STAPI.format('datastream')} <https://x/Datastreams(42)> .".encode()
    )
    assert observed(parse(make_payload(content), source))[0]["datastream_id"] == "42"


# --- the door ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (observation(None), "without identifier"),
        (observation(1, when=None), "without time"),
        (observation(1, when="2025-07-01T10:10:00Z/2025-07-01T10:00:00Z"), "before it begins"),
        (observation(1, result=4e9), "outside"),
    ],
)
def test_door_turns_away_bad_observations(source, make_payload, check, record, reason):
    content = collection(observation(9), record)
    door = check("sensorthings", parse(make_payload(content, resource="datastreams/7"), source))
    (turned_away,) = door.quarantined
    assert (turned_away.row, reason in turned_away.reason) == (2, True)
    assert door.accepted["observations"].column("observation_id").to_pylist() == ["9"]


def test_door_turns_away_bad_datastreams(source, make_payload, check):
    swapped = {"type": "Point", "coordinates": [51.0, 113.7]}
    nameless = stream(2, ObservedProperty={})
    content = collection(thing(1, [stream(1), nameless]), thing(2, [stream(3)], swapped))
    door = check("sensorthings", parse(make_payload(content, resource="things"), source))
    assert [r.row for r in door.quarantined] == [2, 3]
    assert door.accepted["datastreams"].column("datastream_id").to_pylist() == ["1"]


# --- the demo city -----------------------------------------------------------------------------


@pytest.fixture
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def page(client, number=1, **params):
    span = "phenomenonTime ge 2025-09-14T00:00:00Z and phenomenonTime lt 2025-09-15T00:00:00Z"
    query = {"$filter": span, **{f"${k}": str(v) for k, v in params.items()}}
    return client.get(f"/Datastreams({number})/Observations", params=query)


def test_round_trip(small_pages, world, ask, check):
    payloads = ask("sensorthings", DAY)
    parsed = [parse(p, small_pages) for p in payloads]
    streams = parsed[0].tables["datastreams"].to_pylist()
    assert payloads[0].resource == "things"
    assert len(streams) == 14
    assert {(s["observed_property"], s["unit"]) for s in streams} == {
        ("Niederschlag", "mm"),
        ("Wasserstand", "cm"),
    }
    found = [row for p in parsed[1:] for row in observed(p)]
    for sensor in demo.sensors(world):
        own = [r for r in found if r["datastream_id"] == str(sensor.number)]
        times, _ = demo.published(world, sensor, DAY.start, DAY.end)
        values = demo.measured(world, sensor, times)
        seen = {np.datetime64(r["phenomenon_start"].replace(tzinfo=None)): r["result"] for r in own}
        assert seen == dict(zip(times, values, strict=True))
        repeats = len([p for p in payloads if f"/{sensor.number}/page/" in p.resource])
        assert len(own) - len(seen) == (repeats if sensor.number == demo.REPEATS else 0)
        assert repeats
    assert not any(p.rejects for p in parsed)
    door = check("sensorthings", parsed[0])
    assert all(c.success for c in door.checks)
    door = check("sensorthings", parsed[1])
    assert all(c.success for c in door.checks)


def test_first_fill_stays_small(source, world):
    """Rows and pages of the default first fill until the end of November 2026."""
    days = (at(2026, 11, 30).date() - source.window.history_start).days
    streams = len(demo.sensors(world))
    windows = -(-days // source.window.size.days)
    pages = -(-source.window.size.days * 144 // source.demo_options["top"])
    assert days * streams * 144 <= 400_000
    assert windows * (1 + streams * pages) < 450
    assert source.demo_options["top"] <= demo.LIMIT


def test_late_values_appear_two_hours_after_the_fact(world):
    sensor = demo.sensors(world)[0]
    span = (at(2025, 6, 1), at(2025, 9, 1))
    times, late = demo.published(world, sensor, *span)
    begin = times[late][0]
    stored = (begin + demo.STEP + demo.LATE).astype("datetime64[s]").astype(datetime)

    def seen(moment):
        earlier = type(world)(seed=world.seed, clock=lambda: moment.replace(tzinfo=UTC))
        return begin in demo.published(earlier, sensor, *span)[0]

    assert not seen(stored - timedelta(seconds=1))
    assert seen(stored)
    gaps = world.steps(*span, 10).size - times.size
    assert 0 < gaps < 0.05 * times.size


def test_paging_like_frost(client):
    first = page(client, number=2, top=30, count="true").json()
    everything = page(client, number=2, top=9999).json()
    assert page(client, number=2).json()["value"] == everything["value"][:100]
    assert first["@iot.count"] == len(everything["value"])
    assert "@iot.nextLink" not in everything
    second = client.get(first["@iot.nextLink"]).json()
    assert first["value"] + second["value"] == everything["value"][:60]


def test_things_without_expand_only_link(client):
    first = client.get("/Things", params={"$top": 1}).json()
    assert "Datastreams" not in first["value"][0]
    assert first["value"][0]["Datastreams@iot.navigationLink"].endswith("/Things(1)/Datastreams")
    assert len(client.get("/Things").json()["value"]) == 14


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Datastreams(99)/Observations", 404),
        ("/Datastreams(1)/Observations?$filter=result gt 3", 400),
        ("/Datastreams(1)/Observations", 400),
        ("/Things?$top=viele", 400),
        ("/Things?$top=0", 400),
    ],
)
def test_errors_in_the_manner_of_frost(client, path, status):
    answer = client.get(path)
    assert answer.status_code == answer.json()["code"] == status


def test_rain_and_streams_belong_together(world):
    rain = next(s for s in demo.sensors(world) if s.kind == "rain")
    steps = world.steps(at(2025, 6, 1), at(2025, 9, 1), 10)
    level = world.brook_cm(steps, rain.lat, rain.lon)
    wet = demo.measured(world, rain, steps) > 2
    assert wet.any()
    assert level[wet].mean() > level[~wet].mean() + 5


TIMES = [
    "2025-01-01T00:00:00Z",
    "2025-01-01T00:00:00Z/2025-01-01T01:00:00Z",
    "/",
    "a/b/c",
    "ä/b",
    None,
]


@given(st.lists(st.sampled_from(TIMES), min_size=1, max_size=3))
@example([TIMES[1], TIMES[1]])
@example(["a/b/c"])
def test_ends_of_intervals_are_alike_however_they_are_read(times):
    array = pa.array(times, pa.string())
    quick = [ends.to_pylist() for ends in parsing._ends(array)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "_alike", lambda _: None)
        assert [ends.to_pylist() for ends in parsing._ends(array)] == quick
