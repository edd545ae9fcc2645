"""Runs one pass of the platform and kills itself with SIGKILL at a named point.

``python victim.py POINT`` with the usual ``URBANDATA_*`` variables; POINT ``none`` lets it finish.
Only pegelonline is asked, for five days, so that a pass is short.
"""

from __future__ import annotations

import datetime as dt
import importlib
import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

# name: (module, attribute, "before" or "after" the call, number of the call)
POINTS: dict[str, tuple[str, str, str, int]] = {
    "fetch, before the bytes are written": ("urbandata.storage", "write_atomically", "before", 2),
    "fetch, bytes written, not in the ledger": (
        "urbandata.storage", "write_atomically", "after", 3,
    ),
    "fetch, in the middle of a ledger line": ("urbandata.landing", "Ledger._append", "torn", 3),
    "fetch, before the window is covered": ("urbandata.landing", "Ledger.cover", "before", 1),
    "parse, at the second payload": ("urbandata.bronze", "Bronze._parse", "before", 2),
    "bronze, file written, no outcome": ("urbandata.bundles", "write_parquet", "after", 1),
    "bronze, between two outcomes": ("urbandata.bronze", "Bronze._store", "after", 2),
    "load, rows appended, not committed": ("urbandata.warehouse.loading", "_append", "after", 1),
    "load, all recorded, not committed": (
        "urbandata.warehouse.loading", "record_sources", "after", 1,
    ),
    "load, committed": ("urbandata.pipeline", "transform.build", "before", 1),
    "dbt, at the fortieth statement": (
        "dbt.adapters.duckdb.connections", "DuckDBConnectionManager.add_query", "before", 40,
    ),
    "dbt, done, not recorded": ("urbandata.pipeline", "warehouse.record_build", "before", 1),
    "publish, one schema copied": ("urbandata.warehouse.publishing", "_copy_schema", "after", 1),
    "publish, file in place, pointer not moved": (
        "urbandata.warehouse.publishing", "point_to", "before", 1,
    ),
    "publish, pointer moved": ("urbandata.warehouse.publishing", "point_to", "after", 1),
}  # fmt: skip


def die() -> None:
    """What a power cut does to a process."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Replace the function of the point by one that kills at the chosen call."""
    module, attribute, when, number = POINTS[point]
    owner: Any = importlib.import_module(module)
    *path, name = attribute.split(".")
    for part in path:
        owner = getattr(owner, part)
    original = getattr(owner, name)
    setattr(owner, name, _deadly(original, when, number))


def _deadly(original: Callable[..., Any], when: str, number: int) -> Callable[..., Any]:
    calls = itertools.count(1)  # threads may call beside each other

    def call(*args: Any, **kwargs: Any) -> Any:
        met = next(calls) == number
        if met and when == "before":
            die()
        if met and when == "torn":
            ledger, source, run_id, _ = args
            path = (
                ledger.store.root / "ledger" / source / run_id[:4] / run_id[4:6] / f"{run_id}.jsonl"
            )
            with path.open("ab") as file:
                file.write(b'{"kind": "attempt", "attempt_id": "torn')
            die()
        result = original(*args, **kwargs)
        if met and when == "after":
            die()
        return result

    return call


def only_pegelonline() -> None:
    """One source, five days of history."""
    from urbandata import registry

    source = registry.source("pegelonline")
    start = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=5)
    window = source.window.model_copy(update={"history_start": start})
    short = source.model_copy(update={"window": window})
    sources = {**registry.sources(), "pegelonline": short}
    registry.sources = lambda: sources  # type: ignore[assignment]


def only_environment() -> None:
    """The measure the source feeds: other marts stay empty whoever is killed."""
    from urbandata import transform

    whole = transform.build

    def build(settings: Any, build_id: str, arguments: Any = ()) -> Any:
        # instead of what follows from new rows: that needs tables of all measures
        chosen = ["--select", "+path:models/marts/environment", "--exclude-resource-type", "test"]
        anew = [a for a in arguments if a == "--full-refresh"]
        return whole(settings, build_id, [*anew, *chosen])

    transform.build = build


if __name__ == "__main__":
    from urbandata import pipeline
    from urbandata.settings import Settings

    only_pegelonline()
    only_environment()
    if sys.argv[1] != "none":
        arm(sys.argv[1])
    done = pipeline.ingest("pegelonline", Settings.from_env())
    print(done)
    assert not done.problems, done.problems
    pipeline.build(Settings.from_env(), print)
