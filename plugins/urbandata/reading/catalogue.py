"""What the sources that read open-data catalogues share: one shape, and no people in it.

Catalogues name contact persons and are written in free text. ``strip`` of these sources keeps
only the fields their parser reads; where a contact or a description stood, ``REMOVED`` says so,
because the metadata quality score counts that it is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
from lxml import etree

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source, Table

REMOVED = "[entfernt]"
UNREADABLE = "urbandata:unreadable "  # begins what is kept of a payload that cannot be cleaned
_EMAIL = re.compile(r"[\w.+-]+(?:@|\(at\)|\[at\]|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})(-\d\d)?(-\d\d)?(?:Z|[+-]\d\d:\d\d)?")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
Row = Mapping[str, Any]


def scrubbed(text: str) -> str:
    """``text`` without e-mail addresses."""
    return _EMAIL.sub(REMOVED, text)


def unreadable(reason: object) -> bytes:
    """Stands for a payload nobody can clean of people: only the reason is kept."""
    first = str(reason).splitlines()[0] if str(reason) else "empty"
    return f"{UNREADABLE}{scrubbed(first)[:300]}".encode("utf-8", "replace")


def assert_readable(content: bytes) -> None:
    """Raises PayloadError for what ``unreadable`` has left, with its reason."""
    if content.startswith(UNREADABLE.encode()):
        reason = content.decode("utf-8", "replace").removeprefix(UNREADABLE)
        raise PayloadError(f"unreadable, so nothing of it was kept: {reason}")


def json_answer(content: bytes) -> Any:
    """Decoded JSON. Raises PayloadError with a plain sentence."""
    assert_readable(content)
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise PayloadError(f"JSON is not UTF-8: {error}") from error
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"broken JSON: {error}") from error


def xml_root(content: bytes) -> etree._Element:
    """Root of an XML document without a document type. Raises PayloadError."""
    assert_readable(content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PayloadError(f"broken XML: {error}") from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise PayloadError("XML with a document type is not read: it could define entities")
    return root


def words(element: etree._Element) -> str:
    """All text of an element and what is below it, in one line."""
    return " ".join(str(t).strip() for t in element.itertext() if str(t).strip())


def text(value: object) -> str | None:
    """A scalar as text, null if empty; anything nested is null."""
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = str(value).encode("utf-8", "replace").decode().strip()
    return plain or None


def by_language(value: Mapping[str, object]) -> dict[str, str]:
    """Texts by the code of their language (``{"de": …, "en": …}``), empty ones left out."""
    if not all(_LANGUAGE.fullmatch(str(code)) for code in value):
        return {}
    return {str(code): found for code, said in value.items() if (found := text(said))}


def in_german(value: Mapping[str, object]) -> str | None:
    """Of texts by language the German one, else the English one, else the first; null without."""
    texts = by_language(value)
    return texts.get("de") or texts.get("en") or next(iter(texts.values()), None)


def moment(stamp: str | None) -> str | None:
    """A time as stated; a year or a month, which DCAT and Dublin Core allow, as its first day."""
    day = _DAY.fullmatch(stamp or "")
    return f"{day[1]}{day[2] or '-01'}{day[3] or '-01'}" if day else stamp


def present(*values: object) -> str:
    """``true`` if one of the values says something."""
    return "true" if any(v not in (None, "", [], {}) for v in values) else "false"


def json_list(values: Iterable[object]) -> str | None:
    """The values as a JSON list of text, each once, in order; null if there is none."""
    unique = dict.fromkeys(t for t in map(text, values) if t)
    return json.dumps(list(unique), ensure_ascii=False) if unique else None


def label(payload: Payload, source: Source) -> str:
    """Name of the catalogue: what was asked, or the name of the file it came as."""
    if payload.filename:
        return PurePosixPath(payload.filename).stem
    return str(source.options["catalogue"])


def parsed(
    datasets: Sequence[Row],
    resources: Sequence[Row],
    source: Source,
    rejects: Iterable[Reject] = (),
    formats: Mapping[str, str] | None = None,
) -> Parsed:
    """Records as the typed tables ``datasets`` and ``resources``; resources are numbered here."""
    numbered = [{**r, tabular.ROW: n} for n, r in enumerate(resources, start=1)]
    found = [
        _typed("datasets", datasets, source.tables["datasets"], formats),
        _typed("resources", numbered, source.tables["resources"], formats),
    ]
    turned_away = [*rejects, *(r for p in found for r in p.rejects)]
    tables = {name: table for p in found for name, table in p.tables.items()}
    return Parsed(tables, tuple(sorted(turned_away, key=lambda r: (r.table, r.row))))


def _typed(
    name: str, rows: Sequence[Row], table: Table, formats: Mapping[str, str] | None
) -> Parsed:
    arrays = {c: pa.array([text(r.get(c)) for r in rows], pa.string()) for c in table.columns}
    places = pa.array([r[tabular.ROW] for r in rows], pa.int64())
    known = {c: f for c, f in (formats or {}).items() if c in table.columns}
    return tabular.typed(pa.table({**arrays, tabular.ROW: places}), name, table, formats=known)
