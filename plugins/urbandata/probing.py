"""Whether an address answers: one polite question, no body, every outcome an answer.

HEAD first; GET, closed before its body, where a server does not know HEAD.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from urbandata.errors import FetchError
from urbandata.landing import utc_now

NO_HEAD = frozenset({405, 501})
ALONE = 3  # as many dead addresses in a row and no other: it is our own network


def probed(client: httpx.Client, published: str, url: str) -> dict[str, Any]:
    """Status of one address, or the kind of failure."""
    found: dict[str, Any] = {"url": published, "method": "HEAD", "status": None, "error": None}
    try:
        status = _status(client, "HEAD", url)
        if status in NO_HEAD:
            found["method"] = "GET"
            status = _status(client, "GET", url)
        found["status"] = status
    except httpx.TimeoutException:
        found["error"] = "timeout"
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects, ValueError):
        found["error"] = "invalid"
    except httpx.TransportError:
        found["error"] = "network"
    return {**found, "checked_at": utc_now().isoformat()}


def as_lines(found: Sequence[Mapping[str, Any]]) -> bytes:
    """A JSON line per address. Raises FetchError if none could be reached: we are offline."""
    if len(found) >= ALONE and all(f["error"] == "network" for f in found):
        raise FetchError("network", f"none of {len(found)} addresses could be reached")
    return "".join(json.dumps(f, ensure_ascii=False) + "\n" for f in found).encode()


def _status(client: httpx.Client, method: str, url: str) -> int:
    with client.stream(method, url) as response:
        return response.status_code
