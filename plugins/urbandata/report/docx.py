"""The edition as an editable DOCX: real styles, contents, captions, vector charts."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from urbandata.report import archive, charts
from urbandata.report.model import (
    Block,
    Document,
    Figure,
    Inline,
    Items,
    Line,
    Link,
    Paragraph,
    Ref,
    Section,
    Table,
    Text,
    Value,
    walk,
)

WIDTH_MM = 170
MARGIN_MM = 20
TOC_LEVELS = 2


def render(document: Document) -> bytes:
    """The file, the same bytes for the same document."""
    drawing = _Drawing(document)
    drawing.front()
    for section in document.sections:
        drawing.section(section)
    out = io.BytesIO()
    drawing.file.save(out)
    return archive.packed(out.getvalue())


@dataclass(slots=True)
class _Drawing:
    """A file being drawn, and the counters that make its ids unique."""

    document: Document
    file: Any = field(init=False)
    ids: int = 0
    seen: set[int] = field(default_factory=set)
    captions: dict[str, int] = field(default_factory=dict)
    style_ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import docx
        from docx.shared import Mm

        from urbandata.report import docx_styles

        self.file = docx.Document()
        docx_styles.apply(self.file, self.document.lang)
        self.style_ids = {s.name: s.style_id for s in self.file.styles}
        page = self.file.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.left_margin = page.right_margin = Mm(MARGIN_MM)
        page.top_margin, page.bottom_margin = Mm(25), Mm(22)
        self._properties()
        self._header_and_footer(page)

    def paragraph(self, style: str, into: Any = None) -> Any:
        """A new paragraph in a style; python-docx searches all styles for every one."""
        made = (into or self.file).add_paragraph()
        made._p.style = self.style_ids[style]
        return made

    def next_id(self) -> int:
        """A number no other id of the file has."""
        self.ids += 1
        return self.ids

    def _properties(self) -> None:
        core, d = self.file.core_properties, self.document
        core.title, core.subject, core.author = d.title, d.subtitle, "Datenplattform Dresden"
        core.last_modified_by, core.comments = core.author, d.banner
        core.keywords, core.revision, core.language = d.state, 1, d.lang
        at = datetime.fromisoformat(d.created).replace(tzinfo=None, microsecond=0)
        core.created = core.modified = at

    def _header_and_footer(self, page: Any) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm

        from urbandata.report.docx_parts import field as add_field

        d = self.document
        if d.banner:
            head = page.header.paragraphs[0]
            head.text, head.style = f"▲ {d.banner}", self.file.styles["Demodaten"]
            head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        foot = page.footer.paragraphs[0]
        foot.paragraph_format.tab_stops.clear_all()
        foot.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH_MM), 2)
        before, _, rest = d.words["page"].partition("{page}")
        between, _, after = rest.partition("{pages}")
        foot.add_run(f"{d.subtitle} · {d.state}\t{before}")
        add_field(foot._p, "PAGE", "1")
        foot.add_run(between)
        add_field(foot._p, "NUMPAGES", "1")
        foot.add_run(after)

    def front(self) -> None:
        """Title, the facts of the edition, and the table of contents."""
        d = self.document
        self.paragraph("Title").add_run(d.title)
        self.paragraph("Subtitle").add_run(d.subtitle)
        for name, text in (*d.standing, *d.facts):
            paragraph = self.paragraph("Verzeichnis")
            paragraph.add_run(f"{name}: ", "Leise")
            paragraph.add_run(text)
        self.paragraph("Zwischentitel").add_run(d.words["toc"])
        self._contents()
        self.file.add_page_break()

    def _contents(self) -> None:
        """A field Word fills with page numbers; until then the entries are links."""
        from docx.shared import Mm

        from urbandata.report import docx_parts as parts

        listed = [s for s in walk(self.document.sections)
                  if s.level <= TOC_LEVELS and not s.id.startswith("def-")]  # fmt: skip
        for n, section in enumerate(listed):
            paragraph = self.paragraph("Verzeichnis")
            paragraph.paragraph_format.left_indent = Mm(6 * (section.level - 1))
            if n == 0:
                self._field_edges(paragraph, "begin")
            paragraph._p.append(parts.internal_link(section.id, section.title))
            if n == len(listed) - 1:
                self._field_edges(paragraph, "end")

    def _field_edges(self, paragraph: Any, edge: str) -> None:
        from docx.oxml import OxmlElement

        from urbandata.report.docx_parts import element

        kinds = ("begin", "instruction", "separate") if edge == "begin" else ("end",)
        for kind in kinds:
            run = OxmlElement("w:r")
            if kind == "instruction":
                words = OxmlElement("w:instrText")
                words.text = r' TOC \h \z \t "Heading 1;1;Heading 2;2" '
                run.append(words)
            else:
                run.append(element("fldChar", fldCharType=kind))
            paragraph._p.append(run)

    def section(self, section: Section) -> None:
        """Heading, blocks, parts, and under the last annex the notes."""
        from urbandata.report import docx_parts as parts

        level = section.level if not section.id.startswith("def-") else 3
        heading = self.file.add_heading(section.title, level)
        parts.bookmark(heading, section.id, self.next_id())
        for block in section.blocks:
            self.block(block)
        for child in section.children:
            self.section(child)
        if section.id == "annex-notes":
            self._notes()

    def _notes(self) -> None:
        from docx.shared import Mm

        from urbandata.report import docx_parts as parts

        for note in self.document.notes:
            paragraph = self.paragraph("Nachweis")
            paragraph.paragraph_format.left_indent = Mm(9)
            paragraph.paragraph_format.first_line_indent = Mm(-9)
            parts.bookmark(paragraph, f"note-{note.number}", self.next_id())
            paragraph._p.append(parts.internal_link(f"ref-{note.number}", f"[{note.number}]"))
            paragraph.add_run(" ")
            self.line(paragraph, note.line)

    def block(self, block: Block) -> None:
        """One block in its style."""
        from urbandata.report import docx_parts, docx_styles

        if isinstance(block, Paragraph):
            paragraph = self.paragraph(docx_styles.PARAGRAPH[block.style])
            self.line(paragraph, block.line)
        elif isinstance(block, Items):
            style = "List Number" if block.numbered else "List Bullet"
            number = docx_parts.restarted(self.file, style) if block.numbered else ""
            for item in block.items:
                paragraph = self.paragraph(style)
                if number:
                    paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = int(
                        number
                    )
                self.line(paragraph, item)
        elif isinstance(block, Table):
            self._table(block)
        else:
            self._figure(block)

    def _caption(self, kind: str, block: Table | Figure) -> Any:
        from urbandata.report import docx_parts as parts

        self.captions[kind] = self.captions.get(kind, 0) + 1
        paragraph = self.paragraph("Caption")
        parts.bookmark(paragraph, block.id, self.next_id())
        word = self.document.words[kind]
        paragraph.add_run(f"{word} ")
        parts.field(paragraph._p, f"SEQ {word} \\* ARABIC", str(self.captions[kind]))
        paragraph.add_run(f": {block.caption}")
        return paragraph

    def _table(self, block: Table) -> None:
        from urbandata.report import docx_tables

        self._caption("table", block).paragraph_format.keep_with_next = True
        table = docx_tables.add(self.file, block, WIDTH_MM)
        for row, cells in zip(list(table.rows)[1:], block.rows, strict=True):
            for n, (cell, lines) in enumerate(zip(row.cells, cells, strict=True)):
                for m, line in enumerate(lines):
                    paragraph = cell.paragraphs[0] if m == 0 else cell.add_paragraph()
                    paragraph._p.style = self.style_ids["Tabellentext"]
                    docx_tables.align(paragraph, is_number=n in block.numeric)
                    self.line(paragraph, line)
        self.paragraph("Tabellentext")

    def _figure(self, block: Figure) -> None:
        from docx.shared import Mm

        from urbandata.report import docx_parts as parts

        paragraph = self.file.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        png = io.BytesIO(charts.png(block, self.document.lang))
        shape = paragraph.add_run().add_picture(png, width=Mm(WIDTH_MM))
        svg = charts.svg(block, self.document.lang)
        parts.picture(shape._inline, self.file.part, svg, self.next_id(), block.alt)
        self._caption("figure", block).paragraph_format.keep_with_next = True
        self.line(self.paragraph("Anmerkung"), block.line)

    def line(self, paragraph: Any, items: Line) -> None:
        """The inlines of a line."""
        for item in items:
            self._inline(paragraph, item)

    def _inline(self, paragraph: Any, item: Inline) -> None:
        from urbandata.report import docx_parts as parts
        from urbandata.report.docx_styles import NAMES

        if isinstance(item, Text):
            paragraph._p.append(parts.run(item.text, NAMES[item.style]))
        elif isinstance(item, Value):
            number = self.next_id()
            paragraph._p.append(parts.control(item.key, item.text, number, NAMES[item.style]))
        elif isinstance(item, Ref):
            if item.note not in self.seen:
                self.seen.add(item.note)
                parts.bookmark(paragraph, f"ref-{item.note}", self.next_id())
            mark = f"[{item.note}]"
            paragraph._p.append(parts.internal_link(f"note-{item.note}", mark, "Nachweiszeichen"))
        elif isinstance(item, Link) and item.target.startswith("#"):
            paragraph._p.append(parts.internal_link(item.target[1:], item.text))
        else:
            paragraph._p.append(parts.external_link(self.file.part, item.target, item.text))
