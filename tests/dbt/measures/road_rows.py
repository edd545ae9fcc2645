"""Four sections of road, two campaigns and a sensor drive; six reports of damage."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb

from tests.dbt.city import HOUR, insert, utc

Row = dict[str, Any]


def fill(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Load 2 corrects the grade of section B and closes one more report."""
    if load_id == 1:
        insert(con, "zeb__sections", _sections(), load_id)
        insert(con, "zeb__surveys", _surveys(), load_id)
        insert(con, "open311__reports", _reports(), load_id)
        return
    insert(con, "zeb__surveys", [_survey("ZEB 2021", "B", date(2021, 12, 1), 1, 2, 2)], load_id)
    insert(con, "open311__reports", [_report(3, 30)], load_id)


def _sections() -> list[Row]:
    """1,000 m² each; A and B in district 05, C and D in district 71."""
    shapes = [("A", 100, 10, "A", "05"), ("B", 200, 5, "A", "05")]
    shapes += [("C", 100, 10, "P", "71"), ("D", 50, 20, "B", "71")]
    return [
        {
            "section_id": name,
            "length_m": float(length),
            "width_m": float(width),
            "surface": surface,
            "road_class": "HVS",
            "district_number": district,
            "easting_m": 411_000.0,
            "northing_m": 5_655_000.0,
        }
        for name, length, width, surface, district in shapes
    ]


def _surveys() -> list[Row]:
    """A and D in 2015; A, B and C (setts, no grade) in 2021; A by sensor in 2022."""
    return [
        _survey("ZEB 2015", "A", date(2015, 6, 1), 2, 3, 3),
        _survey("ZEB 2015", "D", date(2015, 6, 1), 3.5, 3.5, 3.5),
        _survey("ZEB 2021", "A", date(2021, 12, 1), 4, 5, 5),
        _survey("ZEB 2021", "B", date(2021, 12, 1), 1, 1, 1),
        _survey("ZEB 2021", "C", date(2021, 12, 1), None, None, None),
        {**_survey("Sensorik", "A", date(2022, 7, 1), 4.2, None, 4.2), "method": "Sensorik"},
    ]


def _survey(
    campaign: str,
    section: str,
    day: date,
    usability: float | None,
    substance: float | None,
    total: float | None,
) -> Row:
    return {
        "campaign_id": campaign,
        "method": "Messfahrzeug",
        "surveyed_on": day,
        "section_id": section,
        "usability_value": usability,
        "substance_value": substance,
        "total_value": total,
    }


def _reports() -> list[Row]:
    """Potholes of 3 March 2025: two closed after 10 and 20 hours, three open; and rubbish."""
    rubbish = {**_report(9, 1), "service_name": "Müll, wilde Ablagerung"}
    return [_report(1, 10), _report(2, 20), *(_report(n, None) for n in (3, 4, 5)), rubbish]


def _report(number: int, hours: int | None) -> Row:
    made = utc("2025-03-03 08:00") + timedelta(minutes=number)
    return {
        "service_request_id": f"R{number}",
        "status": "open" if hours is None else "closed",
        "service_name": "Schlagloch, Straßenschaden",
        "requested_at": made,
        "updated_at": made + (hours or 0) * HOUR,
        "latitude": 51.058,
        "longitude": 13.719,
    }
