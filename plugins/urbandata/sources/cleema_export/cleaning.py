"""Removes everything personal from an export before it is stored: an allow-list, cell by cell.

The result is always a zip: one CSV per allowed table and a manifest that names what was dropped.
It is the same for the same export, so an export that comes twice is stored once.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from urbandata.errors import BROKEN_ARCHIVE, ConfigError, PayloadError
from urbandata.reading import tabular
from urbandata.sources.cleema_export import quiz
from urbandata.sources.cleema_export.allowed import (
    EXPORT_NOTE,
    LANDMARKS,
    MANIFEST,
    QUIZ,
    TABLES,
    TIME,
    UNFIT,
    Rule,
    nameable,
    table_of,
)

OPERATOR_KINDS = ("partner", "collective")
NULLS = ("", "NULL", "\\N", "null", "None")
MAX_MEMBER = 600 * 2**20
FIELD_LIMIT = 2**24  # descriptions are long; they are read only to be dropped


@dataclass(slots=True)
class Manifest:
    """What the stripped export says about itself."""

    scope: str = "full"
    exported_at: str | None = None
    changed_since: str | None = None
    tables: list[str] = field(default_factory=list)
    dropped_tables: list[str] = field(default_factory=list)
    dropped_columns: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)  # as the exporter counted them
    unfit_cells: int = 0
    problems: list[str] = field(default_factory=list)


def clean(content: bytes, resource: str, key: str) -> bytes:
    """The stripped export as a zip. Never raises for what the content is.

    Raises ConfigError if user ids have to be hashed and there is no key.
    """
    manifest = Manifest()
    members: dict[str, bytes] = {}
    for name, body in _members(content, resource, manifest):
        table = QUIZ if quiz.is_catalogue(body) else table_of(name)
        if PurePosixPath(name).name == EXPORT_NOTE:
            _note(body, manifest)
        elif table is None:
            manifest.dropped_tables.append(nameable(PurePosixPath(name).stem))
        elif table in members:
            manifest.problems.append(f"{table} is there twice; the first one was kept")
        else:
            _take(table, body, key, manifest, members)
    manifest.dropped_tables.sort()
    return _zipped({MANIFEST: _json(manifest), **dict(sorted(members.items()))})


def _members(content: bytes, resource: str, manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file in the export; a single file is its own export."""
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield PurePosixPath(resource).name, content
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if info.is_dir():
                    continue
                if info.file_size > MAX_MEMBER:
                    manifest.problems.append("a file in the archive is larger than 600 MiB")
                    continue
                yield info.filename, archive.read(info)
    except BROKEN_ARCHIVE:
        manifest.problems.append("the archive is damaged or encrypted")
    except ValueError:
        manifest.problems.append("the archive has an impossible directory")


def _take(table: str, body: bytes, key: str, manifest: Manifest, members: dict[str, bytes]) -> None:
    """Add one cleaned table, or say why not."""
    try:
        rows = quiz.counted(body) if table == QUIZ else _cleaned(table, body, key, manifest)
    except PayloadError as error:
        manifest.problems.append(f"{table}: {error}")
        return
    manifest.tables.append(table)
    sink = io.BytesIO()
    pa_csv.write_csv(rows, sink)
    members[f"{table}.csv"] = sink.getvalue()


def _cleaned(table: str, body: bytes, key: str, manifest: Manifest) -> pa.Table:
    """Allowed columns of one table, every cell in its shape. Raises PayloadError without header."""
    rows = _records(body)
    rules = TABLES[table]
    names = [n for n in rows.column_names if n not in (tabular.ROW, tabular.FAULT)]
    if not LANDMARKS & set(names):
        raise PayloadError("the columns are not named as in the database; nothing was kept")
    dropped = sorted({nameable(n) for n in names if n not in rules})
    if dropped:
        manifest.dropped_columns[table] = dropped
    faulty = pc.is_valid(rows.column(tabular.FAULT))
    kept = {}
    for name, rule in rules.items():
        if name in names:
            cells = rows.column(name)
        elif rule.needed:
            raise PayloadError(f"the column {name} is missing")
        else:
            cells = pa.nulls(rows.num_rows, pa.string())
        kept[name] = pc.if_else(faulty, UNFIT, _shaped(cells, rule))
    if "title" in kept:
        kept["title"] = _operators(kept["title"], kept["kind"])
    for name, rule in rules.items():
        manifest.unfit_cells += pc.sum(pc.equal(kept[name], UNFIT)).as_py() or 0
        if rule.how == "user":
            kept[name] = _hashed(kept[name], key)
        elif rule.how == "day":
            kept[name] = pc.utf8_slice_codeunits(kept[name], 0, 10)
    return pa.table(kept)


