"""What the headings of a load-profile file say: time, unit, medium, meter.

Every exporting system words them differently: ``ts;mw``, ``Datum;Uhrzeit;Verbrauch [kWh]``,
``Zeitstempel (Ende);Wirkleistung in kW``. Columns that name neither time nor unit are comments,
and so are prices (ct/kWh) and meter readings, which are no energy of an interval.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from urbandata.errors import PayloadError
from urbandata.registry import Source

MAX_PREAMBLE = 30  # lines
UNITS = {"kw": "kW", "mw": "MW", "kwh": "kWh", "mwh": "MWh"}
UNIT = re.compile(
    r"[\[(]?(?<![a-z0-9/])(?<!/ )(kwh|mwh|kw|mw)(?![a-z0-9]|\s*/)[\])]?", re.IGNORECASE
)
READING = re.compile(r"z(ä|ae)hlerst(a|ä|ae)nd|\bstand\b|\breading\b|kumuliert", re.IGNORECASE)
TIME = re.compile(
    r"^(ab|ts|zeit|time|timestamp|zeitstempel|datum|date|uhrzeit|zeitpunkt|von|bis|beginn|ende"
    r"|datum/zeit|datum und uhrzeit|date/time)\b",
    re.IGNORECASE,
)
DATE = re.compile(r"\b(datum|date)\b", re.IGNORECASE)
CLOCK = re.compile(r"\b(uhrzeit|zeit|time|ab|von|beginn|start|bis|ende|end)\b", re.IGNORECASE)
MARKS = (
    ("end", re.compile(r"\b(ende|bis|end)\b", re.IGNORECASE)),
    ("start", re.compile(r"\b(ab|beginn|von|start|anfang)\b", re.IGNORECASE)),
)
PLAIN = re.compile(  # headings that name a quantity, not a meter
    r"^(wirkleistung|leistung|verbrauch|bezug|lastgang|energie|energiemenge|wert|profilwert|value"
    r"|last|load|power|p)?( ?in)?$",
    re.IGNORECASE,
)
ABOUT = {"standort": "site", "objekt": "site", "site": "site", "medium": "medium"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of values: its place in the line, and what its heading says."""

    column: str
    unit: str
    medium: str | None
    meter: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are: ``line`` is the header's number, ``marks`` what each of ``times`` means.

    A second column of times counts where the first has days only. Columns are called by their
    place (``c0``), because headings may be empty or occur twice.
    """

    line: int
    delimiter: str
    columns: tuple[str, ...]
    times: tuple[str, ...]
    values: tuple[Heading, ...]
    marks: tuple[str | None, ...]
    about: Mapping[str, str] = field(default_factory=dict)


def layout(text: str, source: Source) -> Layout:
    """Layout of a file. Raises PayloadError if no line is a header with time and unit."""
    about: dict[str, str] = {}
    for number, line in enumerate(islice(text.split("\n"), MAX_PREAMBLE), start=1):
        delimiter = max(";\t,", key=line.count)
        cells = [c.strip() for c in fields(line, delimiter)]
        found = _header(number, delimiter, cells, about, source)
        if found is not None:
            return found
        key = cells[0].rstrip(":").lower()
        if key in ABOUT and len(cells) > 1:
            about[ABOUT[key]] = cells[1]
    raise PayloadError("no header with times and a column of loads in kW, MW, kWh or MWh")


def fields(line: str, delimiter: str) -> list[str]:
    """Fields of one line; quotes are closed at its end, so that none swallows the next."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return line.replace('"', "").split(delimiter)


def has_layout(text: str, source: Source) -> bool:
    """Whether a text has a header with times and a unit."""
    try:
        layout(text, source)
    except PayloadError:
        return False
    return True


def _header(
    number: int, delimiter: str, cells: list[str], about: Mapping[str, str], source: Source
) -> Layout | None:
    times = [n for n, c in enumerate(cells) if TIME.match(c)]
    units = [
        n
        for n, c in enumerate(cells)
        if n not in times and UNIT.search(c) and not READING.search(c)
    ]
    if not times or not units:
        return None
    chosen = _chosen(times, cells)
    return Layout(
        line=number,
        delimiter=delimiter,
        columns=tuple(f"c{n}" for n in range(len(cells))),
        times=tuple(f"c{n}" for n in chosen),
        values=tuple(_value(f"c{n}", cells[n], source) for n in units),
        marks=tuple(_marks(cells[n]) for n in chosen),
        about=about,
    )


def _chosen(times: list[int], cells: list[str]) -> list[int]:
    """Date and time of day are read together; of start and end the first is enough."""
    dates = [n for n in times if DATE.search(cells[n])]
    if not dates:
        return times[:1]
    clocks = [n for n in times if n not in dates and CLOCK.search(cells[n])]
    return [dates[0], *clocks[:1]]


def _marks(heading: str) -> str | None:
    return next((mark for mark, words in MARKS if words.search(heading)), None)


def _value(column: str, heading: str, source: Source) -> Heading:
    unit = UNIT.search(heading)
    name = re.sub(r"\s+", " ", UNIT.sub(" ", heading)).strip(" -_/:")
    first, _, rest = name.partition(" ")
    medium = first if first in source.options["media"] else None
    meter = rest if medium else name
    return Heading(
        column=column,
        unit=UNITS[unit.group(1).lower()] if unit else "",
        medium=medium,
        meter=None if PLAIN.match(meter) else meter,
    )
