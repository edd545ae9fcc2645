"""Published builds to look at, and apps that look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from tests.dashboards import serving

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


def words(app: AppTest) -> str:
    """Everything a reader of the page can read, as one text."""
    parts = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.info]
    parts += [*app.warning, *app.get("html")]
    texts = [str(p.value if hasattr(p, "value") and not callable(p.value) else "") for p in parts]
    bodies = [p.proto.body for p in app.get("html")]
    return "\n".join([*texts, *bodies])
