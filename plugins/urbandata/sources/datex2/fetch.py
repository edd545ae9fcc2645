"""DATEX II by client pull, as Mobilithek and its predecessor offer it: one path a subscription.

Names and numbers of contact persons, which the format allows for, are removed before storage.
"""

import re
import zlib
from collections.abc import Iterable
from datetime import datetime

from urbandata.contract import Request, Window
from urbandata.registry import Source

CONTACT = re.compile(
    rb"<((?:[\w.-]+:)?contact(?:Name|Person|Details\w*|EMail|Email|TelephoneNumber|FaxNumber"
    rb"|MobileNumber|Address\w*))(?=[\s>/])(?:[^>]*/>|[^>]*>.*?</\1\s*>)",
    re.DOTALL,
)
GZIP = b"\x1f\x8b"


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Every subscription; those in ``by_window`` (demo only) are asked for the window."""
    for name, number in source.options["subscriptions"].items():
        by_window = name in source.options["by_window"]
        span = {"start": _utc(window.start), "end": _utc(window.end)} if by_window else {}
        yield Request(
            resource=name,
            path=f"subscription/{number}/clientPullService",
            params={"subscriptionID": str(number), **span},
            extension="xml",
            conditional=not by_window,
        )


def strip(content: bytes, resource: str, key: str) -> bytes:
    """The publication without contact persons; compressed ones are unpacked for that."""
    return CONTACT.sub(b"", unpacked(content) or content)


def unpacked(content: bytes) -> bytes | None:
    """Bytes of a gzip file, None if it is none or broken."""
    if not content.startswith(GZIP):
        return None
    try:
        return zlib.decompress(content, wbits=31)
    except zlib.error:
        return None


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
