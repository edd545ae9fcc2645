"""Sheets of the programme: spellings, errors with their place, nothing personal, the demo."""

from __future__ import annotations

import io
import json
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import NOW

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.reading import sheets
from urbandata.settings import PROJECT_ROOT
from urbandata.sources.programme_drop import fetch
from urbandata.sources.programme_drop.parse import parse
from urbandata.sources.programme_drop.sheets import BOOK, COLUMNS

SOURCE = registry.source("programme_drop")
SPENDING = "measure;month;planned_eur;spent_eur;funded_share_pct\n"
TEMPLATES = PROJECT_ROOT / "docs/templates/programme"


def book(**tables):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    workbook.properties.creator = "Erika Muster"
    for title, rows in tables.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def rows(parsed, table):
    return parsed.tables[table].to_pylist()


@pytest.fixture
def read(make_payload):
    def run(content, name="sheet.csv"):
        kept = fetch.strip(content, name, "")
        return parse(make_payload(kept, resource=f"inbox/{name}", filename=name), SOURCE)

    return run


def test_a_sheet_as_german_spreadsheets_write_it(read, check):
    content = f"\ufeff{SPENDING}open_data;01.2025;12.345,67;9.999;65\ncleema;2025-02;100;-50,5 €;\n"
    parsed = read(content.replace("9.999", "9.999,00").encode())
    first, second = rows(parsed, "spending")
    assert (first["month"], first["planned_eur"], first["spent_eur"]) == (
        date(2025, 1, 1),
        12345.67,
        9999.0,
    )
    assert (second["month"], second["planned_eur"], second["spent_eur"]) == (
        date(2025, 2, 1),
        100.0,
        -50.5,
    )
    assert (first["_row"], second["_row"]) == (2, 3)
    assert not check("programme_drop", parsed).quarantined


def test_german_heads_and_english_dates(read):
    content = "Maßnahme,Meilenstein,geplant am,erreicht am\nopen_data,Konzept,2025-03-31,1.4.2025\n"
    (row,) = rows(read(content.encode()), "milestones")
    assert (row["planned_on"], row["done_on"]) == (date(2025, 3, 31), date(2025, 4, 1))
    content = "Vorlage;beschlossen am;Titel\nV2076/23;15.06.2023;Smart City\n"
    (row,) = rows(read(content.encode("cp1252")), "decisions")
    assert (row["paper_number"], row["decided_on"], row["measure"]) == (
        "V2076/23",
        date(2023, 6, 15),
        None,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_what_spreadsheets_save_is_recognised_and_read(read, tmp_path, encoding):
    milestones = "MASSNAHME;Meilenstein;geplant am\ncleema;Übergabe;1.4.2025\n"
    operation = (
        "Maßnahme\tVorlage\tbeschlossen am\tbeginnt am\tEUR je Jahr\tBemerkung\n"
        "cleema\tV1/25\t1.4.2025\t1.1.2026\t1.000,00\tE. Muster, e.muster@x.de\n"
    )
    for text, table in ((milestones, "milestones"), (operation, "operation")):
        content = text.encode(encoding)
        owner = inbox.owner(tmp_path / "a.csv", content, tmp_path, registry.sources())
        assert owner == "programme_drop"
        assert read(content, "a.csv").tables[table].num_rows == 1
        assert b"uster" not in fetch.strip(content, "a.csv", "").replace(b"\0", b"")


def test_wrong_cells_are_named_by_sheet_row_and_column(read):
    content = (
        f"{SPENDING}open_data;01.2025;viel;1;65\n\n"
        "open_data;13.2025;1;1.234;65\nopen_data;03.2025;1;1;65\n"
    )
    parsed = read(content.encode())
    assert [r.row for r in parsed.rejects] == [2, 4]
    assert parsed.rejects[0].reason.startswith('sheet spending, row 2, column planned_eur: "viel"')
    assert "month" in parsed.rejects[1].reason
    assert "ambiguous, write 1234 or 1.234,00" in parsed.rejects[1].reason
    assert [r["_row"] for r in rows(parsed, "spending")] == [5]


def test_a_workbook_with_several_sheets(read):
    content = book(
        Hinweise=[["Fragen an Erika Muster"]],
        Meilensteine=[["Maßnahme", "Meilenstein", "geplant am", "erreicht am", "Ansprechperson"],
                      ["traffic", "Konzept", datetime(2025, 3, 31, tzinfo=None), None  # noqa: DTZ001
, "Erika Muster"]],
        spending=[[], ["measure", "month", "planned_eur", "spent_eur", "funded_share_pct"],
                  ["traffic", date(2025, 1, 1), 1234.56, 0.1 + 0.2, 65], [None] * 5],
    )  # fmt: skip
    parsed = read(content, "programm.xlsx")
    assert set(parsed.tables) == {"milestones", "spending"}
    (milestone,), (month,) = rows(parsed, "milestones"), rows(parsed, "spending")
    assert (milestone["planned_on"], milestone["done_on"]) == (date(2025, 3, 31), None)
    assert (month["planned_eur"], month["spent_eur"], month["_row"]) == (1234.56, 0.3, 3)
    assert parsed.rejects == ()


def test_nothing_personal_survives_and_the_same_cells_give_the_same_bytes():
    tables = {
        "offices": [
            ["measure", "office", "valid_from", "Name"],
            ["cleema", "Amt", "2025-01-01", "Muster"],
        ]
    }
    kept = fetch.strip(book(**tables), "a.xlsx", "")
    assert kept == fetch.strip(book(**tables), "a.xlsx", "") == fetch.strip(kept, "a.xlsx", "")
    csv_with_name = b"measure,office,valid_from,contact\ncleema,Amt,2025-01-01,Erika Muster\n"
    for content in (
        kept,
        fetch.strip(csv_with_name, "a.csv", ""),
        fetch.strip(b"Erika Muster", "b.csv", ""),
    ):
        assert b"Muster" not in content
    plain = b"measure,office,valid_from\ncleema,Amt,2025-01-01\n"
    assert fetch.strip(plain, "offices.csv", "") == plain
    with_mail = plain.replace(b"Amt", b"Amt a.muster@dresden.de")
    assert b"muster" not in fetch.strip(with_mail, "offices.csv", "")


@pytest.mark.parametrize(
    ("content", "name", "hint"),
    [
        (b"", "a.csv", "empty"),
        (b"a;b\n1;2\n", "a.csv", "no known sheet; its columns are: a, b"),
        (b"measure;milestone\nx;y\n", "a.csv", "sheet milestones: column planned_on is missing"),
        (
            b"measure;month\nx;y\n",
            "spending.csv",
            "sheet spending: column planned_eur, spent_eur is missing",
        ),
        (b'measure;milestone;planned_on\nx;"y;1.1.2025\nz;y;1.1.2025\n', "a.csv", "not closed"),
        (b"PK\x03\x04broken", "a.xlsx", "cannot be opened"),
        (book(Tabelle1=[["a"]]), "a.xlsx", "found: Tabelle1"),
        (b'{"sheets": {"spending": [["x", 1]]}}', "a.json", "broken rows"),
        (b"{}", "a.json", "without the sheets"),
    ],
)
def test_useless_files_say_why(read, make_payload, content, name, hint):
    with pytest.raises(PayloadError, match=hint):
        read(content, name)
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content, filename=name), SOURCE)


