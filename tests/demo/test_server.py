"""The demo city's server, asked over real HTTP on the loopback, well and with faults."""

from datetime import UTC, datetime
from time import monotonic
from types import ModuleType, SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from urbandata import registry
from urbandata.demo import server
from urbandata.demo.server import Fault, Faults, build_app, running
from urbandata.demo.world import World
from urbandata.errors import ConfigError

NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)


def _page(request):
    return JSONResponse({"page": int(request.query_params.get("page", 0)), "rows": [1] * 3000})


def _demo(world):
    return [Route("/rows", _page), Route("/now", lambda _: JSONResponse(world.now().isoformat()))]


def _source(name, module):
    return SimpleNamespace(source=name, module=module)


@pytest.fixture
def two_sources(monkeypatch):
    module = ModuleType("demo")
    module.routes = _demo
    known = {name: _source(name, lambda _: module) for name in ("alpha", "beta")}
    monkeypatch.setattr(server, "sources", lambda: known)


@pytest.fixture
def app(two_sources):
    return build_app(World(seed=5, clock=lambda: NOW, scale=0.5))


@pytest.fixture
def faulty(app):
    def make(rules):
        return Faults(app, rules)

    return make


def test_index_says_what_this_is(app):
    with running(app) as url:
        answer = httpx.get(url).json()
        assert answer["note"] == "Demodaten, erfunden"
        assert (answer["seed"], answer["scale"]) == (5, 0.5)
        assert answer["now"] == "2025-09-15T12:00:00+00:00"
        assert answer["sources"] == {"alpha": "/alpha", "beta": "/beta"}
        assert httpx.get(f"{url}/_city/health").json() == {"status": "ok", "sources": 2}


def test_every_source_answers_below_its_name(app):
    with running(app) as url:
        assert httpx.get(f"{url}/alpha/now").json() == "2025-09-15T12:00:00+00:00"
        assert httpx.get(f"{url}/beta/rows?page=3").json()["page"] == 3
        assert httpx.get(f"{url}/gamma/rows").status_code == 404
        assert httpx.get(f"{url}/alpha/nothing").status_code == 404


def test_big_answers_are_compressed(app):
    with running(app) as url:
        answer = httpx.get(f"{url}/alpha/rows")
        assert answer.headers["content-encoding"] == "gzip"
        assert len(answer.json()["rows"]) == 3000
        plain = httpx.get(f"{url}/alpha/rows", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.json() == answer.json()


def test_a_source_without_demo_is_an_error(monkeypatch):
    def missing(kind):
        raise ModuleNotFoundError("no", name=f"urbandata.sources.gamma.{kind}")

    monkeypatch.setattr(server, "sources", lambda: {"gamma": _source("gamma", missing)})
    with pytest.raises(ConfigError, match=r"gamma.*demo\.py"):
        build_app(World())


def test_a_broken_import_inside_a_demo_is_not_hidden(monkeypatch):
    def broken(kind):
        raise ModuleNotFoundError("no", name="lxmll")

    monkeypatch.setattr(server, "sources", lambda: {"gamma": _source("gamma", broken)})
    with pytest.raises(ModuleNotFoundError, match="no"):
        build_app(World())


def test_all_registered_sources_are_mounted(world):
    app = build_app(world)
    names = {route.path.strip("/") for route in app.routes}
    assert set(registry.sources()) <= names


def test_status_faults_are_used_up_in_order(faulty):
    plan = [Fault("status", times=2, status=500), Fault("status", status=429, retry_after=0.5)]
    app = faulty({r"^/alpha/": plan})
    with running(app) as url:
        answers = [httpx.get(f"{url}/alpha/rows") for _ in range(5)]
        assert [a.status_code for a in answers] == [500, 500, 429, 200, 200]
        assert answers[2].headers["retry-after"] == "0.5"
        assert httpx.get(f"{url}/beta/rows").status_code == 200
    assert [done for _, done in app.seen] == ["status"] * 3 + ["normal"] * 3


def test_hang_makes_the_client_wait(faulty):
    app = faulty({"rows": [Fault("hang", seconds=0.6)]})
    with running(app) as url:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/alpha/rows", timeout=0.2)
        start = monotonic()
        assert httpx.get(f"{url}/alpha/rows", timeout=0.5).status_code == 200
        assert monotonic() - start < 0.5


def test_truncate_breaks_off_the_body(faulty):
    with running(faulty({"rows": [Fault("truncate")]})) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{url}/alpha/rows")
        assert len(httpx.get(f"{url}/alpha/rows").json()["rows"]) == 3000


def test_corrupt_keeps_the_length_and_breaks_the_content(faulty):
    with running(faulty({"rows": [Fault("corrupt")]})) as url:
        bad = httpx.get(f"{url}/alpha/rows")
        good = httpx.get(f"{url}/alpha/rows")
        assert (bad.status_code, len(bad.content)) == (200, len(good.content))
        with pytest.raises(ValueError, match=r"utf-8|JSON|control|char"):
            bad.json()
        assert good.json()["page"] == 0


def test_duplicate_serves_the_page_before(faulty):
    with running(faulty({r"/rows\?": [Fault("normal"), Fault("duplicate")]})) as url:
        pages = [httpx.get(f"{url}/alpha/rows?page={n}").json()["page"] for n in (1, 2, 3)]
    assert pages == [1, 1, 3]


def test_duplicate_without_a_page_before_is_a_mistake_in_the_plan(faulty):
    with running(faulty({"rows": [Fault("duplicate")]})) as url:
        assert httpx.get(f"{url}/alpha/rows").status_code == 500


def test_serve_binds_to_loopback_only(monkeypatch, two_sources):
    asked = {}
    monkeypatch.setattr(server.uvicorn, "run", lambda app, **kw: asked.update(kw, app=app))
    server.serve(8900, seed=3, scale=2.0)
    assert (asked["host"], asked["port"], asked["access_log"]) == ("127.0.0.1", 8900, False)
    assert isinstance(asked["app"], Starlette)
