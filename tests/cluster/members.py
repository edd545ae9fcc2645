"""A platform with workers: its parts as processes of their own, as containers start them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from urbandata.airflow_api import AirflowApi, Run
from urbandata.platform_parts import airflow_url
from urbandata.processes import Children, Started
from urbandata.settings import PROJECT_ROOT, Settings

from .services import free_port, wait_for

PARTS = ("airflow-api", "airflow-scheduler", "airflow-dag-processor")
START_S = 240


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
        self.api = AirflowApi(airflow_url(self.settings))

    def start(self, workers: Iterable[str]) -> None:
        """Everything up to the first healthy answer; workers by name."""
        self._start("demo-city")
        for once in ("airflow-migrate", "airflow-pools"):
            self._start(once)
            wait_for(lambda part=once: self.children.finished(part), once, START_S)
        for name in PARTS:
            self._start(name)
        for name in workers:
            self.add_worker(name)
        wait_for(self._ready, "the start of Airflow", START_S)

    def add_worker(self, name: str) -> None:
        self.workers[name] = self._start("airflow-worker", name)

    def kill_worker(self, name: str) -> None:
        """What the loss of a machine does: all its processes are gone at once, nobody is told."""
        started = self.workers.pop(name)
        leader = self.children.running.pop(name)
        for process in started.session():
            process.kill()
        leader.wait()
        assert started.session() == []

    def stop(self) -> None:
        self.children.stop()

    def task(self, run: Run, task: str) -> dict[str, Any]:
        """A task of a run as Airflow's API shows it."""
        place = f"dags/{run.dag_id}/dagRuns/{quote(run.run_id)}/taskInstances/{task}"
        return self.api._get(place)

    def _start(self, part: str, name: str = "") -> Started:
        command = [sys.executable, "-m", "urbandata.platform", "part", part]
        return self.children.start(name or part, command, self.env)

    def _ready(self) -> bool:
        self.children.check()
        return self.api.healthy()
