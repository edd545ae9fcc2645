"""Building the warehouse on a lake with 1, 2 and 4 dbt processes, beside a DuckDB file.

``python benchmarks/cluster_build.py [--rows N] [--processes 1 2 4]``. PostgreSQL keeps the
catalogue, a folder the Parquet files. Each has a history of its own (``history.py``): built in
full, then one new day. A dbt process on a lake has one thread, that on the file two. Each step is
a process of its own; CPU seconds are those of all its dbt processes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "plugins"), str(ROOT / "benchmarks")]
STEPS = ("full", "day")
Cost = dict[str, Any]


def main() -> None:
    """Measure each way and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=12_500_000)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        print(json.dumps(step(asked.step[0], int(asked.step[1]))))
        return
    print(f"{'warehouse':<10} {'processes':>9} {'step':<5} {'nodes':>5} {'dbt s':>6} {'CPU s':>6}")
    one_way("file", 1, asked.rows, {})
    from tests.cluster.services import Postgres

    postgres = Postgres()
    postgres.start()
    try:
        for count in asked.processes:
            place = "ducklake:postgres:" + postgres.database(f"lake_{count}")
            env = {"URBANDATA_WAREHOUSE": place, "URBANDATA_DBT_PROCESSES": str(count)}
            one_way("lake", count, asked.rows, env)
    finally:
        postgres.remove()


def one_way(name: str, count: int, rows: int, env: dict[str, str]) -> None:
    """Print the steps of one warehouse."""
    with tempfile.TemporaryDirectory(prefix="cluster-build-") as folder:
        for what in STEPS:
            cost = run(what, rows, {"URBANDATA_DATA_DIR": folder, **env})
            print(
                f"{name:<10} {count:>9} {what:<5} {cost['nodes']:>5} {cost['dbt_s']:>6.0f} "
                f"{cost['cpu_s']:>6.0f}",
                flush=True,
            )


def run(what: str, rows: int, env: dict[str, str]) -> Cost:
    """Cost of one step in a new process. Raises RuntimeError if it fails."""
    command = [sys.executable, __file__, "--step", what, str(rows)]
    whole = {**os.environ, **env}
    done = subprocess.run(command, env=whole, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"{what}: {done.stderr[-3000:]}")
    cost: Cost = json.loads(done.stdout.splitlines()[-1])
    return cost


def step(what: str, rows: int) -> Cost:
    """Fill the history or the day after it, which is not measured, and build."""
    import history

    from urbandata import pipeline
    from urbandata.settings import Settings

    settings = Settings.from_env(os.environ)
    first, days = (0, history.DAYS) if what == "full" else (history.DAYS, 1)
    history.fill(settings, history.City.of(rows), first, days)
    before = used()
    built = pipeline.build(settings)
    return {
        "nodes": built.models + built.tests,
        "dbt_s": (built.finished_at - built.started_at).total_seconds(),
        "cpu_s": used() - before,
    }


def used() -> float:
    """CPU seconds of this process and of all it has waited for."""
    ours = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in ours)


if __name__ == "__main__":
    main()
