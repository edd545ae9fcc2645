"""Several dbt processes on one lake: what each may build at once, and running them.

On a lake a dbt process has one thread, as two in one process fail now and then; processes on
different models do not. So what belongs to one measure is built beside the other measures, after
what no measure owns and before what several feed.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from urbandata.errors import UrbandataError

log = logging.getLogger(__name__)
TRIES = 3
PARSED = "partial_parse.msgpack"
# A process ends with the one that started it, or it would go on without the warehouse's lock.
PROGRAM = """
import os
from urbandata import processes
processes.end_with(int(os.environ["URBANDATA_PARENT"]))
from dbt.cli.main import cli
cli()
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A model, seed or test of the dbt project and what it hangs on."""

    unique_id: str
    selector: str
    parents: tuple[str, ...]


def plan(
    nodes: Collection[Node], measure_of: Mapping[str, str], processes: int
) -> list[list[list[Node]]]:
    """Stages, one after the other, each with the nodes of the processes that may run at once.

    ``measure_of`` names the measure of dbt's sources. First what hangs on no measure, then what
    hangs on one, measures dealt out to ``processes`` by size, then what hangs on several. No node
    hangs on one of a later stage or of another process of its own.
    """
    measures = _measures(nodes, measure_of)
    shared = [n for n in nodes if not measures[n.unique_id]]
    several = [n for n in nodes if len(measures[n.unique_id]) > 1]
    by_measure: dict[str, list[Node]] = {}
    for node in nodes:
        if len(measures[node.unique_id]) == 1:
            (measure,) = measures[node.unique_id]
            by_measure.setdefault(measure, []).append(node)
    dealt: list[list[Node]] = [[] for _ in range(min(processes, len(by_measure)))]
    for _, members in sorted(by_measure.items(), key=lambda m: (-len(m[1]), m[0])):
        min(dealt, key=len).extend(members)
    return [stage for stage in ([shared], dealt, [several]) if any(stage)]


def _measures(nodes: Collection[Node], measure_of: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The measures each node hangs on, over all its ancestors."""
    parents = {n.unique_id: n.parents for n in nodes}
    found: dict[str, frozenset[str]] = {u: frozenset((m,)) for u, m in measure_of.items()}

    def visit(unique_id: str) -> frozenset[str]:
        if unique_id not in found:
            above = (visit(p) for p in parents.get(unique_id, ()))
            found[unique_id] = frozenset().union(*above)
        return found[unique_id]

    return {u: visit(u) for u in parents}


def run(
    stage: Sequence[Sequence[Node]], arguments: Sequence[str], env: Mapping[str, str], target: Path
) -> list[dict[str, Any]]:
    """Build the nodes of a stage, a process for each list; dbt's results of all of them.

    Results of a process that was cut off are those of its last try. Raises UrbandataError if one
    dies each time.
    """
    with ThreadPoolExecutor(max(1, len(stage))) as pool:
        numbered = enumerate((m for m in stage if m), start=1)
        jobs = [
            pool.submit(_until_it_ends, nodes, arguments, env, target / f"process{number}")
            for number, nodes in numbered
        ]
        return [result for job in jobs for result in job.result()]


def _until_it_ends(
    nodes: Sequence[Node], arguments: Sequence[str], env: Mapping[str, str], place: Path
) -> list[dict[str, Any]]:
    """A process that dies is started again: what it had built is built anew or just once more."""
    for tried in range(1, TRIES + 1):
        code, said = _process(nodes, arguments, env, place)
        try:
            return list(json.loads((place / "run_results.json").read_bytes())["results"])
        except FileNotFoundError:
            log.warning("dbt process ended with %s (try %s): %s", code, tried, said)
    raise UrbandataError(f"dbt could not run: {said}")


def _process(
    nodes: Sequence[Node], arguments: Sequence[str], env: Mapping[str, str], place: Path
) -> tuple[int, str]:
    """Run dbt once in a folder of its own; exit code and the end of what it said."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    parsed = place.parent / PARSED
    if parsed.exists():  # parsing anew would take each process longer than starting it
        shutil.copy(parsed, place / PARSED)
    command = [
        sys.executable, "-c", PROGRAM, *arguments, "--target-path", str(place),
        "--log-path", str(place), "--indirect-selection", "empty",
        "--select", *(n.selector for n in nodes),
    ]  # fmt: skip
    # two DuckDBs in one folder would overwrite each other's files
    spill = Path(env["URBANDATA_SPILL_DIR"]) / place.name
    spill.parent.mkdir(parents=True, exist_ok=True)
    whole = {**env, "URBANDATA_PARENT": str(os.getpid()), "URBANDATA_SPILL_DIR": str(spill)}
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        command, env=whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout.decode(errors="replace").strip()[-1000:]
