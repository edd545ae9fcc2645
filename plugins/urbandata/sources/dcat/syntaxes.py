"""Catalogues in Turtle, N-Triples or JSON-LD as RDF/XML, which is what is cleaned and read."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any

from lxml import etree
from rdflib import Graph
from rdflib.exceptions import Error as GraphError
from rdflib.term import BNode, Literal, Node

from urbandata.errors import PayloadError
from urbandata.reading import catalogue, tabular
from urbandata.sources.dcat.names import RDF

BASE = "http://katalog.invalid/"  # for relative addresses, else they would hold our own path
DEPTH = 4  # of nodes without address in one another
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
BROKEN = (
    *(GraphError, SyntaxError, ValueError, AssertionError, LookupError, TypeError),
    *(AttributeError, RecursionError),
)


def as_rdf_xml(content: bytes, kept: Collection[str]) -> bytes:
    """The statements with the properties ``kept`` as RDF/XML.

    The same bytes give the same bytes. Raises PayloadError for what is none of the syntaxes.
    """
    syntax = "turtle"
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        syntax = "json-ld"
        if _is_elsewhere(catalogue.json_answer(content)):
            raise PayloadError("JSON-LD whose @context is at another address is not read")
    graph = Graph()
    try:
        graph.parse(data=tabular.decode(content, ("utf-8-sig",)), format=syntax, publicID=BASE)
        return _written(graph, {tag.strip("{").replace("}", ""): tag for tag in kept})
    except BROKEN as error:
        raise PayloadError(f"not RDF/XML and broken {syntax}: {type(error).__name__}") from error


def _written(graph: Graph, tags: dict[str, str]) -> bytes:
    """RDF/XML in order. Nodes without address are named by what is said of them."""

    @cache
    def name(node: Node, depth: int = DEPTH) -> str:
        if not isinstance(node, BNode) or depth == 0:
            return "" if isinstance(node, BNode) else str(node)
        said = sorted(f"{p} {name(o, depth - 1)}" for p, o in graph.predicate_objects(node))
        return "n" + sha256("\n".join(said).encode("utf-8", "replace")).hexdigest()[:32]

    def place(node: Node, attribute: str) -> dict[str, str]:
        return {f"{{{RDF}}}{'nodeID' if isinstance(node, BNode) else attribute}": name(node)}

    root = etree.Element(f"{{{RDF}}}RDF")
    statements = sorted(
        (name(s), tags[str(p)], name(o), str(getattr(o, "language", "")), s, o)
        for s, p, o in graph
        if str(p) in tags
    )
    for _, group in groupby(statements, key=lambda s: s[0]):
        listed = list(group)
        node = etree.SubElement(root, f"{{{RDF}}}Description", place(listed[0][4], "about"))
        for _, tag, text, _, _, value in listed:
            if not isinstance(value, Literal):
                etree.SubElement(node, tag, place(value, "resource"))
                continue
            stated = {LANG: value.language, f"{{{RDF}}}datatype": value.datatype}
            told = {n: str(v) for n, v in stated.items() if v}
            etree.SubElement(node, tag, told).text = text
    return bytes(etree.tostring(root, encoding="utf-8"))


def _is_elsewhere(value: Any) -> bool:
    """Whether a context would have to be fetched."""
    if isinstance(value, list):
        return any(map(_is_elsewhere, value))
    if not isinstance(value, dict):
        return False
    context = value.get("@context")
    listed = context if isinstance(context, list) else [context]
    is_remote = "@import" in value or any(isinstance(c, str) for c in listed)
    return is_remote or any(map(_is_elsewhere, value.values()))
