"""Runs dbt: one ``dbt build`` in this process or several beside each other, results as rows."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from urbandata import dbt_processes, processes, registry, warehouse
from urbandata.dbt_processes import PARSED, Node
from urbandata.errors import UrbandataError
from urbandata.landing import utc_now
from urbandata.settings import Settings

MODELS = ("model", "seed", "snapshot")
TESTS = ("test", "unit_test")
FIELDS = ("adapter_response", "execution_time", "failures", "message", "status")
COUNTED = re.compile(r"\]: (\d+) of (\d+) ")
FAILED = ("error", "fail", "runtime error")
OUT_OF_MEMORY = "Out of Memory Error"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Build:
    """Result of one dbt build: counts and one row per node (see ``ops.dbt_results``)."""

    build_id: str
    started_at: datetime
    finished_at: datetime
    models: int = 0
    tests: int = 0
    failed: int = 0
    warned: int = 0
    message: str = ""
    results: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every model was built and no test of severity error failed."""
        return self.failed == 0

    def holding(self, results: list[tuple[Any, ...]]) -> Build:
        """The same build with these results, and their counts."""
        return replace(
            self,
            results=results,
            models=sum(r[3] in MODELS for r in results),
            tests=sum(r[3] in TESTS for r in results),
            failed=sum(r[4] in FAILED for r in results),
            warned=sum(r[4] == "warn" for r in results),
        )


