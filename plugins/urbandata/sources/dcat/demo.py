"""The demo city's catalogue in RDF/XML after DCAT-AP.de, as CKAN's extension serves it.

100 datasets a page, linked by hydra; people are named and there to be removed. Addresses inside
are those of the invented portal, links to pages those of the server that answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import catalogue
from urbandata.demo.catalogue import (
    BASE,
    FILE_TYPE_URI,
    FREQUENCY_URI,
    LICENCE_URIS,
    THEME_URI,
    Dataset,
    Distribution,
)
from urbandata.demo.world import World

ITEMS = 100
PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
}
ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
MEDIA = "https://www.iana.org/assignments/media-types/"
TIME = ' rdf:datatype="http://www.w3.org/2001/XMLSchema#dateTime"'


def routes(world: World) -> list[Route]:
    """The catalogue; single datasets are not served."""

    def catalog(request: Request) -> Response:
        found = catalogue.datasets(world)
        last = max(1, -(-len(found) // ITEMS))
        try:
            page = int(request.query_params.get("page", "1"))
        except ValueError:
            page = 0
        if page < 1:
            return PlainTextResponse("Page not found", 404)
        shown = found[(page - 1) * ITEMS : page * ITEMS]
        here = str(request.url.replace(query=""))
        body = "\n".join(_document(world, shown, here.rstrip("?"), page, last, len(found)))
        return Response(body, media_type="application/rdf+xml")

    return [Route("/catalog.rdf", catalog)]


def _document(
    world: World, shown: tuple[Dataset, ...], here: str, page: int, last: int, total: int
) -> Iterator[str]:
    spaces = " ".join(f'xmlns:{p}="{n}"' for p, n in PREFIXES.items())
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF {spaces}>'
    yield f"<dcat:Catalog rdf:about={quoteattr(BASE)}>{_text('dct:title', 'Demostadt')}"
    now = world.now()
    for dataset in shown:
        yield f"<dcat:dataset>{''.join(_dataset(dataset, now))}</dcat:dataset>"
    yield "</dcat:Catalog>"
    yield f'<hydra:PagedCollection rdf:about="{here}?page={page}">'
    pages = {"firstPage": 1, "lastPage": last, "nextPage": page + 1, "previousPage": page - 1}
    for name, number in pages.items():
        if 1 <= number <= last:
            yield _text(f"hydra:{name}", f"{here}?page={number}")
    yield f"<hydra:totalItems>{total}</hydra:totalItems></hydra:PagedCollection>"
    for dataset in shown:
        for number, way in enumerate(dataset.downloads):
            yield "".join(_distribution(dataset, number, way, now))
    yield "</rdf:RDF>"


def _dataset(dataset: Dataset, now: datetime) -> Iterator[str]:
    yield f'<dcat:Dataset rdf:about="{_address(dataset)}">'
    yield _text("dct:title", dataset.title)
    yield _text("dct:identifier", dataset.id.lower())
    if dataset.has_description:
        yield _text(
            "dct:description", f"Daten des Amtes: {dataset.title}. Fragen an Erika Beispiel."
        )
    yield f"<dct:issued{TIME}>{dataset.issued:%Y-%m-%dT%H:%M:%S.%f}</dct:issued>"
    yield f"<dct:modified{TIME}>{dataset.modified(now):%Y-%m-%dT%H:%M:%S.%f}</dct:modified>"
    yield _link("dcat:theme", THEME_URI + dataset.eu_theme)
    yield from (_text("dcat:keyword", k) for k in dataset.keywords)
    yield _text("dcatde:geocodingDescription", dataset.region)
    if dataset.years:
        first, last = f"{dataset.years[0]}-01-01", f"{dataset.years[-1]}-12-31"
        span = _text("dcat:startDate", first) + _text("dcat:endDate", last)
        yield f"<dct:temporal><dct:PeriodOfTime>{span}</dct:PeriodOfTime></dct:temporal>"
    if dataset.period:
        yield _link("dct:accrualPeriodicity", FREQUENCY_URI + dataset.period)
    if dataset.access_rights:
        yield _link("dct:accessRights", ACCESS + dataset.access_rights)
    name = _text("foaf:name", dataset.office)
    yield f"<dct:publisher><foaf:Organization>{name}</foaf:Organization></dct:publisher>"
    if dataset.has_contact:
        person = _text("vcard:fn", "Erika Beispiel") + _link(
            "vcard:hasEmail", "mailto:erika.beispiel@demostadt.example"
        )
        person = f"<vcard:Individual>{person}</vcard:Individual>"
        yield f"<dcat:contactPoint>{person}</dcat:contactPoint>"
    for number in range(len(dataset.downloads)):
        yield _link("dcat:distribution", _address(dataset, number))
    yield "</dcat:Dataset>"


def _distribution(dataset: Dataset, number: int, way: Distribution, now: datetime) -> Iterator[str]:
    yield f'<dcat:Distribution rdf:about="{_address(dataset, number)}">'
    yield _link("dcat:accessURL", way.url)
    if way.kind not in ("WFS", "WMS", "GEOJSON"):
        yield _link("dcat:downloadURL", way.url)
    yield _link("dct:format", FILE_TYPE_URI + way.kind)
    yield _link("dcat:mediaType", f"{MEDIA}{way.media_type}")
    if dataset.licence:
        yield _link("dct:license", LICENCE_URIS[dataset.licence])
    if way.byte_size is not None:
        yield _text("dcat:byteSize", f"{way.byte_size}.0")
    yield f"<dct:modified{TIME}>{dataset.modified(now):%Y-%m-%dT%H:%M:%S.%f}</dct:modified>"
    yield "</dcat:Distribution>"


def _address(dataset: Dataset, number: int | None = None) -> str:
    page = f"{BASE}/dataset/{dataset.slug}"
    return page if number is None else f"{page}/resource/{number}"


def _text(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>"


def _link(tag: str, address: str) -> str:
    return f"<{tag} rdf:resource={quoteattr(address)}/>"
