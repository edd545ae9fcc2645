"""What building the warehouse costs on a long history, in full and after one new day.

``python benchmarks/build.py [--rows N …] [--work DIR] [--keep] [--json FILE] [--check]``. For each
number of rows: a history of that size is made in the raw tables and built in full; the same
compiled SQL is run by DuckDB alone; one new day is loaded and built; a build without news; then
the history is doubled into the past, and one more day is loaded and built. Each step is a process
of its own. With ``--check`` the command fails if a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SIZES = (12_500_000, 50_000_000, 200_000_000)  # 1 ×, 4 ×, 16 ×
GOALS = {"day / full": 0.05, "day on twice the history / day": 1.2, "full / DuckDB alone": 1.5}
PEAK_MB = 4096
COLUMNS = {"seconds": 9, "cpu_s": 8, "dbt_s": 8, "nodes": 6, "publish_s": 10, "size_mb": 9,
           "peak_mb": 8, "spill_mb": 9}  # fmt: skip
Cost = dict[str, Any]


def main() -> None:
    """Measure, print a table, and fail if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES)
    parser.add_argument("--work", type=Path, help="where warehouses are made (default: temporary)")
    parser.add_argument("--keep", action="store_true", help="leave the warehouses there")
    parser.add_argument("--json", type=Path, help="append the figures to this file, one a line")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "benchmarks")]
    if asked.step:
        name, folder, rows = asked.step
        print(json.dumps(measured(lambda: STEPS[name](Path(folder), int(rows)), Path(folder))))
        return
    work = asked.work or Path(tempfile.mkdtemp(prefix="build-"))
    print(f"{'rows':>12} {'step':<14} " + " ".join(f"{n:>{w}}" for n, w in COLUMNS.items()))
    missed = [m for rows in asked.rows for m in one_size(rows, work, asked)]
    print("\n".join(missed) or "all goals reached")
    if missed and asked.check:
        sys.exit(1)


def one_size(rows: int, work: Path, asked: argparse.Namespace) -> list[str]:
    """Print the steps of one size; sentences on the goals that are missed."""
    folder = work / f"history-{rows}"
    shutil.rmtree(folder, ignore_errors=True)
    costs: dict[str, Cost] = {}
    for name in STEPS:
        costs[name] = run(name, folder, rows)
        print(line(rows, name, costs[name]), flush=True)
        if asked.json:
            with asked.json.open("a") as file:
                file.write(json.dumps({"rows": rows, "step": name, **costs[name]}) + "\n")
    if not asked.keep:
        shutil.rmtree(folder)
    found = {
        "day / full": costs["day"]["dbt_s"] / costs["full"]["dbt_s"],
        "day on twice the history / day": costs["day, twice"]["dbt_s"] / costs["day"]["dbt_s"],
        "full / DuckDB alone": costs["full"]["dbt_s"] / costs["duckdb alone"]["seconds"],
    }
    print("   ".join(f"{name}: {ratio:.3f}" for name, ratio in found.items()), flush=True)
    peak = max(cost["peak_mb"] for cost in costs.values())
    missed = [
        f"{rows:,} rows: {n} is {found[n]:.3f}, the goal {g}"
        for n, g in GOALS.items()
        if found[n] > g
    ]
    return missed + ([f"{rows:,} rows: peak memory {peak:.0f} MB"] if peak > PEAK_MB else [])


def line(rows: int, name: str, cost: Cost) -> str:
    """One row of the table."""
    cells = [f"{cost[n]:>{w},.0f}" if n in cost else " " * w for n, w in COLUMNS.items()]
    return f"{rows:>12,} {name:<14} " + " ".join(cells)


def run(name: str, folder: Path, rows: int) -> Cost:
    """Cost of one step in a new process. Raises RuntimeError if it fails."""
    command = [sys.executable, __file__, "--step", name, str(folder), str(rows)]
    env = {**os.environ, "URBANDATA_TEMP_DIR": str(folder / "spill")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"{name} of {rows} rows: {done.stderr[-3000:]}")
    cost: Cost = json.loads(done.stdout.splitlines()[-1])
    return cost


def measured(step: Callable[[], Cost], folder: Path) -> Cost:
    """Seconds, CPU seconds, peak memory and the most that was spilled, beside what it tells."""
    began, began_cpu = time.perf_counter(), time.process_time()
    with most_spilled(folder / "spill") as spilled:
        told = step()
    told.setdefault("seconds", time.perf_counter() - began)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = {"cpu_s": time.process_time() - began_cpu, "peak_mb": peak_kb / 1024}
    return {**told, **figures, "spill_mb": max(spilled) / 1e6}


