"""One package: its odd spellings, and where the fields of a dataset are in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from urbandata.reading import catalogue
from urbandata.sources.ckan.cleaning import CONTACT_EXTRAS, EXTRAS, PUBLISHER_EXTRAS

Package = dict[str, Any]
CONTACT = ("maintainer", "maintainer_email", "author_email")
ROLES = {"erstellt": "issued", "veroeffentlicht": "issued", "aktualisiert": "modified"}
ALIASES = {  # older German schemes
    "date_released": "issued",
    "date_updated": "modified",
    "geographical_coverage": "geocodingText",
    "temporal_coverage_from": "temporal_start",
    "temporal_coverage-from": "temporal_start",
    "temporal_coverage_to": "temporal_end",
    "temporal_coverage-to": "temporal_end",
}
CHANGED = re.compile(r"^Date changed\s*")  # DKAN writes its label into the value
GERMAN = re.compile(r"^(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)$")
DRUPAL = re.compile(r"^([A-Z][a-z]{2}), (\d\d)/(\d\d)/(\d{4}) - (\d\d:\d\d)$")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PUBLIC = {  # CKAN's ``private`` and DKAN's words for it
    **dict.fromkeys(("false", "published", "veröffentlicht"), "true"),
    **dict.fromkeys(("true", "unpublished", "not published", "unveröffentlicht"), "false"),
}


def plain(record: Package) -> Package:
    """The record itself, or the values that a JSON schema carries in ``description``."""
    title = record.get("title")
    if not (isinstance(title, dict) and "description" in title):
        return record
    package = {n: v.get("description") for n, v in record.items() if isinstance(v, dict)}
    dates = [_properties(d) for d in _schema_items(_properties(record.get("extras")).get("dates"))]
    package["extras"] = [
        {"key": ROLES[str(_said(d.get("role")))], "value": _said(d.get("date"))}
        for d in dates
        if _said(d.get("role")) in ROLES
    ]
    ways = [_properties(i) for i in _schema_items(record.get("resources"))]
    package["resources"] = [{n: _said(v) for n, v in w.items()} for w in ways]
    package["tags"] = [{"name": t} for t in str(package.get("tags") or "").split(", ")]
    package["groups"] = [{"name": package.get("groups")}]
    package["id"] = _anchor(package.get("url"))
    return package


def dataset(package: Package) -> Package:
    """Fields of the table ``datasets``, as text."""
    extras = _extras(package)
    tags, groups = list(_named(package.get("tags"))), list(_named(package.get("groups")))
    is_dkan = any(str(g.get("name", "")).startswith("group/") for g in groups)
    organisation = package.get("organization")
    publisher = _said_in(organisation, "title")
    if is_dkan:  # its groups are the publishers, its vocabularies the themes
        publisher = _said_in(groups[0], "title")
    themes = [] if is_dkan else [g.get("name") for g in groups]
    in_vocabulary = [t.get("name") for t in tags if t.get("vocabulary_id")]
    return {
        "dataset_id": catalogue.text(package.get("id")) or catalogue.text(package.get("name")),
        "record_type": package.get("type"),
        "title": _said_in(package, "title"),
        "publisher": publisher,
        "has_publisher": catalogue.present(publisher, *(extras.get(n) for n in PUBLISHER_EXTRAS)),
        "has_contact_point": catalogue.present(
            *(package.get(n) for n in CONTACT), *(extras.get(n) for n in CONTACT_EXTRAS)
        ),
        "has_description": catalogue.present(package.get("notes")),
        "keywords": catalogue.json_list(t.get("name") for t in tags if not t.get("vocabulary_id")),
        "themes": catalogue.json_list([*themes, *in_vocabulary, *_list(extras, "theme")]),
        "spatial": _first(extras, "politicalGeocodingURI", "geocodingText", "spatial"),
        "temporal": _span(extras.get("temporal_start"), extras.get("temporal_end")),
        "licence": package.get("license_id") or package.get("license_title"),
        "access_rights": extras.get("access_rights"),
        "issued_at": _moment(extras.get("issued") or package.get("metadata_created")),
        "modified_at": _moment(extras.get("modified") or package.get("metadata_modified")),
        "accrual_periodicity": _first(extras, "frequency", "accrual_periodicity"),
        "is_public": _public(package),
    }


def resources(package: Package) -> Iterator[Package]:
    """Fields of the table ``resources``, as text."""
    for found in _objects(package.get("resources")):
        yield {
            "resource_id": found.get("id"),
            "format": found.get("format"),
            "media_type": found.get("mimetype"),
            "access_url": catalogue.text(found.get("access_url")) or found.get("url"),
            "download_url": found.get("download_url"),
            "licence": catalogue.text(found.get("license")) or found.get("license_id"),
            "rights": found.get("rights"),
            "size": found.get("size"),
            "issued_at": _moment(found.get("issued") or found.get("created")),
            "modified_at": _moment(found.get("modified") or found.get("last_modified")),
        }


def _public(package: Package) -> str | None:
    """Published and not deleted; CKAN says it with booleans, DKAN with German words."""
    if str(package.get("state") or "active").lower() != "active":
        return "false"
    private = catalogue.text(package.get("private")) or "false"
    return PUBLIC.get(private.lower(), private)


def _moment(value: Any) -> str | None:
    """ISO time without DKAN's label; a German clock reading is given its zone.

    Drupal's month comes first, and the day of the week has to agree.
    """
    stamp = CHANGED.sub("", catalogue.text(value) or "")
    if german := GERMAN.match(stamp):
        day, month, year, clock = german.groups()
        return f"{year}-{month}-{day} {clock} Europe/Berlin"
    if drupal := DRUPAL.match(stamp):
        weekday, month, day, year, clock = drupal.groups()
        stamp = f"{year}-{month}-{day} {clock}"
        return stamp if _weekday(stamp) == weekday else drupal[0]
    return catalogue.moment(stamp) or None


def _weekday(stamp: str) -> str | None:
    try:
        return WEEKDAYS[date.fromisoformat(stamp[:10]).weekday()]
    except ValueError:
        return None


def _span(start: Any, end: Any) -> str | None:
    parts = [catalogue.text(start) or "", catalogue.text(end) or ""]
    return "/".join(parts) if any(parts) else None


def _first(extras: Package, *names: str) -> str | None:
    return next((t for n in names if (t := catalogue.text(extras.get(n)))), None)


def _extras(package: Package) -> Package:
    """Fields beyond CKAN's own by name: among the extras, else at the package itself."""
    own = (*EXTRAS, *CONTACT_EXTRAS, *PUBLISHER_EXTRAS)
    pairs = [(str(e.get("key")), e.get("value")) for e in _objects(package.get("extras"))]
    pairs += [(name, package.get(name)) for name in own]
    stated: Package = {}
    for name, value in pairs:
        if value not in (None, "", []):
            stated.setdefault(ALIASES.get(name, name), value)
    dates = {ROLES.get(str(d.get("role"))): d.get("date") for d in _objects(_list(stated, "dates"))}
    spans = next(_objects(package.get("temporal_coverage")), {})
    found = {**dates, "temporal_start": spans.get("start"), "temporal_end": spans.get("end")}
    return {**{str(n): v for n, v in found.items() if n}, **stated}


