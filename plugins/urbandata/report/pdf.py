"""The edition as tagged PDF (PDF/UA-1) with bookmarks; Typst draws it, the wheel brings it along."""

from __future__ import annotations

import json
import tempfile
from datetime import datetime
from pathlib import Path

from urbandata.errors import UrbandataError
from urbandata.report import charts
from urbandata.report.model import Document, Figure, blocks, plain

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"


def render(document: Document) -> bytes:
    """The file, the same bytes for the same document. Raises UrbandataError naming the reason."""
    import typst

    with tempfile.TemporaryDirectory(prefix="urbandata-report-") as folder:
        root = Path(folder)
        (root / "report.typ").write_bytes(TEMPLATE.read_bytes())
        (root / "document.json").write_text(
            json.dumps(plain(document), ensure_ascii=False), encoding="utf-8"
        )
        for figure in (b for b in blocks(document) if isinstance(b, Figure)):
            (root / f"{figure.id}.svg").write_text(
                charts.svg(figure, document.lang), encoding="utf-8"
            )
        try:
            made = typst.compile(
                str(root / "report.typ"),
                root=str(root),
                format="pdf",
                font_paths=[str(charts.FONTS)],
                ignore_system_fonts=True,
                pdf_standards=["ua-1"],
                timestamp=int(datetime.fromisoformat(document.created).timestamp()),
            )
        except typst.TypstError as error:
            raise UrbandataError(f"PDF of edition {document.edition}: {error.message}") from error
    if not isinstance(made, bytes):
        raise UrbandataError(f"PDF of edition {document.edition}: Typst gave no bytes")
    return made
