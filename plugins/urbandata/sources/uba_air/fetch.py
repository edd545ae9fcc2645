"""UBA Air Data API v4: the station list first, then one request per station and component.

Station numbers are looked up by code in the list, so a renumbered station is still found.
Hours count 1 to 24 in CET all year; hour 1 is the interval from 0:00 to 1:00.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.registry import Source

CET = timezone(timedelta(hours=1))
HOUR = timedelta(hours=1)


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The station list; the measures of the window follow from it."""
    yield Request(
        resource="stations",
        path="stations/json",
        params={"use": "airquality", "lang": "de"},
        context={"window": window},
    )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """Hourly means of every configured station in the list.

    A configured code that the list lacks cannot be asked. Raises FetchError if it lacks all:
    then the list has changed, not the network.
    """
    if request.resource != "stations":
        return
    wanted = source.options["stations"]
    numbers = station_ids(payload.content)
    if not any(code in numbers for code in wanted):
        raise FetchError("client", f"the station list names none of {', '.join(wanted)}")
    span = hours(request.context["window"])
    for code in (c for c in wanted if c in numbers):
        for component, number in source.options["components"].items():
            yield Request(
                resource=f"measures/{code}/{component}",
                path="measures/json",
                params={
                    **span,
                    "station": numbers[code],
                    "component": str(number),
                    "scope": str(source.options["scope"]),
                },
            )


def station_ids(content: bytes) -> dict[str, str]:
    """UBA number by station code; of several the one that began last.

    Raises FetchError if the answer is not a station list.
    """
    try:
        answer = json.loads(content)
        names = answer["indices"]
        rows = [dict(zip(names, values, strict=False)) for values in answer["data"].values()]
        rows.sort(key=lambda r: r.get("station active from") or "")
        return {str(r["station code"]): str(r["station id"]) for r in rows}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FetchError("client", f"stations/json is not a station list: {error!r}") from error


def hours(window: Window) -> dict[str, str]:
    """Parameters for all hours that begin in the window (first and last hour, both asked)."""
    first = _full_hour(window.start)
    last = max(first, _full_hour(window.end - timedelta(microseconds=1)))
    return {
        "date_from": f"{first:%Y-%m-%d}",
        "time_from": str(first.hour + 1),
        "date_to": f"{last:%Y-%m-%d}",
        "time_to": str(last.hour + 1),
    }


def _full_hour(moment: datetime) -> datetime:
    return moment.astimezone(CET).replace(minute=0, second=0, microsecond=0)
