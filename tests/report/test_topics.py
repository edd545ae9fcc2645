"""Tables of facts on Cleema and funding: columns as the marts have them, words instead of codes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from tests.dashboards import records
from tests.report import build
from tests.report.conftest import compose_document
from urbandata.report import model, topics
from urbandata.report.model import Table, Text

BIKE = {"action_code": "bike_km", "name_de": "Rad statt Auto", "name_en": "Bike instead of car",
        "unit_de": "km", "unit_en": "km"}  # fmt: skip
WASHING = {"action_code": "washing_load", "name_de": "Waschen bei 30 °C",
           "name_en": "Washing at 30 °C", "unit_de": "Wäsche", "unit_en": "load"}  # fmt: skip


def factor(code: str, unit: str, boundary: str) -> dict:
    return {"action_code": code, "usage": "saving", "valid_from": date(2022, 1, 1), "unit": unit,
            "value_kg_co2e": 0.166, "low_kg_co2e": 0.15, "high_kg_co2e": 0.175,
            "boundary": boundary, "source": "UBA"}  # fmt: skip


@pytest.fixture
def with_topics(own):
    """The small build with every mart of ``topics.yml``, and rows where a test looks at them."""
    with duckdb.connect(str(own.serving_dir / f"{build.BUILD}.duckdb")) as con:
        for name in marts():
            build.contract(con, name)
        records.insert(con, "marts.dim_cleema_actions", [BIKE, WASHING])
        records.insert(con, "marts.dim_emission_factors", [
            factor("bike_km", "km", "upstream"), factor("washing_load", "load", "lca"),
        ])  # fmt: skip
        records.insert(con, "marts.fct_funding", [{
            "origin": "demo", "part": "phase_1", "name_de": "Strategiephase",
            "name_en": "Strategy phase", "ends_on": date(2025, 12, 31),
            "cost_eur": Decimal(1000), "grant_eur": Decimal(650), "spent_eur": Decimal(100),
            "drawn_eur": Decimal(65), "drawn_pct": 10.0,
        }])  # fmt: skip
        records.insert(con, "marts.public_cleema_totals", [{
            "origin": "demo", "first_month": date(2025, 1, 1), "last_month": date(2025, 9, 1),
            "saving_kg_co2e": 12345.0, "saving_low_kg_co2e": 6000.0, "saving_high_kg_co2e": 20000.0,
            "answers": 4321, "self_reported_pct": 80.0,
        }])  # fmt: skip
    return own


def marts() -> set[str]:
    listed = [t for tables in topics.layout().values() for t in tables]
    return {t["mart"] for t in listed} | {t["words"]["mart"] for t in listed if "words" in t}


def table(settings, lang: str, name: str) -> Table:
    found = model.blocks(compose_document(settings, lang))
    return next(b for b in found if isinstance(b, Table) and b.id == name)


def words(table: Table) -> list[list[str]]:
    return [[i.text for cell in row for line in cell for i in line if isinstance(i, Text)]
            for row in table.rows]  # fmt: skip


@pytest.mark.parametrize(("lang", "rows"), [
    ("de", [["Rad statt Auto", "km", "mit Vorkette", "UBA"],
            ["Waschen bei 30 °C", "Wäsche", "ganzer Lebensweg", "UBA"]]),
    ("en", [["Bike instead of car", "km", "with supply of energy", "UBA"],
            ["Washing at 30 °C", "load", "whole life", "UBA"]]),
])  # fmt: skip
def test_factors_are_named_in_words(with_topics, lang, rows):
    shown = table(with_topics, lang, "table-dim-emission-factors")
    assert words(shown) == rows
    assert ("in German" in shown.head[-1]) is (lang == "en")


def test_a_build_without_the_words_of_a_table_does_without_the_table(with_topics):
    with duckdb.connect(str(with_topics.serving_dir / f"{build.BUILD}.duckdb")) as con:
        con.execute("DROP TABLE marts.dim_cleema_actions")
    ids = {getattr(b, "id", "") for b in model.blocks(compose_document(with_topics))}
    assert "table-public-cleema-totals" in ids
    assert "table-dim-emission-factors" not in ids


@pytest.mark.parametrize(("lang", "caption", "head"), [
    ("de", "rechnerisch in Anspruch genommene", "beansprucht (gerechnet)"),
    ("en", "used (computed)", "used (computed)"),
])  # fmt: skip
def test_a_grant_that_is_computed_says_so(with_topics, lang, caption, head):
    shown = table(with_topics, lang, "table-fct-funding")
    assert caption in shown.caption
    assert head in shown.head


def test_all_answers_are_counted_and_named_so(with_topics):
    """The mart counts every answer given, not those that count for the estimate."""
    assert "abgegebene Antworten" in table(with_topics, "de", "table-public-cleema-totals").head
    assert "answers given" in table(with_topics, "en", "table-public-cleema-totals").head
