"""CKAN and its relatives: paging, odd dumps, nothing personal, and the way through the demo."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.conftest import NOW

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.demo import catalogue as city
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import catalogue
from urbandata.sources.ckan import cleaning, demo, fetch
from urbandata.sources.ckan.parse import parse

SOURCE = registry.source("ckan")
PACKAGE = {
    "id": "b5882a57",
    "title": "Kontakt: erika.muster@dresden.de",
    "notes": "Rückfragen an Erika Muster",
    "maintainer": "Erika Muster",
    "maintainer_email": "e.muster(at)dresden.de",
    "private": False,
    "metadata_created": "2025-03-29T23:30:00.000001",
    "metadata_modified": "2025-06-01T10:00:00+02:00",
    "license_id": "dl-de/by-2-0",
    "organization": {"title": "Umweltamt", "description": "Leiterin: Erika Muster"},
    "groups": [{"name": "envi", "description": "Muster"}],
    "tags": [{"name": "bäume", "vocabulary_id": None}, {"name": "bäume", "vocabulary_id": None}],
    "extras": [
        {"key": "contact_name", "value": "Erika Muster"},
        {"key": "temporal_start", "value": "2024-01-01"},
        {"key": "sachbearbeiter", "value": "Erika Muster"},
        {"key": "theme", "value": '["http://theme/ENVI"]'},
    ],
    "resources": [
        {"id": "r1", "url": "https://x/a.csv", "format": "CSV", "size": 1200, "name": "Muster"},
        {"id": "r2", "url": "https://x/b", "mimetype": "text/html", "size": ""},
    ],
}


def answer(*packages, count=None):
    result = {"count": count or len(packages), "results": list(packages)}
    return json.dumps({"success": True, "result": result}, ensure_ascii=False).encode()


def read(content, make_payload, **kwargs):
    return parse(make_payload(fetch.strip(content, "x", "k"), **kwargs), SOURCE)


def rows(parsed, table="datasets"):
    return parsed.tables[table].to_pylist()


def test_pages_follow_until_all_are_seen(make_payload):
    (first,) = fetch.requests(Window(NOW, NOW), SOURCE)
    assert first.params["rows"] == "500"
    assert "14612" in first.params["fq"]
    (second,) = fetch.follow(first, make_payload(answer(PACKAGE, PACKAGE, count=3)), SOURCE)
    assert (second.resource, second.params["start"]) == ("packages/2", "2")
    assert list(fetch.follow(second, make_payload(answer(PACKAGE, count=3)), SOURCE)) == []
    assert list(fetch.follow(second, make_payload(answer(count=3)), SOURCE)) == []
    for broken in (b"{}", b'{"result": []}', b"<html>"):
        with pytest.raises(FetchError):
            list(fetch.follow(first, make_payload(broken), SOURCE))


def test_a_package_becomes_a_dataset_and_its_resources(make_payload):
    parsed = read(answer(PACKAGE), make_payload)
    (dataset,) = rows(parsed)
    assert dataset["title"] == f"Kontakt: {catalogue.REMOVED}"
    assert (dataset["publisher"], dataset["has_contact_point"]) == ("Umweltamt", True)
    assert (dataset["has_description"], dataset["is_public"]) == (True, True)
    assert json.loads(dataset["keywords"]) == ["bäume"]
    assert json.loads(dataset["themes"]) == ["envi", "http://theme/ENVI"]
    assert dataset["temporal"] == "2024-01-01/"
    assert dataset["issued_at"] == datetime(2025, 3, 29, 23, 30, 0, 1, tzinfo=UTC)
    assert dataset["modified_at"] == datetime(2025, 6, 1, 8, tzinfo=UTC)
    assert [(r["resource_id"], r["size"], r["_row"]) for r in rows(parsed, "resources")] == [
        ("r1", "1200", 1),
        ("r2", None, 2),
    ]


def test_nothing_personal_survives(make_payload):
    schema = {n: {"description": v} for n, v in PACKAGE.items() if isinstance(v, str)}
    for content in (
        answer(PACKAGE),
        json.dumps([PACKAGE]).encode(),
        json.dumps({"success": True, "result": [[PACKAGE]]}).encode(),
        json.dumps([schema]).encode(),
        b"Erika Muster, kein JSON",
        b'{"maintainer": "Erika Muster", ',
        json.dumps(["Erika Müller-Muster"]).encode(),
    ):
        kept = fetch.strip(content, "x", "k").decode()
        assert "Muster" not in kept
        assert "muster" not in kept


def test_contacts_that_are_not_there_stay_away(make_payload):
    package = {"id": "1", "title": "T", "maintainer": "", "maintainer_email": None, "notes": ""}
    (dataset,) = rows(read(answer(package), make_payload))
    assert (dataset["has_contact_point"], dataset["has_description"]) == (False, False)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ({"fr": "Arbres", "de": "Bäume", "en": "Trees"}, "Bäume"),
        ({"fr": "Arbres", "de": "", "en": "Trees"}, "Trees"),
        ({"de": None, "fr": "Arbres"}, "Arbres"),
        ({"de": "", "en": ""}, None),
        ({"de_CH": "Bäume"}, "Bäume"),
        ({}, None),
    ],
)
def test_of_texts_by_language_the_german_one_is_shown(make_payload, title, shown):
    """As catalogues of several languages write titles and descriptions."""
    package = {"id": "1", "title": title, "notes": title, "organization": {"title": title}}
    parsed = read(answer(package), make_payload)
    (dataset,) = rows(parsed)
    assert (dataset["title"], dataset["publisher"]) == (shown, shown)
    assert dataset["has_description"] is (shown is not None)
    assert parsed.rejects == ()


def test_odd_envelopes(make_payload):
    for body in (
        [PACKAGE],
        {"result": [PACKAGE]},
        {"success": True, "result": [[PACKAGE]]},
        PACKAGE,
    ):
        assert len(rows(read(json.dumps(body).encode(), make_payload))) == 1
    assert read(answer(), make_payload).count == 0


OLD = {  # CKAN's first API: names only, extras as an object, times in the scheme of 2012
    "id": "a1", "title": "T", "license_id": "cc-by", "type": "datensatz", "notes": "Muster",
    "tags": ["wege", "karte"], "groups": ["geo"], "metadata_created": "2013-04-19T15:40:23.6",
    "extras": {"username": "Erika Muster", "description": "Frau Muster", "role": "Muster",
               "date_released": "2011-07-01", "date_updated": "2013-04",
               "temporal_coverage-from": "1995-01-01", "temporal_coverage-to": "2011-12-31",
               "geographical_coverage": "Berlin"},
}  # fmt: skip
FLAT = {  # a scheme without extras, as ckanext-dcat offers it
    "id": "a2", "title": "T", "metadata_created": "2024-01-01T00:00:00", "private": "Published",
    "issued": "2019", "modified": "2020-05-01", "theme": ["http://theme/ENVI"],
    "temporal_coverage": [{"start": "2019-01-01", "end": "2019-12-31", "note": "Muster"}],
    "contact": [{"name": "Erika Muster", "email": "e.muster@x.de"}],
    "publisher": [{"name": "Erika Muster"}], "frequency": "http://frequency/ANNUAL",
}  # fmt: skip
DATES = '[{"role": "veroeffentlicht", "date": "2012-03-04"}, {"role": "x", "date": "2000"}]'


def test_older_and_newer_schemes_keep_their_times_and_themes(make_payload):
    content = json.dumps([OLD, FLAT, {"id": "a3", "extras": [{"key": "dates", "value": DATES}]}])
    kept = fetch.strip(content.encode(), "x", "k")
    assert b"Muster" not in kept
    old, flat, third = rows(parse(make_payload(kept), SOURCE))
    assert (json.loads(old["keywords"]), json.loads(old["themes"])) == (["wege", "karte"], ["geo"])
    assert (old["spatial"], old["temporal"]) == ("Berlin", "1995-01-01/2011-12-31")
    assert (old["issued_at"].date(), old["modified_at"].date()) == (
        date(2011, 7, 1),
        date(2013, 4, 1),
    )
    assert (flat["issued_at"].year, flat["modified_at"].year) == (2019, 2020)
    assert (flat["has_contact_point"], flat["has_publisher"], flat["publisher"]) == (
        True,
        True,
        None,
    )
    assert json.loads(flat["themes"]) == ["http://theme/ENVI"]
    assert (flat["temporal"], flat["is_public"]) == ("2019-01-01/2019-12-31", True)
    assert third["issued_at"].date() == date(2012, 3, 4)


def test_times_of_an_english_dkan(make_payload):
    right = {"id": "1", "metadata_created": "Mon, 02/11/2013 - 05:13"}
    wrong = {"id": "2", "metadata_created": "Mon, 11/02/2013 - 05:13"}
    parsed = read(json.dumps([right, wrong]).encode(), make_payload)
    assert rows(parsed)[0]["issued_at"] == datetime(2013, 2, 11, 5, 13, tzinfo=UTC)
    assert [r.row for r in parsed.rejects] == [2]


def test_a_dump_with_one_package_per_line(make_payload, tmp_path):
    lines = [json.dumps(PACKAGE), json.dumps({**PACKAGE, "id": "2"}), ""]
    content = "\n".join(lines).encode()
    path = tmp_path / "dump.jsonl"
    assert inbox.owner(path, content, tmp_path, registry.sources()) == "ckan"
    assert len(rows(read(content, make_payload))) == 2
    with pytest.raises(PayloadError, match="broken JSON"):
        read(content[:-20], make_payload)


def test_lists_of_files_in_another_order(make_payload, tmp_path):
    """Columns of other cities' lists; their free text is not kept."""
    content = (
        "Quelle;Dateibezeichnung;Beschreibung;Lizenz;Umwelt;Politik, Wahlen;Format;;;URL\n"
        'd;"Bäume\nund Sträucher";Frau Muster;frei;X;;CSV;Muster;;http://x/a.csv\n'
    ).encode("cp1252")
    assert inbox.owner(tmp_path / "a.csv", content, tmp_path, registry.sources()) == "ckan"
    assert b"Muster" not in fetch.strip(content, "x", "k")
    parsed = read(content, make_payload)
    (dataset,) = rows(parsed)
    assert (dataset["title"], json.loads(dataset["themes"])) == ("Bäume und Sträucher", ["Umwelt"])
    assert rows(parsed, "resources")[0]["access_url"] == "http://x/a.csv"


