"""Links that are due, in groups that are asked one address after the other."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit, urlunsplit

from urbandata.contract import Request, Window
from urbandata.registry import Source

GROUP = 50


def requests(window: Window, source: Source) -> Iterable[Request]:
    """A request per group; ``due`` is filled from the catalogues on disk."""
    due: Sequence[str] = source.options.get("due", ())
    through = bool(source.options.get("through_city"))
    for first in range(0, len(due), GROUP):
        links = due[first : first + GROUP]
        probes = tuple((link, _within(link) if through else link) for link in links)
        number = first // GROUP + 1
        yield Request(resource=f"links/{number}", path="", extension="jsonl", probes=probes)


def _within(link: str) -> str:
    """The address below the demo city that stands for one elsewhere: nothing leaves loopback."""
    parts = urlsplit(link)
    return urlunsplit(("", "", f"{parts.hostname}{parts.path or '/'}", parts.query, ""))
