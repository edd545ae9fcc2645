"""Warehouses of hand-made rows, each built once for all tests that ask it."""

from tests.dbt.cleema_built import cleema
from tests.dbt.programme_built import con

__all__ = ["cleema", "con"]
