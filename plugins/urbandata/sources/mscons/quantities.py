"""Quantities (QTY), found by position where all are written as almost every file has them.

``QTY+220:12.345'`` or ``QTY+67:12.345:KWH'``: a status of two or three letters, a plain number, a
unit of three letters or none. Anything else is left to the pattern, which reads any segment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.sources.mscons.edifact import Encoded, Interchange, Marks, Places, Strings, Words

PATTERN = "QTY+(?P<code>~):(?P<value>~)(?::(?P<unit>~))?"
STATUS, UNIT = "([0-9A-Z]{3}):|([0-9A-Z]{2}):.", ":([0-9A-Z]{3})"
BEGIN, PART = 4, 4  # the status begins there; it and the unit are four bytes with their colon
Bytes: TypeAlias = npt.NDArray[np.uint8]
Counts: TypeAlias = "npt.NDArray[np.int32]"


@dataclass(frozen=True, slots=True)
class Quantities:
    """Text of each quantity: null where there is none. The value has a decimal point."""

    status: Encoded
    value: Strings | Encoded
    unit: Encoded


def quantities(interchange: Interchange, at: Places) -> Quantities:
    """Quantities of the QTY segments ``at``."""
    return _plain(interchange, at) or _any(interchange, at)


def _any(interchange: Interchange, at: Places) -> Quantities:
    """Read by the pattern; segments repeat, so each is read once."""
    found = interchange.extract(at, PATTERN)
    value, mark = found["value"], interchange.marks.decimal
    if mark != ".":
        texts = pc.replace_substring(value.dictionary, pattern=mark, replacement=".")
        value = pa.DictionaryArray.from_arrays(value.indices, texts)
    return Quantities(found["code"], value, found["unit"])


def _plain(interchange: Interchange, at: Places) -> Quantities | None:
    """Read by position; None if one is written in another way."""
    if not interchange.starting("QTY+", at).all():
        return None
    begins, ends = interchange.bounds[at] + BEGIN, interchange.bounds[at + 1] - 1
    status = _parts(interchange, begins, STATUS)
    if status is None:
        return None
    lengths = np.array([len(s) for s in status.dictionary.to_pylist()], np.int32)
    begins += lengths[status.indices.to_numpy()] + 1
    component = ord(interchange.marks.component)
    stated = (interchange.text[ends - PART] == component) & (ends - PART > begins)
    units = _parts(interchange, ends[stated] - PART, UNIT)
    if units is None:
        return None
    ends -= PART * stated.astype(np.int32)
    value = _numbers(interchange, begins, ends)
    return None if value is None else Quantities(status, value, _spread(units, stated))


def _parts(interchange: Interchange, at: Counts, pattern: str) -> Encoded | None:
    """The group of the pattern in the four bytes from each place on; None if one does not match."""
    expected = re.compile(pattern.replace(":", re.escape(interchange.marks.component)))
    words: Words = interchange.windows[at].astype(np.uint64) >> np.uint64(8 * PART)
    encoded = pa.array(words).dictionary_encode()
    found = []
    for word in encoded.dictionary.to_pylist():
        text = word.to_bytes(PART, "big").decode("latin-1")
        if not (match := expected.fullmatch(text)):
            return None
        found.append(match[match.lastindex or 0])
    distinct = sorted(set(found))
    indices = np.array([distinct.index(f) for f in found], np.int32)
    places = pa.array(indices[encoded.indices.to_numpy()])
    return pa.DictionaryArray.from_arrays(places, pa.array(distinct, pa.string()))


def _numbers(interchange: Interchange, begins: Counts, ends: Counts) -> Strings | None:
    """Texts between these places; None if one is empty or more than digits, point and sign."""
    lengths = ends - begins
    if not (lengths > 0).all():
        return None
    bounds = np.zeros(lengths.size + 1, np.int32)
    np.cumsum(lengths, out=bounds[1:])
    places = np.repeat(begins - bounds[:-1], lengths) + np.arange(bounds[-1], dtype=np.int32)
    text = interchange.text[places]
    meant = _meanings(interchange.marks)[text]
    if not meant.all():
        return None
    buffers: list[Any] = [None, pa.py_buffer(bounds), pa.py_buffer(meant)]
    return pa.Array.from_buffers(pa.string(), lengths.size, buffers)


def _meanings(marks: Marks) -> Bytes:
    """For each byte the one that a number has for it, 0 for separators and what is in none."""
    meant = np.zeros(256, np.uint8)
    for char in "0123456789-":
        meant[ord(char)] = ord(char)
    meant[ord(marks.decimal)] = ord(".")
    for mark in (marks.component, marks.element, marks.release or "?"):
        meant[ord(mark)] = 0
    return meant


def _spread(units: Encoded, stated: npt.NDArray[np.bool_]) -> Encoded:
    """Units at the places where one is stated, null at the others."""
    indices = np.zeros(stated.size, np.int32)
    indices[stated] = units.indices.to_numpy()
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=~stated), units.dictionary)
