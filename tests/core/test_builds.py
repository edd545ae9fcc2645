"""Records of builds: counts of all of them, results node by node of the newest ones."""

from datetime import UTC, datetime, timedelta

from urbandata import warehouse
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
