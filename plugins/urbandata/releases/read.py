"""Reads a published build as what a release may show of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb

from urbandata import serving
from urbandata.errors import UrbandataError
from urbandata.releases.model import Column, Content, Origin, Table
from urbandata.releases.policy import Policy, policy


def read(path: Path, origin: Origin | None = None) -> Content:
    """The build in a file, rows of one origin; real ones where there are any."""
    with serving.connect_to(path) as con:
        build_id = path.stem
        build = con.execute(
            "SELECT finished_at, code_hash FROM ops.builds WHERE build_id = ?", [build_id]
        ).fetchone()
        if build is None:
            raise UrbandataError(f"build '{build_id}' does not name itself in ops.builds")
        chosen = origin or _origin(con)
        sources = _sources(con)
        tables = _tables(con, chosen)
    return Content(build_id, build[0].astimezone(UTC), str(build[1]), chosen, tables, sources)


def _origin(con: duckdb.DuckDBPyConnection) -> Origin:
    found = {r[0] for r in con.execute("SELECT DISTINCT origin FROM marts.kpi_values").fetchall()}
    return "real" if "real" in found else "demo"


def _sources(con: duckdb.DuckDBPyConnection) -> Mapping[str, Mapping[str, Any]]:
    cursor = con.execute("FROM ops.sources ORDER BY source")
    names = [d[0] for d in cursor.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {r["source"]: r for r in rows}


def _tables(con: duckdb.DuckDBPyConnection, origin: Origin) -> tuple[Table, ...]:
    rules = policy()
    lineage = _lineage(con)
    named = con.execute(
        "SELECT table_name, coalesce(comment, '') FROM duckdb_tables() "
        "WHERE schema_name = 'marts' AND NOT internal ORDER BY table_name"
    ).fetchall()
    return tuple(
        _table(con, rules, name, comment, origin, lineage.get(name, ()))
        for name, comment in named
        if name not in rules.excluded
    )


def _lineage(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Sources behind each mart, as the build's own graph has them."""
    try:
        found = con.execute("SELECT mart, source FROM marts.mart_lineage ORDER BY 1, 2").fetchall()
    except duckdb.CatalogException:
        raise UrbandataError(
            "the build knows no licences of its tables; 'urbandata build' makes one that does"
        ) from None
    lineage: dict[str, tuple[str, ...]] = {}
    for mart, source in found:
        lineage[mart] = (*lineage.get(mart, ()), source)
    return lineage


def _table(
    con: duckdb.DuckDBPyConnection,
    rules: Policy,
    name: str,
    comment: str,
    origin: Origin,
    sources: tuple[str, ...],
) -> Table:
    found = con.execute(
        "SELECT column_name, data_type, coalesce(comment, '') FROM duckdb_columns() "
        "WHERE schema_name = 'marts' AND table_name = ? ORDER BY column_index",
        [name],
    ).fetchall()
    kept = [c for c in found if not rules.is_dropped(name, c[0])]
    hidden = _hidden(rules, kept)
    columns = tuple(
        Column(n, t, _described(rules, text, n in hidden), rules.unit(n)) for n, t, text in kept
    )
    shown = ", ".join(_expression(rules, n, hidden) for n, _, _ in kept)
    only = f" WHERE origin = '{origin}'" if any(c.name == "origin" for c in columns) else ""
    select = f'SELECT {shown} FROM marts."{name}"{only}'  # nosec: names are the build's own
    count = con.execute(f"SELECT count(*) FROM ({select})").fetchone()
    description = " ".join(comment.split())
    return Table(name, description, columns, select, int(count[0]) if count else 0, sources)


def _hidden(rules: Policy, columns: list[tuple[str, str, str]]) -> dict[str, tuple[str, ...]]:
    """Columns that are emptied, each with the counts of people that may not be small."""
    names = {n for n, _, _ in columns}
    hidden: dict[str, tuple[str, ...]] = {}
    for count, depending in rules.people.items():
        if count in names:
            for column in (count, *(d for d in depending if d in names)):
                hidden[column] = (*hidden.get(column, ()), count)
    return hidden


def _expression(rules: Policy, name: str, hidden: Mapping[str, tuple[str, ...]]) -> str:
    if name not in hidden:
        return f'"{name}"'
    small = " OR ".join(
        f'("{count}" > 0 AND "{count}" < {rules.least_people})' for count in hidden[name]
    )
    return f'CASE WHEN {small} THEN NULL ELSE "{name}" END AS "{name}"'


def _described(rules: Policy, text: str, is_hidden: bool) -> str:
    plain = " ".join(text.split())
    note = f"Empty in releases where it would tell of fewer than {rules.least_people} people."
    return f"{plain} {note}".strip() if is_hidden else plain
