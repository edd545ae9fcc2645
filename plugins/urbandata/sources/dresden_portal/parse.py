"""Answers of the portal's search, and the index of its public mirror, to datasets and resources.

The portal lists themes and years twice and states the identifier of a dataset at its
presentations only. The two collections are told apart by their outermost field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import catalogue
from urbandata.reading.tabular import ROW
from urbandata.registry import Source

LAYER = re.compile(r"/ogcapi/collections/(L\d+)$")
Record = dict[str, Any]


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``datasets`` and ``resources``. Raises PayloadError for anything else."""
    answer = catalogue.json_answer(payload.content)
    if not isinstance(answer, dict):
        raise PayloadError("neither an answer of the portal (ipResults) nor its mirror (datasets)")
    if isinstance(answer.get("ipResults"), list):
        records, read = answer["ipResults"], _found
    elif isinstance(answer.get("datasets"), list):
        records, read = answer["datasets"], _mirrored
    else:
        raise PayloadError("neither an answer of the portal (ipResults) nor its mirror (datasets)")
    name = catalogue.label(payload, source)
    datasets, resources, rejects = [], [], []
    for number, record in enumerate(records, start=1):
        dataset, ways = read(record) if isinstance(record, dict) else ({}, [])
        if not dataset.get("dataset_id"):
            reason = "no identifier: the record names no presentation with one"
            rejects.append(Reject("datasets", number, reason, _shortened(record)))
            continue
        datasets.append({**dataset, "catalogue": name, ROW: number})
        resources += [{**w, "catalogue": name, "dataset_id": dataset["dataset_id"]} for w in ways]
    days = {"changed_on": "%d.%m.%Y"}
    return catalogue.parsed(datasets, resources, source, rejects, formats=days)


def _found(record: Record) -> tuple[Record, list[Record]]:
    """A record of the search."""
    shown = list(_objects(record.get("presentations")))
    ways = [_way(p) for p in shown]
    layers = [m[1] for w in ways if (m := LAYER.search(str(w["url"] or "").removesuffix("/items")))]
    dataset = {
        "dataset_id": next((t for p in shown if (t := catalogue.text(p.get("ergebnisId")))), None),
        "title": record.get("bezeichnung"),
        "changed_on": record.get("letzteAenderung"),
        "themes": catalogue.json_list(_list(record.get("themen"))),
        "regions": catalogue.json_list(_list(record.get("raeume"))),
        "years": catalogue.json_list(_list(record.get("zeiten"))),
        "licence": _object(record.get("presentationLicense")).get("name"),
        "data_source": _object(record.get("dataSource")).get("name"),
        "layer_id": next(iter(layers), None),
        "has_description": None,
    }
    return dataset, ways


def _way(presentation: Record) -> Record:
    """Address of a presentation: views have a base and a name, layers lack ``/items``."""
    address = catalogue.text(presentation.get("schnittstelle"))
    base = catalogue.text(presentation.get("aufrufUrl"))
    if base:
        address = base + quote(address or "", safe="/:@!$&'()*+,;=~")
    elif address and LAYER.search(address):
        address += "/items"
    return {"format": presentation.get("darstellungsArtBezeichnung"), "url": address}


def _mirrored(record: Record) -> tuple[Record, list[Record]]:
    """A record of the mirror's index, which has already put the portal's answers in order."""
    dataset = {
        "dataset_id": record.get("id"),
        "title": record.get("title"),
        "changed_on": record.get("updated"),
        "themes": catalogue.json_list(_list(record.get("topics"))),
        "regions": catalogue.json_list(_list(record.get("regions"))),
        "years": catalogue.json_list(_list(record.get("years"))),
        "licence": record.get("license"),
        "data_source": record.get("source"),
        "layer_id": record.get("layerId"),
        "has_description": catalogue.present(record.get("description")),
    }
    ways = [
        {"format": r.get("format"), "url": r.get("url")} for r in _objects(record.get("resources"))
    ]
    return dataset, ways


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[Record]:
    return (v for v in _list(value) if isinstance(v, dict))


def _shortened(record: Any) -> str:
    return catalogue.scrubbed(json.dumps(record, ensure_ascii=True))[:500]
