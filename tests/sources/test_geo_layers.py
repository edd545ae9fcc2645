"""Layers of geodata: paging, reference systems, shapefiles, real layers and a foreign server."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import pytest
import shapefile
from hypothesis import given
from hypothesis import strategies as st
from tests import archives
from tests.conftest import NOW

from urbandata import inbox, recognition, registry
from urbandata.contract import Payload
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import shapefiles, utm
from urbandata.sources.geo_layers import fetch
from urbandata.sources.geo_layers.parse import parse

SOURCE = registry.source("geo_layers")
UTM33 = (
    'PROJCS["ETRS89_UTM_zone_33N",GEOGCS["GCS_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.25]],'
    'PARAMETER["False_Easting",500000.0]]'
)


def collection(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def point(x=13.7, y=51.0, **said):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [x, y]},
        "properties": said,
    }


def rows(parsed):
    return parsed.tables["features"].to_pylist()


def packed(
    prj=UTM33, points=((411_000.0, 5_655_000.0),), drop=(), name="Halt", encoding="utf-8", cpg=None
):
    parts = {k: io.BytesIO() for k in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POINT, encoding=encoding) as writer:
        writer.field("NAME", "C")
        for x, y in points:
            writer.point(x, y)
            writer.record(name)
    parts["prj"] = io.BytesIO(prj.encode())
    if cpg is not None:
        parts["cpg"] = io.BytesIO(cpg)
    return archives.zipped(
        {f"x.{s}": part.getvalue() for s, part in parts.items() if s not in drop}
    )


def test_points_areas_and_features_without_geometry(make_payload):
    area = {"type": "Polygon", "coordinates": [[[13, 51], [14, 51], [14, 52], [13, 51]]]}
    content = collection(
        point(Bezeichnung="Halt", plaetze=2, nested={"a": 1}),
        {"type": "Feature", "id": 7, "geometry": area, "properties": {}},
        {"type": "Feature", "geometry": None, "properties": None},
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    )
    first, second, third = rows(parse(make_payload(content, resource="L1/2"), SOURCE))
    assert (first["layer"], first["feature_id"], first["name"]) == ("L1", "1", "Halt")
    assert json.loads(first["attributes"]) == {"Bezeichnung": "Halt", "plaetze": 2}
    assert (second["feature_id"], second["longitude"], second["north"]) == ("7", 13.5, 52.0)
    assert (third["geometry_type"], third["latitude"]) == (None, None)


def test_utm_is_converted_and_other_systems_are_refused(make_payload):
    def named(name):
        crs = {"type": "name", "properties": {"name": name}}
        return make_payload(collection(point(411_000, 5_655_000), crs=crs))

    (row,) = rows(parse(named("urn:ogc:def:crs:EPSG::25833"), SOURCE))
    assert (row["longitude"], row["latitude"]) == (
        pytest.approx(13.7305408, abs=1e-6),
        pytest.approx(51.0396424, abs=1e-6),
    )
    with pytest.raises(PayloadError, match="EPSG::31469"):
        parse(named("urn:ogc:def:crs:EPSG::31469"), SOURCE)
    parsed = parse(make_payload(collection(point(411_000, 5_655_000), point())), SOURCE)
    assert [(r.row, "no degrees" in r.reason) for r in parsed.rejects] == [(1, True)]
    assert len(rows(parsed)) == 1


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "epsg:25833"}},
        {"type": "name", "properties": {"name": "http://www.opengis.net/def/crs/EPSG/0/32633"}},
        {"type": "EPSG", "properties": {"code": 25833}},
    ],
)
def test_a_reference_system_is_known_however_it_is_named(make_payload, crs):
    (row,) = rows(parse(make_payload(collection(point(411_000, 5_655_000), crs=crs)), SOURCE))
    assert row["longitude"] == pytest.approx(13.7305, abs=1e-3)


@pytest.mark.parametrize(
    "prj",
    [
        UTM33.replace("500000.0", "33500000.0"),
        UTM33.replace("GRS_1980", "International_1924"),
        'GEOGCS["GCS_Deutsches_Hauptdreiecksnetz",SPHEROID["Bessel_1841",6377397.155,299.15]]',
    ],
)
def test_old_ellipsoids_and_other_eastings_are_not_taken_for_ours(make_payload, prj):
    with pytest.raises(PayloadError, match="reference system"):
        parse(make_payload(packed(prj=prj)), SOURCE)


def test_collections_of_geometries_may_be_empty_or_hold_others(make_payload):
    inner = {"type": "GeometryCollection", "geometries": [point(13, 51)["geometry"]]}
    shapes = ([], [inner, point(14, 52)["geometry"]])
    found = [
        {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": g}}
        for g in shapes
    ]
    empty, both = rows(parse(make_payload(collection(*found)), SOURCE))
    assert empty["longitude"] is None
    assert (both["west"], both["north"]) == (13, 52)


@pytest.mark.parametrize(
    ("encoding", "cpg"), [("utf-8", None), ("cp1252", None), ("cp1252", b"ANSI 1252")]
)
def test_attributes_of_shapefiles_are_read_in_their_encoding(make_payload, encoding, cpg):
    content = packed(name="Süd", encoding=encoding, cpg=cpg)
    assert rows(parse(make_payload(content), SOURCE))[0]["name"] == "Süd"


def test_a_name_that_is_cut_within_a_character_stays_utf_8():
    header = bytes(8) + (32).to_bytes(2, "little") + bytes(19) + b"\x03" + bytes(2)
    assert shapefiles.encoding({"dbf": header + "Süd Süd".encode() + b"\xc3"}) == "utf-8"
    assert shapefiles.encoding({"dbf": header + "Süd".encode("cp1252")}) == "cp1252"


def test_a_layer_is_known_when_its_type_comes_last():
    content = json.dumps({"features": [point(name="Halt")], "type": "x" * 9}).encode()
    assert recognition.claims(Path("a.json"), content, registry.sources().values()) == [
        "geo_layers"
    ]


@pytest.mark.parametrize("zone", [31, 32, 33])
def test_utm_agrees_with_a_projection_library(zone):
    transformer = pytest.importorskip("pyproj").Transformer.from_crs(
        25800 + zone, 4258, always_xy=True
    )
    for easting in range(200_000, 860_000, 110_000):
        for northing in range(5_000_000, 6_200_000, 300_000):
            found = utm.degrees(easting, northing, zone)
            assert found == pytest.approx(transformer.transform(easting, northing), abs=1e-8)


def test_shapefiles_need_their_parts(make_payload):
    (row,) = rows(parse(make_payload(packed(), filename="stops.zip"), SOURCE))
    assert (row["layer"], row["name"], row["geometry_type"]) == ("stops", "Halt", "Point")
    assert row["longitude"] == pytest.approx(13.7305, abs=1e-3)
    for part in ("dbf", "prj"):
        with pytest.raises(PayloadError, match=r"needs its \.dbf and \.prj"):
            parse(make_payload(packed(drop=(part,))), SOURCE)
    with pytest.raises(PayloadError, match="reference system"):
        parse(make_payload(packed(prj='PROJCS["DHDN_3_Degree"]')), SOURCE)


def test_mail_addresses_never_arrive(make_payload):
    kept = fetch.strip(collection(point(contact="erika@example.org")), "L1/1", "")
    assert b"example.org" not in kept
    assert "attributes" in rows(parse(make_payload(kept), SOURCE))[0]


def test_pages_follow_links_or_offsets_and_never_repeat(make_payload):
    (first,) = fetch.requests(None, SOURCE)
    link = {"rel": "next", "href": "http://x/collections/L1233/items?offset=1"}
    (second,) = fetch.follow(first, make_payload(collection(point(), links=[link])), SOURCE)
    assert (second.path, second.resource) == (link["href"], "L1233/2")
    counted = make_payload(collection(point(), numberMatched=2))
    (second,) = fetch.follow(first, counted, SOURCE)
    assert second.params["offset"] == "1"
    last = make_payload(collection(point(13.8), numberMatched=2))
    assert list(fetch.follow(second, last, SOURCE)) == []
    (third,) = fetch.follow(first, make_payload(collection(point(), numberMatched=5)), SOURCE)
    with pytest.raises(FetchError, match="repeats"):
        list(fetch.follow(third, make_payload(collection(point(), numberMatched=5)), SOURCE))
    with pytest.raises(FetchError, match="FeatureCollection"):
        list(fetch.follow(first, make_payload(b"<html>"), SOURCE))


@pytest.mark.parametrize(
    ("name", "count", "kind", "around"),
    [
        ("dresden-stadtteile.geojson", 85, "MultiPolygon", (13.7, 51.05)),
        ("dresden-disabled-parking.geojson", 476, "Point", (13.74, 51.05)),
    ],
)
def test_real_layers(realdata, make_payload, check, name, count, kind, around):
    path = realdata(f"geodata/{name}")
    content = path.read_bytes()
    assert inbox.owner(path, content, path.parent, registry.sources()) == "geo_layers"
    parsed = parse(make_payload(content, filename=name), SOURCE)
    found = rows(parsed)
    assert (len(found), {r["geometry_type"] for r in found}) == (count, {kind})
    assert not check("geo_layers", parsed).quarantined
    middle = [sum(r[c] for r in found) / count for c in ("longitude", "latitude")]
    assert math.dist(middle, around) < 0.1


def test_the_real_tariff_zone_lies_around_dresden_though_in_another_utm_zone(
    realdata, make_payload
):
    folder = realdata("geodata/vvo-tarifzone-10")
    ((path, parts),) = inbox.units(folder)
    content = inbox.bytes_of(parts)
    assert inbox.owner(path, content, folder, registry.sources()) == "geo_layers"
    (row,) = rows(parse(make_payload(content, filename=path.name), SOURCE))
    assert row["west"] < 13.74 < row["east"]
    assert row["south"] < 51.05 < row["north"]
    assert row["east"] - row["west"] < 0.6


def test_round_trip(ask, world, check):
    payloads = ask("geo_layers")
    found = [parse(p, SOURCE) for p in payloads]
    assert not any(p.rejects for p in found)
    layers = [r["layer"] for p in found for r in rows(p)]
    assert (layers.count("behindertenparkplaetze"), layers.count("stadtteile")) == (240, 64)
    assert not any(check("geo_layers", p).quarantined for p in found)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(), st.lists
)
FEATURES = st.lists(
    VALUES
    | st.fixed_dictionaries(
        {
            "geometry": st.none()
            | st.fixed_dictionaries({"type": st.just("Point"), "coordinates": VALUES}),
            "properties": st.none() | st.dictionaries(st.text(max_size=4), VALUES, max_size=3),
        }
    ),
    max_size=4,
)


@given(st.binary() | FEATURES.map(lambda found: collection(*found)) | st.just(packed()[:-30]))
def test_any_bytes_give_rows_or_a_named_error(content):
    try:
        parsed = parse(Payload(content, "L1/1", "geojson", NOW, "real"), SOURCE)
    except PayloadError as error:
        assert str(error)
    else:
        assert parsed.count == len(json.loads(content)["features"])
