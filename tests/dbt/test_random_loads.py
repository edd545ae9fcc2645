"""Rows that arrive in any order and any number of loads: what is built step by step must equal
what is built from scratch, row by row, in every incremental model of every measure.

The rows of all hand-made cities are dealt out at random to a few loads. ``RANDOM_LOADS=20``
plays that many rounds, each with a deal of its own, instead of the one of the daily run.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt import all_cities
from urbandata import registry, transform, warehouse
from urbandata.settings import Settings

ROUNDS = int(os.environ.get("RANDOM_LOADS", "1"))
LOADS = 3
SELECTED = (
    *("--select", "+config.materialized:incremental"),
    *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
)
Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def all_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the raw rows of every hand-made city."""
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("all"))})
    all_cities.fill(settings)
    return settings.warehouse_path


@pytest.mark.parametrize("play", range(ROUNDS))
def test_step_by_step_equals_from_scratch(all_rows: Path, tmp_path: Path, play: int) -> None:
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path)})
    steps = []
    for load_id in range(1, LOADS + 1):
        deal(settings, all_rows, load_id, seed=play)
        steps.append(build(settings))
    whole = build(settings, "--full-refresh")
    assert steps[-1].keys() == whole.keys()
    unlike = [name for name, rows in whole.items() if steps[-1][name] != rows]
    assert not unlike, {n: difference(steps[-1][n], whole[n]) for n in unlike}
    grown = [n for n in whole if whole[n] and steps[0][n] != whole[n]]
    assert len(grown) > 0.7 * len(whole), "the later loads changed too little to prove anything"
    assert all(whole.values()), [n for n, rows in whole.items() if not rows]


def deal(settings: Settings, source: Path, load_id: int, seed: int) -> None:
    """Copy the rows that fall to this load."""
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, registry.sources())
        con.execute(f"ATTACH '{source}' AS dealt (READ_ONLY)")
        tables = con.execute(
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = 'dealt' AND schema_name = 'raw' AND estimated_size > 0"
        ).fetchall()
        for (name,) in tables:
            con.execute(
                f"INSERT INTO raw.{name} BY NAME SELECT * REPLACE (? AS _load_id, "
                f"_payload_id || '/' || ? AS _payload_id) FROM dealt.raw.{name} "
                "WHERE 1 + hash(?, ?, rowid) % ? = ?",
                [load_id, load_id, seed, name, LOADS, load_id],
            )
        con.execute("DETACH dealt")


def build(settings: Settings, *arguments: str) -> dict[str, Rows]:
    """Build the incremental models and read them, instants in UTC."""
    done = transform.build(settings, "random", (*SELECTED, *arguments))
    assert done.ok, done.message
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        return {
            name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall()
            for name in incremental_tables(settings, con)
        }


def incremental_tables(settings: Settings, con: duckdb.DuckDBPyConnection) -> list[str]:
    names = {
        path.stem
        for path in (settings.root / "dbt/models").rglob("*.sql")
        if "materialized='incremental'" in path.read_text(encoding="utf-8")
    }
    found = con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
    tables = sorted(f"{schema}.{table}" for schema, table in found if table in names)
    assert len(tables) == len(names) > 20
    return tables


def difference(steps: Rows, whole: Rows) -> tuple[list[str], list[str]]:
    """A few rows that only one of them has, as text: lists in them cannot be hashed."""
    left, right = set(map(repr, steps)), set(map(repr, whole))
    return sorted(left - right)[:3], sorted(right - left)[:3]
