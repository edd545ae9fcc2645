"""Airflow's records are forgotten after a while, and only the old ones."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from tests.dags.conftest import migrated
from urbandata.errors import UrbandataError
from urbandata.platform.housekeeping import forget_logs, forget_runs

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=90)
OLD, NEW = NOW - timedelta(days=91), NOW - timedelta(days=89)


def written(path, at):
    """A file of that age, in folders of that age."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", encoding="utf-8")
    for made in (path, path.parent):
        os.utime(made, (at.timestamp(), at.timestamp()))
    return path


def test_old_logs_go_with_their_folders(tmp_path):
    old = written(tmp_path / "dag=a/run=1/task.log", OLD)
    new = written(tmp_path / "dag=a/run=2/task.log", NEW)
    beside = written(tmp_path / "dag=b/old.log", OLD)
    kept = written(tmp_path / "dag=b/new.log", NEW)
    fresh = tmp_path / "dag=c/run=3"
    fresh.mkdir(parents=True)  # whose task is about to write
    assert forget_logs(tmp_path, BEFORE) == 2
    assert not old.parent.exists()
    assert not beside.exists()
    assert all(path.exists() for path in (new, kept, fresh))
    assert forget_logs(tmp_path / "none", BEFORE) == 0


def runs(database):
    with sqlite3.connect(database) as con:
        return sorted(r for (r,) in con.execute("SELECT run_id FROM dag_run"))


def test_old_runs_go_and_the_newest_of_a_dag_stays(settings, monkeypatch):
    home = settings.data_dir / "airflow"
    home.mkdir(parents=True)
    database = shutil.copy(migrated(), home / "airflow.db")
    made = [("a", "a old", OLD), ("a", "a new", NEW), ("b", "b old", OLD), ("b", "b last", OLD)]
    with sqlite3.connect(database) as con:
        for place, (dag, run, at) in enumerate(made):
            moment = (at + timedelta(minutes=place)).strftime("%Y-%m-%d %H:%M:%S.%f")
            con.execute(
                "INSERT INTO dag_run (dag_id, run_id, run_type, state, start_date, run_after, "
                "log_template_id, clear_number, span_status, queued_at, logical_date, updated_at) "
                "VALUES (?, ?, 'scheduled', 'success', ?, ?, 1, 0, 'not_started', ?, ?, ?)",
                [dag, run, *[moment] * 5],
            )
    # as a task finds it, which Airflow keeps from the database
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    forget_runs(settings, BEFORE)
    assert runs(database) == ["a new", "b last"]


def test_what_airflow_says_is_told(settings):
    (settings.data_dir / "airflow").mkdir(parents=True)
    (settings.data_dir / "airflow" / "airflow.db").write_bytes(b"no database")
    with pytest.raises(UrbandataError, match="could not clean"):
        forget_runs(settings, BEFORE)
