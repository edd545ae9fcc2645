"""Joins a build's facts and the editors' texts into one document; same in, same out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard

from urbandata.report import annex, changes, chapters, numbers, sheets, topics
from urbandata.report.evidence import Writer
from urbandata.report.facts import Facts
from urbandata.report.model import (
    Block,
    Document,
    Figure,
    Inline,
    Items,
    Line,
    Link,
    Number,
    Paragraph,
    Section,
    Table,
    Text,
    walk,
)
from urbandata.report.words import speaker

RENDERER_WORDS = ("toc", "table", "figure", "page", "back", "note")


@dataclass(frozen=True, slots=True)
class Previous:
    """The edition this one is compared with; ``texts`` is None if it had none in this language."""

    edition: str
    build_id: str
    numbers: tuple[Number, ...]
    texts: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the edition is, as its title page says."""

    edition: str
    state: str = "draft"
    approved_at: datetime | None = None
    approved_by: str = ""


def document(
    facts: Facts,
    texts: Mapping[str, str],
    standing: Standing,
    lang: str = "de",
    previous: Previous | None = None,
) -> Document:
    """The whole edition in one language. ``texts`` are the editors' words by subject."""
    before = {changes.place(n): n for n in previous.numbers} if previous else {}
    say = speaker(lang)
    writer = Writer(facts, lang, say, texts, before, previous is not None)
    body = [
        chapters.summary(writer),
        _changes(writer, previous),
        chapters.fields(writer),
        chapters.measures(writer),
        topics.cleema(writer),
        topics.funding(writer),
        annex.quality(writer),
        annex.method(writer),
        annex.questions(writer),
        annex.definitions(writer),
        annex.sources(writer),
        annex.evidence(writer),
    ]
    noted = {n.key: n.number for n in writer.notes}
    figures = tuple(replace(changes.number_of(r), note=noted.get(r.key, 0)) for r in facts.readings)
    return Document(
        edition=standing.edition,
        lang=lang,
        title=say("title"),
        subtitle=say("subtitle", edition=standing.edition, period=facts.period.label(lang)),
        banner=say(f"banner.{facts.origin}"),
        state=say(f"state.{standing.state}"),
        standing=_standing(lang, standing),
        facts=_title_page(writer, previous),
        created=facts.published_at.isoformat(),
        sections=linked(numbered(body)),
        notes=tuple(writer.notes),
        numbers=figures,
        sheets=sheets.all_of(writer, figures, standing.edition),
        is_demo=facts.origin == "demo",
        words={w: _raw(lang, w) for w in RENDERER_WORDS},
    )


def _raw(lang: str, word: str) -> str:
    """A word whose placeholders the renderer fills."""
    return speaker(lang)(word, page="{page}", pages="{pages}")


def with_standing(frozen: Document, standing: Standing) -> Document:
    """The same document further on its way; nothing of its content changes."""
    state = speaker(frozen.lang)(f"state.{standing.state}")
    return replace(frozen, state=state, standing=_standing(frozen.lang, standing))


def _standing(lang: str, standing: Standing) -> tuple[tuple[str, str], ...]:
    say = speaker(lang)
    lines = [(say("fact.state"), say(f"state.{standing.state}"))]
    if standing.approved_at:
        at = numbers.instant(standing.approved_at, lang)
        who = say("fact.approved_by", at=at, who=standing.approved_by)
        lines.append((say("fact.approved"), who))
    return tuple(lines)


def _title_page(writer: Writer, previous: Previous | None) -> tuple[tuple[str, str], ...]:
    say, facts, lang = writer.say, writer.facts, writer.lang
    lines = [
        (say("fact.origin"), say(f"origin.{facts.origin}")),
        (say("fact.period"), facts.period.label(lang)),
        (say("fact.build"), facts.build_id),
        (say("fact.published"), numbers.instant(facts.published_at, lang)),
    ]
    compared = (
        say("fact.previous_is", edition=previous.edition, build=previous.build_id)
        if previous
        else say("fact.previous_none")
    )
    return (*lines, (say("fact.previous"), compared))


def _changes(writer: Writer, previous: Previous | None) -> Section:
    """The list of what has changed, numbers and texts."""
    title = writer.say("chapter.changes")
    if previous is None:
        blocks = (Paragraph((Text(writer.say("change.first")),)),)
        return Section("changes", title, 1, blocks)
    return Section("changes", title, 1, chapters.changed(
        writer, previous.edition, _changed_texts(writer.texts, previous.texts)))  # fmt: skip


def _changed_texts(now: Mapping[str, str], before: Mapping[str, str] | None) -> list[str]:
    if before is None:
        return []
    return sorted(s for s in now.keys() | before.keys() if now.get(s, "") != before.get(s, ""))


def numbered(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Numbers before the titles of chapters and their parts; annexes have letters already."""
    plain = [s for s in sections if not s.id.startswith("annex-")]
    lettered = [s for s in sections if s.id.startswith("annex-")]
    return (*_numbered(plain, ""), *lettered)


def linked(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Links to places the document does not have as plain text: Typst draws nothing for one."""
    places = {s.id for s in walk(sections)}
    places |= {b.id for s in walk(sections) for b in s.blocks if isinstance(b, Table | Figure)}
    return tuple(_linked(s, places) for s in sections)


def _linked(section: Section, places: Set[str]) -> Section:
    return replace(
        section,
        blocks=tuple(_linked_block(b, places) for b in section.blocks),
        children=tuple(_linked(c, places) for c in section.children),
    )


def _linked_block(block: Block, places: Set[str]) -> Block:
    """Editors write paragraphs and lists; tables and figures hold links of the report alone."""
    if isinstance(block, Paragraph):
        return replace(block, line=_linked_line(block.line, places))
    if isinstance(block, Items):
        return replace(block, items=tuple(_linked_line(i, places) for i in block.items))
    return block


def _linked_line(line: Line, places: Set[str]) -> Line:
    return tuple(Text(i.text) if _leads_nowhere(i, places) else i for i in line)


def _leads_nowhere(item: Inline, places: Set[str]) -> TypeGuard[Link]:
    return isinstance(item, Link) and item.target[:1] == "#" and item.target[1:] not in places


def _numbered(sections: Iterable[Section], prefix: str) -> tuple[Section, ...]:
    return tuple(
        replace(s, title=f"{prefix}{n} {s.title}", children=_numbered(s.children, f"{prefix}{n}."))
        for n, s in enumerate(sections, 1)
    )
