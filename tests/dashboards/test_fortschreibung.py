"""The page of the strategy update as editors use it."""

from __future__ import annotations

import pytest

from tests.dashboards import serving
from tests.dashboards.conftest import words
from urbandata.report import editions
from urbandata.report.texts import Texts
from urbandata.settings import Settings


@pytest.fixture
def data(tmp_path):
    """A data folder of the test's own, as the page writes into it."""
    serving.publish(tmp_path / "serving", origins=["demo"])
    return tmp_path


@pytest.fixture
def settings(data) -> Settings:
    return Settings.from_env({"URBANDATA_DATA_DIR": str(data)})


def press(app, label: str):
    return next(b for b in app.button if b.label == label).click()


def field(app):
    return app.text_area[0]


def test_two_clicks_make_a_draft_and_the_third_fetches_it(data, settings, open_app):
    app = open_app(data, "fortschreibung")
    assert "Es gibt noch keine Ausgabe." in words(app)
    press(app, "Entwurf erzeugen").run()
    assert not app.exception
    (edition,) = editions.every(settings)
    assert f"Ausgabe {edition.id} · ○ Entwurf" in words(app)
    assert [b.proto.label for b in app.get("download_button")] == ["DOCX", "HTML", "PDF", "XLSX"]
    assert edition.created_by == "lokal"
    assert "Demodaten" in words(app)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_opens_in_both_languages(data, open_app, lang):
    app = open_app(data, "fortschreibung", lang=lang)
    assert not app.exception
    assert [t.value for t in app.title] == [{"de": "Fortschreibung", "en": "Strategy update"}[lang]]


def test_what_is_typed_is_kept_and_saved_as_a_version(data, settings, open_app):
    app = open_app(data, "fortschreibung", subject="hf1")
    field(app).set_value("Befund mit {{M5.5a}} und ä").run()
    texts = Texts(settings)
    assert texts.draft("hf1", "lokal").text == "Befund mit {{M5.5a}} und ä\n"
    assert "93,4\N{NO-BREAK SPACE}µg/m³" in words(app)
    again = open_app(data, "fortschreibung", subject="hf1")
    assert field(again).value == "Befund mit {{M5.5a}} und ä\n"
    assert "ist wieder da" in words(again)
    press(again, "Version speichern").run()
    assert texts.current("hf1").author == "lokal"
    assert texts.draft("hf1", "lokal") is None


def test_the_preview_shows_what_the_report_will_and_loads_nothing(data, open_app):
    app = open_app(data, "fortschreibung", subject="hf1")
    written = "**fett** ~~alt~~ $x^2$\n\n| a | b |\n|---|---|\n\n<b>x</b>"
    field(app).set_value(f"{written}\n\n![Bild](https://example.org/x.png)").run()
    assert not app.exception
    bodies = [p.proto.body for p in app.get("html")]
    (shown,) = [b for b in bodies if "~~alt~~" in b]
    assert "<strong>fett</strong> ~~alt~~ $x^2$" in shown
    assert "| a | b |" in shown
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert "<img" not in shown
    assert not any("~~alt~~" in m.value for m in app.markdown)


def test_two_editors_see_the_conflict_and_merge(data, settings, open_app):
    texts = Texts(settings)
    texts.save("hf1", "Anfang", "Anna", 0)
    app = open_app(data, "fortschreibung", subject="hf1")
    field(app).set_value("Anfang und Bert").run()
    texts.save("hf1", "Anfang und Anna", "Anna", 1)
    press(app, "Version speichern").run()
    assert "Anna hat am" in words(app)
    assert "+Anfang und Bert" in app.code[0].value
    press(app, "Beides ist zusammengeführt").run()
    field(app).set_value("Anfang, Anna und Bert").run()
    press(app, "Version speichern").run()
    assert not app.exception
    assert texts.current("hf1").text == "Anfang, Anna und Bert\n"
    assert {v.text for v in texts.history("hf1")} >= {"Anfang und Anna\n", "Anfang und Bert\n"}


def test_taking_theirs_keeps_mine_in_the_history(data, settings, open_app):
    texts = Texts(settings)
    texts.save("hf1", "Anfang", "Anna", 0)
    app = open_app(data, "fortschreibung", subject="hf1")
    field(app).set_value("Meins").run()
    texts.save("hf1", "Ihres", "Anna", 1)
    app.run()
    press(app, "Neuere Version übernehmen").run()
    assert field(app).value == "Ihres\n"
    assert ("conflict", "Meins\n") in [(v.kind, v.text) for v in texts.history("hf1")]


def test_submitting_freezes_and_says_when_airflow_is_away(data, settings, open_app, monkeypatch):
    monkeypatch.setenv("URBANDATA_PORT_AIRFLOW", "9")
    app = open_app(data, "fortschreibung")
    press(app, "Entwurf erzeugen").run()
    press(app, "Zur Freigabe einreichen").run()
    (edition,) = editions.every(settings)
    assert edition.state == "submitted"
    assert f"edition={edition.id}" in words(app)
