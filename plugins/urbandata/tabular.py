"""Text and JSON to typed tables with DuckDB's readers, losing no record.

``typed`` casts columns of text to the types declared in source.yml; a value that does not fit
makes its record a Reject with the row and the reason, and the rest goes on.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from urbandata.contract import Parsed, Reject
from urbandata.errors import PayloadError
from urbandata.registry import SQL_TYPES, Column, Table

ROW = "_row"
FAULT = "_fault"  # why a record as a whole cannot be read; such records become Rejects


def decode(content: bytes, encodings: Sequence[str] = ("utf-8-sig", "cp1252")) -> str:
    """Text of a payload; the first encoding that fits. Raises PayloadError if none does."""
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PayloadError(f"the text is not in any of the expected encodings: {', '.join(encodings)}")


def json_records(content: bytes, fields: Iterable[str], path: str = "$") -> pa.Table:
    """Records of a JSON array at ``path`` as text columns, plus ``_row`` (1-based).

    ``fields`` are JSON paths below a record, ``"name"``, ``"name=a.b"`` or, where records are
    arrays, ``"name=[0]"``. Missing fields are null. Raises PayloadError if the JSON is broken or
    no array is at ``path``.
    """
    selected = []
    for item in fields:
        name, _, below = item.partition("=")
        place = below if below.startswith("[") else f".{below or name}"
        selected.append(f"json_extract_string(record, '${place}') AS \"{name}\"")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PayloadError(f"JSON is not UTF-8: {error}") from error
    with in_memory() as session:
        try:
            kind = session.execute("SELECT json_type(?::JSON, ?)", [text, path]).fetchone()
        except duckdb.Error as error:
            raise PayloadError(f"broken JSON: {_first_line(error)}") from error
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
    content: bytes, delimiter: str = ",", header: bool = True, skip: int = 0, quote: str = '"'
) -> pa.Table:
    """Records of a delimited text as text columns, plus ``_row`` (line number, 1-based).

    Columns are named by the header, or ``column0…`` without one. Short lines are filled with
    null; a line with too many gets a ``_fault``, which ``typed`` turns into a Reject.
    """
    lines = decode(content).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = list(csv.reader(lines[skip:], delimiter=delimiter, quotechar=quote, strict=False))
    numbered = [(i, r) for i, r in enumerate(rows, start=skip + 1) if r]
    if not numbered:
        raise PayloadError("the file is empty")
    first = numbered[0][1]
    names = [n.strip() for n in first] if header else [f"column{i}" for i in range(len(first))]
    body = numbered[1:] if header else numbered
    columns = {
        n: pa.array([r[i] if i < len(r) else None for _, r in body], pa.string())
        for i, n in enumerate(names)
    }
    faults = [
        f"{len(r)} fields, the header has {len(names)}" if len(r) > len(names) else None
        for _, r in body
    ]
    columns[FAULT] = pa.array(faults, pa.string())
    return pa.table({**columns, ROW: pa.array([line for line, _ in body], pa.int64())})


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
        rows = rows.append_column(name, pa.array([value] * rows.num_rows, pa.string()))
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

    ``text`` has the declared columns as strings (missing ones become null) and ``_row``.
    ``formats`` gives strptime formats for datetime, timestamp and date columns.
    Rejects carry the record as ``column=value`` pairs.
    """
    formats = formats or {}
    missing = [c for c in table.columns if c not in text.column_names]
    for column in missing:
        text = text.append_column(column, pa.nulls(text.num_rows, pa.string()))
    casts, faults = [], []
    for column, spec in table.columns.items():
        value = _cleaned(column, null_markers)
        cast = _cast(value, spec, formats.get(column), decimal_comma)
        casts.append(f'{cast} AS "{column}"')
        faults.append(
            f"CASE WHEN {value} IS NOT NULL AND {cast} IS NULL "
            f"THEN '{column}: \"' || {value} || '\" is not a {spec.type}' END"
        )
    if FAULT not in text.column_names:
        text = text.append_column(FAULT, pa.nulls(text.num_rows, pa.string()))
    faults.append(FAULT)
    with in_memory() as session:
        session.register("text", text)
        session.execute(
            f'CREATE TEMP TABLE cast_rows AS SELECT {", ".join(casts)}, "{ROW}", '
            f"concat_ws('; ', {', '.join(faults)}) AS fault FROM text"
        )
        good = session.execute(
            f"SELECT * EXCLUDE (fault) FROM cast_rows WHERE fault = '' ORDER BY \"{ROW}\""
        ).to_arrow_table()
        bad = session.execute(
            f'SELECT r."{ROW}", r.fault, t.* FROM cast_rows r JOIN text t USING ("{ROW}") '
            f"WHERE r.fault <> '' ORDER BY 1"
        ).fetchall()
        names = [d[0] for d in session.description or []][2:]
    rejects = tuple(Reject(name, row, fault, _as_text(names, rest)) for row, fault, *rest in bad)
    return Parsed({name: conform(good, table)}, rejects)


def conform(rows: pa.Table, table: Table) -> pa.Table:
    """``rows`` with exactly the declared columns and types, then ``_row``."""
    schema = table.schema.append(pa.field(ROW, pa.int64()))
    return rows.select(schema.names).cast(schema)


def from_rows(rows: Sequence[Mapping[str, Any]], table: Table) -> pa.Table:
    """Python records (with ``_row``) as a table of the declared schema; for XML and the like."""
    schema = table.schema.append(pa.field(ROW, pa.int64()))
    return pa.Table.from_pylist([dict(r) for r in rows], schema=schema)


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


def _cleaned(column: str, null_markers: Sequence[str]) -> str:
    markers = ", ".join("'" + m.replace("'", "''") + "'" for m in ("", *null_markers))
    return f'CASE WHEN trim("{column}") IN ({markers}) THEN NULL ELSE trim("{column}") END'


def _cast(value: str, spec: Column, fmt: str | None, decimal_comma: bool) -> str:
    if spec.type == "float" and decimal_comma:
        value = f"replace(replace({value}, '.', ''), ',', '.')"
    if spec.type in ("datetime", "timestamp", "date") and fmt:
        parsed = f"try_strptime({value}, '{fmt}')"
        return {
            "datetime": f"{parsed}::TIMESTAMP",
            "timestamp": f"{parsed}::TIMESTAMP AT TIME ZONE 'UTC'",
            "date": f"{parsed}::DATE",
        }[spec.type]
    cast = f"TRY_CAST({value} AS {SQL_TYPES[spec.type]})"
    # 'nan' and 'inf' are not measurements, 'infinity' is no time
    if spec.type in ("float", "timestamp", "datetime", "date"):
        return f"CASE WHEN isfinite({cast}) THEN {cast} END"
    return cast


def _as_text(names: Sequence[str], values: Sequence[Any]) -> str:
    pairs = (
        f"{n}={v}"
        for n, v in zip(names, values, strict=True)
        if n not in (ROW, FAULT) and v is not None
    )
    return ", ".join(pairs)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
