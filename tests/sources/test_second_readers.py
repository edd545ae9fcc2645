"""The same files read by a second, well-kept implementation: the values must be the same.

MSCONS is compared in test_mscons.py, UTM coordinates in test_geo_layers.py.
"""

from __future__ import annotations

import gzip
import json
import socket
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import numpy as np
import pytest
import uvicorn
import yaml

from urbandata import registry
from urbandata.sources.dcat import parse as dcat
from urbandata.sources.dwd_radar import frames
from urbandata.sources.dwd_rain import parse as dwd_rain
from urbandata.sources.eco_counter import parse as eco_counter
from urbandata.sources.geo_layers import fetch as geo_fetch
from urbandata.sources.geo_layers import parse as geo_layers
from urbandata.sources.vvo_departures import parse as vvo
from urbandata.sources.zeb import parse as zeb
from urbandata.transport import Transport


def parsed(module, name, path: Path, make_payload, table):
    payload = make_payload(path.read_bytes(), filename=path.name, extension=path.suffix[1:])
    return module.parse(payload, registry.source(name)).tables[table].to_pylist()


def test_dwdparse_reads_the_same_hourly_rain(realdata, make_payload):
    from dwdparse.parsers import PrecipitationObservationsParser

    path = realdata("environment/dwd/observations_recent_RR_akt.zip")
    theirs = {
        r["timestamp"]: r["precipitation"] for r in PrecipitationObservationsParser().parse(path)
    }
    ours = {r["measured_at"]: r for r in parsed(dwd_rain, "dwd_rain", path, make_payload, "hourly")}
    assert len(theirs) == len(ours) == 10
    assert {r["station_id"] for r in ours.values()} == {"20"}
    for at, rain in theirs.items():
        assert ours[at.replace(tzinfo=None)]["precipitation"] == rain


def test_dwdparse_reads_the_same_current_report(realdata, make_payload):
    import dwdparse

    path = realdata("environment/dwd/10315-BEOB.csv")
    theirs = {r["timestamp"].replace(tzinfo=None): r["precipitation"] for r in dwdparse.parse(path)}
    ours = parsed(dwd_rain, "dwd_rain", path, make_payload, "hourly")
    assert {r["measured_at"]: r["precipitation"] for r in ours} == theirs


def test_wradlib_reads_the_same_radar_grid(realdata):
    wradlib = pytest.importorskip("wradlib")
    path = realdata("environment/radolan/raa01-sf_10000-1305270050-dwd---bin.gz")
    theirs, about = wradlib.io.read_radolan_composite(str(path))
    frame = frames.read(path.name, gzip.decompress(path.read_bytes()))
    assert (frame.product, frame.end.replace(tzinfo=None)) == ("SF", about["datetime"])
    ours = frame.values[::-1]  # ours begin in the north, theirs in the south
    missing = theirs == about["nodataflag"]
    assert np.array_equal(np.isnan(ours), missing)
    assert np.allclose(ours[~missing], theirs[~missing])
    assert 0 < missing.sum() < missing.size / 2


def test_rdflib_counts_the_same_catalogue(realdata, make_payload):
    from rdflib import Graph

    path = realdata("catalogue/govdata/catalog-endpoint.rdf")
    graph = Graph().parse(path, format="xml")
    query = """
        PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
        SELECT ?title (COUNT(?way) AS ?ways) WHERE {
            ?set a dcat:Dataset ; dct:title ?title . OPTIONAL { ?set dcat:distribution ?way }
        } GROUP BY ?set ?title
    """
    theirs = Counter((str(r.title), int(r.ways)) for r in graph.query(query))
    datasets = parsed(dcat, "dcat", path, make_payload, "datasets")
    ways = Counter(r["dataset_id"] for r in parsed(dcat, "dcat", path, make_payload, "resources"))
    ours = Counter((d["title"], ways[d["dataset_id"]]) for d in datasets)
    assert len(datasets) == 6
    assert ours == theirs


def test_pyarrow_reads_the_same_register_of_stops(realdata, make_payload):
    from pyarrow import csv

    path = realdata("traffic/vvo/stations.csv")
    theirs = csv.read_csv(path)
    ours = parsed(vvo, "vvo_departures", path, make_payload, "stops")
    assert [r["stop_id"] for r in ours] == list(map(str, theirs["numeric_id"].to_pylist()))
    names = [n.strip() or None for n in theirs["name"].to_pylist()]
    assert [r["name"] for r in ours] == names


