"""Segments of a UN/EDIFACT interchange, split column-wise.

The service string (``UNA``) may name other separators; the release character (``?``) takes the
meaning from the one that follows. Files come as one line or with a line per segment or wrapped
anywhere: line ends carry no meaning.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.errors import PayloadError

Places = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Strings: TypeAlias = "pa.Array[Any]"
Encoded: TypeAlias = "pa.DictionaryArray[Any, Any]"

UNA_LENGTH, WORD = 9, 8
MANY = ("QTY", "DTM+16")  # what almost all segments are: quantities and their periods
WORTH_IT = 100  # texts; for fewer Arrow takes longer to prepare a pattern than to apply it
BLANKS = (0x09, 0x20)
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
    """All segments of a file, each with the mark that closes it; ``few`` are none of ``MANY``."""

    segments: Strings
    marks: Marks
    text: npt.NDArray[np.uint8]
    windows: Words  # the eight bytes from each byte of the text on
    bounds: npt.NDArray[np.int32]  # where segments begin, and the end of the last
    heads: Words
    few: Places

    def words(self, at: Places, place: int) -> Words:
        """Eight bytes of the segments ``at`` from a place on; they may reach into the next one."""
        return self.windows[self.bounds[at] + place].astype(np.uint64)

    def word(self, text: str) -> tuple[np.uint64, np.uint64]:
        """At most eight letters as a number, and how many bits of a word lie behind them.

        ``+``, ``:`` and ``'`` stand for the separators.
        """
        return _word(text, self.marks)

    def places(self, *prefixes: str) -> Places:
        """0-based numbers of the segments that begin with any of these, see ``starting``."""
        if any(p.startswith(many) or many.startswith(p) for p in prefixes for many in MANY):
            return np.flatnonzero(np.logical_or.reduce([self.starting(p) for p in prefixes]))
        return self.few[np.logical_or.reduce([self.starting(p, self.few) for p in prefixes])]

    def starting(self, prefix: str, at: Places | None = None) -> npt.NDArray[np.bool_]:
        """Which segments (of those ``at``) begin so, at most 8 letters, see ``word``.

        What lies behind a short segment does not matter: its closing mark is in no prefix.
        """
        word, rest = self.word(prefix)
        same: npt.NDArray[np.bool_] = (self.heads if at is None else self.heads[at]) >> rest == word
        return same

    def extract(self, at: Places, pattern: str) -> dict[str, Encoded]:
        """Named groups of ``pattern`` in the segments ``at``; null for -1 and without a match.

        In the pattern ``+`` and ``:`` stand for the separators and ``~`` for a run of text
        without one that is not released. Segments repeat, so each is read once.
        """
        chosen = pa.array(at, mask=at < 0) if (at < 0).any() else pa.array(at)
        encoded = pc.dictionary_encode(self.segments.take(chosen))
        groups = self._groups(encoded.dictionary, _regex(pattern, self.marks))
        return {
            name: pa.DictionaryArray.from_arrays(encoded.indices, group)
            for name, group in groups.items()
        }

    def _groups(self, texts: Strings, regex: str) -> dict[str, Strings]:
        """What the groups of a pattern hold in each text."""
        if len(texts) < WORTH_IT:
            expected = re.compile(regex)
            found = [expected.match(text) for text in texts.to_pylist()]
            return {
                name: pa.array(
                    [m and plain(m[name] or "", self.marks.release) for m in found], pa.string()
                )
                for name in expected.groupindex
            }
        matches = pc.extract_regex(texts, pattern=regex)
        # struct_field, unlike .field, is null where the pattern does not match
        groups = {f.name: pc.struct_field(matches, [i]) for i, f in enumerate(matches.type)}
        return {name: self.released(group) for name, group in groups.items()}

    def released(self, text: Strings) -> Strings:
        """Texts without release characters, but what they release."""
        release = self.marks.release
        if not (release and pc.any(pc.match_substring(text, release)).as_py()):
            return text
        pattern = f"{re.escape(release)}(.?)"
        return pc.replace_substring_regex(text, pattern=pattern, replacement=r"\1")


def plain(text: str, release: str) -> str:
    """A text without release characters, but what they release."""
    return re.sub(f"{re.escape(release)}(.?)", r"\1", text) if release and release in text else text


@lru_cache(1000)
def _word(text: str, marks: Marks) -> tuple[np.uint64, np.uint64]:
    meant = {"+": marks.element, ":": marks.component, "'": marks.segment}
    letters = "".join(meant.get(char, char) for char in text).encode()
    return np.uint64(int.from_bytes(letters, "big")), np.uint64(8 * (WORD - len(letters)))


@lru_cache(1000)
def _regex(pattern: str, marks: Marks) -> str:
    element, component, close = map(re.escape, (marks.element, marks.component, marks.segment))
    text = f"[^{element}{component}{close}]*"
    if marks.release:
        release = re.escape(marks.release)
        text = f"(?:[^{element}{component}{close}{release}]|{release}.)*"
    parts = {"+": element, ":": component, "~": text}
    found = re.split(r"(\(\?P<\w+>|\(\?:|[+:~])", pattern)
    return "^" + "".join(parts.get(p, p) for p in found)


def read(content: bytes) -> Interchange:
    """Segments of a file. Raises PayloadError if it is no complete interchange."""
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    marks = _marks(content[:UNA_LENGTH].decode("latin-1"))
    content = content[UNA_LENGTH:].lstrip() if content.startswith(b"UNA") else content
    content = content.translate(None, b"\r\n") if b"\n" in content or b"\r" in content else content
    text = content if content.isascii() else content.decode("latin-1").encode()
    interchange = _split(text, marks)
    _check_envelope(interchange)
    return interchange


def _split(text: bytes, marks: Marks) -> Interchange:
    """The segments of a text, without blanks before them."""
    letters = np.frombuffer(text, np.uint8)
    ends = _closing(letters, marks).astype(np.int32) + 1
    bounds = np.concatenate([np.zeros(1, np.int32), ends])
    if text[bounds[-1] :].strip():
        raise PayloadError("the interchange is cut off: its last segment is not closed")
    windows: Words = np.ndarray(len(text) + WORD, ">u8", text + bytes(2 * WORD), strides=(1,))
    heads = windows[bounds[:-1]].astype(np.uint64)
    first = letters[bounds[:-1]]
    if any((first == blank).any() for blank in BLANKS):
        parts = itertools.pairwise(bounds.tolist())
        return _split(b"".join(text[start:end].lstrip() for start, end in parts), marks)
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(text)]
    segments = pa.Array.from_buffers(pa.string(), ends.size, buffers)
    tags = [_word(tag, marks) for tag in MANY]
    many = np.logical_or.reduce([heads >> rest == word for word, rest in tags])
    return Interchange(segments, marks, letters, windows, bounds, heads, np.flatnonzero(~many))


def _closing(text: npt.NDArray[np.uint8], marks: Marks) -> Places:
    """Where segments end: the mark that closes them, unless it is released."""
    at = np.flatnonzero(text == ord(marks.segment))
    if not marks.release:
        return at
    release = ord(marks.release)
    released = np.zeros(at.size, np.bool_)
    for place in np.flatnonzero((text[at - 1] == release) & (at > 0)).tolist():
        first = at[place] - 1
        while first > 0 and text[first - 1] == release:
            first -= 1
        released[place] = (at[place] - first) % 2  # of two the second is itself released
    return at[~released]


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
