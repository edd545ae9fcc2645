"""Keeps Airflow's own records short: by itself it forgets no run, and no log of a task."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime
from pathlib import Path

from urbandata.errors import UrbandataError
from urbandata.platform.parts import airflow_env, airflow_program
from urbandata.settings import Settings

KEEP_DAYS = 90
HOUR_S = 3600


def forget_runs(settings: Settings, before: datetime) -> None:
    """Remove runs, tasks and events older than ``before`` from Airflow's database.

    Of each DAG the newest run stays. Raises UrbandataError with what Airflow says.
    """
    moment = before.isoformat()
    command = ["db", "clean", "--clean-before-timestamp", moment, "--skip-archive", "--yes"]
    done = subprocess.run(  # noqa: S603 - our own program and arguments
        [airflow_program(), *command],
        env={**os.environ, **airflow_env(settings)},
        capture_output=True,
        text=True,
        timeout=HOUR_S,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise UrbandataError(f"Airflow could not clean its database: {' '.join(said[-3:])}")


def forget_logs(folder: Path, before: datetime) -> int:
    """Remove logs last written before ``before``, and folders left empty; how many logs.

    Folders that something came into since then stay: a task may be about to write there.
    """
    found = [(path, path.lstat().st_mtime) for path in folder.rglob("*")]
    old = [path for path, written in found if written < before.timestamp()]
    removed = 0
    for path in sorted(old, reverse=True):  # what is in a folder before the folder
        if not path.is_dir():
            path.unlink()
            removed += 1
        elif not any(path.iterdir()):
            path.rmdir()
    return removed
