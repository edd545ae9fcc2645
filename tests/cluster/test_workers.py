"""Airflow with two Celery workers: all measures at once; workers and servers die in mid-work.

One platform for all tests of this file, in their order: starting it takes more than a minute.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import psycopg2
import pytest

from urbandata import serving, transform, warehouse
from urbandata.platform.airflow_api import Run
from urbandata.settings import PROJECT_ROOT
from urbandata.warehouse.locks import NUMBER, SEQUENCE

from . import comparing
from .members import BUILD, INGEST, Members, environment
from .services import Redis, wait_for

pytestmark = [
    pytest.mark.cluster, pytest.mark.xdist_group("cluster"), pytest.mark.timeout(1800),
]  # fmt: skip
DAYS = 14  # of history: all 44 sources answer, some 900,000 rows
PASS_S, BUILD_S = 900, 1200
OUTAGE_S = 5


@pytest.fixture(scope="module")
def redis():
    if shutil.which("redis-server") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Redis is missing on CI")
        pytest.skip("Redis is not installed (apt install redis-server)")
    server = Redis()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def members(postgres, storage, redis, tmp_path_factory):
    servers = (postgres, storage, redis)
    data = tmp_path_factory.mktemp("workers") / "data"
    env = environment(servers, "workers", data, days=DAYS)
    platform = Members({**env, "URBANDATA_TASK_SILENCE_S": "20"})
    try:
        platform.start(["worker-1", "worker-2"])
        yield platform
    finally:
        platform.stop()


def outcomes(members: Members) -> list[str]:
    """Ids of the payloads that were checked."""
    return sorted(p.stem for p in (members.settings.data_dir / "outcomes").glob("*/*.json"))


def assert_each_row_is_there_once(members: Members) -> None:
    """Outcomes on disk, ops.payloads, loaded files and rows of the lake are the same numbers."""
    checked = outcomes(members)
    with warehouse.writing(members.settings, shared=True) as con:
        payloads = con.execute("SELECT payload_id FROM ops.payloads ORDER BY 1").fetchall()
        assert [p for (p,) in payloads] == checked
        loads = "SELECT count(*), count(DISTINCT load_id), sum(payloads) FROM ops.loads"
        (number, distinct, loaded) = con.execute(loads).fetchone()
        assert (number, loaded) == (distinct, len(checked))
        files = con.execute(
            "SELECT source, table_name, sum(rows), list(DISTINCT path), list(payload_id) "
            "FROM ops.loaded_files GROUP BY ALL"
        ).fetchall()
        for source, table, rows, paths, ids in files:
            assert len(set(ids)) == len(ids)
            bronze = [str(members.settings.data_dir / p) for p in paths]
            (written,) = con.execute(
                "SELECT count(DISTINCT (_payload_id, _row)) FROM read_parquet(?)", [bronze]
            ).fetchone()
            kept = con.execute(
                f"SELECT count(*), count(DISTINCT (_payload_id, _row)) FROM raw.{source}__{table}"
            ).fetchone()
            assert (*kept, written) == (rows, rows, rows), (source, table)


def assert_loads_ran_at_once(members: Members, runs: set[Run]) -> None:
    """Loads of different measures side by side, on both workers."""
    loads = [t for t in members.api.tasks(runs) if t["task_id"] == "load"]
    assert {t["state"] for t in loads} == {"success"}
    spans = sorted((t["start_date"], t["end_date"]) for t in loads)
    assert any(later[0] < earlier[1] for earlier, later in pairwise(spans))
    for name in members.workers:
        assert "task_id=load" in members.children.log_path(name).read_text()


def single_machine(members: Members, folder: Path, command: str) -> subprocess.Popen:
    """Starts the same platform on a DuckDB file: ``replay`` from raw zone and ledger alone, or
    ``build`` from what was checked. A replay makes batches of its own, so when payloads came one
    after the other the number of checks is another (see HF2.5a in the KPI catalogue).
    """
    checked = ("bronze", "quarantine", "outcomes") if command == "build" else ()
    for part in ("raw", "ledger", *checked):
        shutil.copytree(members.settings.data_dir / part, folder / part)
    env = {
        **os.environ, "PYTHONPATH": str(PROJECT_ROOT / "plugins"),
        "URBANDATA_DATA_DIR": str(folder), "URBANDATA_WAREHOUSE": "",
    }  # fmt: skip
    program = [sys.executable, "-m", "urbandata.cli", command]
    return subprocess.Popen(program, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_nine_measures_at_once_give_the_marts_of_the_single_machine(members, tmp_path):
    assert len(INGEST) == 10  # the nine measures and the programme itself
    runs = members.begin(INGEST)
    states = members.follow(runs, PASS_S)
    assert set(states.values()) == {"success"}, states
    for dag in INGEST:
        members.api.pause(dag, paused=True)  # what is compared must not grow
    assert_loads_ran_at_once(members, runs)
    assert_each_row_is_there_once(members)

    alone = single_machine(members, tmp_path / "single", "replay")
    members.api.pause(BUILD, paused=False)
    build = members.platform.trigger(BUILD)
    assert members.follow({build}, BUILD_S) == {build: "success"}
    assert_marts_are_those_of(alone, members, tmp_path / "single")


def assert_marts_are_those_of(alone: subprocess.Popen, members: Members, folder: Path) -> None:
    """The published build has the rows that the single machine has made, to the last digit."""
    said, _ = alone.communicate(timeout=BUILD_S)
    assert alone.returncode == 0, said.decode()[-3000:]
    single = next((folder / "serving").glob("*.duckdb"))
    found = comparing.compare(serving.current_path(members.settings), single)
    assert (found.apart, found.tipped) == ({}, 0)
    assert found.rows > 100_000


def without_builds(members: Members) -> None:
    """No build begins by itself: one that is at work has the lake alone, and loads are skipped."""
    members.api.pause(BUILD, paused=True)
    wait_for(
        lambda: "running" not in members.api.run_states(BUILD).values(), "the build's end", BUILD_S
    )


def worker_of(members: Members, run: Run, task: str) -> str:
    """Name of the worker at work on the task: all its processes are of one session."""
    session = os.getsid(members.task(run, task)["pid"])
    return next(n for n, started in members.workers.items() if started.pid == session)


@pytest.mark.parametrize(
    ("measure", "task"), [("environment", "dwd_radar"), ("traffic", "load")],
    ids=["while it fetches", "while it loads"],
)  # fmt: skip
def test_a_worker_killed_in_mid_work_is_replaced_by_the_other(members, measure, task):
    """A month that was never asked for; the worker dies while it fetches, or while it loads."""
    without_builds(members)
    before = len(outcomes(members))
    with closing(psycopg2.connect(members.settings.lake_dsn)) as session:
        hold_the_next_commit(session)
        (run,) = members.begin([f"backfill_{measure}"])
        wait_for(lambda: at_work(members, session, run, task), f"{task} at work", 240)
        victim = worker_of(members, run, task)
        members.kill_worker(victim)
    assert members.follow({run}, PASS_S) == {run: "success"}
    found = members.task(run, task)
    assert (found["state"], found["try_number"]) == ("success", 2)
    members.add_worker(f"instead-of-{victim}")
    assert len(outcomes(members)) > before
    assert_each_row_is_there_once(members)


def test_redis_is_killed_while_tasks_wait_in_it(members, redis):
    """The queue is on its disk; scheduler and workers find it again by themselves."""
    without_builds(members)
    for dag in INGEST:
        members.api.pause(dag, paused=False)
    runs = {members.platform.trigger(dag) for dag in INGEST}
    wait_for(lambda: waiting_tasks(members, runs) > len(members.workers), "a queue", 240)
    redis.stop()
    time.sleep(OUTAGE_S)
    redis.start()
    states = members.follow(runs, PASS_S, reviving=True)
    assert set(states.values()) == {"success"}, states
    for dag in INGEST:
        members.api.pause(dag, paused=True)
    assert_each_row_is_there_once(members)


def waiting_tasks(members: Members, runs: set[Run]) -> int:
    """Tasks handed to Redis that no worker has taken."""
    return sum(t["state"] == "queued" for t in members.api.tasks(runs))


def test_postgres_is_restarted_in_mid_build(members, postgres, tmp_path):
    """The lake's catalogue and Airflow's database are gone at once, for everybody."""
    alone = single_machine(members, tmp_path / "single", "build")
    began = time.time()
    members.api.pause(BUILD, paused=False)
    build = members.platform.trigger(BUILD)
    wait_for(lambda: transform.progress(members.settings, began), "dbt at work", BUILD_S)
    postgres.stop()
    time.sleep(OUTAGE_S)
    postgres.start()
    states = members.follow({build}, BUILD_S, reviving=True)
    assert states == {build: "success"}, members.revived
    assert_each_row_is_there_once(members)
    assert_marts_are_those_of(alone, members, tmp_path / "single")


def hold_the_next_commit(session) -> None:
    """Hold the lock of the last load's number: the next load waits for it before it commits."""
    with session.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {SEQUENCE}")
        (last,) = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [NUMBER, last])
    session.commit()


def at_work(members: Members, session, run: Run, task: str) -> bool:
    """A load is in mid-work when all its rows are in its transaction and it waits to commit."""
    found = members.task(run, task)
    if found["state"] != "running" or not found["pid"]:
        return False
    if task != "load":
        return True
    with session.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks "
            "WHERE locktype = 'advisory' AND classid = %s AND NOT granted",
            [NUMBER],
        )
        (waiting,) = cursor.fetchone()
    session.commit()
    return waiting > 0
