"""What all DAGs share: pools, retries, the assets that lead from one DAG to the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Asset, get_current_context

OPTIONAL = ["null", "string"]  # Airflow's form insists on a field of any other type
POOL_WRITER = "duckdb_writer"
POOL_INGEST = "ingest"
START = pendulum.datetime(2023, 7, 1, tz="UTC")
DEFAULT_ARGS = {
    "owner": "urbandata",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
}
EVERY_DAG: dict[str, Any] = {
    "start_date": START,
    "catchup": False,
    "max_active_runs": 1,
    "default_args": DEFAULT_ARGS,
}


def bronze_asset(source: str) -> Asset:
    """Checked rows of one source; its events carry counts, hashes and problems."""
    return Asset(name=f"bronze.{source}", uri=f"urbandata://bronze/{source}")


def measure_asset(measure: str) -> Asset:
    """A pass through a measure's sources has brought new rows: time for a build."""
    return Asset(name=f"ingested.{measure}", uri=f"urbandata://ingested/{measure}")


INBOX = Asset(name="bronze.inbox", uri="urbandata://bronze/inbox")
SERVING = Asset(name="serving.build", uri="urbandata://serving/build")


def outlet(asset: Asset, extra: dict[str, Any]) -> None:
    """Attach what was done to the asset event, for the lineage view in Airflow."""
    get_current_context()["outlet_events"][asset].extra = extra
