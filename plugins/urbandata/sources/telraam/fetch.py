"""Telraam: one report per segment and window. The service says what went wrong inside a 200."""

import json
from collections.abc import Iterable
from datetime import datetime

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.registry import Source

OK, TOO_MANY = 200, 429


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Hourly reports of every configured segment."""
    for segment in source.options["segments"]:
        yield Request(
            resource=f"segments/{segment}",
            path="reports/traffic",
            method="POST",
            json={
                "level": "segments",
                "format": "per-hour",
                "id": segment,
                "time_start": _stamp(window.start),
                "time_end": _stamp(window.end),
            },
            headers={"X-Api-Key": "{TELRAAM_API_KEY}"},
        )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """Nothing follows. Raises FetchError where the inner status says there is no report, so that
    the window is asked again."""
    try:
        answer = json.loads(payload.content)
        status, message = answer["status_code"], answer.get("message", "")
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError("client", f"no report: {error!r}") from error
    if status == TOO_MANY:
        raise FetchError("rate_limited", f"the service answered {status}: {message}", status)
    if status != OK:
        raise FetchError("server", f"the service answered {status}: {message}")
    return []


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"
