"""Stripped exports to tables: one row about the export itself, then its tables."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import BROKEN_ARCHIVE, PayloadError
from urbandata.reading import tabular
from urbandata.registry import ARROW_TYPES, Source, Table
from urbandata.sources.cleema_export.allowed import MANIFEST, QUIZ, TABLES, UNFIT

RENAMED = {"user_id": "user_key"}
USERS = {"id": "user_key", "created_at": "created_on"}
JOINS, JOIN_IDS = "joined_challenges", "joined_challenge_ids"


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``exports`` and the tables of the export, each with its own rejects."""
    manifest, members = _opened(payload.content)
    tables: dict[str, pa.Table] = {}
    rejects: list[Reject] = []
    complete: dict[str, bool] = {}
    for name, body in members.items():
        rows = _rows(name, body)
        counted = manifest["rows"].get(name, rows.num_rows)
        complete[name] = counted == rows.num_rows
        parsed = _typed(rows, name, source.tables[name])
        tables.update(parsed.tables)
        rejects.extend(parsed.rejects)
    about = _about(payload, manifest, complete)
    exports = tabular.typed(about, "exports", source.tables["exports"])
    return Parsed({**exports.tables, **tables}, (*exports.rejects, *rejects))


def _opened(content: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Manifest and tables of a stripped export. Raises PayloadError if there are none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            names = [n for n in (*TABLES, QUIZ) if f"{n}.csv" in archive.namelist()]
            members = {n: archive.read(f"{n}.csv") for n in names}
    except (*BROKEN_ARCHIVE, RecursionError) as error:
        raise PayloadError(f"this is no cleaned export: {error}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("rows"), dict):
        raise PayloadError(f"{MANIFEST} says nothing about the export")
    if not members:
        found = [*_listed(manifest, "problems"), *_listed(manifest, "dropped_tables")]
        raise PayloadError(f"no table of it may be kept or read: {', '.join(found) or 'empty'}")
    return manifest, members


def _rows(name: str, body: bytes) -> pa.Table:
    """One table as text, with its line numbers and marks on records with removed cells."""
    try:
        columns = body.split(b"\n", 1)[0].decode().replace('"', "").strip().split(",")
        options = pa_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        )
        rows = pa_csv.read_csv(io.BytesIO(body), convert_options=options)
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeDecodeError) as error:
        raise PayloadError(f"{name}: {error}") from error
    fault = pa.nulls(rows.num_rows, pa.string())
    for column in rows.column_names:
        unfit = pc.fill_null(pc.equal(rows.column(column).cast(pa.string()), UNFIT), False)
        reason = f"{column}: the value had not the shape of its column and was not stored"
        fault = pc.if_else(unfit, reason, fault)
    renames = USERS if name == "up_users" else RENAMED
    rows = rows.rename_columns([renames.get(c, c) for c in rows.column_names])
    rows = rows.append_column(tabular.FAULT, fault)
    return rows.append_column(tabular.ROW, pa.array(range(2, rows.num_rows + 2), pa.int64()))


def _typed(rows: pa.Table, name: str, table: Table) -> Parsed:
    """Like ``tabular.typed``; what the strip has left nearly always casts without its session."""
    if pc.any(pc.is_valid(rows.column(tabular.FAULT))).as_py():
        return tabular.typed(rows, name, table)
    missing = [c for c in table.columns if c not in rows.column_names]
    text = rows.select([c for c in rows.column_names if c != tabular.FAULT])
    for column in missing:
        text = text.append_column(column, pa.nulls(rows.num_rows, pa.string()))
    try:
        for place, column in enumerate(text.column_names):
            if column in table.columns:
                cast = _cast(text.column(column), ARROW_TYPES[table.columns[column].type])
                text = text.set_column(place, column, cast)
        return Parsed({name: tabular.conform(text, table)})
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return tabular.typed(rows, name, table)


def _cast(text: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_timestamp(kind):
        return pc.assume_timezone(text.cast(pa.timestamp("us")), "UTC")
    return text.cast(kind)


def _about(payload: Payload, manifest: dict[str, Any], complete: dict[str, bool]) -> pa.Table:
    """The export in one row of text. Without a stated moment it counts as made when it came."""
    full = manifest.get("scope") == "full"
    short = [
        f"{n}: fewer or more rows than announced" for n, whole in complete.items() if not whole
    ]
    dropped = manifest.get("dropped_columns")
    columns = dropped if isinstance(dropped, dict) else {}
    fetched = payload.fetched_at.astimezone(UTC).isoformat()
    values = {
        "exported_at": str(manifest.get("exported_at") or fetched),
        "scope": str(manifest.get("scope")),
        "changed_since": _optional(manifest.get("changed_since")),
        "lists_all_joins": str(
            complete.get(JOIN_IDS, False) or (full and complete.get(JOINS, False))
        ).lower(),
        "tables": ", ".join(complete),
        "dropped_tables": ", ".join(_listed(manifest, "dropped_tables")),
        "dropped_columns": ", ".join(f"{t}.{c}" for t in columns for c in _listed(columns, t)),
        "unfit_cells": _optional(manifest.get("unfit_cells")),
        "problems": "; ".join([*_listed(manifest, "problems"), *short]),
    }
    text = {name: pa.array([value], pa.string()) for name, value in values.items()}
    return pa.table({**text, tabular.ROW: pa.array([1], pa.int64())})


def _listed(manifest: dict[str, Any], name: str) -> list[str]:
    value = manifest.get(name)
    return [str(v) for v in value] if isinstance(value, list) else []


def _optional(value: Any) -> str | None:
    return None if value is None else str(value)