def test_pyarrow_counts_the_same_bicycles(realdata, make_payload):
    from pyarrow import compute, csv

    path = realdata("traffic/bikecount/muenster-100031297-2025-03.csv")
    theirs = csv.read_csv(path)
    described = parsed(eco_counter, "eco_counter", path, make_payload, "channels")
    ids = {row["channel"]: row["channel_id"] for row in described}
    ours = Counter()
    for row in parsed(eco_counter, "eco_counter", path, make_payload, "counts"):
        ours[ids[row["channel"]]] += row["count"] or 0
    columns = [n for n in theirs.column_names[1:] if not n.endswith("-status")]
    expected = {n.split(" ")[0]: compute.sum(theirs[n]).as_py() or 0 for n in columns}
    assert sum(expected.values()) > 10_000
    assert ours == expected


def test_openpyxl_finds_the_same_ratings_and_damaged_dates(realdata, make_payload):
    import openpyxl

    path = realdata("road-condition/syracuse/RoadRatings2013.csv.xlsx")
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    head, *lines = sheet.iter_rows(values_only=True)
    rating, rated = head.index("overall"), head.index("dateRated")
    ours = parsed(zeb, "zeb", path, make_payload, "foreign_ratings")
    numbers = [float(x[rating]) for x in lines if isinstance(x[rating], int | float)]
    assert [r["rating"] for r in ours if r["rating"] is not None] == numbers
    damaged = sum(isinstance(x[rated], datetime | date) for x in lines)
    assert sum(bool(r["is_date_damaged"]) for r in ours) == damaged == 4865


@pytest.fixture(scope="module")
def pygeoapi_url(tmp_path_factory, realdata):
    """A pygeoapi on loopback that serves the city's disabled parking spaces."""
    folder = tmp_path_factory.mktemp("pygeoapi")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    data = realdata("geodata/dresden-disabled-parking.geojson")
    config = _pygeoapi_config(url, data, folder)
    (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (folder / "openapi.json").write_text(
        json.dumps({"openapi": "3.0.2", "info": {}, "paths": {}}), encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYGEOAPI_CONFIG", str(folder / "config.yml"))
        patch.setenv("PYGEOAPI_OPENAPI", str(folder / "openapi.json"))
        from pygeoapi.starlette_app import APP
    server = uvicorn.Server(uvicorn.Config(APP, host="127.0.0.1", port=port, log_level="critical"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    deadline = monotonic() + 30
    while not server.started:
        assert thread.is_alive()
        assert monotonic() < deadline, "pygeoapi did not start"
        sleep(0.05)
    yield url
    server.should_exit = True
    thread.join(timeout=20)


def _pygeoapi_config(url, data, folder):
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": int(url.rpartition(":")[2])},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "language": "en-US",
            "gzip": False,
            "cors": False,
            "map": {"url": "about:blank", "attribution": "none"},
            "limits": {"default_items": 10, "max_items": 1000},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "x",
                "description": "x",
                "keywords": ["x"],
                "keywords_type": "theme",
                "terms_of_service": "x",
                "url": url,
            },
            "license": {"name": "x", "url": url},
            "provider": {"name": "x", "url": url},
            "contact": {"name": "x"},
        },
        "resources": {
            "parking": {
                "type": "collection",
                "title": "parking",
                "description": "parking",
                "keywords": ["x"],
                "links": [],
                "extents": {
                    "spatial": {
                        "bbox": [13, 50, 15, 52],
                        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                    }
                },
                "providers": [
                    {"type": "feature", "name": "GeoJSON", "data": str(data), "id_field": "id"}
                ],
            }
        },
    }


def test_pygeoapi_serves_the_layer_our_connector_reads(pygeoapi_url, realdata, make_payload):
    """An OGC API Features server nobody here wrote, over HTTP, page by page."""
    known = registry.source("geo_layers")
    options = {**known.options, "layers": ["parking"], "page": 100}
    source = known.model_copy(update={"options": options})
    found = []
    with Transport(source, pygeoapi_url, pace=False) as transport:
        queue = list(geo_fetch.requests(None, source))
        pages = 0
        while queue:
            request = queue.pop(0)
            pages += 1
            payload = make_payload(transport.ask(request).content, resource=request.resource)
            queue += geo_fetch.follow(request, payload, source)
            result = geo_layers.parse(payload, source)
            assert result.rejects == ()
            found += result.tables["features"].to_pylist()
    path = realdata("geodata/dresden-disabled-parking.geojson")
    direct = parsed(geo_layers, "geo_layers", path, make_payload, "features")
    assert (pages, len(found), {r["layer"] for r in found}) == (5, 476, {"parking"})
    places = [(r["longitude"], r["latitude"]) for r in found]
    assert places == [
        (pytest.approx(r["longitude"], abs=1e-6), pytest.approx(r["latitude"], abs=1e-6))
        for r in direct
    ]
