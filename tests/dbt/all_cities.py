"""All hand-made cities in one warehouse: rows of every measure, origins real and demo."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

from tests.dbt import city, community, programme_city
from tests.dbt.measures import energy_rows, road_rows, sport_rows, traffic_rows
from urbandata import registry, warehouse
from urbandata.settings import Settings


def fill(settings: Settings) -> None:
    """Write the raw rows; nothing is built."""
    with warehouse.writing(settings) as con:
        warehouse.load(con, settings, registry.sources())
        for load_id in (1, 2):
            for rows in (city, road_rows, traffic_rows, energy_rows, sport_rows):
                rows.fill(con, load_id)
        hours_and_days(con)
        links(con)
        programme_city.fill(con)
        community.at_random(7).write(con, 1)


def hours_and_days(con: duckdb.DuckDBPyConnection) -> None:
    """Hourly rain and daily dust, each sent twice with other values: no other city has them."""
    start, day = city.utc("2025-07-01 00:00"), date(2025, 7, 1)
    for load_id in (1, 2):
        rain = [
            {"station_id": "1048", "measured_at": start + n * city.HOUR, "precipitation": n % 7 / 2}
            for n in range(0, 100, load_id)
        ]
        dust = [
            {"station": "Dresden-Nord", "date": day + timedelta(days=n), "component": "PM10",
             "value": 20.0 + n * load_id, "unit": "µg/m³", "averaging": "day", "line": n}
            for n in range(0, 40, load_id)
        ]  # fmt: skip
        city.insert(con, "dwd_rain__hourly", rain, load_id)
        city.insert(con, "saxony_air__measurements", dust, load_id)


def links(con: duckdb.DuckDBPyConnection) -> None:
    """Small catalogues read twice; addresses are checked before, between and after, never alike.

    A catalogue is as large as one dataset: more rows of it, dealt to later loads, would have it
    scored anew without any check.
    """
    datasets = [{"catalogue": f"links-{n}", "dataset_id": str(n)} for n in range(40)]
    ways = [{**d, "access_url": f"https://x.example/links/{d['dataset_id']}"} for d in datasets]
    for load_id in (24, 48):  # the hours of the fetch after the start of September
        for name, rows in (("ckan__datasets", datasets), ("ckan__resources", ways)):
            city.insert(con, name, rows, load_id, payload=f"links-{load_id}")
    checks = [
        {"url": way["access_url"], "method": "HEAD", "status": 200 if (n + day) % 2 else 404,
         "checked_at": city.utc(f"2025-09-0{day} 12:00")}
        for n, way in enumerate(ways)
        for day in (1, 2, 3)
    ]  # fmt: skip
    city.insert(con, "link_checks__checks", checks, 1)
