"""The open part of a release as a DCAT-AP.de 3.0 catalogue. Every node has an address.

Facts of the profile: title, description and publisher of the catalogue; title and description of
a dataset; access address and licence of a distribution are mandatory; publisher and contributorID
by the conventions of GovData. Places are in dct:spatial, since 3.0 no longer in dcatde terms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD, Namespace
from rdflib.term import Literal, Node

from urbandata.releases.model import Content
from urbandata.releases.offers import Offer, OpenData, open_data

DCATDE = Namespace("http://dcat-ap.de/def/dcatde/")
DCATAP = Namespace("http://data.europa.eu/r5r/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VERSION = URIRef(f"{DCAT}version")  # of DCAT 3, which rdflib does not list yet
EU = "http://publications.europa.eu/resource/authority/"
MEDIA = "https://www.iana.org/assignments/media-types/"
FORMATS = {  # ending: EU file type, IANA media type
    "csv": ("CSV", "text/csv"),
    "parquet": ("PARQUET", "application/vnd.apache.parquet"),
}


def graph(content: Content, offered: Sequence[Offer], folder: Path, base: str) -> Graph:
    """The catalogue of the files in ``folder/open_data``, which is served at ``base``."""
    known = open_data()
    result = Graph()
    for prefix, space in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("vcard", VCARD),
                          ("dcatde", DCATDE), ("dcatap", DCATAP), ("spdx", SPDX)):  # fmt: skip
        result.bind(prefix, space)
    _catalogue(result, content, known, base)
    for offer in offered:
        _dataset(result, content, known, offer, base)
        for ending in FORMATS:
            path = folder / "open_data" / f"{offer.table.name}.{ending}"
            _distribution(result, content, offer, path, base)
    return result


def _catalogue(g: Graph, content: Content, known: OpenData, base: str) -> None:
    node, publisher, contact = URIRef(f"{base}#catalogue"), _publisher(base), _contact(base)
    g.add((node, RDF.type, DCAT.Catalog))
    for lang in ("de", "en"):
        notice = content.notice_de if lang == "de" else content.notice_en
        title = _marked(content, known.catalogue[f"title_{lang}"], lang)
        _say(g, node, DCTERMS.title, title, lang)
        text = f"{known.catalogue[f'description_{lang}']} {notice}"
        _say(g, node, DCTERMS.description, text, lang)
    g.add((node, DCTERMS.publisher, publisher))
    g.add((node, FOAF.homepage, URIRef(f"{base}index.html")))
    g.add((node, DCTERMS.language, URIRef(f"{EU}language/DEU")))
    g.add((node, DCTERMS.language, URIRef(f"{EU}language/ENG")))
    g.add((node, DCAT.themeTaxonomy, URIRef(f"{EU}data-theme")))
    g.add((node, DCTERMS.modified, _instant(content)))
    g.add((node, DCTERMS.issued, _instant(content)))
    g.add((publisher, RDF.type, FOAF.Agent))
    g.add((publisher, FOAF.name, Literal(known.publisher)))
    g.add((contact, RDF.type, VCARD.Kind))
    g.add((contact, VCARD.fn, Literal(known.contact)))
    g.add((contact, VCARD.hasURL, URIRef(known.contact_url)))


def _dataset(g: Graph, content: Content, known: OpenData, offer: Offer, base: str) -> None:
    said, node = offer.dataset, _address(base, offer.table.name)
    g.add((URIRef(f"{base}#catalogue"), DCAT.dataset, node))
    g.add((node, RDF.type, DCAT.Dataset))
    _say(g, node, DCTERMS.title, _marked(content, said.title_de, "de"), "de")
    _say(g, node, DCTERMS.title, _marked(content, said.title_en, "en"), "en")
    why = f" {said.own_work}" if said.own_work else ""
    _say(g, node, DCTERMS.description, f"{said.description_de}{why} {content.notice_de}", "de")
    _say(g, node, DCTERMS.description, f"{said.description_en} {content.notice_en}", "en")
    marks = ["Demodaten"] if content.is_demo else []
    for word in (*said.keywords_de, *marks):
        _say(g, node, DCAT.keyword, word, "de")
    for word in said.keywords_en:
        _say(g, node, DCAT.keyword, word, "en")
    links = {
        DCTERMS.publisher: _publisher(base),
        DCAT.contactPoint: _contact(base),
        DCAT.theme: URIRef(f"{EU}data-theme/{said.theme}"),
        DCTERMS.accrualPeriodicity: URIRef(f"{EU}frequency/{said.frequency}"),
        DCTERMS.accessRights: URIRef(f"{EU}access-right/PUBLIC"),
        DCTERMS.spatial: URIRef(known.spatial),
        DCATDE.politicalGeocodingLevelURI: URIRef(known.geocoding_level),
        DCATDE.contributorID: URIRef(known.contributor),
        DCATAP.availability: URIRef(f"{EU}planned-availability/STABLE"),
        DCAT.landingPage: URIRef(f"{base}index.html#{offer.table.name}"),
    }
    for predicate, value in links.items():
        g.add((node, predicate, value))
    identifier = f"urbandata-{content.origin}-{offer.table.name}"
    g.add((node, DCTERMS.identifier, Literal(identifier)))
    g.add((node, VERSION, Literal(content.version)))
    g.add((node, DCTERMS.modified, _instant(content)))
    g.add((node, DCTERMS.issued, _instant(content)))
    _period(g, node, offer, content)


def _period(g: Graph, node: URIRef, offer: Offer, content: Content) -> None:
    """The span of the rows; a register without time is as of the build."""
    period = URIRef(f"{node}-period")
    last = offer.last or content.built_at.date()
    g.add((node, DCTERMS.temporal, period))
    g.add((period, RDF.type, DCTERMS.PeriodOfTime))
    if offer.first:
        first = Literal(offer.first.isoformat(), datatype=XSD.date)
        g.add((period, DCAT.startDate, first))
    g.add((period, DCAT.endDate, Literal(last.isoformat(), datatype=XSD.date)))


def _distribution(g: Graph, content: Content, offer: Offer, path: Path, base: str) -> None:
    name, ending = path.stem, path.suffix[1:]
    file_type, media_type = FORMATS[ending]
    node, url = _address(base, f"{name}-{ending}"), URIRef(f"{base}{path.name}")
    data = path.read_bytes()
    g.add((_address(base, name), DCAT.distribution, node))
    for predicate, value in {
        RDF.type: DCAT.Distribution,
        DCTERMS.license: URIRef(offer.licence_uri),
        DCTERMS["format"]: URIRef(f"{EU}file-type/{file_type}"),
        DCAT.mediaType: URIRef(f"{MEDIA}{media_type}"),
        DCAT.accessURL: url,
        DCAT.downloadURL: url,
        DCTERMS.rights: URIRef(f"{base}#rights-{name}"),
        DCATAP.availability: URIRef(f"{EU}planned-availability/STABLE"),
    }.items():
        g.add((node, predicate, value))
    title = f"{offer.dataset.title_de} ({file_type})"
    _say(g, node, DCTERMS.title, _marked(content, title, "de"), "de")
    credit = "; ".join(offer.terms.attributions)
    g.add((node, DCATDE.licenseAttributionByText, Literal(credit, lang="de")))
    g.add((node, DCAT.byteSize, Literal(len(data), datatype=XSD.nonNegativeInteger)))
    g.add((node, DCTERMS.modified, _instant(content)))
    g.add((node, DCTERMS.issued, _instant(content)))
    rights = URIRef(f"{base}#rights-{name}")
    g.add((rights, RDF.type, DCTERMS.RightsStatement))
    checked = "" if offer.is_verified else " Lizenz noch nicht vom Herausgeber bestätigt."
    _say(g, rights, DCTERMS.description, f"Namensnennung: {credit}.{checked}", "de")
    checksum = URIRef(f"{node}-checksum")
    digest = hashlib.sha256(data).hexdigest()
    g.add((node, SPDX.checksum, checksum))
    g.add((checksum, RDF.type, SPDX.Checksum))
    g.add((checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
    g.add((checksum, SPDX.checksumValue, Literal(digest, datatype=XSD.hexBinary)))


def _address(base: str, name: str) -> URIRef:
    return URIRef(f"{base}#{name}")


def _publisher(base: str) -> URIRef:
    return URIRef(f"{base}#publisher")


def _contact(base: str) -> URIRef:
    return URIRef(f"{base}#contact")


def _say(g: Graph, node: Node, predicate: URIRef, text: str, lang: str) -> None:
    g.add((node, predicate, Literal(text, lang=lang)))


def _marked(content: Content, title: str, lang: str) -> str:
    return f"{title} ({'Demodaten' if lang == 'de' else 'demo data'})" if content.is_demo else title


def _instant(content: Content) -> Literal:
    return Literal(content.built_at.isoformat(timespec="seconds"), datatype=XSD.dateTime)
