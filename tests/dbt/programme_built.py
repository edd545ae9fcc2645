"""One warehouse for all tests of programme, open data, participation and ops."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.dbt import programme_city
from urbandata import registry, transform, warehouse
from urbandata.settings import Settings

KPIS = (
    *("int_kpi__programme", "int_kpi__continuation", "int_kpi__availability"),
    *("int_kpi__data_quality", "int_kpi__open_data", "int_kpi__open_data_new"),
    *("int_kpi__open_data_usage", "int_kpi__participation"),
    "int_kpi__surveys",
)
FOLDERS = ("open_data", "participation", "programme", "operations", "reference")
SELECTED = [f"+{kpi}" for kpi in KPIS] + [f"+path:models/marts/{f}" for f in FOLDERS]


@pytest.fixture(scope="session")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The hand-made and the random rows, built once with all data tests."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(data)})
    with warehouse.writing(settings) as writer:
        warehouse.load(writer, settings, registry.sources())
        programme_city.fill(writer)
    chosen = ["--select", *SELECTED, "--indirect-selection", "cautious"]
    build = transform.build(settings, "programme", chosen)
    assert build.ok, build.message
    assert build.tests > 80
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as reader:
        reader.execute("SET TimeZone = 'UTC'")
        reader.execute(
            "CREATE TEMP VIEW kpis AS "
            + " UNION ALL BY NAME ".join(f"SELECT * FROM intermediate.{k}" for k in KPIS)
        )
        yield reader
