"""Publishes builds in a loop until it is killed: ``python -m tests.dashboards.publisher``.

The warehouse of URBANDATA_DATA_DIR is stamped with the id of the build in several tables before
each publication, so that a page mixed from two builds gives itself away.
"""

from __future__ import annotations

import itertools
import time

import duckdb

from urbandata import warehouse
from urbandata.settings import Settings

PAUSE_S = 0.2
STAMPED = {  # table: column that the pages show, each read by a query of its own
    "marts.dim_measures": "title_de",
    "marts.dim_action_fields": "title_de",
    "marts.kpi_catalogue": "name_de",
    "ops.sources": "title_de",
}


def build_id(number: int) -> str:
    """Ids in the order of time, as the platform's own."""
    return f"b{number:06d}"


def publish(settings: Settings, number: int) -> None:
    """Stamp the warehouse and publish it with the platform's own code."""
    with duckdb.connect(str(settings.warehouse_path)) as con:
        for table, column in STAMPED.items():
            con.execute(f"UPDATE {table} SET {column} = 'Stempel {build_id(number)}'")
    warehouse.publish(settings, build_id(number), "real")


def main() -> None:
    """Number two and on; the first build is there before readers come."""
    settings = Settings.from_env()
    for number in itertools.count(2):
        publish(settings, number)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
