"""Who may write when: a file lock on one machine, locks in PostgreSQL beyond it.

All locks are freed by the system when their holder dies. On a lake, loaders of different sources
work at once: they share the warehouse's lock, hold one per source, and take numbers whose order
is that of their commits (see :class:`Turn`). Everything else holds the warehouse's lock alone.
"""

from __future__ import annotations

import fcntl
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from urbandata.settings import Settings
from urbandata.warehouse import lake

# First key of PostgreSQL's two-key advisory locks: what kind of thing is locked.
WAREHOUSE, SOURCE, NUMBERS, NUMBER, BUILD = 7301, 7302, 7303, 7304, 7305
SEQUENCE = "urbandata_load_ids"


@contextmanager
def locked(settings: Settings, shared: bool = False) -> Iterator[None]:
    """Wait for the writer's lock. ``shared``: loaders beside each other, where the engine can."""
    if not settings.lake_dsn:
        with file_locked(settings):
            yield
        return
    with closing(lake.catalogue(settings)) as session, session.cursor() as cursor:
        function = "pg_advisory_lock_shared" if shared else "pg_advisory_lock"
        cursor.execute(f"SELECT {function}(%s, 0)", [WAREHOUSE])
        yield


def held_alone(settings: Settings) -> bool:
    """Whether a build, or other work that is not a load, has the lake to itself at the moment."""
    with closing(lake.catalogue(settings)) as session, session.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock_shared(%s, 0)", [WAREHOUSE])
        return not cursor.fetchone()[0]


@contextmanager
def file_locked(settings: Settings) -> Iterator[None]:
    """The lock of the DuckDB file, whatever the warehouse is set to."""
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    with _flocked(settings.data_dir / "writer.lock"):
        yield


@contextmanager
def building(settings: Settings) -> Iterator[None]:
    """Wait until no other build or replay works on this warehouse, and keep others waiting.

    The writer's lock is free between the steps of a build, so that loaders need not wait for all
    of them. This one is taken first and held to the end; it does not wait for itself, so a replay
    must not call what takes it again.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _flocked(settings.data_dir / "build.lock"):
        if not settings.lake_dsn:
            yield
            return
        # members of a cluster have data folders of their own
        with closing(lake.catalogue(settings)) as session, session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [BUILD])
            yield


@contextmanager
def _flocked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(slots=True)
class Turn:
    """A loader's number, and its place in the order of commits.

    Builds go by load ids: a load with a lower id that became visible after one with a higher id
    would be overlooked. So each loader holds a lock on its number, and before it commits waits
    for the lock on the number before it: that holder has then committed, or has died.
    """

    session: Any

    def take(self, at_least: int) -> int:
        """The next number, above ``at_least``; also above those of loaders still at work."""
        with self.session.cursor() as cursor:
            # Drawing a number and locking it must be one step for others.
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [NUMBERS])
            cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {SEQUENCE}")
            cursor.execute(f"SELECT nextval('{SEQUENCE}')")
            number = int(cursor.fetchone()[0])
            if number <= at_least:  # the sequence is younger than the rows, after a migration
                number = at_least + 1
                cursor.execute(f"SELECT setval('{SEQUENCE}', %s)", [number])
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [NUMBER, number])
            cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [NUMBERS])
        return number

    def wait(self, number: int) -> None:
        """Wait until everybody with a lower number is done. Fails if the session was lost."""
        with self.session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [NUMBER, number - 1])
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [NUMBER, number - 1])


@contextmanager
def turn(settings: Settings, sources: Collection[str]) -> Iterator[Turn | None]:
    """Hold the sources against other loaders. None on a file, whose lock is held alone."""
    if not settings.lake_dsn:
        yield None
        return
    with closing(lake.catalogue(settings)) as session, session.cursor() as cursor:
        for key in sorted({crc32(s.encode()) % 2**31 for s in sources}):  # one order: no deadlock
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [SOURCE, key])
        yield Turn(session)
