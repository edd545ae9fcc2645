"""Stored uplinks of an application, oldest first, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.registry import Source

PATH = "api/v3/as/applications/{}/packages/storage/uplink_message"


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First page of the window."""
    yield _page(_text(window.start), _text(window.end), source)


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The next page begins at the last uplink of a full one.

    The service returns no more than ``limit``; whether it repeats the uplink at ``after`` does
    not matter, duplicates count once. Raises FetchError if a full page does not lead on, or the
    stream ends with an error (the status was sent long before).
    """
    lines = [line for line in payload.content.split(b"\n") if line.strip()]
    if lines and lines[-1].lstrip().startswith(b'{"error"'):
        reason = lines[-1].decode("utf-8", "replace")[:200]
        raise FetchError("server", f"the stream of uplinks broke off: {reason}")
    if len(lines) < int(request.params["limit"]):
        return
    last = received_at(lines[-1])
    if last is None or last <= request.params["after"]:
        raise FetchError("client", f"a full page of uplinks does not lead beyond {last}")
    yield _page(last, request.params["before"], source)


def received_at(line: bytes) -> str | None:
    """``received_at`` of one line as written, nanoseconds and all; null if there is none."""
    try:
        found = json.loads(line)["result"]["received_at"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def _page(after: str, before: str, source: Source) -> Request:
    return Request(
        resource=f"uplinks/{after}/{before}",
        path=PATH.format(source.options["application"]),
        params={
            "after": after,
            "before": before,
            "limit": str(source.options["limit"]),
            "order": "received_at",
        },
        headers={"Accept": "text/event-stream", "Authorization": "Bearer {TTN_API_KEY}"},
        extension="jsonl",
    )


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}000Z"
