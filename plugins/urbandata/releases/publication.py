"""The folder ``open_data``: files, DCAT-AP.de metadata, and the catalogue as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from urbandata.releases import dcat, page, rdf
from urbandata.releases.model import Content
from urbandata.releases.offers import Offer, offers
from urbandata.releases.tables import DATABASE, TIMESTAMPS


def write(content: Content, folder: Path, base_url: str) -> None:
    """Everything a web server has to serve at ``base_url``."""
    target = folder / "open_data"
    target.mkdir()
    listed = offers(content, folder)
    offered = [o for o in listed if o.licence is not None]
    _files(content, offered, folder, target)
    rdf.write(dcat.graph(content, offered, folder, base_url), target)
    for lang in page.LANGS:
        name = "index.html" if lang == "de" else f"index.{lang}.html"
        (target / name).write_text(page.render(content, listed, target, lang), encoding="utf-8")


def _files(content: Content, offered: Sequence[Offer], folder: Path, target: Path) -> None:
    said = ", ".join(
        f"{k}: '{v}'"
        for k, v in {
            "version": content.version,
            "origin": content.origin,
            "notice_de": content.notice_de,
            "notice_en": content.notice_en,
        }.items()
    )
    database = str(folder / DATABASE)
    with duckdb.connect(database, read_only=True, config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        for offer in offered:
            name = offer.table.name
            con.execute(
                f"COPY marts.\"{name}\" TO '{target / name}.csv' (FORMAT csv, HEADER, {TIMESTAMPS})"
            )
            con.execute(
                f"COPY marts.\"{name}\" TO '{target / name}.parquet' "
                f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{said}}})"
            )