def _records(body: bytes) -> pa.Table:
    """Records of a CSV or of a JSON array of flat objects, as text. Raises PayloadError."""
    if body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{"):
        return _json_records(body)
    first = body[:65_536].split(b"\n", 1)[0]
    csv.field_size_limit(FIELD_LIMIT)
    try:
        delimiter = ";" if first.count(b";") > first.count(b",") else ","
        rows = tabular.csv_records(body, delimiter=delimiter)
    except csv.Error:
        raise PayloadError("the CSV cannot be read") from None
    renamed = [n.strip().lower() for n in rows.column_names]
    if len(set(renamed)) < len(renamed):
        raise PayloadError("a column is there twice")
    return rows.rename_columns(renamed)


def _json_records(body: bytes) -> pa.Table:
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise PayloadError("the JSON cannot be read") from None
    records = found.get("data") if isinstance(found, dict) else found
    if not isinstance(records, list):
        raise PayloadError("the JSON is no list of records")
    rows = [r if isinstance(r, dict) else {} for r in records]
    names = dict.fromkeys(nameable(name) for row in rows for name in row)
    columns = {n: pa.array([_text(r.get(n)) for r in rows], pa.string()) for n in names}
    faults = [None if isinstance(r, dict) else "no record" for r in records]
    return pa.table(
        {
            **columns,
            tabular.FAULT: pa.array(faults, pa.string()),
            tabular.ROW: pa.array(range(1, len(rows) + 1), pa.int64()),
        }
    )


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else value.encode(errors="replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else UNFIT


def _shaped(cells: pa.Array, rule: Rule) -> pa.Array:
    """Cells in their shape; empty ones are null, the others become the marker."""
    trimmed = pc.utf8_trim_whitespace(cells)
    empty = pc.is_in(trimmed, pa.array(NULLS))
    value = pc.if_else(pc.or_(empty, pc.is_null(trimmed)), pa.scalar(None, pa.string()), trimmed)
    fits = pc.match_substring_regex(value, rf"^(?:{rule.shape})$")
    shaped = pc.if_else(fits, value, pc.if_else(pc.is_valid(value), UNFIT, value))
    return pc.fill_null(shaped, UNFIT) if rule.needed else shaped


def _operators(titles: pa.Array, kinds: pa.Array) -> pa.Array:
    """Titles written by partners and the operator; those of users are free text and go."""
    theirs = pc.is_in(kinds, pa.array(OPERATOR_KINDS))
    plain = pc.replace_substring_regex(titles, r"\S+@\S+", "…")
    return pc.if_else(theirs, plain, pa.scalar(None, pa.string()))


def _hashed(users: pa.Array, key: str) -> pa.Array:
    """Keyed hash per user, the same in every table."""
    array = users.combine_chunks() if isinstance(users, pa.ChunkedArray) else users
    coded = array.dictionary_encode()
    known = coded.dictionary.to_pylist()
    if known and not key:
        raise ConfigError(
            "cleema_export holds people's ids and there is no key to hash them with: "
            "set URBANDATA_PSEUDONYM_KEY"
        )
    hashes = pa.array([u if u == UNFIT else pseudonym(u, key) for u in known], pa.string())
    return hashes.take(coded.indices)


def pseudonym(user: str, key: str) -> str:
    """First 128 bits of HMAC-SHA256 of a user's id."""
    text = f"cleema/user/{user.lower()}"
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _note(body: bytes, manifest: Manifest) -> None:
    """What the export says about its moment and scope, in strict shapes."""
    try:
        note = json.loads(body)
    except (ValueError, RecursionError):
        note = None
    if not isinstance(note, dict):
        manifest.problems.append(f"{EXPORT_NOTE} cannot be read")
        return
    for name in ("exported_at", "changed_since"):
        if note.get(name) is not None:
            text = str(note[name])
            fits = re.fullmatch(TIME, text) is not None
            setattr(manifest, name, text if fits else None)
            if not fits:
                manifest.problems.append(f"{EXPORT_NOTE}: {name} is no UTC time")
    counts = note.get("rows")
    if isinstance(counts, dict):
        found = {table_of(str(name)): n for name, n in counts.items() if isinstance(n, int)}
        manifest.rows = {table: n for table, n in found.items() if table is not None}
    if note.get("scope", "full") in ("full", "changes"):
        manifest.scope = note.get("scope", "full")
    else:
        manifest.problems.append(f"{EXPORT_NOTE}: scope is neither full nor changes")


def _json(manifest: Manifest) -> bytes:
    fields = {name: getattr(manifest, name) for name in manifest.__slots__}
    return json.dumps(fields, indent=1, sort_keys=True).encode()


def _zipped(members: dict[str, bytes]) -> bytes:
    """A zip that depends on the content only; the raw zone compresses it anyway."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), body)
    return sink.getvalue()
