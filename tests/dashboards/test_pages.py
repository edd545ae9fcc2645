"""The pages as a reader sees them, in process."""

from __future__ import annotations

import dataclasses

import pytest
import streamlit as st

from components import Card, csv, describe_series, html_table
from i18n import translator
from tests.dashboards import serving
from tests.dashboards.conftest import words

PAGES = ("umwelt", "datenlage")
LANGS = ("de", "en")
TITLE = {
    ("umwelt", "de"): "Umwelt & Starkregen",
    ("umwelt", "en"): "Environment & heavy rain",
    ("datenlage", "de"): "Datenlage",
    ("datenlage", "en"): "State of the data",
}
BANNER = "Demodaten – erfunden, nicht für Entscheidungen"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A build without a single measurement."""
    data = tmp_path_factory.mktemp("empty")
    serving.publish(data / "serving", filled=False)
    return data


@pytest.fixture(scope="module")
def only_demo(tmp_path_factory):
    """A build of the demo city alone."""
    data = tmp_path_factory.mktemp("demo")
    serving.publish(data / "serving", origins=["demo"])
    return data


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["published", "empty"])
def test_pages_open(request, open_app, page, lang, kind):
    app = open_app(request.getfixturevalue(kind), page, lang=lang)
    assert not app.exception
    assert [t.value for t in app.title] == [TITLE[page, lang]]
    assert serving.BUILD in words(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", LANGS)
def test_before_the_first_build(tmp_path, open_app, page, lang):
    app = open_app(tmp_path, page, lang=lang)
    assert not app.exception
    assert {"de": "noch kein Datenstand", "en": "No build is published yet"}[lang] in words(app)


def test_a_broken_pointer_is_explained(tmp_path, open_app):
    (tmp_path / "serving").mkdir()
    serving.point_to(tmp_path / "serving", "gone.duckdb")
    app = open_app(tmp_path)
    assert not app.exception
    assert "gone.duckdb is missing" in words(app)


def test_a_new_build_shows_on_the_next_run(tmp_path, open_app):
    serving.publish(tmp_path / "serving", filled=False)
    app = open_app(tmp_path)
    assert "noch keine Pegelwerte" in words(app)
    with_rows = serving.publish(tmp_path / "later")
    with_rows.rename(tmp_path / "serving" / "b2.duckdb")
    serving.point_to(tmp_path / "serving", "b2.duckdb")
    app.run()
    assert "noch keine Pegelwerte" not in words(app)
    assert "Datenstand b2" in words(app)


def test_headline(published, open_app):
    text = words(open_app(published))
    assert '164 <span class="unit">cm' in text
    assert "● unter Alarmstufe 1 (rechnerisch, ab 400\u00a0cm)" in text
    assert '23,4 <span class="unit">µg/m³' in text
    assert "● im Zielbereich" in text
    assert "Jahr 2025 · Zielwert ≤ 40" in text
    assert "↘ fallend · Vorjahr: 30" in text
    assert "2026 bisher: 24,4" in text
    assert BANNER not in text


def test_words_stand_beside_every_chart(published, open_app):
    text = words(open_app(published))
    assert "Elbpegel Dresden: niedrigster Wert 90 cm" in text
    assert "zuletzt 164 cm (20.11.2026, 13:00). Eine Lücke in den Daten." in text
    assert "Dresden-Klotzsche: höchster Wert 30 mm (15.11.2026, 16:00)" in text
    assert "Dresden-Hosterwitz: durchgehend 0 mm" in text
    assert "2026: 17 Hitzetage, 3 Tropennächte (55 % der Tage beobachtet)" in text
    assert "Außerhalb der Karte: Elbpegel Pirna" in text
    assert "Ohne bekannte Lage: Postplatz" in text
    assert "keine amtlichen Grenzen" in text


def test_status_is_word_and_shape(published, open_app):
    text = words(open_app(published))
    for status in ("✓ eingehalten", "▲ überschritten"):
        assert status in text
    assert "○ nicht bewertbar" in words(open_app(published, year="2026"))
    health = words(open_app(published, "datenlage"))
    for state in ("▲ verspätet", "✕ gestört", "○ noch nie abgerufen"):
        assert state in health


def test_demo_is_marked_and_never_mixed(published, open_app):
    text = words(open_app(published, origin="demo"))
    assert BANNER in text
    assert text.count('class="badge"') >= 8
    assert '450 <span class="unit">cm' in text
    assert "▲ Alarmstufe 1 erreicht (rechnerisch)" in text
    assert "164 cm" not in text


def test_real_is_the_default_of_two(published, open_app):
    app = open_app(published)
    assert app.session_state["widget_origin"] == "real"
    assert '164 <span class="unit">cm' in words(app)
    app.segmented_control(key="widget_origin").set_value("demo").run()
    assert app.query_params["origin"] == "demo"
    assert BANNER in words(app)


def test_no_choice_of_one_origin(only_demo, open_app):
    app = open_app(only_demo)
    assert BANNER in words(app)
    assert "widget_origin" not in app.session_state


def test_language_switch(published, open_app):
    app = open_app(published)
    assert app.query_params["lang"] == "de"
    app.segmented_control(key="widget_lang").set_value("en").run()
    assert not app.exception
    assert [t.value for t in app.title] == ["Environment & heavy rain"]
    assert app.query_params["lang"] == "en"


def test_filters_come_from_the_url(published, open_app):
    app = open_app(
        published, gauge="PIRNA", rain=["dwd:01050"], window="6h", heat="klips:7",
        period="free", **{"from": "2026-11-16", "to": "2026-11-18"},
    )  # fmt: skip
    assert not app.exception
    text = words(app)
    assert "Elbpegel Pirna: durchgehend 130 cm" in text
    assert "Gleitende Regensumme über 6 Stunden" in text
    assert "kein Starkregenereignis" in text
    assert "16.11.2026 bis 18.11.2026" in text


@pytest.mark.parametrize("name", ["gauge", "rain", "period", "year", "heat", "origin", "lang"])
def test_nonsense_in_the_url_is_ignored(published, open_app, name):
    app = open_app(published, **{name: "'; DROP TABLE x"})
    assert not app.exception
    assert '164 <span class="unit">cm' in words(app)


def test_nonsense_dates_are_ignored(published, open_app):
    app = open_app(published, period="free", **{"from": "31.31.", "to": "x"})
    assert not app.exception
    reversed_ = open_app(published, period="free", **{"from": "2026-11-18", "to": "2026-11-16"})
    assert "richtigen Reihenfolge" in words(reversed_)


def test_empty_cases_say_why(empty, open_app):
    text = words(open_app(empty))
    for reason in (
        "noch keine Pegelwerte",
        "noch keine Zehn-Minuten-Werte",
        "Archiv der Warnungen",
        "noch keine Werte zur Luftqualität",
        "noch keine Temperaturen",
        "noch kein Messort Werte geliefert",
        "noch keine Messung in diesem Datenbestand",
        "liegt noch kein Zeitraum vor",
    ):
        assert reason in text
    period = words(open_app(empty, "datenlage"))
    assert "Der Datenstand kennt noch keine Quelle" in period
    assert "Keine Zeile in Quarantäne" in period


def test_period_without_data_says_so(published, open_app):
    url = {"period": "free", "from": "2020-01-01", "to": "2020-01-05"}
    text = words(open_app(published, **url))
    assert "Für Elbpegel Dresden liegen von 01.01.2020 bis 05.01.2020 keine Messwerte vor" in text
    assert "Für die gewählten Stationen liegen von 01.01.2020" in text


def test_datenlage_in_detail(published, open_app):
    app = open_app(published, "datenlage", source="pegelonline")
    text = words(app)
    assert "▲ 1 von 2 nicht" in text
    assert "WSV, PEGELONLINE (dl-de/zero-2-0, Lizenz ungeprüft)" in text
    tables = {tuple(f.value.columns): f.value for f in app.dataframe}
    gaps = next(f for c, f in tables.items() if c == ("von", "bis"))
    assert list(gaps["von"]) == ["15.11.2026, 13:00"]
    assert "3 von 3 Zeilen" in text
    assert "known_station_x" in str([f.value for f in app.dataframe])


def test_data_docs_link(published, open_app, monkeypatch):
    monkeypatch.delenv("URBANDATA_DATA_DOCS_URL", raising=False)
    assert "noch nicht veröffentlicht" in words(open_app(published, "datenlage"))
    monkeypatch.setenv("URBANDATA_DATA_DOCS_URL", "http://127.0.0.1:8080/data-docs/")
    app = open_app(published, "datenlage")
    (link,) = app.get("link_button")
    assert link.proto.url == "http://127.0.0.1:8080/data-docs/"


@pytest.fixture
def view(published, monkeypatch):
    """What a page gets, outside of a page."""
    import shell

    monkeypatch.setenv("URBANDATA_DATA_DIR", str(published))
    st.cache_resource.clear()
    return shell.open_page("nav.umwelt", "umwelt.lead")


@pytest.mark.parametrize(("lang", "first"), [("de", "DRESDEN;"), ("en", "DRESDEN,")])
def test_csv_carries_its_origin(view, lang, first):
    import pandas as pd

    view = dataclasses.replace(view, lang=lang, t=translator(lang), origin="demo")
    rows = pd.DataFrame({"station": ["DRESDEN"], "water_level_cm": [1.5]})
    card = Card("gauge", "Titel", "cm", ("pegelonline",), "gauge", lambda: rows, "heute")
    head, body = csv(view, card).decode("utf-8-sig").split("station", 1)
    assert serving.BUILD in head
    assert "PEGELONLINE" in head
    assert all(line.startswith("# ") for line in head.strip().splitlines())
    assert {"de": BANNER, "en": "invented"}[lang] in head
    assert first + {"de": "1,5", "en": "1.5"}[lang] in body


def test_names_from_sources_cannot_break_the_page(view):
    import pandas as pd

    from sections import water

    stations = pd.DataFrame({
        "subject": ["rain", "rain"], "station_id": ["a", "b"], "name": ["Gleich", "Gleich"],
    })  # fmt: skip
    assert water._names(stations, "rain") == {"a": "Gleich (a)", "b": "Gleich (b)"}
    assert "&lt;b&gt;" in html_table(["<b>"], [["x"]])


def test_description_counts_gaps():
    import pandas as pd

    at = pd.date_range("2026-01-01", periods=5, freq="h")
    points = pd.DataFrame({"series": "a", "at": at, "value": [1, None, 3, None, 2]})
    (text,) = describe_series(points, {"a": "A", "b": "B"}, "cm", "de", translator("de"))
    assert "2 Lücken" in text
    assert "höchster 3 cm (01.01.2026, 02:00)" in text
