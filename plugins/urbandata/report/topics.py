"""Chapters on Cleema and on funding: from the KPIs of that topic and from facts, if they are there."""

from __future__ import annotations

from urbandata.report import charts, numbers, tables
from urbandata.report.chapters import assessment
from urbandata.report.evidence import Writer
from urbandata.report.facts import Kpi, Row
from urbandata.report.model import Block, Cell, Link, Paragraph, Section, Table, Text

ESTIMATES = ("kg CO2e", "kg CO₂e", "t CO2e", "t CO₂e")


def cleema(writer: Writer) -> Section:
    """The estimated savings with their range, apart from what is measured."""
    say = writer.say
    found = [k for k in writer.facts.kpis
             if k.row["measure"] == "cleema" and is_estimate(k)]  # fmt: skip
    blocks: list[Block] = [Paragraph((Text(say("cleema.lead")),))]
    if any(tables.has_value(writer, k) for k in found):
        blocks.append(tables.kpi_table(writer, "cleema-savings", say("cleema.table"), found))
        drawn = [charts.kpi_chart(writer, r, "-savings")
                 for k in found for r in writer.facts.of(k.code)[:1]]  # fmt: skip
        blocks += [c for c in drawn if c is not None][:2]
    else:
        blocks.append(Paragraph((Text(say("cleema.none")),), "gap"))
    blocks.append(Paragraph((Text(say("cleema.see")), Link("#measure-cleema", "Cleema"))))
    blocks += assessment(writer, "cleema")
    return Section("cleema", say("chapter.cleema"), 1, tuple(blocks))


def is_estimate(kpi: Kpi) -> bool:
    """Whether a KPI counts emissions avoided."""
    return any(str(kpi.row["unit"]).startswith(unit) for unit in ESTIMATES)


def funding(writer: Writer) -> Section:
    """Granted money by phase, and the KPIs on how it is spent."""
    say = writer.say
    blocks: list[Block] = [Paragraph((Text(say("funding.lead")),))]
    phases = writer.facts.topics.get("funding_phases", ())
    spent = [k for k in writer.facts.kpis if k.code.startswith("HF3.2")]
    if phases:
        blocks.append(_phases(writer, phases))
    if spent:
        blocks.append(tables.kpi_table(writer, "funding", say("funding.kpis"), spent))
    if not phases and not any(tables.has_value(writer, k) for k in spent):
        blocks.append(Paragraph((Text(say("funding.none")),), "gap"))
    blocks += assessment(writer, "funding")
    return Section("funding", say("chapter.funding"), 1, tuple(blocks))


def _phases(writer: Writer, phases: tuple[Row, ...]) -> Table:
    say = writer.say
    head = ("phase", "time", "cost", "grant", "source")
    return Table(
        "table-funding", say("funding.table"), tuple(say(f"funding.{h}") for h in head),
        tuple(_phase(writer, p) for p in phases), (28, 18, 15, 15, 24), numeric=(2, 3),
    )  # fmt: skip


def _phase(writer: Writer, phase: Row) -> tuple[Cell, ...]:
    key = f"funding_phases|{phase['part']}"
    time = f"{numbers.day(phase['starts_on'], writer.lang)} – " + numbers.day(
        phase["ends_on"], writer.lang
    )
    sureness = writer.say(f"sureness.{phase['sureness']}")
    return (
        ((Text(str(phase["name_de"]), "strong"),),),
        ((Text(time),),),
        ((writer.count(f"{key}|cost_eur", phase["cost_eur"]),),),
        ((writer.count(f"{key}|grant_eur", phase["grant_eur"]),),),
        ((Text(f"{phase['source']} ({sureness})", "small"),),),
    )
