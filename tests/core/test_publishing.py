"""A build that stands on the published one: what is kept, what is copied, and when all is."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from urbandata import serving, warehouse
from urbandata.errors import UrbandataError
from urbandata.warehouse import publishing
from urbandata.warehouse.inheriting import Base
from urbandata.warehouse.tables import prepare

FIRST, SECOND, THIRD = "b1", "b2", "b3"


@pytest.fixture
def published(settings):
    """Two marts in the warehouse, published as the first build, and other rows in both since."""
    with warehouse.writing(settings) as con:
        prepare(con, {})
        con.execute("CREATE SCHEMA marts")
        for name in ("public_old", "public_new"):
            con.execute(f"CREATE TABLE marts.{name} AS SELECT 1 AS value")
            con.execute(f"COMMENT ON COLUMN marts.{name}.value IS 'first of {name}'")
    warehouse.publish(settings, FIRST, "demo")
    with warehouse.writing(settings) as con:
        for name in ("public_old", "public_new"):
            con.execute(f"UPDATE marts.{name} SET value = 2")
            con.execute(f"COMMENT ON COLUMN marts.{name}.value IS 'second of {name}'")
    return settings


def values(path: Path) -> dict[str, tuple[int, str | None]]:
    """The value of each mart of a build, and its column's comment."""
    with duckdb.connect(str(path), read_only=True) as con:
        comments = con.execute(
            "SELECT table_name, comment FROM duckdb_columns() WHERE schema_name = 'marts'"
        ).fetchall()
        return {n: (con.sql(f"FROM marts.{n}").fetchall()[0][0], c) for n, c in comments}


def internal(settings, build_id: str) -> dict[str, tuple[int, str | None]]:
    """The marts of the internal build."""
    return values(settings.serving_dir / f"{build_id}.duckdb")


def test_only_what_was_rebuilt_is_copied(published):
    warehouse.publish(published, SECOND, "demo", Base(FIRST, {"public_new"}))
    expected = {"public_old": (1, "first of public_old"), "public_new": (2, "second of public_new")}
    assert internal(published, SECOND) == expected
    assert serving.current_path(published).stem == SECOND


def test_warehouse_and_builds_are_files_that_duckdb_1_4_reads(published):
    files = [published.warehouse_path, *published.serving_dir.rglob("*.duckdb")]
    assert len(files) == 3
    for path in files:
        with duckdb.connect() as con:
            con.execute(f"ATTACH '{path}' AS built (READ_ONLY)")
            tags = "SELECT tags FROM duckdb_databases() WHERE database_name = 'built'"
            assert con.execute(tags).fetchone()[0]["storage_version"] == "v1.4.0+", path


def test_the_public_build_is_always_copied_whole(published):
    """Else what had been withdrawn could still be found in the room it left in the file."""
    warehouse.publish(published, SECOND, "demo", Base(FIRST, ()))
    path = published.serving_dir / "public" / f"{SECOND}.duckdb"
    assert {value for value, _ in values(path).values()} == {2}


def test_ops_are_always_copied(published):
    with warehouse.writing(published) as con:
        con.execute("INSERT INTO ops.loads VALUES (7, now(), 1, 0)")
    path = warehouse.publish(published, SECOND, "demo", Base(FIRST, ()))
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.sql("SELECT load_id FROM ops.loads").fetchall() == [(7,)]


def test_a_new_table_is_copied_whether_it_was_named_or_not(published):
    with warehouse.writing(published) as con:
        con.execute("CREATE TABLE marts.public_third AS SELECT 3 AS value")
    warehouse.publish(published, SECOND, "demo", Base(FIRST, ()))
    assert internal(published, SECOND)["public_third"][0] == 3


def test_without_its_base_a_build_is_copied_whole(published):
    (published.serving_dir / f"{FIRST}.duckdb").unlink()
    warehouse.publish(published, SECOND, "demo", Base(FIRST, ()))
    assert internal(published, SECOND)["public_old"][0] == 2


