"""Opening the warehouse for writing: one connection, under the writer's lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from urbandata import storage
from urbandata.errors import UrbandataError
from urbandata.settings import Settings
from urbandata.warehouse import lake
from urbandata.warehouse.locks import locked

# Every DuckDB from 1.4 (LTS) on reads it. Loading into it takes a sixth to a quarter less than into
# the format that DuckDB takes unless told, and it is as small (docs/adr/0019).
FORMAT = "STORAGE_VERSION 'v1.4.0'"


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection that may write, in UTC. The caller holds the writer's lock and closes it.

    Raises UrbandataError if the warehouse is a file that cannot be opened.
    """
    if settings.lake_dsn:
        con = lake.connect(settings)
    else:
        create(settings.warehouse_path)
        try:
            con = session(settings, str(settings.warehouse_path))
        except duckdb.IOException as error:
            raise UrbandataError(
                f"{error}; if it is damaged, 'urbandata replay' makes it anew from the raw zone"
            ) from error
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    return con


def create(path: Path) -> None:
    """An empty DuckDB file in the platform's format, unless there is a file."""
    if not path.exists():
        with duckdb.connect() as con:
            con.execute(f"ATTACH '{path}' AS made ({FORMAT})")


def session(settings: Settings, database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """A connection that reads Parquet from the store, wherever that is."""
    return lake.bare(settings, database) if settings.storage else duckdb.connect(database)


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Target and variables of dbt/profiles.yml for the warehouse as it is set.

    What does not fit into memory is spilled into ``URBANDATA_TEMP_DIR``, else into the data folder.
    """
    spill = os.environ.get("URBANDATA_TEMP_DIR") or str(settings.data_dir / "spill")
    if settings.lake_dsn:
        chosen = {"URBANDATA_DBT_TARGET": "ducklake", **lake.dbt_environment(settings)}
    else:
        path = str(settings.warehouse_path)
        chosen = {"URBANDATA_DBT_TARGET": "warehouse", "URBANDATA_WAREHOUSE_PATH": path}
    return {"URBANDATA_SPILL_DIR": spill, **chosen}


def clear(settings: Settings) -> None:
    """Remove everything the warehouse holds; raw zone and ledger can fill it again.

    Raises UrbandataError if a file stays.
    """
    if not settings.lake_dsn:
        with locked(settings):
            storage.remove_folder(settings.warehouse_path.parent)
        return
    with writing(settings) as con:
        tables = con.execute(
            "SELECT CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END, table_schema, "
            "table_name FROM information_schema.tables WHERE table_catalog = current_database()"
        ).fetchall()
        con.execute("BEGIN")
        for kind, schema, table in tables:
            con.execute(f'DROP {kind} {schema}."{table}"')
        con.execute("COMMIT")


@contextmanager
def writing(settings: Settings, shared: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, opened for writing by this process alone (or, ``shared``, by loaders)."""
    with locked(settings, shared), closing(connect(settings)) as con:
        yield con