def test_templates_are_recognised_and_read(read, check):
    files = sorted(TEMPLATES.glob("*.csv"))
    assert [f.stem for f in files] == sorted(COLUMNS)
    for file in files:
        content = file.read_bytes()
        assert inbox.owner(file, content, TEMPLATES, registry.sources()) == "programme_drop"
        parsed = read(content, file.name)
        assert list(parsed.tables) == [file.stem]
        assert (parsed.count, parsed.rejects) == (1, ())
        assert not check("programme_drop", parsed).quarantined


def test_tables_and_sheets_have_the_same_columns():
    assert {n: tuple(t.columns) for n, t in SOURCE.tables.items()} == COLUMNS


def test_round_trip_through_the_demo(ask, check):
    payloads = ask("programme_drop")
    assert [p.resource for p in payloads] == [f"{n}.csv" for n in COLUMNS]
    found = {}
    for payload in payloads:
        parsed = parse(payload, SOURCE)
        assert parsed.rejects == ()
        result = check("programme_drop", parsed)
        assert (result.held, result.quarantined) == ("", [])
        found |= {n: t.to_pylist() for n, t in parsed.tables.items()}
    assert len(found["spending"]) == 9 * 42
    known = [r for r in found["spending"] if r["spent_eur"] is not None]
    assert max(r["month"] for r in known) == date(2025, 8, 1)
    planned = sum(r["planned_eur"] for r in found["spending"] if r["month"] <= date(2025, 8, 1))
    assert 0.6 * planned < sum(r["spent_eur"] for r in known) < planned
    assert max(r["done_on"] for r in found["milestones"] if r["done_on"]) <= NOW.date()
    assert any(r["done_on"] is None for r in found["milestones"])
    assert all(r["decided_on"] <= NOW.date() for r in found["decisions"])
    assert len(found["offices"]) == 9
    assert all(r["decided_on"] <= NOW.date() for r in found["operation"])
    assert {r["measure"] for r in found["components"]} == {r["measure"] for r in found["offices"]}


def test_the_plan_of_the_demo_is_the_cost_of_the_phase_to_the_cent(ask):
    """And no milestone is planned after the phase has ended."""
    spending, milestones = (
        parse(p, SOURCE).tables[n].to_pylist()
        for n in ("spending", "milestones")
        for p in ask("programme_drop")
        if p.resource == f"{n}.csv"
    )
    assert round(sum(r["planned_eur"] for r in spending), 2) == 16_307_692.31
    assert max(r["planned_on"] for r in milestones) <= date(2026, 12, 31)
    done = [r for r in milestones if r["done_on"]]
    in_time = sum(r["done_on"] <= r["planned_on"] for r in done) / len(done)
    assert 0.25 < in_time < 0.75


def test_requests_do_not_mind_missing_sheets():
    asked = list(fetch.requests(Window(NOW, NOW), SOURCE))
    assert len(asked) == len(BOOK.columns)
    assert all(r.missing_ok for r in asked)


json_values = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=6),
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(st.sampled_from(["measure", "month", "spent_eur"]), below)
    ),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=120)
    | st.text(max_size=80).map(lambda t: (SPENDING + t).encode("utf-8", "replace"))
    | st.lists(json_values).map(lambda v: json.dumps({"sheets": {"spending": v}}).encode())
    | st.binary(max_size=60).map(lambda b: sheets.ZIP_START + b)
)
def test_any_bytes_give_tables_or_a_named_error(content):
    for variant in (content, fetch.strip(content, "spending.csv", "k")):
        try:
            parsed = parse(Payload(variant, "spending.csv", "csv", NOW, "real"), SOURCE)
        except PayloadError:
            continue
        for name, table in parsed.tables.items():
            seen = [
                r
                for s in sheets.read(variant, "spending.csv", BOOK)
                if s.name == name
                for r in s.rows
            ]
            rejected = sum(r.table == name for r in parsed.rejects)
            assert table.num_rows + rejected == len(seen)
