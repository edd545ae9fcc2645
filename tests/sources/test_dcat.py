"""DCAT-AP.de in RDF/XML: paging, people cut out, a real page, and the way through the demo."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.conftest import NOW

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.demo import catalogue as city
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.dcat import demo, fetch
from urbandata.sources.dcat.parse import parse

SOURCE = registry.source("dcat")
HEAD = "<rdf:RDF " + " ".join(f'xmlns:{p}="{n}"' for p, n in demo.PREFIXES.items()) + ">"
DATASET = """
<dcat:Catalog rdf:about="http://x"><dcat:dataset><dcat:Dataset rdf:about="http://x/1">
  <dct:title xml:lang="de">Bäume</dct:title>
  <dct:description>Fragen an Erika Muster</dct:description>
  <dct:modified>2025-06-01T10:00:00+02:00</dct:modified>
  <dcat:keyword>b</dcat:keyword><dcat:keyword>a</dcat:keyword>
  <dct:publisher><foaf:Organization><foaf:name>Umweltamt</foaf:name>
    <foaf:mbox>muster@dresden.de</foaf:mbox></foaf:Organization></dct:publisher>
  <dct:creator><foaf:Person><foaf:name>Erika Muster</foaf:name></foaf:Person></dct:creator>
  <dcat:contactPoint rdf:resource="http://x/erika-muster"/>
  <dct:license rdf:resource="http://dcat-ap.de/def/licenses/dl-by-de/2.0"/>
  <dct:temporal><dct:PeriodOfTime><dcat:startDate>2024-01-01</dcat:startDate></dct:PeriodOfTime>
  </dct:temporal>
  <dcat:distribution><dcat:Distribution rdf:about="http://x/1/a">
    <dcat:accessURL rdf:resource="http://x/a.csv"/><dct:format>CSV</dct:format>
    <dcat:byteSize>12.0</dcat:byteSize></dcat:Distribution></dcat:distribution>
</dcat:Dataset></dcat:dataset></dcat:Catalog>
<foaf:Person rdf:about="http://x/erika-muster" foaf:nick="Muster"><foaf:name>Muster</foaf:name>
  <rdf:value>Muster</rdf:value></foaf:Person>
