"""Districts as circles of equal area, and the cells of a grid that fall into them."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from urbandata.errors import ConfigError, PayloadError
from urbandata.sources.dwd_radar.grid import Floats, Grid

Cells = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class District:
    """Number, centroid (°, WGS 84) and radius (m) of the circle with the district's area."""

    number: str
    lat: float
    lon: float
    radius: float


@cache
def districts(path: Path) -> tuple[District, ...]:
    """Districts of the seed that have a centroid. Raises ConfigError if the seed is unusable."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [r for r in csv.DictReader(file) if r["latitude"]]
        return tuple(
            District(
                number=row["district_number"],
                lat=float(row["latitude"]),
                lon=float(row["longitude"]),
                radius=math.sqrt(float(row["area_km2"]) / math.pi) * 1000.0,
            )
            for row in rows
        )
    except (OSError, KeyError, ValueError) as error:
        raise ConfigError(f"{path}: {error!r}") from error


@cache
def cells(grid: Grid, members: tuple[District, ...]) -> Mapping[str, Cells]:
    """Flat indexes of the cells in each district's circle, at least the nearest one.

    Raises PayloadError if a district lies outside the grid.
    """
    return {d.number: _circle(grid, d) for d in members}


def _circle(grid: Grid, district: District) -> Cells:
    row, column = grid.place(district.lat, district.lon)
    if not (0 <= row < grid.rows and 0 <= column < grid.columns):
        raise PayloadError(f"the grid does not cover district {district.number}")
    radius = district.radius * grid.projection.scale(district.lat) / grid.cell
    rows, columns = _near(row, radius, grid.rows), _near(column, radius, grid.columns)
    square = (rows[:, None] + 0.5 - row) ** 2 + (columns[None, :] + 0.5 - column) ** 2
    inside = square <= max(radius**2, float(square.min()))
    flat: Cells = (rows[:, None] * grid.columns + columns[None, :])[inside]
    return flat


def _near(place: float, radius: float, size: int) -> Cells:
    low, high = max(0, math.floor(place - radius)), min(size, math.floor(place + radius) + 1)
    return np.arange(low, high)


def summary(values: Floats, flat: Cells) -> dict[str, float | int | None]:
    """Mean and maximum (mm, null if all are missing) and counts of the cells of one district."""
    chosen = values.ravel()[flat]
    present = chosen[~np.isnan(chosen)]
    return {
        "precipitation_mm": round(float(present.mean()), 3) if present.size else None,
        "precipitation_max_mm": round(float(present.max()), 3) if present.size else None,
        "cells": int(chosen.size),
        "cells_missing": int(chosen.size - present.size),
    }
