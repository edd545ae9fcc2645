"""Polar stereographic grids of the DWD: where a point lies, and where a cell is.

One pair of formulas serves the sphere (RADOLAN) and the ellipsoid (RV): Snyder, Map Projections,
USGS Professional Paper 1395, p. 160 ff. On the sphere the eccentricity is 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from urbandata.errors import PayloadError

Floats = npt.NDArray[np.float64]
RADOLAN_RADIUS_M = 6_370_040.0
WGS84 = (6378137.0, 6356752.3142451802)
FIXED = {"proj": "stere", "lat_0": "90", "units": "m"}
_STEPS = 6  # of the inverse on the ellipsoid; each gains more than two digits


@dataclass(frozen=True, slots=True)
class Projection:
    """Polar stereographic, north pole in the middle; semi-axes and offsets in m, angles in °."""

    a: float = RADOLAN_RADIUS_M
    b: float = RADOLAN_RADIUS_M
    lon_0: float = 10.0
    lat_ts: float = 60.0
    x_0: float = 0.0
    y_0: float = 0.0

    @property
    def eccentricity(self) -> float:
        """First eccentricity of the ellipsoid."""
        return math.sqrt(1.0 - (self.b / self.a) ** 2)

    @property
    def _factor(self) -> float:
        true = math.radians(self.lat_ts)
        e = self.eccentricity
        width = math.cos(true) / math.sqrt(1.0 - (e * math.sin(true)) ** 2)
        return self.a * width / float(_reduced(np.float64(true), e))

    def forward(self, lat: Floats | float, lon: Floats | float) -> tuple[Floats, Floats]:
        """x and y (m) of points in degrees."""
        distance = self._factor * _reduced(np.radians(lat), self.eccentricity)
        angle = np.radians(np.asarray(lon) - self.lon_0)
        return self.x_0 + distance * np.sin(angle), self.y_0 - distance * np.cos(angle)

    def inverse(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Latitude and longitude (°) of points in m."""
        east, south = x - self.x_0, self.y_0 - y
        reduced = np.hypot(east, south) / self._factor
        e, lat = self.eccentricity, np.pi / 2 - 2 * np.arctan(reduced)
        for _ in range(_STEPS):
            wave = e * np.sin(lat)
            lat = np.pi / 2 - 2 * np.arctan(reduced * ((1 - wave) / (1 + wave)) ** (e / 2))
        return np.degrees(lat), self.lon_0 + np.degrees(np.arctan2(east, south))

    def scale(self, lat: float) -> float:
        """Metres on the map per metre on the ground at a latitude."""
        return (1 + math.sin(math.radians(self.lat_ts))) / (1 + math.sin(math.radians(lat)))


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells of ``cell`` m, first row in the north; ``left`` and ``top`` are outer edges."""

    projection: Projection
    left: float
    top: float
    cell: float
    rows: int
    columns: int

    def place(self, lat: float, lon: float) -> tuple[float, float]:
        """Row and column of a point, in cells from the north-western edge."""
        x, y = self.projection.forward(lat, lon)
        return (self.top - float(y)) / self.cell, (float(x) - self.left) / self.cell

    def centres(self, rows: slice, columns: slice) -> tuple[Floats, Floats]:
        """Latitude and longitude of the middles of a block of cells."""
        y = self.top - (np.arange(self.rows)[rows] + 0.5) * self.cell
        x = self.left + (np.arange(self.columns)[columns] + 0.5) * self.cell
        east, north = np.meshgrid(x, y)
        return self.projection.inverse(east, north)


RADOLAN = Grid(Projection(), -523_462.0, -3_758_645.0, 1000.0, 900, 900)
EXTENDED = Grid(Projection(), -443_462.0, -3_658_645.0, 1000.0, 1100, 900)  # RADKLIM since 2001
NATIONAL = Grid(Projection(), -543_462.0, -3_608_645.0, 1000.0, 1200, 1100)  # DE1200
NATIONAL_WGS84 = Grid(  # DE1200 on the ellipsoid, with the offsets that HDF5 composites state
    Projection(*WGS84, x_0=543_196.835_217_764, y_0=3_622_588.861_931_002_2),
    left=-500.0, top=500.0, cell=1000.0, rows=1200, columns=1100,
)  # fmt: skip


def from_projdef(text: str) -> Projection:
    """Projection of a PROJ definition. Raises PayloadError unless it is polar stereographic."""
    parts = (p.removeprefix("+").partition("=") for p in text.split())
    given = {name: value for name, _, value in parts}
    if any(given.get(name, value) != value for name, value in FIXED.items()):
        raise PayloadError(f"projection '{text}' is not polar stereographic in metres")
    try:
        return Projection(
            *_axes(given),
            **{n: float(given[n]) for n in ("lon_0", "lat_ts", "x_0", "y_0") if n in given},
        )
    except (KeyError, ValueError) as error:
        raise PayloadError(f"projection '{text}' cannot be read: {error}") from error


def _axes(given: dict[str, str]) -> tuple[float, float]:
    if "R" in given:
        return float(given["R"]), float(given["R"])
    if "WGS84" in (given.get("ellps"), given.get("datum")):
        return WGS84
    return float(given["a"]), float(given["b"])


def _reduced(lat: Floats | np.float64, e: float) -> Floats:
    """Snyder's t: shrinks to 0 at the pole; ``lat`` in radians."""
    wave = e * np.sin(lat)
    reduced: Floats = np.tan(np.pi / 4 - lat / 2) / ((1 - wave) / (1 + wave)) ** (e / 2)
    return reduced
