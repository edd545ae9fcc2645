"""The document as data: what it says, not how it looks. Renderers draw it, JSON freezes it.

Every number that comes from the build is a ``Value`` with the key of its mart row, so that a
reader can follow it to its evidence and a test can find it again in any format.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Words; ``style`` is one of ``"" | strong | em | small | changed | good | bad | quiet``."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number of the build as readers see it; ``key`` names its mart row, ``number`` is exact."""

    key: str
    number: float
    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """Reference to the note of this number (evidence of a figure)."""

    note: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link: inside the document (``#anchor``) or to an address."""

    target: str
    text: str


Inline: TypeAlias = Text | Value | Ref | Link
Line: TypeAlias = tuple[Inline, ...]
Cell: TypeAlias = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``style`` is one of ``body | lead | note | gap | demo | subheading | quote``."""

    line: Line
    style: str = "body"


@dataclass(frozen=True, slots=True)
class Items:
    """A list, numbered or not; an item is a line."""

    items: tuple[Line, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A captioned table; ``widths`` are shares, columns in ``numeric`` align right."""

    id: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...]
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A captioned chart; ``alt`` says in words what it shows, ``spec`` is Vega-Lite JSON."""

    id: str
    caption: str
    alt: str
    spec: str
    line: Line = ()  # source line under the caption


Block: TypeAlias = Paragraph | Items | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part; ``level`` 1 is a chapter."""

    id: str
    title: str
    level: int
    blocks: tuple[Block, ...] = ()
    children: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Evidence of one figure: where it stands in the build, what it rests on, its definition."""

    number: int
    key: str
    line: Line


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as data: a row of the XLSX file and what the next edition compares with."""

    key: str
    kpi_code: str
    name: str
    measure: str
    action_field: str
    unit: str
    period_kind: str
    period_start: str
    area_kind: str
    area_id: str
    area: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    coverage_pct: float | None
    quality_flags: str
    value_before: float | None
    trend: str
    target: float | None
    status: str
    origin: str
    evidence_class: str
    change: str = ""
    previous: float | None = None
    note: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the XLSX file: plain data, nothing of it is prose."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str | float | int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """All of an edition in one language."""

    edition: str
    lang: str
    title: str
    subtitle: str
    banner: str  # stands on every page
    state: str  # "Entwurf" and the like, on every page
    standing: tuple[tuple[str, str], ...]  # the same in the box on the title page: name, text
    facts: tuple[tuple[str, str], ...]  # what the edition rests on, in that box
    created: str  # ISO instant of the build: the only clock in the document
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    numbers: tuple[Number, ...]
    sheets: tuple[Sheet, ...] = ()
    is_demo: bool = True
    words: dict[str, str] = field(default_factory=dict)  # headings a renderer adds itself


def walk(sections: tuple[Section, ...]) -> Iterator[Section]:
    """All sections, depth first, in reading order."""
    for section in sections:
        yield section
        yield from walk(section.children)


def blocks(document: Document) -> Iterator[Block]:
    """All blocks in reading order."""
    for section in walk(document.sections):
        yield from section.blocks


_TYPES = {
    cls.__name__: cls
    for cls in (Text, Value, Ref, Link, Paragraph, Items, Table, Figure, Section, Note, Number,
                Sheet, Document)
}  # fmt: skip


def dumps(document: Document) -> bytes:
    """The document as JSON, the same bytes for the same document."""
    text = json.dumps(_encode(document), ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode()


def loads(content: bytes) -> Document:
    """A document that ``dumps`` has written."""
    document = _decode(json.loads(content))
    if not isinstance(document, Document):
        raise TypeError("no document")
    return document


def plain(value: Any) -> Any:
    """Dataclasses as dicts with their name under ``kind``, for a template language."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **found}
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    return value


def _encode(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain = {f.name: _encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"_": type(value).__name__, **plain}
    if isinstance(value, tuple | list):
        return [_encode(v) for v in value]
    if isinstance(value, dict):
        return {"_": "dict", "items": [[k, _encode(v)] for k, v in value.items()]}
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decode(v) for v in value)
    if not isinstance(value, dict):
        return value
    if value["_"] == "dict":
        return {k: _decode(v) for k, v in value["items"]}
    cls = _TYPES[value["_"]]
    return cls(**{k: _decode(v) for k, v in value.items() if k != "_"})
