"""The marts of the small community of community.py, built once for all tests of Cleema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from tests.dbt import community
from urbandata import registry, transform, warehouse
from urbandata.settings import Settings

SELECTED = (
    *("--select", "+path:models/marts/cleema", "+int_kpi__cleema", "+int_kpi__cleema_savings"),
    *("--indirect-selection", "cautious"),
)
UNTESTED = ("--exclude-resource-type", "test")
Tables = dict[str, set[tuple[Any, ...]]]


@dataclass(frozen=True)
class CleemaMarts:
    """The marts after both loads, and as they were after the first and in one go."""

    con: duckdb.DuckDBPyConnection
    before: Tables
    late: Tables
    at_once: Tables
    tests: int

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Result of a query."""
        return self.con.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        """The one value of a query."""
        return self.rows(sql)[0][0]


@pytest.fixture(scope="session")
def cleema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleemaMarts]:
    """First everything but the late answer, then the late answer; and all in one load."""
    opening, first, late = community.by_hand()
    crowd = community.at_random(7)
    steps = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("steps"))})
    once = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("once"))})
    before, _ = _build(steps, [(opening, 1), (first, 1), (crowd, 1)], *UNTESTED)
    after, tests = _build(steps, [(late, 2)])
    at_once, _ = _build(once, [(late, 1), (crowd, 1), (first, 1), (opening, 1)], *UNTESTED)
    with duckdb.connect(str(steps.warehouse_path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        yield CleemaMarts(con, before, after, at_once, tests)


def _build(
    settings: Settings, exports: list[tuple[community.Export, int]], *arguments: str
) -> tuple[Tables, int]:
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, registry.sources())
        for export, load_id in exports:
            export.write(con, load_id)
    build = transform.build(settings, "cleema", (*SELECTED, *arguments))
    assert build.ok, build.message
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        names = con.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_name SIMILAR TO '(fct|public|int_kpi_)_cleema.*'"
        ).fetchall()
        tables = {
            name: set(
                con.execute(f"SELECT COLUMNS(c -> c <> 'observed_until') FROM {name}").fetchall()
            )
            for (name,) in names
        }
    return tables, build.tests
