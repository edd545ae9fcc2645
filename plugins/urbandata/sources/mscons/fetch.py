"""MSCONS files from a folder on a web server: the listing, then what was delivered in the window.

The name of a file says who sent what on which day, not which period it covers; the window
therefore means the time of delivery.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.registry import Source


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The listing of the folder; it is read and not kept."""
    yield Request(
        resource="listing",
        path=source.options["listing"],
        land=False,
        context={"start": window.start.isoformat(), "end": window.end.isoformat()},
    )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """One request per file delivered in the window; files do not change once delivered."""
    if request.resource != "listing":
        return
    start, end = (datetime.fromisoformat(request.context[k]) for k in ("start", "end"))
    for name, delivered in listed(payload.content):
        if start <= delivered < end and name.startswith(source.options["prefix"]):
            path = f"{source.options['listing']}{quote(name)}"
            yield Request(resource=name, path=path, extension="edi", conditional=True)


def listed(content: bytes) -> list[tuple[str, datetime]]:
    """Names and times of delivery in a JSON listing (nginx ``autoindex_format json``).

    Raises FetchError if the answer is something else.
    """
    try:
        entries = json.loads(content)
        files = [
            (str(e["name"]), parsedate_to_datetime(e["mtime"]).astimezone(UTC))
            for e in entries
            if e["type"] == "file"
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise FetchError("client", f"the listing of the folder cannot be read: {error}") from error
    return sorted(files, key=lambda file: (file[1], file[0]))
