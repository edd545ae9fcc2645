"""A platform with workers: its parts as processes of their own, as containers start them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from urbandata import registry
from urbandata.platform import cluster
from urbandata.platform.airflow_api import AirflowApi, Run
from urbandata.processes import Children, Started, port_free
from urbandata.settings import PROJECT_ROOT, Settings

from .services import BUCKET, KEYS, Postgres, Redis, Storage, free_port, wait_for

BUILD = "build_warehouse"
INGEST = tuple(f"ingest_{m}" for m in registry.measures())
DAGS = (BUILD, "maintain_warehouse", "maintain_airflow", *INGEST)
START_S = 240
OVER = ("success", "failed")


def environment(
    servers: tuple[Postgres, Storage, Redis], name: str, data: Path, days: int
) -> dict[str, str]:
    """Settings of a platform of its own on the servers, with so many days of history."""
    postgres, storage, redis = servers
    postgres.database(f"airflow_{name}")
    since = datetime.now(UTC).date() - timedelta(days=days)
    return {
        **KEYS,
        "AWS_ENDPOINT_URL": storage.url,
        "URBANDATA_DATA_DIR": str(data),
        "URBANDATA_HISTORY_FROM": since.isoformat(),
        "URBANDATA_WAREHOUSE": "ducklake:postgres:" + postgres.database(f"lake_{name}"),
        "URBANDATA_WAREHOUSE_DATA": f"s3://{BUCKET}/lake_{name}",
        "URBANDATA_AIRFLOW_BROKER": redis.url,
        "URBANDATA_AIRFLOW_DATABASE": (
            f"postgresql://city@127.0.0.1:{postgres.port}/airflow_{name}"
        ),
        "URBANDATA_AIRFLOW_SECRET": "word",
        "URBANDATA_AIRFLOW_USERS": "admin:ADMIN:one platform:USER:two",
    }


class Members:
    """Airflow on PostgreSQL and Redis, a demo city, and workers that come and go."""

    def __init__(self, env: dict[str, str]) -> None:
        ports = {f"URBANDATA_PORT_{n}": str(free_port()) for n in ("DEMO", "AIRFLOW")}
        url = f"http://127.0.0.1:{ports['URBANDATA_PORT_AIRFLOW']}"
        self.env = {
            "URBANDATA_PORT_DASHBOARD": "1",  # nobody opens one here
            "URBANDATA_AIRFLOW_URL": url,
            "PYTHONPATH": str(PROJECT_ROOT / "plugins"),
            **ports,
            **env,
        }
        self.settings = Settings.from_env(self.env)
        self.children = Children(self.settings.data_dir / "logs")
        self.workers: dict[str, Started] = {}
        self.parts: dict[str, str] = {}  # of those that run: name, part
        self.revived: list[str] = []
        users = {user.name: user for user in cluster.users(self.env)}
        self.api = AirflowApi(self.settings.airflow_api, users["admin"])
        self.platform = AirflowApi(self.settings.airflow_api, users[cluster.PLATFORM])

    def start(self, workers: Iterable[str]) -> None:
        """Everything up to the first healthy answer. All DAGs are paused before they can begin."""
        self._start("demo-city")
        for once in ("airflow-migrate", "airflow-pools"):
            self._start(once)
            wait_for(lambda part=once: self.children.finished(part), once, START_S)
        self._start("airflow-api")
        self._start("airflow-dag-processor")
        wait_for(lambda: not port_free(self.settings.airflow_port), "Airflow's API", START_S)
        wait_for(lambda: set(DAGS) <= self.api.dag_ids(), "the DAGs", START_S)
        assert self.api.import_errors() == []
        for dag in self.api.dag_ids():
            self.api.pause(dag, paused=True)
        self._start("airflow-scheduler")
        for name in workers:
            self.add_worker(name)
        wait_for(self.ready, "the start of scheduler and workers", START_S)

    def add_worker(self, name: str) -> None:
        self.workers[name] = self._start("airflow-worker", name)

    def kill_worker(self, name: str) -> None:
        """What the loss of a machine does: all its processes are gone at once, nobody is told."""
        started = self.workers.pop(name)
        leader = self.children.running.pop(name)
        for process in started.session():
            process.kill()
        leader.wait()
        wait_for(lambda: started.session() == [], f"the end of {name}", 30)

    def stop(self) -> None:
        self.children.stop()

    def task(self, run: Run, task: str) -> dict[str, Any]:
        """A task of a run as Airflow's API shows it."""
        return next(t for t in self.api.tasks([run]) if t["task_id"] == task)

    def begin(self, dags: Iterable[str]) -> set[Run]:
        """Let DAGs with a schedule go: Airflow begins a run of each by itself. Those runs."""
        for dag in dags:
            self.api.pause(dag, paused=False)
        wait_for(lambda: all(self.api.run_states(d) for d in dags), f"runs of {dags}", 120)
        return {run for dag in dags for run in self.api.run_states(dag)}

    def follow(self, runs: set[Run], seconds: float, reviving: bool = False) -> dict[Run, str]:
        """Wait until the runs are over; their states.

        If a part of the platform ends meanwhile it is started again, or else that is a failure.
        """
        states: dict[Run, str] = {}

        def over() -> bool:
            if reviving:
                self.revive()
            self.children.check()
            try:
                states.update(self.api.run_states())
            except httpx.HTTPError:
                if not reviving:
                    raise
                return False
            return all(states.get(r) in OVER for r in runs)

        wait_for(over, f"the end of {sorted(runs)}", seconds)
        return {r: states[r] for r in runs}

    def revive(self) -> None:
        """Start again what has ended, as Compose does (``restart: unless-stopped``)."""
        for name in [n for n, p in self.children.running.items() if p.poll() is not None]:
            started = self._start(self.parts[name], name)
            self.revived.append(name)
            if name in self.workers:
                self.workers[name] = started

    def _start(self, part: str, name: str = "") -> Started:
        self.parts[name or part] = part
        command = [sys.executable, "-m", "urbandata.platform", "part", part]
        return self.children.start(name or part, command, self.env)

    def ready(self) -> bool:
        """Whether Airflow is healthy and every worker takes tasks."""
        self.children.check()
        logs = [self.children.log_path(name).read_text() for name in self.workers]
        return self.api.healthy() and all(" ready" in log for log in logs)
