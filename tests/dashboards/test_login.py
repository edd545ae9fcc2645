"""Log-in against a real OpenID provider on loopback, in a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.dashboards import serving
from tests.dashboards.browsing import ROOT, free_port, wait_for

pytestmark = pytest.mark.xdist_group("browser")
PEOPLE = {
    "lea": {"name": "Lea Leitung", "roles": ["leadership"]},
    "rolf": {"name": "Rolf Research", "roles": ["research"]},
    "hans": {"name": "Hans Hausmeister", "roles": ["janitor"]},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """An OpenID provider that knows three people."""
    from oidc_provider_mock import User, run_server_in_thread

    users = [User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with run_server_in_thread(user_claims=users) as server:
        yield f"http://localhost:{server.server_port}"


@contextmanager
def running(provider: str, data: Path, **env: str) -> Iterator[str]:
    """The internal app as the platform starts it, with the log-in configured."""
    port = free_port()
    address = f"http://localhost:{port}"
    settings = {
        "URBANDATA_DATA_DIR": str(data),
        "URBANDATA_PORT_DASHBOARD": str(port),
        "URBANDATA_OIDC_METADATA_URL": f"{provider}/.well-known/openid-configuration",
        "URBANDATA_OIDC_CLIENT_ID": "urbandata",
        "URBANDATA_OIDC_CLIENT_SECRET": "only for this test",
        "URBANDATA_OIDC_COOKIE_SECRET": "a cookie secret of enough letters",
        "URBANDATA_OIDC_REDIRECT_URI": f"{address}/oauth2callback",
        "AUTHLIB_INSECURE_TRANSPORT": "true",
        "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in ("plugins", "dashboards")),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "urbandata.platform.dashboard_server", "leadership"],
        env={**os.environ, **settings, **env},
    )
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("login")
    serving.publish(folder / "serving")
    return folder


@pytest.fixture(scope="module")
def app(provider, data) -> Iterator[str]:
    with running(provider, data) as address:
        yield address


@pytest.fixture
def page(chromium) -> Iterator[object]:
    context = chromium.new_context(locale="de-DE")
    yield context.new_page()
    context.close()


def log_in(page, address: str, person: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Anmelden").click(timeout=30_000)
    page.get_by_role("button", name=person, exact=True).click(timeout=30_000)
    page.wait_for_url(re.compile(re.escape(address)))
    page.get_by_test_id("stAppViewContainer").wait_for(timeout=30_000)


def shows(page, text: str) -> None:
    page.get_by_text(text).first.wait_for(timeout=30_000)


def test_nobody_sees_anything_without_log_in(app, page):
    page.goto(f"{app}/finanzierung")
    shows(page, "Bitte anmelden")
    assert page.get_by_text("Mio. €").count() == 0


def test_the_right_role_gets_in(app, page):
    log_in(page, app, "lea")
    shows(page, "Lea Leitung · Leitung")
    shows(page, "Finanzierung & Meilensteine")


def test_another_role_has_another_menu_and_no_way_round_it(app, page):
    log_in(page, app, "rolf")
    shows(page, "Rolf Research · Forschung")
    menu = page.get_by_test_id("stSidebarNav")
    assert menu.get_by_text("Forschung", exact=True).count() >= 1
    assert menu.get_by_text("Finanzierung").count() == 0
    page.goto(f"{app}/finanzierung")
    shows(page, "Rolf Research · Forschung")
    assert page.get_by_role("heading", name="Finanzierung").count() == 0


def test_a_wrong_role_stays_out(app, page):
    log_in(page, app, "hans")
    shows(page, "Kein Zugang")
    assert page.get_by_test_id("stSidebarNav").count() == 0


def test_a_forged_cookie_is_worth_nothing(app, page):
    log_in(page, app, "hans")
    shows(page, "Kein Zugang")
    context = page.context
    forged = []
    for cookie in context.cookies():
        if cookie["name"].startswith("_streamlit_user"):
            middle = len(cookie["value"]) // 2
            other = "A" if cookie["value"][middle] != "A" else "B"
            value = cookie["value"][:middle] + other + cookie["value"][middle + 1 :]
            forged.append({**cookie, "value": value})
    assert forged, "the session is in a signed cookie"
    context.add_cookies(forged)
    page.goto(app)
    shows(page, "Bitte anmelden")


def test_a_session_ends(provider, data, page):
    with running(provider, data, URBANDATA_SESSION_HOURS="0.0001") as address:
        log_in(page, address, "lea")
        page.wait_for_timeout(1000)
        page.goto(address)
        shows(page, "Ihre Anmeldung ist abgelaufen")
