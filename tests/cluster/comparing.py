"""Marts of two builds of the same payloads, row by row.

Sums of floating-point numbers depend on their order, so numbers are equal within a billionth. A
number that is rounded may then tip by one in its last place; such rows are counted.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

VOLATILE = {"build_id", "load_id"}
NUMBERS = ("DOUBLE", "FLOAT")


@dataclass
class Found:
    """Rows compared, rows with a number that has tipped, and by mart those that are not equal."""

    rows: int = 0
    tipped: int = 0
    apart: dict[str, list[str]] = field(default_factory=dict)


def compare(one: Path, other: Path) -> Found:
    found = Found()
    assert _marts(one) == _marts(other)
    for table in _marts(one):
        rows, others = _rows(one, table), _rows(other, table)
        found.rows += len(rows)
        keys = Counter(k for k, _ in rows)
        keys.subtract(Counter(k for k, _ in others))
        apart = [f"{n:+d} {k}" for k, n in keys.items() if n]
        for mine, theirs in zip(rows, others, strict=False):
            if apart or all(map(_close, mine[1], theirs[1])):
                continue
            if all(map(_tipped, mine[1], theirs[1])):
                found.tipped += 1
            else:
                apart.append(f"{mine} {theirs}")
        if apart:
            found.apart[table] = apart
    return found


def _marts(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as con:
        return [t for (t,) in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' ORDER BY 1"
        ).fetchall()]  # fmt: skip


def _rows(path: Path, table: str) -> list[tuple[tuple[str, ...], tuple[float | None, ...]]]:
    """Rows as (what has to be equal, numbers that have to be close), in one order."""
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        columns = [(n, t) for n, t, *_ in con.execute(f"DESCRIBE marts.{table}").fetchall()
                   if n not in VOLATILE]  # fmt: skip
        exact = [f'"{n}"' for n, t in columns if t not in NUMBERS]
        close = [f'"{n}"' for n, t in columns if t in NUMBERS]
        rows = con.execute(f"SELECT {', '.join([*exact, *close])} FROM marts.{table}").fetchall()
    split = [(tuple(map(repr, r[: len(exact)])), r[len(exact) :]) for r in rows]
    return sorted(split, key=lambda r: (r[0], [-math.inf if v is None else v for v in r[1]]))


def _close(mine: Any, theirs: Any) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9)


def _tipped(mine: Any, theirs: Any) -> bool:
    """Equal, or apart by one in the last place of the two."""
    if mine is None or theirs is None or _close(mine, theirs):
        return _close(mine, theirs)
    places = max(len(repr(v).partition(".")[2]) for v in (mine, theirs))
    return abs(mine - theirs) < 1.5 * 10.0**-places
