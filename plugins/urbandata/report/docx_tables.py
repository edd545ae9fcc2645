"""Tables of the DOCX file: repeated heading rows, rows that stay whole, light rules."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm

from urbandata.report.docx_parts import element
from urbandata.report.docx_styles import LINE
from urbandata.report.model import Table


def add(file: Any, block: Table, width_mm: int) -> Any:
    """A table with its heading row; the body's cells are empty."""
    table = file.add_table(rows=len(block.rows) + 1, cols=len(block.head))
    table.autofit = False
    _rules(table)
    total = sum(block.widths)
    widths = [Mm(width_mm * share / total) for share in block.widths]
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = width
    for n, row in enumerate(table._tbl.tr_lst):
        properties = row.get_or_add_trPr()
        properties.append(element("cantSplit"))
        if n == 0:
            properties.append(element("tblHeader"))
        for cell, width in zip(row.tc_lst, widths, strict=True):
            cell.width = width
    for n, cell in enumerate(table.rows[0].cells):
        paragraph = cell.paragraphs[0]
        paragraph.text, paragraph.style = block.head[n], file.styles["Tabellenkopf"]
        align(paragraph, is_number=n in block.numeric)
    return table


def align(paragraph: Any, *, is_number: bool) -> None:
    """Numbers stand right."""
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _rules(table: Any) -> None:
    """A line under every row; no frame, as the dashboards' tables."""
    properties = table._tbl.tblPr
    borders = element("tblBorders")
    for edge in ("top", "bottom", "insideH"):
        borders.append(element(edge, val="single", sz="4", space="0", color=LINE))
    properties.append(borders)
    margins = element("tblCellMar")
    for edge, width in (("top", "40"), ("left", "40"), ("bottom", "40"), ("right", "60")):
        margins.append(element(edge, w=width, type="dxa"))
    properties.append(margins)
    look = properties.find(qn("w:tblLook"))
    if look is not None:  # the schema wants it last
        properties.remove(look)
        properties.append(look)
