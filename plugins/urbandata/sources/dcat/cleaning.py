"""Takes people and free text out of RDF before anything is stored.

In RDF/XML nodes and properties alternate. Properties that ``parse`` does not read are cut out
with everything below them, at any depth; names survive only as the name of a publisher that is
no person. Whether a contact or a description was there is kept.
"""

from __future__ import annotations

import re

from lxml import etree

from urbandata.errors import PayloadError
from urbandata.reading import catalogue
from urbandata.sources.dcat.names import (
    DCAT,
    DCATDE,
    DCT,
    FOAF,
    HYDRA,
    LOCN,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
)

_KEPT = {
    DCAT: "dataset record distribution keyword theme accessURL downloadURL mediaType byteSize"
    " landingPage startDate endDate bbox centroid",
    DCT: "title identifier issued modified publisher license rights format accessRights"
    " accrualPeriodicity spatial temporal type",
    DCATDE: "politicalGeocodingURI geocodingDescription contributorID",
    HYDRA: "nextPage next lastPage firstPage totalItems itemsPerPage",
    LOCN: "geometry",
    SCHEMA: "startDate endDate",
    SKOS: "prefLabel",
    RDF: "type value",
    RDFS: "label",
}
KEPT = {f"{{{space}}}{name}" for space, names in _KEPT.items() for name in names.split()}
CONTACT = f"{{{DCAT}}}contactPoint"
DESCRIPTION = f"{{{DCT}}}description"
PUBLISHER = f"{{{DCT}}}publisher"
NAME = f"{{{FOAF}}}name"
ABOUT, RESOURCE, NODE, PARSE = (
    f"{{{RDF}}}{n}" for n in ("about", "resource", "nodeID", "parseType")
)
TYPE = f"{{{RDF}}}type"
PERSONS = {f"{FOAF}Person", "http://www.w3.org/2006/vcard/ns#Individual"}
MARK = "urn:entfernt"
MARKUP = re.compile(rb"<(?!https?:|urn:)")  # XML; what else begins with < are N-Triples
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def cleaned(content: bytes) -> bytes:
    """The document with known properties only. What cannot be read leaves the reason."""
    try:
        root = catalogue.xml_root(_as_rdf_xml(content))
    except PayloadError as error:
        return catalogue.unreadable(error)
    if root.tag != f"{{{RDF}}}RDF":
        return catalogue.unreadable("not RDF/XML: the outermost element is not rdf:RDF")
    publishers = {p.get(RESOURCE) or p.get(NODE) for p in root.iter(PUBLISHER)}
    persons = {_identity(n) for n in root.iter() if _is_person(n)}
    _clean_nodes(root, publishers - persons - {None})
    etree.cleanup_namespaces(root)
    text = etree.tostring(root, encoding="unicode")
    return catalogue.scrubbed(text).encode("utf-8", "replace")


def _as_rdf_xml(content: bytes) -> bytes:
    """XML as it came, other syntaxes turned into it. Raises PayloadError if they are broken."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_xml = MARKUP.match(start) or content.startswith(UTF_16)
    if not start or is_xml or start.startswith(catalogue.UNREADABLE.encode()):
        return content
    # its library takes half a second to load
    from urbandata.sources.dcat.syntaxes import as_rdf_xml

    return as_rdf_xml(content, {*KEPT, CONTACT, DESCRIPTION, NAME})


def _clean_nodes(parent: etree._Element, named: set[str | None], publishes: bool = False) -> None:
    """Clean the nodes below a property (or the root); text belongs to properties only."""
    for node in list(parent):
        if not isinstance(node.tag, str):  # a processing instruction
            parent.remove(node)
            continue
        _clean_attributes(node)
        node.text = node.tail = None
        is_person = _is_person(node)
        is_named = not is_person and (publishes or _identity(node) in named)
        for prop in list(node):
            if is_person and prop.tag != TYPE:
                node.remove(prop)
            else:
                _clean_property(node, prop, named, is_named)


def _clean_property(
    node: etree._Element, prop: etree._Element, named: set[str | None], is_named: bool
) -> None:
    """Keep, mark or cut out one property of a node."""
    has_text = bool((prop.text or "").strip())
    is_literal = has_text and len(prop) == 0
    says = has_text or len(prop) > 0 or RESOURCE in prop.attrib or NODE in prop.attrib
    if says and prop.tag == CONTACT:
        prop.clear()
        prop.set(RESOURCE, MARK)
    elif says and (prop.tag == DESCRIPTION or (prop.tag == PUBLISHER and is_literal)):
        prop.clear()
        prop.text = catalogue.REMOVED
    elif (prop.tag in KEPT or (prop.tag == NAME and is_named)) and PARSE not in prop.attrib:
        _clean_attributes(prop)
        prop.tail = None
        _clean_nodes(prop, named, publishes=prop.tag == PUBLISHER)
    else:  # also literal XML and collections (parseType), which DCAT-AP does not use
        node.remove(prop)


def _clean_attributes(element: etree._Element) -> None:
    """Properties may also be written as attributes; only those of RDF and XML itself stay."""
    for name in list(element.attrib):
        if not str(name).startswith((f"{{{RDF}}}", "{http://www.w3.org/XML/1998/namespace}")):
            del element.attrib[name]


def _is_person(node: etree._Element) -> bool:
    """By its element or by an explicit type."""
    if not isinstance(node.tag, str):
        return False
    tag = node.tag.replace("{", "").replace("}", "")
    return tag in PERSONS or any(t.get(RESOURCE) in PERSONS for t in node.findall(TYPE))


def _identity(node: etree._Element) -> str | None:
    return node.get(ABOUT) or node.get(NODE)
