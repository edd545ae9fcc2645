"""A warehouse that an older version filled is noticed, and nothing is loaded beside its rows."""

import pytest

from urbandata import pipeline, registry, warehouse
from urbandata.errors import UrbandataError
from urbandata.platform import supervisor
from urbandata.registry import Column, Source

SOURCE = registry.source("mscons")


def with_columns(**columns: Column) -> dict[str, Source]:
    """MSCONS as an older version declared it."""
    values = SOURCE.tables["meter_values"]
    older = values.model_copy(update={"columns": {**values.columns, **columns}})
    tables = {**SOURCE.tables, "meter_values": older}
    return {"mscons": SOURCE.model_copy(update={"tables": tables})}


@pytest.fixture
def filled(settings):
    """A warehouse of the version that kept the register with each value."""
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, with_columns(obis=Column(type="string", description="Register")))
    return settings


def test_columns_that_are_gone_stop_the_load_and_say_what_helps(filled):
    with pytest.raises(UrbandataError, match=r"raw\.mscons__meter_values: .*'urbandata replay'"):
        warehouse.load_new(filled, registry.sources())
    assert pipeline.is_outdated(filled)


def test_columns_that_are_new_are_added(settings):
    assert not pipeline.is_outdated(settings)
    fewer = SOURCE.tables["meter_values"].columns.keys() - {"unit"}
    kept = {n: c for n, c in SOURCE.tables["meter_values"].columns.items() if n in fewer}
    values = SOURCE.tables["meter_values"].model_copy(update={"columns": kept})
    older = SOURCE.model_copy(update={"tables": {**SOURCE.tables, "meter_values": values}})
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, {"mscons": older})
        warehouse.prepare(con, {"mscons": SOURCE})
        con.execute("SELECT unit FROM raw.mscons__meter_values")
    assert not pipeline.is_outdated(settings)


def test_a_damaged_file_is_named_with_the_way_out(settings):
    settings.warehouse_path.parent.mkdir(parents=True)
    settings.warehouse_path.write_bytes(b"no database" * 1000)
    with pytest.raises(UrbandataError, match=r"warehouse\.duckdb.*'urbandata replay'"):
        pipeline.is_outdated(settings)


def test_the_platform_reads_everything_anew_before_it_starts(filled, monkeypatch):
    replayed, said = [], []
    monkeypatch.setattr(pipeline, "replay", lambda settings, _: replayed.append(settings))
    platform = supervisor.Platform(filled, [], said.append)
    platform.bring_up_to_date()
    assert replayed == [filled]
    assert "alles wird neu gelesen" in said[0]
    warehouse.clear(filled)
    platform.bring_up_to_date()
    assert len(replayed) == 1
