"""Writes a document in every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from urbandata.report import docx, html, pdf, xlsx
from urbandata.report.model import Document
from urbandata.storage import write_atomically

RENDERERS: dict[str, Callable[[Document], bytes]] = {
    "docx": docx.render,
    "pdf": pdf.render,
    "html": html.render,
    "xlsx": xlsx.render,
}


def write(document: Document, folder: Path) -> list[Path]:
    """``fortschreibung_<lang>.<format>`` for every format."""
    written = []
    for kind, render in RENDERERS.items():
        path = folder / f"fortschreibung_{document.lang}.{kind}"
        write_atomically(path, render(document))
        written.append(path)
    return written
