"""Newline-delimited JSON to columns of text, losing no line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from urbandata.reading.tabular import FAULT, ROW, broken_json_is_said, decode, in_memory


def records(
    content: bytes,
    fields: Mapping[str, Sequence[str]],
    lengths: Mapping[str, Sequence[str]] | None = None,
    required: Mapping[str, str] | None = None,
) -> pa.Table:
    """Records of newline-delimited JSON as text columns, plus ``_row`` (line number, 1-based).

    ``fields`` name JSON paths per column, the first that holds something counts; ``lengths``
    give the number of elements of an array. A line that is no JSON, or lacks one of
    ``required`` (column: what to say), carries a ``_fault``. Blank lines are no records. Text
    that is one JSON array is read as one record per element, one object over several lines as
    one record.
    """
    text = decode(content, ("utf-8-sig",)).strip()
    paths = [path for listed in fields.values() for path in listed]
    sizes = [path for listed in (lengths or {}).values() for path in listed]
    columns = {name: _first_of("found", paths, listed) for name, listed in fields.items()}
    counted = {n: _first_of("sized", sizes, ps) for n, ps in (lengths or {}).items()}
    selected = [f'{value} AS "{name}"' for name, value in columns.items()]
    selected += [f'{value}::VARCHAR AS "{name}"' for name, value in counted.items()]
    faults = ["WHEN record IS NULL THEN 'the line is no JSON object'"]
    faults += [
        f"WHEN {columns[name]} IS NULL THEN '{reason}'" for name, reason in (required or {}).items()
    ]
    lines = "string_split(replace($text, chr(13), ''), chr(10))"
    parts = f"CASE WHEN json_valid($text) THEN [$text] ELSE {lines} END"
    if text.startswith("["):
        parts = "from_json($text, '[\"JSON\"]')"
    # Every path of a record is looked up in one call: a call reads the whole record anew.
    with in_memory() as session, broken_json_is_said():
        return session.execute(
            f"""
            WITH lines AS (
                SELECT coalesce(unnest(parts)::VARCHAR, 'null') AS line,
                    generate_subscripts(parts, 1) AS number
                FROM (SELECT {parts} AS parts)
            ), records AS MATERIALIZED (
                SELECT number, CASE WHEN json_valid(line) THEN line::JSON END AS record
                FROM lines WHERE trim(line) <> ''
            ), objects AS MATERIALIZED (
                SELECT number,
                    CASE WHEN json_type(record) = 'OBJECT' THEN record END AS record
                FROM records
            ), lookups AS MATERIALIZED (
                SELECT number, record, json_extract_string(record, {_quoted(paths)}) AS found,
                    json_array_length(record, {_quoted(sizes)}) AS sized
                FROM objects
            )
            SELECT {", ".join(selected)}, CASE {" ".join(faults)} END AS "{FAULT}",
                number::BIGINT AS "{ROW}" FROM lookups ORDER BY number
            """,
            {"text": text},
        ).to_arrow_table()


def _first_of(found: str, paths: Sequence[str], wanted: Sequence[str]) -> str:
    """The first value of ``wanted`` in a list that holds one value per path."""
    return f"coalesce({', '.join(f'{found}[{paths.index(path) + 1}]' for path in wanted)})"


def _quoted(paths: Sequence[str]) -> str:
    listed = ", ".join(f"'$.{path}'" for path in paths)
    return f"[{listed}]::VARCHAR[]"
