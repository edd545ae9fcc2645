"""CSW 2.0.2: paging, a real answer, nothing personal, and the way through the demo."""

from __future__ import annotations

import json
from datetime import date

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
from urbandata.sources.csw import demo, fetch
from urbandata.sources.csw.parse import parse

SOURCE = registry.source("csw")
SPACES = " ".join(f'xmlns:{p}="{n}"' for p, n in demo.SPACES.items())
RECORD = """<csw:Record><dc:identifier>1</dc:identifier><dc:title>B&#228;ume</dc:title>
  <dc:type>dataset</dc:type><dc:subject>Baum</dc:subject><dc:subject>Baum</dc:subject>
  <dc:creator>Erika Muster</dc:creator><dct:abstract>Auskunft: Erika Muster</dct:abstract>
  <dct:modified>2025-06-01T10:00:00Z</dct:modified><dc:rights>A</dc:rights><dc:rights>B</dc:rights>
  <dct:references scheme="CSV">https://x/a.csv</dct:references><dc:unknown>Muster</dc:unknown>
  <dc:URI protocol="OGC:WMS" name="w">https://x/wms</dc:URI></csw:Record>"""


def answer(*records, following=0, matched=None):
    counts = f'numberOfRecordsMatched="{matched or len(records)}" nextRecord="{following}"'
    results = f"<csw:SearchResults {counts}>{''.join(records)}</csw:SearchResults>"
    return f"<csw:GetRecordsResponse {SPACES}>{results}</csw:GetRecordsResponse>".encode()


def read(content, make_payload, **kwargs):
    return parse(make_payload(fetch.strip(content, "x", "k"), **kwargs), SOURCE)


def rows(parsed, table="datasets"):
    return parsed.tables[table].to_pylist()


def test_pages_follow_next_record(make_payload):
    (first,) = fetch.requests(Window(NOW, NOW), SOURCE)
    assert (first.params["startPosition"], first.params["maxRecords"]) == ("1", "200")
    assert "Dresden" in first.params["constraint"]
    content = fetch.strip(answer(RECORD, following=201, matched=300), "x", "k")
    (second,) = fetch.follow(first, make_payload(content), SOURCE)
    assert (second.resource, second.params["startPosition"]) == ("records/201", "201")
    for last in (
        answer(RECORD),
        answer(RECORD, following=1, matched=9),
        answer(RECORD, following=2),
    ):
        assert list(fetch.follow(first, make_payload(last), SOURCE)) == []
    for broken in (b"<html/>", b"{}", answer(following="x")):
        with pytest.raises(FetchError):
            list(fetch.follow(first, make_payload(broken), SOURCE))


def test_a_record_becomes_a_dataset_and_its_links(make_payload, check):
    parsed = read(answer(RECORD), make_payload)
    (dataset,) = rows(parsed)
    assert (dataset["dataset_id"], dataset["title"], dataset["record_type"]) == (
        "1",
        "Bäume",
        "dataset",
    )
    assert (dataset["has_contact_point"], dataset["has_description"]) == (True, True)
    assert json.loads(dataset["keywords"]) == ["Baum"]
    assert (dataset["modified_on"], dataset["licence"]) == (date(2025, 6, 1), "A; B")
    assert [
        (r["format"], r["access_url"], r["resource_id"]) for r in rows(parsed, "resources")
    ] == [
        ("CSV", "https://x/a.csv", None),
        ("OGC:WMS", "https://x/wms", "w"),
    ]
    assert not check("csw", parsed).quarantined


def test_nothing_personal_survives():
    for content in (answer(RECORD), b"<a>Muster</a>", b"Muster", answer("<dc:x>Muster</dc:x>")):
        assert b"uster" not in fetch.strip(content, "x", "k")


def test_broken_records_are_rejected_and_the_rest_goes_on(make_payload):
    odd = RECORD.replace("2025-06-01T10", "neulichT10")
    nameless = "<csw:Record><dc:title>T</dc:title></csw:Record>"
    parsed = read(answer(odd, nameless, RECORD, "<csw:SearchStatus/>"), make_payload)
    assert [r.row for r in parsed.rejects] == [1, 2, 4]
    assert "neulich" in parsed.rejects[0].reason
    assert [r["_row"] for r in rows(parsed)] == [3]


def test_records_of_another_kind_are_not_lost(make_payload):
    """An answer in ISO 19139, or cut short to summaries, is no empty catalogue."""
    iso = '<MD_Metadata xmlns="http://www.isotc211.org/2005/gmd"><name>Muster</name></MD_Metadata>'
    summary = "<csw:SummaryRecord><dc:identifier>1</dc:identifier></csw:SummaryRecord>"
    for record, kind in ((iso, "MD_Metadata"), (summary, "SummaryRecord")):
        kept = fetch.strip(answer(record, "<?pi Muster?>"), "x", "k")
        assert b"Muster" not in kept
        with pytest.raises(PayloadError, match=f"the records are {kind}.*elementSetName full"):
            parse(make_payload(kept), SOURCE)
        (reject,) = read(answer(RECORD, record), make_payload).rejects
        assert (reject.row, reject.reason) == (2, f"{kind} is no csw:Record")


