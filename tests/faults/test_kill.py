"""SIGKILL at fifteen points of the way, one after the other, in one data folder.

Each run finds what the one before left behind. In the end everything must be as if nothing had
happened: same marts, each payload loaded once, and a rebuild from the raw zone gives the same.
"""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from urbandata import pipeline, serving, transform
from urbandata.settings import Settings

from .victim import POINTS, only_environment

ROOT = Path(__file__).parents[2]
VOLATILE = {"build_id", "load_id"}


@pytest.fixture(scope="module")
def city():
    """The demo city as a process of its own, its clock standing still."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = (
        "import datetime as dt, uvicorn\n"
        "from urbandata.demo.server import build_app\n"
        "from urbandata.demo.world import World\n"
        "now = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)\n"
        f"uvicorn.run(build_app(World(clock=lambda: now)), port={port}, log_level='error')\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "plugins")}
    process = subprocess.Popen([sys.executable, "-c", program], env=env)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port
    process.kill()
    process.wait()


def victim(point: str, data: Path, port: int) -> subprocess.CompletedProcess:
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "plugins"),
        "URBANDATA_DATA_DIR": str(data),
        "URBANDATA_PORT_DEMO": str(port),
    }
    command = [sys.executable, str(ROOT / "tests" / "faults" / "victim.py"), point]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=180, check=False
    )


def marts(settings: Settings, *without: str) -> dict[str, list]:
    """All rows of all marts, without what names the build or the load."""
    with duckdb.connect(str(serving.current_path(settings)), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        tables = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' ORDER BY 1"
        ).fetchall()
        return {t: _rows(con, t, VOLATILE | set(without)) for (t,) in tables}


def _rows(con, table, without):
    columns = [d[0] for d in con.execute(f"FROM marts.{table} LIMIT 0").description]
    kept = ", ".join(f'"{c}"' for c in columns if c not in without)
    return sorted(map(repr, con.execute(f"SELECT {kept} FROM marts.{table}").fetchall()))


@pytest.mark.timeout(900)
def test_killed_at_every_step_then_finished_equals_undisturbed(city, tmp_path, monkeypatch):
    data = tmp_path / "killed"
    for point in POINTS:
        run = victim(point, data, city)
        assert run.returncode == -signal.SIGKILL, f"{point}: {run.stdout}{run.stderr}"
    last = victim("none", data, city)
    assert last.returncode == 0, last.stderr
    calm = victim("none", tmp_path / "calm", city)
    assert calm.returncode == 0, calm.stderr

    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(data)})
    undisturbed = dataclasses.replace(settings, data_dir=tmp_path / "calm")
    # Repeated runs ask for other windows, so the same reading may come from another payload.
    expected = marts(undisturbed, "payload_id")
    assert any(expected.values())
    assert marts(settings, "payload_id") == expected
    before = marts(settings)
    twice = serving.rows(
        settings, "SELECT source, table_name, payload_id FROM ops.loaded_files "
        "GROUP BY ALL HAVING count(*) > 1",
    )  # fmt: skip
    assert twice == []
    assert not list((data / "serving").glob(".*partial*"))

    monkeypatch.setattr(transform, "build", transform.build)  # put back after the test
    only_environment()
    pipeline.replay(settings, print)
    assert marts(settings) == before
