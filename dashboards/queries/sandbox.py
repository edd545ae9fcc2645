"""A reader's own SQL on the published build: read-only, with limits on time, memory and rows.

The query runs in a process of its own that can do nothing else: DuckDB's settings forbid files,
network, extensions and every change of settings (``sandbox_worker``), the system limits memory,
CPU time and file sizes, and its environment holds no secrets. Whatever a query does, the process
is ended when its time is over.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("sandbox_worker.py")
SECONDS = 10
START_SECONDS = 10  # for Python and DuckDB to start on a busy machine
ROWS = 10_000
MEMORY_MB = 512
# Checks hold examples of what they turned away: who may not see that may not read them.
TELLS_OF = {"ops.checks": "ops.quarantine"}
KINDS = ("syntax", "not_select", "many", "forbidden", "memory", "time", "failed")


class RefusedError(Exception):
    """The query was not run or did not end; ``kind`` is one of KINDS, ``detail`` DuckDB's words."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind, self.detail = kind, detail


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as an Arrow table; ``is_cut`` where there were more than the limit."""

    table: Any
    is_cut: bool
    seconds: float


def run(
    build: Path, sql: str, seconds: float = SECONDS, hidden: frozenset[str] = frozenset()
) -> Answer:
    """Answer of one SELECT on the marts of the build, but ``hidden`` ones. Raises RefusedError."""
    import pyarrow as pa

    hidden |= {table for table, told in TELLS_OF.items() if told in hidden}
    order = {"build": str(build), "sql": sql, "rows": ROWS, "memory_mb": MEMORY_MB,
             "seconds": seconds, "hidden": sorted(hidden)}  # fmt: skip
    head, body = _ask(order, seconds + START_SECONDS)
    if "refused" in head:
        raise RefusedError(head["refused"], head["detail"])
    with pa.ipc.open_stream(body) as reader:
        return Answer(reader.read_all(), head["is_cut"], head["seconds"])


def _ask(order: dict[str, Any], patience: float) -> tuple[dict[str, Any], bytes]:
    """First line of the worker's output, and the bytes after it."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program, the query is only its input
            [sys.executable, "-I", str(WORKER)],
            input=json.dumps(order).encode(),
            capture_output=True, timeout=patience, env={}, cwd="/", check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RefusedError("time") from None
    line, _, body = done.stdout.partition(b"\n")
    if done.returncode != 0 or not line:
        raise _ended(done.returncode, done.stderr.decode(errors="replace"))
    head: dict[str, Any] = json.loads(line)
    return head, body


def _ended(code: int, words: str) -> RefusedError:
    """A worker that could not answer: killed by a limit, mostly that of memory, or a fault."""
    if code == -signal.SIGXCPU:
        return RefusedError("time")
    is_limit = code < 0 or "MemoryError" in words
    return RefusedError("memory" if is_limit else "failed", words[-300:])
