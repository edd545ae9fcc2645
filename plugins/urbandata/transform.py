"""The only module that runs dbt: one ``dbt build`` in this process, results as rows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from urbandata import warehouse
from urbandata.errors import UrbandataError
from urbandata.landing import utc_now
from urbandata.settings import Settings

MODELS = ("model", "seed", "snapshot")
TESTS = ("test", "unit_test")
FAILED = ("error", "fail", "runtime error")


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
    """Hash of macros, models and seeds: incremental tables fit only the code they had."""
    digest = hashlib.sha256()
    for folder in ("macros", "models", "seeds"):
        for path in sorted((settings.dbt_dir / folder).rglob("*")):
            if path.suffix in (".sql", ".csv"):
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
    return _run(settings, build_id, ["build", *arguments, "--exclude-resource-type", "unit_test"])


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
    outcome = _invoke(settings, arguments)
    if outcome.result is None:
        raise UrbandataError(f"dbt could not run: {outcome.exception}")
    results = [_row(build_id, r) for r in outcome.result]
    message = "; ".join(f"{r[2]}: {r[8]}" for r in results if r[4] in FAILED)[:2000]
    return Build(build_id, started, utc_now(), message=message).holding(results)


def _invoke(settings: Settings, arguments: list[str]) -> Any:
    """Call dbt in this process; it must let go of the DuckDB file afterwards."""
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ.update(warehouse.dbt_environment(settings))
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folder = str(settings.dbt_dir)
    places = ["--project-dir", folder, "--profiles-dir", folder]
    if "--target-path" not in arguments:
        places += ["--target-path", str(settings.data_dir / "dbt" / "target")]
    places += ["--log-path", str(settings.data_dir / "dbt" / "logs"), "--quiet"]
    try:
        return dbtRunner().invoke([*arguments, *places])
    finally:
        DuckDBConnectionManager.close_all_connections()


def _row(build_id: str, result: Any) -> tuple[Any, ...]:
    node = result.node
    affected = (result.adapter_response or {}).get("rows_affected")
    return (
        build_id,
        node.unique_id,
        node.name,
        node.resource_type.value,
        str(getattr(result.status, "value", result.status)),
        float(result.execution_time),
        affected if affected is not None and affected >= 0 else None,
        result.failures,
        (result.message or "")[:1000] or None,
    )
