"""Road works: the city's layers by the generic fetch, and those of the demo city."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.sources.road_works import demo, fetch
from urbandata.sources.road_works.parse import parse

NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def source():
    return registry.source("road_works")


def feature(kind="Point", **properties):
    known = {"staid": 7, "typ": "Vollsperrung", "sperrgrund_format": "Straßenbau"}
    days = {"datum_von_format": "01.09.2025", "datum_bis_format": "30.09.2025"}
    place = {"type": kind, "coordinates": [13.74, 51.05] if kind == "Point" else [[13, 51]]}
    return {"type": "Feature", "id": 1, "geometry": place, "properties": known | days | properties}


def collection(*features) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def rows(parsed):
    return parsed.tables["restrictions"].to_pylist()


def test_both_layers_are_asked_as_a_whole(source):
    found = list(fetch.requests(Window(NOW, NOW), source))
    assert [(r.resource, r.path) for r in found] == [
        ("L60", "collections/L60/items"),
        ("L150", "collections/L150/items"),
    ]
    assert found[0].params == {"limit": "5000", "offset": "0"}


def test_features_become_rows(source, make_payload, check):
    features = [
        feature(),
        feature("LineString", datum_von_format="01.09.2025 07:00", datum_bis_format=None),
    ]
    parsed = parse(make_payload(collection(*features), resource="L150"), source)
    first, second = rows(parsed)
    assert first == {
        "layer": "L150",
        "work_id": "7",
        "kind": "Vollsperrung",
        "reason": "Straßenbau",
        "valid_from": date(2025, 9, 1),
        "valid_to": date(2025, 9, 30),
        "longitude": 13.74,
        "latitude": 51.05,
        "_row": 1,
    }
    assert (second["valid_from"], second["valid_to"]) == (date(2025, 9, 1), None)
    assert (second["longitude"], second["latitude"]) == (None, None)
    assert not check("road_works", parsed).quarantined


def test_bad_features_are_turned_away(source, make_payload, check):
    features = [
        feature(datum_von_format="demnächst"),
        feature(staid=None),
        feature(datum_bis_format="31.08.2025"),
        feature(),
    ]
    parsed = parse(make_payload(collection(*features), resource="L60"), source)
    assert [r.row for r in parsed.rejects] == [1]
    door = check("road_works", parsed)
    assert [r["_row"] for r in door.accepted["restrictions"].to_pylist()] == [4]
    assert sorted(r.row for r in door.quarantined) == [1, 2, 3]


def test_a_quiet_day_is_empty(source, make_payload):
    assert parse(make_payload(collection(), resource="L60"), source).count == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"<x>", collection({"properties": {"a": 1}})])
def test_other_bytes_are_refused(source, make_payload, content):
    with pytest.raises(PayloadError):
        parse(make_payload(content, resource="L60"), source)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(
            st.one_of(
                st.none(),
                st.integers(),
                st.dictionaries(
                    st.sampled_from(["typ", "staid", "datum_von_format", "datum_bis_format"]),
                    st.none() | st.integers() | st.text(max_size=8) | st.just("01.02.2025"),
                ).map(lambda p: {"properties": p}),
            ),
            max_size=4,
        ).map(lambda f: collection(*f)),
    )
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    payload = Payload(content, "L60", "geojson", NOW, "real")
    try:
        parsed = parse(payload, registry.source("road_works"))
    except PayloadError:
        return
    assert parsed.count == len(json.loads(content)["features"])


def test_files_are_recognised(tmp_path):
    path = tmp_path / "x.geojson"
    owner = inbox.owner(path, collection(feature()), tmp_path, registry.sources())
    assert owner == "road_works"


@pytest.fixture(scope="module")
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_round_trip(source, world, ask, check):
    payloads = ask("road_works")
    assert len(payloads) > 2  # pages are followed
    parsed = [parse(p, source) for p in payloads]
    assert not any(p.rejects for p in parsed)
    found = [r for p in parsed for r in rows(p)]
    for layer in ("L60", "L150"):
        mine = [r["work_id"] for r in found if r["layer"] == layer]
        assert mine == [str(w.number) for w in demo.works(world, layer)]
    assert len({r["work_id"] for r in found}) < len(found)
    current = [r for r in found if r["layer"] == "L60"]
    assert all(r["valid_from"] <= NOW.date() for r in current)
    assert all(r["valid_to"] is None or r["valid_to"] >= NOW.date() for r in current)
    assert all(r["valid_from"] > NOW.date() for r in found if r["layer"] == "L150")
    for part in parsed:
        assert all(c.success for c in check("road_works", part).checks)


def test_announced_works_begin(world):
    announced = {w for w in demo.works(world, demo.ANNOUNCED) if w.begin == date(2025, 9, 17)}
    later = type(world)(seed=world.seed, clock=lambda: NOW + timedelta(days=2))
    assert announced
    assert announced <= set(demo.works(later, demo.CURRENT))


def test_limit_and_errors_of_the_service(client):
    assert len(client.get("/collections/L60/items").json()["features"]) == demo.DEFAULT_LIMIT
    assert client.get("/collections/L1/items").status_code == 404
    assert client.get("/collections/L60/items?limit=x").status_code == 400
