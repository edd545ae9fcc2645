"""What a source folder and the platform promise each other.

A source is a folder ``sources/<source>/`` with ``source.yml`` and three modules of pure
functions. The platform does the rest: HTTP, retries, raw zone, ledger, checks, loading.

``fetch.py``
    ``requests(window, source) -> Iterable[Request]``: what to ask for, no network.
    ``follow(request, payload, source) -> Iterable[Request]`` (optional): further pages.
    ``strip(content, resource, key) -> bytes`` (where personal data arrive): removes them
    before the raw zone; ``key`` is the secret for keyed hashes.
``parse.py``
    ``parse(payload, source) -> Parsed``: bytes to typed tables, no clock, no network.
``demo.py``
    ``routes(world) -> list[starlette.routing.Route]``: the same protocol, served from the
    demo city; paths are relative to the source's base address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open span of time ``[start, end)``, both UTC-aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs UTC-aware times")
        if self.end < self.start:
            raise ValueError(f"window ends before it starts: {self}")

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%dT%H:%MZ}/{self.end:%Y-%m-%dT%H:%MZ}"


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a source. Requests are independent: one failing does not stop the others.

    ``resource`` names what was asked for, stable over runs (``"7027…/W"``, ``"page/3"``).
    ``path`` is relative to the source's base address; an absolute address (a ``nextLink``)
    must lie on the same origin. ``land=False`` keeps the answer out of the raw zone (log-ins).
    ``missing_ok``: 404 means "nothing there", not an error. ``conditional``: send
    If-None-Match / If-Modified-Since of the last answer; 304 is recorded as unchanged.
    ``probes`` are pairs (address as published, address to ask) on any host, of which only the
    status is wanted: the answer is a JSON line per address, and no body is read.
    """

    resource: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    extension: str = "json"
    conditional: bool = False
    land: bool = True
    missing_ok: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)
    probes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes as they came, with what is known about them.

    ``origin`` is ``demo`` or ``real``. ``filename`` is the original name of an inbox file.
    ``payload_id`` identifies (resource, bytes), and for snapshot sources and states that came
    back the moment too.
    """

    content: bytes
    resource: str
    extension: str
    fetched_at: datetime
    origin: str
    sha256: str = ""
    payload_id: str = ""
    url: str = ""
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot become a row: ``row`` is its 1-based place in the payload."""

    table: str
    row: int
    reason: str
    record: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """Result of ``parse``: typed tables by name and the records that could not be typed.

    Each table has exactly the columns declared in source.yml, in that order, then ``_row``
    (int64, 1-based place of the record in the payload: line, element or message number).
    """

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    rejects: tuple[Reject, ...] = ()

    @property
    def count(self) -> int:
        """Records seen in the payload: typed rows plus rejects."""
        return int(sum(t.num_rows for t in self.tables.values())) + len(self.rejects)
