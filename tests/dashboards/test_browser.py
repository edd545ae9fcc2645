"""Every page in a real browser, both languages, desk and phone: nothing breaks, nothing leaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from i18n import translator
from tests.dashboards import hostile, serving
from tests.dashboards.accessibility import audit
from tests.dashboards.browsing import serving_app, shoot

PAGES = ("ueberblick", "handlungsfelder", "massnahmen", "cleema", "finanzierung", "umwelt",
         "datenlage", "forschung")  # fmt: skip
QUERIES = {"massnahmen": "&m=environment&kpi=M5.5a"}
CHARTS = {"umwelt": 4, "massnahmen": 1, "cleema": 7, "finanzierung": 2}  # at least so many
pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module", params=["filled", "empty", "none"])
def app(request, tmp_path_factory) -> Iterator[tuple[str, str]]:
    """A running app: on a full build, on one without rows, and before the first build."""
    data = tmp_path_factory.mktemp(request.param)
    if request.param == "hostile":
        hostile.publish(data / "serving")
    elif request.param != "none":
        serving.publish(data / "serving", filled=request.param == "filled")
    with serving_app(data) as address:
        yield request.param, address


def path(name: str) -> str:
    """The overview is the default page and has no path of its own."""
    return "" if name == "ueberblick" else name


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole(app, watch, name, lang):
    kind, address = app
    if kind != "filled" and lang == "en":
        pytest.skip("without data a page is all texts, and those are tested elsewhere")
    page = watch.page
    page.goto(f"{address}/{path(name)}?lang={lang}{QUERIES.get(name, '')}")
    watch.settle()
    shown = page.get_by_role("heading", level=1).inner_text()
    if kind == "none":
        assert (
            shown == {"de": "Noch keine Daten veröffentlicht", "en": "No data published yet"}[lang]
        )
    else:
        assert shown == translator(lang)(f"nav.{name}")
    assert page.get_by_test_id("stException").count() == 0
    if kind == "filled":
        watch.charts_are_filled(CHARTS.get(name, 0))
        if lang == "de":
            found = audit(page)
            assert found.ours == []
            assert found.contrast_was_measured
    watch.stays_in_its_width()
    shoot(page, f"{kind}_{name}_{lang}_{watch.size}")
    assert watch.problems == []


@pytest.mark.parametrize("app", ["filled"], indirect=True)
@pytest.mark.parametrize("origin", ["real", "demo"])
def test_overview_is_one_screen(app, watch, origin):
    """Nothing has to be scrolled at 1440 × 900."""
    if watch.size != "desk":
        pytest.skip("the promise is for a desk")
    page = watch.page
    page.goto(f"{app[1]}/?origin={origin}")
    watch.settle()
    too_high = page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollHeight"
        " - document.querySelector('[data-testid=stMain]').clientHeight"
    )
    assert too_high <= 0
    assert page.locator(".overview tbody tr").count() == 9
    assert page.locator(".panel").count() == 2


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_the_overview_leads_to_a_measure(app, watch):
    page = watch.page
    page.goto(f"{app[1]}/?lang=en&origin=demo")
    watch.settle()
    page.locator(".overview a").nth(4).click()
    page.get_by_role("heading", level=1, name="Measures").wait_for()
    watch.settle()
    assert "m=environment" in page.url
    assert "origin=demo" in page.url
    assert page.get_by_role("heading", level=2).first.inner_text().startswith("5 Environmental")
    assert watch.problems == []


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_own_sql_in_the_browser(app, watch):
    page = watch.page
    page.goto(f"{app[1]}/forschung?sql=ATTACH%20%27x%27")
    watch.settle()
    page.get_by_role("button", name="Abfrage ausführen").click()
    page.get_by_text("nur lesende Abfragen").wait_for(timeout=60_000)
    assert watch.problems == []


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_demo_says_so(app, watch):
    page = watch.page
    page.goto(f"{app[1]}/umwelt?origin=demo")
    watch.settle()
    assert page.locator(".demo-banner").inner_text() == (
        "▲ Demodaten – erfunden, nicht für Entscheidungen"
    )
    assert page.locator(".badge").count() >= CHARTS["umwelt"]
    shoot(page, f"demo_umwelt_de_{watch.size}")
    assert watch.problems == []


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_choices_stay_in_the_url(app, watch):
    page = watch.page
    page.goto(f"{app[1]}/umwelt?lang=en&gauge=PIRNA&period=7")
    watch.settle()
    assert "Elbpegel Pirna" in page.locator(".st-key-card_gauge h3").inner_text()
    if watch.size == "phone":
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNav").get_by_text("State of the data").click()
    page.get_by_role("heading", level=1, name="State of the data").wait_for()
    watch.settle()
    assert "lang=en" in page.url
    if watch.size == "phone" and page.get_by_test_id("stExpandSidebarButton").is_visible():
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_text("Deutsch").click()
    page.get_by_role("heading", level=1, name="Datenlage").wait_for()
    watch.settle()
    assert "lang=de" in page.url
    assert watch.problems == []


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_charts_and_values_can_be_saved(app, watch, tmp_path):
    page = watch.page
    page.goto(f"{app[1]}/umwelt?origin=demo")
    watch.settle()
    card = page.locator(".st-key-card_gauge")
    saved = {}
    for label in ("Bild als SVG", "Bild als PNG", "CSV herunterladen"):
        path = watch.download(card.get_by_text(label), tmp_path)
        saved[path.suffix] = path.read_bytes()
    assert "Demodaten – erfunden" in saved[".svg"].decode()
    assert "Alarmstufe 1: 400 cm (rechnerisch)" in saved[".svg"].decode()
    assert saved[".png"].startswith(b"\x89PNG")
    assert len(saved[".png"]) > 5000
    assert "Demodaten – erfunden" in saved[".csv"].decode()
    assert saved[".csv"].count(b"\n") > 2000
    assert watch.problems == []


@pytest.mark.parametrize("app", ["hostile"], indirect=True)
@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_is_only_text(app, watch, name):
    """Markup and script in the data are shown as written; nothing runs, nothing is fetched."""
    page = watch.page
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{app[1]}/{path(name)}?origin=real&m=cleema&subject=x")
    watch.settle()
    assert page.get_by_test_id("stException").count() == 0
    assert page.evaluate("window.hacked") is None
    assert dialogs == []
    assert (
        page.locator("[data-testid=stMain] img[src='x'], [data-testid=stMain] iframe").count() == 0
    )
    watch.stays_in_its_width()
    shoot(page, f"hostile_{name}_{watch.size}")
    assert watch.problems == []
