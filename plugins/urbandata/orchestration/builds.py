"""DAGs of the warehouse: build and publish what has come, tidy the lake."""

from __future__ import annotations

from airflow.sdk import DAG, AssetAny, CronDataIntervalTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from urbandata import registry
from urbandata.orchestration.common import (
    EVERY_DAG,
    INBOX,
    POOL_WRITER,
    SERVING,
    measure_asset,
    outlet,
)
from urbandata.settings import Settings


def build_dag() -> DAG:
    """DAG ``build_warehouse``: load, dbt build, publish, whenever any source has new rows."""
    with DAG(
        dag_id="build_warehouse",
        schedule=AssetAny(INBOX, *[measure_asset(m) for m in registry.measures()]),
        **EVERY_DAG,
        tags=["build"],
        doc_md=(
            "Loads all new bronze files exactly once, runs one `dbt build`, publishes a new "
            "serving build and moves the pointer.\n\nIf it fails, readers keep the last good "
            "build; see docs/runbook.md. Late by more than an hour: the numbers on the "
            "dashboards age, nothing is lost."
        ),
    ) as dag:

        @task(pool=POOL_WRITER, outlets=[SERVING])
        def build() -> None:
            """Load, transform and publish in one process, because DuckDB has one writer."""
            from urbandata import pipeline

            built = pipeline.build(Settings.from_env(), print)
            outlet(SERVING, {"build_id": built.build_id, "models": built.models,
                              "tests": built.tests, "warned": built.warned})  # fmt: skip

        build()
    return dag


def maintenance_dag() -> DAG:
    """DAG ``maintain_warehouse``: tidies the lake every night; a DuckDB file needs none of it."""
    with DAG(
        dag_id="maintain_warehouse",
        schedule=CronDataIntervalTimetable("15 1 * * *", timezone="UTC"),
        **EVERY_DAG,
        tags=["build"],
        doc_md=(
            "Merges the lake's small files, forgets snapshots older than 30 days and removes the "
            "files only they name, and those of transactions that never committed. Skipped when "
            "the warehouse is a DuckDB file. If it fails, nothing is lost: the lake only grows."
            "\n\nTriage: docs/runbook.md, docs/cluster.md."
        ),
    ) as dag:

        @task(pool=POOL_WRITER)
        def maintain() -> None:
            """Merge, expire, remove; what was done is in the log."""
            from urbandata import pipeline

            settings = Settings.from_env()
            if not settings.is_far:
                raise AirflowSkipException("the warehouse is a DuckDB file")
            print(pipeline.maintain(settings))

        maintain()
    return dag
