"""An AIRFLOW_HOME per test session, copied from a template migrated once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / ".pytest_cache" / "airflow-template"


def airflow_env(home: Path) -> dict[str, str]:
    """Environment of an Airflow of its own, without examples, telemetry or network."""
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "PYTHONPATH": str(ROOT / "plugins"),
        "GX_ANALYTICS_ENABLED": "false",
    }


def migrated() -> Path:
    """The template database; migrated anew when Airflow's version changes."""
    from importlib.metadata import version

    database = TEMPLATE / f"airflow-{version('apache-airflow-core')}.db"
    if not database.exists():
        work = TEMPLATE / f"work-{os.getpid()}"
        work.mkdir(parents=True)
        env = {**os.environ, **airflow_env(work)}
        command = [str(Path(sys.executable).with_name("airflow")), "db", "migrate"]
        subprocess.run(command, env=env, check=True, capture_output=True, timeout=120)
        (work / "airflow.db").replace(database)
        shutil.rmtree(work)
    return database


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory) -> Path:
    """A fresh AIRFLOW_HOME whose variables are set for this process."""
    home = tmp_path_factory.mktemp("airflow")
    shutil.copy(migrated(), home / "airflow.db")
    os.environ.update(airflow_env(home))
    os.environ["URBANDATA_DATA_DIR"] = str(home / "data")
    return home


@pytest.fixture(scope="session")
def dagbag(airflow_home):
    """All DAGs of the project."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags"))
