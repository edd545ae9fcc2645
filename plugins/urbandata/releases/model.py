"""What a release is made of, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Origin = Literal["demo", "real"]
DEMO_DE = "Demodaten: Die Zahlen stammen aus einer erfundenen Stadt und sagen nichts über Dresden."
DEMO_EN = "Demo data: the numbers come from an invented city and say nothing about Dresden."
REAL_DE = "Daten der Landeshauptstadt Dresden und weiterer Quellen; Lizenz je Tabelle beachten."
REAL_EN = "Data of the city of Dresden and other sources; mind the licence of each table."


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a released table."""

    name: str
    type: str
    description: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A released mart. ``select`` reads it from the build as it may be shown."""

    name: str
    description: str
    columns: tuple[Column, ...]
    select: str
    rows: int
    sources: tuple[str, ...]

    @property
    def has_origin(self) -> bool:
        """Whether its rows come from sources; a reference table is the same for demo and real."""
        return any(c.name == "origin" for c in self.columns)


@dataclass(frozen=True, slots=True)
class Content:
    """A published build as a release shows it."""

    build_id: str
    built_at: datetime
    code_hash: str
    origin: Origin
    tables: tuple[Table, ...]
    sources: Mapping[str, Mapping[str, Any]]

    @property
    def version(self) -> str:
        """Day of the build and the end of its id: the same build has the same version."""
        return f"{self.built_at:%Y.%m.%d}-{self.build_id[-6:]}"

    @property
    def name(self) -> str:
        """Name of the folder."""
        return f"urbandata-{self.version}-{self.origin}"

    @property
    def is_demo(self) -> bool:
        """Whether the numbers are invented."""
        return self.origin == "demo"

    @property
    def notice_de(self) -> str:
        """What must be said with every file, German."""
        return DEMO_DE if self.is_demo else REAL_DE

    @property
    def notice_en(self) -> str:
        """What must be said with every file, English."""
        return DEMO_EN if self.is_demo else REAL_EN

    def table(self, name: str) -> Table | None:
        """A table by name."""
        return next((t for t in self.tables if t.name == name), None)
