"""CSW 2.0.2 over the demo city's catalogue: GetRecords by GET and by POST, Dublin Core.

With its habits: ``nextRecord`` is 0 on the last page, at most 200 records a page, errors come as
an exception report with status 400. Statistics are datasets, layers have their services as links.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo import catalogue
from urbandata.demo.catalogue import Dataset
from urbandata.demo.world import World

MOST = 200
SPACES = {
    "csw": "http://www.opengis.net/cat/csw/2.0.2",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dct": "http://purl.org/dc/terms/",
    "ows": "http://www.opengis.net/ows",
}
BOX = ("13.58 50.96", "13.97 51.18")
LOCAL = ZoneInfo("Europe/Berlin")


class NotServedError(Exception):
    """A question the service answers with an exception report."""


def routes(world: World) -> list[Route]:
    """GetRecords only."""

    async def answer(request: Request) -> Response:
        try:
            if request.method == "POST":
                wanted = _of_xml(await request.body())
            else:
                wanted = {k.lower(): v for k, v in request.query_params.items()}
            body = "".join(_records(world, wanted))
        except NotServedError as error:
            return Response(_exception(str(error)), 400, media_type="application/xml")
        return Response(body, media_type="application/xml")

    return [Route("/csw", answer, methods=["GET", "POST"])]


def _of_xml(body: bytes) -> dict[str, str]:
    """Parameters of a GetRecords document."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError as error:
        raise NotServedError(f"no XML: {error}") from error
    request = etree.QName(root).localname
    return {"request": request, **{str(k).lower(): str(v) for k, v in root.attrib.items()}}


def _records(world: World, wanted: Mapping[str, str]) -> Iterator[str]:
    if wanted.get("request") != "GetRecords" or wanted.get("version", "2.0.2") != "2.0.2":
        raise NotServedError("only GetRecords of version 2.0.2 is served")
    try:
        start, size = int(wanted.get("startposition", "1")), int(wanted.get("maxrecords", "10"))
    except ValueError as error:
        raise NotServedError("startPosition and maxRecords are whole numbers") from error
    found = catalogue.datasets(world)
    shown = found[start - 1 : start - 1 + min(size, MOST)] if start > 0 else ()
    following = start + len(shown)
    now = world.now()
    spaces = " ".join(f'xmlns:{p}="{n}"' for p, n in SPACES.items())
    yield f'<?xml version="1.0" encoding="UTF-8"?><csw:GetRecordsResponse {spaces}>'
    yield f'<csw:SearchStatus timestamp="{now:%Y-%m-%dT%H:%M:%SZ}"/>'
    yield f'<csw:SearchResults numberOfRecordsMatched="{len(found)}" '
    yield f'numberOfRecordsReturned="{len(shown)}" elementSet="full" '
    yield f'nextRecord="{following if shown and following <= len(found) else 0}">'
    for dataset in shown:
        yield from _record(dataset, now)
    yield "</csw:SearchResults></csw:GetRecordsResponse>"


def _record(dataset: Dataset, now: datetime) -> Iterator[str]:
    modified = dataset.modified(now).astimezone(LOCAL)
    texts = [
        ("dc:identifier", dataset.id.lower()),
        ("dc:title", dataset.title),
        ("dc:type", "dataset"),
        *(("dc:subject", k) for k in (*dataset.keywords, dataset.theme)),
        ("dct:modified", f"{modified:%Y-%m-%d}"),
        ("dct:created", f"{dataset.issued.astimezone(LOCAL):%Y-%m-%d}"),
        ("dct:abstract", f"Daten des Amtes: {dataset.title}." if dataset.has_description else ""),
        ("dc:creator", "Erika Beispiel" if dataset.has_contact else ""),
        ("dc:publisher", dataset.office),
        ("dc:rights", dataset.licence),
        ("dct:accessRights", dataset.access_rights.lower()),
    ]
    yield "<csw:Record>"
    yield from (f"<{tag}>{escape(text)}</{tag}>" for tag, text in texts if text)
    for way in dataset.downloads:
        yield f"<dct:references scheme={quoteattr(way.kind)}>{escape(way.url)}</dct:references>"
    yield f"<ows:BoundingBox><ows:LowerCorner>{BOX[0]}</ows:LowerCorner>"
    yield f"<ows:UpperCorner>{BOX[1]}</ows:UpperCorner></ows:BoundingBox></csw:Record>"


def _exception(message: str) -> str:
    return (
        f'<ows:ExceptionReport xmlns:ows="{SPACES["ows"]}" version="1.2.0"><ows:Exception '
        f'exceptionCode="InvalidParameterValue"><ows:ExceptionText>{escape(message)}'
        "</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
    )
