"""CSW answers with Dublin Core records to datasets and resources.

Links are the resources of a record. A record that names formats but no link gets a resource
without address for each format, so that the formats count.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import catalogue
from urbandata.reading.tabular import ROW
from urbandata.registry import Source
from urbandata.sources.csw.names import CSW, DC, DCT, OWS

Record = etree._Element
RECORD = f"{{{CSW}}}Record"


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``datasets`` and ``resources``. Raises PayloadError for anything else."""
    root = catalogue.xml_root(payload.content)
    if root.tag.endswith("}ExceptionReport"):
        text = catalogue.words(root)
        raise PayloadError(
            f"the catalogue answered with an error: {text[:200] or 'no reason given'}"
        )
    results = root.find(f"{{{CSW}}}SearchResults")
    if root.tag != f"{{{CSW}}}GetRecordsResponse" or results is None:
        raise PayloadError("no csw:GetRecordsResponse with SearchResults")
    if len(results) and results.find(RECORD) is None:
        raise PayloadError(
            f"the records are {_kind(results[0])}, not csw:Record: ask for outputSchema {CSW} and "
            "elementSetName full"
        )
    name = catalogue.label(payload, source)
    datasets: list[dict[str, Any]] = []
    resources: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for number, record in enumerate(results, start=1):
        identifier = _first(record, DC, "identifier")
        if record.tag != RECORD or identifier is None:
            is_other = record.tag != RECORD
            reason = (
                f"{_kind(record)} is no csw:Record" if is_other else "record without identifier"
            )
            shown = catalogue.words(record)[:200]
            rejects.append(Reject("datasets", number, reason, catalogue.scrubbed(shown)))
            continue
        kept = {"catalogue": name, "dataset_id": identifier}
        datasets.append({**kept, **_dataset(record), ROW: number})
        resources += [{**kept, **r} for r in _resources(record)]
    return catalogue.parsed(datasets, resources, source, rejects)


def _dataset(record: Record) -> dict[str, Any]:
    people = [_first(record, s, n) for s in (DC, DCT) for n in ("creator", "contributor")]
    return {
        "record_type": _first(record, DC, "type"),
        "title": _first(record, DC, "title"),
        "publisher": None,  # may be a person; removed before storing
        "has_publisher": catalogue.present(*(_first(record, s, "publisher") for s in (DC, DCT))),
        "has_contact_point": catalogue.present(*people),
        "has_description": catalogue.present(
            _first(record, DCT, "abstract"), _first(record, DC, "description")
        ),
        "keywords": catalogue.json_list(_texts(record, DC, "subject")),
        "themes": None,
        "spatial": _box(record) or _first(record, DC, "coverage") or _first(record, DCT, "spatial"),
        "temporal": _first(record, DCT, "temporal"),
        "licence": _first(record, DCT, "license") or _joined(record, DC, "rights"),
        "access_rights": _first(record, DCT, "accessRights"),
        "issued_on": _day(_first(record, DCT, "issued") or _first(record, DCT, "created")),
        "modified_on": _day(_first(record, DCT, "modified") or _first(record, DC, "date")),
        "accrual_periodicity": _first(record, DCT, "accrualPeriodicity"),
    }


def _resources(record: Record) -> Iterator[dict[str, Any]]:
    formats = [f.strip() for t in _texts(record, DC, "format") for f in t.split(",") if f.strip()]
    links = [*record.iterfind(f"{{{DCT}}}references"), *record.iterfind(f"{{{DC}}}URI")]
    addresses = [(link, t) for link in links if (t := catalogue.text(link.text))]
    for link, address in addresses:
        stated = link.get("scheme") or link.get("protocol")
        yield {
            "resource_id": link.get("name"),
            "format": stated or (formats[0] if len(formats) == 1 else None),
            "access_url": address,
            "rights": _joined(record, DC, "rights"),
        }
    if not addresses:
        yield from ({"format": f, "rights": _joined(record, DC, "rights")} for f in formats)


def _kind(record: Record) -> str:
    return etree.QName(record).localname


def _texts(record: Record, space: str, name: str) -> Iterator[str]:
    return (t for e in record.iterfind(f"{{{space}}}{name}") if (t := catalogue.text(e.text)))


def _first(record: Record, space: str, name: str) -> str | None:
    return next(_texts(record, space, name), None)


def _joined(record: Record, space: str, name: str) -> str | None:
    return "; ".join(dict.fromkeys(_texts(record, space, name))) or None


def _box(record: Record) -> str | None:
    """Corners of the bounding box, as written."""
    for name in ("BoundingBox", "WGS84BoundingBox"):
        box = record.find(f"{{{OWS}}}{name}")
        if box is not None:
            corners = [_first(box, OWS, c) or "" for c in ("LowerCorner", "UpperCorner")]
            return ",".join(corners) if all(corners) else None
    return None


def _day(stamp: str | None) -> str | None:
    """The day of a date or of a date with time."""
    return catalogue.moment(stamp.split("T")[0]) if stamp else None
