"""The open catalogue: valid DCAT-AP.de, harvested over HTTP by our own source, scored Excellent."""

from __future__ import annotations

import functools
import threading
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import httpx
import pyarrow as pa
import pyshacl
import pytest
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF

from urbandata import registry, transform, warehouse
from urbandata.contract import Payload, Window
from urbandata.releases.release import release
from urbandata.settings import Settings
from urbandata.transport import Transport

SHAPES = Path(__file__).parent / "dcat_ap_de.ttl"
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
CLOSED = {"fct_bike_counts_daily"}  # its licence is unknown


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def served(settings, tmp_path_factory):
    """A release whose folder open_data is served on loopback: address and folder."""
    shelf = tmp_path_factory.mktemp("web")
    serve = functools.partial(_Quiet, directory=str(shelf / "open"))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        base = f"http://127.0.0.1:{server.server_port}/"
        folder = release(settings, shelf, base, with_docs=False)
        (shelf / "open").symlink_to(folder / "open_data")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield base, folder
        server.shutdown()


def graph(folder: Path, name: str = "catalog.ttl") -> Graph:
    return Graph().parse(folder / "open_data" / name)


def valid(data: Graph) -> tuple[bool, str]:
    conforms, _, text = pyshacl.validate(data, shacl_graph=Graph().parse(SHAPES))
    return conforms, text


def test_valid_against_the_shapes(released):
    conforms, text = valid(graph(released))
    assert conforms, text


@pytest.mark.parametrize(
    ("cls", "predicate"),
    [
        (DCAT.Catalog, DCTERMS.publisher),
        (DCAT.Dataset, DCTERMS.description),
        (DCAT.Dataset, URIRef("http://dcat-ap.de/def/dcatde/contributorID")),
        (DCAT.Dataset, DCTERMS.spatial),
        (DCAT.Distribution, DCTERMS.license),
        (DCAT.Distribution, DCAT.accessURL),
    ],
)
def test_the_shapes_can_fail(released, cls, predicate):
    data = graph(released)
    node = next(data.subjects(RDF.type, cls))
    data.remove((node, predicate, None))
    assert not valid(data)[0]


def test_all_three_forms_say_the_same(released):
    turtle = graph(released)
    assert isomorphic(turtle, graph(released, "catalog.jsonld"))
    assert isomorphic(turtle, graph(released, "catalog.rdf"))


def test_closed_licences_are_not_offered_and_the_page_says_why(released):
    offered = {str(s).partition("#")[2] for s in graph(released).subjects(RDF.type, DCAT.Dataset)}
    assert offered >= {"fct_gauge_daily", "fct_rain_daily", "kpi_catalogue", "public_cleema_totals"}
    assert not offered & CLOSED
    assert not list((released / "open_data").glob("fct_bike*"))
    page = (released / "open_data" / "index.html").read_text(encoding="utf-8")
    assert "eco_counter: unknown" in page
    assert "mit dem Betreiber noch nicht abgestimmt" in page


def test_pages_ask_nobody_and_exist_in_both_languages(released):
    for name, lang in (("index.html", "de"), ("index.en.html", "en")):
        page = (released / "open_data" / name).read_text(encoding="utf-8")
        assert f'<html lang="{lang}">' in page
        assert "<script" not in page
        assert "src=" not in page
        assert "@import" not in page
        for link in ("catalog.ttl", "fct_gauge_daily.csv", "fct_gauge_daily.parquet"):
            assert f'href="{link}"' in page
            assert (released / "open_data" / link).exists()


def test_our_own_source_harvests_it_and_scores_it_excellent(served, tmp_path):
    base, folder = served
    source = registry.source("dcat")
    payload = _harvest(base, source)
    parsed = source.module("parse").parse(payload, source)
    assert parsed.rejects == ()
    offered = set(graph(folder).subjects(RDF.type, DCAT.Dataset))
    assert parsed.tables["datasets"].num_rows == len(offered) > 5
    scores = _scores(tmp_path, parsed, _checked(parsed))
    assert len(scores) == len(offered)
    for dataset, score, best, rating in scores:
        assert score >= 351, (dataset, score)
        assert (score, rating) == (best, "excellent")
    unchecked = _scores(tmp_path / "unchecked", parsed, [])
    assert all(score <= 325 for _, score, _, _ in unchecked)  # links are worth 80 points


def _harvest(base: str, source) -> Payload:
    """The catalogue as the platform fetches it: its requests, its transport, its strip."""
    transport = Transport(source, base, pace=False)
    (request,) = source.module("fetch").requests(Window(NOW, NOW), source)
    answer = transport.ask(request)
    content = source.module("fetch").strip(answer.content, request.resource, "k")
    payload = Payload(content, request.resource, "rdf", NOW, "demo", url=answer.url)
    assert list(source.module("fetch").follow(request, payload, source)) == []
    return payload


def _checked(parsed) -> list[dict]:
    """What the source link_checks would find: every address asked for real."""
    ways = parsed.tables["resources"].to_pylist()
    urls = {w[c] for w in ways for c in ("access_url", "download_url")}
    return [
        {"url": u, "method": "HEAD", "status": httpx.head(u).status_code, "checked_at": NOW}
        for u in sorted(urls)
    ]


def _scores(folder: Path, parsed, checks: list[dict]):
    """The platform's models on the harvested rows."""
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(folder)})
    with warehouse.writing(settings) as con:
        warehouse.load(con, settings, registry.sources())
        for name, table in parsed.tables.items():
            _insert(con, f"dcat__{name}", table)
        if checks:
            _insert(con, "link_checks__checks", pa.Table.from_pylist(checks))
    built = transform.build(settings, "mqa", ["--select", "+int_open_data__dataset_quality",
                                              "--indirect-selection", "cautious"])  # fmt: skip
    assert built.ok, built.message
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        return con.execute(
            "SELECT dataset_id, mqa_score, mqa_score_max, mqa_rating "
            "FROM intermediate.int_open_data__dataset_quality WHERE source = 'dcat'"
        ).fetchall()


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    con.register("given", rows)
    place = "" if "_row" in rows.column_names else "row_number() OVER () AS _row, "
    con.execute(
        f"INSERT INTO raw.{table} BY NAME SELECT *, {place} 'demo' AS _origin, 'p' AS _payload_id, "
        "?::TIMESTAMPTZ AS _fetched_at, 1 AS _load_id FROM given",
        [NOW + timedelta(hours=1)],
    )
    con.unregister("given")