def test_any_prefix_and_dates_that_are_only_a_year(make_payload, tmp_path):
    content = answer(RECORD.replace("2025-06-01T10:00:00Z", "2025")).replace(b"csw", b"ns2")
    content = content.replace(b"/cat/ns2/", b"/cat/csw/")
    assert inbox.owner(tmp_path / "a.xml", content, tmp_path, registry.sources()) == "csw"
    (dataset,) = rows(read(content, make_payload))
    assert dataset["modified_on"] == date(2025, 1, 1)


def test_empty_answer_is_no_error(make_payload):
    assert read(answer(), make_payload).count == 0


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "broken XML|empty"),
        (b"<a/>", "no csw|neither a CSW"),
        (demo._exception("falsche Seite").encode(), "falsche Seite"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
    ],
)
def test_useless_payload_says_why(make_payload, content, hint):
    for variant in (content, fetch.strip(content, "x", "k")):
        with pytest.raises(PayloadError, match=hint):
            parse(make_payload(variant), SOURCE)


def test_real_answer(realdata, make_payload, check):
    path = realdata("catalogue/braunschweig-catalog.xml")
    content = path.read_bytes()
    assert inbox.owner(path, content, path.parent, registry.sources()) == "csw"
    parsed = read(content, make_payload, filename=path.name)
    found = rows(parsed)
    assert (len(found), parsed.rejects) == (153, ())
    first = found[0]
    assert first["title"].startswith("Bewertung bebauter Grundstücke im Stadtgebiet")
    assert (first["spatial"], first["access_rights"]) == ("10.40 52.18,10.65 52.36", "restricted")
    assert (first["modified_on"], first["issued_on"]) == (date(2014, 8, 7), date(1995, 1, 1))
    assert {r["record_type"] for r in found} >= {"dataset", "service", "application", "series"}
    assert all(r["has_description"] for r in found)
    formats = [
        r["format"] for r in rows(parsed, "resources") if r["dataset_id"].startswith("fd45be99")
    ]
    assert formats == ["ASCII", "TIFF"]
    result = check("csw", parsed)
    assert (result.held, result.quarantined) == ("", [])


def test_round_trip_through_the_demo(ask, world, check):
    payloads = ask("csw")
    assert all(b"Beispiel" not in p.content for p in payloads)
    parsed = [parse(p, SOURCE) for p in payloads]
    assert all(p.rejects == () for p in parsed)
    expected = city.datasets(world)
    found = [r for p in parsed for r in rows(p)]
    assert [(r["dataset_id"], r["title"]) for r in found] == [
        (d.id.lower(), d.title) for d in expected
    ]
    assert max(r["modified_on"] for r in found) <= NOW.date()
    ways = sum(p.tables["resources"].num_rows for p in parsed)
    assert ways == sum(len(d.downloads) for d in expected)
    assert not any(check("csw", p).quarantined for p in parsed)


def test_demo_answers_post_and_errors(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    body = f'<csw:GetRecords {SPACES} version="2.0.2" startPosition="11" maxRecords="5"/>'
    by_post = client.post("/csw", content=body).text
    wanted = {"request": "GetRecords", "STARTPOSITION": "11", "maxRecords": "5"}
    assert by_post == client.get("/csw", params=wanted).text
    assert 'nextRecord="16"' in by_post
    for bad in ({"request": "GetCapabilities"}, {"request": "GetRecords", "maxRecords": "x"}):
        reply = client.get("/csw", params=bad)
        assert (reply.status_code, "ExceptionReport" in reply.text) == (400, True)
    assert client.post("/csw", content=b"<a").status_code == 400


TAGS = ["csw:Record", "dc:identifier", "dct:modified", "dct:references", "ows:BoundingBox", "dc:x"]
text = st.text(st.characters(codec="utf-8", categories=("L", "N", "Z")), max_size=8)
elements = st.recursive(
    text,
    lambda below: st.tuples(st.sampled_from(TAGS), st.lists(below, max_size=4)).map(
        lambda t: f"<{t[0]}>{''.join(t[1])}</{t[0]}>"
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=120) | st.lists(elements, max_size=5).map(lambda e: answer(*e)))
def test_any_bytes_give_tables_or_a_named_error(content):
    for variant in (content, fetch.strip(content, "x", "k")):
        try:
            parsed = parse(Payload(variant, "x", "xml", NOW, "real"), SOURCE)
        except PayloadError:
            continue
        for name, table in parsed.tables.items():
            places = table.column("_row").to_pylist()
            places += [r.row for r in parsed.rejects if r.table == name]
            assert len(places) == len(set(places))
