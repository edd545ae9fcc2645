"""Twenty readers while builds are published in a loop: no error, and never two builds on a page."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
import streamlit as st

from queries import builds
from tests.dashboards import publisher, serving, sessions
from tests.dashboards.browsing import ROOT, serving_app
from urbandata.settings import Settings

pytestmark = pytest.mark.xdist_group("browser")
READERS = 20
SECONDS = float(os.environ.get("URBANDATA_TEST_PUBLISH_SECONDS", "8"))
PAGES = ["", "massnahmen", "handlungsfelder", "datenlage"]


@pytest.fixture
def busy(tmp_path) -> Iterator[str]:
    """The address of an app whose builds are replaced all the time."""
    env = {**os.environ, "URBANDATA_DATA_DIR": str(tmp_path),
           "PYTHONPATH": os.pathsep.join(str(p) for p in (ROOT / "plugins", ROOT))}  # fmt: skip
    settings = Settings.from_env(env)
    made = serving.publish(tmp_path / "made", origins=["real"])
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, settings.warehouse_path)
    publisher.publish(settings, 1)
    with serving_app(tmp_path) as address:
        loop = subprocess.Popen([sys.executable, "-m", "tests.dashboards.publisher"],
                                cwd=ROOT, env=env)  # fmt: skip
        try:
            yield address
            assert loop.poll() is None, "the publisher has stopped by itself"
        finally:
            loop.kill()
            loop.wait(timeout=20)


def test_an_old_build_is_closed_with_its_last_reader(tmp_path):
    """Four newer builds do not take it away from a page that runs; afterwards the file is free."""
    paths = [tmp_path / f"{publisher.build_id(i)}.duckdb" for i in range(5)]
    for path in paths:
        with duckdb.connect(str(path)) as con:
            con.execute(f"CREATE TABLE t AS SELECT '{path.stem}' AS build")
    st.cache_resource.clear()
    slow = builds.connect(paths[0].stem, paths[0])
    for path in paths[1:]:
        builds.connect(path.stem, path)
    with slow.cursor() as cursor:
        assert cursor.execute("SELECT build FROM t").fetchall() == [(paths[0].stem,)]
    assert paths[0] in open_files()
    del slow, cursor
    gc.collect()
    assert paths[0] not in open_files()
    assert paths[4] in open_files()
    st.cache_resource.clear()


def open_files() -> set[Path]:
    """Files that this process has open."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(link.readlink())
    return found


def test_readers_see_one_build_per_page(busy):
    reading = sessions.read_for(busy, READERS, SECONDS, PAGES, "lang=de")
    with ThreadPoolExecutor(1) as apart:  # a browser of another test may keep a loop running here
        seen = apart.submit(asyncio.run, reading).result()
    served_builds = set()
    for reader in seen:
        course = []
        for shown in reader:
            assert shown.errors == []
            assert "nicht lesbar" not in shown.text
            served = sessions.stamps(shown, r"page-footer[^>]*><p>Datenstand (b\d{6})\b")
            assert len(served) == 1, f"'{shown.page}' names its build once"
            assert sessions.stamps(shown, r"Stempel (b\d{6})") == served, shown.page
            course += served
        assert course == sorted(course), "nobody goes back in time"
        served_builds |= set(course)
    assert len(seen) == READERS
    assert len(served_builds) >= 3, "builds were replaced under the readers' eyes"
    print(f"{sum(map(len, seen))} pages of {len(served_builds)} builds")
