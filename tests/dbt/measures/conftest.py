"""Marts of four measures on hand-made rows: first build, late data, from scratch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.measures import energy_rows, road_rows, sport_rows, traffic_rows
from urbandata import registry, transform, warehouse
from urbandata.settings import Settings

PARTS = (
    *("roads", "damage_reports", "bicycles", "parking", "punctuality", "counting_sites"),
    *("energy_quarter", "hospital_energy", "sportpark"),
)
# cautious: tests that reach beyond the models built here belong to the whole build
SELECTED = (
    *("--select", *(f"+int_kpi__{part}" for part in PARTS)),
    *("--indirect-selection", "cautious"),
)
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Built:
    """The warehouse after both loads, and its fact tables at each build."""

    con: duckdb.DuckDBPyConnection
    first: dict[str, Rows]
    incremental: dict[str, Rows]
    full: dict[str, Rows]
    build: transform.Build

    def rows(self, sql: str) -> Rows:
        """Result of a query."""
        return self.con.execute(sql).fetchall()

    def kpis(self, part: str, where: str) -> dict[str, tuple[Any, ...]]:
        """Value, low, high, n and coverage of a KPI model by code."""
        found = self.rows(
            "SELECT kpi_code, value, low, high, n, coverage_pct::DOUBLE "
            f"FROM intermediate.int_kpi__{part} WHERE {where}"
        )
        assert len({code for code, *_ in found}) == len(found), "the filter leaves several rows"
        return {code: tuple(values) for code, *values in found}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Load 1, then load 2 on top with all data tests, then everything from scratch."""
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    first = _build(settings, 1, *NO_TESTS)[0]
    incremental, build = _build(settings, 2)
    full = _build(settings, None, "--full-refresh", *NO_TESTS)[0]
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        yield Built(con, first, incremental, full, build)


def _build(
    settings: Settings, load_id: int | None, *arguments: str
) -> tuple[dict[str, Rows], transform.Build]:
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, registry.sources())
        if load_id:
            for rows in (road_rows, traffic_rows, energy_rows, sport_rows):
                rows.fill(con, load_id)
    build = transform.build(settings, f"build-{load_id}", (*SELECTED, *arguments))
    assert build.ok, build.message
    return _tables(settings.warehouse_path), build


def _tables(path: Path) -> dict[str, Rows]:
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        names = con.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
            "WHERE schema_name IN ('intermediate', 'marts') ORDER BY ALL"
        ).fetchall()
        return {n: con.execute(f"SELECT * FROM {n} ORDER BY ALL").fetchall() for (n,) in names}