@contextmanager
def most_spilled(folder: Path) -> Iterator[list[float]]:
    """Sizes of the folder while the block runs."""
    sizes, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(0.5):
            sizes.append(float(size_of(folder)))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    yield sizes
    over.set()
    watcher.join()


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile count nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(place, name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def fill(folder: Path, rows: int) -> Cost:
    """Make the history. Days before it are left for its doubling."""
    return _fill(folder, rows, history().DAYS, history().DAYS)


def build(folder: Path, rows: int) -> Cost:
    """Whatever the platform does to bring its tables up to date and into service."""
    from urbandata import pipeline

    told: list[tuple[str, float]] = []
    settings = settings_of(folder)
    began = time.perf_counter()
    done = pipeline.build(settings, lambda text: told.append((text, time.perf_counter())))
    dbt_s = (done.finished_at - done.started_at).total_seconds()
    at = {text.split()[0]: when for text, when in told}
    target = folder / "data" / "dbt" / "target"  # the time of each node, for a closer look
    shutil.copy(target / "run_results.json", folder / f"results-{done.build_id}.json")
    return {
        "seconds": time.perf_counter() - began,
        "dbt_s": dbt_s,
        "publish_s": at["published"] - at["build"],
        "nodes": done.models + done.tests,
        "size_mb": size_of(settings.serving_dir)
        / 1e6
        / len(list(settings.serving_dir.glob("*.duckdb"))),
        "warehouse_mb": settings.warehouse_path.stat().st_size / 1e6,
    }


def alone(folder: Path, rows: int) -> Cost:
    """The same compiled SQL, run by DuckDB in the order of its graph."""
    import duckdb

    settings = settings_of(folder)
    manifest = json.loads((folder / "data/dbt/target/manifest.json").read_text())
    compiled = folder / "data/dbt/target/compiled"
    nodes = [manifest["nodes"][name] for name in in_order(manifest)]
    limit = os.environ.get("URBANDATA_MEMORY_LIMIT", "2300MB")
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute(
            f"SET TimeZone = 'UTC'; SET memory_limit = '{limit}'; SET threads = 2; "
            "SET preserve_insertion_order = false"
        )
        con.execute(f"SET temp_directory = '{folder / 'spill'}'")
        began = time.perf_counter()
        for node in nodes:
            kind = "VIEW" if node["config"]["materialized"] == "view" else "TABLE"
            sql = (compiled / "urbandata" / node["original_file_path"]).read_text()
            con.execute(f"CREATE OR REPLACE {kind} {node['relation_name']} AS {sql}")
    return {"seconds": time.perf_counter() - began, "nodes": len(nodes)}


def in_order(manifest: dict[str, Any]) -> list[str]:
    """Models, each after those it is made of."""
    from graphlib import TopologicalSorter

    parents = manifest["parent_map"]
    return [n for n in TopologicalSorter(parents).static_order() if n.startswith("model.")]


def day(number: int) -> Callable[[Path, int], Cost]:
    """A step: load one more day, which is not measured, and build."""

    def step(folder: Path, rows: int) -> Cost:
        _fill(folder, rows, history().DAYS * 2 + number, 1)
        return build(folder, rows)

    return step


def double(folder: Path, rows: int) -> Cost:
    """As many days once more, before the others, built."""
    _fill(folder, rows, 0, history().DAYS)
    return build(folder, rows)


def _fill(folder: Path, rows: int, first: int, days: int) -> Cost:
    settings = settings_of(folder)
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    made = history().fill(settings, history().City.of(rows), first, days)
    return {"rows_made": made, "size_mb": settings.warehouse_path.stat().st_size / 1e6}


def history() -> Any:
    """The module beside this one, found once its path is set."""
    import history as module

    return module


def settings_of(folder: Path) -> Any:
    """Settings of a platform whose data lie in the folder."""
    from urbandata.settings import Settings

    return Settings.from_env(
        {"URBANDATA_DATA_DIR": str(folder / "data"), "URBANDATA_KEEP_BUILDS": "1"}
    )


STEPS: dict[str, Callable[[Path, int], Cost]] = {
    "history": fill,
    "full": build,
    "duckdb alone": alone,
    "day": day(0),
    "nothing new": build,
    "double": double,
    "day, twice": day(1),
}


if __name__ == "__main__":
    main()
