"""Publishing: marts and ops copied into files named by their build, then a pointer moved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from urbandata import sharing
from urbandata.errors import UrbandataError
from urbandata.landing import utc_now
from urbandata.settings import Settings
from urbandata.storage import write_atomically
from urbandata.warehouse.engine import writing
from urbandata.warehouse.retrying import transaction, until_there
from urbandata.warehouse.tables import SQL, comment, scalar

SOURCE_STATUS = (SQL / "source_status.sql").read_text(encoding="utf-8")
PUBLISHED_SCHEMAS = ("marts", "ops")
# What the citizens' app reads: public marts, and the register their figures are computed with.
PUBLIC_TABLES = {
    "marts": ("public_%", "dim_cleema_actions", "dim_cleema_assumptions", "dim_emission_factors"),
    "ops": ("sources",),
}


def publish(
    settings: Settings, build_id: str, origin: str, extra_schemas: tuple[str, ...] = ()
) -> Path:
    """Copy marts and ops to ``serving/<build_id>.duckdb``, check the copy, move the pointer.

    Beside it ``serving/public/<build_id>.duckdb`` with what everybody may see and nothing else.

    Until the pointer moves, readers keep the last good build. Raises UrbandataError if the copy
    does not hold the rows of the warehouse; the pointer then stays where it is.
    """
    return until_there(settings, lambda: _publish(settings, build_id, origin, extra_schemas))


def _publish(
    settings: Settings, build_id: str, origin: str, extra_schemas: tuple[str, ...]
) -> Path:
    public_dir = settings.serving_dir / sharing.PUBLIC
    with writing(settings) as con:
        con.execute(SOURCE_STATUS.format(origin=origin))
        wanted = dict.fromkeys((*PUBLISHED_SCHEMAS, *extra_schemas), ("%",))
        target = write_build(con, settings.serving_dir, build_id, wanted)
        write_build(con, public_dir, build_id, PUBLIC_TABLES)
    for folder in (public_dir, settings.serving_dir):
        point_to(folder, build_id)
        sharing.share(settings, folder, build_id)
        sharing.forget_old(folder, settings.keep_builds)
        for leftover in folder.glob(".*.partial*"):
            leftover.unlink()
    return target


def write_build(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    build_id: str,
    wanted: Mapping[str, Sequence[str]],
) -> Path:
    """A file with the wanted tables: schema to LIKE patterns of names. Whole or not there."""
    partial = folder / f".{build_id}.partial"
    folder.mkdir(parents=True, exist_ok=True)
    partial.unlink(missing_ok=True)
    con.execute(f"ATTACH '{partial}' AS serving")

    def copy(_: int) -> None:
        for schema, patterns in wanted.items():
            _copy_schema(con, schema, patterns)

    try:  # one transaction: a commit for each of two thousand comments costs more than the rows
        transaction(con, copy)
    finally:
        con.execute("DETACH serving")
    target = folder / f"{build_id}.duckdb"
    partial.replace(target)
    return target


def point_to(folder: Path, build_id: str) -> None:
    """Make ``build_id`` the build in service of a folder, atomically."""
    pointer = {
        "build_id": build_id,
        "path": f"{build_id}.duckdb",
        "published_at": utc_now().isoformat(),
    }
    write_atomically(folder / sharing.POINTER, json.dumps(pointer).encode())


def current_build(settings: Settings) -> dict[str, str] | None:
    """The pointer: build id, file name in the serving folder, time. None before the first build."""
    try:
        pointer: dict[str, str] = json.loads((settings.serving_dir / sharing.POINTER).read_bytes())
    except FileNotFoundError:
        return None
    return pointer


def _copy_schema(con: duckdb.DuckDBPyConnection, schema: str, patterns: Sequence[str]) -> None:
    """Copy tables whose names are like a pattern, with their comments; the counts must match."""
    con.execute(f"CREATE SCHEMA serving.{schema}")
    tables = con.execute(
        "SELECT table_name, comment FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = ? "
        "AND len(list_filter(?::VARCHAR[], lambda p: table_name LIKE p)) > 0 ORDER BY 1",
        [schema, list(patterns)],
    ).fetchall()
    for table, text in tables:
        con.execute(f'CREATE TABLE serving.{schema}."{table}" AS FROM {schema}."{table}"')
        comment(con, f'TABLE serving.{schema}."{table}"', text)
        copied = scalar(con, f'SELECT count(*) FROM serving.{schema}."{table}"')
        if copied != scalar(con, f'SELECT count(*) FROM {schema}."{table}"'):
            raise UrbandataError(f"{schema}.{table}: the published copy lacks rows; not published")
    columns = con.execute(
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL "
        "AND database_name = current_database() AND schema_name = ? "
        "AND list_contains(?, table_name)",
        [schema, [name for name, _ in tables]],
    ).fetchall()
    for table, column, text in columns:
        comment(con, f'COLUMN serving.{schema}."{table}"."{column}"', text)
