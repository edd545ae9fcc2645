"""Reads the programme's sheets, whatever spreadsheet program saved them.

A sheet is known by its name or its columns, English or German. Only known sheets and columns
are read; everything else (names in a remarks column, the author in a workbook's properties)
never leaves this module.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from lxml import etree

from urbandata import catalogue, tabular
from urbandata.errors import PayloadError

COLUMNS = {
    "milestones": ("measure", "milestone", "planned_on", "done_on"),
    "spending": ("measure", "month", "planned_eur", "spent_eur", "funded_share_pct"),
    "decisions": ("paper_number", "decided_on", "title", "measure"),
    "offices": ("measure", "office", "valid_from", "valid_to"),
    "operation": ("measure", "paper_number", "decided_on", "starts_on", "budget_eur_per_year"),
    "components": ("measure", "component", "licence", "repository", "published_on"),
}
OPTIONAL = {"done_on", "valid_to", "funded_share_pct", "licence", "repository", "published_on"}
GERMAN = {
    **{"massnahme": "measure", "maßnahme": "measure", "meilenstein": "milestone"},
    **{"geplant am": "planned_on", "erreicht am": "done_on", "monat": "month"},
    **{"geplant eur": "planned_eur", "ausgegeben eur": "spent_eur"},
    **{"förderanteil %": "funded_share_pct", "vorlage": "paper_number"},
    **{"beschlossen am": "decided_on", "titel": "title", "amt": "office"},
    **{"gültig ab": "valid_from", "gültig bis": "valid_to"},
    **{"meilensteine": "milestones", "ausgaben": "spending", "beschlüsse": "decisions"},
    **{"ämter": "offices", "betrieb": "operation", "bausteine": "components"},
    **{"beginnt am": "starts_on", "eur je jahr": "budget_eur_per_year"},
    **{"baustein": "component", "lizenz": "licence", "quelltext": "repository"},
    **{"veröffentlicht am": "published_on"},
}
ZIP_START = b"PK\x03\x04"
MAX_ROWS = 100_000
BROKEN = (  # what openpyxl lets through of a damaged workbook
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError, etree.XMLSyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, OSError, EOFError, NotImplementedError),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one known sheet as text; ``rows`` carry their number in the file."""

    name: str
    rows: tuple[tuple[int, Mapping[str, str | None]], ...]


def read(content: bytes, filename: str) -> list[Sheet]:
    """Known sheets of a CSV, a workbook or what ``as_json`` left. Raises PayloadError."""
    catalogue.assert_readable(content)
    if content.startswith(ZIP_START):
        return _workbook(content)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _kept(content)
    return [_text(content, filename)]


def as_json(sheets: Iterable[Sheet]) -> bytes:
    """Known columns of known sheets, the same bytes for the same cells."""
    kept = {s.name: [[number, dict(row)] for number, row in s.rows] for s in sheets}
    return catalogue.scrubbed(json.dumps({"sheets": kept}, ensure_ascii=False)).encode()


def has_only_known_columns(content: bytes) -> bool:
    """Whether a CSV can be kept as it came."""
    head = next(iter(_lines(content)), (0, []))[1]
    return all(_known(cell) in {c for cs in COLUMNS.values() for c in cs} for cell in head)


def _text(content: bytes, filename: str) -> Sheet:
    lines = _lines(content)
    if not lines:
        raise PayloadError("the file is empty")
    head = [_known(cell) for cell in lines[0][1]]
    stem = _known(PurePosixPath(filename).stem)
    name = stem if stem in COLUMNS else _best(head)
    return _sheet(name, head, lines[1:])


def _lines(content: bytes) -> list[tuple[int, Sequence[Any]]]:
    """Filled lines with their numbers; the header tells comma from semicolon."""
    text = tabular.decode(content).replace("\r\n", "\n").replace("\r", "\n")
    head = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(text.split("\n"), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader if any(c.strip() for c in row)]
    except csv.Error as error:
        raise PayloadError(f"no CSV: {error}") from error


def _best(head: Sequence[str]) -> str:
    """The sheet with most of these columns. Raises PayloadError if none fits."""
    fits = {name: len(set(head) & set(columns)) for name, columns in COLUMNS.items()}
    name = max(fits, key=lambda n: fits[n] / len(COLUMNS[n]))
    if fits[name] < 2:  # noqa: PLR2004 - ``measure`` alone says nothing
        raise PayloadError(f"no known sheet; its columns are: {', '.join(map(str, head))[:200]}")
    return name


def _workbook(content: bytes) -> list[Sheet]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        cells = {
            s.title: list(s.iter_rows(values_only=True, max_row=MAX_ROWS)) for s in book.worksheets
        }
    except BROKEN as error:
        raise PayloadError(f"the workbook cannot be opened: {error}") from error
    found = []
    for title, rows in cells.items():
        if _known(title) not in COLUMNS:
            continue
        filled = [
            (n, r) for n, r in enumerate(rows, start=1) if any(c not in (None, "") for c in r)
        ]
        if filled:
            head = [_known(c) for c in filled[0][1]]
            found.append(_sheet(_known(title), head, filled[1:]))
    if not found:
        names = ", ".join(cells) or "none"
        raise PayloadError(f"no known sheet ({', '.join(COLUMNS)}); found: {names}")
    return found


def _sheet(name: str, head: Sequence[str], lines: Iterable[tuple[int, Sequence[Any]]]) -> Sheet:
    """Known columns of the lines. Raises PayloadError naming the sheet and what it lacks."""
    required = [c for c in COLUMNS[name] if c not in OPTIONAL]
    if name == "decisions":
        required.remove("measure")  # a decision may concern the whole programme
    missing = [c for c in required if c not in head]
    if missing:
        found = ", ".join(c for c in head if c)[:200]
        raise PayloadError(f"sheet {name}: column {', '.join(missing)} is missing; found: {found}")
    places = {c: head.index(c) if c in head else len(head) for c in COLUMNS[name]}
    rows = (
        (
            number,
            {
                c: _cell(line[i]) if i < min(len(line), len(head)) else None
                for c, i in places.items()
            },
        )
        for number, line in lines
    )
    return Sheet(name, tuple(rows))


def _kept(content: bytes) -> list[Sheet]:
    """What ``as_json`` has left of a file."""
    answer = catalogue.json_answer(content)
    kept = answer.get("sheets") if isinstance(answer, dict) else None
    if not isinstance(kept, dict) or not kept.keys() <= COLUMNS.keys():
        raise PayloadError("JSON without the sheets of the programme")
    try:
        return [
            Sheet(
                name,
                tuple((int(n), {c: _cell(row.get(c)) for c in COLUMNS[name]}) for n, row in rows),
            )
            for name, rows in kept.items()
        ]
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise PayloadError(f"JSON with broken rows: {error}") from error


def _known(cell: Any) -> str:
    """Name of a column or sheet: lower case, German names in English."""
    text = re.sub(r"[\s_]+", " ", str(cell or "").strip().lower())
    return GERMAN.get(text, text.replace(" ", "_"))


def _cell(value: Any) -> str | None:
    """A cell as text; dates and times of a workbook in ISO form."""
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if value.time().isoformat() == "00:00:00"
            else value.isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return catalogue.text(value)
    return repr(round(value, 6))
