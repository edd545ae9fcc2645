"""Nobody reads a word of the wrong language: texts, units, and what the data offer in both."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest
import yaml

import shell
import units
from i18n import translator
from tests.dashboards import serving
from tests.dashboards.conftest import words
from tests.dashboards.programme import seed
from texts import descriptions
from urbandata import registry, suites

DASHBOARDS = Path(__file__).parents[2] / "dashboards"
CATALOGUE = Path(__file__).parents[2] / "dbt" / "seeds" / "kpi_catalogue.csv"
PAGES = ("ueberblick", "handlungsfelder", "massnahmen", "cleema", "finanzierung", "umwelt",
         "datenlage", "forschung")  # fmt: skip
GERMAN = re.compile(
    r"\b(und|oder|nicht|kein|keine|noch|für|von|mit|der|die|das|den|dem|ein|eine|ist|sind|wird|wurde"
    r"|auf|aus|bei|nach|seit|bis|vor|alle|läuft|Maßnahmen?|Kennzahl|Zielwert|Stand|Quelle|Gebiet)\b"
)
ENGLISH = re.compile(r"\b(the|and|not|of|for|with|are|is|from|since|yet|no|data|source|value)\b")
WORDS_OF_MARTS = {  # what marts say in German, always looked up in the texts
    "im Zielbereich", "Zielwert verfehlt", "kein Zielwert beschlossen", "nicht auswertbar",
    "Quelle: ", "Daten fehlen", "noch kein Wert", "noch keine Werte", "steigend",
    "fallend", "gleichbleibend",
}  # fmt: skip


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A build whose texts say their language: German ones "Qde", English ones "Qen"."""
    data = tmp_path_factory.mktemp("marked")
    path = serving.publish(data / "serving")
    with duckdb.connect(str(path)) as con:
        for schema, table, column in con.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
            "WHERE data_type = 'VARCHAR' AND regexp_matches(column_name, '_(de|en)$') "
            "AND schema_name IN ('marts', 'ops')"
        ).fetchall():
            mark = f"Q{column[-2:]}"
            keep = "" if column.startswith("missing") else f" = '{mark}'"
            if keep:
                con.execute(f"UPDATE {schema}.{table} SET {column}{keep}")
        con.execute("UPDATE marts.kpi_catalogue SET missing_en = 'Qen' WHERE missing_de <> ''")
        con.execute("UPDATE marts.kpi_catalogue SET missing_de = 'Qde' WHERE missing_de <> ''")
        con.execute("UPDATE ops.sources SET caveats_de = ['Qde'], caveats_en = ['Qen']")
    return data


def everything(app) -> str:
    """What a page shows and offers, styles and scripts left out."""
    parts = [re.sub(r"(?s)<(style|script).*?</\1>", " ", words(app))]
    for kind in ("selectbox", "segmented_control", "multiselect", "slider", "text_area", "button",
                 "expander", "tabs", "link_button", "date_input"):  # fmt: skip
        for element in app.get(kind):
            parts += [
                str(getattr(element, "label", "")),
                *map(str, getattr(element, "options", [])),
            ]
    return re.sub(r"<[^>]+?>", " ", "\n".join(parts))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("lang", "other"), [("de", "Qen"), ("en", "Qde")])
def test_data_are_shown_in_the_readers_language(marked, open_app, page, lang, other):
    app = open_app(marked, page, lang=lang)
    assert not app.exception
    assert other not in everything(app)


# Names the platform does not translate: places, authors, remarks that exist in German only.
ONLY_GERMAN = {"umwelt": {"Datenlizenz"}, "datenlage": set()}


@pytest.mark.parametrize("page", PAGES)
def test_no_german_on_an_english_page(marked, open_app, page):
    text = everything(open_app(marked, page, lang="en"))
    for name in ("attribution", "producer"):
        with duckdb.connect(
            str(next((marked / "serving").glob("*.duckdb"))), read_only=True
        ) as con:
            for (value,) in con.execute(f"SELECT DISTINCT {name} FROM ops.sources").fetchall():
                text = text.replace(value.removeprefix("Quelle: "), " ")
    found = {m.group(0) for m in GERMAN.finditer(text)} - {"die", "den", "alle", "Stand"}
    lines = [line for line in text.splitlines() if GERMAN.search(line)][:5]
    assert found == set(), lines


@pytest.mark.parametrize("page", PAGES)
def test_no_english_on_a_german_page(marked, open_app, page):
    text = everything(open_app(marked, page, lang="de"))
    found = {m.group(0) for m in ENGLISH.finditer(text)} - {"data", "of"}
    lines = [line for line in text.splitlines() if ENGLISH.search(line)][:5]
    assert found == set(), lines


