"""Takes people and free text out of catalogue dumps before anything is stored."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from urbandata.errors import PayloadError
from urbandata.reading import catalogue, csv_lines, tabular

PLAIN = (
    *("id", "name", "title", "type", "url", "private", "state"),
    *("metadata_created", "metadata_modified", "license_id", "license_title", "license_url"),
)
CONTACTS = ("maintainer", "maintainer_email", "author", "author_email")
EXTRAS = (
    *("access_rights", "accrual_periodicity", "conforms_to", "frequency", "geocodingText"),
    *("issued", "modified", "politicalGeocodingURI", "rights", "spatial", "temporal_end"),
    *("temporal_start", "theme", "dates", "date_released", "date_updated"),
    *("temporal_coverage_from", "temporal_coverage_to", "geographical_coverage"),
    *("temporal_coverage-from", "temporal_coverage-to"),  # the register of Berlin
)
CONTACT_EXTRAS = ("contact_name", "contact_email", "contact_uri", "contacts", "contact")
PUBLISHER_EXTRAS = ("publisher_name", "publisher_uri", "publisher")
LIST = ("Dateibezeichnung", "URL", "Lizenz", "Format")  # columns kept of a list of files
RESOURCE = (
    *("id", "url", "access_url", "download_url", "format", "mimetype", "size", "created"),
    *("last_modified", "issued", "modified", "license", "license_id", "rights", "state"),
)
TAG = ("name", "display_name", "vocabulary_id")
GROUP = ("name", "title")
DATE = ("date", "role")
SPAN = ("start", "end")
SCHEMA = ("description", "items", "properties")  # a schema whose descriptions carry the values


def cleaned(content: bytes) -> bytes:
    """The dump with known fields only. What cannot be read leaves the reason."""
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] not in (b"{", b"["):
        return _lists(content)
    try:
        answer = _decoded(content)
    except PayloadError as error:
        return catalogue.unreadable(error)
    text = json.dumps(_answer(answer), ensure_ascii=False)
    return catalogue.scrubbed(text).encode("utf-8", "replace")


def _decoded(content: bytes) -> Any:
    """An answer, or a dump with one package per line."""
    try:
        return catalogue.json_answer(content)
    except PayloadError:
        first, *others = [line for line in content.splitlines() if line.strip()]
        if not others or not others[0].startswith(b"{"):
            raise
        return [catalogue.json_answer(line) for line in (first, *others)]


def _lists(content: bytes) -> bytes:
    """Lists of files (CSV): of unknown columns the marks only, and no e-mail addresses."""
    if content.startswith(catalogue.UNREADABLE.encode()):
        return content
    try:
        text = tabular.decode(content).lstrip()
    except PayloadError as error:
        return catalogue.unreadable(error)
    first = text.split("\n", 1)[0]
    if "Dateibezeichnung" not in first:
        return catalogue.unreadable("neither JSON nor a known list of data files")
    delimiter = max(",;\t", key=first.count)
    try:
        csv_lines.assert_closed(text, delimiter)
        head, *lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except (csv.Error, PayloadError) as error:
        return catalogue.unreadable(error)
    known = {place for place, name in enumerate(head) if name.strip() in LIST}
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(c, n in known) for n, c in enumerate(line)] for line in lines)
    return catalogue.scrubbed(kept.getvalue()).encode("utf-8", "replace")


def _cell(text: str, is_known: bool) -> str:
    """Text of a known column in one line, elsewhere the mark of a category or nothing."""
    plain = " ".join(text.split())
    return plain if is_known else plain.lower() if plain in ("x", "X") else ""


def _answer(answer: Any) -> Any:
    """An envelope with its packages, a bare list, or a single package."""
    if isinstance(answer, list):
        return [_answer(a) for a in answer]
    if not isinstance(answer, dict):
        return answer if isinstance(answer, str) and answer.isascii() else None
    if "result" in answer or "success" in answer or "results" in answer:
        kept = {n: answer[n] for n in ("success", "count") if _is_plain(answer.get(n))}
        kept |= {n: _answer(answer[n]) for n in ("result", "results") if n in answer}
        error = answer.get("error")
        if isinstance(error, dict):
            kept["error"] = _some(error, ("__type", "message"))
        return kept
    return _package(answer)


def _package(package: Mapping[str, Any]) -> dict[str, Any]:
    kept = {n: _value(package[n]) for n in PLAIN if n in package}
    kept |= {n: catalogue.REMOVED for n in (*CONTACTS, "notes") if _says(package.get(n))}
    own = {n: _extra(n, v) for n, v in package.items()}  # where a scheme has no extras
    kept |= {n: v for n, v in own.items() if v is not None}
    if "temporal_coverage" in package:
        kept["temporal_coverage"] = _items(package["temporal_coverage"], SPAN)
    if "organization" in package:
        kept["organization"] = _some(package["organization"], GROUP)
    for name, fields in (("groups", GROUP), ("tags", TAG), ("resources", RESOURCE)):
        if name in package:
            kept[name] = _items(package[name], fields)
    if "subgroups" in package:
        kept["subgroups"] = _items(package["subgroups"], GROUP)
    if "extras" in package:
        kept["extras"] = _extras(package["extras"])
    return kept


def _items(value: Any, fields: Iterable[str]) -> Any:
    if isinstance(value, list):
        return [_some(v, fields) if isinstance(v, dict) else _value(v) for v in value]
    return _schema(value, fields)


def _schema(value: Any, fields: Iterable[str]) -> Any:
    """``{"description": …, "items": {"properties": {…}}}`` with the known fields only."""
    if isinstance(value, list):
        return [_schema(v, fields) for v in value]
    if not isinstance(value, dict):
        return _value(value)
    known = {*fields, *SCHEMA, *DATE}
    kept = {n: v for n, v in value.items() if n in known}
    return {n: _schema(v, fields) for n, v in kept.items()}


def _extras(value: Any) -> Any:
    """Pairs of key and value, which old versions write as an object."""
    if isinstance(value, dict) and not isinstance(value.get("properties"), dict):
        value = [{"key": name, "value": below} for name, below in value.items()]
    if not isinstance(value, list):
        return _schema(value, EXTRAS)
    pairs = [(e.get("key"), e.get("value")) for e in value if isinstance(e, dict)]
    return [{"key": key, "value": kept} for key, v in pairs if (kept := _extra(key, v)) is not None]


def _extra(name: Any, value: Any) -> Any:
    """What is kept of a field beyond CKAN's own; null if nothing is."""
    if name in EXTRAS:
        return _items(value, DATE) if name == "dates" else _value(value)
    is_marked = name in (*CONTACT_EXTRAS, *PUBLISHER_EXTRAS) and _says(value)
    return catalogue.REMOVED if is_marked else None


def _some(value: Any, fields: Iterable[str]) -> Any:
    if not isinstance(value, dict):
        return _value(value)
    return {n: _value(value[n]) for n in fields if n in value}


def _value(value: Any) -> Any:
    """A plain value, texts by language, or the value that a schema hides in its description."""
    if isinstance(value, dict):
        if texts := catalogue.by_language(value):
            return texts
        description = value.get("description")
        return {"description": description} if _is_plain(description) else None
    return [v for v in value if _is_plain(v)] if isinstance(value, list) else value


def _is_plain(value: Any) -> bool:
    return value is not None and not isinstance(value, (dict, list))


def _says(value: Any) -> bool:
    """Whether there is a value, also in one of several languages or the description of a schema."""
    if isinstance(value, dict):
        value = catalogue.in_german(value) or value.get("description")
    return value not in (None, "", [], {})
