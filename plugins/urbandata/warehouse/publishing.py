"""Publishing: marts and ops copied into files named by their build, then a pointer moved."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import duckdb

from urbandata.errors import UrbandataError
from urbandata.landing import utc_now
from urbandata.settings import Settings
from urbandata.storage import sharing, write_atomically
from urbandata.warehouse import inheriting
from urbandata.warehouse.engine import FORMAT, writing
from urbandata.warehouse.inheriting import Base
from urbandata.warehouse.retrying import transaction, until_there
from urbandata.warehouse.tables import SQL, comment, scalar

SOURCE_STATUS = (SQL / "source_status.sql").read_text(encoding="utf-8")
ALL_TABLES = {"marts": ("%",), "ops": ("%",)}
# What the citizens' app reads: public marts, and the register their figures are computed with.
PUBLIC_TABLES = {
    "marts": ("public_%", "dim_cleema_actions", "dim_cleema_assumptions", "dim_emission_factors"),
    "ops": ("sources",),
}


def publish(settings: Settings, build_id: str, origin: str, base: Base | None = None) -> Path:
    """Copy marts and ops to ``serving/<build_id>.duckdb``, check the copy, move the pointer.

    Beside it ``serving/public/<build_id>.duckdb`` with what everybody may see and nothing else.
    With a ``base`` that is still there, only what it lacks is copied into the first.

    Until the pointer moves, readers keep the last good build. Raises UrbandataError if the copy
    does not hold the rows of the warehouse; the pointer then stays where it is.
    """
    return until_there(settings, lambda: _publish(settings, build_id, origin, base))


def _publish(settings: Settings, build_id: str, origin: str, base: Base | None) -> Path:
    public_dir = settings.serving_dir / sharing.PUBLIC
    with writing(settings) as con:
        con.execute(SOURCE_STATUS.format(origin=origin))
        target = write_build(con, settings.serving_dir, build_id, ALL_TABLES, base)
        write_build(con, public_dir, build_id, PUBLIC_TABLES)  # no byte of an earlier build in it
        # Still under the lock: another publication's unfinished file would be a leftover here, and
        # a pointer that is moved later could go back to this build.
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
    base: Base | None = None,
) -> Path:
    """A file with the wanted tables: schema to LIKE patterns of names. Whole or not there."""
    partial = folder / f".{build_id}.partial"
    folder.mkdir(parents=True, exist_ok=True)
    partial.unlink(missing_ok=True)
    try:
        kept = inheriting.begin(con, partial, folder, base) if base else frozenset()
        con.execute(f"ATTACH IF NOT EXISTS '{partial}' AS serving ({FORMAT})")

        def copy(_: int) -> None:
            for schema, patterns in wanted.items():
                _copy_schema(con, schema, patterns, kept)

        # one transaction: a commit for each of two thousand comments costs more than the rows
        transaction(con, copy)
    finally:
        con.execute("DETACH DATABASE IF EXISTS serving")
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


def _copy_schema(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    patterns: Sequence[str],
    kept: Collection[tuple[str, str]],
) -> None:
    """Copy tables whose names are like a pattern, with their comments, but for those that are kept.

    The counts of all must match.
    """
    con.execute(f"CREATE SCHEMA IF NOT EXISTS serving.{schema}")
    tables = con.execute(
        "SELECT table_name, comment FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = ? "
        "AND len(list_filter(?::VARCHAR[], lambda p: table_name LIKE p)) > 0 ORDER BY 1",
        [schema, list(patterns)],
    ).fetchall()
    copied_now = []
    for table, text in tables:
        if (schema, table) not in kept:
            con.execute(f'CREATE TABLE serving.{schema}."{table}" AS FROM {schema}."{table}"')
            comment(con, f'TABLE serving.{schema}."{table}"', text)
            copied_now.append(table)
        copied = scalar(con, f'SELECT count(*) FROM serving.{schema}."{table}"')
        if copied != scalar(con, f'SELECT count(*) FROM {schema}."{table}"'):
            raise UrbandataError(f"{schema}.{table}: the published copy lacks rows; not published")
    columns = con.execute(
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL "
        "AND database_name = current_database() AND schema_name = ? "
        "AND list_contains(?, table_name)",
        [schema, copied_now],
    ).fetchall()
    for table, column, text in columns:
        comment(con, f'COLUMN serving.{schema}."{table}"."{column}"', text)
