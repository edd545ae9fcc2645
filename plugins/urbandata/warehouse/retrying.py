"""Transactions that are tried again: when another writer came in between, when a server is away."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable
from typing import TypeVar

import duckdb

from urbandata.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")
TRIES = 30
# DuckLake and PostgreSQL say in words only that another transaction was there first.
CONFLICT = re.compile(r"conflict|maximum retry count|could not serialize|deadlock detected", re.I)
# A server that is away for a while: PostgreSQL restarted, S3 answering 5xx, a lost connection.
AWAY = re.compile(
    r"server closed the connection|connection to server|could not connect|connection refused"
    r"|connection reset|terminating connection|shutting down|starting up|not yet accepting"
    r"|recovery mode|does not answer|no connection to the server|bad connection|connection is lost"
    r"|ssl connection has been closed|HTTP code 50\d|HTTP 50\d|status code 50\d"
    r"|Service ?(?:Temporarily )?Unavailable|SlowDown|Could not establish connection"
    r"|Could not resolve hostname|timed? ?out|connection already closed",
    re.I,
)


def transaction(con: duckdb.DuckDBPyConnection, work: Callable[[int], T]) -> T:
    """Run ``work`` in one transaction, again from its start after a conflict.

    ``work`` is told how often others came in between, and reads what it needs itself, so that a
    repetition sees what the other writer has committed.
    """
    for tried in range(TRIES):
        con.execute("BEGIN")
        try:
            result = work(tried)
            con.execute("COMMIT")
        except BaseException as error:
            _roll_back(con)
            if not is_conflict(error) or tried + 1 == TRIES:
                raise
            log.info("transaction %s repeated: %s", tried + 1, error)
            pause(tried)
        else:
            return result
    raise AssertionError("unreachable")


def until_there(settings: Settings, work: Callable[[], T]) -> T:
    """Run ``work``, again from its start while a server is away, as long as the patience lasts.

    A file is never away: there the first error is the last.
    """
    deadline = time.monotonic() + (settings.patience_s if settings.is_far else 0)
    tried = 0
    while True:
        try:
            return work()
        except Exception as error:
            if not (is_away(error) or is_conflict(error)) or time.monotonic() > deadline:
                raise
            log.warning("repeated, a server was away: %s", error)
            pause(tried, least=1.0)
            tried += 1


def is_conflict(error: BaseException) -> bool:
    """Whether another writer's commit is the reason, so that a repetition helps."""
    return isinstance(error, duckdb.Error) and bool(CONFLICT.search(str(error)))


def is_away(error: BaseException | str) -> bool:
    """Whether a server that did not answer is the reason, so that waiting helps."""
    return bool(AWAY.search(str(error)))


def pause(tried: int, least: float = 0.05) -> None:
    """Wait longer each time, at most ten seconds, and never in step with others."""
    time.sleep(min(10.0, least * 1.5**tried) * random.uniform(0.5, 1.5))  # noqa: S311 - jitter


def _roll_back(con: duckdb.DuckDBPyConnection) -> None:
    try:
        con.execute("ROLLBACK")
    except duckdb.Error as error:  # a failed commit has ended the transaction already
        log.debug("nothing to roll back: %s", error)
