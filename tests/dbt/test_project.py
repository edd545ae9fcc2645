"""The whole dbt project: builds on empty tables, passes its unit tests, explains itself."""

import csv
import json
import os
import re

import duckdb
import pytest

from urbandata import registry, transform, warehouse
from urbandata.settings import PROJECT_ROOT, Settings


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Settings:
    """A warehouse with all raw tables and no rows, built once."""
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, registry.sources())
    build = transform.build(settings, "empty")
    assert build.ok, build.message
    return settings


def test_unit_tests_pass(empty):
    run = transform.unit_tests(empty)
    assert run.ok, run.message
    assert run.tests >= 20


def test_every_source_table_is_staged():
    """A table that no staging view reads would be loaded for nothing."""
    folder = PROJECT_ROOT / "dbt" / "models" / "staging"
    for source in registry.sources().values():
        text = "".join(p.read_text() for p in (folder / source.source).glob("*.sql"))
        for table in source.tables:
            assert f"source('{source.source}', '{table}')" in text, f"{source.source}.{table}"


def test_kpis_that_a_formula_names_exist():
    path = PROJECT_ROOT / "dbt" / "seeds" / "kpi_catalogue.csv"
    with path.open(encoding="utf-8", newline="") as file:
        kpis = {row["code"]: row for row in csv.DictReader(file)}
    for code, kpi in kpis.items():
        for column in ("formula_de", "formula_en"):
            named = set(re.findall(r"\b(?:HF|M)\d+\.\d+[a-z]?\b", kpi[column]))
            assert named <= kpis.keys(), f"{code}, {column}"


def test_every_model_and_column_of_the_marts_is_described(empty):
    manifest = json.loads((empty.data_dir / "dbt" / "target" / "manifest.json").read_text())
    models = {
        n["name"]: n for n in manifest["nodes"].values()
        if n["resource_type"] == "model" and n["fqn"][1] == "marts"
    }  # fmt: skip
    assert models
    with duckdb.connect(str(empty.warehouse_path), read_only=True) as con:
        for name, model in models.items():
            assert model["description"].startswith("One row per"), name
            columns = con.execute(f"DESCRIBE marts.{name}").fetchall()
            for column, *_ in columns:
                assert model["columns"].get(column, {}).get("description"), f"{name}.{column}"


def test_the_warehouse_carries_the_descriptions(empty):
    with duckdb.connect(str(empty.warehouse_path), read_only=True) as con:
        without = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name IN ('marts', 'ops') "
            "AND table_name <> 'kpi_catalogue' AND comment IS NULL"
        ).fetchall()
    assert without == []


def test_every_model_is_described_beside_it():
    models = (PROJECT_ROOT / "dbt/models").rglob("*.sql")
    assert [m.name for m in models if not m.with_suffix(".yml").exists()] == []


def test_tests_on_one_warehouse_stay_on_one_worker(request):
    """Else each worker builds each warehouse; a newer pytest may hide the groups from xdist."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("only with several workers")
    assert request.node.nodeid.endswith("@tests/dbt/test_project.py")
