"""Cleema API: seven lists a day, each reduced to counts and settings before it is stored.

``strip`` is an allow-list: a field that is not named here never reaches the disk, and a value
that does not look like its field (a name in a date) is replaced by ``?``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from urbandata.contract import Request, Window
from urbandata.registry import Source

HEADERS = {
    "Authorization": "bearer {CLEEMA_APP_TOKEN}",  # the server looks for lower-case "bearer "
    "cleema-install-id": "{CLEEMA_INSTALL_ID}",
}
UNFIT = "?"  # stands where a value did not have the shape of its field
INSTANT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)?)?")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
BOOL = re.compile(r"true|false|0|1")
MAIL = re.compile(r"\S+@\S+")
OPERATOR_KINDS = ("partner", "collective")  # the others are made by users: their title is theirs
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MESSAGE_CHARS = TITLE_CHARS = 200

FIELDS: dict[str, dict[str, re.Pattern[str]]] = {
    "challenges": {
        "uuid": UUID,
        "interval": re.compile(r"daily|weekly"),
        "kind": re.compile(r"user|group|partner|collective"),
        "goalType": re.compile(r"steps|measurement"),
        "startDate": INSTANT,
        "endDate": INSTANT,
        "publishedAt": INSTANT,
        "isPublic": BOOL,
        "goalMeasurement.unit": re.compile(r"km|m|kg|g"),
        "goalMeasurement.value": NUMBER,
        "goalSteps.count": NUMBER,
        "collectiveGoalAmount": NUMBER,
        "collectiveProgress": NUMBER,
        "region.uuid": UUID,
    },
    "projects": {
        "uuid": UUID,
        "goalType": re.compile(r"information|involvement|funding"),
        "phase": re.compile(r"pre|running|within|post|finished|cancelled"),
        "startDate": INSTANT,
        "publishedAt": INSTANT,
        "goalInvolvement.currentParticipants": NUMBER,
        "goalInvolvement.maxParticipants": NUMBER,
        "region.uuid": UUID,
    },
    "regions": {"uuid": UUID, "publishedAt": INSTANT},
    "offers": {
        "uuid": UUID,
        "storeType": re.compile(r"shop|online"),
        "discount": NUMBER,
        "validFrom": INSTANT,
        "validUntil": INSTANT,
        "isRegional": BOOL,
        "redeemInterval": NUMBER,
        "views": NUMBER,
        "region.uuid": UUID,
    },
    "surveys": {
        "uuid": UUID,
        "publishedAt": INSTANT,
        "finished": BOOL,
        "target": re.compile(r"all"),
    },
    "quizzes/current": {"uuid": UUID, "date": INSTANT, "publishedAt": INSTANT},
    "news-entries": {"uuid": UUID, "date": INSTANT, "publishedAt": INSTANT, "region.uuid": UUID},
}
TELLTALE = {  # keys by which a saved answer shows what it lists
    "usersJoined": "challenges",
    "phase": "projects",
    "redeemInterval": "offers",
    "surveyUrl": "surveys",
}


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Every list once; none of them is paged."""
    for resource in FIELDS:
        yield Request(resource=resource, path=resource, headers=HEADERS)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """The answer reduced to the fields of ``FIELDS``; people become a number of people.

    Never raises: what cannot be read is replaced by a note, because it cannot be cleaned.
    """
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return _note("the answer is not JSON")
    if not isinstance(answer, dict):
        return _note("the answer is no JSON object")
    if answer.get("error"):
        return _dumped({"error": _message(answer["error"])})
    data = answer.get("data")
    records = [data] if isinstance(data, dict) else [] if data is None else data
    if not isinstance(records, list) or "data" not in answer:
        return _note("the answer has no list 'data'")
    name = _listed(resource, records)
    if name is None:
        return _note("the answer names no list of the API; call the file challenges.json")
    return _dumped({"resource": name, "data": [_record(r, name) for r in records]})


def _listed(resource: str, records: list[Any]) -> str | None:
    """Which list it is: from the question asked, the name of a file or the fields."""
    for name in (resource, PurePosixPath(resource).stem):
        if name in FIELDS:
            return name
    first = records[0] if records and isinstance(records[0], dict) else {}
    return next((name for key, name in TELLTALE.items() if key in first), None)


def _record(record: Any, name: str) -> dict[str, Any]:
    """One record with the allowed fields only."""
    if not isinstance(record, dict):
        return {"unreadable": UNFIT}
    if record.get("error"):
        return {"error": _message(record["error"])}
    kept = {field: _value(_at(record, field), shape) for field, shape in FIELDS[name].items()}
    if name == "challenges":
        kept["title"] = _title(record.get("title"), kept["kind"])
        kept["usersJoined"] = _people(record.get("usersJoined"))
    return kept


def _at(record: Mapping[str, Any], field: str) -> Any:
    """Value at a dotted path, null where the way ends."""
    value: Any = record
    for step in field.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _value(value: Any, shape: re.Pattern[str]) -> Any:
    """``value`` if it has the shape of its field, null if there is none, else the marker."""
    if value is None or value == "":
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return value if isinstance(value, str | int | float) and shape.fullmatch(text) else UNFIT


def _title(title: Any, kind: Any) -> str | None:
    """The title an operator gave; what users call their own challenges is theirs."""
    if kind not in OPERATOR_KINDS or not isinstance(title, str):
        return None
    return CONTROL.sub(" ", MAIL.sub("…", title))[:TITLE_CHARS] or None


def _people(joined: Any) -> int | None:
    """How many; the user objects themselves are never looked at."""
    listed = joined.get("data") if isinstance(joined, dict) else joined
    return len(listed) if isinstance(listed, list) else None


def _message(error: Any) -> str:
    """The server's own words, cut, without addresses."""
    text = error.get("message") if isinstance(error, dict) else error
    if not isinstance(text, str):
        return "error without a message"
    return CONTROL.sub(" ", MAIL.sub("…", text))[:MESSAGE_CHARS]


def _note(reason: str) -> bytes:
    return _dumped({"unreadable": reason})


def _dumped(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
