"""Only what follows from new rows is built, and what stands in service is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt import all_cities, city
from urbandata import landing, news, pipeline, transform, warehouse
from urbandata.settings import Settings

TABLES = """
    SELECT schema_name || '.' || table_name FROM duckdb_tables()
    WHERE schema_name IN ('intermediate', 'marts') ORDER BY 1"""
FAILED_WITH_OTHER_CODE = """
    INSERT INTO ops.builds BY NAME
    SELECT * REPLACE (
        'x' AS build_id, 'failed' AS state, 'other' AS code_hash, now() AS started_at)
    FROM ops.builds ORDER BY started_at DESC LIMIT 1"""
LATE = "2025-09-09 22:30"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """All hand-made cities, built and published; then one reading of a gauge comes late."""
    made = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("news"))})
    all_cities.fill(made)
    build(made, *untested())
    with warehouse.writing(made) as con:
        late = {"station": "DRESDEN", "series": "W", "measured_at": city.utc(LATE),
                "value": 877.0, "unit": "cm"}  # fmt: skip
        city.insert(con, "pegelonline__measurements", [late], 3)
        con.execute("INSERT INTO ops.loads VALUES (3, now(), 1, 0)")
        con.execute(
            "INSERT INTO ops.loaded_files VALUES "
            "('late', 'pegelonline', 'measurements', 'x', 1, 3, now(), NULL, NULL)"
        )
    return made


def untested() -> tuple[str, ...]:
    return ("--exclude-resource-type", "test")


def build(settings: Settings, *arguments: str) -> news.News:
    """What ``pipeline.build`` does between load and publication."""
    code, build_id = transform.code_hash(settings), landing.new_run_id()
    with warehouse.writing(settings) as con:
        todo = news.since_last_build(con, code)
    built = transform.build(settings, build_id, (*todo.arguments, *arguments))
    assert built.ok, built.message
    pipeline.record(settings, built, todo, code)
    warehouse.publish(settings, build_id, "demo", pipeline.base_of(built, todo))
    return todo


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of all tables of the warehouse or of a published build."""
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        names = [name for (name,) in con.execute(TABLES).fetchall()]
        tables = {name: f"FROM {name}" for name in names}
        tables["marts.kpi_values"] = "SELECT * EXCLUDE (build_id) FROM marts.kpi_values"
        return {name: steady(con.execute(sql).fetchall()) for name, sql in tables.items()}


def steady(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in order, fractions to nine digits: the last ones hang on the order of the threads."""
    cut = [tuple(float(f"{v:.9g}") if isinstance(v, float) else v for v in r) for r in found]
    return sorted(cut, key=repr)


def one(settings: Settings, sql: str) -> Any:
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        (value,) = con.execute(sql).fetchone() or (None,)
        return value


def test_some_models_give_what_all_would_give(settings: Settings) -> None:
    before = one(settings, "SELECT models FROM ops.builds")
    todo = build(settings, *untested())
    assert todo.load_id == 3
    assert "source:urbandata.pegelonline.measurements+" in todo.arguments
    assert not any("parkapi" in argument for argument in todo.arguments)
    last = "WHERE build_id = (SELECT max(build_id) FROM ops.builds)"
    assert one(settings, f"SELECT models FROM ops.builds {last}") == before, "the others stand"
    assert one(settings, f"SELECT count(*) FROM ops.dbt_results {last}") == before
    newest = one(settings, "SELECT max(build_id) FROM ops.builds")
    assert one(settings, "SELECT min(build_id) FROM marts.kpi_values") == newest, "ops is news"
    some = rows(settings.warehouse_path)
    published = rows(settings.serving_dir / f"{newest}.duckdb")
    marts = {name: found for name, found in some.items() if name.startswith("marts.")}
    assert [name for name, found in marts.items() if published[name] != found] == []
    assert one(settings, "SELECT max(water_level_cm) FROM marts.fct_gauge_levels") == 877
    again = transform.build(settings, "whole", ("--full-refresh", *untested()))
    assert again.ok, again.message
    whole = rows(settings.warehouse_path)
    assert some.keys() == whole.keys()
    assert not [name for name, found in whole.items() if some[name] != found]


def test_a_new_row_that_breaks_a_rule_of_a_staged_table_is_seen(settings: Settings) -> None:
    """Tests of staged tables look at new rows only, so those have to be among them."""
    staged = ("--select", "stg_pegelonline__measurements")
    assert transform.build(settings, "good", staged).ok
    with warehouse.writing(settings) as con:
        nowhere = {"station": None, "series": "W", "measured_at": city.utc(LATE),
                   "value": 1.0, "unit": "cm"}  # fmt: skip
        city.insert(con, "pegelonline__measurements", [nowhere], 4)
    found = transform.build(settings, "bad", staged)
    assert not found.ok and "rows_are_whole" in found.message
    with warehouse.writing(settings) as con:
        con.execute("DELETE FROM raw.pegelonline__measurements WHERE station IS NULL")


def test_models_that_need_too_much_memory_at_once_are_built_one_by_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try finds a table that fails as DuckDB does without memory, the second does not."""
    table = "raw.pegelonline__measurements"
    chosen = ("--select", "stg_pegelonline__measurements+1", "stg_parkapi__lots", "--full-refresh")
    with warehouse.writing(settings) as con:
        con.execute(f"CREATE TABLE raw.kept AS FROM {table}; DROP TABLE {table}")
        con.execute(
            f"CREATE VIEW {table} AS "
            "SELECT * REPLACE (error('Out of Memory Error: made') AS value) FROM raw.kept"
        )
    asked, whole = [], transform._invoke

    def invoke(made: Settings, arguments: list[str]) -> Any:
        asked.append(arguments[0])
        if arguments[0] == "retry":
            with warehouse.writing(made) as con:
                con.execute(f"DROP VIEW {table}; CREATE TABLE {table} AS FROM raw.kept")
                con.execute("DROP TABLE raw.kept")
        return whole(made, arguments)

    monkeypatch.setattr(transform, "_invoke", invoke)
    built = transform.build(settings, "short", chosen)
    assert asked == ["build", "retry"]
    assert built.ok, built.message
    assert {r[4] for r in built.results} <= {"success", "pass"}
    assert len({r[1] for r in built.results}) == len(built.results) > 5
    assert one(settings, "SELECT max(water_level_cm) FROM marts.fct_gauge_levels") == 877


def test_other_code_or_a_lost_view_makes_all_anew(settings: Settings) -> None:
    code = transform.code_hash(settings)
    with warehouse.writing(settings) as con:
        assert news.since_last_build(con, code).based_on
        assert news.since_last_build(con, "other") == news.News(3, arguments=("--full-refresh",))
        con.execute(FAILED_WITH_OTHER_CODE)
        assert news.since_last_build(con, code) == news.News(3, arguments=("--full-refresh",))
        con.execute("DELETE FROM ops.builds WHERE state = 'failed'")
        con.execute("DROP VIEW staging.stg_ckan__datasets")
        assert news.since_last_build(con, code) == news.News(3)
