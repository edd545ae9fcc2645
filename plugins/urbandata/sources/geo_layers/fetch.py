"""Layers of an OGC API: the standard's paging by ``next`` links, by offset where there are none.

A service that ignores the offset repeats its first page; a repeated page is therefore an error
and never taken for the end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.reading import catalogue
from urbandata.registry import Source

ACCEPT = {"Accept": "application/geo+json, application/json;q=0.9"}


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First page of every configured layer."""
    for layer in source.options["layers"]:
        params = {"limit": str(source.options["page"]), "offset": "0"}
        yield _page(layer, 1, f"collections/{layer}/items", params, 0, "")


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The next page, if the answer has a link to it or counts more features than came so far.

    Raises FetchError if the answer is no FeatureCollection or repeats the page before.
    """
    layer, _, number = request.resource.rpartition("/")
    digest = hashlib.sha256(payload.content).hexdigest()
    count, total, link = _read(payload.content)
    received = request.context["received"] + count
    if link is None and (total is None or received >= total or count == 0):
        return
    if digest == request.context["before"]:
        raise FetchError("client", f"{layer}: page {number} repeats the one before; paging ignored")
    if link is not None:
        yield _page(layer, int(number) + 1, link, {}, received, digest)
    else:
        params = {"limit": str(source.options["page"]), "offset": str(received)}
        path = f"collections/{layer}/items"
        yield _page(layer, int(number) + 1, path, params, received, digest)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """E-mail addresses in attributes are removed; packed shapefiles lose theirs when parsed."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    return catalogue.scrubbed(text).encode()


def _read(content: bytes) -> tuple[int, int | None, str | None]:
    """Number of features, total if it is told, address of the next page if there is one."""
    try:
        answer: Any = json.loads(content)
        count = len(answer["features"])
        links = answer.get("links") or []
        link = next((str(x["href"]) for x in links if x.get("rel") == "next"), None)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FetchError("client", f"the answer is no FeatureCollection: {error!r}") from error
    total = answer.get("numberMatched")
    return count, total if isinstance(total, int) else None, link


def _page(
    layer: str, number: int, path: str, params: dict[str, str], received: int, before: str
) -> Request:
    return Request(
        resource=f"{layer}/{number}",
        path=path,
        params=params,
        headers=ACCEPT,
        extension="geojson",
        context={"received": received, "before": before},
    )
