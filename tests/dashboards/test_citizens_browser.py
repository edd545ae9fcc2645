"""The citizens' page in a real browser: both languages, desk and phone, as strict as the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from i18n import translator
from tests.dashboards import serving
from tests.dashboards.accessibility import audit
from tests.dashboards.browsing import serving_app, shoot
from tests.dashboards.test_translation import ENGLISH, GERMAN

pytestmark = pytest.mark.xdist_group("browser")
OTHER = {"de": ENGLISH, "en": GERMAN}
# Names and terms of others stand as they are: producers, licences, file formats, the switch.
NAMES = re.compile(r"Lokale Agenda Dresden|Lokalen Agenda|Sandstorm Media|Cleema \(.*?\)|unter 10")


@pytest.fixture(scope="module", params=["filled", "empty", "none"])
def app(request, tmp_path_factory) -> Iterator[tuple[str, str]]:
    """The public app: on a full public build, on one without rows, and before the first build."""
    data = tmp_path_factory.mktemp(request.param)
    if request.param != "none":
        serving.publish_public(data / "serving", filled=request.param == "filled")
    with serving_app(data, "citizens") as address:
        yield request.param, address


@pytest.mark.parametrize("lang", ["de", "en"])
def test_page_is_whole(app, watch, lang):
    kind, address = app
    page, t = watch.page, translator(lang)
    page.goto(f"{address}/?lang={lang}")
    watch.settle()
    assert page.get_by_role("heading", level=1).inner_text() == t("public.title")
    assert page.get_by_test_id("stException").count() == 0
    if kind == "filled":
        watch.charts_are_filled(3)
        assert serving.BUILD in page.locator(".page-footer").inner_text()
    assert "/serving" not in page.content(), "nobody is told about the server's folders"
    shown = NAMES.sub("", page.get_by_test_id("stMain").inner_text())
    other = [line for line in shown.splitlines() if OTHER[lang].search(line)]
    assert other == []
    found = audit(page)
    assert found.ours == []
    assert found.met == set(), "this page has no menu, so nothing is excused"
    assert found.contrast_was_measured
    watch.stays_in_its_width()
    shoot(page, f"buerger_{kind}_{lang}_{watch.size}")
    assert watch.problems == []


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_the_language_is_switched_by_keys(app, watch):
    page = watch.page
    page.goto(app[1])
    watch.settle()
    for _ in range(15):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('.st-key-widget_lang')"):
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=translator("en")("public.title")).wait_for()
    watch.settle()
    assert "lang=en" in page.url
    assert watch.problems == []


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_charts_have_tables_and_can_be_saved(app, watch, tmp_path):
    page = watch.page
    page.goto(f"{app[1]}/?origin=real")
    watch.settle()
    for key in ("public_course", "public_actions", "public_boroughs"):
        card = page.locator(f".st-key-card_{key}")
        card.get_by_text("Als Tabelle").click()
        card.get_by_test_id("stDataFrame").wait_for()
        watch.settle()  # the table opens above the button and moves it
        path = watch.download(card.get_by_text("CSV herunterladen"), tmp_path)
        assert path.read_bytes().count(b"\n") > 3
    assert watch.problems == []


ASSUMED = {
    "de": (
        "Alle Annahmen", "Spanne",
        ["Anteil, der ohne die App nicht geschehen wäreAnteil", "alle übrigen Handlungen", "50",
         "25 – 75", "%", "Setzung der Plattform (Nov. 2026; nicht belegt)"],
        ["Höchstens gezählt je Person und TagAnteil", "Rad statt Auto", "100", "–", "km"],
    ),
    "en": (
        "All assumptions", "Range",
        ["Share that would not have happened without the appShare", "all other actions", "50",
         "25 – 75", "%", "Setzung der Plattform (Nov 2026; not documented)"],
        ["Counted at most per person and dayShare", "Bike instead of car", "100", "–", "km"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("app", ["filled"], indirect=True)
@pytest.mark.parametrize("lang", ["de", "en"])
def test_what_is_assumed_can_be_looked_up(app, watch, lang):
    page = watch.page
    page.goto(f"{app[1]}/?origin=real&lang={lang}")
    watch.settle()
    title, heading, share, cap = ASSUMED[lang]
    card = page.get_by_test_id("stExpander").filter(has_text=title)
    card.get_by_text(title).click()
    card.locator("table").wait_for()
    watch.settle()
    assert card.locator("th").all_text_contents()[3] == heading
    rows = [
        card.locator("tr").nth(i).locator("td").all_text_contents()
        for i in range(1, card.locator("tr").count())
    ]
    assert share in rows
    assert cap in [row[: len(cap)] for row in rows]
    assert len(rows) == 5
    watch.stays_in_its_width()
    shoot(page, f"buerger_annahmen_{lang}_{watch.size}")
    assert watch.problems == []


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_sums_say_what_they_are_sums_of(app, watch):
    page = watch.page
    page.goto(f"{app[1]}/?origin=real&lang=de")
    watch.settle()
    assert "Gemeinsam vermieden seit Febr. 2025" in page.locator("body").inner_text()
    for key in ("public_actions", "public_boroughs"):
        card = page.locator(f".st-key-card_{key}")
        assert "Summe der Jahre 2025 bis 2026" in card.inner_text()


@pytest.mark.parametrize("app", ["filled"], indirect=True)
def test_nothing_is_stored_about_readers(app, watch):
    """No tracking: the page sets no cookie but the one that guards the connection."""
    watch.page.goto(app[1])
    watch.settle()
    names = {cookie["name"] for cookie in watch.page.context.cookies()}
    assert names <= {"_streamlit_xsrf"}
