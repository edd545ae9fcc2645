"""Monthly files per station: every month the window touches, only if it has changed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from urllib.parse import quote

from urbandata.contract import Request, Window
from urbandata.registry import Source

CET = timezone(timedelta(hours=1))


def requests(window: Window, source: Source) -> Iterable[Request]:
    """One conditional request per station and month; a month without a file is no error."""
    for month in months(window):
        for station in source.options["stations"]:
            path = f"{source.options['tree']}/{month:%Y/%m}/{station}.csv"
            yield Request(
                resource=path,
                path=quote(path),
                extension="csv",
                conditional=True,
                missing_ok=True,
            )


def months(window: Window) -> list[date]:
    """First days of the months (CET) in which hours of the window begin, oldest first."""
    first = _month(window.start)
    last = max(first, _month(window.end - timedelta(microseconds=1)))
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [_later(first, n) for n in range(count)]


def _month(moment: datetime) -> date:
    return moment.astimezone(CET).date().replace(day=1)


def _later(month: date, count: int) -> date:
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)
