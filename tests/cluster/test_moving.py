"""Moves between file and lake, maintenance, and a restored catalogue."""

from __future__ import annotations

import dataclasses
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from urbandata import cli, pipeline, registry, warehouse
from urbandata.errors import UrbandataError
from urbandata.landing import RawZone, sha256
from urbandata.settings import PROJECT_ROOT, Settings
from urbandata.storage import Folder, Store, at, moving, of
from urbandata.warehouse import builds
from urbandata.warehouse import moving as tables

from . import made
from .conftest import of_scripts, on_a_file
from .services import BUCKET

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]
TABLES = "SELECT table_schema || '.' || table_name FROM information_schema.tables " \
    "WHERE table_catalog = current_database()"  # fmt: skip


def content(settings: Settings) -> dict[str, list]:
    """All rows of all tables."""
    with warehouse.writing(settings) as con:
        names = sorted(n for (n,) in con.execute(TABLES).fetchall())
        return {n: sorted(map(repr, con.execute(f"FROM {n}").fetchall())) for n in names}


def contents(store: Store) -> dict[str, bytes]:
    """All files that a move takes along."""
    return {e.path: store.get(e.path) for name in moving.FOLDERS for e in store.files(name)}


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


def test_an_installation_moves_with_all_its_files(settings, single, lake, monkeypatch):
    files = f"s3://{BUCKET}/files-of-{settings.lake_dsn.rpartition('=')[2]}"
    data = {"URBANDATA_WAREHOUSE_DATA": settings.warehouse_data, "URBANDATA_STORAGE": files}
    env = {**lake, **data}
    folder, cluster = Folder(settings.data_dir), Settings.from_env(env)
    raw = RawZone(folder).put("pegelonline", sha256(b"x"), b"x" * 1000, "csv", datetime.now(UTC))
    folder.append("ledger/pegelonline/2026/11/20261126T120000000000-aaaaaa.jsonl", b"")
    with warehouse.writing(single) as con:
        con.execute("DROP VIEW marts.v")
    before, rows = contents(folder), content(single)
    assert len(before) == 6
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(cli.main, ["move", "to-lake"])
    assert done.exit_code == 0, done.output
    assert "moved 6 files" in done.output
    assert contents(of(cluster)) == before
    for name in moving.FOLDERS:
        folder.remove(name)
    assert content(cluster) == rows
    assert RawZone(of(cluster)).get(raw) == b"x" * 1000
    # life goes on there, and back here
    made.payload(settings.data_dir / "later", "pegelonline", 2, rows=10)
    moving.copy(Folder(settings.data_dir / "later"), of(cluster))
    assert warehouse.load_new(cluster, registry.sources()).payloads == 1
    done = CliRunner().invoke(cli.main, ["move", "to-file"])
    assert done.exit_code == 0, done.output
    assert contents(folder) == contents(of(cluster)) != before
    assert content(single) == content(cluster) != rows
    assert warehouse.load_new(single, registry.sources()).payloads == 0


def test_a_file_that_arrives_damaged_is_named(tmp_path):
    origin, target = Folder(tmp_path / "a"), Folder(tmp_path / "b")
    origin.put("raw/s/1", b"whole")
    target.put("raw/s/1", b"w0ole")  # of a move that was cut off
    moving.copy(origin, target)
    assert target.get("raw/s/1") == b"whole"
    target.put = lambda path, content: Folder.put(target, path, content[:-1])
    origin.put("raw/s/2", b"whole")
    with pytest.raises(UrbandataError, match="raw/s/2: the copy differs"):
        moving.copy(origin, target)


def test_a_difference_is_found_and_said(settings, single, monkeypatch):
    sums = tables._checksums

    def spoiled(con, database, tables):
        if database == "warehouse":
            con.execute("DELETE FROM warehouse.marts.t WHERE i = 77")
        return sums(con, database, tables)

    monkeypatch.setattr(tables, "_checksums", spoiled)
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


def test_a_snapshot_that_an_edition_names_survives_maintenance(settings):
    made.payload(settings.data_dir, "pegelonline", 1, rows=300)
    warehouse.load_new(settings, registry.sources())
    with warehouse.writing(settings) as con:
        named = builds.snapshot(con)
    made.payload(settings.data_dir, "pegelonline", 2, rows=300)
    warehouse.load_new(settings, registry.sources())
    warehouse.maintain(settings, keep_days=0, named=[named])
    before = f"SELECT count(*) FROM raw.pegelonline__measurements AT (VERSION => {named})"
    with warehouse.writing(settings) as con:
        assert con.execute(before).fetchone() == (300,)
        left = {
            n for (n,) in con.execute("SELECT snapshot_id FROM warehouse.snapshots()").fetchall()
        }
    assert named in left
    assert len(left) <= 3
    warehouse.maintain(settings, keep_days=0)
    with warehouse.writing(settings) as con, pytest.raises(duckdb.Error, match=r"(?i)version"):
        con.execute(before)


def test_maintenance_in_s3_is_about_the_lake_alone(lake):
    """Also where the names of both places begin alike."""
    place = lake["URBANDATA_WAREHOUSE_DATA"]
    settings = Settings.from_env({**lake, "URBANDATA_STORAGE": f"{place}-files"})
    made.payload(settings.data_dir, "pegelonline", 1, rows=300)
    moving.copy(Folder(settings.data_dir), of(settings))
    Folder(settings.data_dir).remove("bronze")
    assert warehouse.load_new(settings, registry.sources()).payloads == 1
    before, rows = contents(of(settings)), content(settings)
    at(place, settings).put("raw/nobody.parquet", b"of a transaction that never committed")
    assert pipeline.maintain(settings, keep_days=0)["orphans"] == 1
    assert contents(of(settings)) == before
    assert content(settings) == rows


def test_a_lost_catalogue_comes_back_from_its_dump(settings, postgres, tmp_path):
    """By the scripts of the backup service; the Parquet files stay, as they never change."""
    made.payload(settings.data_dir, "pegelonline", 1, rows=500)
    warehouse.load_new(settings, registry.sources())
    before = content(settings)
    name = settings.lake_dsn.rpartition("=")[2]
    env = of_scripts(postgres, name, tmp_path)
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
