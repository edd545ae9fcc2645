"""Text and JSON to typed tables with DuckDB's readers, losing no record.

``typed`` casts columns of text to the types declared in source.yml; a value that does not fit
makes its record a Reject with the row and the reason, and the rest goes on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Reject
from urbandata.errors import PayloadError
from urbandata.reading import casting, csv_columns, csv_lines, json_paths
from urbandata.registry import Table

ROW = "_row"
ENCODINGS = ("utf-8-sig", "cp1252")
FAULT = "_fault"  # why a record as a whole cannot be read; such records become Rejects


def decode(content: bytes, encodings: Sequence[str] = ENCODINGS) -> str:
    """Text of a payload; the first encoding that fits. Raises PayloadError if none does."""
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PayloadError(f"the text is not in any of the expected encodings: {', '.join(encodings)}")


def json_records(
    content: bytes, fields: Iterable[str], path: str = "$", numbers: Collection[str] = ()
) -> pa.Table:
    """Records of a JSON array at ``path`` as text columns, plus ``_row`` (1-based).

    ``fields`` are JSON paths below a record, ``"name"``, ``"name=a.b"`` or, where records are
    arrays, ``"name=[0]"``. Missing fields are null. Those named by ``numbers`` may come as floats,
    which saves the way through text. Raises PayloadError if the JSON is broken or no array is at
    ``path``.
    """
    paths = {name: below or name for name, _, below in (f.partition("=") for f in fields)}
    found = json_paths.columns(content, paths, path, numbers)
    if found is None:
        return _json_records(content, paths, path)
    rows = len(next(iter(found.values())))
    return pa.table({**found, ROW: pa.array(np.arange(1, rows + 1, dtype=np.int64))})


def _json_records(content: bytes, paths: Mapping[str, str], path: str) -> pa.Table:
    """The same with DuckDB: any JSON, nested values as JSON text, and what is wrong in words."""
    selected = [
        f"json_extract_string(record, '${place if place.startswith('[') else f'.{place}'}') "
        f'AS "{name}"'
        for name, place in paths.items()
    ]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PayloadError(f"JSON is not UTF-8: {error}") from error
    with in_memory() as session:
        with broken_json_is_said():
            kind = session.execute("SELECT json_type(?::JSON, ?)", [text, path]).fetchone()
        if not kind or kind[0] != "ARRAY":
            raise PayloadError(f"no JSON array at {path}")
        return session.execute(
            f"""
            WITH records AS (
                SELECT unnest(from_json(json_extract(?::JSON, ?), '["JSON"]')) AS record
            )
            SELECT {", ".join(selected)}, row_number() OVER () AS "{ROW}" FROM records
            """,
            [text, path],
        ).to_arrow_table()


def csv_records(
    content: bytes,
    delimiter: str = ",",
    header: bool = True,
    skip: int = 0,
    quote: str = '"',
    integers: re.Pattern[str] | None = None,
) -> pa.Table:
    """Records of a delimited text as text columns, plus ``_row`` (line number, 1-based).

    Columns are named by the header, or ``column0…`` without one. Short lines are filled with
    null; a line with too many gets a ``_fault``, which ``typed`` turns into a Reject. Columns
    whose name begins like ``integers`` may come as whole numbers, if no line is short.
    """
    text = decode(content)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = csv_columns.columns(text, delimiter, header, skip, quote, (FAULT, ROW), integers)
    if plain is None:
        found, faults, numbers = csv_lines.columns(text, delimiter, header, skip, quote)
        extra = {FAULT: pa.array(faults, pa.string()), ROW: pa.array(numbers, pa.int64())}
        return pa.table({**found, **extra})
    lines = np.arange(plain.num_rows, dtype=np.int64) + (skip + header + 1)
    return plain.append_column(FAULT, pa.nulls(plain.num_rows, pa.string())).append_column(
        ROW, pa.array(lines)
    )


def split_records(content: bytes, delimiter: str, skip: int = 0) -> pa.Table:
    """Like ``csv_records`` with a header, for files without quotes: several times as fast.

    ``skip`` lines stand before the header; blank lines are no records. Raises PayloadError if
    there is no header or it names a column twice or not at all.
    """
    with in_memory() as session:
        session.execute(
            "CREATE TEMP TABLE parts AS SELECT string_split(line, $delimiter) AS part, number "
            "FROM (SELECT unnest(lines) AS line, generate_subscripts(lines, 1) AS number "
            "FROM (SELECT string_split(replace($text, chr(13), ''), chr(10)) AS lines)) "
            "WHERE number > $skip AND trim(line) <> '' ORDER BY number",
            {"text": decode(content), "delimiter": delimiter, "skip": skip},
        )
        head = session.execute("SELECT part, number FROM parts LIMIT 1").fetchone()
        if head is None:
            raise PayloadError("the file is empty")
        names = [str(n).strip() for n in head[0]]
        if {"", FAULT, ROW} & set(names) or len(set(names)) < len(names):
            raise PayloadError(f"line {head[1]} is not a header: {delimiter.join(names)[:200]}")
        fields = ", ".join(f"part[{i}] AS field{i}" for i in range(1, len(names) + 1))
        rows = session.execute(
            f"SELECT {fields}, CASE WHEN len(part) > {len(names)} THEN len(part) || ' fields, "
            f"the header has {len(names)}' END AS fault, number::BIGINT AS number "
            f"FROM parts WHERE number > {head[1]} ORDER BY number"
        ).to_arrow_table()
    # Headings never enter the SQL: they may hold quotes, zero bytes or differ in case only.
    return rows.rename_columns([*names, FAULT, ROW])


def renamed(rows: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """Only the columns in ``names`` (source name to ours) and ``_row``.

    Raises PayloadError naming the columns the payload lacks: the schema has changed.
    """
    missing = [n for n in names if n not in rows.column_names]
    if missing:
        raise PayloadError(f"columns missing: {', '.join(missing)}")
    kept = [c for c in (FAULT, ROW) if c in rows.column_names]
    return rows.select([*names, *kept]).rename_columns([*names.values(), *kept])


def constants(rows: pa.Table, **values: str) -> pa.Table:
    """``rows`` with further text columns that hold one value each."""
    for name, value in values.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.string()), rows.num_rows))
    return rows


def typed(
    text: pa.Table,
    name: str,
    table: Table,
    formats: Mapping[str, str] | None = None,
    null_markers: Sequence[str] = ("",),
    decimal_comma: bool = False,
) -> Parsed:
    """Columns of text cast to the declared schema of ``table`` (called ``name``).

    ``text`` has the declared columns (missing ones become null) as text, or as what is declared,
    and ``_row``. Columns that repeat themselves are cheaper as dictionaries: each distinct text is
    cast once.
    ``formats`` gives strptime formats for datetime, timestamp and date columns.
    Rejects carry the record as ``column=value`` pairs.
    """
    text = _with_all(text, [*table.columns, FAULT])
    clean, quick, slow = {}, {}, {}
    for column, spec in table.columns.items():
        distinct, places = _distinct(text.column(column))
        fmt = (formats or {}).get(column)
        cast = casting.cast(distinct, spec.type, fmt, decimal_comma, null_markers)
        if cast is None:
            slow[column] = casting.sql(column, spec, fmt, decimal_comma), spec.type
            clean[column] = _at(casting.trimmed(distinct, null_markers), places)
        else:
            quick[column] = _at(cast, places)
    if not slow and text.column(FAULT).null_count == text.num_rows:
        rows = _in_order(pa.table({**quick, ROW: text.column(ROW)}))
        return Parsed({name: conform(rows, table)})
    if (ordered := _in_order(text)) is not text:
        return typed(ordered, name, table, formats, null_markers, decimal_comma)
    cells = pa.table({**clean, FAULT: text.column(FAULT)})
    with in_memory() as session:
        cast_rows = casting.closely(session, cells, slow)
    fault = cast_rows.column("fault")
    rows = pa.table({**quick, **{c: cast_rows.column(c) for c in slow}, ROW: text.column(ROW)})
    bad = pc.not_equal(fault, "")
    rejects = tuple(
        reject(name, record, reason)
        for record, reason in zip(
            text.filter(bad).to_pylist(), fault.filter(bad).to_pylist(), strict=True
        )
    )
    return Parsed({name: conform(rows.filter(pc.invert(bad)), table)}, rejects)


def _with_all(text: pa.Table, columns: Iterable[str]) -> pa.Table:
    """``text`` with those columns it lacks, empty."""
    there = set(text.column_names)
    for column in columns:
        if column not in there:
            text = text.append_column(column, pa.nulls(text.num_rows, pa.string()))
    return text


def _distinct(text: casting.Column) -> tuple[casting.Column, pa.Array | None]:
    """Texts to be cast, and of a dictionary's texts where they stand."""
    if not pa.types.is_dictionary(text.type):
        return text, None
    encoded = text.unify_dictionaries().combine_chunks()
    return pa.chunked_array([encoded.dictionary]), encoded.indices


