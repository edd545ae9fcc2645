"""RDF/XML after DCAT-AP.de to datasets and resources, read as a graph.

A record is a dataset or a distribution. Where the catalogue says a thing more than once, lists
keep all and single fields the first in order.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from xml.sax import SAXException

from lxml import etree
from rdflib import Graph, URIRef
from rdflib.exceptions import Error as GraphError
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, Namespace
from rdflib.term import BNode, Literal, Node

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import catalogue, tabular
from urbandata.registry import Source
from urbandata.sources.dcat import names

DCATDE, SCHEMA, LOCN = Namespace(names.DCATDE), Namespace(names.SCHEMA), Namespace(names.LOCN)
PERSON = {FOAF.Person, URIRef("http://www.w3.org/2006/vcard/ns#Individual")}
# odd literals stay as they are written; the table's types decide, not the library's log
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``datasets`` and ``resources``. Raises PayloadError for anything else."""
    graph = _graph(payload.content)
    found = sorted(graph.subjects(RDF.type, DCAT.Dataset), key=str)
    ways = set(graph.subjects(RDF.type, DCAT.Distribution))
    if not found and not ways and (None, RDF.type, DCAT.Catalog) not in graph:
        raise PayloadError("no dcat:Catalog and no dcat:Dataset; is this a DCAT catalogue?")
    name = catalogue.label(payload, source)
    datasets: list[dict[str, Any]] = []
    resources: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for number, node in enumerate(found, start=1):
        dataset = _dataset(graph, node)
        if not dataset["dataset_id"]:
            rejects.append(Reject("datasets", number, "dataset without address and identifier", ""))
            continue
        datasets.append({**dataset, "catalogue": name, tabular.ROW: number})
        kept = {"catalogue": name, "dataset_id": dataset["dataset_id"]}
        for way in sorted(set(graph.objects(node, DCAT.distribution)), key=str):
            ways.discard(way)
            resources.append({**kept, **_distribution(graph, way)})
    for number, way in enumerate(sorted(ways, key=str), start=len(resources) + 1):
        reason = "distribution that belongs to no dataset of this page"
        rejects.append(Reject("resources", number, reason, catalogue.scrubbed(str(way))))
    return catalogue.parsed(datasets, resources, source, rejects)


def _graph(content: bytes) -> Graph:
    """The graph of an RDF/XML document. Raises PayloadError."""
    root = catalogue.xml_root(content)
    if root.tag != f"{{{names.RDF}}}RDF":
        raise PayloadError("not RDF/XML: the outermost element is not rdf:RDF")
    graph = Graph()
    try:
        graph.parse(data=etree.tostring(root), format="xml")
    except (GraphError, SAXException, ValueError, AssertionError, LookupError) as error:
        raise PayloadError(f"broken RDF/XML: {error}") from error
    return graph


def _dataset(graph: Graph, node: Node) -> dict[str, Any]:
    publisher = next(iter(_sorted(graph, node, DCTERMS.publisher)), None)
    identifier = str(node) if isinstance(node, URIRef) else ""
    return {
        "dataset_id": _first(graph, node, DCTERMS.identifier) or identifier,
        "title": _first(graph, node, DCTERMS.title),
        "publisher": _publisher(graph, publisher),
        "has_publisher": catalogue.present(publisher),
        "has_contact_point": catalogue.present(graph.value(node, DCAT.contactPoint, any=True)),
        "has_description": catalogue.present(_first(graph, node, DCTERMS.description)),
        "keywords": catalogue.json_list(_texts(graph, node, DCAT.keyword)),
        "themes": catalogue.json_list(_texts(graph, node, DCAT.theme)),
        "spatial": _spatial(graph, node),
        "temporal": _temporal(graph, node),
        "licence": _first(graph, node, DCTERMS.license),
        "access_rights": _first(graph, node, DCTERMS.accessRights),
        "issued_at": catalogue.moment(_first(graph, node, DCTERMS.issued)),
        "modified_at": catalogue.moment(_first(graph, node, DCTERMS.modified)),
        "accrual_periodicity": _first(graph, node, DCTERMS.accrualPeriodicity),
    }


def _distribution(graph: Graph, node: Node) -> dict[str, Any]:
    return {
        "resource_id": str(node) if isinstance(node, URIRef) else None,
        "format": _first(graph, node, DCTERMS["format"]),
        "media_type": _first(graph, node, DCAT.mediaType),
        "access_url": _first(graph, node, DCAT.accessURL),
        "download_url": _first(graph, node, DCAT.downloadURL),
        "licence": _first(graph, node, DCTERMS.license),
        "rights": _first(graph, node, DCTERMS.rights),
        "byte_size": _first(graph, node, DCAT.byteSize),
        "issued_at": catalogue.moment(_first(graph, node, DCTERMS.issued)),
        "modified_at": catalogue.moment(_first(graph, node, DCTERMS.modified)),
    }


def _sorted(graph: Graph, node: Node, predicate: URIRef) -> list[Node]:
    return sorted(graph.objects(node, predicate), key=str)


def _texts(graph: Graph, node: Node, predicate: URIRef) -> Iterator[str]:
    """Values as text: a literal, an address, or the label of a node without address."""
    for value in _sorted(graph, node, predicate):
        labels = (graph.value(value, p) for p in (RDFS.label, SKOS.prefLabel, RDF.value))
        label = next((la for la in labels if la is not None), None)
        if label is not None or not isinstance(value, BNode):
            yield str(value if isinstance(value, URIRef) else label or value)


def _first(graph: Graph, node: Node, predicate: URIRef) -> str | None:
    return next((t for v in _texts(graph, node, predicate) if (t := catalogue.text(v))), None)


def _publisher(graph: Graph, node: Node | None) -> str | None:
    """Name of the publisher, else its address; null for a person and for a bare text."""
    if node is None or isinstance(node, Literal) or PERSON & set(graph.objects(node, RDF.type)):
        return None
    name = _first(graph, node, FOAF.name)
    return name or (None if isinstance(node, BNode) else str(node))


def _spatial(graph: Graph, node: Node) -> str | None:
    for predicate in (DCATDE.politicalGeocodingURI, DCATDE.geocodingDescription, DCTERMS.spatial):
        if text := _first(graph, node, predicate):
            return text
    places = _sorted(graph, node, DCTERMS.spatial)
    shapes = (
        _first(graph, p, g) for p in places for g in (DCAT.bbox, LOCN.geometry, DCAT.centroid)
    )
    return next((s for s in shapes if s), None)


def _temporal(graph: Graph, node: Node) -> str | None:
    for period in _sorted(graph, node, DCTERMS.temporal):
        for space in (DCAT, SCHEMA):
            ends = [_first(graph, period, space[n]) or "" for n in ("startDate", "endDate")]
            if any(ends):
                return "/".join(ends)
    return _first(graph, node, DCTERMS.temporal)
