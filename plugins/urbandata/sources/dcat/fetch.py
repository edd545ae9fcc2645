"""A DCAT catalogue in RDF/XML, page by page along its hydra links."""

from __future__ import annotations

from collections.abc import Iterable

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import catalogue
from urbandata.registry import Source
from urbandata.sources.dcat.cleaning import cleaned
from urbandata.sources.dcat.names import HYDRA, RDF

__all__ = ["follow", "requests", "strip"]
NEXT = ("nextPage", "next")  # hydra's old name, which CKAN uses, and the new one


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First page; the others follow."""
    yield Request(
        resource="catalog/1", path=str(source.options["path"]), extension="rdf", context={"page": 1}
    )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The page named by ``hydra:nextPage``; none on the last one."""
    try:
        root = catalogue.xml_root(payload.content)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    for name in NEXT:
        for element in root.iter(f"{{{HYDRA}}}{name}"):
            address = element.get(f"{{{RDF}}}resource") or (element.text or "").strip()
            if address:
                page = request.context["page"] + 1
                yield Request(
                    resource=f"catalog/{page}",
                    path=address,
                    extension="rdf",
                    context={"page": page},
                )
                return


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Only the properties ``parse`` reads; contacts and descriptions leave a mark."""
    return cleaned(content)