def code_hash(settings: Settings) -> str:
    """Hash of macros, models, seeds and tests: incremental tables fit only the code they had.

    Rules and descriptions too: else a new rule would never look at old rows.
    """
    digest = hashlib.sha256()
    for folder in ("macros", "models", "seeds", "tests"):
        for path in sorted((settings.dbt_dir / folder).rglob("*")):
            if path.suffix in (".sql", ".csv", ".yml"):
                digest.update(path.relative_to(settings.dbt_dir).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def build(settings: Settings, build_id: str, arguments: Sequence[str] = ()) -> Build:
    """Run ``dbt build`` on the warehouse. The caller holds the writer's lock.

    Unit tests judge the code, not the data; they run in the test suite and not in every build.
    Raises UrbandataError if dbt could not run at all; failed nodes are in the result.
    """
    # As an environment variable, because other --vars would make dbt parse everything anew.
    os.environ["URBANDATA_BUILD_ID"] = build_id
    arguments = [*arguments, "--exclude-resource-type", "unit_test"]
    if settings.lake_dsn and settings.dbt_processes > 1:
        return _several(settings, build_id, arguments)
    return _run(settings, build_id, ["build", *arguments])


@contextmanager
def parsing(settings: Settings) -> Iterator[None]:
    """Parse the project beside what the block does, unless that has been done once.

    A first parse takes longer than all others; the build after the block finds it done. Whatever
    is wrong with the project is told by the build.
    """
    if (_target(settings) / PARSED).exists():
        yield
        return
    child = get_context("fork").Process(target=_parse, args=(settings, os.getpid()))
    child.start()
    try:
        yield
        child.join()
    finally:
        child.kill()
        child.join()


def progress(settings: Settings, since: float) -> tuple[int, int] | None:
    """Nodes begun, and all, of the build that dbt's log tells of after ``since`` (epoch seconds).

    None before its first node, or if dbt runs on another machine.
    """
    path = _logs(settings) / "dbt.log"
    if not path.exists() or path.stat().st_mtime < since:
        return None
    latest = path.read_text(encoding="utf-8", errors="replace").rpartition("Running with dbt")[2]
    return max(((int(n), int(of)) for n, of in COUNTED.findall(latest)), default=None)


def _parse(settings: Settings, parent: int) -> None:
    processes.end_with(parent)
    _invoke(settings, ["parse"])


def unit_tests(settings: Settings) -> Build:
    """Run all dbt unit tests; the models must have been built once, if only on empty tables."""
    return _run(settings, "unit-tests", ["test", "--select", "test_type:unit"])


def docs(settings: Settings, target: Path) -> None:
    """Write dbt's documentation into ``target``: index.html, manifest.json, an empty catalogue.

    It describes the code as it is now and asks no database.
    """
    arguments = ["docs", "generate", "--empty-catalog", "--target-path", str(target)]
    outcome = _invoke(settings, arguments)
    if not outcome.success:
        raise UrbandataError(f"dbt could not write its documentation: {outcome.exception}")


def _run(settings: Settings, build_id: str, arguments: list[str]) -> Build:
    started = utc_now()
    results = _results(settings, build_id, arguments)
    short = [r[2] for r in results if r[4] in FAILED and OUT_OF_MEMORY in (r[8] or "")]
    if short:
        # two models beside each other may need more than DuckDB's limit, one alone less
        log.warning("too little memory for %s; one model at a time now", ", ".join(short))
        again = _results(settings, build_id, ["retry", "--threads", "1"])
        anew = {r[1]: r for r in again}
        results = [anew.get(r[1], r) for r in results]
    return _summed(build_id, started, results)


def _results(settings: Settings, build_id: str, arguments: list[str]) -> list[tuple[Any, ...]]:
    """One row per node that dbt ran. Raises UrbandataError if it could not run at all."""
    outcome = _invoke(settings, arguments)
    if outcome.result is None:
        raise UrbandataError(f"dbt could not run: {outcome.exception}")
    return [_result(build_id, r) for r in outcome.result]


def _several(settings: Settings, build_id: str, arguments: list[str]) -> Build:
    """The same nodes as one process would build, by several; a stage that fails is the last."""
    started = utc_now()
    manifest = _succeeded(_invoke(settings, ["parse"]))
    listing = [a for a in arguments if a != "--full-refresh"]
    listing = ["ls", *listing, "--output", "json", "--output-keys", "unique_id"]
    chosen = {json.loads(r)["unique_id"] for r in _succeeded(_invoke(settings, listing))}
    nodes = [
        Node(n.unique_id, ".".join(n.fqn), tuple(n.depends_on_nodes))
        for n in manifest.nodes.values()
        if n.unique_id in chosen and n.resource_type in (*MODELS, *TESTS)
    ]
    sources = registry.sources()
    measure_of = {
        s.unique_id: sources[s.source_name].measure
        for s in manifest.sources.values()
        if s.source_name in sources
    }
    _create_schemas(
        settings, {n.schema for n in manifest.nodes.values() if n.resource_type in MODELS}
    )
    build = ["build", *_unselected(arguments), *_places(settings)]
    results: list[tuple[Any, ...]] = []
    for stage in dbt_processes.plan(nodes, measure_of, settings.dbt_processes):
        for found in dbt_processes.run(stage, build, os.environ, _target(settings)):
            results.append(_row(build_id, found, manifest.nodes[found["unique_id"]]))
        if any(r[4] in FAILED for r in results):
            break
    return _summed(build_id, started, results)


def _unselected(arguments: Sequence[str]) -> list[str]:
    """Arguments without what they select."""
    kept: list[str] = []
    selecting = False
    for word in arguments:
        selecting = word == "--select" if word.startswith("--") else selecting
        kept += [] if selecting else [word]
    return kept


def _create_schemas(settings: Settings, names: Collection[str]) -> None:
    """Processes that started at once would all try to."""
    with closing(warehouse.connect(settings)) as con:
        for name in sorted(names):
            con.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')


def _succeeded(outcome: Any) -> Any:
    if not outcome.success:
        raise UrbandataError(f"dbt could not run: {outcome.exception}")
    return outcome.result


def _summed(build_id: str, started: datetime, results: list[tuple[Any, ...]]) -> Build:
    message = "; ".join(f"{r[2]}: {r[8]}" for r in results if r[4] in FAILED)[:2000]
    return Build(build_id, started, utc_now(), message=message).holding(results)


def _invoke(settings: Settings, arguments: list[str]) -> Any:
    """Call dbt in this process; it must let go of the DuckDB file afterwards."""
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ.update(warehouse.dbt_environment(settings))
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    places = _places(settings)
    if "--target-path" not in arguments:
        places += ["--target-path", str(_target(settings))]
    # its debug log is 80,000 lines a build
    places += ["--log-path", str(_logs(settings)), "--log-level-file", "info"]
    try:
        return dbtRunner().invoke([*arguments, *places])
    finally:
        DuckDBConnectionManager.close_all_connections()


def _places(settings: Settings) -> list[str]:
    folder = str(settings.dbt_dir)
    return ["--project-dir", folder, "--profiles-dir", folder, "--quiet"]


def _target(settings: Settings) -> Path:
    return settings.data_dir / "dbt" / "target"


def _logs(settings: Settings) -> Path:
    return settings.data_dir / "dbt" / "logs"


def _result(build_id: str, result: Any) -> tuple[Any, ...]:
    """A row from what dbt returns in this process."""
    return _row(build_id, {f: getattr(result, f) for f in FIELDS}, result.node)


def _row(build_id: str, result: Mapping[str, Any], node: Any) -> tuple[Any, ...]:
    affected = (result["adapter_response"] or {}).get("rows_affected")
    return (
        build_id,
        node.unique_id,
        node.name,
        node.resource_type.value,
        str(getattr(result["status"], "value", result["status"])),
        float(result["execution_time"]),
        affected if affected is not None and affected >= 0 else None,
        result["failures"],
        (result["message"] or "")[:1000] or None,
    )
