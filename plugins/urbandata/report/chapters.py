"""The chapters that make up the body: summary, changes, action fields, measures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from urbandata.report import changes, charts, markdown, numbers, tables
from urbandata.report.evidence import Writer, value
from urbandata.report.facts import Kpi, Row
from urbandata.report.model import (
    Block,
    Cell,
    Inline,
    Line,
    Link,
    Number,
    Paragraph,
    Section,
    Table,
    Text,
)
from urbandata.report.words import or_raw

CHARTS_PER_PART = 2
SLOT = "\x00"


def summary(writer: Writer) -> Section:
    """What the numbers say as a whole, in counted sentences, and the headline KPIs."""
    say = writer.say
    blocks: list[Block] = []
    if writer.facts.origin == "demo":
        blocks.append(Paragraph((Text(say("demo.explain")),), "demo"))
    blocks += [Paragraph(line) for line in counted(writer)]
    headline = [k for k in writer.facts.kpis if k.row["is_headline"]]
    if headline:
        blocks.append(tables.kpi_table(writer, "headline", say("summary.headline"), headline))
    else:
        blocks.append(Paragraph((Text(say("summary.no_headline")),), "gap"))
    blocks += assessment(writer, "summary")
    return Section("summary", say("chapter.summary"), 1, tuple(blocks))


def counted(writer: Writer) -> list[Line]:
    """Sentences over the whole catalogue, every number counted from the build."""
    facts = writer.facts
    shown = [r for r in facts.readings if r.row["value"] is not None]
    valued = {r.kpi.code for r in shown}
    judged = [r for r in shown if r.row["area_kind"] == "city" or len(facts.of(r.kpi.code)) == 1]
    counts = {
        "kpis": len(facts.kpis),
        "valued": len(valued),
        "gaps": len(facts.kpis) - len(valued),
        "missing": sum(k.is_missing for k in facts.kpis),
        "met": sum(r.row["status"] == "im Zielbereich" for r in judged),
        "missed": sum(r.row["status"] == "Zielwert verfehlt" for r in judged),
        "targets": sum(r.row["target"] is not None for r in judged),
        "untargeted": sum(k.row["target_value"] is None for k in facts.kpis),
        "better": sum(r.row["is_improving"] is True for r in judged),
        "worse": sum(r.row["is_improving"] is False for r in judged),
    }
    return [sentence(writer, f"summary.{s}", counts) for s in ("counts", "targets", "trends")]


def sentence(writer: Writer, key: str, counts: dict[str, int], **words: str) -> Line:
    """A sentence whose numbers are values of their own."""
    marked = writer.say(key, **{name: f"{SLOT}{name}{SLOT}" for name in counts}, **words)
    parts: list[Inline] = []
    for n, part in enumerate(marked.split(SLOT)):
        if n % 2:
            parts.append(writer.count(f"count|{part}", counts[part]))
        elif part:
            parts.append(Text(part))
    return tuple(parts)


def assessment(writer: Writer, subject: str, kpi: Kpi | None = None) -> list[Block]:
    """What the editors wrote on a subject; for a KPI nothing is said where nothing is written."""
    text = writer.texts.get(subject, "").strip()
    if kpi is not None:
        if not text:
            return []
        name = writer.say("editor.kpi", name=kpi.text("name", writer.lang), code=kpi.code)
        return [Paragraph((Text(name),), "subheading"), *markdown.blocks(text, writer)]
    heading = Paragraph((Text(writer.say("editor.heading")),), "subheading")
    if not text:
        return [heading, Paragraph((Text(writer.say("editor.none")),), "gap")]
    return [heading, *markdown.blocks(text, writer)]


def changed(writer: Writer, edition: str, texts: Sequence[str]) -> tuple[Block, ...]:
    """Every number that is not as it was in the last edition, and the texts that changed."""
    say = writer.say
    now = [changes.number_of(r) for r in writer.facts.readings]
    found = changes.compare(now, writer.previous)
    blocks: list[Block] = []
    if found:
        lead = sentence(writer, "change.lead", {"changed": len(found)}, edition=edition)
        blocks.append(Paragraph(lead))
        rows = tuple(_changed_row(writer, *change) for change in found)
        blocks.append(Table(
            "table-changes", say("change.table"),
            (say("kpi.name"), say("change.kind"), say("change.before"), say("change.now")),
            rows, (40, 20, 20, 20),
        ))  # fmt: skip
    else:
        blocks.append(Paragraph((Text(say("change.none", edition=edition)),)))
    if texts:
        named = ", ".join(subject_name(writer, s) for s in texts)
        blocks.append(Paragraph((Text(say("change.texts", subjects=named)),)))
    return tuple(blocks)


def _changed_row(
    writer: Writer, kind: str, now: Number | None, before: Number | None
) -> tuple[Cell, ...]:
    either = now or before
    assert either is not None  # noqa: S101 - compare() yields no row without either
    kpi = next((k for k in writer.facts.kpis if k.code == either.kpi_code), None)
    name = kpi.text("name", writer.lang) if kpi else either.name
    return (
        ((Text(name, "strong"),), (Text(f"{either.kpi_code} · {either.area}", "small"),)),
        ((Text(writer.say(f"change.{kind}"), "changed"),),),
        _side(writer, before, f"previous|{before.key}|value" if before else ""),
        _side(writer, now, f"{now.key}|value" if now else ""),
    )


def _side(writer: Writer, number: Number | None, key: str) -> Cell:
    if number is None or number.value is None:
        return ((value("", None, writer.lang),),)
    period = numbers.period(
        number.period_kind, date.fromisoformat(number.period_start), writer.lang
    )
    shown = value(key, number.value, writer.lang, number.evidence_class)
    return ((shown,), (Text(period, "small"),))


def subject_name(writer: Writer, subject: str) -> str:
    """A subject of the editors' texts in words."""
    kind, _, rest = subject.partition("-")
    if kind == "measure":
        found = next((m for m in writer.facts.measures if m["measure"] == rest), None)
        return str(found[f"title_{writer.lang}"]) if found else rest
    if kind == "kpi":
        return rest
    if kind in {f["action_field"] for f in writer.facts.fields}:
        return field_title(writer, kind)
    return or_raw(writer.say, "chapter", kind)


