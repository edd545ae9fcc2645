"""Reading a published build: read-only, by the name the pointer gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import duckdb

from urbandata.errors import UrbandataError
from urbandata.settings import Settings
from urbandata.storage import sharing


class Connection(Protocol):
    """What queries need of a connection: cursors. A reader's has those of ``guarded``."""

    def cursor(self) -> Any:
        """A cursor of its own, to be used in a ``with`` block."""


def current_path(settings: Settings) -> Path:
    """File of the build in service. Raises UrbandataError before the first publication."""
    sharing.fetch(settings, settings.serving_dir)
    try:
        pointer = json.loads((settings.serving_dir / "current.json").read_bytes())
    except FileNotFoundError:
        raise UrbandataError(
            "no build is published yet; run 'urbandata run' or 'make run' first"
        ) from None
    return settings.serving_dir / str(pointer["path"])


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Read-only connection to the build in service, in UTC."""
    return connect_to(current_path(settings))


def connect_to(build: Path) -> duckdb.DuckDBPyConnection:
    """Read-only connection to a build's file, in UTC."""
    con = duckdb.connect(str(build), read_only=True)
    con.execute("SET TimeZone = 'UTC'")
    return con


def rows(
    settings: Settings, sql: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Result of a query on the build in service, a dict per row."""
    with connect(settings) as con:
        cursor = con.execute(sql, dict(parameters or {}))
        names = [d[0] for d in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
