"""Packages of CKAN and its relatives, and lists of files (CSV), to datasets and resources.

Told apart by their bytes: CKAN's envelope, DKAN's bare list (or a list as result), a dump that
is a JSON schema whose ``description`` fields carry the values, and the lists of the Open Data
Map.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import catalogue, tabular
from urbandata.reading.tabular import ROW
from urbandata.registry import Source
from urbandata.sources.ckan import packages
from urbandata.sources.ckan.cleaning import LIST


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``datasets`` and ``resources``. Raises PayloadError for anything else."""
    catalogue.assert_readable(payload.content)
    if payload.content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return _packages(payload, source)
    return _files(payload, source)


def _packages(payload: Payload, source: Source) -> Parsed:
    name = catalogue.label(payload, source)
    datasets: list[dict[str, Any]] = []
    resources: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    records = _records(catalogue.json_answer(payload.content))
    for number, record in enumerate(records, start=1):
        package = packages.plain(record) if isinstance(record, dict) else {}
        dataset = packages.dataset(package)
        if not dataset["dataset_id"]:
            text = catalogue.scrubbed(json.dumps(record))[:500]
            rejects.append(Reject("datasets", number, "package without id and name", text))
            continue
        datasets.append({**dataset, "catalogue": name, ROW: number})
        kept = {"catalogue": name, "dataset_id": dataset["dataset_id"]}
        resources += [{**r, **kept} for r in packages.resources(package)]
    return catalogue.parsed(datasets, resources, source, rejects)


def _records(answer: Any) -> list[Any]:
    """Packages of an answer, whatever envelope it has. Raises PayloadError without any."""
    if isinstance(answer, dict) and answer.get("success") is False:
        error = answer.get("error")
        reason = error.get("message") or error.get("__type") if isinstance(error, dict) else ""
        raise PayloadError(f"the catalogue answered with an error: {reason or 'no reason given'}")
    while (inner := _inner(answer)) is not None:
        answer = inner
    if isinstance(answer, dict) and _is_package(answer):
        return [answer]
    if not isinstance(answer, list):
        return _no_packages(answer)
    if answer and not any(isinstance(a, dict) and _is_package(a) for a in answer):
        return _no_packages(answer)
    return answer


def _inner(answer: Any) -> Any:
    """What an envelope holds: ``result``, ``results``, or DKAN's list around its list."""
    if isinstance(answer, dict):
        return answer.get("result", answer.get("results"))
    if isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], list):
        return answer[0]
    return None


def _is_package(record: Mapping[str, Any]) -> bool:
    return bool(record.keys() & {"id", "name", "title"})


def _no_packages(answer: Any) -> list[Any]:
    """Raises PayloadError: there is nothing to read."""
    if isinstance(answer, list) and all(isinstance(a, str) for a in answer):
        raise PayloadError("a list of names only (package_list); packages are needed")
    raise PayloadError("no packages: neither result.results nor a list of packages")


def _files(payload: Payload, source: Source) -> Parsed:
    """List of the Open Data Map: one file a line, categories marked with x."""
    rows = tabular.csv_records(payload.content)
    if missing := [n for n in LIST if n not in rows.column_names]:
        raise PayloadError(f"columns missing: {', '.join(missing)}")
    name = catalogue.label(payload, source)
    datasets, resources, rejects = [], [], []
    for line in rows.to_pylist():
        reason = line[tabular.FAULT] or ("" if line["URL"] else "line without URL")
        if reason:
            shown = catalogue.scrubbed(json.dumps(line, ensure_ascii=False))[:500]
            rejects.append(Reject("datasets", line[ROW], reason, shown))
            continue
        kept = {"catalogue": name, "dataset_id": line["URL"]}
        datasets.append({**kept, **_file(line)})
        resources.append({**kept, "access_url": line["URL"], "format": line["Format"]})
    return catalogue.parsed(datasets, resources, source, rejects)


def _file(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": line["Dateibezeichnung"],
        "licence": line["Lizenz"],
        "themes": catalogue.json_list(_marked(line)),
        "has_publisher": "false",
        "has_contact_point": "false",
        "has_description": "false",
        "is_public": "true",
        ROW: line[ROW],
    }


def _marked(line: Mapping[str, Any]) -> Iterator[str]:
    return (name for name, value in line.items() if value == "x" and name not in LIST)
