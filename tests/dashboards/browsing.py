"""A real browser on a running app: what must not happen, and when a page is ready."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "artifacts" / "screenshots"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update",
             "--disable-sync"]  # fmt: skip
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
LOOPBACK = {"127.0.0.1", "localhost"}
# On a page below the root Streamlit's frontend first asks for its server there; a 404 is the rule.
PROBE = re.compile(r"^http://127\.0\.0\.1:\d+/\w+/_stcore/(health|host-config)$")
# Parts of the frontend are loaded when they are first needed; until then there are placeholders.
DRAWN = """() => !document.querySelector('[data-testid=stMain] [data-testid=stSkeleton]')
    && [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]
        .every(chart => chart.querySelector('svg.marks path'))"""
# Nothing has changed on the page for so long, in ms: charts follow the size of their card.
CALM = """quiet => new Promise(done => {
    let timer = setTimeout(finish, quiet);
    const watcher = new MutationObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(finish, quiet);
    });
    function finish() { watcher.disconnect(); done(); }
    watcher.observe(document.body, {subtree: true, childList: true, attributes: true});
})"""
SIDEWAYS = """document.querySelector('[data-testid=stMain]').scrollWidth
    - document.querySelector('[data-testid=stMain]').clientWidth"""


def free_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(data: Path, script: str = "leadership") -> tuple[subprocess.Popen[bytes], str]:
    """Streamlit on a free port of loopback, as the platform starts it."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboards" / f"{script}.py"),
         "--server.port", str(port)],
        env={**os.environ, "URBANDATA_DATA_DIR": str(data),
             "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in ("plugins", "dashboards"))},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    wait_for(address, process)
    return process, address


@contextmanager
def serving_app(data: Path, script: str = "leadership") -> Iterator[str]:
    """The address of an app that runs as long as the block."""
    process, address = serve(data, script)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server says it is well; fails the test if it never does."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    process.kill()
    pytest.fail("Streamlit did not start")


class Watch:
    """A page that remembers all that must not happen."""

    def __init__(self, page: Any, size: str = "desk") -> None:
        self.page = page
        self.size = size
        self.problems: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", lambda r: self.problems.append(f"failed request: {r.url}"))

    def _console(self, message: Any) -> None:
        if message.type == "error" and not PROBE.search(message.location.get("url", "")):
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOOPBACK:
            self.problems.append(f"leaves the machine: {request.url}")

    def settle(self) -> None:
        """Wait until Streamlit has finished, the charts are drawn and nothing moves any more."""
        self.page.get_by_test_id("stAppViewContainer").wait_for(timeout=30_000)
        self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(
            timeout=30_000
        )
        self.page.wait_for_function(DRAWN, timeout=30_000)
        self.page.evaluate(CALM, 200)

    def download(self, button: Any, folder: Path) -> Path:
        """The file that a button saves, in the folder.

        A click on what the next redraw takes away is lost, so a button may be clicked twice.
        """
        try:
            return self._download(button, folder, 15_000)
        except TimeoutError:
            self.settle()
            return self._download(button, folder, 30_000)

    def _download(self, button: Any, folder: Path, patience_ms: int) -> Path:
        from playwright.sync_api import TimeoutError as TooLateError

        try:
            with self.page.expect_download(timeout=patience_ms) as download:
                button.click()
        except TooLateError as error:
            raise TimeoutError(f"nothing was saved in {patience_ms} ms") from error
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def charts_are_filled(self, at_least: int) -> None:
        """So many charts, each with something drawn."""
        charts = self.page.get_by_test_id("stVegaLiteChart")
        assert charts.count() >= at_least
        for chart in charts.all():
            assert chart.locator("svg.marks path").count() > 0, "an empty chart"

    def stays_in_its_width(self) -> None:
        """Nothing on the page makes it scroll sideways."""
        assert self.page.evaluate(SIDEWAYS) <= 0, "the page scrolls sideways"


def shoot(page: Any, name: str) -> None:
    """The whole page, not only what fits the window."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"]
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": int(height) + 60})
    page.evaluate(CALM, 250)
    page.screenshot(path=str(SHOTS / f"{name}.png"))
