"""The pages of the programme as a reader sees them, in process."""

from __future__ import annotations

import re

import duckdb
import pytest

from i18n import translator
from queries import cleema
from tests.dashboards import programme, serving
from tests.dashboards.conftest import words

PAGES = ("ueberblick", "handlungsfelder", "massnahmen", "cleema", "finanzierung", "forschung")
LATER = ("dim_", "fct_spending", "fct_milestones", "fct_funding", "fct_cleema", "public_",
         "kpi_lin",         "fct_emission")  # fmt: skip


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A build without a single row of data."""
    data = tmp_path_factory.mktemp("empty")
    serving.publish(data / "serving", filled=False)
    return data


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    """A build of code that did not know the marts of the programme yet."""
    data = tmp_path_factory.mktemp("older")
    path = serving.publish(data / "serving")
    with duckdb.connect(str(path)) as con:
        tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'")
        for (table,) in tables.fetchall():
            if table.startswith(LATER) and table != "dim_stations":
                con.execute(f"DROP TABLE marts.{table}")
    return data


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("kind", ["published", "empty", "older"])
def test_pages_open(request, open_app, page, lang, kind):
    app = open_app(request.getfixturevalue(kind), page, lang=lang)
    assert not app.exception
    assert [h.value for h in app.title] == [translator(lang)(f"nav.{page}")]
    assert serving.BUILD in words(app)


def test_overview_has_everything_at_a_glance(published, open_app):
    text = words(open_app(published, "ueberblick"))
    assert len(set(re.findall(r'm=(\w+)"><span class="number">', text))) == 9
    assert len(set(re.findall(r"<b>(HF \d)</b>", text))) == 4
    assert "Umweltmonitoring – digitaler urbaner" in text
    assert "kein Zielwert beschlossen" in text
    assert "Verlauf Starkregenereignisse" in text, "the sparkline says what it shows"
    assert "vor 10 Monaten" in text, "the age of the yearly value"
    assert "Meilensteine überfällig: 2" in text
    assert "seit 30.09.2026" in text
    assert re.search(r"m=environment&amp;lang|lang=de&amp;origin=real&amp;m=environment", text)


@pytest.mark.parametrize("kind", ["published", "empty"])
def test_headline_kpis_without_a_target_count_with_or_without_a_value(request, open_app, kind):
    headline = [k for k in programme.seed("kpi_catalogue.csv") if k["is_headline"] == "true"]
    n = sum(not k["target_value"] for k in headline)
    assert 0 < n < len(headline)
    text = words(open_app(request.getfixturevalue(kind), "ueberblick"))
    assert f"{n} von {len(headline)} Leitkennzahlen ohne beschlossenen Zielwert" in text


def test_overview_of_another_origin_is_another(published, open_app):
    real = words(open_app(published, "ueberblick"))
    demo = words(open_app(published, "ueberblick", origin="demo"))
    assert "Demodaten – erfunden" in demo
    assert "Demodaten" not in real
    figures = [re.findall(r'<span class="figure">([^<]+)</span>', page) for page in (real, demo)]
    assert figures[0] != figures[1]


def test_a_measure_shows_its_kpis_one_in_detail(published, open_app):
    app = open_app(published, "massnahmen", m="environment", kpi="M5.5a")
    text = words(app)
    kpis = set(re.findall(r"m=environment&amp;kpi=([\w.]+)#kennzahl", text))
    assert len(kpis) >= 17
    assert "NO2-Jahresmittel: Gesamtstadt" in text
    assert "Zielwert ≤ 40 µg/m³ (" in text
    assert "Was steckt hinter „NO2-Jahresmittel“?" in text
    assert "So wird gerechnet" in text
    assert "Simulation des digitalen Zwillings" in text, "what is missing is named"
    assert "noch keine Einschätzung" in text
    assert "Pegel der Elbe (PEGELONLINE)" in text
    assert app.query_params["kpi"] == "M5.5a"


def test_filters_live_in_the_url(published, open_app):
    app = open_app(published, "massnahmen", m="environment", kpi="M5.5a", step="year", span="all")
    assert app.selectbox(key="widget_kpi").value == "M5.5a"
    assert app.segmented_control(key="widget_step").value == "year"
    assert app.segmented_control(key="widget_span").value == "all"
    app.selectbox(key="widget_kpi").set_value("M5.6a").run()
    assert not app.exception
    assert app.query_params["kpi"] == "M5.6a"


@pytest.mark.parametrize("url", [
    {"m": "nonsense"}, {"m": "environment", "kpi": "X9"}, {"m": "cleema", "area": "x", "step": "x"},
    {"m": "environment", "span": "'; DROP TABLE"},
])  # fmt: skip
def test_nonsense_in_the_url_is_ignored(published, open_app, url):
    app = open_app(published, "massnahmen", **url)
    assert not app.exception


def test_an_action_field_lists_its_measures(published, open_app):
    text = words(open_app(published, "handlungsfelder", hf="hf3"))
    assert "Strategisches Erhaltungsmanagement" in text
    assert "Verkehrsmanagementsystem" in text
    assert "Smart Participation" not in text


def test_cleema_says_range_and_origin_of_everything(published, open_app):
    app = open_app(published, "cleema")
    text = words(app)
    assert "Spanne" in text
    assert "kein Teil der BISKO-Bilanz" in text
    assert "41/63" in text
    assert "Vermieden seit Beginn der Umsetzungsphase" in text
    assert "1 Challenge, die 0 zählt" in text
    assert "64 % der Antworten tragen zur Schätzung bei" in text
    assert "In Woche 12 nach dem Einstieg" in text
    assert "Stadtbezirke mit weniger als zehn Personen stehen zusammen" in text


@pytest.mark.parametrize("read", [cleema.monthly, cleema.activity])
def test_a_month_that_is_not_over_says_so(con, read):
    flags = read(con, "demo")["quality_flags"].to_list()
    assert flags == [""] * (len(flags) - 1) + ["running_period"]


def test_the_register_of_factors_is_no_demo_data(published, open_app):
    """Nor does it come from Cleema; what an assumption applies to is said in words."""
    app = open_app(published, "cleema", origin="demo")
    titles = [h.proto.body for h in app.get("html") if "card-title" in h.proto.body]
    demo = {re.sub("<.*?>", "", t): "badge" in t for t in titles}
    t = translator("de")
    assert demo[t("cleema.course_title") + t("demo.badge")]
    assert not demo[t("cleema.factors_title")]
    assert not demo[t("cleema.assumptions_title")]
    scopes = next(d.value for d in app.dataframe if t("cleema.scope") in d.value.columns)
    assert set(scopes[t("cleema.scope")]) == {
        "alle übrigen Handlungen", "Handlungen zur Energie", "Handlungen zur Mobilität",
        "Rad statt Auto",
    }  # fmt: skip


def test_the_scenario_is_apart_from_the_official_figure(published, open_app):
    app = open_app(published, "cleema")
    text = words(app)
    official = re.search(r'scenario-value">≈ ([\d.]+) ', text).group(1)
    assert f'<p class="kpi-value">{official} ' in text, "the official assumptions give its figure"
    app.slider(key="widget_zus").set_value(100).run()
    changed = words(app)
    assert f'<p class="kpi-value">{official} ' in changed
    assert re.search(r'scenario-value">≈ ([\d.]+) ', changed).group(1) != official
    assert "das 2-Fache der offiziellen Schätzung" in changed
    assert app.query_params["zus"] == "100"
    assert "kein Messwert und nicht die offizielle Schätzung" in changed


@pytest.mark.parametrize("value", ["-5", "1e9", "x", "101"])
def test_the_scenario_stays_in_its_bounds(published, open_app, value):
    app = open_app(published, "cleema", zus=value)
    assert not app.exception
    assert 0 <= app.slider(key="widget_zus").value <= 100


def test_money(published, open_app):
    text = words(open_app(published, "finanzierung"))
    assert "19,02 Mio. €" in text
    assert "88 % · 9,36 Mio. €" in text
    assert "Bis Okt. 2026 ausgegeben: 14,40 Mio. € von geplanten 18,00 Mio. € (80 %)." in text
    assert "Prognose zum 31.12.2026: 15,12 Mio. € (Spanne 14,90 Mio. € bis 15,41 Mio. €)." in text
    assert "2 × überfällig, 9 × verspätet erreicht, 7 × steht noch aus" in text
    one = words(open_app(published, "finanzierung", m="cleema"))
    assert "Ausgaben und Plan, aufgelaufen: Cleema" in one


def test_missing_money_is_a_sentence(older, open_app):
    text = words(open_app(older, "finanzierung"))
    assert "noch keine Angaben zu Ausgaben" in text
    assert "noch keine Meilensteine" in text
    assert "keine Angaben zur Förderung" in text


def test_research_shows_dictionary_and_code(published, open_app):
    app = open_app(published, "forschung", mart="fct_gauge_levels")
    (columns, *_) = [f.value for f in app.dataframe]
    assert "water_level_cm" in set(columns["Spalte"])
    assert any("read_only=True" in c.value for c in app.code)
    assert any("dbConnect" in c.value for c in app.code)


def test_own_sql(published, open_app):
    app = open_app(published, "forschung", sql="SELECT 41 + 1 AS answer")
    assert not any("answer" in f.value.columns for f in app.dataframe), "a link never runs a query"
    app.button[0].click().run()
    assert not app.exception
    (answer,) = [f.value for f in app.dataframe if "answer" in f.value.columns]
    assert answer["answer"].item() == 42
    app.text_area(key="widget_sql").set_value("DROP TABLE marts.kpi_values")
    app.button[0].click().run()
    assert "nur lesende Abfragen" in words(app)


def test_where_a_number_comes_from(published, open_app):
    app = open_app(published, "datenlage", kpi="M5.6a")
    text = words(app)
    assert "Woher kommt diese Zahl?" in text
    assert "int_kpi__gauge" in text
    assert "stg_pegelonline__measurements" in text
    assert "1 Lieferung, deren Werte in diesen Zeitraum fallen" in text
    payloads = [f.value for f in app.dataframe if "Ort in der Rohablage" in f.value.columns]
    assert [list(p["Ort in der Rohablage"]) for p in payloads] == [["r"]]


def test_links_to_airflow(published, open_app, monkeypatch):
    monkeypatch.setenv("URBANDATA_AIRFLOW_PAGE", "http://127.0.0.1:8080")
    app = open_app(published, "datenlage", source="pegelonline")
    addresses = {link.proto.url for link in app.get("link_button")}
    assert "http://127.0.0.1:8080/dags" in addresses
    assert "http://127.0.0.1:8080/dags/ingest_environment" in addresses


def test_findings_stand_beside_the_numbers(tmp_path, open_app):
    """Markdown without markup of its own or pictures; figures in it come from the build."""
    serving.publish(tmp_path / "serving")
    folder = tmp_path / "texts" / "de"
    folder.mkdir(parents=True)
    written = (
        "Die Luft ist **besser**: {{M5.5a}}. {{X1}} ![x](http://192.0.2.1/x.png) <script>1</script>"
    )
    (folder / "measure-environment.md").write_text(written, encoding="utf-8")
    text = words(open_app(tmp_path, "massnahmen", m="environment"))
    assert "<strong>besser</strong>: 23,4 µg/m³. [X1]" in text
    assert "Einschätzung der Redaktion" in text
    assert "<img" not in text.split('class="finding"')[1].split("</div>")[0]
    assert "&lt;script&gt;" in text
    assert "noch keine Einschätzung" in words(open_app(tmp_path, "massnahmen", m="traffic"))


@pytest.mark.parametrize("subject", ["../secret", "", ".hidden", "a/b"])
def test_a_subject_is_no_path(tmp_path, subject):
    from queries import findings

    with pytest.raises(ValueError, match="not a subject"):
        findings.text(tmp_path, "de", subject)