def test_a_base_that_is_mostly_empty_is_not_used(published):
    """Replaced tables leave room in a file; it would be copied from build to build."""
    path = published.serving_dir / f"{FIRST}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE marts.wide AS SELECT random() AS x FROM range(1000000)")
        con.execute("CHECKPOINT")
        con.execute("CREATE TABLE marts.after AS SELECT random() AS x FROM range(300000)")
        con.execute("CHECKPOINT; DROP TABLE marts.wide")
    hollow = path.stat().st_size
    warehouse.publish(published, SECOND, "demo", Base(FIRST, ()))
    found = published.serving_dir / f"{SECOND}.duckdb"
    assert values(found)["public_old"][0] == 2
    assert found.stat().st_size < hollow / 2


def test_a_kept_table_that_does_not_fit_is_not_published(published):
    with warehouse.writing(published) as con:
        con.execute("INSERT INTO marts.public_old VALUES (3)")
    with pytest.raises(UrbandataError, match=r"marts\.public_old: the published copy lacks rows"):
        warehouse.publish(published, SECOND, "demo", Base(FIRST, ()))
    assert serving.current_path(published).stem == FIRST
    assert not list(published.serving_dir.glob("b2*"))


def test_the_rows_of_a_build_do_not_change_with_its_successor(published):
    """Readers hold the first file open while the second is made from it."""
    before = (published.serving_dir / f"{FIRST}.duckdb").read_bytes()
    warehouse.publish(published, SECOND, "demo", Base(FIRST, {"public_new"}))
    assert (published.serving_dir / f"{FIRST}.duckdb").read_bytes() == before
    assert not list(published.serving_dir.glob(".*"))


def test_a_publication_waits_until_the_one_before_has_tidied_up(published, monkeypatch):
    """Else its unfinished file is taken for a leftover, or the pointer goes back to the first."""
    point_to = publishing.point_to
    later = Thread(target=warehouse.publish, args=(published, THIRD, "demo"))

    def overtaken(folder: Path, build_id: str) -> None:
        monkeypatch.setattr(publishing, "point_to", point_to)
        later.start()
        later.join(1)
        point_to(folder, build_id)

    monkeypatch.setattr(publishing, "point_to", overtaken)
    warehouse.publish(published, SECOND, "demo")
    later.join()
    assert serving.current_path(published).stem == THIRD
    for folder in (published.serving_dir, published.serving_dir / "public"):
        assert sorted(p.stem for p in folder.glob("*.duckdb")) == [FIRST, SECOND, THIRD]
        assert json.loads((folder / "current.json").read_bytes())["build_id"] == THIRD


LONG = """
    CREATE OR REPLACE TABLE marts.public_long AS
    SELECT DATE '2026-01-01' + (i % 1000)::INT AS day, i AS value, CASE WHEN i > 9 THEN 'x' END AS t
    FROM range(600000) AS r (i)"""
CHANGES = {
    "a new day": "INSERT INTO marts.public_long VALUES ('2030-01-01', 1, 'new')",
    "a day less": "DELETE FROM marts.public_long WHERE day = '2026-01-05'",
    "another value": "UPDATE marts.public_long SET value = -1 WHERE value = 4711",
    "a value less": "UPDATE marts.public_long SET t = NULL WHERE value = 4711",
    "values change places": "UPDATE marts.public_long SET value = 1000 - value "
    "WHERE value IN (0, 1000)",
    "the same row twice": "INSERT INTO marts.public_long FROM marts.public_long LIMIT 1",
    "no day": "INSERT INTO marts.public_long VALUES (NULL, 1, 'new'), (NULL, 2, 'new')",
    "nothing": "SELECT 1",
    "nearly all": "UPDATE marts.public_long SET value = -value WHERE value > 1000",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_of_a_long_table_the_days_that_differ_are_replaced(settings, change):
    with warehouse.writing(settings) as con:
        prepare(con, {})
        con.execute(f"CREATE SCHEMA marts; {LONG}")
    warehouse.publish(settings, FIRST, "demo")
    with warehouse.writing(settings) as con:
        con.execute(change)
    path = warehouse.publish(settings, SECOND, "demo", Base(FIRST, {"public_long"}))
    with warehouse.writing(settings) as con:
        con.execute(f"ATTACH '{path}' AS build (READ_ONLY)")
        for one, other in (("", "build."), ("build.", "")):
            left, right = (f"FROM {place}marts.public_long" for place in (one, other))
            assert con.sql(f"{left} EXCEPT ALL {right}").fetchall() == []
