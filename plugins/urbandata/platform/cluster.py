"""Airflow beyond one machine: its database in PostgreSQL, its tasks handed out through Redis.

Chosen by ``URBANDATA_AIRFLOW_BROKER``; each variable may be a file instead (``NAME_FILE``):

- ``URBANDATA_AIRFLOW_BROKER``: Redis, ``redis://…``
- ``URBANDATA_AIRFLOW_DATABASE``: ``postgresql://user:…@host/name``
- ``URBANDATA_AIRFLOW_SECRET``: one secret, from which Airflow's keys are derived
- ``URBANDATA_AIRFLOW_URL``: where workers and dashboards reach the API server
- ``URBANDATA_AIRFLOW_USERS``: who may log in, ``name:ROLE:password`` each, separated by spaces or
  lines; one of them is ``platform``. Without it everybody who reaches Airflow is its admin.
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
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from urbandata.errors import ConfigError
from urbandata.platform.private import private_folder
from urbandata.settings import secret
from urbandata.storage import write_atomically

SCHEME = "postgresql://"
EXECUTOR = "CeleryExecutor"
DAY_S = 86_400
USERS = "URBANDATA_AIRFLOW_USERS"
PLATFORM = "platform"  # the user by which the platform itself asks Airflow
ROLES = ("VIEWER", "USER", "OP", "ADMIN")


class User(NamedTuple):
    """Somebody who may log in to Airflow."""

    name: str
    role: str
    password: str


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
        **_log_in(users(env)),
    }


def users(env: Mapping[str, str]) -> list[User]:
    """Who may log in to Airflow; nobody needs to where none is named. Raises ConfigError."""
    found = [User(*parts) for parts in _split(secret(env, USERS))]
    if found and PLATFORM not in {user.name for user in found}:
        raise ConfigError(f"{USERS} lacks the user '{PLATFORM}', by which dashboards ask Airflow")
    return found


def platform_user(env: Mapping[str, str]) -> User | None:
    """The user of the platform itself; None where nobody has to log in."""
    return next((user for user in users(env) if user.name == PLATFORM), None)


def write_passwords(env: Mapping[str, str]) -> None:
    """The passwords as Airflow's API server reads them, mode 0600."""
    known = {user.name: user.password for user in users(env)}
    if known:
        write_atomically(_passwords_file(), json.dumps(known).encode(), mode=0o600)


def _split(text: str) -> list[tuple[str, str, str]]:
    found = []
    for number, entry in enumerate(text.split(), start=1):
        name, role, password = [*entry.split(":", 2), "", ""][:3]
        if not name or not password or role not in ROLES:
            raise ConfigError(f"{USERS}: entry {number} is not name:ROLE:password ({ROLES})")
        found.append((name, role, password))
    return found


def _log_in(known: list[User]) -> dict[str, str]:
    if not known:
        return {}
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{u.name}:{u.role}" for u in known),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords_file()),
    }


def _passwords_file() -> Path:
    return private_folder() / "airflow-passwords.json"


def _needed(env: Mapping[str, str], name: str) -> str:
    found = secret(env, name)
    if not found:
        raise ConfigError(f"URBANDATA_AIRFLOW_BROKER is set, so {name} is needed too")
    return found


def _key(word: str, purpose: str) -> str:
    """A key of 32 bytes in the alphabet of addresses: the same on every machine."""
    digest = hashlib.sha256(f"{purpose}:{word}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()
