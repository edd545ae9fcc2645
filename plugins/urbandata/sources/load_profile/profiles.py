"""Normalised profiles: three shapes of published files to one row per profile and interval."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from urbandata.contract import Parsed
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.sources.load_profile.workbooks import Grid

TABLE = "normalised_profiles"
HOURS = range(24)
DAYS_2025 = ("SA", "FT", "WT")
QUARTER = re.compile(r"\d\d:\d\d\s*-\s*\d\d:\d\d")
HOURS_OF_A_YEAR = (8760, 8784)
QUARTERS = 96
STANDARD_HEAD = 3  # rows above the values of a standard load profile
_COLUMNS = ("profile", "season", "day_type", "interval", "value", "unit")

Cell = tuple[int, str, str | None, str | None, int, Any, str, int]  # _row first, minutes last


def is_standard(grid: Grid) -> bool:
    """A sheet of the BDEW standard load profiles: seasons, kinds of day, 96 quarter hours."""
    return len(grid) > STANDARD_HEAD and bool(grid[2]) and grid[2][0] == "[W]"


def is_monthly(grid: Grid) -> bool:
    """A sheet of the BDEW profiles of 2025: a column per month and kind of day."""
    return _monthly_head(grid) is not None


def monthly(books: dict[str, Grid], source: Source) -> Parsed:
    """BDEW profiles of 2025: energy of each quarter of an hour of a million kWh a year."""
    return _typed(
        [cell for name, grid in books.items() for cell in _monthly_cells(name, grid)], source
    )


def _monthly_head(grid: Grid) -> int | None:
    """Row with the kinds of day, each of them for several months."""
    for number, row in enumerate(grid[:10]):
        kinds = [c for c in row if c in DAYS_2025]
        if len(kinds) > len(DAYS_2025) and set(kinds) == set(DAYS_2025):
            return number
    return None


def _monthly_cells(name: str, grid: Grid) -> Iterator[Cell]:
    head = _monthly_head(grid)
    if head is None:
        return
    body = [row for row in grid[head + 1 :] if any(QUARTER.match(str(c)) for c in row[:3])]
    if len(body) != QUARTERS:
        raise PayloadError(f"sheet {name} has {len(body)} intervals instead of {QUARTERS}")
    months = grid[head - 1] if head else []
    month: str | None = None
    for place, kind in enumerate(grid[head]):
        said = months[place] if place < len(months) else None
        if said is not None and kind in DAYS_2025:
            month = f"{said:%m}" if isinstance(said, datetime) else _text(said)
        if kind not in DAYS_2025:
            continue
        for number, row in enumerate(body):
            value = row[place] if place < len(row) else None
            yield (0, name, month, _text(kind), number, value, "kWh per 1000000 kWh/a", 15)


def is_appliances(grid: Grid) -> bool:
    """A sheet with a row per appliance and a column per hour."""
    return bool(grid) and bool(grid[0]) and grid[0][0] == "Appliance"


def standard(books: dict[str, Grid], source: Source) -> Parsed:
    """BDEW standard load profiles: one sheet each, mean power of a quarter of an hour.

    The time of a row is the end of its interval, and the last one is 0:00. A name of a season
    stands over the first of its columns only.
    """
    return _typed(
        [cell for name, grid in books.items() for cell in _standard_cells(name, grid)], source
    )


def _standard_cells(name: str, grid: Grid) -> Iterator[Cell]:
    seasons, days = grid[1], grid[2]
    season: str | None = None
    for place in range(1, len(days)):
        season = str(seasons[place]) if place < len(seasons) and seasons[place] else season
        body = [r for r in grid[STANDARD_HEAD:] if r and isinstance(r[0], int | float | time)]
        if len(body) != QUARTERS:
            raise PayloadError(f"sheet {name} has {len(body)} intervals instead of {QUARTERS}")
        for number, row in enumerate(body):
            value = row[place] if place < len(row) else None
            yield (0, name, season, _text(days[place]), number, value, "W per 1000 kWh/a", 15)


def appliances(grid: Grid, source: Source) -> Parsed:
    """Hourly profiles, a row each: share of the rated power. Columns after the hours describe."""
    head = grid[0]
    if [_number(c) for c in head[1 : len(HOURS) + 1]] != list(HOURS):
        raise PayloadError("the columns after 'Appliance' are not the hours 0 to 23")
    schedule = head.index("Schedule") if "Schedule" in head else None
    cells: list[Cell] = [
        (
            *(0, _text(row[0]) or "", None, None if schedule is None else _at(row, schedule)),
            *(hour, row[hour + 1] if hour + 1 < len(row) else None, "1", 60),
        )
        for row in grid[1:]
        if row and row[0] is not None
        for hour in HOURS
    ]
    return _typed(cells, source)


def year(content: bytes, name: str, source: Source) -> Parsed:
    """One number per line and hour of a year: share of the year's energy."""
    lines = [line.strip() for line in tabular.decode(content).splitlines() if line.strip()]
    if len(lines) not in HOURS_OF_A_YEAR:
        raise PayloadError(f"{len(lines)} lines, a year has {HOURS_OF_A_YEAR[0]} hours")
    profile = PurePosixPath(name).stem
    return _typed(
        [(0, profile, None, None, n, line, "1", 60) for n, line in enumerate(lines)], source
    )


def _typed(cells: list[Cell], source: Source) -> Parsed:
    columns: list[tuple[Any, ...]] = list(zip(*cells, strict=True)) or [()] * 8
    text = {
        name: pa.array([_text(v) for v in values], pa.string())
        for name, values in zip((*_COLUMNS, "interval_minutes"), columns[1:], strict=True)
    }
    empty = [None if v is not None else "no value: a formula without a result?" for v in columns[5]]
    text[tabular.FAULT] = pa.array(empty, pa.string())
    text[tabular.ROW] = pa.array(range(1, len(cells) + 1), pa.int64())
    return tabular.typed(pa.table(text), TABLE, source.tables[TABLE])


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def _at(row: list[Any], place: int) -> str | None:
    return _text(row[place]) if place < len(row) else None


def _text(cell: Any) -> str | None:
    return None if cell is None else str(cell)
