"""SensorThings 1.1: all Things first, then the observations of each datastream page by page."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.registry import Source

EXPAND = "Locations,Datastreams($expand=ObservedProperty)"


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The Things with their datastreams; the observations of the window follow from them."""
    yield Request(
        resource="things", path="Things", params={"$expand": EXPAND}, context={"window": window}
    )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The next page, and for each datastream on a page of Things its observations.

    Raises FetchError if the answer is no SensorThings collection or hides datastreams.
    """
    answer = _collection(payload.content)
    if request.resource.startswith("things"):
        for number in _datastreams(answer):
            yield _observations(number, request.context["window"], source)
    link = answer.get("@iot.nextLink")
    if link:
        page = request.context.get("page", 1) + 1
        yield Request(
            resource=f"{request.resource.split('/page/')[0]}/page/{page}",
            path=str(link),
            context={**request.context, "page": page},
        )


def _observations(number: str | int, window: Window, source: Source) -> Request:
    """First page of the observations of one datastream in the window."""
    span = f"phenomenonTime ge {_time(window.start)} and phenomenonTime lt {_time(window.end)}"
    return Request(
        resource=f"datastreams/{number}",
        path=f"Datastreams({_quoted(number)})/Observations",
        params={
            "$filter": span,
            "$orderby": "phenomenonTime asc",
            "$top": str(source.options["top"]),
        },
    )


def _datastreams(answer: Mapping[str, Any]) -> Iterable[str | int]:
    """Identifiers of all datastreams on a page of Things, each once."""
    found: dict[str | int, None] = {}
    for thing in answer["value"]:
        if "Datastreams@iot.nextLink" in thing:
            name = thing.get("name")
            raise FetchError("client", f"'{name}' has more datastreams than the answer shows")
        found |= dict.fromkeys(d["@iot.id"] for d in thing.get("Datastreams", ()))
    return found


def _collection(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise FetchError("client", f"the answer is not JSON: {error}") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("value"), list):
        raise FetchError("client", "the answer has no list 'value'; is this SensorThings?")
    return answer


def _quoted(number: str | int) -> str:
    return f"'{number.replace(chr(39), 2 * chr(39))}'" if isinstance(number, str) else str(number)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
