"""The proxy of the cluster as it runs: nginx with its own file, before two small servers an app.

A session of a dashboard lives in one process, so its reader must always come to the same one.
"""

from __future__ import annotations

import http.client
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from urbandata.settings import PROJECT_ROOT

from .services import answers, free_port, wait_for
from .test_compose import CLUSTER

CONFIG = PROJECT_ROOT / "cluster" / "nginx.conf"
APPS = {"cluster-citizens": 8502, "cluster-dashboards": 8501}
PUBLIC, INTERNAL = "klima.example", "intern.klima.example"


def test_the_apps_it_names_are_members_that_run_in_several_processes():
    for name, port in APPS.items():
        assert f"server {name}:{port};" in CONFIG.read_text()
        assert CLUSTER[name]["scale"].endswith(":-2}")


@contextmanager
def app(name: str) -> Iterator[int]:
    """A server that answers with its name; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx with the project's file; only ports, names and folders are replaced."""
    nginx = shutil.which("nginx")
    if nginx is None:
        if os.environ.get("CI") == "true":
            pytest.fail("nginx is missing on CI")
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("proxy") / "cluster"
    shutil.copytree(PROJECT_ROOT / "cluster", folder, ignore=shutil.ignore_patterns("secrets"))
    subprocess.run([str(folder / "make-secrets")], check=True, capture_output=True)
    port = free_port()
    text = CONFIG.read_text().replace("/tmp/", f"{folder}/")  # noqa: S108 - nginx's
    text = text.replace("/run/secrets", str(folder / "secrets"))
    text = text.replace("listen 8443", f"listen 127.0.0.1:{port}")
    with ExitStack() as stack:
        for name, own in APPS.items():
            ports = [stack.enter_context(app(f"{name} {n}")) for n in (1, 2)]
            servers = " ".join(f"server 127.0.0.1:{p};" for p in ports)
            text = text.replace(f"server {name}:{own};", servers)
        (folder / "nginx.conf").write_text(text)
        command = [nginx, "-c", str(folder / "nginx.conf"), "-g", "daemon off; user root;"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                wait_for(lambda: process.poll() is not None or answers(port), "nginx answering")
                assert process.poll() is None, process.stderr and process.stderr.read()
                yield port
            finally:
                process.terminate()
                process.wait(timeout=20)


def asked(port: int, host: str, cookie: str = "", source: str = "127.0.0.1") -> tuple[str, str]:
    """Who answered, and the cookie that came with it."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE  # made by make-secrets
    connection = http.client.HTTPSConnection(
        "127.0.0.1", port, context=trusting, timeout=20, source_address=(source, 0)
    )
    connection.request("GET", "/", headers={"Host": host} | ({"Cookie": cookie} if cookie else {}))
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    who = answer.read().decode()
    connection.close()
    return who, answer.headers.get("Set-Cookie", "")


def test_colleagues_behind_one_address_are_spread_and_each_keeps_the_seat(proxy: int):
    seats = [asked(proxy, INTERNAL) for _ in range(16)]
    assert {who for who, _ in seats} == {"cluster-dashboards 1", "cluster-dashboards 2"}
    for who, cookie in seats:
        assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
        again = [asked(proxy, INTERNAL, cookie.partition(";")[0]) for _ in range(3)]
        assert again == [(who, "")] * 3


def test_citizens_are_spread_by_address_and_get_no_cookie(proxy: int):
    found = {n: asked(proxy, PUBLIC, source=f"127.0.1.{n}") for n in range(1, 17)}
    assert {who for who, _ in found.values()} == {"cluster-citizens 1", "cluster-citizens 2"}
    assert {cookie for _, cookie in found.values()} == {""}
    for number, answer in found.items():
        assert asked(proxy, PUBLIC, source=f"127.0.1.{number}") == answer
