"""What every DAG must have, and what parsing must not do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from urbandata import registry
from urbandata.settings import Settings

from .conftest import ROOT, airflow_env

pytestmark = pytest.mark.xdist_group("airflow")
TAGS = {
    "ingest",
    "inbox",
    "build",
    "backfill",
    "strategy",
    "operation",
    *(s.measure for s in registry.sources().values()),
}
WAITING = {"strategy_update"}  # runs that wait for a person do not hold up each other
HEAVY = ("great_expectations", "dbt", "pandas", "streamlit")


def test_all_files_parse(dagbag):
    assert dagbag.import_errors == {}
    measures = {s.measure for s in registry.sources().values()}
    assert {"build_warehouse", *(f"ingest_{m}" for m in measures)} <= set(dagbag.dags)


def test_every_dag_says_who_what_and_how_to_help(dagbag):
    for dag in dagbag.dags.values():
        assert dag.owner == "urbandata", dag.dag_id
        assert dag.tags, dag.dag_id
        assert set(dag.tags) <= TAGS, dag.dag_id
        assert len(dag.doc_md or "") > 100, dag.dag_id
        assert "runbook" in dag.doc_md, dag.dag_id
        assert dag.catchup is False, dag.dag_id
        assert dag.max_active_runs == 1 or dag.dag_id in WAITING, dag.dag_id


@pytest.mark.parametrize("file", ["pools.json", "pools.cluster.json"])
def test_every_task_retries_and_its_pool_exists(dagbag, file):
    pools = {"default_pool", *json.loads((ROOT / file).read_text())}
    for dag in dagbag.dags.values():
        for task in dag.tasks:
            assert task.retries >= 1, task
            assert task.pool in pools, task


def test_every_form_can_be_sent_as_it_opens(dagbag):
    """Airflow's form insists on a value for every field that may not be null."""
    for dag in dagbag.dags.values():
        forms = [dag.params, *(task.params for task in dag.tasks)]
        fields = [(name, form.get_param(name)) for form in forms for name in form]
        for name, field in fields:
            may_be_empty = "null" in field.schema.get("type", [])
            assert field.value not in ("", None) or may_be_empty, (dag.dag_id, name)
    assert {"edition", "period", "build"} <= set(dagbag.dags["strategy_update"].params)


def test_every_source_has_a_task_in_the_dag_of_its_measure(dagbag):
    for source in registry.sources().values():
        assert source.source in dagbag.dags[f"ingest_{source.measure}"].task_ids


def test_only_one_process_can_write_the_warehouse_file(dagbag, monkeypatch):
    monkeypatch.delenv("URBANDATA_WAREHOUSE", raising=False)
    assert Settings.from_env().pools_path == ROOT / "pools.json"
    pools = json.loads((ROOT / "pools.json").read_text())
    assert pools["duckdb_writer"]["slots"] == 1
    assert {t.pool for t in dagbag.dags["build_warehouse"].tasks} == {"duckdb_writer"}
    assert not any("load" in dag.task_ids for dag in dagbag.dags.values())


def test_on_a_lake_each_measure_loads_its_rows_in_a_pool_with_room(airflow_home, monkeypatch):
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("URBANDATA_WAREHOUSE", "ducklake:postgres:dbname=lake")
    pools = json.loads(Settings.from_env().pools_path.read_text())
    assert pools["duckdb_writer"]["slots"] > 1
    dags = DagBag(str(ROOT / "dags")).dags
    for measure in registry.measures():
        for dag_id in {f"ingest_{measure}", f"backfill_{measure}"} & dags.keys():
            load = dags[dag_id].get_task("load")
            assert load.pool == "duckdb_writer"
            assert {"announce", "watch"} == load.downstream_task_ids, "a failed load fails the run"


@pytest.mark.parametrize("path", sorted(p.name for p in (ROOT / "dags").glob("*.py")))
def test_parsing_is_quick_and_imports_nothing_heavy(path, airflow_home):
    """Ours on top of Airflow's own import, which no DAG file can avoid."""
    program = (
        "import sys, time, airflow.sdk, pendulum\n"
        f"sys.path.insert(0, {str(ROOT / 'dags')!r})\n"
        "start = time.process_time()\n"
        f"import {Path(path).stem}\n"
        "print(time.process_time() - start)\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    env = {**os.environ, **airflow_env(airflow_home)}
    out = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert float(out[-2]) < 2.0
    assert out[-1] == "[]"
