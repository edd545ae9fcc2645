"""The edition as tagged PDF (PDF/UA-1) with bookmarks, drawn by Typst."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import datetime
from pathlib import Path

from urbandata.errors import UrbandataError
from urbandata.report import charts
from urbandata.report.model import Document, Figure, blocks, plain

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
BOX = "\N{WHITE SQUARE}"  # stands in the PDF for what editors typed and no font has, such as emoji
MOST_UNKNOWN = 40
_UNKNOWN = re.compile(r'the text `"(.+?)"` could not be displayed')


def render(document: Document) -> bytes:
    """The file, the same bytes for the same document. Raises UrbandataError naming the reason."""
    words = json.dumps(plain(document), ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="urbandata-report-") as folder:
        root = Path(folder)
        (root / "report.typ").write_bytes(TEMPLATE.read_bytes())
        for figure in (b for b in blocks(document) if isinstance(b, Figure)):
            (root / f"{figure.id}.svg").write_text(
                charts.svg(figure, document.lang), encoding="utf-8"
            )
        for _ in range(MOST_UNKNOWN):
            (root / "document.json").write_text(words, encoding="utf-8")
            made = _compiled(root, document)
            if isinstance(made, bytes):
                return made
            words = words.replace(made, BOX)
    raise UrbandataError(
        f"PDF of edition {document.edition}: more than {MOST_UNKNOWN} characters no font has"
    )


def _compiled(root: Path, document: Document) -> bytes | str:
    """The PDF, or a character that no font has: PDF/UA forbids what cannot be shown."""
    import typst

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
        unknown = _UNKNOWN.search(error.message)
        if unknown is None:
            raise UrbandataError(f"PDF of edition {document.edition}: {error.message}") from error
        return unknown[1]
    if not isinstance(made, bytes):
        raise UrbandataError(f"PDF of edition {document.edition}: Typst gave no bytes")
    return made
