"""The parking page of the city's website: tables of lots, one per part of the city.

Scraping is the way out when no service answers. The page says how fresh it is once, as a clock
reading; a lot's state is told by the colour of its sign only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
from lxml import etree, html

from urbandata.errors import PayloadError
from urbandata.reading.tabular import ROW

FIELDS = ("name", "region", "total", "free", "state", "measured_local")
STATES = {"green": "open", "yellow": "open", "red": "open", "blue": "nodata"}
UPDATED = re.compile(
    r"Letzte Aktualisierung\s*</h3>\s*<div>\s*(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)"
)
CELLS = 4


def page_rows(content: bytes) -> pa.Table:
    """One text row per lot. Raises PayloadError if the page has changed beyond recognition."""
    try:
        text = content.decode("utf-8-sig")
        tree = html.document_fromstring(text)
    except (UnicodeDecodeError, ValueError, etree.ParserError) as error:
        raise PayloadError(f"the page cannot be read: {error}") from error
    updated = UPDATED.search(text)
    if updated is None:
        raise PayloadError("the page does not say when it was updated; has it changed?")
    day, month, year, clock = updated.groups()
    rows = list(_lots(tree))
    if not rows:
        raise PayloadError("no table of parking lots on the page; has it changed?")
    stamp = f"{year}-{month}-{day} {clock}"
    columns = {f: pa.array([r.get(f, stamp) for r in rows], pa.string()) for f in FIELDS}
    return pa.table({**columns, ROW: pa.array(range(1, len(rows) + 1), pa.int64())})


def _lots(tree: html.HtmlElement) -> Iterator[dict[str, str | None]]:
    """Lots in the order of the page; a row without a sign is a heading or layout."""
    for table in tree.iter("table"):
        heads = [_text(h) for h in table.iter("th")]
        region = heads[1] if len(heads) == CELLS else None
        for row in table.iter("tr"):
            cells = [c for c in row if c.tag == "td"]
            sign = (cells[0].get("class") or "") if cells else ""
            if len(cells) != CELLS or "park-" not in sign:
                continue
            yield {
                "name": _text(cells[1]),
                "region": region,
                "total": _text(cells[2]),
                "free": _text(cells[3]),
                "state": _state(sign),
            }


def _text(cell: html.HtmlElement) -> str:
    """The content of a cell; small screens get a heading inside the cell, too."""
    inner = cell.xpath("./div[@class='content']") or [cell]
    return " ".join(str(inner[0].text_content()).split())


def _state(sign: str) -> str:
    if "park-closed" in sign:
        return "closed"
    return next((state for colour, state in STATES.items() if colour in sign.split()), "unknown")
