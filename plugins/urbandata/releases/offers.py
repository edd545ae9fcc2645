"""What is offered as open data: ``open_data.yml``, and what of it the licences allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict

from urbandata.releases.licences import Terms, terms
from urbandata.releases.model import Content, Table
from urbandata.releases.policy import OpenLicence, policy
from urbandata.releases.tables import DATABASE

FILE = Path(__file__).parent / "open_data.yml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dataset(_Strict):
    """What is said about an open table."""

    table: str
    title_de: str
    title_en: str
    description_de: str
    description_en: str
    keywords_de: tuple[str, ...]
    keywords_en: tuple[str, ...]
    theme: Literal["ENVI", "TRAN", "ENER", "GOVE"]
    frequency: Literal["DAILY", "MONTHLY", "IRREG"]
    time: str | None = None
    own_work: str = ""


class OpenData(_Strict):
    """``open_data.yml``."""

    catalogue: Mapping[str, str]
    publisher: str
    homepage: str
    contact: str
    contact_url: str
    contributor: str
    spatial: str
    geocoding_level: str
    unverified: tuple[str, ...]
    datasets: tuple[Dataset, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A table as it is offered, or ``licence`` is None and ``terms`` say what is in the way."""

    dataset: Dataset
    table: Table
    terms: Terms
    licence: OpenLicence | None
    first: date | None
    last: date | None

    @property
    def licence_uri(self) -> str:
        """Address of the licence; empty for what is not offered."""
        return self.licence.uri if self.licence else ""

    @property
    def is_verified(self) -> bool:
        """Whether the right to publish it has been confirmed."""
        return self.terms.is_verified and not self.dataset.own_work


@cache
def open_data() -> OpenData:
    """The project's open data."""
    return OpenData.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def offers(content: Content, folder: Path) -> list[Offer]:
    """Every dataset whose table has rows in the release, with their span."""
    own = policy().licences[policy().own_licence]
    found = []
    with duckdb.connect(str(folder / DATABASE), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        for dataset in open_data().datasets:
            table = content.table(dataset.table)
            if table is None or not table.rows:
                continue
            under = terms(content, table)
            licence = own if dataset.own_work else under.open
            first, last = _span(con, table, dataset.time)
            # a year that runs ends with the build, not with the year
            last = min(last, content.built_at.date()) if last else None
            found.append(Offer(dataset, table, under, licence, first, last))
    return found


def _span(
    con: duckdb.DuckDBPyConnection, table: Table, column: str | None
) -> tuple[date | None, date | None]:
    if column is None:
        return None, None
    kind = next(c.type for c in table.columns if c.name == column)
    day = f'make_date("{column}", 1, 1)' if "INT" in kind else f'"{column}"::DATE'
    last = f'make_date("{column}", 12, 31)' if "INT" in kind else day
    row = con.execute(f'SELECT min({day}), max({last}) FROM marts."{table.name}"').fetchone()
    return (row[0], row[1]) if row else (None, None)
