"""Car parks: ParkAPI v1 and v3, city GeoJSON, the parking page, forecasts, and the demo city."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.sources.parkapi import demo, fetch
from urbandata.sources.parkapi.parse import parse

REAL = "traffic/parkapi/"
MONTH = Window(datetime(2025, 8, 15, tzinfo=UTC), datetime(2025, 9, 15, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def source():
    return registry.source("parkapi")


def lot(**more):
    known = {"id": "a", "name": "A", "total": 10, "free": 4, "state": "open"}
    return known | {"coords": {"lat": 51.0, "lng": 13.7}, "lot_type": "Parkhaus"} | more


def v1(*lots, updated="2025-09-15T11:55:00") -> bytes:
    return json.dumps({"last_updated": updated, "lots": lots}).encode()


def site(**more):
    known = {"uid": "7", "name": "S", "type": "CAR_PARK", "purpose": "CAR", "capacity": 50}
    return known | {"lat": "51.0", "lon": "13.7"} | more


LIVE = {
    "realtime_data_updated_at": "2025-09-15T13:00:00+02:00",
    "realtime_capacity": 48,
    "realtime_free_capacity": 12,
    "realtime_opening_status": "OPEN",
}


# --- fetch -------------------------------------------------------------------------------------


def test_live_asks_the_present_only(source):
    (request,) = fetch.requests(MONTH, source)
    assert (request.resource, request.path, dict(request.params)) == ("Dresden", "Dresden", {})


def test_demo_asks_the_history_of_the_window_too(source):
    _, request = fetch.requests(MONTH, source.as_demo())
    assert (request.resource, request.path) == ("Dresden/history", "Dresden/history")
    assert request.params == {"from": "2025-08-15T00:00:00", "to": "2025-09-15T12:00:00"}


# --- parse -------------------------------------------------------------------------------------


def test_v1_is_utc_without_a_zone(source, make_payload):
    parsed = parse(make_payload(v1(lot(), lot(id="b", free=None)), resource="Dresden"), source)
    first, second = parsed.tables["occupancy"].to_pylist()
    assert first["measured_at"] == datetime(2025, 9, 15, 11, 55, tzinfo=UTC)
    assert (first["lot_id"], first["lot_name"], first["free"], first["total"]) == ("a", "A", 4, 10)
    assert (first["measured_local"], second["free"]) == (None, None)
    described = parsed.tables["lots"].to_pylist()[0]
    assert (described["city"], described["latitude"], described["longitude"]) == (
        "Dresden",
        51.0,
        13.7,
    )


def test_v3_list_keeps_offsets_and_sites_without_realtime(source, make_payload):
    content = json.dumps([site(**LIVE), site(uid="8")]).encode()
    for body in (content, b'{"items": ' + content + b"}"):
        parsed = parse(make_payload(body, resource="sites"), source)
        assert parsed.tables["lots"].num_rows == 2
        (state,) = parsed.tables["occupancy"].to_pylist()
        assert state["measured_at"] == datetime(2025, 9, 15, 11, tzinfo=UTC)
        assert (state["free"], state["total"], state["state"]) == (12, 48, "OPEN")


def test_v3_geojson(source, make_payload):
    features = [{"type": "Feature", "properties": site(**LIVE)}]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    parsed = parse(make_payload(body), source)
    assert parsed.tables["lots"].to_pylist()[0]["latitude"] == 51.0
    assert parsed.tables["occupancy"].num_rows == 1


def test_v3_sites_as_the_service_itself_answers(source, make_payload):
    there = site(id=10011, original_uid="unit555", **LIVE)
    del there["uid"]
    content = json.dumps({"items": [there], "total_count": 1}).encode()
    parsed = parse(make_payload(content), source)
    assert [t.to_pylist()[0]["lot_id"] for t in parsed.tables.values()] == ["10011", "10011"]
    del there["lat"], there["lon"]
    feature = {"properties": there, "geometry": {"type": "Point", "coordinates": [8.9, 49.2]}}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    (lot,) = parse(make_payload(content), source).tables["lots"].to_pylist()
    assert (lot["longitude"], lot["latitude"]) == (8.9, 49.2)


def test_a_layer_that_mentions_a_car_park_is_no_list_of_them(tmp_path):
    properties = {"name": "Spielplatz", "nearby": "Parkplatz"}
    content = json.dumps({"type": "FeatureCollection", "features": [{"properties": properties}]})
    owner = inbox.owner(tmp_path / "a.json", content.encode(), tmp_path, registry.sources())
    assert owner == "geo_layers"


def test_broken_lots_are_turned_away_with_their_place(source, make_payload):
    parsed = parse(make_payload(v1(lot(), lot(free="viele"), lot(total=[])), resource="D"), source)
    assert [(r.table, r.row) for r in parsed.rejects] == [
        ("lots", 3),
        ("occupancy", 2),
        ("occupancy", 3),
    ]
    assert "viele" in parsed.rejects[1].reason
    assert parsed.count == 6


def test_empty_answer_is_empty(source, make_payload):
    assert parse(make_payload(v1()), source).count == 0
    assert parse(make_payload(b'{"history": []}'), source).count == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{}",
        b'"x"',
        b'{"lots": 5}',
        b"<html></html>",
        b"a;b\n1;2",
        b'[{"x": 1}]',
        b"[5]",
    ],
)
def test_other_bytes_are_refused(source, make_payload, content):
    with pytest.raises(PayloadError):
        parse(make_payload(content), source)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60).map(lambda t: t.encode("utf-8", "surrogatepass")),
        st.text(max_size=40).map(lambda t: b"<html><table>" + t.encode("utf-8", "ignore")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["lots", "history", "items", "features", "properties", "id"]),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
        st.lists(st.tuples(st.integers(-99, 999), st.text("0123456789,T:-", max_size=8))).map(
            lambda rows: "\n".join(
                [f"2015-11-01T00:45:00,{n}{t}" for n, t in rows] or ["x"]
            ).encode()
        ),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    payload = Payload(content, "Dresden", "json", datetime(2025, 9, 15, tzinfo=UTC), "real")
    try:
        parsed = parse(payload, registry.source("parkapi"))
    except PayloadError:
        return
    assert parsed.count == sum(t.num_rows for t in parsed.tables.values()) + len(parsed.rejects)


def test_every_forecast_line_is_a_row_or_a_reject(source, make_payload):
    content = b"2015-11-01T00:45:00,47\n2015-13-01T00:45:00,47\n2015-11-01T01:00:00\n"
    parsed = parse(make_payload(content, filename="lot.csv"), source)
    assert parsed.tables["forecast"].num_rows == 1
    assert [r.row for r in parsed.rejects] == [2, 3]


# --- real files --------------------------------------------------------------------------------


def test_real_city_file_holds_the_city_too(source, realdata, make_payload, check):
    content = realdata(REAL + "Dresden.geojson").read_bytes()
    parsed = parse(make_payload(content, filename="Dresden.geojson"), source)
    lots = parsed.tables["lots"].to_pylist()
    assert len(lots) == 60
    assert [r.reason for r in parsed.rejects] == ["describes the city, not a parking lot"]
    assert {r["city"] for r in lots} == {"Dresden"}
    altmarkt = next(r for r in lots if r["name"] == "Altmarkt")
    assert (altmarkt["total"], altmarkt["latitude"], altmarkt["longitude"]) == (
        400,
        51.05031,
        13.73754,
    )
    assert sum(r["total"] is None for r in lots) == 22
    assert check("parkapi", parsed).accepted["lots"].num_rows == 60


def test_real_second_geometry_is_not_the_place(source, realdata, make_payload, check):
    content = realdata(REAL + "jena.geojson").read_bytes()
    parsed = parse(make_payload(content, filename="jena.geojson"), source)
    lots = parsed.tables["lots"].to_pylist()
    assert len(lots) == 103
    assert all(50.8 < r["latitude"] < 51.0 and 11.4 < r["longitude"] < 11.8 for r in lots)
    assert (lots[0]["lot_id"], lots[0]["lot_type"]) == ("185", "Parkplatz")
    assert check("parkapi", parsed).accepted["lots"].num_rows == 103


def test_real_forecast(source, realdata, make_payload, check):
    content = realdata(REAL + "dresdenaltmarkt.csv").read_bytes()
    parsed = parse(make_payload(content, filename="dresdenaltmarkt.csv"), source)
    rows = parsed.tables["forecast"].to_pylist()
    assert (len(rows), parsed.rejects) == (40_986, ())
    assert rows[0]["forecast_local"] == datetime.fromisoformat("2015-11-01 00:45:00")
    assert (rows[0]["occupancy_pct"], rows[0]["lot_id"]) == (47.0, "dresdenaltmarkt")
    assert datetime.fromisoformat("2016-03-27 02:00:00") in {
        r["forecast_local"] for r in rows
    }  # no such hour
    assert check("parkapi", parsed).accepted["forecast"].num_rows == 40_986


def test_real_page(source, realdata, make_payload, check):
    content = realdata(REAL + "dresden.html").read_bytes()
    parsed = parse(make_payload(content, filename="dresden.html"), source)
    rows = parsed.tables["occupancy"].to_pylist()
    assert (len(rows), parsed.rejects) == (55, ())
    first = rows[0]
    assert (first["lot_name"], first["total"], first["free"]) == ("Altmarkt", 400, 225)
    assert first["measured_local"] == datetime.fromisoformat("2021-06-03 20:17:36")
    states = [r["state"] for r in rows]
    assert {s: states.count(s) for s in set(states)} == {"open": 37, "nodata": 16, "closed": 2}
    regions = {r["region"] for r in parsed.tables["lots"].to_pylist()}
    assert {"Innere Altstadt", "Park + Ride"} <= regions
    assert check("parkapi", parsed).accepted["occupancy"].num_rows == 55


def test_real_files_are_recognised(source, realdata):
    for name in ("Dresden.geojson", "jena.geojson", "dresdenaltmarkt.csv", "dresden.html"):
        path = realdata(REAL + name)
        owner = inbox.owner(path, path.read_bytes(), path.parent, registry.sources())
        assert owner == "parkapi", name


# --- demo --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_round_trip(source, world, ask, check):
    present, history = ask("parkapi", MONTH)
    now, past = (parse(p, source) for p in (present, history))
    assert not (now.rejects or past.rejects)
    assert now.tables["lots"].num_rows == now.tables["occupancy"].num_rows == 12
    times = world.steps(MONTH.start, MONTH.end, 60)
    rows = past.tables["occupancy"].to_pylist()
    assert len(rows) == 12 * times.size
    free, state = demo.occupancy(world, demo.LOTS[0], times)
    assert [r["free"] for r in rows[: times.size]] == free.tolist()
    assert [r["state"] for r in rows[: times.size]] == state
    assert rows[0]["measured_at"] == MONTH.start
    for parsed in (now, past):
        assert all(c.success for c in check("parkapi", parsed).checks)


def test_nothing_lies_ahead_and_new_values_come(world):
    later = Window(world.now(), datetime(2026, 1, 1, tzinfo=UTC))
    assert json.loads(demo.history_json(world, later.start, later.end)) != {"history": []}
    ahead = demo.history_json(world, datetime(2025, 9, 15, 12, 1, tzinfo=UTC), later.end)
    assert json.loads(ahead) == {"history": []}
    moved = type(world)(seed=world.seed, clock=lambda: datetime(2025, 9, 15, 12, 7, tzinfo=UTC))
    assert demo.present(world)["last_updated"] == "2025-09-15T12:00:00"
    assert demo.present(moved)["last_updated"] == "2025-09-15T12:05:00"


def test_car_parks_follow_the_day(world):
    times = world.steps(MONTH.start, MONTH.end, 60)
    hour = times.astype("datetime64[h]").astype(int) % 24
    kaditz = next(r for r in demo.LOTS if r.kind == "park_and_ride")
    free, states = demo.occupancy(world, kaditz, times)
    known = np.array(states) == "open"
    assert free[known & (hour == 1)].mean() > free[known & (hour == 9)].mean() + 50
    assert 0 < (~known).sum() < 0.1 * times.size
    assert (free[~known] == 0).all()


def test_errors_of_the_service(client):
    assert client.get("/Berlin").status_code == 404
    assert client.get("/Dresden/history?from=gestern&to=heute").status_code == 400
    assert client.get("/Dresden/history").status_code == 400


def test_first_fill_stays_small(source):
    hours = (date(2026, 11, 30) - date(2023, 7, 1)).days * 24
    assert hours * len(demo.LOTS) < 365_000
    assert 2 * -(-hours // (24 * source.window.size.days)) <= 60
