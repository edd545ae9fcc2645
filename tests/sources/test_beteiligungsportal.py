"""Export of the participation portal: allowed cells only, errors with their place, the demo."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOW

from urbandata import inbox, registry
from urbandata.contract import Payload
from urbandata.demo.participation import contributions, participants
from urbandata.errors import PayloadError
from urbandata.reading import sheets
from urbandata.settings import PROJECT_ROOT
from urbandata.sources.beteiligungsportal import demo, fetch
from urbandata.sources.beteiligungsportal.parse import parse
from urbandata.sources.beteiligungsportal.words import BOOK, UNFIT

SOURCE = registry.source("beteiligungsportal")
TEMPLATES = PROJECT_ROOT / "docs/templates/participation"
HEAD = "Beitrag;Verfahren;eingegangen am;beantwortet am;Entscheidung;Stadtbezirk;Name\r\n"


@pytest.fixture
def read(make_payload):
    def run(content, name="export.csv"):
        kept = fetch.strip(content, name, "")
        return parse(make_payload(kept, filename=name), SOURCE)

    return run


def test_german_headings_dates_and_words(read):
    line = "B-1;V-2025-17;03.03.2025;2025-04-01;Teilweise  übernommen;Prohlis;Erika\r\n"
    (row,) = read((HEAD + line).encode("cp1252")).tables["contributions"].to_pylist()
    assert (row["received_on"], row["answered_on"]) == (date(2025, 3, 3), date(2025, 4, 1))
    assert (row["decision"], row["borough"]) == ("teilweise übernommen", "Prohlis")
    assert row["supports"] is None


def test_what_may_name_somebody_is_removed_and_the_cell_is_named(read):
    lines = [
        "B-1;V-1;03.03.2025;;Frau Muster will das nicht;Prohlis;",
        "Erika Muster;V-1;03.03.2025;;offen;Prohlis;",
        "B-3;V-1;gestern;;offen;Prohlis;",
        "B-4;V-1;31.02.2025;;offen;Prohlis;",
        "B-5;V-1;03.03.2025;;offen;;Erika Muster",
    ]
    content = (HEAD + "\r\n".join(lines)).encode()
    assert b"Muster" not in fetch.strip(content, "export.csv", "")
    parsed = read(content)
    assert [r["contribution_id"] for r in parsed.tables["contributions"].to_pylist()] == ["B-5"]
    reasons = [r.reason for r in parsed.rejects]
    assert [r.row for r in parsed.rejects] == [2, 3, 4, 5]
    assert reasons[0].startswith("sheet contributions, row 2, column decision: not stored")
    assert "teilweise übernommen" in reasons[0]
    assert "an identifier such as" in reasons[1]
    assert "column received_on" in reasons[2]
    assert "is not a date" in reasons[3]


def test_thousands_are_read_in_full_or_asked_for(read):
    head = "procedure_id;age_group;borough;people\n"
    body = "".join(f"V-1;unbekannt;Cotta;{n}\n" for n in ("1.234.567", "1.200,00", "1.200", "1,5"))
    parsed = read((head + body).encode())
    assert parsed.tables["participants"].column("people").to_pylist() == [1234567, 1200]
    assert "ambiguous" in parsed.rejects[0].reason
    assert [r.row for r in parsed.rejects] == [4, 5]


def test_a_workbook_with_all_sheets(read):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, columns in BOOK.columns.items():
        book.create_sheet(name).append(columns)
    book["procedures"].append(
        ["V-1", "Dialog", "laufend", date(2025, 3, 1), date(2025, 4, 1), "Gesamtstadt", 12, None]
    )
    book["participants"].append(["V-1", "18 bis 29", "Cotta", 7])
    content = io.BytesIO()
    book.save(content)
    parsed = read(content.getvalue(), "beteiligung.xlsx")
    assert parsed.rejects == ()
    assert {n: t.num_rows for n, t in parsed.tables.items()} == {
        "procedures": 1,
        "contributions": 0,
        "participants": 1,
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"a;b\n1;2", "no known sheet"),
        (b"procedure_id;mode\nV-1;Dialog", "column state, begins_on, ends_on is missing"),
        ((HEAD.strip() + ";Beitrag\n1;V-1;;;;;;2").encode(), "same name: contribution_id"),
        (b"PK\x03\x04nothing", "workbook"),
    ],
)
def test_other_files_are_refused_with_what_is_missing(read, content, reason):
    with pytest.raises(PayloadError, match=reason):
        read(content)


def test_templates_fit(read, check):
    files = sorted(TEMPLATES.glob("*.csv"))
    assert [f.stem for f in files] == sorted(BOOK.columns)
    for file in files:
        content = file.read_bytes()
        assert inbox.owner(file, content, TEMPLATES, registry.sources()) == "beteiligungsportal"
        parsed = read(content, file.name)
        assert parsed.rejects == ()
        assert parsed.tables[file.stem].num_rows == 1
        assert not check("beteiligungsportal", parsed).quarantined
    assert {n: tuple(t.columns) for n, t in SOURCE.tables.items()} == BOOK.columns


def test_round_trip_adds_up(ask, world, check):
    payloads = ask("beteiligungsportal")
    found = {p.resource: parse(p, SOURCE) for p in payloads}
    assert not any(p.rejects for p in found.values())
    assert not any(check("beteiligungsportal", p).quarantined for p in found.values())
    procedures = found["procedures.csv"].tables["procedures"].to_pylist()
    assert len(procedures) == len(demo.on_portal(world)) > 20
    given_in = found["contributions.csv"].tables["contributions"].to_pylist()
    assert len(given_in) == contributions(world, "portal").number.size
    assert {r["procedure_id"] for r in given_in} <= {p["procedure_id"] for p in procedures}
    assert {r["decision"] for r in given_in} >= {"offen", "übernommen", "nicht übernommen"}
    people = found["participants.csv"].tables["participants"].to_pylist()
    expected = sum(int(participants(world, p).sum()) for p in demo.on_portal(world))
    assert sum(r["people"] for r in people) == sum(p["participants"] for p in procedures)
    assert sum(r["people"] for r in people) == expected


CELLS = st.sampled_from([*BOOK.columns["contributions"], "V-1", "offen", "03.03.2025", UNFIT, ""])
LINES = st.lists(st.lists(CELLS | st.text(max_size=8), max_size=9).map(";".join), max_size=6)


@given(
    st.binary()
    | LINES.map("\n".join).map(str.encode)
    | LINES.map(lambda x: (HEAD + "\n".join(x)).encode())
)
def test_any_bytes_give_rows_or_a_named_error(content):
    for body in (content, fetch.strip(content, "export.csv", "")):
        try:
            parsed = parse(Payload(body, "export.csv", "csv", NOW, "real"), SOURCE)
        except PayloadError as error:
            assert str(error)
        else:
            assert parsed.count == sum(len(s.rows) for s in sheets.read(body, "export.csv", BOOK))
            json.dumps([r.reason for r in parsed.rejects])
