"""Records of a JSON array to columns of text, read in one go.

For plain answers only: whatever is unusual (broken JSON, a nested value where text is wanted,
numbers beyond what is exact) is left to DuckDB's slower reader, which reads all others alike.
What no path leads to is read over, though it has to be JSON too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

STEP = re.compile(r'\.?(?:"(?P<quoted>[^"\\]+)"|(?P<plain>[^\s."\[\]*]+)|\[(?P<index>\d+)\])')
Step = str | int
Way = tuple[Step, ...]
TINY, HUGE = 1e-4, 1e10  # between them Arrow writes no power of ten
ROUNDED = frozenset("einf")  # letters of 1e+22, inf and nan: not what was written


def steps(path: str) -> Way | None:
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


def columns(
    content: bytes, fields: Mapping[str, str], path: str, numbers: Collection[str] = ()
) -> dict[str, pa.Array] | None:
    """Text at the paths ``fields`` below each element of the array at ``path`` (``$.value``).

    Fields named by ``numbers`` become floats where they hold numbers and nothing else.
    """
    places = [steps(below) for below in fields.values()]
    way = steps(path.removeprefix("$"))
    ways = [place for place in places if place is not None]
    if way is None or len(ways) < len(places):
        return None
    found = zip(fields, _values(content, way, ways) or (), strict=False)
    read = [_column(values, name in numbers) for name, values in found]
    complete = [column for column in read if column is not None]
    return dict(zip(fields, complete, strict=True)) if len(complete) == len(fields) else None


def _values(content: bytes, way: Way, ways: Sequence[Way]) -> list[Sequence[Any]] | None:
    """What lies at the end of each of ``ways`` in the records; None if there are no records.

    Where all ways begin with keys, only what is at those is made of the records; the rest of
    them is passed over.
    """
    keys = tuple(dict.fromkeys(w[0] for w in ways if w and isinstance(w[0], str)))
    by_key = all(w and w[0] in keys for w in ways)
    decoder = _decoder(way, keys if by_key else None)
    try:  # what is passed over has to be UTF-8 too
        text = content if content.isascii() else content.decode("utf-8-sig")
        found = decoder.decode(text) if decoder else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    for _ in way:
        found = found.at if found is not None else None
    if not isinstance(found, list):
        return None
    if not by_key:
        return [_at(found, w) for w in ways]
    at_key: dict[Step, list[Any]] = {
        key: list(map(attrgetter(f"at{n}"), found)) for n, key in enumerate(keys)
    }
    return [_at(at_key[w[0]], w[1:]) for w in ways]


@cache
def _decoder(way: Way, keys: tuple[str, ...] | None) -> msgspec.json.Decoder[Any] | None:
    """Reads the array at ``way``, of its objects what is at ``keys``; None for ways by place."""
    kind: Any = list[Any]
    if keys is not None:
        kind = list[_object({f"at{n}": key for n, key in enumerate(keys)}, Any)]  # type: ignore[misc]
    for step in reversed(way):
        if not isinstance(step, str):
            return None
        kind = _object({"at": step}, kind)
    return msgspec.json.Decoder(kind)


def _object(keys: Mapping[str, str], kind: Any) -> type[msgspec.Struct]:
    """JSON objects as attributes with the values at some keys; None where there is none.

    The collector of cycles is kept out: parsed JSON has no cycles.
    """
    fields = [(name, kind | None, None) for name in keys]
    return msgspec.defstruct("Object", fields, rename=dict(keys), gc=False)


def _at(values: Sequence[Any], way: Iterable[Step]) -> Sequence[Any]:
    """What lies at the end of the way in each value; None where nothing does."""
    for step in way:
        if values.count(None) == len(values):  # a field that none has: nothing lies below it
            return values
        kinds = set(map(type, values))
        if isinstance(step, int):
            values = [v[step] if type(v) is list and step < len(v) else None for v in values]
        elif kinds == {dict}:
            values = [v.get(step) for v in values]
        else:
            values = [v.get(step) if type(v) is dict else None for v in values]
    return values


def _texts(values: Sequence[Any]) -> pa.Array | None:
    """Text of plain values as JSON writes it; None if one is nested or has no exact text."""
    try:
        return pa.array(values, pa.string())
    except pa.ArrowTypeError:  # not only texts
        kinds = set(map(type, values)) - {type(None)}
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


def _column(values: Sequence[Any], wants_numbers: bool) -> pa.Array | None:
    numbers = _floats(values) if wants_numbers else None
    return _texts(values) if numbers is None else numbers


def _floats(values: Sequence[Any]) -> pa.Array | None:
    """Plain numbers; None if one is anything else, or no float is as large or as exact."""
    if not set(map(type, values)) <= {int, float, type(None)}:
        return None
    try:
        numbers = pa.array(values, pa.float64())
    except pa.ArrowInvalid:
        return None
    return numbers if pc.all(pc.is_finite(numbers), min_count=0).as_py() else None


def _fractions(values: Sequence[Any]) -> pa.Array | None:
    """Arrow's digits are Python's and so JSON's, but for ``.0``; None if a power of ten is used."""
    numbers = pa.array(values, pa.float64())
    size = pc.abs(numbers)
    usual = pc.or_(pc.equal(size, 0), pc.and_(pc.greater(size, TINY), pc.less(size, HUGE)))
    if not pc.all(usual, min_count=0).as_py():
        return None
    texts = numbers.cast(pa.string())
    bare = pc.invert(pc.match_substring(texts, "."))
    if not pc.any(bare).as_py():
        return texts
    return pc.if_else(bare, pc.binary_join_element_wise(texts, ".0", ""), texts)


def _whole(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values, pa.int64()).cast(pa.string())
    except OverflowError:
        return pa.array([None if v is None else repr(v) for v in values], pa.string())
