"""Reads and validates every ``source.yml``: the single home of what is known about a source."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from urbandata.errors import ConfigError

SOURCES_DIR = Path(__file__).parent / "sources"

Measure = Literal[
    "open_data",
    "cleema",
    "road_maintenance",
    "traffic",
    "environment",
    "participation",
    "energy_quarter",
    "hospital_energy",
    "sportpark",
    "programme",
]

ColumnType = Literal["string", "int", "float", "bool", "timestamp", "datetime", "date"]

ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),  # an instant
    "datetime": pa.timestamp("us"),  # a clock reading as the source wrote it, no zone
    "date": pa.date32(),
}
SQL_TYPES = {
    "string": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "datetime": "TIMESTAMP",
    "date": "DATE",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Licence(_Strict):
    """Terms under which the producer publishes; ``url`` is the producer's own statement."""

    id: str
    url: str
    attribution: str
    verified: bool = Field(description="False: from general knowledge, shown as unverified")


class Schedule(_Strict):
    """``every``: how often the source is asked. ``promise``: age after which it counts as late;
    the age of its newest data, or (``promise_on: fetch``) of the last complete fetch, for sources
    that rightly have nothing to say for weeks."""

    every: timedelta
    promise: timedelta
    promise_on: Literal["data", "fetch"] = "data"


class WindowRule(_Strict):
    """How an interval source is asked: ``size`` at most per request round, ``history`` is how
    far back the live service answers (none: without limit), ``overlap`` is asked again for late
    and corrected values, ``history_start`` is where our history begins; ``demo_history`` keeps
    bulky sources of the demo city short."""

    size: timedelta
    overlap: timedelta = timedelta(0)
    history: timedelta | None = None
    demo_history: timedelta | None = None
    history_start: date = date(2023, 7, 1)


class InboxRule(_Strict):
    """How a file in the inbox is recognised: glob on the name and/or regex on its beginning.

    A rule with ``member`` looks at the names inside a zip or tar archive, one with ``sheet`` at
    the names of a workbook's sheets. A ``fallback`` counts only where no other rule fits.
    """

    glob: str = "*"
    head: str | None = None
    member: str | None = None
    sheet: str | None = None
    fallback: bool = False


class Column(_Strict):
    """One column of a parsed table. ``unit`` as the source gives it (UCUM-like text)."""

    type: ColumnType
    description: str
    unit: str | None = None


class BelongsTo(_Strict):
    """Each row needs a row of ``table`` in its payload with the same value in column ``by``."""

    table: str
    by: str


class Table(_Strict):
    """One table a payload parses into. ``time`` is its event-time column, in ``timezone``."""

    grain: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    time: str | None = None
    timezone: str = "UTC"
    belongs_to: BelongsTo | None = None

    @model_validator(mode="after")
    def _known_columns(self) -> Table:
        named = [*self.key, *([self.time] if self.time else [])]
        named += [self.belongs_to.by] if self.belongs_to else []
        unknown = [c for c in named if c not in self.columns]
        if unknown:
            raise ValueError(f"key/time/belongs_to name unknown columns: {unknown}")
        return self

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the parsed table, without the ``_row`` column."""
        return pa.schema([(name, ARROW_TYPES[c.type]) for name, c in self.columns.items()])


class Source(_Strict):
    """Everything known about one source. Field by field: docs/adding-a-source.md."""

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title_de: str
    title_en: str
    measure: Measure
    office: str
    producer: str
    licence: Licence
    homepage: str
    url: str = Field(description="base address of the live service, or empty for file drops")
    protocol: str
    kind: Literal["now", "interval"]
    schedule: Schedule
    window: WindowRule | None = None
    identity: Literal["content", "snapshot"] = "content"
    requires: tuple[str, ...] = Field(default=(), description="environment variables of secrets")
    min_interval: timedelta = timedelta(seconds=0.2)
    timeout: timedelta = timedelta(seconds=30)
    inbox: tuple[InboxRule, ...] = ()
    options: dict[str, Any] = Field(default_factory=dict)
    demo_options: dict[str, Any] = Field(default_factory=dict)
    tables: dict[str, Table]
    caveats_de: tuple[str, ...] = ()
    caveats_en: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _window_where_needed(self) -> Source:
        if self.kind == "interval" and self.window is None:
            raise ValueError("an interval source needs a window rule")
        return self

    @model_validator(mode="after")
    def _known_tables(self) -> Source:
        for name, table in self.tables.items():
            if (up := table.belongs_to) is None:
                continue
            whole = self.tables.get(up.table)
            if whole is None or whole.belongs_to or up.by not in whole.columns:
                raise ValueError(f"{name} belongs to no table with a column {up.by}")
        return self

    @property
    def ties(self) -> dict[str, BelongsTo]:
        """What each table belongs to, of those that belong to another one."""
        return {n: t.belongs_to for n, t in self.tables.items() if t.belongs_to}

    @property
    def folder(self) -> Path:
        """Folder of the source's code."""
        return SOURCES_DIR / self.source

    def module(self, name: Literal["fetch", "parse", "demo"]) -> ModuleType:
        """The source's ``fetch``, ``parse`` or ``demo`` module, imported on first use."""
        return import_module(f"urbandata.sources.{self.source}.{name}")

    def as_demo(self) -> Source:
        """The source as the demo city wants it asked: ``demo_options`` over ``options``."""
        return self.model_copy(update={"options": {**self.options, **self.demo_options}})

    def since(self, day: date) -> Source:
        """The source with a history that begins on that day at the earliest."""
        if self.window is None or self.window.history_start >= day:
            return self
        return self.model_copy(
            update={"window": self.window.model_copy(update={"history_start": day})}
        )

    def history_start(self, now: datetime, origin: str) -> datetime:
        """Earliest instant worth asking for; the demo city also keeps what the live one drops."""
        if self.window is None:
            return now
        start = datetime.combine(self.window.history_start, datetime.min.time(), tzinfo=UTC)
        reach = self.window.history if origin == "real" else self.window.demo_history
        return start if reach is None else max(start, now - reach)


# libyaml reads the folder ten times as fast as the loader in Python
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SOURCE = TypeAdapter(Source)


def read_source(path: Path) -> Source:
    """One validated source.yml. Raises ConfigError naming the file and every wrong field."""
    try:
        source = _SOURCE.validate_python(yaml.load(path.read_bytes(), _LOADER))  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if source.source != path.parent.name:
        raise ConfigError(f"{path}: source is '{source.source}', folder '{path.parent.name}'")
    return source


@cache
def sources() -> dict[str, Source]:
    """All sources by name, ordered by measure and name."""
    found = [read_source(p) for p in SOURCES_DIR.glob("*/source.yml")]
    return {s.source: s for s in sorted(found, key=lambda s: (s.measure, s.source))}


def measures() -> list[str]:
    """Measures that have sources."""
    return sorted({s.measure for s in sources().values()})


def source(name: str) -> Source:
    """One source by name. Raises ConfigError listing the known names."""
    try:
        return sources()[name]
    except KeyError:
        raise ConfigError(f"unknown source '{name}'; known: {', '.join(sources())}") from None