def test_broken_packages_are_rejected_and_the_rest_goes_on(make_payload):
    odd = {**PACKAGE, "id": "2", "private": "vielleicht"}
    nameless = {"title": "T", "resources": []}
    huge = {
        **PACKAGE,
        "id": "3",
        "resources": [{"id": "r", "url": "https://x", "created": "gestern"}],
    }
    parsed = read(answer(PACKAGE, odd, nameless, huge, 7), make_payload)
    assert [(r.table, r.row) for r in parsed.rejects] == [
        *(("datasets", n) for n in (2, 3, 5)),
        ("resources", 5),
    ]
    assert "vielleicht" in parsed.rejects[0].reason
    assert [r["_row"] for r in rows(parsed)] == [1, 4]
    assert parsed.count == 5 + 2 + 2 + 1


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b'{"result":', "broken JSON"),
        (
            b'{"success":false,"error":{"__type":"Not Found Error","message":"Nicht da"}}',
            "Nicht da",
        ),
        (b'{"success":true,"result":["a","b"]}', "list of names"),
        (b'{"result":{"count":1}}', "no packages"),
        (b"", "neither JSON"),
        (b"\xff\xfe", "neither JSON|decode"),
        (b"a,b\n1,2\n", "neither JSON"),
    ],
)
def test_useless_payload_says_why(make_payload, content, hint):
    with pytest.raises(PayloadError, match=hint):
        read(content, make_payload)
    with pytest.raises(PayloadError):
        parse(make_payload(content), SOURCE)


