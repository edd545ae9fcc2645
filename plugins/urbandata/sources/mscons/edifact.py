"""Segments of a UN/EDIFACT interchange, split column-wise.

The service string (``UNA``) may name other separators; the release character (``?``) takes the
meaning from the one that follows. Files come as one line or with a line per segment or wrapped
anywhere: line ends carry no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.errors import PayloadError

Places = npt.NDArray[np.int64]
Strings: TypeAlias = "pa.Array[Any]"
Encoded: TypeAlias = "pa.DictionaryArray[Any, Any]"

UNA_LENGTH, HEAD_LENGTH = 9, 8
_MARK = r"[!-/:-@\[-`{-~\x1c-\x1f]"
USABLE = re.compile(rf"UNA{_MARK}{_MARK}[.,](?:{_MARK}| ).{_MARK}")  # blank: nothing is released


@dataclass(frozen=True, slots=True)
class Marks:
    """Separators of an interchange."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    segment: str = "'"


@dataclass(frozen=True, slots=True)
class Interchange:
    """All segments of a file: text with released characters held back, and its first bytes."""

    segments: Strings
    heads: npt.NDArray[np.uint64]
    marks: Marks
    held: Mapping[str, str]  # what stands in the text, released character

    def places(self, prefix: str) -> Places:
        """0-based numbers of the segments that begin so, see ``starting``."""
        return np.flatnonzero(self.starting(prefix))

    def starting(self, prefix: str) -> npt.NDArray[np.bool_]:
        """Which segments begin so (at most 8 letters); ``+`` and ``:`` stand for the separators."""
        marks = {"+": self.marks.element, ":": self.marks.component}
        plain = "".join(marks.get(char, char) for char in prefix).encode()
        rest = np.uint64(8 * (HEAD_LENGTH - len(plain)))
        same: npt.NDArray[np.bool_] = self.heads >> rest == int.from_bytes(plain, "big")
        return same

    def extract(self, at: Places, pattern: str) -> dict[str, Encoded]:
        """Named groups of ``pattern`` in the segments ``at``; null where it does not match.

        In the pattern ``+`` and ``:`` stand for the separators and ``~`` for a run of text
        without one. Segments repeat (the same times for every meter), so each is read once.
        """
        encoded = pc.dictionary_encode(self.segments.take(pa.array(at)))
        found = pc.extract_regex(encoded.dictionary, pattern=self._regex(pattern))
        # struct_field, unlike .field, is null where the pattern does not match
        groups = {f.name: pc.struct_field(found, [i]) for i, f in enumerate(found.type)}
        return {
            name: pa.DictionaryArray.from_arrays(encoded.indices, self._released(group))
            for name, group in groups.items()
        }

    def _regex(self, pattern: str) -> str:
        element, component = re.escape(self.marks.element), re.escape(self.marks.component)
        parts = {"+": element, ":": component, "~": f"[^{element}{component}]*"}
        plain = re.split(r"(\(\?P<\w+>|\(\?:|[+:~])", pattern)
        return "^" + "".join(parts.get(p, p) for p in plain)

    def _released(self, text: Strings) -> Strings:
        for stand_in, char in self.held.items():
            text = pc.replace_substring(text, pattern=stand_in, replacement=char)
        return text


def read(content: bytes) -> Interchange:
    """Segments of a file. Raises PayloadError if it is no complete interchange."""
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    marks = _marks(content[:UNA_LENGTH].decode("latin-1"))
    content = content[UNA_LENGTH:] if content.startswith(b"UNA") else content
    content, held = _held(content.translate(None, b"\r\n"), marks)
    whole = pa.array([content.decode("latin-1")], pa.string())
    parts = pc.split_pattern(whole, marks.segment).flatten()
    if parts[-1].as_py().strip():
        raise PayloadError("the interchange is cut off: its last segment is not closed")
    segments = pc.utf8_ltrim_whitespace(parts[:-1])
    interchange = Interchange(segments, _heads(segments), marks, held)
    _check_envelope(interchange)
    return interchange


