"""Load-profile files from a folder on a web server: its page, then the files of the window.

Names end with the year or month of the file. The file of the current month grows every day; it
is asked conditionally.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote, unquote

from urbandata.contract import Payload, Request, Window
from urbandata.registry import Source

LINK = re.compile(r"""<a\s[^>]*href=["']([^"'?/]+)["']""", re.IGNORECASE)
PERIOD = re.compile(r"_(\d{4})(?:-(0[1-9]|1[0-2]))?\.csv$")
CET = timedelta(hours=1)


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The folder's page; it is read and not kept."""
    yield Request(
        resource="listing",
        path=source.options["listing"],
        extension="html",
        land=False,
        context={"start": window.start.isoformat(), "end": window.end.isoformat()},
    )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """One conditional request per file whose year or month touches the window."""
    if request.resource != "listing":
        return
    start, end = (datetime.fromisoformat(request.context[k]) for k in ("start", "end"))
    for name in names(payload.content):
        first, after = period(name)
        if first < end and start < after:
            path = f"{source.options['listing']}{quote(name)}"
            yield Request(resource=name, path=path, extension="csv", conditional=True)


def names(content: bytes) -> list[str]:
    """Files with a period in their name that the page links to."""
    links = (unquote(unescape(x)) for x in LINK.findall(content.decode("utf-8", "replace")))
    return sorted({name for name in links if PERIOD.search(name)})


def period(name: str) -> tuple[datetime, datetime]:
    """First instant of a file's year or month (CET) and the first after it."""
    found = PERIOD.search(name)
    if found is None:
        raise ValueError(f"{name} names no year or month")
    year, month = int(found[1]), int(found[2] or 1)
    months = 1 if found[2] else 12
    later = year * 12 + month - 1 + months
    first = datetime(year, month, 1, tzinfo=UTC)
    after = datetime(later // 12, later % 12 + 1, 1, tzinfo=UTC)
    return first - CET, after - CET