def real(realdata, name):
    return realdata(f"catalogue/{name}").read_bytes()


@pytest.mark.parametrize(
    ("name", "datasets", "resources", "publishers"),
    [
        ("koeln-catalog-2015.json", 137, 512, "Stadt Köln"),
        ("bonn-catalog-2015.json", 101, 317, "bonnorange AöR"),
    ],
)
def test_real_dkan_dumps(realdata, make_payload, check, name, datasets, resources, publishers):
    content = real(realdata, name)
    stripped = fetch.strip(content, "x", "")
    assert b"@" not in stripped.replace(b"vocabulary_id", b"")
    original = json.loads(content)
    for package in json.loads(stripped):
        fields = ("maintainer", "maintainer_email", "author", "author_email", "notes")
        assert {package[f] for f in fields if f in package} == {catalogue.REMOVED}
        assert {"creator_user_id", "log_message"}.isdisjoint(package)
    parsed = parse(make_payload(stripped, filename=name), SOURCE)
    assert (len(rows(parsed)), len(rows(parsed, "resources"))) == (datasets, resources)
    assert parsed.rejects == ()
    first = rows(parsed)[0]
    assert (first["catalogue"], first["publisher"]) == (name.removesuffix(".json"), publishers)
    assert first["is_public"] is True
    assert first["record_type"] == "Dataset"
    assert first["has_contact_point"] is True
    assert sum(r["has_description"] for r in rows(parsed)) == sum("notes" in p for p in original)
    changed = original[0]["resources"][0]["last_modified"].split("\t")[1]
    assert rows(parsed, "resources")[0]["modified_at"] == datetime.fromisoformat(changed)
    result = check("ckan", parsed)
    assert (result.held, result.quarantined) == ("", [])


