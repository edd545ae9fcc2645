"""What a release may hold: ``policy.yml``, validated."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

POLICY = Path(__file__).parent / "policy.yml"
Kind = Literal["zero", "attribution"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OpenLicence(_Strict):
    """A licence under which derived data can be passed on, by its address in DCAT-AP.de's list."""

    kind: Kind
    uri: str


class Policy(_Strict):
    """The rules of ``policy.yml``; the reasons stand beside them there."""

    excluded: dict[str, str]
    dropped: dict[str, str]
    least_people: int
    people: dict[str, tuple[str, ...]]
    people_kpis: tuple[str, ...]
    watched: str
    reviewed: dict[str, str]
    registers: tuple[str, ...]
    units: dict[str, str]
    licences: dict[str, OpenLicence]
    own_licence: str
    own_attribution: str

    def is_dropped(self, table: str, column: str) -> bool:
        """Whether a column is left out, everywhere or of this table."""
        return column in self.dropped or f"{table}.{column}" in self.dropped

    def is_watched(self, table: str, column: str) -> bool:
        """Whether a text column must be looked at and has not been."""
        if column.endswith(("_de", "_en")) or f"{table}.{column}" in self.reviewed:
            return False
        return bool(re.search(self.watched.replace(" ", ""), column))

    def unit(self, column: str) -> str | None:
        """Unit by the column's ending."""
        return next((u for ending, u in self.units.items() if column.endswith(ending)), None)

    def open_licence(self, licence: str) -> OpenLicence | None:
        """The licence if it is a known open one, whatever its capitals."""
        return self.licences.get(licence.lower())


@cache
def policy() -> Policy:
    """The policy of the project."""
    return Policy.model_validate(yaml.safe_load(POLICY.read_text(encoding="utf-8")))
