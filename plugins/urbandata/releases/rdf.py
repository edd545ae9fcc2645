"""Writes a graph as Turtle, JSON-LD and RDF/XML: equal graphs give equal bytes."""

from __future__ import annotations

import json
from pathlib import Path

from lxml import etree
from rdflib import Graph

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def write(graph: Graph, folder: Path) -> None:
    """``catalog.ttl``, ``catalog.jsonld`` and ``catalog.rdf``, which harvesters ask for."""
    (folder / "catalog.ttl").write_text(graph.serialize(format="turtle"), encoding="utf-8")
    (folder / "catalog.jsonld").write_text(_json_ld(graph), encoding="utf-8")
    (folder / "catalog.rdf").write_bytes(_rdf_xml(graph))


def _json_ld(graph: Graph) -> str:
    nodes = json.loads(graph.serialize(format="json-ld"))
    ordered = sorted((_ordered(n) for n in nodes), key=lambda n: str(n["@id"]))
    return json.dumps(ordered, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _ordered(node: dict[str, object]) -> dict[str, object]:
    """A node with its values in order; rdflib takes them from sets."""
    return {
        k: sorted(v, key=lambda x: json.dumps(x, sort_keys=True)) if isinstance(v, list) else v
        for k, v in node.items()
    }


def _rdf_xml(graph: Graph) -> bytes:
    root = etree.fromstring(graph.serialize(format="xml").encode())
    for node in root:
        node[:] = sorted(node, key=lambda p: (p.tag, sorted(p.attrib.items()), p.text or ""))
    root[:] = sorted(root, key=lambda n: n.get(f"{{{RDF}}}about", ""))
    # prefixes by name, not in the order the graph met them
    spaces = dict(sorted((str(p), n) for p, n in root.nsmap.items()))
    fresh = etree.Element(root.tag, nsmap=spaces)
    fresh.extend(list(root))
    etree.cleanup_namespaces(fresh, keep_ns_prefixes=list(spaces))
    etree.indent(fresh)
    return etree.tostring(fresh, encoding="utf-8", xml_declaration=True) + b"\n"
