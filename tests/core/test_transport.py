"""The HTTP client against a real server on loopback that misbehaves on purpose."""

import pickle
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from urbandata import registry
from urbandata.contract import Request
from urbandata.errors import ConfigError, FetchError
from urbandata.transport import RateLimitedError, Transport, Validators, secrets_of

calls: dict[str, int] = {}
elsewhere: list[str] = []  # what the server on another host was sent


async def flaky(request: HttpRequest) -> Response:
    kind = request.path_params["kind"]
    calls[kind] = calls.get(kind, 0) + 1
    if kind == "recovers" and calls[kind] < 3:
        return Response("broken", status_code=500)
    if kind == "limited" and calls[kind] < 2:
        after = request.query_params.get("after", "7")
        return Response("slow down", status_code=429, headers={"Retry-After": after})
    if kind in ("401", "404", "500", "418"):
        return Response("no", status_code=int(kind))
    if kind == "secret":
        body = await request.json()
        seen = [request.headers["authorization"], request.query_params["token"], body["deep"][0]]
        return Response(repr(seen), status_code=418 if "fail" in body else 200)
    if kind == "to":
        return RedirectResponse(request.query_params["url"])
    if kind == "badgzip":
        return Response(b"no gzip", headers={"Content-Encoding": "gzip"})
    if kind == "umlaut":
        return JSONResponse([1], headers={"ETag": '"ä"'})
    if kind == "loop":
        return RedirectResponse("/loop")
    if kind == "versioned":
        if request.headers.get("if-none-match") == '"v1"':
            return Response(status_code=304)
        return JSONResponse([1], headers={"ETag": '"v1"'})
    return JSONResponse({"ok": True})


async def hangs(_: HttpRequest) -> Response:
    import asyncio

    await asyncio.sleep(3)
    return Response("late")


async def recorded(request: HttpRequest) -> Response:
    elsewhere.append(f"{request.url} {request.headers} {await request.body()!r}")
    return Response("thank you")


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    routes = [Route("/hangs", hangs), Route("/{kind}", flaky, methods=["GET", "POST"])]
    with served(Starlette(routes=routes)) as url:
        yield url


@pytest.fixture
def foreign_url() -> Iterator[str]:
    elsewhere.clear()
    with served(Starlette(routes=[Route("/", recorded, methods=["GET", "POST"])])) as url:
        yield url


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def transport(base_url, slept) -> Transport:
    calls.clear()
    source = registry.source("pegelonline").model_copy(update={"timeout": timedelta(seconds=0.3)})
    return Transport(source, base_url, sleep=slept.append, pace=False)


def test_server_error_is_tried_again_with_growing_waits(transport, slept):
    answer = transport.ask(Request("r", "recovers"))
    assert (answer.status, answer.tries, slept) == (200, 3, [0.5, 1.0])


def test_retry_after_is_obeyed(transport, slept):
    assert transport.ask(Request("r", "limited")).tries == 2
    assert slept == [7.0]


@pytest.mark.parametrize(
    ("after", "waited"),
    [
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0.0),
        ("Wed, 21 Oct 99999999999 07:28:00 GMT", 0.5),
        ("²", 0.5),
        ("soon", 0.5),
    ],
)
def test_every_retry_after_leads_to_another_try(transport, slept, after, waited):
    assert transport.ask(Request("r", "limited", params={"after": after})).tries == 2
    assert slept == [waited]


def test_lasting_server_error_is_reported_with_address_and_status(transport):
    with pytest.raises(FetchError, match=r"/500 answered 500: no") as caught:
        transport.ask(Request("r", "500"))
    assert (caught.value.kind, calls["500"]) == ("server", 4)


@pytest.mark.parametrize(("path", "kind"), [("401", "auth"), ("404", "missing"), ("418", "client")])
def test_final_answers_are_not_tried_again(transport, path, kind):
    with pytest.raises(FetchError) as caught:
        transport.ask(Request("r", path))
    assert (caught.value.kind, calls[path]) == (kind, 1)


@pytest.mark.parametrize(
    "error", [FetchError("auth", "no key", 401), RateLimitedError("wait", 2.5)]
)
def test_a_failure_comes_out_of_another_process_as_it_was(error):
    found = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(found), str(found), vars(found)) == (type(error), str(error), vars(error))


def test_missing_can_be_an_answer(transport):
    assert transport.ask(Request("r", "404", missing_ok=True)).status == 404


def test_hanging_server_is_a_timeout(transport, slept):
    with pytest.raises(FetchError, match="no answer in time") as caught:
        transport.ask(Request("r", "hangs"))
    assert (caught.value.kind, len(slept)) == ("timeout", 3)


def test_nobody_listening_is_a_network_error(slept):
    dead = Transport(registry.source("pegelonline"), "http://127.0.0.1:9", sleep=slept.append)
    with pytest.raises(FetchError) as caught:
        dead.ask(Request("r", "x"))
    assert caught.value.kind == "network"


def test_a_broken_body_is_a_network_error(transport, slept):
    with pytest.raises(FetchError, match="/badgzip: DecodingError") as caught:
        transport.ask(Request("r", "badgzip"))
    assert (caught.value.kind, len(slept)) == ("network", 3)


