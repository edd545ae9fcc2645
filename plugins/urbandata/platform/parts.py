"""The parts of the embedded platform: what each is started with, and where it answers.

``make run`` and ``docker-compose.yml`` start the same parts; a container becomes one of them by
``python -m urbandata.platform part NAME``. Airflow's four processes are started one by one and
not by ``airflow standalone``: that opens two log servers to the whole network and does not notice
when one of the four has ended.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from urbandata.errors import ConfigError
from urbandata.platform import cluster
from urbandata.settings import Settings

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the platform.

    ``setting`` is the variable that moves its port. A part with ``once`` has to end well before
    the parts after it are started; a part without ``health_url`` is judged by Airflow's health.
    """

    name: str
    command: list[str]
    env: dict[str, str]
    port: int = 0
    setting: str = ""
    health_url: str = ""
    once: bool = False


def parts(settings: Settings) -> list[Part]:
    """All parts that a platform in this mode needs, in the order they are started."""
    return [p for p in all_parts(settings) if settings.mode == "demo" or p.name != "demo-city"]


def all_parts(settings: Settings) -> list[Part]:
    """Every part there is, whatever the mode."""
    return [demo_city(settings), dashboards(settings), citizens(settings), *airflow(settings)]


def part(settings: Settings, name: str) -> Part:
    """The part of that name. Raises ConfigError naming those there are."""
    found = {p.name: p for p in [*all_parts(settings), pools(settings), worker(settings)]}
    if name not in found:
        raise ConfigError(f"no part '{name}'; choose one of {', '.join(found)}")
    return found[name]


def demo_city(settings: Settings) -> Part:
    """The invented sources over HTTP."""
    s = settings
    options = ["--port", s.demo_port, "--seed", s.demo_seed, "--scale", s.demo_scale]
    return Part(
        name="demo-city",
        command=[sys.executable, "-m", "urbandata.demo.server", *map(str, options)],
        port=settings.demo_port,
        setting="URBANDATA_PORT_DEMO",
        health_url=f"{settings.demo_url}/_city/health",
        env=_common_env(settings),
    )


def airflow(settings: Settings) -> list[Part]:
    """Airflow: its database is brought up to date first, then its four processes start."""
    program, env = airflow_program(), airflow_env(settings)
    runs_tasks = env.get("AIRFLOW__CORE__EXECUTOR") != cluster.EXECUTOR
    return [
        Part("airflow-migrate", [program, "db", "migrate"], env, once=True),
        Part(
            "airflow-api",
            [program, "api-server"],
            env,
            settings.airflow_port,
            "URBANDATA_PORT_AIRFLOW",
            f"{airflow_url(settings)}/api/v2/monitor/health",
        ),
        Part(
            "airflow-scheduler",
            [*(_warm() if runs_tasks else [program]), "scheduler", "--skip-serve-logs"],
            env,
        ),
        Part("airflow-dag-processor", [program, "dag-processor"], env),
        Part("airflow-triggerer", [program, "triggerer", "--skip-serve-logs"], env),
    ]


def pools(settings: Settings) -> Part:
    """Gives Airflow its pools; on one machine the first pass does that."""
    command = [airflow_program(), "pools", "import", str(settings.pools_path)]
    return Part("airflow-pools", command, airflow_env(settings), once=True)


def worker(settings: Settings) -> Part:
    """One that takes tasks from the queue; only a cluster has them, any number.

    Its name has its process number, so that two on one host are not taken for one.
    """
    name = f"{socket.gethostname()}-{os.getpid()}"
    options = ["--skip-serve-logs", "--celery-hostname", name]
    command = [*_warm(), "celery", "worker", *options]
    return Part("airflow-worker", command, airflow_env(settings))


def dashboards(settings: Settings) -> Part:
    """Streamlit with the internal pages."""
    page = airflow_url(settings)
    env = {"URBANDATA_AIRFLOW_PAGE": page, "URBANDATA_DATA_DOCS_URL": f"{page}/data-docs/"}
    return _streamlit(settings, "leadership", "dashboards", settings.dashboard_port, env)


def citizens(settings: Settings) -> Part:
    """Streamlit with the page for everybody."""
    return _streamlit(settings, "citizens", "citizens", settings.public_port, {})


def _streamlit(settings: Settings, app: str, name: str, port: int, env: dict[str, str]) -> Part:
    folders = (settings.root / folder for folder in ("plugins", "dashboards"))
    return Part(
        name=name,
        command=[sys.executable, "-m", "urbandata.platform.dashboard_server", app],
        port=port,
        setting="URBANDATA_PORT_DASHBOARD" if app == "leadership" else "URBANDATA_PORT_PUBLIC",
        health_url=f"http://{LOOPBACK}:{port}/_stcore/health",
        env={
            **_common_env(settings),
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            **env,
        },
    )


def airflow_env(settings: Settings) -> dict[str, str]:
    """Environment of Airflow: SQLite, LocalExecutor, loopback, no log-in; or that of a cluster."""
    home = settings.data_dir / "airflow"
    return {
        **_common_env(settings),
        "AIRFLOW_HOME": str(home),
        # SQLite has one writer; the others wait for it longer than the usual 5 s
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}?timeout=60",
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.root / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(settings.root / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{airflow_url(settings)}/execution/",
        "AIRFLOW__API__HOST": bind_address(),
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__BASE_URL": airflow_url(settings),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "300",
        # a task killed together with the platform is given up, and tried again, after 1 min
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        **cluster.airflow_env(os.environ),
    }


def _warm() -> list[str]:
    """``airflow`` for a process that runs tasks."""
    return [sys.executable, "-m", "urbandata.orchestration.warm"]


def airflow_program() -> str:
    """The ``airflow`` command of this environment."""
    return str(_bin_dir() / "airflow")


def airflow_url(settings: Settings) -> str:
    """Address of Airflow on its own machine, or at the end of a tunnel to it."""
    return f"http://{LOOPBACK}:{settings.airflow_port}"


def dashboard_url(settings: Settings) -> str:
    """Address of the dashboards."""
    return f"http://{LOOPBACK}:{settings.dashboard_port}"


def citizens_url(settings: Settings) -> str:
    """Address of the citizens' app."""
    return f"http://{LOOPBACK}:{settings.public_port}"


def bind_address(env: Mapping[str, str] | None = None) -> str:
    """Where Airflow and the dashboards listen: loopback, but all addresses in a container."""
    return (os.environ if env is None else env).get("URBANDATA_BIND", LOOPBACK)


def _common_env(settings: Settings) -> dict[str, str]:
    return {
        "URBANDATA_MODE": settings.mode,
        "URBANDATA_INBOX": str(settings.inbox_dir),
        "URBANDATA_DATA_DIR": str(settings.data_dir),
        "URBANDATA_PORT_DEMO": str(settings.demo_port),
        "URBANDATA_PORT_AIRFLOW": str(settings.airflow_port),
        "URBANDATA_PORT_DASHBOARD": str(settings.dashboard_port),
        "URBANDATA_PORT_PUBLIC": str(settings.public_port),
        "URBANDATA_DEMO_SEED": str(settings.demo_seed),
        "URBANDATA_DEMO_SCALE": str(settings.demo_scale),
        "PYTHONPATH": str(settings.root / "plugins"),
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PATH": os.pathsep.join([str(_bin_dir()), os.environ.get("PATH", "")]),
    }


def _bin_dir() -> Path:
    """Where the programs of this Python are; not resolved, or a venv would lead to the system's."""
    return Path(sys.executable).parent
