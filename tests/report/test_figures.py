"""Every number a reader sees equals the value of the mart, and every mart value is shown."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import duckdb
import pytest
from lxml import etree
from lxml import html as lxml_html

from tests.dashboards import records
from tests.report import build
from tests.report.conftest import compose_document
from urbandata import warehouse
from urbandata.report import docx, facts, html, periods, xlsx
from urbandata.report.compose import Previous
from urbandata.report.model import Number

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
READING = ("kpi_code", "origin", "period_kind", "period_start", "area_kind", "area_id")
IN_STATUS = {"value_before", "target"}
BEFORE = Number(
    "M5.5a|demo|year|2024-01-01|city|dresden", "M5.5a", "NO2", "environment", "hf2", "µg/m³",
    "year", "2024-01-01", "city", "dresden", "Dresden", 31.0, None, None, 3, 98.0, "", None, "",
    40.0, "", "demo", "A",
)  # fmt: skip


def in_html(document) -> Iterator[tuple[str, str]]:
    for found in lxml_html.fromstring(html.render(document)).iter("data"):
        yield found.get("data-key"), found.text_content()


def in_docx(document) -> Iterator[tuple[str, str]]:
    import docx as python_docx

    file = python_docx.Document(io.BytesIO(docx.render(document)))
    for control in file.element.body.iter(f"{W}sdt"):
        key = control.find(f"{W}sdtPr/{W}tag").get(f"{W}val")
        yield key, "".join(t.text for t in control.iter(f"{W}t"))


def parsed(text: str, lang: str) -> tuple[float, float]:
    """The number as written, and half of its last digit."""
    plain = text.replace("−", "-")
    plain = plain.replace(".", "").replace(",", ".") if lang == "de" else plain.replace(",", "")
    decimals = len(plain.partition(".")[2])
    return float(plain), 0.5 * 10**-decimals


def mart_value(con: duckdb.DuckDBPyConnection, key: str) -> float:
    """What the build says, asked anew by the key alone."""
    kind, *rest = key.split("|")
    if kind == "count":
        return COUNTS[rest[0]]
    if kind == "catalogue":
        return one(con, f"SELECT {rest[1]} FROM marts.kpi_catalogue WHERE code = ?", rest[:1])
    if kind == "source":
        sql = f"SELECT coalesce(max({rest[1]}), 0) FROM ops.source_status WHERE source = ?"
        return one(con, sql, rest[:1])
    if kind == "previous":
        return BEFORE.value
    column = rest[-1]
    table = "kpi_status" if column in IN_STATUS else "kpi_values"
    where = " AND ".join(f"{c}::VARCHAR = ?" for c in READING)
    return one(con, f"SELECT {column} FROM marts.{table} WHERE {where}", [kind, *rest[:-1]])


def one(con, sql, parameters) -> float:
    ((found,),) = con.execute(sql, parameters).fetchall()
    return float(found)


# Counted by hand from CATALOGUE, VALUES and STATUS of the small build.
COUNTS = {
    "kpis": 9, "valued": 6, "gaps": 3, "missing": 1, "met": 1, "missed": 1, "targets": 2,
    "untargeted": 7, "better": 2, "worse": 0, "models": 126, "tests": 480, "failed": 0, "warned": 2,
    "door_checks": 3, "door_failed": 1, "quarantined": 1, "changed": 6,
}  # fmt: skip


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("read", [in_html, in_docx])
@pytest.mark.parametrize("with_previous", [False, True])
def test_every_number_is_the_marts(settings, data, lang, read, with_previous):
    before = Previous("2026-08-01-1", "b0", (BEFORE,), {}) if with_previous else None
    document = compose_document(settings, lang, before)
    shown = list(read(document))
    with duckdb.connect(str(data / "serving" / f"{build.BUILD}.duckdb"), read_only=True) as con:
        for key, text in shown:
            number, half = parsed(text, lang)
            exact = mart_value(con, key)
            if key.startswith("M2.3|") and not key.endswith(("|n", "|coverage_pct")):
                half = 0.5 * 10 ** (len(str(int(exact))) - 2)  # class D keeps two digits
            assert number == pytest.approx(exact, abs=half * 1.0001), (key, text, exact)
    keys = {key for key, _ in shown}
    for code, _, start, value, *_ in build.VALUES:
        is_newest = start >= max(s for c, _, s, v, *_, f in build.VALUES
                                 if c == code and "running" not in f)  # fmt: skip
        if value is not None and is_newest and not (code == "M5.5a" and start.year == 2026):
            assert any(k.startswith(f"{code}|") and k.endswith("|value") for k in keys), code


@pytest.mark.parametrize(("origin", "quarantined"), [("demo", 1), ("real", 3)])
def test_checks_are_those_of_the_editions_origin(own, origin, quarantined):
    """As the table under them, which is by origin too."""
    with duckdb.connect(str(own.serving_dir / f"{build.BUILD}.duckdb")) as con:
        records.fill(con, "real")
        con.execute(warehouse.SOURCE_STATUS.format(origin="real"))
    read = facts.read(own, periods.parse(""), origin=origin)
    found = read.checks
    assert (found["door_checks"], found["door_failed"], found["quarantined"]) == (3, 1, quarantined)
    assert sum(s["quarantined"] for s in read.sources) == quarantined


def test_no_number_stands_in_a_kpi_table_without_a_key(document):
    """Digits of a KPI table are in a value, in a code or period, or in a reference."""
    page = lxml_html.fromstring(html.render(document))
    for table in page.iter("table"):
        if table.get("id") in {"table-quality", "table-sources"}:
            continue
        for cell in table.iter("td"):
            for found in [*cell.iter("data"), *cell.iter("sup")]:
                found.drop_tree()
            rest = cell.text_content().replace("CO2e", "").replace("0–1", "").replace("m³", "")
            assert not re.search(r"\d", rest), (table.get("id"), rest)


def test_html_and_docx_show_the_same_numbers(document):
    assert sorted(in_html(document)) == sorted(in_docx(document))


def test_every_figure_leads_to_row_definition_and_source(document):
    page = lxml_html.fromstring(html.render(document))
    ids = {e.get("id") for e in page.iter() if e.get("id")}
    targets = [a.get("href") for a in page.iter("a") if a.get("href", "").startswith("#")]
    assert targets
    assert {t[1:] for t in targets} <= ids
    noted = {n.key for n in document.notes}
    assert {n.key for n in document.numbers} == noted
    for note in page.find_class("notes")[0].iter("li"):
        text = note.text_content()
        assert build.BUILD in text
        assert "Quelle:" in text
        assert any(a.get("href").startswith("#def-") for a in note.iter("a"))


def test_xlsx_holds_the_exact_values(document):
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(xlsx.render(document)))
    assert book.sheetnames == ["Über diese Datei", "Zahlen", "Zeitreihen", "Änderungen",
                               "Definitionen", "Quellen"]  # fmt: skip
    rows = list(book["Zahlen"].values)
    values = {r[0].split("|")[0]: r[rows[0].index("value")] for r in rows[1:]}
    assert values["M2.3"] == 123456.7
    assert values["M5.7a"] is None
    assert book["Zeitreihen"].max_row == len(build.VALUES) + 1
    assert "Demodaten" in str([c.value for c in book["Über diese Datei"]["B"]])
    assert all("Demodaten" in s.oddHeader.center.text for s in book)


def test_docx_is_valid_word(document):
    """What Word refuses: duplicate ids and links to places that do not exist."""
    import docx as python_docx

    body = python_docx.Document(io.BytesIO(docx.render(document))).element.body
    marks = [b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")]
    assert len(marks) == len(set(marks))
    numbers = [b.get(f"{W}id") for b in body.iter(f"{W}bookmarkStart")]
    numbers += [i.get(f"{W}val") for s in body.iter(f"{W}sdtPr") for i in s.iter(f"{W}id")]
    assert len(numbers) == len(set(numbers))
    anchors = {a.get(f"{W}anchor") for a in body.iter(f"{W}hyperlink")} - {None}
    assert anchors
    assert anchors <= set(marks)
    assert etree.tostring(body)
