"""Records of a JSON array to columns of text, read in one go.

For plain answers only: whatever is unusual (broken JSON, a nested value where text is wanted,
numbers beyond what is exact) is left to DuckDB's slower reader, which reads all others alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

STEP = re.compile(r'\.?(?:"(?P<quoted>[^"\\]+)"|(?P<plain>[^\s."\[\]*]+)|\[(?P<index>\d+)\])')
Step = str | int
ROUNDED = frozenset("einf")  # letters of 1e+22, inf and nan: not what was written


def steps(path: str) -> tuple[Step, ...] | None:
    """``a."b c"[0]`` as keys and places; None for paths of another kind (wildcards, ranges)."""
    found: list[Step] = []
    place = 0
    while place < len(path):
        match = STEP.match(path, place)
        if not match:
            return None
        index = match["index"]
        found.append(match["quoted"] or match["plain"] if index is None else int(index))
        place = match.end()
    return tuple(found)


def columns(content: bytes, fields: Mapping[str, str], path: str) -> dict[str, pa.Array] | None:
    """Text at the paths ``fields`` below each element of the array at ``path`` (``$.value``)."""
    places = {name: steps(below) for name, below in fields.items()}
    way = steps(path.removeprefix("$"))
    if way is None or None in places.values():
        return None
    try:
        answer = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    (records,) = _at([answer], way)
    if not isinstance(records, list):
        return None
    texts = {name: _texts(_at(records, place or ())) for name, place in places.items()}
    complete = {name: text for name, text in texts.items() if text is not None}
    return complete if len(complete) == len(texts) else None


def _at(values: Sequence[Any], way: Iterable[Step]) -> Sequence[Any]:
    """What lies at the end of the way in each value; None where nothing does."""
    for step in way:
        kinds = set(map(type, values))
        if kinds == {type(None)}:  # a field that none has: nothing lies below it
            return values
        if isinstance(step, int):
            values = [v[step] if type(v) is list and step < len(v) else None for v in values]
        elif kinds == {dict}:
            values = [v.get(step) for v in values]
        else:
            values = [v.get(step) if type(v) is dict else None for v in values]
    return values


def _texts(values: Sequence[Any]) -> pa.Array | None:
    """Text of plain values as JSON writes it; None if one is nested or has no exact text."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return pa.array(values, pa.string())
    if kinds == {int}:
        return _whole(values)
    if kinds == {float}:
        return _fractions(values)
    if kinds <= {int, float}:
        texts = [None if v is None else repr(v) for v in values]
        plain = not ROUNDED & set("".join(filter(None, texts)))
        return pa.array(texts, pa.string()) if plain else None
    if kinds <= {str, bool}:
        return pa.array([str(v).lower() if type(v) is bool else v for v in values], pa.string())
    return None


def _fractions(values: Sequence[Any]) -> pa.Array | None:
    """Arrow's digits are Python's and so JSON's, but for ``.0``; None if a power of ten is used."""
    texts = pa.array(values, pa.float64()).cast(pa.string())
    if pc.any(pc.match_substring_regex(texts, f"[{''.join(ROUNDED)}]")).as_py():
        return None
    bare = pc.invert(pc.match_substring(texts, "."))
    return pc.if_else(bare, pc.binary_join_element_wise(texts, ".0", ""), texts)


def _whole(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values, pa.int64()).cast(pa.string())
    except OverflowError:
        return pa.array([None if v is None else repr(v) for v in values], pa.string())
