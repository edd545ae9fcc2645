"""Delimited text to columns of text line by line, by Python's reader, with what is wrong in words.

For whatever is too unusual for ``csv_columns``: quotes, blank and short lines, and too long ones.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from urbandata.errors import PayloadError

END = "\0"  # a line after the last one, which only an open quote swallows
OPEN = "a quote is not closed: the text is cut off, or the lines after it are lost in one field"


def columns(
    text: str, delimiter: str, header: bool, skip: int, quote: str
) -> tuple[dict[str, pa.Array[Any]], list[str | None], list[int]]:
    """Columns as those of ``csv_columns``; of each record what is wrong with it, and its number.

    Missing fields are null. Raises PayloadError if there is no line, or the header repeats a name:
    which of the two columns is meant cannot be told.
    """
    rows = list(_rows(text.split("\n")[skip:], delimiter, quote))
    is_open = rows[-1] != [END]
    rows = [*rows[:-1], [c.removesuffix(END) for c in rows[-1]]] if is_open else rows[:-1]
    numbered = [(i, r) for i, r in enumerate(rows, start=skip + 1) if r]
    if not numbered:
        raise PayloadError("the file is empty")
    first = numbered[0][1]
    names = [n.strip() for n in first] if header else [f"column{i}" for i in range(len(first))]
    if repeated := sorted(n for n, times in Counter(names).items() if n and times > 1):
        named = ", ".join(repeated)[:200]
        raise PayloadError(f"line {numbered[0][0]}: two columns of the same name: {named}")
    body = numbered[1:] if header else numbered
    width = len(names)
    whole = [r if len(r) == width else [*r, *[None] * (width - len(r))][:width] for _, r in body]
    values = zip(*whole, strict=True) if whole else [()] * width
    found = {n: pa.array(v, pa.string()) for n, v in zip(names, values, strict=True)}
    faults = [
        f"{len(r)} fields, the header has {width}" if len(r) > width else None for _, r in body
    ]
    if is_open and faults:
        faults[-1] = OPEN
    return found, faults, [line for line, _ in body]


def assert_closed(text: str, delimiter: str, quote: str = '"') -> None:
    """Raises PayloadError for a text whose last lines would be read as one quoted field."""
    if quote in text:
        rows = _rows(text.replace("\r", "\n").split("\n"), delimiter, quote)
        if deque(rows, maxlen=1).pop() != [END]:
            raise PayloadError(OPEN)


def _rows(lines: Sequence[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    return csv.reader([*lines, END], delimiter=delimiter, quotechar=quote)
