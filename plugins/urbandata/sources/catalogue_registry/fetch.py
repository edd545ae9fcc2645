"""The two lists of the registry, asked conditionally: they change a few times a year."""

from collections.abc import Iterable

from urbandata.contract import Request, Window
from urbandata.registry import Source


def requests(window: Window, source: Source) -> Iterable[Request]:
    """One request per list."""
    for name in source.options["lists"]:
        yield Request(resource=name, path=name, extension="csv", conditional=True)
