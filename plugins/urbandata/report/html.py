"""The edition as one HTML file that needs nothing else: inline SVG, inline style, no script."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from urbandata.report import charts
from urbandata.report.model import Document, Figure, Table, blocks, walk

TEMPLATES = Path(__file__).parent / "templates"


def render(document: Document) -> bytes:
    """The file, the same bytes for the same document."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["kind"] = lambda item: type(item).__name__
    environment.globals["svg"] = partial(_svg, lang=document.lang)
    template = environment.get_template("report.html.j2")
    return template.render(
        d=document, toc=[s for s in walk(document.sections) if s.level == 1 or _is_part(s.id)],
        numbers=_captions(document),
    ).encode()  # fmt: skip


def _is_part(section: str) -> bool:
    return not section.startswith("def-")


def _svg(figure: Figure, lang: str) -> Any:
    from markupsafe import Markup

    drawn = charts.svg(figure, lang)
    return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704 - our own chart


def _captions(document: Document) -> dict[str, int]:
    """Numbers of tables and figures, counted apart, in reading order."""
    found: dict[str, int] = {}
    for kind in (Table, Figure):
        members = [b for b in blocks(document) if isinstance(b, kind)]
        found |= {b.id: n for n, b in enumerate(members, 1) if isinstance(b, Table | Figure)}
    return found