"""


def page(body=DATASET):
    return f"{HEAD}{body}</rdf:RDF>".encode()


def read(content, make_payload, **kwargs):
    return parse(make_payload(fetch.strip(content, "x", "k"), **kwargs), SOURCE)


def rows(parsed, table="datasets"):
    return parsed.tables[table].to_pylist()


@pytest.mark.parametrize("name", ["nextPage", "next"])
@pytest.mark.parametrize("form", ['<hydra:{0} rdf:resource="{1}"/>', "<hydra:{0}>{1}</hydra:{0}>"])
def test_pages_are_linked_by_hydra(make_payload, name, form):
    (first,) = fetch.requests(Window(NOW, NOW), SOURCE)
    link = form.format(name, "http://x/catalog.rdf?page=2")
    body = f'<hydra:PagedCollection rdf:about="http://x">{link}</hydra:PagedCollection>'
    content = fetch.strip(page(body), "x", "k")
    (second,) = fetch.follow(first, make_payload(content), SOURCE)
    assert (second.resource, second.path) == ("catalog/2", "http://x/catalog.rdf?page=2")
    assert list(fetch.follow(first, make_payload(page()), SOURCE)) == []
    with pytest.raises(FetchError):
        list(fetch.follow(first, make_payload(b"<html>"), SOURCE))


def test_a_dataset_and_its_distribution(make_payload, check):
    parsed = read(page(), make_payload)
    (dataset,) = rows(parsed)
    assert (dataset["dataset_id"], dataset["title"]) == ("http://x/1", "Bäume")
    assert (dataset["publisher"], dataset["has_contact_point"]) == ("Umweltamt", True)
    assert dataset["has_description"] is True
    assert json.loads(dataset["keywords"]) == ["a", "b"]
    assert dataset["modified_at"] == datetime(2025, 6, 1, 8, tzinfo=UTC)
    assert dataset["temporal"] == "2024-01-01/"
    (way,) = rows(parsed, "resources")
    assert (way["dataset_id"], way["access_url"]) == ("http://x/1", "http://x/a.csv")
    assert (way["format"], way["byte_size"]) == ("CSV", 12.0)
    assert not check("dcat", parsed).quarantined


def test_nothing_personal_survives():
    described = page("""
      <rdf:Description rdf:about="http://x/p"><rdf:type rdf:resource="http://xmlns.com/foaf/0.1/Person"/>
        <foaf:name>Muster</foaf:name><rdf:value>Muster</rdf:value></rdf:Description>
      <dcat:Dataset rdf:about="http://x/2" dct:creator="Muster"><dct:publisher rdf:resource="http://x/p"/>
        <dct:publisher>Erika Muster</dct:publisher><!-- Muster --><?muster Muster?>
        <dct:provenance rdf:parseType="Literal">Muster</dct:provenance>
        <dct:title>Fragen an e.muster@dresden.de</dct:title></dcat:Dataset>Muster""")
    for content in (page(), described, b"<a>Erika Muster</a>", b"Erika Muster"):
        kept = fetch.strip(content, "x", "k").decode().replace("http://x/erika-muster", "")
        assert "uster" not in kept


def test_people_as_publishers_have_no_name(make_payload):
    body = """<dcat:Dataset rdf:about="http://x/1"><dct:title>T</dct:title>
      <dct:publisher><foaf:Person><foaf:name>Erika Muster</foaf:name></foaf:Person>
      </dct:publisher></dcat:Dataset>"""
    for parsed in (read(page(body), make_payload), parse(make_payload(page(body)), SOURCE)):
        (dataset,) = rows(parsed)
        assert (dataset["publisher"], dataset["has_publisher"]) == (None, True)
        assert (dataset["has_contact_point"], dataset["has_description"]) == (False, False)


def test_broken_records_are_rejected_and_the_rest_goes_on(make_payload):
    body = (
        DATASET
        + """
      <dcat:Dataset><dct:title>ohne Adresse</dct:title></dcat:Dataset>
      <dcat:Dataset rdf:about="http://x/3"><dct:modified>gestern</dct:modified></dcat:Dataset>
      <dcat:Distribution rdf:about="http://x/orphan"/>"""
    )
    parsed = read(page(body), make_payload)
    assert sorted(r.table for r in parsed.rejects) == ["datasets", "datasets", "resources"]
    reasons = " ".join(r.reason for r in parsed.rejects)
    assert "without address" in reasons
    assert "gestern" in reasons
    assert "no dataset" in reasons
    assert parsed.count == 3 + 2


TURTLE = """# a catalogue of another city
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<http://x/1> a dcat:Dataset ; dct:title "Bäume"@de ; dct:description "Frau Muster" ;
  dct:issued "2014"^^xsd:gYear ; dct:modified "2014-05"^^xsd:gYearMonth ;
  dct:publisher [ a foaf:Organization ; foaf:name "Umweltamt" ; foaf:mbox <mailto:muster@x.de> ] ;
  dct:creator [ a foaf:Person ; foaf:name "Erika Muster" ] ;
  dcat:contactPoint [ a vcard:Individual ; vcard:fn "Erika Muster" ] ;
  dcat:distribution <http://x/1/a> .