def test_real_schema_dump_is_mapped(realdata, make_payload, check):
    content = real(realdata, "moers-catalog-2015.json")
    stripped = fetch.strip(content, "x", "")
    assert b"@" not in stripped
    parsed = parse(make_payload(stripped, filename="moers.json"), SOURCE)
    found = rows(parsed)
    assert len(found) + sum(r.table == "datasets" for r in parsed.rejects) == 185
    assert len(found) >= 180
    first = found[0]
    assert first["title"] == "Haushaltsplan 2013"
    assert first["issued_at"] == datetime(2013, 2, 6, 15, 49, 58, tzinfo=UTC)  # winter, UTC+1
    assert sum(r["licence"] == "dl-de-zero-2.0" for r in found) >= 180
    assert first["dataset_id"] == "B2DEA28118BBFC88C1257B0A0056F933"
    way = rows(parsed, "resources")[0]
    assert way["format"] == "application/xml"
    assert way["access_url"].startswith("/c125722e0057acf2/files/")
    assert not check("ckan", parsed).held


@pytest.mark.parametrize(("name", "files"), [("dresden", 6), ("leipzig", 55)])
def test_real_lists_of_files(realdata, make_payload, name, files):
    parsed = read(real(realdata, f"odm/{name}.csv"), make_payload, filename=f"{name}.csv")
    assert parsed.count == 2 * files
    assert parsed.rejects == ()
    first = rows(parsed)[0]
    assert first["licence"] == "nicht bekannt"
    assert len(json.loads(first["themes"])) == 2
    assert rows(parsed, "resources")[0]["format"] == "XLS"


def test_inbox_recognises_real_files(realdata):
    folder = realdata("catalogue")
    names = ["koeln-catalog-2015.json", "bonn-catalog-2015.json", "moers-catalog-2015.json"]
    names += ["odm/dresden.csv", "odm/leipzig.csv"]
    for name in names:
        path = folder / name
        assert inbox.owner(path, path.read_bytes(), folder, registry.sources()) == "ckan"
    mirror = folder / "dresden/index.excerpt.json"
    owner = inbox.owner(mirror, mirror.read_bytes(), folder, registry.sources())
    assert owner == "dresden_portal"


def test_round_trip_through_the_demo(ask, world, check):
    payloads = ask("ckan")
    assert all(b"Beispiel" not in p.content for p in payloads)
    parsed = [parse(p, SOURCE) for p in payloads]
    assert all(p.rejects == () for p in parsed)
    expected = city.datasets(world)
    found = [r for p in parsed for r in rows(p)]
    assert [r["dataset_id"] for r in found] == [d.id.lower() for d in expected]
    assert [r["has_contact_point"] for r in found] == [d.has_contact for d in expected]
    assert [r["modified_at"] for r in found] == [
        d.modified(NOW).replace(second=0) for d in expected
    ]
    ways = sum(p.tables["resources"].num_rows for p in parsed)
    assert ways == sum(len(d.downloads) for d in expected)
    assert not any(check("ckan", p).quarantined for p in parsed)


def test_demo_errors_and_limits(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    assert (
        len(client.get("/package_search", params={"rows": 9999}).json()["result"]["results"])
        <= 1000
    )
    assert client.get("/package_search", params={"rows": "x"}).status_code == 409
    assert client.get("/package_show", params={"id": "x"}).json()["success"] is False
    name = client.get("/package_list").json()["result"][0]
    assert client.get("/package_show", params={"id": name}).json()["result"]["name"] == name


FIELDS = [
    *PACKAGE,
    "result",
    "results",
    "success",
    "error",
    "description",
    "items",
    "properties",
    "key",
    "value",
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), below, max_size=5)
    ),
    max_leaves=25,
)
packages = st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6)


@settings(max_examples=250, deadline=None)
@given(
    st.binary(max_size=200)
    | json_values.map(lambda v: json.dumps(v).encode())
    | st.lists(packages, max_size=4).map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_give_tables_or_a_named_error(content):
    for variant in (content, fetch.strip(content, "x", "k")):
        try:
            parsed = parse(Payload(variant, "x", "json", NOW, "real"), SOURCE)
        except PayloadError:
            continue
        for name, table in parsed.tables.items():
            assert table.num_rows == len(set(table.column("_row").to_pylist()))
            assert all(r.table in parsed.tables for r in parsed.rejects), name


def test_cleaning_is_stable():
    once = cleaning.cleaned(answer(PACKAGE))
    assert cleaning.cleaned(once) == once
