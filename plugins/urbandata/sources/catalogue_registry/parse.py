"""Lists of suppliers and portals (CSV) to rows; told apart by their headings."""

from __future__ import annotations

import re

import pyarrow as pa

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import catalogue, tabular
from urbandata.registry import Source

SUPPLIERS = {
    "sid": "supplier_id",
    "title@EN": "title_en",
    "title@DE": "title_de",
    "type": "supplier_type",
    "sameAsWikidata": "wikidata",
    "partOfWikidata": "part_of_wikidata",
    "germanRegionalKey": "regional_key",
}
PORTALS = {
    "sid": "supplier_id",
    "title": "title",
    "type": "portal_type",
    "portal_title": "portal_title",
    "url": "url",
    "begin": "begins",
    "rs": "regional_key",
    "wikidata": "wikidata",
    "api": "api",
    "dcat_ap_de": "dcat_url",
    "last_check": "checked_on",
}
PARENT = re.compile(r"parent_and_id_\d+")


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``suppliers`` or ``portals``. Raises PayloadError if it is neither list."""
    content = catalogue.scrubbed(tabular.decode(payload.content)).encode("utf-8")
    rows = _whole(tabular.csv_records(content))
    if "sameAsWikidata" in rows.column_names:
        return tabular.typed(
            tabular.renamed(rows, SUPPLIERS), "suppliers", source.tables["suppliers"]
        )
    if "portal_title" not in rows.column_names:
        shown = ", ".join(n for n in rows.column_names if not n.startswith("_"))[:200]
        raise PayloadError(f"neither a list of suppliers nor of portals; its columns are: {shown}")
    parents = [n for n in rows.column_names if PARENT.fullmatch(n)]
    packed = rows.select(parents).to_pylist()
    lists = [catalogue.json_list(line.values()) for line in packed]
    text = tabular.renamed(rows, PORTALS).append_column("parents", pa.array(lists, pa.string()))
    return tabular.typed(text, "portals", source.tables["portals"])


def _whole(rows: pa.Table) -> pa.Table:
    """Lines with fewer fields than the header get a fault: the last one may be cut."""
    place = rows.column_names.index(tabular.FAULT)
    last = rows.column(place - 1).to_pylist()
    faults = rows.column(place).to_pylist()
    known = ["the line is cut off" if v is None else f for v, f in zip(last, faults, strict=True)]
    return rows.set_column(place, tabular.FAULT, pa.array(known, pa.string()))
