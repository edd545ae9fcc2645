"""The 64 statistical districts of Dresden, read from the dbt seed."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SEED = Path(__file__).parents[3] / "dbt/seeds/reference/districts.csv"

# No published geometry has these three. The points and areas are INVENTED, plausible ones for
# the demo city only; they are not in the seed and never reach the warehouse as reference data.
_INVENTED_GEOMETRY = {
    "36": (51.1290, 13.8420, 16.0),
    "90": (51.0850, 13.6050, 24.0),
    "99": (51.0420, 13.6250, 13.5),
}


@dataclass(frozen=True, slots=True)
class District:
    """One statistical district. ``population`` and ``households``: in private households, 2025.

    Both are 0 where the statistics count the people in a neighbouring district (33, 34, 44):
    the sum over all districts is right.
    """

    number: str
    name: str
    borough: str
    borough_name: str
    lat: float
    lon: float
    km2: float
    population: int
    households: int


def _district(row: dict[str, str]) -> District:
    number = row["district_number"]
    lat, lon, km2 = _INVENTED_GEOMETRY.get(number) or (
        float(row["latitude"]),
        float(row["longitude"]),
        float(row["area_km2"]),
    )
    return District(
        number=number,
        name=row["name"],
        borough=row["borough_number"],
        borough_name=row["borough_name"],
        lat=lat,
        lon=lon,
        km2=km2,
        population=int(row["population_households_2025"] or 0),
        households=int(row["households_2025"] or 0),
    )


@cache
def districts() -> tuple[District, ...]:
    """All districts, ordered by number."""
    with SEED.open(encoding="utf-8", newline="") as file:
        return tuple(_district(row) for row in csv.DictReader(file))
