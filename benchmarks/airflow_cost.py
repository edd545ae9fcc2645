"""What Airflow costs: a cycle with nothing new, and its share of a backfill.

``python benchmarks/airflow_cost.py [--cycles N] [--months N] [--measure M] [--no-monthly]`` starts
demo city and Airflow of its own, as the platform does, with every DAG paused but the one that is
measured.

- Cycle: runs of ``ingest_environment`` that find nothing due; CPU seconds of all processes, less
  what they use standing still.
- Backfill: months of one measure by ``backfill_<measure>``, once a run a month and once all in one
  run. The same windows are done by this process alone; the rest is Airflow's share.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
from pages import free_port

ROOT = Path(__file__).parents[1]
CYCLE = "ingest_environment"
IDLE_S = 30.0
PATIENCE_S = 3600.0
TRIES = 12
DONE = ("success", "failed")
Way = Callable[[Any, str, list[datetime]], int]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cycles", type=int, default=5)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--measure", default="hospital_energy")
    parser.add_argument("--monthly", action=argparse.BooleanOptionalAction, default=True)
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT / "plugins"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that Airflow is ended, too
    work = Path(tempfile.mkdtemp(prefix="airflow-cost-"))
    try:
        with platform(work, "inbox") as (api, members):
            cycles(api, members, asked.cycles)
        print(f"{'windows':<24} {'runs':>6} {'s':>8} {'alone':>8} {'share of Airflow':>17}")
        for way in (all_at_once, month_by_month) if asked.monthly else (all_at_once,):
            with platform(work, "demo") as (api, _):
                backfill(api, work, asked.measure, asked.months, way)
    finally:
        shutil.rmtree(work)


def cycles(api: Any, members: list[psutil.Process], count: int) -> None:
    """Print what a scheduled cycle costs that finds nothing to ask and nothing to build."""
    api.pause(CYCLE, paused=False)
    settled(api, CYCLE)
    run_through(api, CYCLE)  # the first one reads modules
    began, before = time.perf_counter(), cpu(members)
    time.sleep(IDLE_S)
    idle = (cpu(members) - before) / (time.perf_counter() - began)
    began, before = time.perf_counter(), cpu(members)
    for _ in range(count):
        run_through(api, CYCLE)
    lasted = time.perf_counter() - began
    used = cpu(members) - before
    api.pause(CYCLE, paused=True)
    print(f"standing still: {100 * idle:.1f} % of a core")
    print(
        f"cycle with nothing new: {lasted / count:.1f} s, {used / count:.2f} CPU s, "
        f"{(used - idle * lasted) / count:.2f} of them above standing still",
        flush=True,
    )


def backfill(api: Any, work: Path, measure: str, months: int, way: Way) -> None:
    """Print how long the months take by Airflow, and how long this process takes for them."""
    from urbandata.contract import Window

    dag_id = f"backfill_{measure}"
    edges = [month(n) for n in range(months + 1)]
    api.pause(dag_id, paused=False)
    settled(api, dag_id)  # of its own accord it asks for last month
    before = set(api.run_states(dag_id))
    began = time.perf_counter()
    runs = way(api, dag_id, edges)
    ended: dict[Any, str] = {}
    while len(ended) < runs:
        if time.perf_counter() - began > PATIENCE_S:
            raise RuntimeError(f"{ended} after {PATIENCE_S:.0f} s")
        time.sleep(0.5)
        states = api.run_states(dag_id).items()
        ended = {r: s for r, s in states if r not in before and s in DONE}
    airflow_s = time.perf_counter() - began
    if "failed" in ended.values():
        raise RuntimeError(f"runs failed: {ended}")
    windows = [Window(a, b) for a, b in pairwise(edges)] if runs > 1 else None
    alone_s = alone(work, measure, windows, edges)
    share = 100 * (1 - min(1.0, alone_s / airflow_s))
    print(f"{way.__name__.replace('_', ' '):<24} {runs:>6} {airflow_s:>8.1f} {alone_s:>8.1f} "
          f"{share:>15.0f} %", flush=True)  # fmt: skip


def month_by_month(api: Any, dag_id: str, edges: list[datetime]) -> int:
    """Ask Airflow for a backfill; the number of its runs."""
    begin_backfill(api, {
        "dag_id": dag_id, "from_date": edges[0].isoformat(), "to_date": edges[-2].isoformat(),
        "run_backwards": False, "dag_run_conf": {}, "max_active_runs": 1,
        "reprocess_behavior": "none",
    })  # fmt: skip
    return len(edges) - 1


def all_at_once(api: Any, dag_id: str, edges: list[datetime]) -> int:
    """Start one run for all days."""
    api.trigger(dag_id, days(edges))
    return 1


def days(edges: list[datetime]) -> dict[str, str]:
    """First and last day, in this order."""
    last = edges[-1] - timedelta(days=1)
    return {"first": f"{edges[0]:%Y-%m-%d}", "last": f"{last:%Y-%m-%d}"}


def begin_backfill(api: Any, body: dict[str, Any]) -> None:
    """Ask until Airflow has begun; with SQLite it says 503 while another part of it writes."""
    import httpx

    for _ in range(TRIES):
        try:
            api._call("POST", "backfills", json=body)  # only this benchmark asks for one
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.CONFLICT:  # an earlier try has begun it
                return
            if not error.response.is_server_error:
                raise
            time.sleep(5)
        else:
            return
    raise RuntimeError(f"Airflow began no backfill in {TRIES} tries")


def alone(work: Path, measure: str, windows: list[Any] | None, edges: list[datetime]) -> float:
    """Seconds for the windows in this process, into a data folder of its own.

    None: those of one run for all days.
    """
    from urbandata import door, pipeline, registry
    from urbandata.settings import Settings

    door.warm_up()  # Airflow's workers have it, too
    data = Path(tempfile.mkdtemp(prefix="alone-", dir=work))
    settings = replace(Settings.from_env(), data_dir=data)
    members = [s.source for s in registry.sources().values()
               if s.measure == measure and s.kind == "interval"]  # fmt: skip
    began = time.perf_counter()
    for name in members:
        asked = windows or pipeline.windows_between(name, days(edges)["first"], days(edges)["last"])
        done = pipeline.ingest(name, settings, asked)
        if done.problems:
            raise RuntimeError("; ".join(done.problems)[:500])
    return time.perf_counter() - began


def month(number: int) -> datetime:
    """First day of a month, counted from July 2023."""
    years, months = divmod(6 + number, 12)
    return datetime(2023 + years, months + 1, 1, tzinfo=UTC)


def run_through(api: Any, dag_id: str) -> None:
    """One run of a DAG, from the trigger to its end."""
    run = api.trigger(dag_id)
    until(lambda: api.run_states(dag_id).get(run) in DONE, 0.2)


def settled(api: Any, dag_id: str) -> None:
    """Wait until no run of the DAG is under way."""
    time.sleep(3)
    until(lambda: all(s in DONE for s in api.run_states(dag_id).values()), 0.5)


def until(reached: Any, pause_s: float) -> None:
    """Wait for it. Raises RuntimeError when that takes too long."""
    end = time.perf_counter() + PATIENCE_S
    while not reached():
        if time.perf_counter() > end:
            raise RuntimeError(f"not reached in {PATIENCE_S:.0f} s")
        time.sleep(pause_s)


def cpu(members: list[psutil.Process]) -> float:
    """CPU seconds of the processes, their children and those children that have ended."""
    used = 0.0
    for member in members:
        for process in [member, *member.children(recursive=True)]:
            times = process.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
    return used


@contextmanager
def platform(work: Path, mode: str) -> Iterator[tuple[Any, list[psutil.Process]]]:
    """Demo city and Airflow on free ports, every DAG paused; ended afterwards."""
    from urbandata.platform import parts as known
    from urbandata.platform.airflow_api import AirflowApi
    from urbandata.settings import Settings

    os.environ |= {
        "URBANDATA_DATA_DIR": tempfile.mkdtemp(prefix=f"{mode}-", dir=work), "URBANDATA_MODE": mode,
        "URBANDATA_PORT_DEMO": str(free_port()), "URBANDATA_PORT_AIRFLOW": str(free_port()),
    }  # fmt: skip
    settings = Settings.from_env()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    paused = {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True"}
    members: list[psutil.Popen] = []
    try:
        parts = known.airflow(settings)
        for part in [*([known.demo_city(settings)] if mode == "demo" else []), *parts]:
            env = {**os.environ, **part.env, **paused}
            if part.once:
                subprocess.run(part.command, env=env, check=True, capture_output=True)  # noqa: S603
                continue
            log = (work / f"{mode}-{part.name}.log").open("w")
            members.append(psutil.Popen(part.command, env=env, stdout=log, stderr=log))
        api = AirflowApi(known.airflow_url(settings))
        until(api.healthy, 1)
        api.ensure_pools(ROOT / "pools.json")
        until(lambda: CYCLE in api.dag_ids(), 1)
        yield api, members
    finally:
        end(members)


def end(members: list[psutil.Popen]) -> None:
    """End the processes and all they have started."""
    family = [p for m in members for p in [m, *m.children(recursive=True)]]
    for process in family:
        process.terminate()
    for process in psutil.wait_procs(family, timeout=20)[1]:
        process.kill()


if __name__ == "__main__":
    main()
