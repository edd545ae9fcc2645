"""Layers of the city's OGC API: paged by offset where that works, by time where it does not.

The service may ignore ``offset`` and repeat the first page, ``numberMatched`` is not always
there, and feature ids repeat. So pages are compared by what their features say. A page that
brings nothing new means that paging is ignored: the time span is then halved, and halved again,
until every answer is shorter than a page. Nothing is taken for complete that is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.registry import Source

BERLIN = ZoneInfo("Europe/Berlin")
SECOND = timedelta(seconds=1)
SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a collection: clock readings in ``[start, end)`` and a text that must occur.

    ``seen`` are the features of the pages before; ``paged`` is false once paging was ignored.
    """

    collection: str
    start: datetime | None = None
    end: datetime | None = None
    contains: tuple[str, str] | None = None
    offset: int = 0
    seen: frozenset[int] = frozenset()
    paged: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """What an answer says about itself: its features (as hashes), their number, the total."""

    features: frozenset[int]
    count: int
    total: int | None
    has_next: bool


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First page of every configured collection and text for the window."""
    for name, collection in source.options["collections"].items():
        start, end = clock_span(window) if "time" in collection else (None, None)
        for contains in _texts(collection):
            yield _request(Part(name, start, end, contains), collection)


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The next page, or two halves of the time span where paging cannot be trusted.

    Raises FetchError if an answer is incomplete and the span cannot be halved any more.
    """
    part: Part = request.context["part"]
    collection = source.options["collections"][part.collection]
    page = read_page(payload.content)
    received = part.offset + page.count
    more = _more(page, received, collection["page"])
    if _repeats(part, page) or (more and (not part.paged or page.count == 0)):
        return [_request(half, collection) for half in _halves(part)]
    if not more:
        return []
    return [_request(replace(part, offset=received, seen=part.seen | page.features), collection)]


def _more(page: Page, received: int, size: int) -> bool:
    """Whether features are left after ``received`` ones; a full page without a total: perhaps."""
    if page.total is not None:
        return received < page.total
    return page.has_next or page.count >= size


def _repeats(part: Part, page: Page) -> bool:
    """Whether the page repeats earlier ones. One old feature is enough where time can split:
    then the order has shifted between two pages, and another feature may have been missed."""
    old = part.seen & page.features
    return bool(old) and (part.start is not None or old == page.features)


def clock_span(window: Window) -> tuple[datetime, datetime]:
    """Local clock readings that contain every instant of the window.

    Across a change of the clock an hour more is asked on either side: better twice than never.
    """
    start, end = (t.astimezone(BERLIN) for t in (window.start, window.end))
    offsets = [t.utcoffset() or timedelta() for t in (start, end)]
    first = window.start.replace(tzinfo=None) + min(offsets)
    last = window.end.replace(tzinfo=None) + max(offsets)
    return first.replace(microsecond=0), last


def read_page(content: bytes) -> Page:
    """Features and paging facts of an answer. Raises FetchError if it is no FeatureCollection."""
    try:
        answer = msgspec.json.decode(content)
        features = answer["features"]
        hashes = frozenset(map(_content_hash, features))
        links = [link.get("rel") for link in answer.get("links", ())]
        total = answer.get("numberMatched")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FetchError("client", f"the answer is no FeatureCollection: {error!r}") from error
    known = total if isinstance(total, int) else None  # "unknown" has been seen
    return Page(hashes, len(features), known, "next" in links)


def _content_hash(feature: Mapping[str, Any]) -> int:
    """Hash of what a feature says; its id is left out, because ids repeat."""
    said = [feature.get("geometry"), feature.get("properties")]
    return hash(msgspec.json.encode(said, order="sorted"))


def _texts(collection: Mapping[str, Any]) -> list[tuple[str, str] | None]:
    wanted = collection.get("contains", {})
    return [(name, text) for name, texts in wanted.items() for text in texts] or [None]


def _halves(part: Part) -> list[Part]:
    """Two parts that together are the part. Raises FetchError if it is too short for that."""
    if part.start is None or part.end is None:
        reason = "paging is ignored and there is no time to split by; set a larger 'page'"
        raise FetchError("client", f"{part.collection}: {reason}")
    if part.end - part.start <= SHORTEST:
        raise FetchError(
            "client", f"{part.collection}: incomplete answer even for {part.start} to {part.end}"
        )
    middle = (part.start + (part.end - part.start) / 2).replace(microsecond=0)
    whole = replace(part, offset=0, seen=frozenset(), paged=False)
    return [replace(whole, end=middle), replace(whole, start=middle)]


def _request(part: Part, collection: Mapping[str, Any]) -> Request:
    params = {"limit": str(collection["page"]), "offset": str(part.offset)}
    conditions = _conditions(part, collection)
    if conditions:
        params["filter"] = " and ".join(conditions)
    if collection.get("properties"):
        params["propertynames"] = ",".join(collection["properties"])
    return Request(
        resource="/".join([part.collection, *(part.contains or ())[1:]]),
        path=f"collections/{part.collection}/items",
        params=params,
        extension="geojson",
        context={"part": part},
    )


def _conditions(part: Part, collection: Mapping[str, Any]) -> list[str]:
    """Conditions in the service's own dialect; of comparisons only < and > are known to work."""
    found = []
    if part.start is not None and part.end is not None:
        after = part.start - SECOND
        found.append(f'{collection["time"]}>"{after:%Y-%m-%d %H:%M:%S}"')
        found.append(f'{collection["time"]}<"{_up(part.end):%Y-%m-%d %H:%M:%S}"')
    if part.contains:
        found.append('{}~~"{}"'.format(*part.contains))
    return found


def _up(moment: datetime) -> datetime:
    """The next whole second, so that a fraction of a second is not cut off the end."""
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + SECOND
