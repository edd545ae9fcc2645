"""DWD warnings: one zip with the last 48 hours, whatever the window.

Where ``options`` names an archive (the demo city has one, the DWD has none), the months that the
window touches are asked as well. Both are conditional, so an unchanged zip is not sent again.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta

from urbandata.contract import Request, Window
from urbandata.registry import Source


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The latest zip, and the archive of each month of the window if there is one."""
    yield Request("latest", source.options["latest"], extension="zip", conditional=True)
    archive = source.options.get("archive")
    for month in months(window) if archive else ():
        yield Request(
            resource=f"archive/{month}",
            path=f"{archive}/{month}.zip",
            extension="zip",
            conditional=True,
            missing_ok=True,
        )


def months(window: Window) -> Iterator[str]:
    """Calendar months (UTC, ``2024-01``) that the window touches; an empty window its own."""
    day = window.start.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while True:
        yield f"{day:%Y-%m}"
        day = (day + timedelta(days=32)).replace(day=1)
        if day >= window.end:
            return
