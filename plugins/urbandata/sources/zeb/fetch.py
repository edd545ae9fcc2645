"""Survey deliveries: one archive per campaign, asked again only to see whether it has changed."""

from collections.abc import Iterable

from urbandata.contract import Request, Window
from urbandata.registry import Source


def requests(window: Window, source: Source) -> Iterable[Request]:
    """All named deliveries and one per year of the yearly kind, as far as they exist."""
    names = list(source.options["deliveries"])
    yearly = source.options.get("yearly")
    if yearly:
        years = range(yearly["since"], window.end.year + 1)
        names += [yearly["name"].format(year=year) for year in years]
    for name in names:
        yield Request(
            resource=name,
            path=f"{name}.zip",
            extension="zip",
            conditional=True,
            missing_ok=True,
        )
