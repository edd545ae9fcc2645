"""Child processes of the platform: started in sessions of their own, stopped without leftovers.

Airflow's tasks leave the process group of their parent and rename themselves, so neither the
group nor the environment finds them again. The session does: nothing here ever leaves it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil

from urbandata.errors import UrbandataError
from urbandata.storage import write_atomically

GRACE_S = 10.0  # for the processes we started
ORPHAN_GRACE_S = 2.0  # for theirs, once those have ended
PATIENCE_S = 60.0
LOG_LINES = 15
KILL_ROUNDS = 3
MOST = 4  # at once in a crew: each holds the tables of a chunk of payloads
PR_SET_PDEATHSIG = 1
SAME_START_S = 2.0  # the start time of a process is computed and may move with the clock


@dataclass(frozen=True, slots=True)
class Started:
    """A process as it can be told from a later one with the same number: pid and start time."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> Started:
        """The running process with this pid. Raises psutil.NoSuchProcess."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process, if it still runs."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.created) < SAME_START_S
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def session(self) -> list[psutil.Process]:
        """All processes of the session that this process leads or has led.

        A pid is not given out again while a session has its number. So if another process has
        it now, the session is gone; and one that began before this process is another boot's.
        """
        if psutil.pid_exists(self.pid) and self._replaced():
            return []
        return [p for p in _of_session(self.pid) if p.create_time() > self.created - SAME_START_S]

    def _replaced(self) -> bool:
        try:
            now = psutil.Process(self.pid).create_time()
        except psutil.NoSuchProcess:
            return False
        return bool(abs(now - self.created) >= SAME_START_S)


@dataclass(slots=True)
class Children:
    """The processes one platform has started."""

    log_dir: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    sessions: list[Started] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Started:
        """Start a child; its output goes to ``<log_dir>/<name>.log``, the last one's to ``.1``."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        log_path = self.log_path(name)
        if log_path.exists():
            log_path.replace(log_path.with_name(f"{name}.log.1"))
        with log_path.open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603  (our own commands)
                list(command),
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.sessions.append(Started.of(self.running[name].pid))
        return self.sessions[-1]

    def log_path(self, name: str) -> Path:
        """Log file of a child."""
        return self.log_dir / f"{name}.log"

    def check(self) -> None:
        """Raise UrbandataError with the last log lines if a child has ended."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise self._ended(name, process.returncode)

    def finished(self, name: str) -> bool:
        """Whether a child that is meant to end has done so. Raises UrbandataError if it failed."""
        code = self.running[name].poll()
        if code:
            raise self._ended(name, code)
        if code == 0:
            del self.running[name]
        return code == 0

    def stop(self) -> None:
        """Stop all children and whatever they started."""
        stop_sessions(self.sessions)
        for child in self.running.values():
            child.wait()
        self.running.clear()
        self.sessions.clear()

    def _ended(self, name: str, code: int) -> UrbandataError:
        tail = self.log_path(name).read_text(errors="replace").splitlines()[-LOG_LINES:]
        lines = "\n  ".join(tail)
        return UrbandataError(f"{name} ended with code {code}; last lines:\n  {lines}")


def stop_sessions(sessions: Sequence[Started]) -> bool:
    """Stop every process of the sessions, politely and then for good; whether there was one."""
    family = _members(sessions)
    _send(family, signal.SIGTERM)
    leaders = [p for s in sessions if (p := s.process())]
    psutil.wait_procs(leaders, timeout=GRACE_S)
    psutil.wait_procs(family, timeout=ORPHAN_GRACE_S)
    for _ in range(KILL_ROUNDS):  # a dying parent may have started another child
        remaining = _members(sessions)
        _send(remaining, signal.SIGKILL)
        psutil.wait_procs(remaining, timeout=GRACE_S)
    return bool(family)


def end_with(parent: int) -> None:
    """Make this process end with the one that started it, even if that one is killed.

    Where the system cannot say so (other than Linux), nothing happens.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # gone before we asked
        os._exit(1)


def crew_of(jobs: int) -> int:
    """How many processes are of use for so many jobs."""
    return min(MOST, os.cpu_count() or 1, jobs)


@contextmanager
def crew(number: int, method: str) -> Iterator[ProcessPoolExecutor]:
    """Processes for Python's own work, made by ``fork`` or ``spawn``; they end with this one.

    What has not begun when the block is left is dropped.
    """
    executor = ProcessPoolExecutor(number, get_context(method), end_with, (os.getpid(),))
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def port_free(port: int) -> bool:
    """Whether nobody listens on the port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class PidFile:
    """Says which process is the running platform, and which sessions it has started."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def owner(self) -> Started | None:
        """The running platform; None if there is none, a stale file included."""
        owner = _started(self._content().get("owner"))
        return owner if owner and owner.process() else None

    def claim(self) -> bool:
        """Become the owner; whether a killed platform had left processes, which are stopped.

        Raises UrbandataError if a platform is running.
        """
        other = self.owner()
        if other is not None:
            raise UrbandataError(f"the platform runs as process {other.pid}; 'make stop' ends it")
        left = self._stop_leftovers()
        self._write([])
        return left

    def note(self, sessions: Sequence[Started]) -> None:
        """Write down the sessions, so that they can be ended if we cannot do it ourselves."""
        self._write(sessions)

    def release(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def stop_owner(self, patience_s: float = PATIENCE_S) -> bool:
        """Ask the running platform to stop and wait for it; whether anything had to be stopped.

        Raises UrbandataError if it does not stop.
        """
        owner = self.owner()
        if owner is None:
            left = self._stop_leftovers()
            self.release()
            return left
        os.kill(owner.pid, signal.SIGTERM)
        deadline = time.monotonic() + patience_s
        while owner.process():
            if time.monotonic() > deadline:
                raise UrbandataError(f"process {owner.pid} does not stop; look at data/logs")
            time.sleep(0.2)
        return True

    def _stop_leftovers(self) -> bool:
        found = (_started(s) for s in self._content().get("sessions", []))
        return stop_sessions([s for s in found if s])

    def _write(self, sessions: Sequence[Started]) -> None:
        content = {"owner": asdict(Started.of(os.getpid())), "sessions": [*map(asdict, sessions)]}
        write_atomically(self.path, json.dumps(content).encode())

    def _content(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def _started(noted: Any) -> Started | None:
    """What a pid file says, or None where it is not what we write."""
    try:
        return Started(int(noted["pid"]), float(noted["created"]))
    except (KeyError, TypeError, ValueError):
        return None


def _members(sessions: Iterable[Started]) -> list[psutil.Process]:
    return [p for s in sessions for p in s.session()]


def _of_session(number: int) -> list[psutil.Process]:
    return [p for p in psutil.process_iter() if _session_of(p.pid) == number]


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _send(processes: Iterable[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue
