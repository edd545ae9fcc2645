"""From the first page to a Word file in three clicks, in a real browser."""

from __future__ import annotations

import zipfile

import pytest

from tests.dashboards import serving
from tests.dashboards.accessibility import audit
from tests.dashboards.browsing import Watch, serve, shoot

pytestmark = pytest.mark.xdist_group("browser")


def test_three_clicks(tmp_path, chromium):
    serving.publish(tmp_path / "serving", origins=["demo"])
    process, address = serve(tmp_path)
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE")
    try:
        watch = Watch(context.new_page())
        page = watch.page
        page.goto(address)
        watch.settle()
        page.get_by_test_id("stSidebarNav").get_by_text("Fortschreibung").click()
        page.get_by_role("heading", level=1, name="Fortschreibung").wait_for(timeout=30_000)
        watch.settle()
        page.get_by_role("button", name="Entwurf erzeugen").click()
        page.get_by_text("ist fertig").wait_for(timeout=180_000)
        watch.settle()
        path = watch.download(page.get_by_role("button", name="DOCX"), tmp_path)
        assert "word/document.xml" in zipfile.ZipFile(path).namelist()
        assert "_demo_" in path.name
        assert audit(page).ours == []
        shoot(page, "fortschreibung_de_desk")
        page.set_viewport_size({"width": 390, "height": 844})
        watch.settle()
        watch.stays_in_its_width()
        assert audit(page).ours == []
        shoot(page, "fortschreibung_de_phone")
        assert watch.problems == []
    finally:
        context.close()
        process.terminate()
        process.wait(timeout=20)
