"""``make run`` and ``make stop`` with small parts: nothing stays behind, every error says why."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from urbandata.processes import PidFile, Started, port_free, stop_sessions

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE_S = 40


@pytest.fixture
def ports():
    """Three ports that are free now."""
    sockets = [socket.socket() for _ in range(3)]
    for probe in sockets:
        probe.bind(("127.0.0.1", 0))
    found = [probe.getsockname()[1] for probe in sockets]
    for probe in sockets:
        probe.close()
    return found


class Shell:
    """Starts platforms on one data folder and ends what a failed test has left."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.env = {
            **os.environ,
            "URBANDATA_DATA_DIR": str(self.data),
            "PYTHONPATH": str(ROOT / "plugins"),
        }
        self.started = []
        self.children = set()

    def run(self, *members: str) -> subprocess.Popen:
        command = [sys.executable, str(HERE / "small.py"), *members]
        process = subprocess.Popen(
            command,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def until_ready(self, process: subprocess.Popen) -> list[str]:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Bereit"):
                noted = json.loads(self.pid_file.read_text())["sessions"]
                self.children |= {(s["pid"], s["created"]) for s in noted}
                return lines
        raise AssertionError(process.stderr.read())

    def act(self, *arguments: str, **env: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "urbandata.platform", *arguments]
        return subprocess.run(
            command,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    @property
    def pid_file(self) -> Path:
        return self.data / "run" / "platform.json"

    def left(self) -> list[psutil.Process]:
        """Processes of the sessions that were started and still run."""
        return [p for pid, at in self.children for p in Started(pid, at).session()]

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()
            process.stderr.close()
        stop_sessions([Started(pid, at) for pid, at in self.children])


@pytest.fixture
def shell(tmp_path):
    with closing(Shell(tmp_path)) as opened:
        yield opened


def orphan_pid(shell: Shell) -> int:
    log = shell.data / "logs" / "airflow.log"
    deadline = time.monotonic() + PATIENCE_S
    while "orphan" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(log.read_text().split("orphan ")[1].split()[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_that_was_started(shell, ports, number):
    city, airflow, pages = ports
    process = shell.run(f"city={city}", f"airflow={airflow}:orphan", f"pages={pages}")
    lines = shell.until_ready(process)
    assert "Dashboards http://127.0.0.1:8501" in lines[-1]
    assert "Airflow http://127.0.0.1:8080" in lines[-1]
    orphan = orphan_pid(shell)
    assert psutil.pid_exists(orphan)
    assert len(shell.left()) == 4

    os.killpg(process.pid, number)

    assert process.wait(PATIENCE_S) == 0
    assert shell.left() == []
    assert not psutil.pid_exists(orphan)
    assert all(port_free(port) for port in ports)
    assert not shell.pid_file.exists()


def test_a_part_that_dies_is_named_and_ends_the_rest(shell, ports):
    process = shell.run(f"city={ports[0]}", f"airflow={ports[1]}", f"pages={ports[2]}")
    shell.until_ready(process)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{ports[1]}/die")
    assert process.wait(PATIENCE_S) == 1
    error = process.stderr.read()
    assert "airflow ended with code 7" in error
    assert "no space left on device" in error
    assert shell.left() == []


def test_a_step_that_must_end_well_stops_the_start(shell, ports):
    process = shell.run(f"migrate={ports[0]}:once-fails", f"city={ports[1]}")
    out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "migrate ended with code 3" in error
    assert "from the future" in error
    assert "Bereit" not in out
    assert not (shell.data / "logs" / "city.log").exists()


def test_a_step_that_ends_well_is_no_dead_part(shell, ports):
    process = shell.run(f"migrate={ports[0]}:once", f"city={ports[1]}")
    shell.until_ready(process)
    time.sleep(1.5)
    assert process.poll() is None


def test_a_taken_port_is_named_with_its_setting(shell, ports):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[1]))
        taken.listen()
        process = shell.run(f"city={ports[0]}", f"pages={ports[1]}")
        _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert f"port {ports[1]} for pages is taken" in error
    assert "URBANDATA_PORT_PAGES" in error
    assert not (shell.data / "logs" / "city.log").exists(), "nothing may start before all can"


def test_a_second_platform_says_that_one_is_running(shell, ports):
    first = shell.run(f"city={ports[0]}")
    shell.until_ready(first)
    second = shell.run(f"city={ports[1]}")
    _, error = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 1
    assert f"process {first.pid}" in error
    assert "make stop" in error
    assert first.poll() is None
    assert httpx.get(f"http://127.0.0.1:{ports[0]}/").is_success


def test_stop_ends_a_platform_of_another_shell(shell, ports):
    process = shell.run(f"city={ports[0]}", f"airflow={ports[1]}:orphan")
    shell.until_ready(process)
    done = shell.act("stop")
    assert (done.returncode, done.stdout.strip()) == (0, "Beendet.")
    assert process.wait(5) == 0
    assert shell.left() == []
    again = shell.act("stop")
    assert (again.returncode, again.stdout.strip()) == (0, "Es läuft keine Plattform.")


@pytest.mark.parametrize("way", ["run", "stop"])
def test_what_a_killed_platform_has_left_is_ended(shell, ports, way):
    first = shell.run(f"city={ports[0]}", f"airflow={ports[1]}:orphan")
    shell.until_ready(first)
    orphan = orphan_pid(shell)
    first.kill()
    first.wait()
    assert not port_free(ports[0])
    old = set(shell.children)
    if way == "run":
        assert "Reste einer früheren Plattform beendet" in shell.until_ready(
            shell.run(f"city={ports[0]}")
        )
    else:
        assert shell.act("stop").stdout.strip() == "Beendet."
    assert [p for pid, at in old for p in Started(pid, at).session()] == []
    assert not psutil.pid_exists(orphan)


def test_a_stale_pid_file_harms_no_stranger(shell, ports):
    stranger = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    try:
        created = psutil.Process(stranger.pid).create_time()
        stale = {"pid": stranger.pid, "created": created - 3600}
        shell.pid_file.parent.mkdir(parents=True)
        shell.pid_file.write_text(json.dumps({"owner": stale, "sessions": [stale]}))
        process = shell.run(f"city={ports[0]}")
        lines = shell.until_ready(process)
        assert not any("Reste" in line for line in lines)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"owner": 5}', '{"sessions": [{"pid": "x"}]}'])
def test_a_damaged_pid_file_is_replaced(tmp_path, content):
    path = tmp_path / "platform.json"
    path.write_text(content)
    assert PidFile(path).claim() is False
    assert PidFile(path).owner() == Started.of(os.getpid())


def test_logs_of_the_last_start_are_kept_once(shell, ports):
    for _ in range(3):
        process = shell.run(f"city={ports[0]}")
        shell.until_ready(process)
        process.terminate()
        process.wait(PATIENCE_S)
    assert sorted(p.name for p in (shell.data / "logs").iterdir()) == ["city.log", "city.log.1"]


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"URBANDATA_MODE": "test"}, "choose demo, live or inbox"),
        ({"URBANDATA_PORT_AIRFLOW": "http"}, "URBANDATA_PORT_AIRFLOW"),
        ({"URBANDATA_MODE": "inbox", "URBANDATA_INBOX": "/nowhere"}, "INBOX="),
    ],
)
def test_a_wrong_setting_is_one_line_with_the_way_out(shell, env, message):
    done = shell.act("run", **env)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not shell.pid_file.exists()


def test_an_unknown_part_names_those_there_are(shell):
    done = shell.act("part", "airflow")
    assert done.returncode == 1
    assert "airflow-scheduler" in done.stderr
