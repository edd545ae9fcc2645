"""Records of builds: counts of all of them, results node by node of the newest ones."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from urbandata import news, pipeline, transform, warehouse
from urbandata.errors import UrbandataError
from urbandata.transform import Build
from urbandata.warehouse.tables import prepare

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def test_results_of_old_builds_are_dropped_and_their_counts_stay(settings):
    with warehouse.writing(settings) as con:
        prepare(con, {})
        for number in range(102):
            at = FIRST + timedelta(minutes=number)
            node = (f"b{number}", "model.x", "x", "model", "success", 0.1, None, None, "OK")
            build = Build(f"b{number}", at, at).holding([node])
            row = {f: getattr(build, f) for f in build.__slots__}
            row |= {"state": "published", "code_hash": "c", "load_id": 1}
            warehouse.record_build(con, row)
        found = con.execute(
            "SELECT count(*), count(results.build_id), min(results.build_id) FROM ops.builds "
            "LEFT JOIN ops.dbt_results AS results USING (build_id)"
        ).fetchone()
    assert found == (102, 100, "b10")


def test_after_a_killed_build_with_other_code_all_is_made_anew(settings, monkeypatch):
    """Its models stand in the warehouse, whether or not it came to tell of itself."""
    with warehouse.writing(settings) as con:
        prepare(con, {})
        build = Build("b0", FIRST, FIRST)
        row = {f: getattr(build, f) for f in build.__slots__}
        warehouse.record_build(con, row | {"state": "published", "code_hash": "old", "load_id": 0})
        assert news.since_last_build(con, "old").based_on == "b0"

    def killed(*_):
        raise UrbandataError("dbt could not run")

    monkeypatch.setattr(transform, "code_hash", lambda _: "new")
    monkeypatch.setattr(transform, "build", killed)
    with pytest.raises(UrbandataError, match="could not run"):
        pipeline.build(settings)
    with warehouse.writing(settings) as con:
        assert news.since_last_build(con, "old").arguments == ("--full-refresh",)
        found = con.execute("SELECT state, code_hash FROM ops.builds ORDER BY started_at")
        assert found.fetchall() == [("published", "old"), ("failed", "new")]


def test_a_build_waits_for_a_replay(settings, monkeypatch):
    """It would load the half of history that is there, and publish it."""
    told = []
    clear = warehouse.clear

    def load(*_):
        told.append("loaded")
        raise UrbandataError("enough")

    def build():
        with pytest.raises(UrbandataError, match="enough"):
            pipeline.build(settings)
        told.append("built")

    other = Thread(target=build)

    def slow(cleared):
        other.start()
        other.join(1)
        clear(cleared)
        told.append("cleared")

    monkeypatch.setattr(warehouse, "load_new", load)
    monkeypatch.setattr(warehouse, "clear", slow)
    with pytest.raises(UrbandataError, match="enough"):
        pipeline.replay(settings)
    other.join()
    assert told == ["cleared", "loaded", "loaded", "built"]
