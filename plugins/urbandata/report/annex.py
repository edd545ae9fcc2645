"""Data quality, method, open questions, and the annexes: definitions, sources, evidence."""

from __future__ import annotations

from urbandata.report import numbers, tables
from urbandata.report.chapters import assessment, sentence
from urbandata.report.evidence import Writer, evidence_of, unit_of
from urbandata.report.facts import Kpi, Row
from urbandata.report.model import Block, Cell, Inline, Items, Line, Paragraph, Section, Table, Text
from urbandata.report.words import german_only, or_raw

STATE_STYLE = {"ok": "good", "failing": "bad", "late": "bad"}
STEPS = 8


def quality(writer: Writer) -> Section:
    """What was checked for this build, and how each source stands."""
    say = writer.say
    checks = {name: int(n or 0) for name, n in writer.facts.checks.items()}
    head = ("source", "state", "newest", "rows", "quarantined", "held", "gaps")
    table = Table(
        "table-quality", say("quality.table"), tuple(say(f"quality.{h}") for h in head),
        tuple(_source_row(writer, s) for s in writer.facts.sources),
        (24, 14, 15, 11, 14, 12, 10), numeric=(3, 4, 5, 6),
    )  # fmt: skip
    lead = Paragraph(sentence(writer, "quality.lead", checks))
    blocks = (lead, table, *assessment(writer, "quality"))
    return Section("quality", say("chapter.quality"), 1, blocks)


def _source_row(writer: Writer, source: Row) -> tuple[Cell, ...]:
    state = str(source["state"])
    key = f"source|{source['source']}"
    counted: list[Cell] = [((writer.count(f"{key}|{c}", source[c]),),)
                           for c in ("rows", "quarantined", "held_or_refused", "gaps")]  # fmt: skip
    return (
        ((Text(str(source[f"title_{writer.lang}"])),),),
        ((Text(or_raw(writer.say, "state_of", state), STATE_STYLE.get(state, "quiet")),),),
        ((Text(numbers.instant(source["last_success_at"], writer.lang), "small"),),),
        *counted,
    )


def method(writer: Writer) -> Section:
    """How the numbers come about."""
    steps = tuple(
        (Text(writer.say(f"method.{n}", build=writer.facts.build_id)),) for n in range(1, STEPS + 1)
    )
    blocks = (Items(steps, numbered=True), *assessment(writer, "method"))
    return Section("method", writer.say("chapter.method"), 1, blocks)


def questions(writer: Writer) -> Section:
    """What is open: KPIs without data, unchecked definitions and licences."""
    say, kpis = writer.say, writer.facts.kpis
    missing = [k for k in kpis if k.is_missing]
    without = [k for k in kpis if not k.is_missing and not tables.has_value(writer, k)]
    unsure = [k for k in kpis if k.row["sureness"] != "verified"]
    unlicensed = [s for s in writer.facts.sources if not s["licence_verified"]]
    blocks: list[Block] = []
    if not missing:
        blocks.append(Paragraph((Text(say("questions.missing_none")),)))
    for key, found in (("missing", missing), ("novalue", without)):
        listed = tables.gaps(writer, found)
        if listed is not None:
            blocks += [_heading(say(f"questions.{key}")), listed]
    if unsure:
        lines = tuple(
            (Text(say("questions.unverified_line", name=k.text("name", writer.lang), code=k.code,
                      sureness=say(f"sureness.{k.row['sureness']}"))),)
            for k in unsure)  # fmt: skip
        blocks += [_heading(say("questions.unverified")), Items(lines)]
    if unlicensed:
        named = tuple((Text(str(s[f"title_{writer.lang}"])),) for s in unlicensed)
        blocks += [_heading(say("questions.licences")), Items(named)]
    blocks += assessment(writer, "questions")
    return Section("questions", say("chapter.questions"), 1, tuple(blocks))


def _heading(text: str) -> Paragraph:
    return Paragraph((Text(text),), "subheading")


def definitions(writer: Writer) -> Section:
    """Every KPI of the catalogue with all that defines it."""
    parts = tuple(
        Section(f"def-{k.code}", f"{k.code} {k.text('name', writer.lang)}", 2, _defined(writer, k))
        for k in writer.facts.kpis
    )
    return Section("annex-definitions", writer.say("chapter.definitions"), 1, (), parts)


def _defined(writer: Writer, kpi: Kpi) -> tuple[Block, ...]:
    say, lang, row = writer.say, writer.lang, kpi.row
    lines: list[tuple[str, str]] = [
        ("formula", kpi.text("formula", lang)),
        ("question", kpi.text("decision", lang)),
        ("sources", "" if kpi.is_missing else writer.sources_of(kpi.code)),
        ("missing", kpi.text("missing", lang)),
    ]
    found: list[Block] = [
        Paragraph((Text(say(f"def.{name}"), "strong"), Text(text))) for name, text in lines if text
    ]
    found.insert(2, Paragraph(_target(writer, kpi)))
    facts = {
        "unit": row["unit"] and (unit_of(writer, kpi) or say("count")),  # a bare count is named
        "grain": german_only(row["grain"] or "", lang), "population": kpi.text("population", lang),
        "standard": row["standard"], "evidence": evidence_of(kpi), "office": row["office"],
    }  # fmt: skip
    named = [say(f"def.{n}", **{n: v}) for n, v in facts.items() if v]
    named += [
        say(f"def.{n}", **{n: or_raw(say, n, str(row[n]))})
        for n in ("direction", "level", "sureness")
        if row[n]
    ]
    return (*found, Paragraph((Text(" · ".join(named)),), "note"))


def _target(writer: Writer, kpi: Kpi) -> Line:
    say, row = writer.say, kpi.row
    label = Text(say("def.target"), "strong")
    if row["target_value"] is None:
        return (label, Text(say("def.target_none")))
    amount: list[Inline] = [*tables.target(writer, kpi)]
    unit = unit_of(writer, kpi)
    after = f"{numbers.SPACE}{unit}" if unit else ""
    source = kpi.text("target_source", writer.lang)
    return (label, *amount, Text(f"{after} ({source})"))


def sources(writer: Writer) -> Section:
    """All sources with producer and licence."""
    say = writer.say
    head = ("name", "used", "credit", "licence")
    titles = {m["measure"]: str(m[f"title_{writer.lang}"]) for m in writer.facts.measures}
    table = Table(
        "table-sources", say("source.table"), tuple(say(f"source.{h}") for h in head),
        tuple(_licence_row(writer, s, titles) for s in writer.facts.sources), (30, 24, 28, 18),
    )  # fmt: skip
    return Section("annex-sources", say("chapter.sources"), 1, (table,))


def _licence_row(writer: Writer, source: Row, titles: dict[str, str]) -> tuple[Cell, ...]:
    stated = str(source["licence_id"] or "")
    if stated in {"", "notspecified", "unknown"}:
        stated = writer.say("source.none_stated")
    licence = or_raw(writer.say, "licence", stated)
    if not source["licence_verified"]:
        licence = f"{licence} ({writer.say('source.unverified')})"
    credit = str(source["attribution"]).removeprefix("Quelle: ")
    measure = titles.get(str(source["measure"]), str(source["measure"]))
    return (
        ((Text(str(source[f"title_{writer.lang}"]), "strong"),),),
        ((Text(measure, "small"),),),
        ((Text(credit, "small"),),),
        ((Text(licence, "small"),),),
    )


def evidence(writer: Writer) -> Section:
    """Where the notes stand; renderers draw them."""
    lead = Paragraph((Text(writer.say("note.lead")),))
    return Section("annex-notes", writer.say("chapter.notes"), 1, (lead,))
