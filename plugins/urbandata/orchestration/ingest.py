"""DAGs that bring rows in: by schedule, for a past month, and from files in the inbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pendulum
from airflow.sdk import (
    DAG,
    CronDataIntervalTimetable,
    DeltaTriggerTimetable,
    Param,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from urbandata import registry
from urbandata.contract import Window
from urbandata.errors import UrbandataError
from urbandata.orchestration.common import (
    EVERY_DAG,
    INBOX,
    OPTIONAL,
    POOL_INGEST,
    POOL_WRITER,
    bronze_asset,
    measure_asset,
    outlet,
)
from urbandata.settings import Settings

MAX_SHA = 20


def ingest_dag(measure: str) -> DAG:
    """DAG ``ingest_<measure>``: one task per source, run when its own schedule asks for it."""
    members = _of(measure)
    every = min((s.schedule.every for s in members), default=timedelta(hours=1))
    with DAG(
        dag_id=f"ingest_{measure}",
        schedule=DeltaTriggerTimetable(every),
        **EVERY_DAG,
        tags=["ingest", measure],
        doc_md=_ingest_doc(measure, members),
    ) as dag:
        ingested = [_ingest_task(source.source) for source in members]
        _due_task(measure) >> ingested
        _after(measure, ingested)
    return dag


def backfill_dag(measure: str) -> DAG:
    """DAG ``backfill_<measure>``: asks interval sources again for the month of the run.

    Paused when new, so that a first start is not busy with it. Unpaused, its monthly schedule
    picks up late corrections, and ``airflow backfill create`` on it repairs the past month by
    month. Started by hand with two days it does all between them in one run: a run costs Airflow
    several seconds, a window of most sources a fraction of one (docs/performance.md).
    """
    members = [s for s in _of(measure) if s.kind == "interval"]
    with DAG(
        dag_id=f"backfill_{measure}",
        schedule=CronDataIntervalTimetable("@monthly", timezone="UTC"),
        **EVERY_DAG,
        is_paused_upon_creation=True,
        params={
            "first": Param(
                None,
                type=OPTIONAL,
                format="date",
                title="Erster Tag",
                description="Leer: der Monat des Laufs.",
            ),
            "last": Param(None, type=OPTIONAL, format="date", title="Letzter Tag"),
        },
        tags=["backfill", measure],
        doc_md=(
            f"Asks the interval sources of `{measure}` again for a whole month: on schedule to "
            "pick up late corrections, by `airflow backfill create` to repair the past month by "
            "month, by hand with a first and a last day for all between them in one run. Bytes "
            "that are already here change nothing.\n\nTriage: docs/runbook.md."
        ),
    ) as dag:
        _after(measure, [_ingest_task(s.source, whole_interval=True) for s in members])
    return dag


def inbox_dag() -> DAG:
    """DAG ``ingest_inbox``: takes in what arrives as files, for all measures."""
    with DAG(
        dag_id="ingest_inbox",
        schedule=DeltaTriggerTimetable(timedelta(hours=1)),
        **EVERY_DAG,
        tags=["ingest", "inbox"],
        doc_md=(
            "Lands every file of the inbox in the raw zone, recognises its source by name and "
            "content, checks it and stores it. A file nobody recognises is kept and reported "
            "by name. Files stay where they are; the same bytes are taken in once.\n\n"
            "Triage: docs/runbook.md."
        ),
    ) as dag:

        @task(pool=POOL_INGEST, outlets=[INBOX])
        def take_in() -> None:
            """Land, parse, check and store all files of the inbox."""
            from urbandata import pipeline

            settings = Settings.from_env()
            if not settings.inbox_dir.is_dir():
                raise AirflowSkipException(f"no inbox at {settings.inbox_dir}")
            done = pipeline.ingest_inbox(settings)
            for ingested in done:
                print(ingested, *ingested.problems, sep="\n")
            failures = [p for i in done if i.outcomes.get("failed") for p in i.problems]
            if not any(i.payloads for i in done):
                if failures:
                    raise AirflowFailException("; ".join(failures)[:2000])
                raise AirflowSkipException("nothing new")
            extra = {i.source: {"rows": i.accepted, "quarantined": i.quarantined} for i in done}
            outlet(INBOX, extra)

        take_in()
    return dag


def _of(measure: str) -> list[registry.Source]:
    return [s for s in registry.sources().values() if s.measure == measure]


def _due_task(measure: str) -> Any:
    @task.branch(task_id="due")
    def due() -> list[str]:
        """Tasks of the sources whose own schedule asks for a fetch now."""
        from urbandata import pipeline

        return pipeline.due_sources(Settings.from_env(), measure)

    return due()


def _ingest_task(source: str, whole_interval: bool = False) -> Any:
    @task(task_id=source, pool=POOL_INGEST, outlets=[bronze_asset(source)])
    def ingest() -> None:
        """Fetch, parse, check and store; what worked is kept even when something failed."""
        from urbandata import pipeline

        windows = _windows(source, get_current_context()) if whole_interval else None
        done = pipeline.ingest(source, Settings.from_env(), windows)
        print(done)
        for problem in done.problems:
            print(problem)
        if done.problems and not done.accepted:
            raise AirflowFailException("; ".join(done.problems)[:2000])
        if not done.payloads:
            raise AirflowSkipException("nothing new")
        outlet(bronze_asset(source), {
            "payloads": done.payloads, "rows": done.accepted, "quarantined": done.quarantined,
            "newest_event_at": done.newest_event_at, "sha256": done.sha256[:MAX_SHA],
            "problems": done.problems[:MAX_SHA],
        })  # fmt: skip

    return ingest()


def _after(measure: str, ingested: list[Any]) -> None:
    """What follows the sources of a measure; on a lake each measure loads its own rows at once."""
    announce, watch = _announce_task(measure), _watch_task()
    ingested >> watch
    if Settings.from_env().lake_dsn:
        load = _load_task(measure)
        ingested >> load >> [announce, watch]
    else:
        ingested >> announce


def _load_task(measure: str) -> Any:
    @task(task_id="load", pool=POOL_WRITER, trigger_rule="all_done")
    def load() -> None:
        """Append new rows to the lake, beside the loads of other measures."""
        from urbandata import pipeline

        loaded = pipeline.load(Settings.from_env(), measure)
        if loaded is None:
            raise AirflowSkipException("a build is at work; the next one loads what is new")
        if not loaded.payloads:
            raise AirflowSkipException("nothing new")
        print(loaded)

    return load()


def _announce_task(measure: str) -> Any:
    """One build for all sources of a pass, not one for each."""

    @task(
        task_id="announce",
        trigger_rule="all_done",
        outlets=[measure_asset(measure)],
    )
    def announce() -> None:
        """Says that checked payloads wait for a build; skipped when none do."""
        from urbandata import pipeline

        waiting = pipeline.unbuilt(Settings.from_env())
        if not waiting:
            raise AirflowSkipException("nothing new")
        outlet(measure_asset(measure), {"payloads": waiting})

    return announce()


def _watch_task() -> Any:
    """Makes the run fail when a source failed, although the others went on."""

    @task(task_id="watch", trigger_rule="one_failed", retries=1)
    def watch() -> None:
        """Runs only after a failure."""
        raise AirflowFailException("a source failed; its own task says why")

    return watch()


def _windows(source: str, context: Any) -> list[Window]:
    """What a person asked for, else the run's data interval."""
    from urbandata import pipeline

    first, last = (context["params"].get(day) for day in ("first", "last"))
    if not first and not last:
        return [_interval(context)]
    try:
        return pipeline.windows_between(source, first, last)
    except UrbandataError as error:  # asking again would not help
        raise AirflowFailException(str(error)) from error


def _interval(context: Any) -> Window:
    return Window(_utc(context["data_interval_start"]), _utc(context["data_interval_end"]))


def _utc(instant: datetime) -> datetime:
    return pendulum.instance(instant).in_timezone("UTC")


def _ingest_doc(measure: str, members: list[registry.Source]) -> str:
    rows = "\n".join(
        f"| {s.source} | {s.kind} | {s.schedule.every} | {s.schedule.promise} | {s.producer} |"
        for s in members
    )
    return (
        f"Ingests the sources of measure `{measure}` into bronze.\n\n"
        "| source | kind | asked every | late after | producer |\n|---|---|---|---|---|\n"
        f"{rows}\n\n`now` sources sample what is there: a miss is recorded, never back-filled. "
        "`interval` sources are asked for every window not covered yet, so a missed run heals "
        "itself; a backfill asks for its window again.\n\nTriage: docs/runbook.md."
    )
