"""DAG of Airflow's own records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, CronTriggerTimetable, task

from urbandata.orchestration.common import EVERY_DAG
from urbandata.settings import Settings


def housekeeping_dag() -> DAG:
    """DAG ``maintain_airflow``: forgets runs and logs of tasks after 90 days, every night."""
    with DAG(
        dag_id="maintain_airflow",
        schedule=CronTriggerTimetable("45 1 * * *", timezone="UTC"),
        **EVERY_DAG,
        tags=["operation"],
        doc_md=(
            "Removes runs, tasks and events older than 90 days from Airflow's database, and their "
            "logs. What was fetched, and when, stays: it is in the ledger and in `ops.fetches`. "
            "If it fails, nothing is lost: the database only grows.\n\nTriage: docs/runbook.md."
        ),
    ) as dag:

        @task
        def forget() -> None:
            """Runs first: the log of a run that is still listed can be read."""
            from urbandata.platform import housekeeping

            settings = Settings.from_env()
            before = datetime.now(UTC) - timedelta(days=housekeeping.KEEP_DAYS)
            housekeeping.forget_runs(settings, before)
            logs = settings.data_dir / "airflow" / "logs"
            print(f"{housekeeping.forget_logs(logs, before)} logs removed")

        forget()
    return dag
