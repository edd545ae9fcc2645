"""Opening the warehouse for writing: one connection, under the writer's lock."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from urbandata.settings import Settings


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection that may write, in UTC. The caller holds the writer's lock and closes it."""
    con = duckdb.connect(str(settings.warehouse_path))
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    return con


@contextmanager
def writing(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, opened for writing by this process alone."""
    with locked(settings):
        con = connect(settings)
        try:
            yield con
        finally:
            con.close()


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Wait for the writer's lock; the system frees it when a process dies."""
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
