"""Published builds to look at, and apps that look at them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from tests.dashboards import serving
from tests.dashboards.browsing import ARGUMENTS, CHROMIUM, SIZES, Watch

APP = Path(__file__).parents[2] / "dashboards" / "leadership.py"


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Path:
    """Data folder with a build that holds both origins."""
    data = tmp_path_factory.mktemp("both")
    serving.publish(data / "serving")
    return data


@pytest.fixture(scope="module")
def con(published) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build, opened as the dashboards open it but out of reach of their caches."""
    from queries import builds

    # All small builds have one id; another module's connection is of another build, or closed.
    st.cache_resource.clear()
    build = builds.current(published / "serving")
    assert build is not None
    with duckdb.connect(str(build.path), read_only=True) as con:
        con.execute("SET GLOBAL TimeZone = 'UTC'")
        yield con


@pytest.fixture
def open_app(monkeypatch) -> Callable[..., AppTest]:
    """The app on a data folder, at a page, with parameters in the URL; run once."""

    # Without a server nobody has read dashboards/.streamlit/config.toml.
    config.set_option("server.address", "127.0.0.1")

    def start(data: Path, page: str = "umwelt", **url: str | list[str]) -> AppTest:
        st.cache_resource.clear()
        st.cache_data.clear()
        monkeypatch.setenv("URBANDATA_DATA_DIR", str(data))
        app = AppTest.from_file(str(APP), default_timeout=60)
        for name, value in url.items():
            app.query_params[name] = value
        if page != "ueberblick":
            app.switch_page(f"views/{page}.py")
        return app.run()

    return start


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium; without it the tests are skipped, on CI they fail."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing on CI; apt-get install chromium")
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def windows(chromium) -> Iterator[dict[str, Any]]:
    """One reader per size. Their pages share the cache: the frontend is fetched and read once."""
    contexts = {
        name: chromium.new_context(viewport={"width": width, "height": height}, locale="de-DE")
        for name, (width, height) in SIZES.items()
    }
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture(params=SIZES)
def watch(request, windows) -> Iterator[Watch]:
    """A fresh page of one size, without what another page has stored."""
    context = windows[request.param]
    context.clear_cookies()
    page = context.new_page()
    page.add_init_script("try { localStorage.clear(); sessionStorage.clear(); } catch (e) {}")
    yield Watch(page, request.param)
    page.close()


def words(app: AppTest) -> str:
    """Everything a reader of the page can read, as one text."""
    parts = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.info]
    parts += [*app.warning, *app.get("html")]
    texts = [str(p.value if hasattr(p, "value") and not callable(p.value) else "") for p in parts]
    bodies = [p.proto.body for p in app.get("html")]
    return "\n".join([*texts, *bodies])
