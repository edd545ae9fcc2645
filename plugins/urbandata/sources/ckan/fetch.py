"""CKAN's package_search, page by page, without the people it names."""

from collections.abc import Iterable

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import catalogue
from urbandata.registry import Source
from urbandata.sources.ckan.cleaning import cleaned

__all__ = ["follow", "requests", "strip"]


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First page; the others follow."""
    yield _page(0, source)


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The next page, until as many packages were seen as CKAN counts."""
    try:
        answer = catalogue.json_answer(payload.content)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, dict) or not isinstance(result.get("results"), list):
        raise FetchError("client", "the answer has no result.results; is this CKAN?")
    seen = int(request.params["start"]) + len(result["results"])
    if result["results"] and seen < int(result.get("count") or 0):
        yield _page(seen, source)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Only what ``parse`` reads; contacts and descriptions leave a mark that they were there."""
    return cleaned(content)


def _page(start: int, source: Source) -> Request:
    options = source.options
    params = {"q": "", "rows": str(options["page_size"]), "start": str(start)}
    if options["filter"]:
        params["fq"] = str(options["filter"])
    return Request(resource=f"packages/{start}", path="package_search", params=params)
