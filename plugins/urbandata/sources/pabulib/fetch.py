"""Results of participatory budgets as .pb files, one per vote."""

from collections.abc import Iterable

from urbandata.contract import Request, Window
from urbandata.registry import Source
from urbandata.sources.pabulib.counting import cleaned


def requests(window: Window, source: Source) -> Iterable[Request]:
    """One file per configured name; elsewhere files come through the inbox."""
    for name in source.options["files"]:
        yield Request(resource=f"{name}.pb", path=f"{name}.pb", extension="pb", missing_ok=True)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Counts only; no name, proposer or single ballot is stored."""
    return cleaned(content)
