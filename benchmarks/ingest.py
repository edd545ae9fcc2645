"""Ingest, from payloads in the raw zone to checked, loaded rows, beside other ways to load them.

``python benchmarks/ingest.py [--rows N] [--copies N] [--sources …] [--work DIR] [--check]``. In one
run, each in a process of its own: the platform (parse, door check, bronze, load), DuckDB's reader
without any check (the limit), dlt as its tutorial shows it, and dlt fed with Arrow tables. The slow
dlt runs on a part (``--dlt-rows``); its rate hardly depends on the number of rows. Many rows are
quicker made of a tenth of them, each payload coming ten times under other names (``--copies 10``).
With ``--check`` the command fails if the platform is slower than its goals.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SOURCES = ("sensorthings", "eco_counter", "mscons")
TIMES_DLT, TIMES_DLT_ARROW, TIMES_LIMIT = 30, 2, 3
HEAD = f"{'source':<13} {'way':<10} {'rows':>11} {'s':>8} {'rows/s':>10} {'CPU s':>8} {'MB':>7}"
Cost = dict[str, Any]


def main() -> None:
    """Measure, print a table, and fail if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--dlt-rows", type=int, default=50_000)
    parser.add_argument("--sources", nargs="+", choices=SOURCES, default=SOURCES)
    parser.add_argument("--ways", nargs="+", default=("limit", "ours", "dlt-arrow", "dlt"))
    parser.add_argument("--work", type=Path, help="keep the payloads here for the next run")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT / "plugins"))
    work = asked.work or Path(tempfile.mkdtemp(prefix="ingest-"))
    print(f"{HEAD}   time of ours against it")
    slow = [m for s in asked.sources for m in compare(s, asked, work)]
    if not asked.work:
        shutil.rmtree(work)
    print("goals: " + "; ".join(f"{n} × {w}" for w, n in goals().items()))
    if slow and asked.check:
        sys.exit("\n".join(slow))


def goals() -> dict[str, float]:
    """How many times as fast as another way the platform has to be, at the least."""
    return {"dlt": TIMES_DLT, "dlt-arrow": TIMES_DLT_ARROW, "limit": 1 / TIMES_LIMIT}


def compare(source: str, asked: argparse.Namespace, work: Path) -> list[str]:
    """Print the ways of one source; sentences on the goals that are missed."""
    from payloads import prepare

    folder = work / f"{source}-{asked.rows}-{asked.copies}"
    rows = prepare(source, asked.rows, folder, asked.copies)
    files = len(list((folder / "plain").iterdir())) * asked.copies
    few = max(1, files * asked.dlt_rows // rows)
    costs = {w: run(w, source, folder, few if w == "dlt" else files) for w in asked.ways}
    for way, cost in costs.items():
        print(line(source, way, cost, costs.get("ours")), flush=True)
    if "ours" not in costs:
        return []
    faster = {w: rate(costs["ours"]) / rate(c) for w, c in costs.items() if w != "ours"}
    return [
        f"{source}: {faster[w]:.2f} times as fast as {w}, the goal is {n:.2f}"
        for w, n in goals().items()
        if w in faster and faster[w] < n
    ]


def line(source: str, way: str, cost: Cost, ours: Cost | None) -> str:
    """One row of the table."""
    text = (
        f"{source:<13} {way:<10} {cost['rows']:>11,} {cost['seconds']:>8.2f} {rate(cost):>10,.0f} "
        f"{cost['cpu']:>8.2f} {cost['peak_mb']:>7.0f}"
    )
    if way == "ours":
        return f"{text}   bronze {cost['bronze_s']:.2f} s, load {cost['load_s']:.2f} s"
    if ours is None:
        return text
    ratio = rate(ours) / rate(cost)
    return (
        f"{text}   {ratio:.1f} × as fast" if ratio >= 1 else f"{text}   {1 / ratio:.2f} × the time"
    )


def rate(cost: Cost) -> float:
    """Rows per second."""
    return float(cost["rows"] / cost["seconds"])


def run(way: str, source: str, folder: Path, files: int) -> Cost:
    """Cost of one way in a new process, on a clean slate. Raises RuntimeError if it fails."""
    for name in ("bronze", "quarantine", "outcomes", "warehouse"):
        shutil.rmtree(folder / "data" / name, ignore_errors=True)
    command = [sys.executable, str(ROOT / "benchmarks" / "contenders.py"), way, source,
               str(folder), str(files)]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(ROOT / "plugins"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    for left in folder.glob("run-*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    if done.returncode:
        raise RuntimeError(f"{way} on {source}: {done.stderr[-2000:]}")
    cost: Cost = json.loads(done.stdout.splitlines()[-1])
    return cost


if __name__ == "__main__":
    main()
