"""Ingest through Airflow with 1, 2 and 4 Celery workers: the same backlog, from fetch to the lake.

``python benchmarks/cluster.py [--workers 1 2 4] [--days 14] [--tasks 1]``. PostgreSQL, Redis, an
S3 server (moto) and the demo city run on the same machine, as in ``make test-cluster``; so beyond
the number of its cores more workers only share them. All ingest DAGs are started at once on an
empty platform; the clock stops when the last of them has loaded its rows. CPU seconds are those
of the workers alone.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "plugins")]

from tests.cluster.members import INGEST, Members, environment  # noqa: E402
from tests.cluster.services import Postgres, Redis, Storage  # noqa: E402

from urbandata import warehouse  # noqa: E402

PASS_S, DAY_S, EVERY_S = 3600, 86_400, 600
SOURCES, BUSY = 44, 0.7
SMALL = 1000  # rows: what a task with fewer takes is what any task costs
HEAD = (
    f"{'workers':>7} {'payloads':>8} {'rows':>9} {'s':>6} {'payloads/s':>10} {'rows/s':>8} "
    f"{'CPU s':>7} {'rows/CPU s':>10} {'small task s':>12} {'load':>5}"
)


def main() -> None:
    """Measure each number of workers and print a table, then the estimate beyond it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--days", type=int, default=14, help="of history")
    parser.add_argument("--tasks", type=int, default=1, help="tasks of one worker at once")
    asked = parser.parse_args()
    servers = postgres, storage, redis = Postgres(), Storage(), Redis()
    postgres.start()
    found: dict[int, dict[str, Any]] = {}
    try:
        print(HEAD)
        for count in asked.workers:
            found[count] = measure(count, asked, servers)
            print(line(count, found[count]), flush=True)
        print_estimate(found[min(found)])
    finally:
        redis.remove()
        storage.stop()
        postgres.remove()


def measure(
    count: int, asked: argparse.Namespace, servers: tuple[Postgres, Storage, Redis]
) -> dict[str, Any]:
    """The backlog ingested by so many workers, on a platform of its own."""
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        env = environment(servers, str(count), Path(folder), asked.days)
        members = Members({**env, "URBANDATA_WORKER_TASKS": str(asked.tasks)})
        try:
            members.start([f"worker-{n}" for n in range(count)])
            return ingest(members)
        finally:
            members.stop()


def ingest(members: Members) -> dict[str, Any]:
    """All ingest DAGs at once, to their end."""
    before, began = cpu(members), time.perf_counter()
    runs = members.begin(INGEST)
    ended = members.follow(runs, PASS_S)
    seconds, used = time.perf_counter() - began, cpu(members) - before
    if set(ended.values()) != {"success"}:
        sys.exit(f"not all runs succeeded: {ended}")
    with warehouse.writing(members.settings, shared=True) as con:
        rows = dict(con.execute(
            "SELECT source, sum(accepted)::BIGINT FROM ops.payloads GROUP BY ALL"
        ).fetchall())  # fmt: skip
        (payloads,) = con.execute("SELECT count(*) FROM ops.payloads").fetchone() or (0,)
    tasks = {t["task_id"]: t["duration"] for t in members.api.tasks(runs) if t["task_id"] in rows}
    small = statistics.median(s for task, s in tasks.items() if rows[task] < SMALL)
    total = sum(rows.values())
    return {
        "payloads": payloads, "rows": total, "seconds": seconds, "cpu": used, "small": small,
        "row": max(0.0, sum(tasks.values()) - small * len(tasks)) / total,
    }  # fmt: skip


def cpu(members: Members) -> float:
    """CPU seconds of all workers so far, ended tasks included."""
    processes = [p for w in members.workers.values() for p in w.session()]
    return sum(sum(p.cpu_times()[:4]) for p in processes)


def line(count: int, found: dict[str, Any]) -> str:
    """One row of the table."""
    f = found
    return (
        f"{count:>7} {f['payloads']:>8,} {f['rows']:>9,} {f['seconds']:>6.0f} "
        f"{f['payloads'] / f['seconds']:>10.1f} {f['rows'] / f['seconds']:>8,.0f} "
        f"{f['cpu']:>7.0f} {f['rows'] / f['cpu']:>10,.0f} {f['small']:>12.1f} "
        f"{os.getloadavg()[0]:>5.1f}"
    )


def print_estimate(found: dict[str, Any]) -> None:
    """Tasks at once that larger cities need, from what a task and a row took with few workers.

    An M/M/c queue: tasks come at random and not by the clock, and their lengths vary as those of
    an exponential distribution; both make the wait longer than it will be. Storage, catalogue and
    API server are taken to keep up. All sources are asked every ten minutes.
    """
    rate = SOURCES / EVERY_S
    print(f"\na task: {found['small']:.1f} s and {found['row'] * 1e6:.1f} µs a row")
    print(f"{SOURCES} sources every {EVERY_S // 60} min, workers at most {BUSY:.0%} busy")
    print(f"{'rows a day':>13} {'rows a task':>11} {'s a task':>8} {'at once':>7} {'wait s':>6}")
    for day in (72_000, 10_000_000, 100_000_000, 1_000_000_000):
        rows = day / DAY_S / rate
        takes = found["small"] + rows * found["row"]
        slots = max(1, math.ceil(rate * takes / BUSY))
        wait = erlang_c(slots, rate * takes) * takes / (slots - rate * takes)
        print(f"{day:>13,} {rows:>11,.0f} {takes:>8.1f} {slots:>7} {wait:>6.1f}")


def erlang_c(servers: int, load: float) -> float:
    """Probability that a task has to wait, for a load below the number of servers."""
    free = 1.0  # Erlang B, by its recursion
    for n in range(1, servers + 1):
        free = load * free / (n + load * free)
    return free / (1 - load / servers * (1 - free))


if __name__ == "__main__":
    main()
