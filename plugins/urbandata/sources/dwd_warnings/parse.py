"""CAP 1.2 messages in a zip (or a single XML) to rows, one per text block and warning cell.

``_row`` counts the rows over the whole zip, and a broken member takes one number. A broken
member is turned away alone; an empty zip means that nothing is warned of.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping

import pyarrow as pa
from lxml import etree

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import BROKEN_ARCHIVE, PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
MAX_MEMBER_BYTES = 32 * 2**20  # the largest real message has 0.4 MB
TIME = "%Y-%m-%dT%H:%M:%S%z"  # CAP demands an offset; a time without one is turned away
ALERT = {
    "identifier": "identifier",
    "sender": "sender",
    "status": "status",
    "message_type": "msgType",
    "references_text": "references",
    "sent_at": "sent",
}
INFO = {
    "language": "language",
    "event": "event",
    "severity": "severity",
    "urgency": "urgency",
    "certainty": "certainty",
    "effective_at": "effective",
    "onset_at": "onset",
    "expires_at": "expires",
    "headline": "headline",
    "description": "description",
}
AREA = {"area_name": "areaDesc", "altitude": "altitude", "ceiling": "ceiling"}
Record = Mapping[str, str | None]


class BrokenMessageError(ValueError):
    """One message cannot be read; the others can."""


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``messages``. Raises PayloadError if the zip (or the single XML) is broken."""
    table = source.tables["messages"]
    cells = {str(c) for c in source.options.get("warncells", ())}
    rows: list[Record] = []
    numbers: list[int] = []
    broken: list[Reject] = []
    for name, found in _messages(payload):
        number = len(numbers) + len(broken) + 1
        if isinstance(found, BrokenMessageError):
            broken.append(Reject("messages", number, f"{name}: {found}", name))
            continue
        wanted = [r for r in found if not cells or r["warncell_id"] in (*cells, None)]
        rows += wanted
        numbers += range(number, number + len(wanted))
    text = _text([*table.columns], rows, numbers)
    times = {c: TIME for c, spec in table.columns.items() if spec.type == "timestamp"}
    typed = tabular.typed(text, "messages", table, formats=times)
    rejects = sorted((*broken, *typed.rejects), key=lambda r: r.row)
    return Parsed(typed.tables, tuple(rejects))


def _text(columns: list[str], rows: list[Record], numbers: list[int]) -> pa.Table:
    arrays = {c: pa.array([r.get(c) for r in rows], pa.string()) for c in columns}
    return pa.table({**arrays, tabular.ROW: pa.array(numbers, pa.int64())})


def _messages(payload: Payload) -> Iterator[tuple[str, list[Record] | BrokenMessageError]]:
    """Rows, or what is wrong, of each message in the payload, with the name of its file."""
    if payload.content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        try:
            yield payload.filename or payload.resource, _records(payload.content)
        except BrokenMessageError as error:
            raise PayloadError(str(error)) from error
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(payload.content))
    except BROKEN_ARCHIVE as error:
        raise PayloadError(f"the zip is broken: {error}") from error
    with archive:
        for member in (m for m in archive.infolist() if not m.is_dir()):
            try:
                yield member.filename, _records(_read(archive, member))
            except BrokenMessageError as error:
                yield member.filename, error


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Bytes of a member. Raises BrokenMessageError if damaged, encrypted or absurdly large."""
    if member.file_size > MAX_MEMBER_BYTES:
        raise BrokenMessageError(f"{member.file_size} bytes are too many for a warning")
    try:
        return archive.read(member)
    except BROKEN_ARCHIVE as error:
        raise BrokenMessageError(f"cannot be unpacked: {error}") from error


def _records(content: bytes) -> list[Record]:
    """Rows of one message. Raises BrokenMessageError if it is not CAP 1.2."""
    alert = _alert(content)
    head = _fields(alert, ALERT)
    infos = alert.findall(f"{CAP}info")
    german = [i for i in infos if (i.findtext(f"{CAP}language") or "").lower().startswith("de")]
    chosen = german or infos[:1]
    return [{**head, **r} for info in chosen for r in _info(info)] or [head | _nowhere()]


def _alert(content: bytes) -> etree._Element:
    """Root of a message, read without entities, document types or network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenMessageError(f"broken XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BrokenMessageError("a document type declaration has no place in a warning")
    if root.tag != f"{CAP}alert":
        raise BrokenMessageError(f"the root is {root.tag}, not a CAP 1.2 alert")
    return root


def _info(info: etree._Element) -> Iterator[Record]:
    """One row per warning cell, or one without; areas with an outline only repeat the cells."""
    codes = _pairs(info, "eventCode")
    head = {
        **_fields(info, INFO),
        "event_code": codes.get("II"),
        "event_group": codes.get("GROUP"),
        "precipitation": _pairs(info, "parameter").get("precipitation"),
    }
    areas = info.findall(f"{CAP}area")
    named = [(cell, area) for area in areas for cell in _cells(area)]
    for cell, area in named:
        yield {**head, **_fields(area, AREA), "warncell_id": cell}
    if not named:
        yield {**head, **(_fields(areas[0], AREA) if areas else {}), **_nowhere()}


def _nowhere() -> dict[str, None]:
    return {"warncell_id": None}


def _cells(area: etree._Element) -> list[str]:
    pairs = ((c.findtext(f"{CAP}valueName"), c.findtext(f"{CAP}value")) for c in area)
    return [value for name, value in pairs if name == "WARNCELLID" and value]


def _fields(element: etree._Element, names: Mapping[str, str]) -> dict[str, str | None]:
    return {ours: element.findtext(CAP + theirs) for ours, theirs in names.items()}


def _pairs(info: etree._Element, tag: str) -> dict[str, str]:
    """``valueName`` to ``value`` of repeated elements; the first of a name counts."""
    found: dict[str, str] = {}
    for element in info.findall(CAP + tag):
        name = element.findtext(f"{CAP}valueName") or ""
        found.setdefault(name, element.findtext(f"{CAP}value") or "")
    return found
