"""Delimited text to columns of text in one go, by Arrow's reader.

For plain files only: no quotes, no blank lines, as many fields in each line as in the first.
Whatever is unusual is left to Python's reader, which tells line by line what is wrong.
"""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
from pyarrow import csv

BOM = "\ufeff"  # Arrow would skip it


def columns(
    text: str, delimiter: str, header: bool, skip: int, quote: str, taken: Collection[str] = ()
) -> pa.Table | None:
    """Fields of the lines after ``skip`` and the header as text, named by it or ``column0…``.

    Line ends are ``\\n``. None if the text is not plain, or the header repeats a name or has one
    that is ``taken``.
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
    content = text.encode()
    try:
        return csv.read_csv(
            pa.BufferReader(content),
            csv.ReadOptions(
                use_threads=False,
                block_size=len(content) + 1,
                column_names=names,
                skip_rows=skip + header,
            ),
            csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
