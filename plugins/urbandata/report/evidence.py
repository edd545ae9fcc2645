"""Numbers with their evidence: every figure gets a note that leads to its row and definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from urbandata.report import numbers
from urbandata.report.facts import Facts, Kpi, Reading
from urbandata.report.model import Inline, Line, Link, Note, Number, Ref, Text, Value
from urbandata.report.words import Say, or_raw

COUNTED = ("n", "coverage_pct")  # counted, so never rough


@dataclass(slots=True)
class Writer:
    """What the chapters share: facts, language, editors' texts, and the notes written so far."""

    facts: Facts
    lang: str
    say: Say
    texts: Mapping[str, str]
    previous: Mapping[tuple[str, str, str], Number]
    has_previous: bool
    notes: list[Note] = field(default_factory=list)

    def ref(self, reading: Reading) -> Ref:
        """Reference to the note of a reading; the note is written when it is first needed."""
        known = next((n.number for n in self.notes if n.key == reading.key), None)
        if known is None:
            known = len(self.notes) + 1
            self.notes.append(Note(known, reading.key, _evidence(self, reading)))
        return Ref(known)

    def value(self, reading: Reading, column: str = "value", style: str = "") -> Inline:
        """One number of a reading, or an en dash."""
        evidence = "" if column in COUNTED else evidence_of(reading.kpi)
        key = f"{reading.key}|{column}"
        return value(key, reading.row[column], self.lang, evidence, style)

    def count(self, key: str, number: float | None) -> Inline:
        """A number that is no KPI value, such as a row count of a source."""
        return value(key, number, self.lang)

    def credit(self, names: tuple[str, ...]) -> str:
        """Attributions of sources, each once."""
        known = {s["source"]: str(s["attribution"]).removeprefix("Quelle: ")
                 for s in self.facts.sources}  # fmt: skip
        unique = dict.fromkeys(known[n] for n in names if n in known)
        return "; ".join(unique)

    def sources_of(self, code: str) -> str:
        """Attributions of the sources behind a KPI."""
        return self.credit(self.facts.lineage.get(code, ())) or self.say("sources.unknown")


def value(key: str, number: float | None, lang: str, evidence: str = "", style: str = "") -> Inline:
    """A number with its key; an en dash for nothing."""
    if number is None:
        return Text(numbers.NONE, "quiet")
    return Value(key, float(number), numbers.number(float(number), lang, evidence), style)


def evidence_of(kpi: Kpi) -> str:
    """Evidence class, A to D."""
    return str(kpi.row["evidence_class"] or "")


def unit_of(writer: Writer, kpi: Kpi) -> str:
    """Unit for readers; a bare count needs none beside a name that says what is counted."""
    return or_raw(writer.say, "unit", str(kpi.row["unit"] or ""))


def period_of(writer: Writer, reading: Reading) -> str:
    """Period of a reading in words."""
    row = reading.row
    return numbers.period(row["period_kind"], row["period_start"], writer.lang)


def _evidence(writer: Writer, reading: Reading) -> Line:
    """Area and period, what it rests on, row, source, definition."""
    say, row, kpi = writer.say, reading.row, reading.kpi
    parts: list[Inline] = [
        Text(f"{kpi.code} {kpi.text('name', writer.lang)}. ", "strong"),
        Text(say("note.line", area=reading.area, period=period_of(writer, reading))),
    ]
    if row["n"] is not None:
        parts += [Text(say("note.n")), writer.value(reading, "n"), Text(", ")]
    if row["coverage_pct"] is not None:
        parts += [Text(say("note.coverage")), writer.value(reading, "coverage_pct"),
                  Text(f"{numbers.SPACE}%, ")]  # fmt: skip
    return (
        *parts,
        Text(say("note.evidence", evidence=evidence_of(kpi)) + ". "),
        Text(say("note.sources", sources=writer.sources_of(kpi.code))),
        Text(say("note.row", build=writer.facts.build_id, key=reading.key)),
        Link(f"#def-{kpi.code}", say("note.definition")),
    )
