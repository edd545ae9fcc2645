"""Archive of sensor.community: one file per sensor and day (UTC), there once the day is over."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from urbandata.contract import Request, Window
from urbandata.registry import Source

DAY = timedelta(days=1)


def requests(window: Window, source: Source) -> Iterable[Request]:
    """One conditional request per configured sensor and day that ends in the window.

    A sensor that was silent for a day has no file: 404 is no error.
    """
    for day in finished_days(window):
        for number, kind in source.options["sensors"].items():
            yield Request(
                resource=f"{kind}/{number}/{day}",
                path=f"{day}/{day}_{kind}_sensor_{number}.csv",
                extension="csv",
                conditional=True,
                missing_ok=True,
            )


def finished_days(window: Window) -> list[date]:
    """Days (UTC) whose midnight end lies after the window's start and not after its end.

    Adjacent windows share no day and leave none out, wherever they are cut.
    """
    first, last = (_midnight(t) for t in (window.start, window.end))
    return [(first + n * DAY).date() for n in range((last - first).days)]


def _midnight(moment: datetime) -> datetime:
    """Begin of the day (UTC) of a moment."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
