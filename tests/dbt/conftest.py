"""Warehouses of hand-made rows, each built once for all tests that ask it."""

import pytest

from tests.dbt.cleema_built import cleema
from tests.dbt.programme_built import con

__all__ = ["cleema", "con"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on the same warehouse go to the same worker, or each worker would build its own."""
    for item in items:
        if "tests/dbt/" not in item.nodeid:
            continue
        names = set(getattr(item, "fixturenames", ()))
        shared = "cleema" if "cleema" in names else "programme" if "con" in names else None
        item.add_marker(pytest.mark.xdist_group(shared or item.nodeid.split("::")[0]))
