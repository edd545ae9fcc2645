"""Search of the portal: an empty text lists all datasets, page by page."""

import json
from collections.abc import Iterable
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import catalogue
from urbandata.registry import Source

SEARCHED = ("ergebnis_bezeichnung_ngram", "themen", "doc_content_nwst_ngram", "text", "content")
ANSWER = {
    "bezeichnung": None,
    "letzteAenderung": None,
    "themen": None,
    "raeume": None,
    "zeiten": None,
    "dataSource": ("name",),
    "presentationLicense": ("name",),
    "presentations": ("ergebnisId", "darstellungsArtBezeichnung", "schnittstelle", "aufrufUrl"),
}
MIRROR = {
    **dict.fromkeys(("id", "title", "updated", "source", "license", "topics", "regions", "years")),
    "layerId": None,
    "resources": ("format", "url"),
}


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First page; the others follow."""
    yield _page(0, source)


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The next page, until as many datasets were seen as the portal counts."""
    try:
        answer = catalogue.json_answer(payload.content)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    found = answer.get("ipResults") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not isinstance(answer.get("numOfResults"), int):
        raise FetchError("client", "the answer has no ipResults; has the portal changed?")
    seen = request.json["pagingStart"] + len(found)
    if found and seen < answer["numOfResults"]:
        yield _page(seen, source)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Only what ``parse`` reads: names and free text of any other field are never stored."""
    try:
        answer = catalogue.json_answer(content)
    except PayloadError as error:
        return catalogue.unreadable(error)
    if not isinstance(answer, dict):
        return catalogue.unreadable("neither an answer of the portal nor its mirror")
    kept: dict[str, Any] = {}
    if isinstance(answer.get("ipResults"), list):
        kept = {"numOfResults": answer.get("numOfResults")}
        kept["ipResults"] = [_kept(r, ANSWER) for r in answer["ipResults"]]
    elif isinstance(answer.get("datasets"), list):
        kept = {"datasets": [_kept(r, MIRROR) for r in answer["datasets"]]}
    return catalogue.scrubbed(json.dumps(kept, ensure_ascii=False)).encode("utf-8", "replace")


def _kept(record: Any, fields: dict[str, Any]) -> Any:
    """The named fields of a record; of nested objects the named fields only."""
    if not isinstance(record, dict):
        return None
    kept = {}
    for name, below in fields.items():
        value = record.get(name)
        if below and isinstance(value, list):
            value = [_kept(v, dict.fromkeys(below)) for v in value]
        elif below and value is not None:
            value = _kept(value, dict.fromkeys(below))
        elif isinstance(value, dict):
            value = None
        kept[name] = value
    for description in ("description", "origin"):
        if record.get(description):
            kept[description] = catalogue.REMOVED
    return kept


def _page(start: int, source: Source) -> Request:
    size = int(source.options["page_size"])
    return Request(
        resource=f"datasets/{start}",
        path="service/app/search/all",
        method="POST",
        json={
            "textSearch": "",
            "numOfResults": size,
            "pagingStart": start,
            "userGroupIds": [str(source.options["user_group"])],
            "textSearchConfig": {"attribute": [{"name": n} for n in SEARCHED]},
        },
    )
