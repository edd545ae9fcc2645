"""The portal's sheets and the only values their cells may have.

The portal has no documented interface; an office exports what it sees there or fills in the
template. People's names and words have no column, and a cell that holds anything but an
identifier, a number, a date or one of the words below is removed before it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from urbandata.reading.sheets import Book, Sheet

UNFIT = "[unfit]"
BOROUGHS = (
    *("Altstadt", "Neustadt", "Pieschen", "Klotzsche", "Loschwitz", "Blasewitz", "Leuben"),
    *("Prohlis", "Plauen", "Cotta", "Gesamtstadt"),
)
WORDS: Mapping[str, tuple[str, ...]] = {
    "mode": (
        *("Dialog", "formelles Verfahren", "Umfrage", "Veranstaltung", "Ereignismelder"),
        "Wettbewerb",
    ),
    "state": ("geplant", "laufend", "in Auswertung", "beendet", "abgebrochen"),
    "decision": ("offen", "übernommen", "teilweise übernommen", "nicht übernommen", "unzuständig"),
    "age_group": (
        *("unter 18", "18 bis 29", "30 bis 44", "45 bis 64", "65 und älter", "unbekannt"),
    ),
    "borough": (*BOROUGHS, "unbekannt"),
}
IDENTIFIER = re.compile(r"[A-Za-z]{0,12}[-_/]?\d{1,12}([-_/.]\d{1,8})?")
# Wide enough for a slip of the finger to reach the parser, which names the cell.
PLAIN = re.compile(r"[\d.,:/ €%+-]{1,30}|\d{4}-\d\d-\d\d(T[\d:.]{5,15})?")
IDENTIFIERS = {"procedure_id", "contribution_id"}
BOOK = Book(
    columns={
        "procedures": ("procedure_id", "mode", "state", "begins_on", "ends_on", "borough",
                       "participants", "organisations"),
        "contributions": ("contribution_id", "procedure_id", "received_on", "answered_on",
                          "decision", "borough", "supports", "comments"),
        "participants": ("procedure_id", "age_group", "borough", "people"),
    },
    optional=frozenset(
        f"{sheet}.{column}"
        for sheet, columns in {
            "procedures": ("borough", "participants", "organisations"),
            "contributions": ("answered_on", "decision", "borough", "supports", "comments"),
        }.items()
        for column in columns
    ),
    german={
        **{"verfahren": "procedure_id", "art": "mode", "stand": "state", "beginn": "begins_on"},
        **{"ende": "ends_on", "stadtbezirk": "borough", "teilnehmende": "participants"},
        **{"organisationen": "organisations", "beitrag": "contribution_id"},
        **{"eingegangen am": "received_on", "beantwortet am": "answered_on"},
        **{"entscheidung": "decision", "unterstützungen": "supports", "kommentare": "comments"},
        **{"altersgruppe": "age_group", "personen": "people"},
        **{"liste der verfahren": "procedures", "beiträge": "contributions"},
        **{"liste der beiträge": "contributions", "gruppen": "participants"},
    },
)  # fmt: skip


def cleaned(sheet: Sheet) -> Sheet:
    """The sheet with a marker in place of every value its column does not allow."""
    rows = (
        (number, {column: _fitting(column, value) for column, value in row.items()})
        for number, row in sheet.rows
    )
    return Sheet(sheet.name, tuple(rows))


def _fitting(column: str, value: str | None) -> str | None:
    if value is None:
        return None
    if column in WORDS:
        known = {w.casefold(): w for w in WORDS[column]}
        return known.get(" ".join(value.split()).casefold(), UNFIT)
    shape = IDENTIFIER if column in IDENTIFIERS else PLAIN
    return value if shape.fullmatch(value) else UNFIT


def allowed(column: str) -> str:
    """What a column may hold, for whoever has to mend the sheet."""
    if column in WORDS:
        return f"one of: {', '.join(WORDS[column])}"
    return "an identifier such as V-2025-17" if column in IDENTIFIERS else "a number or a date"
