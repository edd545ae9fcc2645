"""Airflow's REST API as the supervisor needs it: pools, triggers, states."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_fixed

from urbandata.platform.cluster import User

PAGE = 100  # more Airflow does not give at once


class Run(NamedTuple):
    """One run of one DAG."""

    dag_id: str
    run_id: str


def _passing(error: BaseException) -> bool:
    """Whether a busy machine may be the reason: no answer in time, or its database was locked."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error
    return isinstance(error, httpx.TransportError)


_ask_again = retry(
    retry=retry_if_exception(_passing), stop=stop_after_attempt(5), wait=wait_fixed(2), reraise=True
)


class AirflowApi:
    """One Airflow, asked as ``user`` where it wants a log-in.

    Methods raise httpx.HTTPError when it does not answer.
    """

    def __init__(self, base_url: str, user: User | None = None) -> None:
        self.base_url = base_url
        self._user = user
        self._client = httpx.Client(base_url=base_url, timeout=30.0)
        self._token = ""

    def healthy(self) -> bool:
        """Whether scheduler, metadata database and DAG processor are up."""
        try:
            health = self._client.get("/api/v2/monitor/health").json()
        except (httpx.HTTPError, ValueError):
            return False
        parts = ("metadatabase", "scheduler", "dag_processor")
        return all((health.get(p) or {}).get("status") == "healthy" for p in parts)

    def ensure_pools(self, path: Path) -> None:
        """Create or update the pools of ``pools.json``."""
        for name, pool in json.loads(path.read_text(encoding="utf-8")).items():
            self._ensure_pool({"name": name, **pool})

    @_ask_again
    def _ensure_pool(self, body: dict[str, Any]) -> None:
        """Looks again at each try: one that got no answer in time may have done it."""
        name = body["name"]
        if name in {p["name"] for p in self._call("GET", "pools")["pools"]}:
            self._call("PATCH", f"pools/{name}", json=body)
        else:
            self._call("POST", "pools", json=body)

    def dag_ids(self) -> set[str]:
        """Ids of the DAGs parsed so far."""
        return {d["dag_id"] for d in self._get("dags", limit=PAGE)["dags"]}

    def import_errors(self) -> list[str]:
        """File and last line of every DAG file that cannot be read."""
        found = self._get("importErrors", limit=PAGE)["import_errors"]
        return [f"{e['filename']}: {e['stack_trace'].strip().splitlines()[-1]}" for e in found]

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> Run:
        """Start a run now. Its id is ours, so that asking again cannot start a second one."""
        now = datetime.now(UTC).isoformat()
        run = Run(dag_id, f"platform__{now}")
        self._start(run, {"logical_date": now, "dag_run_id": run.run_id, "conf": dict(conf or {})})
        return run

    def pause(self, dag_id: str, paused: bool) -> None:
        """Pause a DAG or let it go on; a paused one takes no asset events."""
        self._read("PATCH", f"dags/{dag_id}", json={"is_paused": paused})

    def run_states(self, dag_id: str = "~") -> dict[Run, str]:
        """State of the latest 100 runs, newest first."""
        found = self._get(f"dags/{dag_id}/dagRuns", limit=PAGE, order_by="-run_after")["dag_runs"]
        return {Run(r["dag_id"], r["dag_run_id"]): r["state"] for r in found}

    def task_states(self, runs: Iterable[Run]) -> dict[tuple[str, str], str | None]:
        """State of each task of the runs, by DAG id and task id."""
        return {(t["dag_id"], t["task_id"]): t["state"] for t in self.tasks(runs)}

    def tasks(self, runs: Iterable[Run]) -> list[dict[str, Any]]:
        """Tasks of the runs as Airflow shows them.

        Not by its ``list``, a POST: Airflow notes each in its log, and on SQLite that write and
        one of a task can wait for each other until the database gives up, a minute later.
        """
        wanted = set(runs)
        if not wanted:
            return []
        pattern = "|".join(sorted({r.run_id for r in wanted}))
        asked = {"run_id_pattern": pattern, "order_by": "id", "limit": PAGE}
        found: list[dict[str, Any]] = []
        while True:
            page = self._get("dags/~/dagRuns/~/taskInstances", **asked, offset=len(found))
            found += page["task_instances"]
            if not page["task_instances"] or len(found) >= page["total_entries"]:
                return [t for t in found if Run(t["dag_id"], t["dag_run_id"]) in wanted]

    def _get(self, path: str, **params: Any) -> Any:
        return self._read("GET", path, params=params)

    @_ask_again
    def _start(self, run: Run, body: dict[str, Any]) -> None:
        try:
            self._call("POST", f"dags/{run.dag_id}/dagRuns", json=body)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.CONFLICT:  # an earlier try did it
                raise

    @_ask_again
    def _read(self, method: str, path: str, **options: Any) -> Any:
        return self._call(method, path, **options)

    def _log_in(self) -> httpx.Response:
        if self._user is None:
            return self._client.get("/auth/token")
        word = {"username": self._user.name, "password": self._user.password}
        return self._client.post("/auth/token", json=word)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        if not self._token:
            answer = self._log_in()
            answer.raise_for_status()
            self._token = answer.json()["access_token"]
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self._client.request(method, f"/api/v2/{path}", headers=headers, **options)
        answer.raise_for_status()
        return answer.json()
