"""All figures of the edition as XLSX: exact values, one sheet per subject, plain headers."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from urbandata.report.model import Document, Sheet

WIDEST = 60


def render(document: Document) -> bytes:
    """The file, the same bytes for the same document."""
    import openpyxl

    from urbandata.report.archive import packed

    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in document.sheets:
        _sheet(book.create_sheet(sheet.name[:31]), sheet, document.banner)
    at = datetime.fromisoformat(document.created).replace(tzinfo=None, microsecond=0)
    book.properties.creator = "Datenplattform Dresden"
    book.properties.title = document.title
    book.properties.created = at
    out = io.BytesIO()
    book.save(out)
    return packed(_unmodified(out.getvalue(), at))


def _sheet(page: Any, sheet: Sheet, banner: str) -> None:
    from openpyxl.styles import Font

    page.append(list(sheet.head))
    for row in sheet.rows:
        page.append([_cell(v) for v in row])
    for cell in page[1]:
        cell.font = Font(bold=True)
    page.freeze_panes = "A2"
    for column in page.columns:
        longest = max(len(str(c.value)) for c in column if c.value is not None) if any(
            c.value is not None for c in column) else 8  # fmt: skip
        page.column_dimensions[column[0].column_letter].width = min(longest + 2, WIDEST)
    if banner:
        page.oddHeader.center.text = banner


def _cell(value: Any) -> Any:
    """Text that begins like a formula stays text."""
    if isinstance(value, str) and value[:1] in {"=", "+", "@"}:
        return f"'{value}"
    return value


def _unmodified(content: bytes, at: datetime) -> bytes:
    """openpyxl writes the time of saving; the build's stands instead."""
    import re
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}".encode()
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            new.writestr(name, data)
    return out.getvalue()
