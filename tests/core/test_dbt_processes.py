"""What dbt processes may build at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from urbandata import dbt_processes
from urbandata.dbt_processes import Node, plan
from urbandata.settings import PROJECT_ROOT

SOURCES = {"src.a": "air", "src.b": "bikes", "src.b2": "bikes", "src.c": "cleema"}
PARENTS = {
    "seed": (),
    "dim": ("seed",),
    "test_dim": ("dim",),
    "of_ops": ("src.platform",),
    "stg_a": ("src.a",),
    "fct_a": ("stg_a", "dim"),
    "test_a": ("fct_a", "dim"),
    "fct_a2": ("fct_a", "seed"),
    "stg_b": ("src.b",),
    "fct_b": ("stg_b", "src.b2"),
    "fct_c": ("src.c", "dim"),
    "fct_ab": ("fct_a", "fct_b"),
    "kpis": ("fct_ab", "fct_c", "fct_a2"),
    "test_kpis": ("kpis", "dim"),
}
NODES = [Node(name, name, parents) for name, parents in PARENTS.items()]


def names(stage):
    return [sorted(n.unique_id for n in process) for process in stage]


def test_shared_then_each_measure_then_what_several_feed():
    shared, measures, several = plan(NODES, SOURCES, 3)
    assert names(shared) == [["dim", "of_ops", "seed", "test_dim"]]
    assert sorted(names(measures)) == [
        ["fct_a", "fct_a2", "stg_a", "test_a"], ["fct_b", "stg_b"], ["fct_c"],
    ]  # fmt: skip
    assert names(several) == [["fct_ab", "kpis", "test_kpis"]]


def test_nobody_waits_for_another_process_of_its_stage():
    for processes in (1, 2, 3, 9):
        stages = plan(NODES, SOURCES, processes)
        done: set[str] = set(SOURCES) | {"src.platform"}
        for stage in stages:
            assert len(stage) <= processes
            for process in stage:
                inside = {n.unique_id for n in process}
                assert all(set(n.parents) <= done | inside for n in process)
            done |= {n.unique_id for process in stage for n in process}
        assert done >= set(PARENTS)
        assert sum(len(p) for s in stages for p in s) == len(NODES), "each once"


def test_measures_are_dealt_out_by_size():
    _, measures, _ = plan(NODES, SOURCES, 2)
    assert sorted(len(p) for p in measures) == [3, 4]


def test_a_part_of_the_project_needs_no_empty_processes():
    chosen = [n for n in NODES if n.unique_id in {"fct_a", "test_a"}]
    assert [names(s) for s in plan(chosen, SOURCES, 3)] == [[["fct_a", "test_a"]]]


def test_each_process_spills_into_a_folder_of_its_own(tmp_path, monkeypatch):
    """Two DuckDBs in one folder overwrite each other's files, and crash."""
    program = (
        "import json, os, pathlib, sys\n"
        "place = pathlib.Path(sys.argv[sys.argv.index('--target-path') + 1])\n"
        "told = {'results': [os.environ['URBANDATA_SPILL_DIR']]}\n"
        "(place / 'run_results.json').write_text(json.dumps(told))\n"
    )
    monkeypatch.setattr(dbt_processes, "PROGRAM", program)
    env = {**os.environ, "URBANDATA_SPILL_DIR": str(tmp_path / "spill")}
    stage = [[NODES[0]], [NODES[1]], [NODES[2]]]
    folders = [Path(f) for f in dbt_processes.run(stage, [], env, tmp_path / "target")]
    assert len(set(folders)) == len(stage)
    assert {f.parent for f in folders} == {tmp_path / "spill"}


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_a_process_ends_with_the_one_that_started_it(tmp_path):
    mark = tmp_path / "pid"
    parent = (
        "import os, pathlib\n"
        "from urbandata import dbt_processes as d\n"
        "before = d.PROGRAM.partition('from dbt')[0]\n"
        "d.PROGRAM = before + os.environ['SLEEPS']\n"
        "place = pathlib.Path(os.environ['PLACE'])\n"
        "d.run([[d.Node('a', 'a', ())]], [], os.environ, place)\n"
    )
    sleeps = (
        "import pathlib, time\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    env = {
        **os.environ,
        "PYTHONPATH": str(PROJECT_ROOT / "plugins"),
        "PLACE": str(tmp_path),
        "SLEEPS": sleeps,
        "URBANDATA_SPILL_DIR": str(tmp_path / "spill"),
    }
    started = subprocess.Popen([sys.executable, "-c", parent], env=env)
    until(lambda: mark.exists() and mark.read_text())
    child = int(mark.read_text())
    assert psutil.pid_exists(child)
    started.send_signal(signal.SIGKILL)
    started.wait()
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie", 20)


def until(done, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)
