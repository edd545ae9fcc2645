"""Airflow plugin: links from Airflow to the dashboards and serves the data docs."""

from urbandata.orchestration.links import CityPlugin

__all__ = ["CityPlugin"]