<http://x/1/a> a dcat:Distribution ; dcat:accessURL <http://x/a.csv> .
"""


@pytest.mark.parametrize(
    ("syntax", "ending"), [("turtle", "ttl"), ("nt", "nt"), ("json-ld", "json"), ("xml", "rdf")]
)
def test_other_syntaxes_say_the_same(make_payload, tmp_path, syntax, ending):
    graph = Graph().parse(data=TURTLE, format="turtle")
    content = TURTLE if syntax == "turtle" else graph.serialize(format=syntax, auto_compact=True)
    path = tmp_path / f"katalog.{ending}"
    owner = inbox.owner(path, content.encode(), tmp_path, registry.sources())
    assert owner == "dcat"
    kept = fetch.strip(content.encode(), "x", "k")
    assert b"uster" not in kept
    assert syntax == "xml" or kept == fetch.strip(content.encode(), "x", "k")
    parsed = parse(make_payload(kept), SOURCE)
    (dataset,) = rows(parsed)
    assert (dataset["title"], dataset["publisher"]) == ("Bäume", "Umweltamt")
    assert (dataset["has_contact_point"], dataset["has_description"]) == (True, True)
    assert dataset["issued_at"] == datetime(2014, 1, 1, tzinfo=UTC)
    assert dataset["modified_at"] == datetime(2014, 5, 1, tzinfo=UTC)
    assert rows(parsed, "resources")[0]["access_url"] == "http://x/a.csv"


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (TURTLE[:-20].encode(), "broken turtle"),
        (b'{"@context": "http://x/context.jsonld", "@id": "http://x/1"}', "another address"),
        (b'[{"@context": [{"@import": "http://x"}]}]', "another address"),
        (b'{"@context": {', "broken JSON"),
    ],
)
def test_no_context_is_fetched_and_cut_files_say_so(make_payload, content, hint):
    with pytest.raises(PayloadError, match=hint):
        read(content, make_payload)


def test_empty_catalogue_is_no_error(make_payload):
    assert read(page('<dcat:Catalog rdf:about="http://x"/>'), make_payload).count == 0


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "broken XML|empty"),
        (b"<a/>", "not RDF/XML"),
        (page(""), "no dcat:Catalog"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (page('<dcat:Dataset rdf:about="1" rdf:ID="2"/>'), "broken RDF/XML"),
    ],
)
def test_useless_payload_says_why(make_payload, content, hint):
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content), SOURCE)
    with pytest.raises(PayloadError, match=hint):
        read(content, make_payload)


def test_real_page_of_govdata(realdata, make_payload, check):
    content = realdata("catalogue/govdata/catalog-endpoint.rdf").read_bytes()
    stripped = fetch.strip(content, "x", "")
    for person in ("Mädge", "maedge", "Peter Schröder", "Anton Test", "Ligusterweg", "4042840"):
        assert person in content.decode()
        assert person not in stripped.decode()
    parsed = parse(make_payload(stripped, filename="catalog-endpoint.rdf"), SOURCE)
    found = {r["title"]: r for r in rows(parsed)}
    assert len(found) == 6
    geest = found["Naturräume Geest und Marsch"]
    assert geest["accrual_periodicity"].endswith("/ANNUAL")
    assert geest["access_rights"] == "public"
    assert geest["temporal"] == "2016-01-01T00:00:00/2016-12-31T00:00:00"
    assert geest["publisher"].startswith("Behörde für Umwelt und Energie")
    assert geest["has_contact_point"] is True
    assert found["Titel"]["has_contact_point"] is False
    ways = rows(parsed, "resources")
    expected = content.count(b"<dcat:Distribution ")
    assert len(ways) + len(parsed.rejects) == expected
    assert 685246.0 in {w["byte_size"] for w in ways}
    assert "http://geodienste.hamburg.de/Geest-_Marsch" in {w["download_url"] for w in ways}
    assert check("dcat", parsed).held == ""


def test_inbox_recognises_the_real_page(realdata):
    path = realdata("catalogue/govdata/catalog-endpoint.rdf")
    owner = inbox.owner(path, path.read_bytes(), path.parent.parent, registry.sources())
    assert owner == "dcat"


def test_round_trip_through_the_demo(ask, world, check):
    payloads = ask("dcat")
    assert len(payloads) == 10
    assert all(b"Beispiel" not in p.content for p in payloads)
    parsed = [parse(p, SOURCE) for p in payloads]
    assert all(p.rejects == () for p in parsed)
    expected = {d.id.lower(): d for d in city.datasets(world)}
    found = {r["dataset_id"]: r for p in parsed for r in rows(p)}
    assert found.keys() == expected.keys()
    for key, dataset in expected.items():
        row = found[key]
        assert (row["title"], row["publisher"]) == (dataset.title, dataset.office)
        assert row["has_contact_point"] == dataset.has_contact
        assert row["modified_at"] == dataset.modified(NOW)
        assert row["issued_at"] <= row["modified_at"] <= NOW
    ways = sum(p.tables["resources"].num_rows for p in parsed)
    assert ways == sum(len(d.downloads) for d in expected.values())
    assert not any(check("dcat", p).quarantined for p in parsed)


def test_demo_ends(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    assert client.get("/catalog.rdf?page=0").status_code == 404
    assert "dcat:Dataset " not in client.get("/catalog.rdf?page=999").text


PROPERTIES = [
    "dct:title",
    "dct:publisher",
    "dcat:distribution",
    "dcat:keyword",
    "dct:issued",
    "dct:x",
]
NODES = ["dcat:Dataset", "dcat:Distribution", "foaf:Person", "rdf:Description", "rdf:li", "rdf:RDF"]
text = st.text(
    st.characters(exclude_characters="<&>\x00", codec="utf-8", categories=("L", "N", "Z"))
)
nodes = st.recursive(
    text,
    lambda below: st.tuples(
        st.sampled_from(NODES), st.sampled_from(PROPERTIES), below,
        st.sampled_from(["", *(f' rdf:{n}="a"' for n in ("about", "nodeID", "resource", "ID"))]),
    ).map(lambda t: f"<{t[0]}{t[3]}><{t[1]}>{t[2]}</{t[1]}></{t[0]}>"),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120) | st.lists(nodes, max_size=4).map(lambda n: page("".join(n))))
def test_any_bytes_give_tables_or_a_named_error(content):
    for variant in (content, fetch.strip(content, "x", "k")):
        try:
            parsed = parse(Payload(variant, "x", "rdf", NOW, "real"), SOURCE)
        except PayloadError:
            continue
        for name, table in parsed.tables.items():
            places = table.column("_row").to_pylist()
            places += [r.row for r in parsed.rejects if r.table == name]
            assert len(places) == len(set(places))
