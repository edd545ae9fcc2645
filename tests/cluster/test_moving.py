"""Moves between file and lake, maintenance, and a restored catalogue."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from urbandata import cli, registry, warehouse
from urbandata.errors import UrbandataError
from urbandata.settings import PROJECT_ROOT, Settings
from urbandata.warehouse import moving

from . import made
from .conftest import on_a_file
from .services import program

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]
TABLES = "SELECT table_schema || '.' || table_name FROM information_schema.tables " \
    "WHERE table_catalog = current_database()"  # fmt: skip


def content(settings: Settings) -> dict[str, list]:
    """All rows of all tables."""
    with warehouse.writing(settings) as con:
        names = sorted(n for (n,) in con.execute(TABLES).fetchall())
        return {n: sorted(map(repr, con.execute(f"FROM {n}").fetchall())) for n in names}


@pytest.fixture
def settings(lake, tmp_path) -> Settings:
    return Settings.from_env({**lake, "URBANDATA_WAREHOUSE_DATA": str(tmp_path / "lake")})


@pytest.fixture
def single(settings) -> Settings:
    """A loaded warehouse file in the same data folder, with a table of a build."""
    single = on_a_file(settings, settings.data_dir)
    for source in ("pegelonline", "uba_air"):
        made.payload(settings.data_dir, source, 1, rows=1000)
    warehouse.load_new(single, registry.sources())
    with warehouse.writing(single) as con:
        con.execute("CREATE SCHEMA marts")
        con.execute("CREATE TABLE marts.t AS SELECT i, i / 7 AS share FROM range(5000) r(i)")
        con.execute("CREATE VIEW marts.v AS FROM marts.t")
    return single


def test_there_and_back_by_one_command_each(settings, single, lake, monkeypatch):
    with warehouse.writing(single) as con:
        con.execute("DROP VIEW marts.v")
    before = content(single)
    assert len(before["marts.t"]) == 5000
    for name, value in {**lake, "URBANDATA_WAREHOUSE_DATA": settings.warehouse_data}.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(cli.main, ["move", "to-lake"])
    assert done.exit_code == 0, done.output
    assert "all checksums equal" in done.output
    assert content(settings) == before
    # the lake goes on from there: new payloads get ids above those that were moved
    made.payload(settings.data_dir, "pegelonline", 2, rows=10)
    assert warehouse.load_new(settings, registry.sources()).load_id == 2
    after = content(settings)
    done = CliRunner().invoke(cli.main, ["move", "to-file"])
    assert done.exit_code == 0, done.output
    assert content(single) == after
    with warehouse.writing(single) as con:
        keys = con.execute("SELECT count(*) FROM duckdb_constraints() "
                           "WHERE constraint_type = 'PRIMARY KEY'").fetchone()  # fmt: skip
    assert keys[0] >= 5, "the file has its keys again"


def test_a_difference_is_found_and_said(settings, single, monkeypatch):
    sums = moving._checksums

    def spoiled(con, database, tables):
        if database == "warehouse":
            con.execute("DELETE FROM warehouse.marts.t WHERE i = 77")
        return sums(con, database, tables)

    monkeypatch.setattr(moving, "_checksums", spoiled)
    with pytest.raises(UrbandataError, match="keep the file"):
        warehouse.to_lake(settings, registry.sources())
    assert len(content(single)["marts.t"]) == 5000


def test_without_a_lake_nothing_moves(single):
    for act in (warehouse.to_lake, warehouse.to_file):
        with pytest.raises(UrbandataError, match="URBANDATA_WAREHOUSE"):
            act(single, registry.sources())
    with pytest.raises(UrbandataError, match="DuckDB file"):
        warehouse.maintain(single)


def test_maintenance_removes_what_is_old_and_keeps_every_row(settings):
    for number in range(6):
        made.payload(settings.data_dir, "pegelonline", number, rows=300)
        warehouse.load_new(settings, registry.sources())
    before = content(settings)
    files = set(Path(settings.warehouse_data).rglob("*.parquet"))
    orphan = Path(settings.warehouse_data) / "raw" / "nobody.parquet"
    orphan.write_bytes(b"of a transaction that never committed")
    kept = warehouse.maintain(settings)  # nothing is 30 days old
    assert (kept.expired, kept.removed, kept.orphans) == (0, 0, 0)
    assert kept.merged > 0
    assert orphan.exists()
    done = warehouse.maintain(settings, keep_days=0)
    assert done.expired > 0
    assert done.removed > 0
    assert done.orphans == 1
    assert not orphan.exists()
    assert len(set(Path(settings.warehouse_data).rglob("*.parquet"))) < len(files)
    assert content(settings) == before


def test_a_lost_catalogue_comes_back_from_its_dump(settings, postgres, tmp_path):
    """By the scripts of the backup service; the Parquet files stay, as they never change."""
    made.payload(settings.data_dir, "pegelonline", 1, rows=500)
    warehouse.load_new(settings, registry.sources())
    before = content(settings)
    name = settings.lake_dsn.rpartition("=")[2]
    env = {
        "PATH": f"{program('pg_dump').parent}:{os.environ['PATH']}", "PGHOST": "127.0.0.1",
        "PGUSER": "city", "PGPORT": str(postgres.port), "BACKUP_DIR": str(tmp_path),
        "BACKUP_DATABASES": name,
    }  # fmt: skip
    scripts = PROJECT_ROOT / "cluster"
    subprocess.run([str(scripts / "backup")], env=env, check=True)
    warehouse.clear(settings)
    assert content(settings) == {}
    (dump,) = tmp_path.glob("*.dump")
    subprocess.run([str(scripts / "restore"), str(dump), name], env=env, check=True)
    assert content(settings) == before
    made.payload(settings.data_dir, "pegelonline", 2, rows=5)
    assert warehouse.load_new(settings, registry.sources()).payloads == 1
    assert dataclasses.asdict(warehouse.maintain(settings))["snapshots"] > 0
