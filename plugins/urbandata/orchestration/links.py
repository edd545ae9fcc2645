"""Airflow plugin: links from Airflow to the dashboards and serves the data docs."""

from __future__ import annotations

import os
from typing import Any

from airflow.plugins_manager import AirflowPlugin
from starlette.staticfiles import StaticFiles

from urbandata.settings import Settings

SETTINGS = Settings.from_env()
DASHBOARDS = os.environ.get("URBANDATA_DASHBOARDS_PAGE") or (
    f"http://127.0.0.1:{SETTINGS.dashboard_port}"  # as people reach it on this machine
)


def _data_docs() -> StaticFiles:
    """The static data docs; the folder fills with the first build."""
    folder = SETTINGS.data_dir / "data_docs"
    folder.mkdir(parents=True, exist_ok=True)
    return StaticFiles(directory=folder, html=True)


def _link(name: str, address: str) -> dict[str, str]:
    return {"name": name, "href": address, "destination": "nav", "category": "browse"}


class CityPlugin(AirflowPlugin):
    """Links in Airflow's navigation, and the data docs under ``/data-docs``."""

    name = "urbandata"
    fastapi_apps: list[Any] = [  # noqa: RUF012  (Airflow reads class attributes)
        {"app": _data_docs(), "url_prefix": "/data-docs", "name": "Data docs"}
    ]
    external_views: list[Any] = [  # noqa: RUF012
        _link("Dashboards", DASHBOARDS),
        _link("Datenlage", f"{DASHBOARDS}/datenlage"),
        _link("Data docs", f"http://127.0.0.1:{SETTINGS.airflow_port}/data-docs/"),
    ]
