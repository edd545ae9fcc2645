"""Editors' Markdown as blocks of the document; figures in double braces come from the build.

``{{M5.5a}}`` becomes the KPI's value with unit and evidence, as long as the edition is not frozen
always the one of the build. HTML in the text is shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from urbandata.report import numbers
from urbandata.report.evidence import Writer, unit_of
from urbandata.report.model import Block, Inline, Items, Line, Link, Paragraph, Text

FIGURE = re.compile(r"\{\{\s*([A-Z]+\d+\.\d+[a-z]?)\s*\}\}")
_PARSER = MarkdownIt("commonmark", {"html": False})


def blocks(text: str, writer: Writer) -> tuple[Block, ...]:
    """The text as paragraphs, headings and lists."""
    return tuple(_blocks(_PARSER.parse(text), writer))


def _blocks(tokens: list[Token], writer: Writer) -> Iterator[Block]:
    style, at = "body", 0
    while at < len(tokens):
        token = tokens[at]
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            end = _end(tokens, at)
            items = tuple(
                _line(t.children or [], writer) for t in tokens[at:end] if t.type == "inline"
            )
            yield Items(items, numbered=token.type.startswith("ordered"))
            at = end
        elif token.type == "inline":
            yield Paragraph(_line(token.children or [], writer), style)
        elif token.type in {"fence", "code_block"}:
            yield Paragraph((Text(token.content.rstrip()),), "quote")
        elif token.type in {"heading_open", "blockquote_open"}:
            style = "subheading" if token.type == "heading_open" else "quote"
        elif token.type in {"heading_close", "blockquote_close"}:
            style = "body"
        at += 1


def _end(tokens: list[Token], start: int) -> int:
    """Position of the token that closes what opens at ``start``."""
    close, level = tokens[start].type.replace("_open", "_close"), tokens[start].level
    return next(i for i, t in enumerate(tokens[start:], start)
                if t.type == close and t.level == level)  # fmt: skip


def _line(children: list[Token], writer: Writer) -> Line:
    found: list[Inline] = []
    style, href = "", ""
    for token in children:
        if token.type in {"strong_open", "em_open"}:
            style = token.type.removesuffix("_open")
        elif token.type in {"strong_close", "em_close"}:
            style = ""
        elif token.type == "link_open":
            href = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            href = ""
        elif token.type in {"softbreak", "hardbreak"}:
            found.append(Text(" "))
        elif href:
            found.append(Link(href, token.content))
        elif token.content:
            found += _with_figures(token.content, style, writer)
    return tuple(found)


def _with_figures(text: str, style: str, writer: Writer) -> Iterator[Inline]:
    rest = 0
    for match in FIGURE.finditer(text):
        if match.start() > rest:
            yield Text(text[rest : match.start()], style)
        yield from figure(match[1], writer)
        rest = match.end()
    if text[rest:]:
        yield Text(text[rest:], style)


def figure(code: str, writer: Writer) -> Iterator[Inline]:
    """Value, unit and evidence of a KPI; what is not there says so."""
    found = writer.facts.of(code)
    if not found or found[0].row["value"] is None:
        yield Text(f"[{code}: {writer.say('kpi.no_value').removeprefix('○ ')}]", "quiet")
        return
    yield writer.value(found[0])
    unit = unit_of(writer, found[0].kpi)
    if unit:
        yield Text(f"{numbers.SPACE}{unit}")
    yield writer.ref(found[0])
