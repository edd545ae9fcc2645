"""Airflow beyond one machine: its database in PostgreSQL, its tasks handed out through Redis.

Chosen by ``URBANDATA_AIRFLOW_BROKER``; each variable may be a file instead (``NAME_FILE``):

- ``URBANDATA_AIRFLOW_BROKER``: Redis, ``redis://…``
- ``URBANDATA_AIRFLOW_DATABASE``: ``postgresql://user:…@host/name``
- ``URBANDATA_AIRFLOW_SECRET``: one secret, from which Airflow's keys are derived
- ``URBANDATA_AIRFLOW_URL``: where workers reach the API server
- ``URBANDATA_WORKER_TASKS``: tasks of one worker at once (default 2)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from urbandata.errors import ConfigError
from urbandata.settings import secret

SCHEME = "postgresql://"


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
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__PARALLELISM": "32",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": _key(word, "fernet"),
        "AIRFLOW__API__SECRET_KEY": _key(word, "pages"),
        "AIRFLOW__API_AUTH__JWT_SECRET": _key(word, "tasks"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{place}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://{place}",
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{place}",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": env.get("URBANDATA_WORKER_TASKS", "2"),
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
