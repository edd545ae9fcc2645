"""Child processes of the platform: started in their own groups, stopped without leftovers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from urbandata.errors import UrbandataError
from urbandata.landing import write_atomically

MARK = "URBANDATA_PLATFORM"
GRACE_S = 10.0
PATIENCE_S = 60.0
LOG_LINES = 15
KILL_ROUNDS = 3
SAME_START_S = 2.0  # the start time of a process is computed and may move with the clock


@dataclass(slots=True)
class Children:
    """The processes one platform has started. ``mark`` is in the environment of all of them."""

    mark: str
    log_dir: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start a child; its output goes to ``<log_dir>/<name>.log``, the last one's to ``.1``."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        log_path = self.log_path(name)
        if log_path.exists():
            log_path.replace(log_path.with_name(f"{name}.log.1"))
        with log_path.open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603  (our own commands)
                list(command),
                env={**os.environ, **env, MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log_path(self, name: str) -> Path:
        """Log file of a child."""
        return self.log_dir / f"{name}.log"

    def check(self) -> None:
        """Raise UrbandataError with the last log lines if a child has ended."""
        for name, process in self.running.items():
            code = process.poll()
            if code is not None:
                tail = self.log_path(name).read_text(errors="replace").splitlines()[-LOG_LINES:]
                lines = "\n  ".join(tail)
                raise UrbandataError(f"{name} ended with code {code}; last lines:\n  {lines}")

    def stop(self) -> None:
        """Stop all children and whatever they started: first politely, then for good."""
        for process in self.running.values():
            _signal_group(process.pid, signal.SIGTERM)
        stop_marked(self.mark)
        for child in self.running.values():
            child.wait()
        self.running.clear()


def stop_marked(mark: str, grace_s: float = GRACE_S) -> bool:
    """Stop every process that carries the mark; whether there was one.

    By mark and not by group, because daemons and task runners leave their parent's group.
    """
    family = _marked(mark)
    for process in family:
        _send(process, signal.SIGTERM)
    psutil.wait_procs(family, timeout=grace_s)
    for _ in range(KILL_ROUNDS):  # a dying parent may have started another child
        remaining = _marked(mark)
        for process in remaining:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(remaining, timeout=grace_s)
    return bool(family)


def port_free(port: int) -> bool:
    """Whether nobody listens on the port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class PidFile:
    """Says which process is the running platform, and what mark its children carry."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def owner(self) -> psutil.Process | None:
        """Process of the running platform; None if there is none, a stale file included."""
        content = self._content()
        try:
            process = psutil.Process(content["pid"])
            same = abs(process.create_time() - content["created"]) < SAME_START_S
        except (KeyError, TypeError, psutil.NoSuchProcess):
            return None
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None

    def claim(self, mark: str) -> bool:
        """Become the owner; whether a killed platform had left processes, which are stopped.

        Raises UrbandataError if a platform is running.
        """
        other = self.owner()
        if other is not None:
            raise UrbandataError(f"the platform runs as process {other.pid}; 'make stop' ends it")
        left = self._stop_leftovers()
        me = psutil.Process()
        content = {"pid": me.pid, "created": me.create_time(), "mark": mark}
        write_atomically(self.path, json.dumps(content).encode())
        return left

    def release(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def stop_owner(self, patience_s: float = PATIENCE_S) -> bool:
        """Ask the running platform to stop and wait for it; whether anything had to be stopped.

        Raises UrbandataError if it does not stop.
        """
        process = self.owner()
        if process is None:
            left = self._stop_leftovers()
            self.release()
            return left
        process.terminate()
        deadline = time.monotonic() + patience_s
        while self.owner() is not None:
            if time.monotonic() > deadline:
                raise UrbandataError(f"process {process.pid} does not stop; look at data/logs")
            time.sleep(0.2)
        return True

    def _stop_leftovers(self) -> bool:
        mark = self._content().get("mark")
        return stop_marked(mark) if mark else False

    def _content(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def _marked(mark: str) -> list[psutil.Process]:
    me = os.getpid()
    found = (p for p in psutil.process_iter() if p.pid != me)
    return [p for p in found if _environment(p).get(MARK) == mark]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return dict(process.environ())
    except (psutil.Error, OSError):
        return {}


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _send(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
