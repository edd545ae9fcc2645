"""Delimited text to columns in one go, by Arrow's reader.

For plain files only: no quotes, no blank lines, as many fields in each line as in the first.
Whatever is unusual is left to Python's reader, which tells line by line what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TypeAlias

import pyarrow as pa
from pyarrow import csv

BOM = "\ufeff"  # Arrow would skip it
Types: TypeAlias = Mapping[str, pa.DataType]


def columns(
    text: str,
    delimiter: str,
    header: bool,
    skip: int,
    quote: str,
    taken: Collection[str] = (),
    integers: re.Pattern[str] | None = None,
) -> pa.Table | None:
    """Fields of the lines after ``skip`` and the header as text, named by it or ``column0…``.

    Columns whose name begins like ``integers`` may come as whole numbers, blank ones as null: as
    such if all of them are. Line ends are ``\\n``. None if the text is not plain, or the header
    repeats a name or has one that is ``taken``.
    """
    if quote in text or "\n\n" in text or text.startswith(("\n", BOM)):
        return None
    first = text.split("\n", skip + 1)[skip : skip + 1]
    if not first or not first[0]:
        return None
    fields = first[0].split(delimiter)
    names = [n.strip() for n in fields] if header else [f"column{i}" for i in range(len(fields))]
    if len(set(names) - set(taken)) < len(names):
        return None
    texts = dict.fromkeys(names, pa.string())
    numbers = {n: pa.int64() for n in names if integers and integers.match(n)}
    begin = skip + header
    if numbers and not _may_be_hexadecimal(text, len(first[0]) if header else 0):
        found = _read(text, delimiter, begin, {**texts, **numbers})
        if found is not None:
            return found
    return _read(text, delimiter, begin, texts)


def _may_be_hexadecimal(text: str, start: int) -> bool:
    """Whether Arrow might take 0x1F for a number; an x in another column is as good."""
    return text.find("x", start) >= 0 or text.find("X", start) >= 0


def _read(text: str, delimiter: str, skip: int, types: Types) -> pa.Table | None:
    """Columns of these types; None where a line or a value does not fit."""
    content = text.encode()
    try:
        return csv.read_csv(
            pa.BufferReader(content),
            csv.ReadOptions(
                use_threads=False,
                block_size=len(content) + 1,
                column_names=list(types),
                skip_rows=skip,
            ),
            csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=types, null_values=[""]),
        )
    except pa.ArrowInvalid:
        return None