def _list(extras: Package, name: str) -> list[Any]:
    """A list, which CKAN's own extras write as JSON in a text."""
    value = extras.get(name)
    return value if isinstance(value, list) else _listed(value)


def _listed(value: Any) -> list[Any]:
    """Values of a JSON list in a text, or the text itself."""
    text = catalogue.text(value)
    if text is None:
        return []
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    return listed if isinstance(listed, list) else [text]


def _objects(value: Any) -> Iterator[Package]:
    return (v for v in value if isinstance(v, dict)) if isinstance(value, list) else iter(())


def _named(value: Any) -> Iterator[Package]:
    """Objects with a name; old versions write the name alone."""
    listed = value if isinstance(value, list) else []
    return (v if isinstance(v, dict) else {"name": v} for v in listed)


def _said_in(node: Any, name: str) -> Any:
    """A field of an object; of texts by language the German one."""
    value = node.get(name) if isinstance(node, dict) else None
    return catalogue.in_german(value) if isinstance(value, dict) else value


def _said(node: Any) -> Any:
    return node.get("description") if isinstance(node, dict) else None


def _properties(node: Any) -> Package:
    found = node.get("properties") if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def _schema_items(node: Any) -> list[Any]:
    found = node.get("items") if isinstance(node, dict) else None
    return found if isinstance(found, list) else [found]


def _anchor(url: Any) -> str | None:
    """Identifier in the address of a page (``…/html/B2DE…?OpenDocument``), else the address."""
    text = catalogue.text(url)
    found = re.search(r"/([0-9A-F]{32})(?:\?|$)", text or "")
    return found[1] if found else text
