"""CSW GetRecords by GET, page by page along ``nextRecord``."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import catalogue
from urbandata.registry import Source
from urbandata.sources.csw.names import CSW, DC, DCT, OWS, OWS_11

KEPT = {
    **dict.fromkeys((CSW,), "GetRecordsResponse SearchStatus SearchResults Record"),
    DC: "identifier title type subject format rights coverage date source language URI",
    DCT: "modified created issued spatial temporal accessRights license references alternative"
    " accrualPeriodicity",
    OWS: "BoundingBox WGS84BoundingBox LowerCorner UpperCorner Exception ExceptionReport"
    " ExceptionText",
    OWS_11: "Exception ExceptionReport ExceptionText",
}
TAGS = {f"{{{space}}}{name}" for space, names in KEPT.items() for name in names.split()}
RESULTS = f"{{{CSW}}}SearchResults"
MARKED = {  # that they are there is kept, not what they say
    *(f"{{{DC}}}{name}" for name in ("description", "publisher", "creator", "contributor")),
    *(f"{{{DCT}}}{name}" for name in ("abstract", "publisher", "creator", "contributor")),
}


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First page; the others follow."""
    yield _page(1, source)


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The page that begins at ``nextRecord``; 0 means that there is none."""
    try:
        root = catalogue.xml_root(payload.content)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    results = root.find(RESULTS)
    if results is None:
        text = catalogue.words(root)
        raise FetchError("client", f"no SearchResults in the answer: {text[:200] or root.tag}")
    try:
        following = int(results.get("nextRecord") or 0)
        matched = int(results.get("numberOfRecordsMatched") or 0)
    except ValueError as error:
        raise FetchError("client", f"SearchResults counts wrongly: {error}") from error
    start = int(request.params["startPosition"])
    if start < following <= matched:
        yield _page(following, source)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Only the elements ``parse`` reads; creators and abstracts leave a mark."""
    try:
        root = catalogue.xml_root(content)
    except PayloadError as error:
        return catalogue.unreadable(error)
    if root.tag not in TAGS:
        return catalogue.unreadable("neither a CSW 2.0.2 answer nor an OGC exception report")
    _clean(root)
    etree.cleanup_namespaces(root)
    text = etree.tostring(root, encoding="unicode")
    return catalogue.scrubbed(text).encode("utf-8", "replace")


def _clean(element: etree._Element) -> None:
    for child in list(element):
        if child.tag in MARKED and catalogue.words(child):
            child.clear()
            child.text = catalogue.REMOVED
        elif child.tag in TAGS:
            child.tail = None
            _clean(child)
        elif element.tag == RESULTS and isinstance(child.tag, str):
            # a record of another kind: kept empty, so that it counts
            child.clear()
        else:
            element.remove(child)


def _page(start: int, source: Source) -> Request:
    options = source.options
    params = {
        "service": "CSW",
        "version": "2.0.2",
        "request": "GetRecords",
        "resultType": "results",
        "typeNames": "csw:Record",
        "elementSetName": "full",
        "outputSchema": CSW,
        "startPosition": str(start),
        "maxRecords": str(options["page_size"]),
    }
    if options["constraint"]:
        params |= {
            "constraint": str(options["constraint"]),
            "constraintLanguage": "CQL_TEXT",
            "constraint_language_version": "1.1.0",
        }
    return Request(
        resource=f"records/{start}", path=str(options["path"]), params=params, extension="xml"
    )
