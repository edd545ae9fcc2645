"""GeoReport v2: reports by the time they were made, at most 90 days and 1,000 rows an answer.

Only what ``KEPT`` names reaches the raw zone: descriptions, addresses, notes, pictures and
everything about the reporter do not, and a kept field must look as it should. Files may also be
XML, the format's other form; what is stored is JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import catalogue
from urbandata.reading.reduction import UNFIT
from urbandata.registry import Source

TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"
KEPT = {  # field: what it may look like
    "service_request_id": r"[\w.:/#-]{1,40}",
    "status": r"[\w -]{1,20}",
    "service_name": r"[\w ,;:/()&+.'’„“\"–-]{1,100}",
    "service_code": r"[\w.:/ -]{1,60}",
    "requested_datetime": TIME,
    "updated_datetime": TIME,
    "expected_datetime": TIME,
}
TOLD = ("status", "requested_datetime", "updated_datetime", "expected_datetime")
COORDINATES = ("lat", "long")
DIGITS = 4  # of degrees, about ten metres: the place of the damage, not of a front door


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First page of the reports made in the window."""
    params = {"start_date": _utc(window.start), "end_date": _utc(window.end)}
    if source.options.get("jurisdiction_id"):
        params["jurisdiction_id"] = source.options["jurisdiction_id"]
    size = str(source.options["page_size"])
    yield Request(
        resource="requests/1",
        path="requests.json",
        params={**params, "page_size": size, "page": "1"},
        context={"page": 1},
    )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The next page after a full one. Raises FetchError if the answer is no list."""
    try:
        answer = json.loads(payload.content)
    except ValueError as error:
        raise FetchError("client", f"the answer is not JSON: {error}") from error
    if not isinstance(answer, list):
        raise FetchError("client", f"the answer is no list of reports: {str(answer)[:200]}")
    if len(answer) < source.options["page_size"]:
        return []
    digest = sha256(payload.content).hexdigest()
    if digest == request.context.get("before"):
        raise FetchError("client", "paging is ignored: the same page came twice")
    page = request.context["page"] + 1
    return [
        replace(
            request,
            resource=f"requests/{page}",
            params={**request.params, "page": str(page)},
            context={"page": page, "before": digest},
        )
    ]


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Reports with the kept fields only; what cannot be read is replaced by a note."""
    try:
        answer = _decoded(content)
    except (PayloadError, ValueError, RecursionError):
        return _note("the answer is neither JSON nor XML")
    if not isinstance(answer, list):
        return _note("the answer is no list of reports")
    return json.dumps([_cleaned(r) for r in answer], ensure_ascii=False).encode()


def _decoded(content: bytes) -> Any:
    """Reports from JSON or XML."""
    if not content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return json.loads(content.decode("utf-8-sig"))
    root = catalogue.xml_root(content)
    if root.tag != "service_requests":
        return None
    names = (*KEPT, *COORDINATES)
    return [{n: (r.findtext(n) or "").strip() or None for n in names} for r in root]


def _cleaned(record: Any) -> dict[str, Any]:
    """A record without anything personal; no record is lost.

    A bad field becomes null, or is marked where its absence would say something.
    """
    if not isinstance(record, dict):
        return {}
    kept = {name: _matching(record.get(name), pattern) for name, pattern in KEPT.items()}
    said = (n for n in TOLD if kept[n] is None and record.get(n) not in (None, ""))
    kept |= dict.fromkeys(said, UNFIT)
    places = {name: _rounded(record.get(name)) for name in COORDINATES}
    return {**kept, **places}


def _matching(value: Any, pattern: str) -> str | None:
    text = str(value) if isinstance(value, str | int) else ""
    return text if re.fullmatch(pattern, text) else None


def _rounded(value: Any) -> float | None:
    try:
        return round(float(value), DIGITS)
    except (TypeError, ValueError):
        return None


def _note(reason: str) -> bytes:
    return json.dumps({"error": reason}).encode()


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
