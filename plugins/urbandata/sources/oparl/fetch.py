"""OParl 1.1: the system, its bodies, then meetings and organisations changed in the window.

Titles of agenda items can name people, so they go before storing, and so do members, files and
places. The wording of a result becomes one of a few categories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import reduction
from urbandata.reading.reduction import COUNT, DAY, FLAG, STAMP, WORD, Shapes
from urbandata.registry import Source

KNOWN = ("meetings", "organizations")
TYPES = {"Meeting": "meetings", "Organization": "organizations"}
LISTS = {"meetings": "meeting", "organizations": "organization"}
LINK = re.compile(r"https?://[^\s@<>\"]{1,400}")
NAME = re.compile(r"[^@<>\x00-\x1f]{1,200}")
NUMBER = re.compile(r"[\w ./():,*§–-]{1,30}")
MEETING: Shapes = {
    "meeting_id": ("id", LINK),
    "organization_id": ("first_organization", LINK),
    "starts_at": ("start", STAMP),
    "ends_at": ("end", STAMP),
    "state": ("meetingState", NAME),
    "is_cancelled": ("cancelled", FLAG),
    "item_count": ("item_count", COUNT),
    "modified_at": ("modified", STAMP),
}
ITEM: Shapes = {
    "agenda_item_id": ("id", LINK),
    "meeting_id": ("meeting", LINK),
    "number": ("number", NUMBER),
    "position": ("order", COUNT),
    "is_public": ("public", FLAG),
    "result_category": ("category", WORD),
    "consultation_id": ("consultation", LINK),
}
ORGANIZATION: Shapes = {
    "organization_id": ("id", LINK),
    "name": ("name", NAME),
    "short_name": ("shortName", NAME),
    "classification": ("classification", NAME),
    "start_date": ("startDate", DAY),
    "end_date": ("endDate", DAY),
    "modified_at": ("modified", STAMP),
}
UNCHANGED = re.compile(r"un(ge|ver)ändert|ohne (jede )?änderung(en)?")  # is no change
RESULTS = (  # first match counts: "geändert beschlossen" is amended, "nicht zugestimmt" rejected
    (
        "rejected",
        r"abgelehnt|ablehnung|nicht (zugestimmt|beschlossen|angenommen|einverstanden)|"
        r"keine (zustimmung|mehrheit)|stimmengleichheit",
    ),
    ("amended", r"geändert|teilweise|änderung"),
    ("postponed", r"vertagt|zurückgestellt|verwiesen|fachgremium|arbeitskreis"),
    ("withdrawn", r"zurückgezogen|abgesetzt"),
    ("adopted", r"beschlossen|zugestimmt|zustimmung|angenommen|einverstanden"),
    ("postponed", r"überwiesen"),  # alone; "beschlossen / überwiesen" is adopted
    ("noted", r"kenntnis"),
    ("settled", r"erledigt"),
    ("no_vote", r"keine abstimmung|ohne abstimmung"),
)


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The system; bodies and lists follow from it."""
    span = {
        "modified_since": window.start.isoformat(),
        "modified_until": window.end.isoformat(),
    }
    yield Request(resource="system", path="system", land=False, context={"span": span})


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """From the system to its bodies, to their lists, to further pages.

    Raises FetchError if an answer has not the links it should have.
    """
    if request.resource == "system":
        link = _link(reduction.at(_object(payload), "body"), "the system names no bodies")
        yield Request(resource="bodies", path=link, land=False, context=request.context)
        return
    if request.resource == "bodies":
        bodies = _object(payload).get("data")
        for place, body in enumerate(bodies if isinstance(bodies, list) else [], start=1):
            for name, field in LISTS.items():
                link = _link(reduction.at(body, field), f"a body has no list of {name}")
                resource = f"{name}/{place}/page/1"
                yield Request(resource=resource, path=link, params=request.context["span"])
        return
    try:
        answer = reduction.kept(payload.content, KNOWN)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    if answer["page"].get("next"):
        name, _, number = request.resource.rpartition("/")
        yield Request(resource=f"{name}/{int(number) + 1}", path=answer["page"]["next"])


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Ids, times, names of organisations and categories of results only. Never raises."""
    try:
        answer = reduction.decoded(content)
    except PayloadError as error:
        return reduction.refused(str(error))
    listed = answer
    if isinstance(answer, dict):
        listed = answer["data"] if isinstance(answer.get("data"), list) else [answer]
    if not isinstance(listed, list):
        return reduction.refused("the answer is no OParl object or list")
    kind = _kind(resource, listed)
    if kind is None:
        said = _said_type(listed[0]) if listed else ""
        found = f", but {said}" if reduction.WORD.fullmatch(said) else ""
        return reduction.refused(f"the answer lists no meetings and no organisations{found}")
    listed = [o if _said_type(o) in ("", kind) else None for o in listed]  # a person is no body
    link = reduction.fitting(reduction.at(answer, "links.next"), LINK)
    if link == reduction.UNFIT:
        return reduction.refused("the address of the next page is none")
    if kind == "organizations":
        records = [reduction.reduced(o, ORGANIZATION) for o in listed]
        return reduction.stored(kind, records, next=link)
    items = [reduction.reduced(_item(i, m), ITEM) for m in listed for i in _items(m)]
    records = [reduction.reduced(_meeting(m), MEETING) for m in listed]
    return reduction.stored(kind, records, next=link, items=items)


def category(result: Any) -> str | None:
    """Category of a result in words; ``other`` for words we do not know."""
    if not isinstance(result, str) or not result.strip():
        return None
    said = UNCHANGED.sub("", result.lower())
    return next((name for name, words in RESULTS if re.search(words, said)), "other")


def _kind(resource: str, listed: list[Any]) -> str | None:
    """What was asked for; a file says it by the type of its first object."""
    asked = resource.partition("/")[0]
    if asked in KNOWN:
        return asked
    return _said_type(listed[0]) if listed and _said_type(listed[0]) in KNOWN else None


def _said_type(record: Any) -> str:
    """Our list for the type of an object, the type itself if we have none, empty if unsaid."""
    said = str(reduction.at(record, "type") or "").rpartition("/")[2]
    return TYPES.get(said, said)


def _items(meeting: Any) -> list[Any]:
    listed = meeting.get("agendaItem") if isinstance(meeting, dict) else None
    return listed if isinstance(listed, list) else []


def _item(item: Any, meeting: Any) -> Any:
    if not isinstance(item, dict):
        return item
    within = item.get("meeting") or reduction.at(meeting, "id")
    return {**item, "meeting": within, "category": category(item.get("result"))}


def _meeting(meeting: Any) -> Any:
    if not isinstance(meeting, dict):
        return meeting
    held_by = meeting.get("organization")
    first = held_by[0] if isinstance(held_by, list) and held_by else held_by or None
    return {**meeting, "first_organization": first, "item_count": len(_items(meeting))}


def _object(payload: Payload) -> dict[str, Any]:
    try:
        answer = reduction.decoded(payload.content)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    if not isinstance(answer, dict):
        raise FetchError("client", "the answer is no OParl object")
    return answer


def _link(value: Any, problem: str) -> str:
    if not isinstance(value, str) or not LINK.fullmatch(value):
        raise FetchError("client", problem)
    return value