def fields(writer: Writer) -> Section:
    """The four action fields with their own KPIs."""
    parts = tuple(_field(writer, str(f["action_field"])) for f in writer.facts.fields)
    return Section("fields", writer.say("chapter.fields"), 1, (), parts)


def field_title(writer: Writer, code: str) -> str:
    """Title of an action field."""
    found = next((f for f in writer.facts.fields if f["action_field"] == code), None)
    return str(found[f"title_{writer.lang}"]) if found else code


def own_kpis(writer: Writer, field: str) -> list[Kpi]:
    """KPIs of an action field that belong to none of the nine measures."""
    measures = {m["measure"] for m in writer.facts.measures}
    return [k for k in writer.facts.kpis
            if k.row["action_field"] == field and k.row["measure"] not in measures]  # fmt: skip


def _field(writer: Writer, code: str) -> Section:
    say, lang = writer.say, writer.lang
    members = [m for m in writer.facts.measures if m["action_field"] == code]
    links: list[Inline] = [Text(say("field.measures"))]
    for n, m in enumerate(members):
        links += [Text(", ")] * bool(n) + [Link(f"#measure-{m['measure']}", m[f"title_{lang}"])]
    intro: Line = tuple(links) if members else (Text(say("field.measures_none")),)
    kpis = own_kpis(writer, code)
    title = field_title(writer, code)
    blocks = [Paragraph(intro), *kpi_blocks(writer, code, title, kpis)]
    if not kpis:
        blocks.append(Paragraph((Text(say("field.no_kpis")),), "gap"))
    blocks += assessment(writer, code)
    return Section(f"field-{code}", title, 2, tuple(blocks))


def kpi_blocks(writer: Writer, name: str, subject: str, kpis: Sequence[Kpi]) -> list[Block]:
    """Table, charts of the leading KPIs, what is missing, and texts on single KPIs."""
    if not kpis:
        return []
    blocks: list[Block] = [
        tables.kpi_table(writer, name, writer.say("kpi.table", subject=subject), kpis)
    ]
    leading = sorted(kpis, key=lambda k: not k.row["is_headline"])
    drawn = [charts.kpi_chart(writer, r) for k in leading for r in writer.facts.of(k.code)[:1]]
    blocks += [c for c in drawn if c is not None][:CHARTS_PER_PART]
    missing = tables.gaps(writer, kpis)
    if missing is not None:
        blocks += [Paragraph((Text(writer.say("kpi.gaps")),), "subheading"), missing]
    for kpi in kpis:
        blocks += assessment(writer, f"kpi-{kpi.code}", kpi)
    return blocks


def measures(writer: Writer) -> Section:
    """The nine measures, and what belongs to the programme as a whole."""
    parts = [_measure(writer, m) for m in writer.facts.measures]
    known = {m["measure"] for m in writer.facts.measures}
    fields_ = {f["action_field"] for f in writer.facts.fields}
    rest = [k for k in writer.facts.kpis
            if k.row["measure"] not in known and k.row["action_field"] not in fields_]  # fmt: skip
    if rest:
        title = writer.say("chapter.other")
        parts.append(Section("other", title, 2, tuple(kpi_blocks(writer, "other", title, rest))))
    return Section("measures", writer.say("chapter.measures"), 1, (), tuple(parts))


def _measure(writer: Writer, measure: Row) -> Section:
    say, name = writer.say, str(measure["measure"])
    title = str(measure[f"title_{writer.lang}"])
    kpis = [k for k in writer.facts.kpis if k.row["measure"] == name]
    blocks: list[Block] = [Paragraph(_standing(writer, measure, kpis))]
    blocks += kpi_blocks(writer, name, title, kpis)
    if not kpis:
        blocks.append(Paragraph((Text(say("measure.no_kpis")),), "gap"))
    blocks += assessment(writer, f"measure-{name}")
    return Section(f"measure-{name}", title, 2, tuple(blocks))


def _standing(writer: Writer, measure: Row, kpis: Sequence[Kpi]) -> Line:
    """Field, offices, sources and how sure the title is."""
    say = writer.say
    field = field_title(writer, str(measure["action_field"]))
    parts = [say("measure.field", field=field)]
    offices = dict.fromkeys(str(k.row["office"]) for k in kpis if k.row["office"])
    if offices:
        parts.append(say("measure.office", office=", ".join(offices)))
    names = tuple(s["source"] for s in writer.facts.sources if s["measure"] == measure["measure"])
    credited = writer.credit(names)
    parts.append(
        say("measure.sources", sources=credited) if credited else say("measure.no_sources")
    )
    if measure["sureness"] and measure["sureness"] != "verified":
        sureness = say(f"sureness.{measure['sureness']}")
        parts.append(say("measure.unverified", sureness=sureness))
    return (Text(" ".join(parts)),)
