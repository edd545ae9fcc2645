"""SMARD chart data: the index of a series, then the blocks that touch the window.

Blocks are weeks for hours and years for days. Fine resolutions are asked for the last ``span``
of the window only, because every block is a request.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.registry import Source

_SPAN = TypeAdapter(timedelta)


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The index of every series; a filter that a region does not have is no error."""
    for resolution, wanted in source.options["resolutions"].items():
        start = max(window.start, window.end - _SPAN.validate_python(wanted["span"]))
        for number, region in wanted["filters"].items():
            yield Request(
                resource=f"{number}/{region}/{resolution}/index",
                path=f"{number}/{region}/index_{resolution}.json",
                land=False,
                missing_ok=True,
                context={"start": start.isoformat(), "end": window.end.isoformat()},
            )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """One request per block that touches the window; a block ends where the next begins."""
    number, region, resolution, last = request.resource.split("/")
    if last != "index":
        return
    start, end = (datetime.fromisoformat(request.context[k]) for k in ("start", "end"))
    stamps = block_stamps(payload.content)
    for stamp, after in zip(stamps, [*stamps[1:], None], strict=True):
        if _instant(stamp) < end and (after is None or _instant(after) > start):
            yield Request(
                resource=f"{number}/{region}/{resolution}/{stamp}",
                path=f"{number}/{region}/{number}_{region}_{resolution}_{stamp}.json",
                conditional=True,
            )


def block_stamps(content: bytes) -> list[int]:
    """First instants of the blocks (ms since 1970), ascending.

    Raises FetchError if the answer is no index.
    """
    try:
        stamps = sorted({int(stamp) for stamp in json.loads(content)["timestamps"]})
        for stamp in stamps:
            _instant(stamp)
    except (ValueError, TypeError, KeyError, OverflowError, OSError) as error:
        raise FetchError("client", f"the index of a series cannot be read: {error}") from error
    return stamps


def _instant(stamp_ms: int) -> datetime:
    return datetime.fromtimestamp(stamp_ms / 1000, tz=UTC)