def _at(values: casting.Column, places: pa.Array | None) -> casting.Column:
    return values if places is None else values.take(places)


def _in_order(text: pa.Table) -> pa.Table:
    rows = text.column(ROW).to_numpy()
    return text if (rows[1:] >= rows[:-1]).all() else text.sort_by(ROW)


def conform(rows: pa.Table, table: Table) -> pa.Table:
    """``rows`` with exactly the declared columns and types, then ``_row``."""
    schema = table.schema.append(pa.field(ROW, pa.int64()))
    return rows if rows.schema.equals(schema) else rows.select(schema.names).cast(schema)


def from_rows(rows: Sequence[Mapping[str, Any]], table: Table) -> pa.Table:
    """Python records (with ``_row``) as a table of the declared schema; for XML and the like."""
    schema = table.schema.append(pa.field(ROW, pa.int64()))
    return pa.Table.from_pylist([dict(r) for r in rows], schema=schema)


@contextmanager
def broken_json_is_said() -> Iterator[None]:
    """DuckDB's errors on JSON as PayloadErrors."""
    try:
        yield
    except duckdb.Error as error:
        raise PayloadError(f"broken JSON: {str(error).splitlines()[0][:300]}") from error
    except UnicodeDecodeError as error:  # DuckDB quotes the text and may cut a character
        raise PayloadError("broken JSON") from error


def in_memory() -> duckdb.DuckDBPyConnection:
    """A connection with temporary tables of its own to the parsers' in-memory DuckDB."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One in-memory DuckDB per process, in UTC, without access to files or network.

    Opening one costs 10 ms, which was 40 % of parsing a small payload.
    """
    database = duckdb.connect(":memory:")
    database.execute(
        "SET GLOBAL TimeZone = 'UTC'; SET threads = 1; SET enable_external_access = false"
    )
    return database


def reject(table: str, record: Mapping[str, Any], reason: str) -> Reject:
    """A record of ``table``, with its ``_row``, that is turned away."""
    told = (f"{n}={v}" for n, v in record.items() if n not in (ROW, FAULT) and v is not None)
    return Reject(table, record[ROW], reason, ", ".join(told))
