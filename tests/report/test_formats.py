"""What the files are made of: styles, contents, captions, tags, alternative texts, fixed bytes."""

from __future__ import annotations

import io
import re
import time
import zipfile

import duckdb
import pytest
from lxml import html as lxml_html

from tests.report import build
from tests.report.conftest import compose_document
from urbandata.report import charts, compose, docx, facts, html, model, output, pdf, periods
from urbandata.report.model import Figure, Table, blocks

STANDING = compose.Standing("2026-11-20-1")
BANNER = "Demodaten – erfunden, nicht für Entscheidungen"
NOTHING_FROM_ELSEWHERE = re.compile(
    rb"""(?:src|href)=["'](?!#|https://www\.|mailto:)[^"']|@import|url\((?!#)"""
)


def test_same_document_same_bytes(document):
    """Also a second later, and from what was frozen."""
    first = {kind: render(document) for kind, render in output.RENDERERS.items()}
    time.sleep(2.1)  # ZIP archives know steps of two seconds
    charts._drawn.cache_clear()
    charts._painted.cache_clear()
    frozen = model.loads(model.dumps(document))
    assert frozen == document
    for kind, render in output.RENDERERS.items():
        assert render(frozen) == first[kind], kind


def test_same_build_same_document(settings, document):
    assert model.dumps(compose_document(settings)) == model.dumps(document)


