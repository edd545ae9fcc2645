"""Text to types: whole columns with Arrow, many times as fast as value by value with DuckDB.

Arrow refuses a column as soon as one value is unusual. Whatever it takes, DuckDB's ``TRY_CAST``
takes too and reads alike (a property test holds both together); what it refuses is left to that
closer look, which tells value by value what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.registry import ARROW_TYPES, SQL_TYPES
from urbandata.registry import Column as Spec

Column: TypeAlias = "pa.ChunkedArray[Any]"

# All of Unicode's space separators: what DuckDB's trim() takes away.
SPACES = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
# What a number with a dot has to look like where the decimal mark is a comma. Any other (1.5,
# 232,526.00) is written the English way: without its dots it would be wrong by powers of ten.
GROUPED = r"^[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?$"
THOUSANDS = r"[+-]?[1-9]\d{0,2}\.000"  # of a whole number: 1000 or 1? Nobody can tell
# Formats that Arrow reads as ISO 8601, and the only length a text in them has.
ISO_LENGTHS = {
    "%Y-%m-%d": 10,
    "%Y-%m-%d %H:%M": 16,
    "%Y-%m-%dT%H:%M": 16,
    "%Y-%m-%d %H:%M:%S": 19,
    "%Y-%m-%dT%H:%M:%S": 19,
}


def trimmed(text: Column, null_markers: Sequence[str]) -> Column:
    """Text without spaces around it; empty ones and markers are null."""
    text = pc.utf8_trim(text, characters=SPACES)
    empty = pc.is_in(text, value_set=pa.array(["", *null_markers], pa.string()))
    return pc.if_else(empty, None, text) if pc.any(empty).as_py() else text


def cast(
    text: Column, kind: str, fmt: str | None, decimal_comma: bool, null_markers: Sequence[str]
) -> Column | None:
    """Text as ``trimmed`` as a column of type ``kind``; None where values need the closer look.

    What is no text but of that type stays as it is. Most texts are cast as they stand, without
    being trimmed first.
    """
    if kind != "string" and text.type == ARROW_TYPES[kind]:
        return text
    if kind != "string" and not any(null_markers):
        found = quick(text, kind, fmt, decimal_comma)
        if found is not None:
            return found
    return quick(trimmed(text, null_markers), kind, fmt, decimal_comma)


def quick(text: Column, kind: str, fmt: str | None, decimal_comma: bool) -> Column | None:
    """Trimmed text as a column of type ``kind``; None where values need the closer look."""
    if fmt and (fmt not in ISO_LENGTHS or not _all_of_length(text, ISO_LENGTHS[fmt])):
        return None
    if kind == "float" and decimal_comma:
        if _has_other_points(text):
            return None
        text = pc.replace_substring(pc.replace_substring(text, ".", ""), ",", ".")
    try:
        # A format without an offset is in UTC, and Arrow would miss the offset.
        column = text.cast(pa.timestamp("us")) if fmt and kind == "timestamp" else text
        column = column.cast(ARROW_TYPES[kind])
    except pa.ArrowInvalid:
        return None
    return column if _means_the_same(text, column, kind) else None


def _means_the_same(text: Column, column: Column, kind: str) -> bool:
    """What Arrow takes but is no measurement: infinity, and hexadecimal numbers."""
    if kind == "float":
        return bool(pc.all(pc.is_finite(column), min_count=0).as_py())
    if kind == "int" and not pc.all(pc.ascii_is_decimal(text), min_count=0).as_py():
        return not pc.any(pc.match_substring(text, "x", ignore_case=True)).as_py()
    return True


def _has_other_points(text: Column) -> bool:
    """Whether a point stands where none groups digits."""
    pointed = text.filter(pc.match_substring(text, "."))
    grouped = pc.match_substring_regex(pointed, GROUPED)
    return not pc.all(grouped, min_count=0).as_py()


def _all_of_length(text: Column, length: int) -> bool:
    return bool(pc.all(pc.equal(pc.binary_length(text), length), min_count=0).as_py())


def closely(
    session: duckdb.DuckDBPyConnection, cells: pa.Table, casts: Mapping[str, tuple[str, str]]
) -> pa.Table:
    """Cells cast value by value, and ``fault``: all that does not fit in a row.

    ``casts`` are SQL and kind by column; what other columns hold are faults found before.
    """
    columns = [f'{cast} AS "{column}"' for column, (cast, _) in casts.items()]
    faults = [
        f'CASE WHEN "{column}" IS NOT NULL AND {cast} IS NULL '
        f"THEN '{column}: \"' || \"{column}\" || '\" is not a {kind}' END"
        for column, (cast, kind) in casts.items()
    ]
    before = [f'"{c}"' for c in cells.column_names if c not in casts]
    session.register("cells", cells)
    return session.execute(
        f"SELECT {', '.join([*columns, ''])} concat_ws('; ', {', '.join([*faults, *before])}) "
        "AS fault FROM cells"
    ).to_arrow_table()


def sql(column: str, spec: Spec, fmt: str | None, decimal_comma: bool) -> str:
    """The cast of each value of a trimmed column; null where it does not fit."""
    value = f'"{column}"'
    if spec.type == "float" and decimal_comma:
        plain = f"replace(replace({value}, '.', ''), ',', '.')"
        pointed = f"contains({value}, '.') AND NOT regexp_matches({value}, '{GROUPED}')"
        value = f"CASE WHEN {pointed} THEN NULL ELSE {plain} END"
    if spec.type in ("datetime", "timestamp", "date"):
        return _time(value, spec.type, fmt)
    cast = f"TRY_CAST({value} AS {SQL_TYPES[spec.type]})"
    if spec.type == "int":  # DuckDB rounds: 18.5 to 19, and 1.234 to 1
        whole = f"{cast} = TRY_CAST({value} AS DOUBLE)"
        grouped = f"regexp_full_match({value}, '{THOUSANDS}')"
        return f"CASE WHEN {whole} AND NOT {grouped} THEN {cast} END"
    if spec.type == "float":  # 'nan' and 'inf' are not measurements
        return f"CASE WHEN isfinite({cast}) THEN {cast} END"
    return cast


def _time(value: str, kind: str, fmt: str | None) -> str:
    """The same for times; 3-4-24 is no day of the year 3, and 'infinity' no time."""
    parsed = (
        f"try_strptime({value}, {_written(fmt)})"
        if fmt
        else f"TRY_CAST({value} AS {SQL_TYPES[kind]})"
    )
    year_first = fmt is None or fmt.startswith("%Y")
    told = f"regexp_matches({value}, '^\\d{{4}}')" if year_first else f"year({parsed}) >= 1000"
    time = f"CASE WHEN {told} THEN {parsed} END"
    if not fmt:
        return time
    in_utc = " AT TIME ZONE 'UTC'" if kind == "timestamp" else ""
    return f"({time})::{'DATE' if kind == 'date' else 'TIMESTAMP'}{in_utc}"


def _written(fmt: str) -> list[str]:
    """Formats to try: Arrow reads a T for the space of ISO 8601, and a space for its T."""
    other = fmt.replace(" ", "T") if " " in fmt else fmt.replace("T", " ")
    return [fmt, other] if fmt in ISO_LENGTHS else [fmt]