@pytest.mark.parametrize("link", ["http://[", "http://127.0.0.1:x/", "a\x00b"])
def test_a_link_that_is_no_address_is_not_asked(transport, slept, link):
    with pytest.raises(FetchError) as caught:
        transport.ask(Request("r", link))
    assert (caught.value.kind, slept) == ("client", [])


def test_a_link_in_another_protocol_is_not_asked(transport, base_url, slept):
    with pytest.raises(FetchError, match="UnsupportedProtocol") as caught:
        transport.ask(Request("r", base_url.replace("http", "ftp")))
    assert (caught.value.kind, slept) == ("client", [])


def test_links_to_other_hosts_are_not_followed(transport):
    with pytest.raises(FetchError, match="leads away"):
        transport.ask(Request("r", "https://example.org/next"))


def test_secrets_do_not_follow_a_redirect_to_another_host(base_url, foreign_url):
    pegel, secret = registry.source("pegelonline"), "s3/cret +"
    transport = Transport(pegel, base_url, pace=False, secrets={"TOKEN": secret})
    request = Request(
        "r",
        "to",
        method="POST",
        headers={"X-Api-Key": "{TOKEN}"},
        params={"url": f"{foreign_url}/?token=s3%2Fcret%20%2B"},
        json={"password": "{TOKEN}"},
    )
    with pytest.raises(FetchError, match="leads away from http://127") as caught:
        transport.ask(request)
    assert (caught.value.kind, caught.value.status, elsewhere) == ("redirected", 307, [])
    assert "token=***" in str(caught.value)


def test_redirects_on_the_same_host_are_followed_to_their_end(transport):
    answer = transport.ask(Request("r", "to", params={"url": "/to?url=/ok"}))
    assert (answer.status, answer.url.endswith("/ok"), answer.tries) == (200, True, 1)
    with pytest.raises(FetchError, match="more than 5 redirects") as caught:
        transport.ask(Request("r", "loop"))
    assert (caught.value.kind, calls["loop"]) == ("client", 6)


@pytest.mark.parametrize(
    ("base", "target", "followed"),
    [("https", "http", False), ("http", "https", True), ("https", "ftp", False)],
)
def test_a_redirect_must_not_take_encryption_away(base, target, followed):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        location = {"Location": f"{target}://city/there"}
        return httpx.Response(200) if len(asked) > 1 else httpx.Response(302, headers=location)

    client = httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True)
    transport = Transport(registry.source("pegelonline"), f"{base}://city", client, pace=False)
    if followed:
        assert transport.ask(Request("r", "here")).url == f"{target}://city/there"
    else:
        with pytest.raises(FetchError, match=f"{target}://city/there leads away"):
            transport.ask(Request("r", "here"))
        assert asked == [f"{base}://city/here"]


def test_conditional_request_costs_no_body(transport):
    first = transport.ask(Request("r", "versioned"))
    again = transport.ask(Request("r", "versioned"), Validators(first.etag, first.last_modified))
    assert (again.status, again.content) == (304, b"")


def test_a_version_that_no_header_can_hold_is_not_sent_back(transport):
    first = transport.ask(Request("r", "umlaut"))
    again = transport.ask(Request("r", "umlaut"), Validators(first.etag))
    assert (first.etag.isascii(), again.content) == (False, b"[1]")


def test_polite_pace(base_url):
    slept: list[float] = []
    polite = Transport(registry.source("pegelonline"), base_url, sleep=slept.append)
    polite.ask(Request("r", "ok"))
    polite.ask(Request("r", "ok"))
    assert len(slept) == 1
    assert 0 < slept[0] <= 0.2


def test_secrets_are_filled_in_everywhere_and_leak_nowhere(base_url):
    transport = Transport(
        registry.source("pegelonline"), base_url, pace=False, secrets={"TOKEN": "s3cret"}
    )
    fields = {
        "method": "POST",
        "headers": {"Authorization": "bearer {TOKEN}"},
        "params": {"token": "{TOKEN}"},
    }
    answer = transport.ask(Request("r", "secret", json={"deep": ["{TOKEN}"]}, **fields))
    assert answer.content == b"['bearer s3cret', 's3cret', 's3cret']"
    assert "s3cret" not in answer.url
    with pytest.raises(FetchError) as caught:
        transport.ask(Request("r", "secret", json={"deep": ["{TOKEN}"], "fail": 1}, **fields))
    assert "s3cret" not in str(caught.value)


def test_a_secret_may_be_a_file(tmp_path):
    source = registry.source("pegelonline").model_copy(update={"requires": ("PEGEL_TOKEN",)})
    (tmp_path / "token").write_text("word\n", encoding="utf-8")
    given = {"PEGEL_TOKEN_FILE": str(tmp_path / "token")}
    assert secrets_of(source, given) == {"PEGEL_TOKEN": "word"}


def test_a_missing_secret_names_its_variable():
    source = registry.source("pegelonline").model_copy(update={"requires": ("PEGEL_TOKEN",)})
    with pytest.raises(ConfigError, match="set PEGEL_TOKEN"):
        secrets_of(source, {})
    assert secrets_of(source, {"PEGEL_TOKEN": "x"}) == {"PEGEL_TOKEN": "x"}