def _heads(segments: Strings) -> npt.NDArray[np.uint64]:
    """The first eight bytes of each segment as a number, filled up with zeros."""
    _, ends, data = segments.buffers()
    places = np.frombuffer(ends, np.int32)[segments.offset :][: len(segments) + 1]
    text = (data.to_pybytes() if data else b"") + bytes(HEAD_LENGTH)
    windows = np.ndarray(len(text) - HEAD_LENGTH + 1, ">u8", text, strides=(1,))
    heads: npt.NDArray[np.uint64] = windows[places[:-1]].astype(np.uint64)
    missing = HEAD_LENGTH - np.minimum(np.diff(places), HEAD_LENGTH)
    short = np.flatnonzero(missing)
    bits = (8 * missing[short]).astype(np.uint64)
    heads[short] = np.where(bits < 64, heads[short] >> bits << bits, 0)  # noqa: PLR2004
    return heads


def _marks(text: str) -> Marks:
    """Separators that the beginning of a file states, or the usual ones."""
    if not text.startswith("UNA"):
        return Marks()
    if len(text) < UNA_LENGTH:
        raise PayloadError("the service string (UNA) is cut off")
    component, element, decimal, release, _, segment = list(text[3:UNA_LENGTH])
    if not USABLE.fullmatch(text) or len({component, element, release, segment}) < 4:  # noqa: PLR2004
        raise PayloadError(f"the service string {text!r} names no usable separators")
    return Marks(component, element, decimal, release.strip(), segment)


def _special(marks: Marks) -> tuple[str, ...]:
    return (marks.release, marks.component, marks.element, marks.segment)


def _held(content: bytes, marks: Marks) -> tuple[bytes, dict[str, str]]:
    """Text with stand-ins for released separators, so that splitting is plain, and for what.

    The release characters go. In a run of them every second one is itself released.
    """
    if not marks.release or marks.release.encode() not in content:
        return content, {}
    text = np.frombuffer(content, np.uint8).copy()
    at = np.flatnonzero(text == ord(marks.release))
    runs = np.flatnonzero(np.diff(at, prepend=-2) > 1)  # the first of each
    place = np.arange(at.size) - np.repeat(runs, np.diff(runs, append=at.size))
    releasing = at[place % 2 == 0]
    released = releasing[releasing < text.size - 1] + 1
    separators = (marks.component, marks.element, marks.segment)
    unused = list(islice((n for n in range(1, 256) if n not in content), len(separators)))
    if len(unused) < len(separators):
        raise PayloadError("no EDIFACT interchange: it has every character there is")
    table = np.arange(256, dtype=np.uint8)
    table[list(map(ord, separators))] = unused
    text[released] = table[text[released]]
    held = dict(zip(map(chr, unused), separators, strict=True))
    return np.delete(text, releasing).tobytes(), held


def _check_envelope(interchange: Interchange) -> None:
    """The counts that sender and messages state must fit, otherwise something was lost."""
    starts, ends = interchange.places("UNH"), interchange.places("UNT")
    if not interchange.starting("UNB")[:1].any():
        raise PayloadError("no EDIFACT interchange: it does not begin with UNB")
    if not interchange.starting("UNZ")[-1]:
        raise PayloadError("the interchange is cut off: UNZ is missing")
    if starts.size != ends.size or (starts >= ends).any() or (starts[1:] <= ends[:-1]).any():
        raise PayloadError("messages are not closed: UNH and UNT do not pair up")
    kinds = interchange.extract(starts, "UNH+~+(?P<kind>~)")["kind"].to_pylist()
    other = sorted({str(k) for k in kinds if k != "MSCONS"})
    if other:
        raise PayloadError(f"messages of another type than MSCONS: {', '.join(other)[:100]}")
    stated = interchange.extract(ends, "UNT+(?P<count>[0-9]*)")["count"].to_pylist()
    for start, end, count in zip(starts.tolist(), ends.tolist(), stated, strict=True):
        if count is None or count.lstrip("0") != str(end - start + 1):
            raise PayloadError(
                f"message at segment {start + 1} has {end - start + 1} segments, UNT says {count}"
            )
    _check_trailer(interchange, starts.size)


def _check_trailer(interchange: Interchange, messages: int) -> None:
    """UNZ states how many messages there are, or functional groups (UNG) if there are such."""
    trailers = interchange.extract(interchange.places("UNZ"), "UNZ+(?P<count>[0-9]{0,9})")
    stated = sum(int(n or 0) for n in trailers["count"].to_pylist())
    found = interchange.places("UNG").size or messages
    if stated != found:
        raise PayloadError(f"the interchange has {found} messages or groups, UNZ says {stated}")