def said_by_marts() -> set[str]:
    """What dbt says of marts and their columns, as the page gets it."""
    found = set()
    for path in (DASHBOARDS.parent / "dbt" / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            entries = [model, *model.get("columns", [])]
            found |= {" ".join(e.get("description", "").split()) for e in entries}
    return found - {""}


def test_every_description_of_a_mart_is_there_in_german():
    german = descriptions.german()
    assert said_by_marts() == german.keys(), "descriptions.csv lacks a text, or has one too many"
    for text, translated in german.items():
        assert translated.strip(), text
        codes = {"source", "value", "data"}  # columns say them, in any language
        found = {m.group(0) for m in ENGLISH.finditer(translated)} - codes
        assert found == set(), translated


def test_tables_are_described_in_the_readers_language(tmp_path, open_app):
    path = serving.publish(tmp_path / "serving")
    with duckdb.connect(str(path)) as con:
        con.execute("COMMENT ON TABLE marts.kpi_values IS 'One row per action field of the\n"
                    "strategy.\n'")  # fmt: skip
        con.execute("COMMENT ON COLUMN marts.kpi_values.value IS 'Width, m.'")
        con.execute("COMMENT ON COLUMN marts.kpi_values.low IS 'Nobody translated this.'")
    for lang, table, column, label in (
        ("de", "Eine Zeile je Handlungsfeld der Strategie.", "Breite, m.", "Bedeutung"),
        ("en", "One row per action field of the strategy.", "Width, m.", "Meaning"),
    ):
        app = open_app(tmp_path, "forschung", mart="kpi_values", lang=lang)
        assert table in words(app)
        said = next(f.value for f in app.dataframe if label in f.value.columns)
        named = said.set_index(said.columns[0])[label]
        assert named["value"] == column
        assert named["low"] == "Nobody translated this."


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_licence_is_a_name_or_said_in_words(lang):
    """Codes that registers use for "no licence" are no words for readers."""
    for source in registry.sources().values():
        row = {"licence_id": source.licence.id, "licence_verified": True, "attribution": "Amt"}
        view = SimpleNamespace(sources=pd.DataFrame([row], index=["s"]), t=translator(lang))
        said = shell.credit(view, "s").removeprefix("Amt (").removesuffix(")")
        assert said not in {"internal", "other", "other-closed", "unknown", "notspecified", ""}


def test_every_unit_of_the_catalogue_is_known():
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        used = {row["unit"] for row in csv.DictReader(file)}
    assert used - units.SYMBOLS.keys() - units.GERMAN.keys() == set()


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_assumption_is_said_in_words(lang):
    t = translator(lang)
    actions = {a["action_code"] for a in seed("cleema/cleema_actions.csv")}
    for row in seed("cleema/cleema_assumptions.csv"):
        assert t(f"public.assumption.{row['assumption']}")
        assert row["scope"] in actions or t(f"scope.{row['scope']}")
        assert pd.Period(row["edition"], "M")


def test_texts_live_with_the_texts():
    """No sentence for readers is written into the code of a page."""
    for path in sorted(DASHBOARDS.rglob("*.py")):
        if path.parent.name == "texts" or path.name in {"units.py", "theme.py"}:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(n.body[0].value) for n in ast.walk(tree)
                if isinstance(n, ast.Module | ast.FunctionDef | ast.ClassDef) and n.body
                and isinstance(n.body[0], ast.Expr)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                word = node.value.removeprefix("status.")
                is_text = id(node) not in docs and word not in WORDS_OF_MARTS
                is_sql = re.search(r"\b(SELECT|FROM|WITH)\b", node.value)
                if is_text and not is_sql and GERMAN.search(node.value):
                    raise AssertionError(f"{path.name}:{node.lineno}: {node.value[:60]}")


@pytest.mark.parametrize("source", sorted(registry.sources()))
def test_every_check_says_in_both_languages_what_it_is_good_for(source):
    metas = [c["meta"] for checks in suites.of(source).values() for c in checks]
    assert metas
    for meta in metas:
        assert not GERMAN.search(meta["why"]), meta["why"]
        assert not ENGLISH.search(meta["why_de"]), meta["why_de"]
        assert meta["why_de"].endswith((".", "?")), meta["why_de"]


@pytest.mark.parametrize("source", sorted(registry.sources()))
def test_a_protocol_is_named_without_words_of_a_language(source):
    """One text for both: names and formats."""
    protocol = registry.source(source).protocol
    assert not re.search(r"\b(files?|per|over|as|by|in|of|and|or|one|with)\b", protocol), protocol
    assert not GERMAN.search(protocol), protocol
