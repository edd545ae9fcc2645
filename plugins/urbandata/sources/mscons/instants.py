"""Instants of DTM segments, read as numbers where all are written as almost every file has them.

``DTM+163:202401010000?+01:303'``: eight bytes of date, eight of time and offset. Both repeat, so
each is read once. Anything else is left to the text, which tells what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from urbandata.sources.mscons.edifact import WORD, Interchange, Places, Strings, Words, plain

INSTANT = pa.timestamp("us", tz="UTC")
CLOCK = re.compile(r"([01]\d|2[0-3])([0-5]\d)([+-])(0\d|1[0-4])")
REMEMBERED = 10_000  # files of a delivery have the same days and times
DATE, TIME, END = 8, 16, 24  # where they begin in a segment
EPOCH = date(1970, 1, 1).toordinal()
DAY, HOUR, MINUTE = 86_400_000_000, 3_600_000_000, 60_000_000  # in µs


def instants(interchange: Interchange, at: Places) -> Strings | None:
    """Instants of the DTM segments ``at``; None if one is missing or written in another way."""
    if (at < 0).any():
        return None
    end, rest = interchange.word(":303'")
    if not (interchange.words(at, END) >> rest == end).all():
        return None
    days = _each(interchange, interchange.words(at, DATE), _day)
    clocks = _each(interchange, interchange.words(at, TIME), _clock)
    if days is None or clocks is None:
        return None
    return pa.array(days + clocks).cast(INSTANT)


def _each(
    interchange: Interchange, words: Words, read: Callable[[str], int | None]
) -> npt.NDArray[np.int64] | None:
    """What each word means; None if one means nothing."""
    encoded = pa.array(words).dictionary_encode()
    release = interchange.marks.release
    known = [_meaning(read, word, release) for word in encoded.dictionary.to_pylist()]
    if None in known:
        return None
    meant: npt.NDArray[np.int64] = np.array(known, np.int64)[encoded.indices.to_numpy()]
    return meant


@lru_cache(REMEMBERED)
def _meaning(read: Callable[[str], int | None], word: int, release: str) -> int | None:
    """What a word means without release characters, but what they release."""
    text = word.to_bytes(WORD, "big").decode("latin-1")
    return read(plain(text, release))


def _day(text: str) -> int | None:
    """``20240101`` in µs since 1970; years at the ends of the calendar are left to the text."""
    if not (text.isascii() and text.isdigit() and "1000" < text[:4] < "9999"):
        return None
    try:
        return (date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal() - EPOCH) * DAY
    except ValueError:
        return None


def _clock(text: str) -> int | None:
    """``0000?+01`` in µs before or after midnight UTC."""
    match = CLOCK.fullmatch(text)
    if not match:
        return None
    hour, minute, sign, offset = match.groups()
    ahead = int(f"{sign}{offset}")
    return (int(hour) - ahead) * HOUR + int(minute) * MINUTE
