"""The portal of Dresden: paging, odd answers, the mirror's index, and the way through the demo."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.conftest import NOW

from urbandata import registry
from urbandata.contract import Payload, Window
from urbandata.demo import catalogue as city
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.dresden_portal import demo, fetch
from urbandata.sources.dresden_portal.parse import parse

SOURCE = registry.source("dresden_portal")
BASE = "https://kommisdd.example/net4/public"
TREES = {
    "bezeichnung": "Stadtbäume",
    "letzteAenderung": "13.03.2024",
    "themen": ["Umwelt und Klima", "Umwelt und Klima"],
    "raeume": ["Dresden"],
    "zeiten": ["2024", "2024"],
    "dataSource": {"name": "Umweltamt", "ansprechpartner": "Erika Muster"},
    "presentationLicense": {"name": "dl-de/by-2-0"},
    "bearbeiter": "Erika Muster",
    "presentations": [
        {
            "ergebnisId": "D1",
            "darstellungsArtBezeichnung": "GEOJSON",
            "schnittstelle": f"{BASE}/ogcapi/collections/L1261",
            "aufrufUrl": None,
        },
        {
            "ergebnisId": "D1",
            "darstellungsArtBezeichnung": "Tabelle",
            "schnittstelle": "Bevölkerung/Bäume 2024_TAB",
            "aufrufUrl": "https://portal.example/asw.dll/?aw=",
        },
    ],
}


def answer(*records, total=None):
    found = {"numOfResults": total or len(records), "ipResults": list(records)}
    return json.dumps(found, ensure_ascii=False).encode()


def test_pages_follow_until_all_are_seen(make_payload):
    (first,) = fetch.requests(Window(NOW, NOW), SOURCE)
    assert first.method == "POST"
    assert first.json["userGroupIds"] == ["19"]
    assert (first.json["pagingStart"], first.json["numOfResults"]) == (0, 250)
    (second,) = fetch.follow(first, make_payload(answer(TREES, TREES, total=3)), SOURCE)
    assert (second.resource, second.json["pagingStart"]) == ("datasets/2", 2)
    assert list(fetch.follow(second, make_payload(answer(TREES, total=3)), SOURCE)) == []
    assert (
        list(fetch.follow(second, make_payload(answer(total=3)), SOURCE)) == []
    )  # no endless loop
    with pytest.raises(FetchError, match="ipResults"):
        list(fetch.follow(first, make_payload(b"[]"), SOURCE))


def test_a_record_becomes_a_dataset_and_its_presentations(make_payload):
    parsed = parse(make_payload(answer(TREES)), SOURCE)
    (dataset,) = parsed.tables["datasets"].to_pylist()
    assert dataset["dataset_id"] == "D1"
    assert dataset["changed_on"] == date(2024, 3, 13)
    assert json.loads(dataset["themes"]) == ["Umwelt und Klima"]
    assert json.loads(dataset["years"]) == ["2024"]
    assert (dataset["layer_id"], dataset["data_source"]) == ("L1261", "Umweltamt")
    assert [r["url"] for r in parsed.tables["resources"].to_pylist()] == [
        f"{BASE}/ogcapi/collections/L1261/items",
        "https://portal.example/asw.dll/?aw=Bev%C3%B6lkerung/B%C3%A4ume%202024_TAB",
    ]


def test_records_without_identifier_or_with_odd_dates_are_rejected(make_payload):
    content = answer(
        {**TREES, "presentations": []}, {**TREES, "letzteAenderung": "2024"}, "x", TREES
    )
    parsed = parse(make_payload(content), SOURCE)
    assert [(r.table, r.row) for r in parsed.rejects] == [("datasets", n) for n in (1, 2, 3)]
    assert "no identifier" in parsed.rejects[0].reason
    assert "2024" in parsed.rejects[1].reason
    assert parsed.tables["datasets"].column("_row").to_pylist() == [4]
    assert parsed.count == 4 + 4


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"{", "broken JSON"),
        (b"[]", "neither"),
        (b'{"a":1}', "neither"),
        (b"\xff", "UTF-8"),
        (b"", "JSON"),
    ],
)
def test_useless_payload_says_why(make_payload, content, hint):
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content), SOURCE)
    with pytest.raises(PayloadError):
        parse(make_payload(fetch.strip(content, "x", "k")), SOURCE)


def test_empty_answer_is_no_error(make_payload):
    assert parse(make_payload(answer()), SOURCE).count == 0


def test_nothing_personal_survives(make_payload):
    record = {**TREES, "bezeichnung": "Bäume, Fragen an erika.muster@dresden.de"}
    mirror = {"datasets": [{"id": "1", "title": "T", "description": "Frau Muster, 0351 4880"}]}
    for content in (answer(record), json.dumps(mirror).encode(), b"Muster: kein JSON"):
        kept = fetch.strip(content, "x", "k")
        assert b"uster" not in kept
        assert b"0351" not in kept
    stripped = make_payload(fetch.strip(answer(TREES), "x", "k"))
    assert parse(stripped, SOURCE) == parse(make_payload(answer(TREES)), SOURCE)


def test_real_mirror_index(realdata, make_payload, check):
    content = realdata("catalogue/dresden/index.excerpt.json").read_bytes()
    stripped = fetch.strip(content, "inbox", "")
    parsed = parse(make_payload(stripped, filename="index.excerpt.json"), SOURCE)
    rows = parsed.tables["datasets"].to_pylist()
    assert [r["title"] for r in rows][::3] == ["Geborene 2015", "Geborene 2018"]
    assert [r["changed_on"] for r in rows][:2] == [date(2025, 7, 15), date(2005, 1, 1)]
    assert rows[1]["layer_id"] == "L334"
    original = json.loads(content)["datasets"]
    resources = parsed.tables["resources"].to_pylist()
    assert [(r["format"], r["url"]) for r in resources] == [
        (w["format"], w["url"]) for d in original for w in d["resources"]
    ]
    result = check("dresden_portal", parsed)
    assert (result.held, result.quarantined) == ("", [])


def test_round_trip_through_the_demo(ask, world, check):
    payloads = ask("dresden_portal")
    parsed = [parse(p, SOURCE) for p in payloads]
    assert len(payloads) == 4
    assert all(p.rejects == () for p in parsed)
    rows = [r for p in parsed for r in p.tables["datasets"].to_pylist()]
    expected = {d.id: d for d in city.datasets(world)}
    assert [r["dataset_id"] for r in rows] == list(expected)
    assert len(rows) > 950
    assert all(r["title"] == expected[r["dataset_id"]].title for r in rows)
    assert max(r["changed_on"] for r in rows) <= NOW.date()
    ways = sum(p.tables["resources"].num_rows for p in parsed)
    assert ways == sum(len(d.distributions) for d in expected.values())
    assert not any(check("dresden_portal", p).quarantined for p in parsed)


def test_demo_wants_the_guest_group_and_finds_by_identifier(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    (first,) = fetch.requests(Window(NOW, NOW), SOURCE)

    def asked(**changes):
        return client.post(f"/{first.path}", json={**first.json, **changes})

    assert asked(userGroupIds=[]).json() == {"numOfResults": 0, "ipResults": []}
    wanted = city.datasets(world)[7].id
    by_id = {"textSearch": wanted, "textSearchConfig": {"attribute": [{"name": "ergebnis_id"}]}}
    assert asked(**by_id).json()["ipResults"][0]["bezeichnung"] == city.datasets(world)[7].title
    assert client.post(f"/{first.path}", content=b"no json").status_code == 400


def test_catalogue_grows_and_is_renewed(world):
    from datetime import timedelta

    from urbandata.demo.world import World

    later = World(seed=world.seed, clock=lambda: NOW + timedelta(days=400))
    before, after = city.datasets(world), city.datasets(later)
    assert after[: len(before)] == before
    assert 120 < len(after) - len(before) < 150
    renewed = sum(d.modified(later.now()) > d.modified(world.now()) for d in before)
    assert 0.4 * len(before) < renewed < len(before)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: (
        st.lists(below) | st.dictionaries(st.sampled_from([*fetch.ANSWER, "name"]), below)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200)
    | json_values.map(lambda v: json.dumps(v).encode())
    | st.lists(json_values).map(lambda v: json.dumps({"ipResults": v}).encode())
    | st.lists(json_values).map(lambda v: json.dumps({"datasets": v}).encode())
)
def test_any_bytes_give_tables_or_a_named_error(content):
    for variant in (content, fetch.strip(content, "x", "k")):
        payload = Payload(variant, "x", "json", NOW, "real")
        try:
            parsed = parse(payload, SOURCE)
        except PayloadError:
            continue
        records = json.loads(variant).get("ipResults") or json.loads(variant).get("datasets") or []
        datasets = parsed.tables["datasets"].num_rows
        rejected = sum(r.table == "datasets" for r in parsed.rejects)
        assert datasets + rejected == len(records)
