"""The warehouse as DuckLake on PostgreSQL and S3: loads, conflicts, exactly once, in order."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from urbandata import pipeline, registry, warehouse
from urbandata.errors import ConfigError
from urbandata.settings import PROJECT_ROOT, Settings
from urbandata.warehouse import lake as lakes
from urbandata.warehouse import loading

from . import made
from .loader import PAYLOADS, ROWS

pytestmark = pytest.mark.xdist_group("cluster")

LOADERS = ("pegelonline", "uba_air", "parkapi", "eco_counter", "smard", "dwd_rain", "zeb", "mscons")


def ask(settings: Settings, sql: str) -> list[tuple]:
    with warehouse.writing(settings, shared=True) as con:
        return con.execute(sql).fetchall()


def test_the_catalogues_password_is_in_no_message(lake, monkeypatch):
    """DuckDB repeats the address it was given; libpq finds the password in the environment."""
    monkeypatch.setenv("PGPASSWORD", "")
    address = "ducklake:postgres:host=127.0.0.1 port=1 user=city dbname=x password='two words'"
    settings = Settings.from_env({**lake, "URBANDATA_WAREHOUSE": address})
    with lakes.bare(settings) as con, pytest.raises(duckdb.Error, match="port=1") as failed:
        con.execute(f"ATTACH '{lakes.dbt_environment(settings)['URBANDATA_LAKE']}' AS x")
    assert "two words" not in str(failed.value)
    assert os.environ["PGPASSWORD"] == "two words"


def table_of(source: str) -> str:
    return f"raw.{source}__{next(iter(registry.source(source).tables))}"


@pytest.mark.parametrize(
    ("place", "batches"), [("folder", 2), pytest.param("s3", 6, marks=pytest.mark.cluster)]
)
def test_eight_loaders_at_once_lose_nothing_and_double_nothing(lake, tmp_path, place, batches):
    """Half of them load only their source, half take whatever is new, also of the others."""
    if place == "folder":
        lake = {**lake, "URBANDATA_WAREHOUSE_DATA": str(tmp_path / "lake")}
    env = {**os.environ, **lake, "PYTHONPATH": f"{PROJECT_ROOT / 'plugins'}"}
    script = str(Path(__file__).with_name("loader.py"))
    processes = [
        subprocess.Popen(
            [sys.executable, script, source, str(batches), *(["everything"] if i % 2 else [])],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for i, source in enumerate(LOADERS)
    ]  # fmt: skip
    said = [p.communicate(timeout=300) for p in processes]
    assert [p.returncode for p in processes] == [0] * len(LOADERS), said

    settings = Settings.from_env(lake)
    payloads = batches * PAYLOADS
    for source in LOADERS:
        (counts,) = ask(
            settings,
            f"SELECT count(*), count(DISTINCT (_payload_id, _row)) FROM {table_of(source)}",
        )
        assert counts == (payloads * ROWS, payloads * ROWS), source
    (records,) = ask(settings, "SELECT count(*), count(DISTINCT payload_id) FROM ops.loaded_files")
    assert records == (payloads * len(LOADERS), payloads * len(LOADERS))
    loads = ask(settings, "SELECT count(*), count(DISTINCT load_id), sum(payloads) FROM ops.loads")
    assert loads[0][0] == loads[0][1]
    assert loads[0][2] == payloads * len(LOADERS)
    (counted,) = ask(settings, "SELECT sum(conflicts) FROM ops.loads WHERE conflicts IS NOT NULL")
    # A repeated load that then found nothing new has met conflicts, but brought no row in.
    assert counted[0] <= sum(int(out) for out, _ in said)
    assert_commits_in_order(settings)


def assert_commits_in_order(settings: Settings) -> None:
    """No load id became visible after a higher one: builds would have overlooked it."""
    with warehouse.writing(settings, shared=True) as con:
        versions = con.execute("SELECT snapshot_id FROM ducklake_snapshots('warehouse')").fetchall()
        seen: list[int] = []
        for (version,) in sorted(versions):
            try:
                sql = f"SELECT load_id FROM ops.loads AT (VERSION => {version})"
                there = {row[0] for row in con.execute(sql).fetchall()}
            except duckdb.Error:
                assert not seen  # before the table was made
                continue
            seen += sorted(there - set(seen))
    assert len(seen) > 2, "too few commits to have an order"
    assert seen == sorted(seen)


def test_a_conflict_is_repeated_and_counted(lake, monkeypatch):
    settings = Settings.from_env(lake)
    sources = registry.sources()
    with warehouse.writing(settings) as con:
        warehouse.load(con, settings, sources)  # declares the sources
    made.payload(settings.data_dir, "pegelonline", 1, rows=50)
    record, disturbed = loading.record_sources, []

    def interrupted(con, declared):
        """Another writer changes the same rows before this transaction commits."""
        if not disturbed:
            disturbed.append(True)
            con.execute("UPDATE ops.sources SET office = 'this one' WHERE source = 'pegelonline'")
            with warehouse.connect(settings) as other:
                other.execute(
                    "UPDATE ops.sources SET office = 'the other' WHERE source = 'pegelonline'"
                )
        record(con, declared)

    monkeypatch.setattr(loading, "record_sources", interrupted)
    with warehouse.writing(settings) as con:
        loaded = warehouse.load(con, settings, sources)
    assert (loaded.payloads, loaded.conflicts) == (1, 1)
    assert ask(settings, f"SELECT count(*) FROM {table_of('pegelonline')}") == [(50,)]
    assert ask(settings, "SELECT payloads, conflicts FROM ops.loads") == [(1, 1)]


def test_a_measure_loads_its_own_rows_and_does_not_wait_for_a_build(lake):
    settings = Settings.from_env(lake)
    for source in ("pegelonline", "eco_counter"):
        made.payload(settings.data_dir, source, 1, rows=10)
    with warehouse.locked(settings):
        assert pipeline.load(settings, "environment") is None
    assert pipeline.load(settings, "environment").rows == {"pegelonline": 10}
    with warehouse.locked(settings, shared=True):  # a load of another measure
        assert pipeline.load(settings, "traffic").rows == {"eco_counter": 10}


def test_builds_with_data_folders_of_their_own_wait_for_each_other(lake, tmp_path):
    here = Settings.from_env(lake)
    there = dataclasses.replace(here, data_dir=tmp_path / "another machine")
    begun = []

    def build() -> None:
        with warehouse.building(there):
            begun.append("there")

    other = threading.Thread(target=build)
    with warehouse.building(here):
        other.start()
        other.join(timeout=2)
        assert other.is_alive()
        assert begun == []
    other.join(timeout=30)
    assert begun == ["there"]


def test_a_table_gains_a_column_that_its_source_has_gained(lake):
    settings = Settings.from_env(lake)
    sources = registry.sources()
    table = table_of("pegelonline")
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, sources)
        con.execute(f"ALTER TABLE {table} DROP COLUMN _fetched_at")
        warehouse.prepare(con, sources)
        assert "_fetched_at" in [c[0] for c in con.execute(f"DESCRIBE {table}").fetchall()]


def test_extensions_come_from_the_locked_packages_only(lake, monkeypatch):
    settings = Settings.from_env(lake)
    with warehouse.writing(settings) as con:
        places = con.execute(
            "SELECT install_path FROM duckdb_extensions() WHERE loaded AND extension_name IN "
            "('ducklake', 'postgres_scanner', 'httpfs')"
        ).fetchall()
        assert len(places) == 3
        for (place,) in places:
            assert "site-packages/duckdb_extension_" in str(Path(place).resolve())
        with pytest.raises(duckdb.Error, match=r"(?i)extension"):
            con.execute("LOAD spatial")
    monkeypatch.setattr(lakes, "EXTENSIONS", ("never_packaged",))
    with pytest.raises(ConfigError, match="duckdb-extension-never-packaged"):
        lakes.extension_dir(settings)


@pytest.mark.parametrize("words", ["postgres:host=x", "ducklake:postgres:", "ducklake:sqlite:x.db"])
def test_another_warehouse_is_refused_by_name(words):
    with pytest.raises(ConfigError, match="URBANDATA_WAREHOUSE is neither"):
        Settings.from_env({"URBANDATA_WAREHOUSE": words})


def test_secrets_come_from_files_and_are_not_shown(tmp_path):
    (tmp_path / "dsn").write_text("ducklake:postgres:host=db password=hush\n")
    whisper = "whisper"
    (tmp_path / "key").write_text(f"{whisper}\n")
    settings = Settings.from_env(
        {
            "URBANDATA_WAREHOUSE_FILE": str(tmp_path / "dsn"),
            "AWS_SECRET_ACCESS_KEY_FILE": str(tmp_path / "key"),
        }
    )
    assert settings.lake_dsn == "host=db password=hush"
    assert settings.s3.secret == whisper
    assert "hush" not in repr(settings)
    assert whisper not in repr(settings)
