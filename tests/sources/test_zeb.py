"""Road condition: survey deliveries in every packing, ratings of other cities, the demo city."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapefile
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests import archives

from urbandata import inbox, recognition, registry
from urbandata.contract import Payload, Window
from urbandata.demo import roads
from urbandata.errors import PayloadError
from urbandata.sources.zeb import demo, fetch
from urbandata.sources.zeb.parse import parse

REAL = "road-condition/"
SURVEYS = "kampagne_id;befahrung_datum;abschnitt_id;twgeb;twsub;gw\n"
SECTIONS = "abschnitt_id;laenge_m;breite_m;bauweise;funktionsklasse\n"


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


NOW = Window(at(2025, 9, 15), at(2025, 9, 15))


@pytest.fixture(scope="module")
def source():
    return registry.source("zeb")


def rows(parsed, table):
    return parsed.tables[table].to_pylist()


def zipped(**files) -> bytes:
    return archives.zipped(archives.dotted(files))


def workbook(*lines) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


# --- fetch -------------------------------------------------------------------------------------


def test_no_delivery_is_asked_for_unless_named(source):
    assert list(fetch.requests(NOW, source)) == []


def test_deliveries_and_one_a_year(source):
    found = list(fetch.requests(NOW, source.as_demo()))
    assert [r.path for r in found] == [
        "zeb-2015.zip",
        "zeb-2021.zip",
        "sensor-2023.zip",
        "sensor-2024.zip",
        "sensor-2025.zip",
    ]
    assert all(r.conditional and r.missing_ok for r in found)


# --- parse -------------------------------------------------------------------------------------


def test_delivery_with_two_tables(source, make_payload):
    surveys = SURVEYS + "Z1;06.09.2021;a;2,5;3,0;3,0\nZ1;06.09.2021;b;;;\n"
    content = zipped(sections__csv=SECTIONS + "a;120,5;6,5;A;HVS\n", surveys__csv=surveys)
    parsed = parse(make_payload(content, filename="zeb.zip"), source)
    assert not parsed.rejects
    (section,) = rows(parsed, "sections")
    assert (section["section_id"], section["length_m"], section["surface"]) == ("a", 120.5, "A")
    first, second = rows(parsed, "surveys")
    assert (first["surveyed_on"], first["total_value"]) == (date(2021, 9, 6), 3.0)
    assert (second["total_value"], second["usability_value"]) == (None, None)


def test_sheets_of_one_table_are_numbered_through(source, make_payload):
    content = zipped(
        a__csv=SURVEYS + "Z1;06.09.2021;a;2,5;3,0;3,0\nZ1;heute;b;1;1;1\n",
        b__csv=SURVEYS + "Z2;06.09.2021;c;gut;3,0;3,0\nZ2;06.09.2021;d;1,0;1,0;1,0\n",
    )
    parsed = parse(make_payload(content), source)
    assert [(r["section_id"], r["_row"]) for r in rows(parsed, "surveys")] == [("a", 2), ("d", 6)]
    assert [(r.row, r.table) for r in parsed.rejects] == [(3, "surveys"), (5, "surveys")]
    assert parsed.count == 4


def test_cut_and_long_lines_are_turned_away(source, make_payload):
    content = (SURVEYS + "Z1;06.09.2021;a\nZ1;06.09.2021;b;1;1;1;9\n").encode()
    parsed = parse(make_payload(content), source)
    assert [r.reason for r in parsed.rejects] == [
        "the line is cut off",
        "7 fields, the header has 6",
    ]


def test_xlsx_delivery_by_its_mapping(source, make_payload):
    head = ["Kampagne", "Datum", "Abschnitt", "Gesamtwert", "Gebrauchswert", "Bemerkung"]
    content = workbook(head, ["Z9", at(2025, 6, 2).replace(tzinfo=None), "a", 2.5, 2, "nass"])
    (row,) = rows(parse(make_payload(content), source), "surveys")
    assert (row["surveyed_on"], row["total_value"], row["usability_value"]) == (
        date(2025, 6, 2),
        2.5,
        2.0,
    )


def test_the_sheet_itself_says_how_it_writes_numbers(source, make_payload):
    points = SECTIONS.upper() + "a;120.5;6.5;A;HVS\n"
    (section,) = rows(parse(make_payload(points.encode()), source), "sections")
    assert (section["length_m"], section["width_m"]) == (120.5, 6.5)
    head = SURVEYS.strip().split(";")
    cells = ["Z1", at(2021, 9, 6).replace(tzinfo=None), "a", 2.5, 3, 3]
    (row,) = rows(parse(make_payload(workbook(head, cells)), source), "surveys")
    assert (row["surveyed_on"], row["usability_value"]) == (date(2021, 9, 6), 2.5)
    both = SECTIONS + "a;120,5;6,5;A;HVS\nb;98.5;6,5;A;HVS\n"
    parsed = parse(make_payload(both.encode()), source)
    assert [r.reason for r in parsed.rejects] == ['length_m: "98.5" is not a float']
    with pytest.raises(PayloadError, match="thousands or decimals"):
        parse(make_payload((SECTIONS + "a;1.234;6;A;HVS\n").encode()), source)


def test_ways_of_openstreetmap_are_those_of_their_file(source, make_payload):
    ways = [{"@id": "way/1", "highway": "path", "smoothness": "good"}]
    content = json.dumps({"type": "FeatureCollection", "features": [{"properties": ways[0]}]})
    assert recognition.claims(Path("a.json"), content.encode(), [source]) == ["zeb"]
    parsed = parse(make_payload(content.encode(), filename="dresden.geojson"), source)
    (row,) = rows(parsed, "foreign_ratings")
    assert (row["city"], row["section_id"], row["rating_text"]) == ("dresden", "way/1", "good")
    bridge = content.replace('"highway": "path", ', "").encode()
    assert recognition.claims(Path("a.json"), bridge, registry.sources().values()) == ["geo_layers"]


def test_coordinates_of_another_zone_are_not_taken_for_ours(source, make_payload):
    zone = b'PROJCS["ETRS_1989_UTM_Zone_32N",GEOGCS["GCS_ETRS_1989"]]'
    content = zipped(netz__shp="x", netz__dbf="y", netz__prj=zone)
    with pytest.raises(PayloadError, match="UTM zone 33"):
        parse(make_payload(content), source)


def test_sections_are_known_in_any_order_of_columns(source):
    content = b"laenge_m;Abschnitt_ID;breite_m\n"
    assert recognition.claims(Path("netz.csv"), content, [source]) == ["zeb"]


def test_shapefile_gives_the_middle_of_each_line(source, make_payload):
    parts = {k: io.BytesIO() for k in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, encoding="utf-8") as writer:
        for name, kind in (("ABSCHN_ID", "C"), ("LAENGE_M", "N"), ("BAUWEISE", "C")):
            writer.field(name, kind, decimal=1 if kind == "N" else 0)
        writer.line([[[410000.0, 5656000.0], [410100.0, 5656000.0], [410100.0, 5656020.0]]])
        writer.record("ä1", 120.0, "P")
    content = zipped(**{f"netz__{k}": v.getvalue() for k, v in parts.items()})
    (row,) = rows(parse(make_payload(content), source), "sections")
    assert (row["section_id"], row["length_m"], row["surface"]) == ("ä1", 120.0, "P")
    assert (row["easting_m"], row["northing_m"]) == (410060.0, 5656000.0)


def test_headers_alone_are_an_empty_delivery(source, make_payload):
    assert parse(make_payload(SURVEYS.encode()), source).count == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"a;b\n1;2\n", "columns a, b"),
        (b"{}", "GeoJSON"),
        (zipped(readme__pdf="x"), "no CSV"),
        (zipped(netz__shp="x"), "no .dbf"),
        (zipped(netz__shp="x", netz__dbf="y"), "shapefile cannot be read"),
        (zipped(**{"xl/workbook__xml": "x"}), "workbook cannot be read"),
        (zipped(a__csv="x" * 9999)[:-30], "unpacked"),
    ],
)
def test_other_bytes_are_refused(source, make_payload, content, message):
    with pytest.raises(PayloadError, match=message):
        parse(make_payload(content), source)


def test_corrupt_archive_is_refused(source, make_payload):
    content = bytearray(zipped(a__csv=SURVEYS * 50))
    content[60:80] = b"\0" * 20
    with pytest.raises(PayloadError, match="unpacked"):
        parse(make_payload(bytes(content)), source)


@given(
    st.one_of(
        st.binary(max_size=80),
        st.text("0123456789,.;ZEBäöü\n\"' ", max_size=80).map(lambda t: (SURVEYS + t).encode()),
        st.binary(max_size=60).map(lambda b: zipped(a__csv=SURVEYS.encode() + b)),
        st.binary(max_size=40).map(lambda b: zipped(n__shp=b, n__dbf=b)),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=4),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["features", "properties", "id"]), inner)
            ),
            max_leaves=6,
        ).map(lambda v: json.dumps({"features": v}).encode()),
    )
)
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    payload = Payload(content, "zeb 2015", "zip", at(2025, 9, 15), "real")
    try:
        parsed = parse(payload, registry.source("zeb"))
    except PayloadError:
        return
    numbers = [r for t in parsed.tables.values() for r in t.column("_row").to_pylist()]
    numbers += [r.row for r in parsed.rejects]
    assert len(set(numbers)) == parsed.count


# --- real files --------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "damaged"), [("2013", 4865), ("2014", 4868)])
def test_real_ratings_with_dates_a_spreadsheet_destroyed(
    source, realdata, make_payload, check, year, damaged
):
    path = realdata(f"{REAL}syracuse/RoadRatings{year}.csv.xlsx")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), source)
    found = rows(parsed, "foreign_ratings")
    assert (len(found), parsed.rejects) == (4886, ())
    assert {(r["city"], r["scale"], r["year"]) for r in found} == {
        ("Syracuse", "1-10 best 10", int(year))
    }
    lost = [r for r in found if r["is_date_damaged"]]
    assert len(lost) == damaged
    assert found[0]["section_id"] == "12572861"
    assert all(r["rating"] is None or 0 <= r["rating"] <= 10 for r in found)
    assert lost[0]["date_text"] == f"2016-04-{'13' if year == '2013' else '15'} 00:00:00"
    assert sum(r["rating"] is None for r in found) == 16
    door = check("zeb", parsed)
    warned = [c for c in door.checks if c.column == "is_date_damaged"]
    assert [(c.success, c.severity) for c in warned] == [(False, "warning")]
    zeros = [r for r in found if r["rating"] == 0]
    assert len(zeros) == (0 if year == "2013" else 2)
    assert door.accepted["foreign_ratings"].num_rows == 4886 - len(zeros)
    assert {r.row for r in door.quarantined} == {r["_row"] for r in zeros}


def test_real_potholes(source, realdata, make_payload, check):
    path = realdata(REAL + "syracuse/potholes.csv.xlsx")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), source)
    found = rows(parsed, "pothole_repairs")
    assert (len(found), parsed.rejects) == (7392, ())
    assert found[0]["repaired_local"] == datetime.fromisoformat("2016-04-12 07:54:00")
    assert found[0]["street_name"] == "CANAL"
    assert all(c.success for c in check("zeb", parsed).checks)


def test_real_serviceability_index(source, realdata, make_payload, check):
    path = realdata(REAL + "boston-mpo/psi_timeline.csv")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), source)
    found = rows(parsed, "foreign_ratings")
    assert (len(found), parsed.rejects) == (6710, ())
    assert (min(r["year"] for r in found), max(r["year"] for r in found)) == (2007, 2014)
    assert min(r["rating"] for r in found) < 0.03
    assert {r["is_date_damaged"] for r in found} == {None}
    assert check("zeb", parsed).accepted["foreign_ratings"].num_rows == 6710


def test_real_cycleways(source, realdata, make_payload, check):
    path = realdata(REAL + "osm/neukoelln-cycleways.geojson")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), source)
    found = rows(parsed, "foreign_ratings")
    assert (len(found), parsed.rejects) == (624, ())
    assert sum(r["rating_text"] is not None for r in found) == 362
    assert (found[0]["section_id"], found[0]["surface"]) == ("way/22701532", "paving_stones")
    assert found[0]["city"] == "neukoelln-cycleways"
    assert check("zeb", parsed).accepted["foreign_ratings"].num_rows == 624


def test_real_files_are_recognised(realdata):
    for name in (
        "syracuse/RoadRatings2013.csv.xlsx",
        "syracuse/potholes.csv.xlsx",
        "boston-mpo/psi_timeline.csv",
        "osm/neukoelln-cycleways.geojson",
    ):
        path = realdata(REAL + name)
        owner = inbox.owner(path, path.read_bytes(), path.parent, registry.sources())
        assert owner == "zeb", name


# --- demo --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_round_trip(source, world, ask, check):
    payloads = {p.resource: parse(p, source) for p in ask("zeb", NOW)}
    assert list(payloads) == ["zeb-2015", "zeb-2021", "sensor-2023", "sensor-2024"]
    assert not any(p.rejects for p in payloads.values())
    full = payloads["zeb-2021"]
    sections = rows(full, "sections")
    assert len(sections) == roads.SECTIONS
    assert sum(r["length_m"] for r in sections) == pytest.approx(1_830_000, rel=1e-3)
    assert {r["district_number"] for r in sections} == {d.number for d in world.districts}
    usability, substance, driven = demo.grades(world, demo.FULL["zeb-2021"])
    surveys = rows(full, "surveys")
    assert len(surveys) == driven.sum()
    rated = [r for r in surveys if r["total_value"] is not None]
    assert all(r["total_value"] == max(r["usability_value"], r["substance_value"]) for r in rated)
    surface = {r["section_id"]: r["surface"] for r in sections}
    assert {surface[r["section_id"]] for r in surveys if r["total_value"] is None} == {"P"}
    assert "P" not in {surface[r["section_id"]] for r in rated}
    first = int(np.flatnonzero(driven & (roads.network(world.seed).surface < 2))[0])
    assert rated[0]["usability_value"] == usability[first]
    assert rated[0]["substance_value"] == substance[first]
    for parsed in (full, payloads["sensor-2024"]):
        door = check("zeb", parsed)
        assert not door.quarantined
        assert all(c.success for c in door.checks)


def test_deliveries_come_when_they_are_due_and_stay_the_same(world, client):
    assert client.get("/sensor-2025.zip").status_code == 404
    later = type(world)(seed=world.seed, clock=lambda: at(2025, 11, 2))
    grown = TestClient(Starlette(routes=demo.routes(later)))
    assert grown.get("/sensor-2025.zip").status_code == 200
    answer = client.get("/sensor-2024.zip")
    assert grown.get("/sensor-2024.zip").content == answer.content
    tag = {"If-None-Match": answer.headers["etag"]}
    assert client.get("/sensor-2024.zip", headers=tag).status_code == 304
    assert client.get("/zeb-1999.zip").status_code == 404


def test_roads_wear_and_are_renewed(world):
    before, after = (np.maximum(*roads.condition(world.seed, y)) for y in (2021, 2022))
    renewed = roads.renewals(world.seed, 2022)
    assert (after[~renewed] >= before[~renewed]).all()
    assert after[renewed].max() < 1.6
    assert 0.005 < renewed.mean() < 0.06


def test_positions_lie_in_their_reference_system(world):
    pyproj = pytest.importorskip("pyproj")
    net = roads.network(world.seed)
    east, north = roads.utm33(net.lat, net.lon)
    known = pyproj.Transformer.from_crs(4326, 25833, always_xy=True).transform(net.lon, net.lat)
    assert np.abs(east - known[0]).max() < 0.01
    assert np.abs(north - known[1]).max() < 0.01


def test_first_fill_stays_small(source):
    years = 2026 - source.demo_options["yearly"]["since"] + 1
    assert len(source.demo_options["deliveries"]) + years <= 60


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "ratings 2016.csv",
            b"streetID,streetName,overall,dateRated,dateLastOverlay\n1,A,7,4/13,\n",
        ),
        (
            "fills.csv",
            b"Latitude,Longitude,StreetName,dtTime,join_STREET_ID\n43,-76,A,2016-04-12,1\n",
        ),
        ("psi.csv", b'"psiyear","psi","route","segmentid"\n2007,3,I90,id1\n'),
    ],
)
def test_files_of_other_years_and_formats_are_recognised(tmp_path, make_payload, name, content):
    path = tmp_path / name
    assert inbox.owner(path, content, tmp_path, registry.sources()) == "zeb"
    parsed = parse(make_payload(content, filename=name), registry.source("zeb"))
    assert (parsed.count, parsed.rejects) == (1, ())
