"""Airflow beyond one machine: its database in PostgreSQL, its tasks handed out through Redis.

Chosen by ``URBANDATA_AIRFLOW_BROKER``; each variable may be a file instead (``NAME_FILE``):

- ``URBANDATA_AIRFLOW_BROKER``: Redis, ``redis://…``
- ``URBANDATA_AIRFLOW_DATABASE``: ``postgresql://user:…@host/name``
- ``URBANDATA_AIRFLOW_SECRET``: one secret, from which Airflow's keys are derived
- ``URBANDATA_AIRFLOW_URL``: where workers reach the API server
- ``URBANDATA_WORKER_TASKS``: tasks of one worker at once (default 2)
- ``URBANDATA_TASK_SILENCE_S``: seconds without a sign of life after which a task counts as dead
  with its worker and is tried again elsewhere (default 120: longer than a restart of PostgreSQL)

A dead worker's tasks come back through Airflow, not through Redis: what Redis hands out a second
time is a task that Airflow has given up already, and is turned away. So Redis waits for a day,
longer than any task takes, and never hands out one that is still at work.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from urbandata.errors import ConfigError
from urbandata.settings import secret

SCHEME = "postgresql://"
EXECUTOR = "CeleryExecutor"
DAY_S = 86_400


def airflow_env(env: Mapping[str, str]) -> dict[str, str]:
    """What replaces the embedded Airflow's settings; nothing without a broker.

    Raises ConfigError naming the variable that is missing.
    """
    broker = secret(env, "URBANDATA_AIRFLOW_BROKER")
    if not broker:
        return {}
    database, word = (
        _needed(env, "URBANDATA_AIRFLOW_DATABASE"),
        _needed(env, "URBANDATA_AIRFLOW_SECRET"),
    )
    if not database.startswith(SCHEME):
        raise ConfigError(f"URBANDATA_AIRFLOW_DATABASE has to start with {SCHEME}")
    place = database.removeprefix(SCHEME)
    url = _needed(env, "URBANDATA_AIRFLOW_URL").rstrip("/")
    return {
        "AIRFLOW__CORE__EXECUTOR": EXECUTOR,
        # what limits are the pools (pools.cluster.json) and the workers
        "AIRFLOW__CORE__PARALLELISM": "128",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": _key(word, "fernet"),
        "AIRFLOW__API__SECRET_KEY": _key(word, "pages"),
        "AIRFLOW__API_AUTH__JWT_SECRET": _key(word, "tasks"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{place}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://{place}",
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{place}",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": env.get("URBANDATA_WORKER_TASKS", "2"),
        "AIRFLOW__CELERY__OPERATION_TIMEOUT": "10",  # of handing a task to a busy Redis, not 1 s
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": str(DAY_S),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": env.get(
            "URBANDATA_TASK_SILENCE_S", "120"
        ),
        # a task that waits for a free worker is late, not lost
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "3600",
    }


def _needed(env: Mapping[str, str], name: str) -> str:
    found = secret(env, name)
    if not found:
        raise ConfigError(f"URBANDATA_AIRFLOW_BROKER is set, so {name} is needed too")
    return found


def _key(word: str, purpose: str) -> str:
    """A key of 32 bytes in the alphabet of addresses: the same on every machine."""
    digest = hashlib.sha256(f"{purpose}:{word}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()
