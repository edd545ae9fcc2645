"""Segments of a UN/EDIFACT interchange, split column-wise.

The service string (``UNA``) may name other separators; the release character (``?``) takes the
meaning from the one that follows. Files come as one line or with a line per segment or wrapped
anywhere: line ends carry no meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.errors import PayloadError

Places = npt.NDArray[np.int64]
Strings: TypeAlias = "pa.Array[Any]"

UNA_LENGTH = 9
_MARK = r"[!-/:-@\[-`{-~\x1c-\x1f]"
USABLE = re.compile(rf"UNA{_MARK}{_MARK}[.,](?:{_MARK}| ).{_MARK}")  # blank: nothing is released
_HELD = 0xE000  # private-use code points stand for released characters; Latin-1 has none of them


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
    """All segments of a file: text with released characters held back, and the tags."""

    segments: Strings
    tags: npt.NDArray[np.str_]
    marks: Marks

    def places(self, tag: str) -> Places:
        """0-based numbers of the segments with this tag."""
        return np.flatnonzero(self.tags == tag)

    def starting(self, prefix: str) -> Places:
        """Numbers of the segments that begin so; ``+`` and ``:`` stand for the separators."""
        at = self.places(prefix[:3])
        marks = {"+": self.marks.element, ":": self.marks.component}
        plain = "".join(marks.get(char, char) for char in prefix)
        found = pc.starts_with(self.segments.take(pa.array(at)), pattern=plain)
        chosen: Places = at[found.to_numpy(zero_copy_only=False)]
        return chosen

    def extract(self, at: Places, pattern: str) -> dict[str, Strings]:
        """Named groups of ``pattern`` in the segments ``at``; null where it does not match.

        In the pattern ``+`` and ``:`` stand for the separators and ``~`` for a run of text
        without one. Segments repeat (the same times for every meter), so each is read once.
        """
        encoded = pc.dictionary_encode(self.segments.take(pa.array(at)))
        found = pc.extract_regex(encoded.dictionary, pattern=self._regex(pattern))
        # struct_field, unlike .field, is null where the pattern does not match
        names = [f.name for f in found.type]
        groups = (self._released(pc.struct_field(found, [i])) for i in range(len(names)))
        return {n: g.take(encoded.indices) for n, g in zip(names, groups, strict=True)}

    def _regex(self, pattern: str) -> str:
        element, component = re.escape(self.marks.element), re.escape(self.marks.component)
        parts = {"+": element, ":": component, "~": f"[^{element}{component}]*"}
        plain = re.split(r"(\(\?P<\w+>|\(\?:|[+:~])", pattern)
        return "^" + "".join(parts.get(p, p) for p in plain)

    def _released(self, text: Strings) -> Strings:
        for place, char in enumerate(_special(self.marks)):
            text = pc.replace_substring(text, pattern=chr(_HELD + place), replacement=char)
        return text


def read(content: bytes) -> Interchange:
    """Segments of a file. Raises PayloadError if it is no complete interchange."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1").lstrip()
    marks = _marks(text)
    text = text[UNA_LENGTH:] if text.startswith("UNA") else text
    text = _held(text.replace("\r", "").replace("\n", ""), marks)
    parts = text.split(marks.segment)
    if parts.pop().strip():
        raise PayloadError("the interchange is cut off: its last segment is not closed")
    segments = pc.utf8_ltrim_whitespace(pa.array(parts, pa.string()))
    tags = pc.utf8_slice_codeunits(segments, 0, 3)
    tags = tags.dictionary_encode()
    known = np.asarray(tags.dictionary.to_pylist(), dtype=np.str_)
    interchange = Interchange(segments, known[tags.indices.to_numpy()], marks)
    _check_envelope(interchange)
    return interchange


def _marks(text: str) -> Marks:
    if not text.startswith("UNA"):
        return Marks()
    if len(text) < UNA_LENGTH:
        raise PayloadError("the service string (UNA) is cut off")
    component, element, decimal, release, _, segment = list(text[3:UNA_LENGTH])
    if not USABLE.fullmatch(text[:UNA_LENGTH]) or len({component, element, release, segment}) < 4:  # noqa: PLR2004
        raise PayloadError(f"the service string {text[:UNA_LENGTH]!r} names no usable separators")
    return Marks(component, element, decimal, release.strip(), segment)


def _special(marks: Marks) -> tuple[str, ...]:
    return (marks.release, marks.component, marks.element, marks.segment)


def _held(text: str, marks: Marks) -> str:
    """Text with released characters replaced by private ones, so that splitting is plain.

    The doubled release character goes first; runs of it then pair up from the left.
    """
    if not marks.release or marks.release not in text:
        return text
    for place, char in enumerate(_special(marks)):
        text = text.replace(marks.release + char, chr(_HELD + place))
    return text.replace(marks.release, "")


def _check_envelope(interchange: Interchange) -> None:
    """The counts that sender and messages state must fit, otherwise something was lost."""
    starts, ends = interchange.places("UNH"), interchange.places("UNT")
    tags = interchange.tags
    if tags.size == 0 or tags[0] != "UNB":
        raise PayloadError("no EDIFACT interchange: it does not begin with UNB")
    if tags[-1] != "UNZ":
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