def test_html_is_one_file_that_asks_for_nothing(document):
    content = html.render(document)
    assert not NOTHING_FROM_ELSEWHERE.search(content)
    assert b"<script" not in content.lower()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content.decode()
    page = lxml_html.fromstring(content)
    assert page.get("lang") == "de"
    assert len(page.findall(".//figure//svg")) == sum(
        isinstance(b, Figure) for b in blocks(document)
    )
    targets = [
        [t.text_content() for t in svg.iter("text") if t.text_content().startswith("Zielwert")]
        for svg in page.findall(".//figure//svg")
    ]
    assert max(map(len, targets)) == 1, "a label drawn twice looks bold and blurred"
    for chart in page.find_class("chart"):
        assert len(chart.get("aria-label")) > 40
    ids = [e.get("id") for e in page.iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(ids) == len(set(ids))
    for table in page.iter("table"):
        assert table.find("caption").text_content()
        assert all(th.get("scope") == "col" for th in table.findall(".//thead//th"))
        widths = {len(row) for row in table.findall(".//tr")}
        assert len(widths) == 1, "a broken table"


def test_docx_has_styles_contents_captions_and_words_for_pictures(document):
    import docx as python_docx

    content = docx.render(document)
    file = python_docx.Document(io.BytesIO(content))
    styles = {p.style.name for p in file.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Caption", "List Number", "Nachweis"} <= styles
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert "TOC \\h \\z" in xml
    assert xml.count("SEQ Tabelle") == sum(isinstance(b, Table) for b in blocks(document))
    assert xml.count("SEQ Abbildung") == sum(isinstance(b, Figure) for b in blocks(document))
    assert len(re.findall(r'<wp:docPr[^>]* descr="[^"]{40,}"', xml)) == xml.count("<wp:docPr")
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert sum(n.endswith(".svg") for n in names) == xml.count("<wp:docPr")
    assert 1 <= sum(n.endswith(".png") for n in names) <= xml.count("<wp:docPr")  # equal ones once
    assert BANNER in file.sections[0].header.paragraphs[0].text
    assert BANNER in file.core_properties.comments
    for table, drawn in zip((b for b in blocks(document) if isinstance(b, Table)), file.tables,
                            strict=True):  # fmt: skip
        assert len(drawn.rows) == len(table.rows) + 1


def test_numbered_lists_begin_at_one(settings):
    import docx as python_docx

    file = python_docx.Document(io.BytesIO(docx.render(compose_document(settings))))
    used = [p._p.pPr.numPr.numId.val for p in file.paragraphs if p.style.name == "List Number"]
    assert len(set(used)) == 2  # the summary's list and the method's


def test_pdf_is_tagged_has_bookmarks_and_says_demo_on_every_page(document):
    import pypdf

    file = pypdf.PdfReader(io.BytesIO(pdf.render(document)))
    root = file.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("de")
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    assert file.metadata.title == document.title
    flat = [o.title for o in _flat(file.outline)]
    assert "1 Zusammenfassung" in flat
    assert "Anhang C: Nachweise" in flat
    assert len(file.pages) >= 8
    for page in file.pages:
        assert "Demodaten" in page.extract_text()
    text = "".join(p.extract_text() for p in file.pages)
    assert "Repräsentativität" in text
    assert "Umlaute äöüß" in text
    assert "□" in text  # for the emoji no font has
    fonts = {f for p in file.pages for f in _fonts(p)}
    assert fonts
    assert all(re.match(r"/[A-Z]{6}\+", f) for f in fonts), "a font is not embedded"


def _flat(outline):
    for entry in outline:
        yield from _flat(entry) if isinstance(entry, list) else [entry]


def _fonts(page):
    found = page["/Resources"].get("/Font", {})
    return [f.get_object()["/BaseFont"] for f in found.values()]


def test_gaps_are_shown_as_gaps(document):
    text = lxml_html.fromstring(html.render(document)).text_content()
    for words in ("○ Daten fehlen", "Simulation des Zwillings", "○ noch kein Wert",
                  "○ nicht auswertbar", "kein Zielwert beschlossen",
                  "Zu diesem Teil liegt noch keine Einschätzung vor."):  # fmt: skip
        assert words in text
    assert "[M9.9: noch kein Wert]" in text


def test_every_kpi_of_the_catalogue_is_shown_and_defined(document, settings):
    tables = {b.id: b for b in blocks(document) if isinstance(b, Table)}
    body = [t for name, t in tables.items() if name not in {"table-headline", "table-topic-cleema"}]
    shown = str(body)
    defined = {s.id for s in model.walk(document.sections)}
    for kpi in build.CATALOGUE:
        assert kpi["code"] in shown
        assert f"def-{kpi['code']}" in defined


def test_another_language_is_whole(settings):
    document = compose_document(settings, "en")
    assert document.title == "Update of Dresden's smart-city strategy"
    content = html.render(document).decode()
    assert "Demo data – invented, not for decisions" in content
    assert 'lang="en"' in content
    for german in ("Kennzahl<", "Zielwert", "Datenstand", "steigend"):
        assert german not in content


@pytest.mark.parametrize(("lang", "shown"), [
    ("de", "Einheit Anzahl · Auflösung: Jahr × Stadt · Bezugsgröße: Messnetz des DWD · "),
    ("en", "unit count · resolution: Jahr × Stadt (in German only) · "
           "related to: Messnetz des DWD (in German only) · "),
])  # fmt: skip
def test_definitions_speak_the_readers_language(settings, lang, shown):
    definition = text_of(compose_document(settings, lang), "def-M5.1a")
    assert shown in definition
    assert ("Formel von M5.1a (in German only)" in definition) is (lang == "en")


@pytest.mark.parametrize(("lang", "shown"), [
    ("de", "Ziel: ≤\N{NO-BREAK SPACE}18 (Grenzwert)"),
    ("en", "Target: ≤\N{NO-BREAK SPACE}18 (Limit)"),
])  # fmt: skip
def test_the_target_of_a_count_has_no_unit(own, lang, shown):
    with duckdb.connect(str(own.serving_dir / f"{build.BUILD}.duckdb")) as con:
        con.execute(
            "UPDATE marts.kpi_catalogue SET direction = 'down', target_value = 18, "
            "target_source_de = 'Grenzwert', target_source_en = 'Limit' WHERE code = 'M5.1a'"
        )
    assert shown in text_of(compose_document(own, lang), "def-M5.1a")


def text_of(document, section: str) -> str:
    """The words of a section as readers see them."""
    return lxml_html.fromstring(html.render(document)).get_element_by_id(section).text_content()


def test_an_editors_link_that_leads_nowhere_is_plain_text_in_every_format(settings):
    import docx as python_docx
    import pypdf

    text = "[Umwelt](#measure-environment), [Tabelle](#table-headline), [siehe](#tippfehler)"
    texts = {"summary": f"{text}\n\n- Punkt [leer](#) und [Größe](#größe)"}
    made = compose.document(facts.read(settings, periods.parse("")), texts, STANDING)
    summary = made.sections[0]
    links = [i.target for b in summary.blocks if isinstance(b, model.Paragraph) for i in b.line
             if isinstance(i, model.Link)]  # fmt: skip
    assert links == ["#measure-environment", "#table-headline"]

    page = lxml_html.fromstring(html.render(made)).get_element_by_id("summary")
    hrefs = [a.get("href") for a in page.iter("a") if a.get("class") != "ref"]
    assert hrefs == links
    word = python_docx.Document(io.BytesIO(docx.render(made))).element.body.xpath("string(.)")
    pages = pypdf.PdfReader(io.BytesIO(pdf.render(made))).pages
    printed = "".join(p.extract_text() for p in pages)
    for shown in (page.text_content(), word, printed):
        assert "Umwelt, Tabelle, siehe" in shown
        assert "Punkt leer und Größe" in shown


def test_a_past_period_is_not_judged(settings):
    document = compose_document(settings, period="2024")
    numbers = {n.kpi_code: n for n in document.numbers}
    assert numbers["M5.5a"].period_start == "2024-01-01"
    assert numbers["M5.5a"].value == 30.0
    assert "im Rückblick nicht bewertet" in html.render(document).decode()


def test_look_is_the_dashboards():
    """The report's chart theme and the pages' are one picture."""
    import theme as pages
    from urbandata.report import theme

    for name in ("INK", "QUIET", "GRID", "PAPER", "STAMP", "ALARM", "SERIES", "NUMBER_LOCALE"):
        assert getattr(theme, name) == getattr(pages, name), name
    same = ("labelFontSize", "titleFontSize", "labelColor", "gridColor")
    ours, theirs = theme.config()["axis"], pages.config("de")["axis"]
    assert {k: ours[k] for k in same} == {k: theirs[k] for k in same}


@pytest.mark.parametrize(
    ("value", "de", "en", "evidence"),
    [(1234.5, "1.234", "1,234", "A"), (24.64, "24,6", "24.6", "A"), (0.8766, "0,877", "0.877", "A"),
     (0.7, "0,7", "0.7", "A"), (-3.5, "−3,5", "−3.5", "A"), (123456.7, "120.000", "120,000", "D"),
     (0.1234, "0,12", "0.12", "D"), (0.0, "0", "0", "A"), (None, "–", "–", "A"),
     (16307692.31, "16.307.692", "16,307,692", "A")],
)  # fmt: skip
def test_numbers_as_people_write_them(value, de, en, evidence):
    from urbandata.report import numbers

    assert numbers.number(value, "de", evidence) == de
    assert numbers.number(value, "en", evidence) == en
