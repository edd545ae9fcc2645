"""Every DAG runs through ``dag.test()`` in an Airflow of its own."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from urbandata import registry
from urbandata.warehouse import Loaded

from .conftest import ROOT

pytestmark = pytest.mark.xdist_group("airflow")


@pytest.fixture
def run(dagbag, monkeypatch, tmp_path):
    """Run a DAG in this process; the pipeline's work is replaced, the wiring is real."""

    def go(dag_id: str, conf: dict[str, str | None] | None = None, **replaced):
        monkeypatch.setenv("URBANDATA_DATA_DIR", str(tmp_path / "data"))
        from urbandata import pipeline

        for name, function in replaced.items():
            monkeypatch.setattr(pipeline, name, function)
        finished = dagbag.dags[dag_id].test(run_conf=conf)
        return finished, {t.task_id: t.state for t in finished.get_task_instances()}

    return go


def ingested(source: str, rows: int, *problems: str):
    from urbandata.pipeline import Ingested

    payloads = 1 if rows else 0
    return Ingested(source, payloads=payloads, parsed=rows, accepted=rows, problems=list(problems))


def test_only_due_sources_run_and_nothing_new_is_skipped(run):
    finished, states = run(
        "ingest_environment",
        due_sources=lambda *_: ["pegelonline", "uba_air"],
        unbuilt=lambda _: 1,
        ingest=lambda name, *_: ingested(name, 5 if name == "pegelonline" else 0),
    )
    assert finished.state == "success"
    assert states["pegelonline"] == "success"
    assert states["announce"] == "success"
    ran = ("due", "pegelonline", "announce")
    assert {s for t, s in states.items() if t not in ran} == {"skipped"}


@pytest.mark.parametrize("measure", registry.measures())
def test_every_measure_runs_its_sources(run, measure):
    members = [s.source for s in registry.sources().values() if s.measure == measure]
    finished, states = run(
        f"ingest_{measure}",
        due_sources=lambda *_: members,
        unbuilt=lambda _: 1,
        ingest=lambda name, *_: ingested(name, 1),
    )
    assert finished.state == "success"
    assert {states[m] for m in members} == {"success"}


@pytest.mark.parametrize(
    ("loaded", "state"),
    [(Loaded(7, 1, {"pegelonline": 5}), "success"), (Loaded(7, 0, {}), "skipped"),
     (None, "skipped")],
    ids=["new rows", "nothing new", "a build at work"],
)  # fmt: skip
def test_on_a_lake_a_measure_loads_before_it_is_announced(run_on_lake, loaded, state):
    finished, states = run_on_lake(lambda *_: loaded)
    assert (finished.state, states["load"], states["announce"]) == ("success", state, "success")


def test_a_failed_load_fails_the_run_but_is_announced(run_on_lake):
    from airflow.sdk.exceptions import AirflowFailException

    def fail(*_):
        raise AirflowFailException("the lake is gone")

    finished, states = run_on_lake(fail)
    assert (finished.state, states["load"], states["announce"]) == ("failed", "failed", "success")


@pytest.fixture
def run_on_lake(run, monkeypatch, dagbag):
    """A pass of the environment with one source and five new rows, whose load is as told."""

    def go(load):
        monkeypatch.setenv("URBANDATA_WAREHOUSE", "ducklake:postgres:dbname=lake")
        monkeypatch.setitem(dagbag.dags, "ingest_environment", lake_dag("ingest_environment"))
        return run(
            "ingest_environment",
            due_sources=lambda *_: ["pegelonline"],
            unbuilt=lambda _: 1,
            ingest=lambda name, *_: ingested(name, 5),
            load=load,
        )

    return go


def lake_dag(dag_id: str):
    """The DAG as it is with a lake for its warehouse."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags")).dags[dag_id]


def test_nothing_new_anywhere_announces_nothing(run):
    finished, states = run("ingest_environment", due_sources=lambda *_: [], unbuilt=lambda _: 0)
    assert (finished.state, states["announce"]) == ("success", "skipped")


def test_one_failing_source_fails_the_run_but_the_others_are_announced(run):
    down = ingested("pegelonline", 0, "pegelonline: DRESDEN/W: down")
    finished, states = run(
        "ingest_environment",
        due_sources=lambda *_: ["pegelonline", "uba_air"],
        unbuilt=lambda _: 1,
        ingest=lambda name, *_: down if name == "pegelonline" else ingested(name, 5),
    )
    assert (finished.state, states["announce"], states["watch"]) == ("failed", "success", "failed")


def test_a_source_that_brings_nothing_but_problems_fails(run):
    finished, states = run(
        "ingest_environment",
        due_sources=lambda *_: ["pegelonline"],
        ingest=lambda name, *_: ingested(name, 0, "pegelonline: DRESDEN/W: down"),
    )
    assert (finished.state, states["pegelonline"]) == ("failed", "failed")


INTERVAL = [s for s in registry.sources().values() if s.kind == "interval"]


@pytest.mark.parametrize("measure", sorted({s.measure for s in INTERVAL}))
def test_backfill_asks_for_its_month(run, measure):
    asked = {}

    def ingest(name, _, windows):
        asked[name] = windows
        return ingested(name, 1)

    finished, _ = run(f"backfill_{measure}", ingest=ingest)
    assert finished.state == "success"
    assert set(asked) == {s.source for s in INTERVAL if s.measure == measure}
    assert all(len(w) == 1 and w[0].start.day == 1 for w in asked.values())


def test_years_are_asked_for_in_one_run_and_in_windows_of_each_source(run):
    asked = {}

    def ingest(name, _, windows):
        asked[name] = windows
        return ingested(name, 1)

    days = {"first": "2023-07-01", "last": "2026-06-30"}
    finished, _ = run("backfill_environment", ingest=ingest, conf=days)
    assert finished.state == "success"
    for name, windows in asked.items():
        assert windows[0].start == datetime(2023, 7, 1, tzinfo=UTC), name
        assert windows[-1].end == datetime(2026, 7, 1, tzinfo=UTC), name
        assert all(a.end == b.start for a, b in pairwise(windows)), name
        assert max(w.end - w.start for w in windows) <= registry.source(name).window.size, name
    assert len(asked["sensorthings"]) == 36


def test_a_backfill_with_half_a_range_fails(run):
    finished, states = run("backfill_environment", conf={"first": "2023-07-01", "last": None})
    assert (finished.state, states["sensorthings"]) == ("failed", "failed")


def test_build_and_inbox_run(run, tmp_path):
    class Built:
        build_id, models, tests, warned = "b", 1, 2, 0

    finished, states = run("build_warehouse", build=lambda *_: Built())
    assert (finished.state, states) == ("success", {"build": "success"})
    finished, states = run("ingest_inbox")
    assert states == {"take_in": "skipped"}
    (tmp_path / "data" / "inbox").mkdir(parents=True)
    finished, states = run("ingest_inbox", ingest_inbox=lambda _: [ingested("pegelonline", 3)])
    assert (finished.state, states) == ("success", {"take_in": "success"})
