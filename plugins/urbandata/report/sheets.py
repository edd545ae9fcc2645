"""The figures as sheets of a spreadsheet: exact values, one header row, nothing merged."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from urbandata.report import changes
from urbandata.report.evidence import Writer
from urbandata.report.model import Number, Sheet

CATALOGUE = ("code", "name_de", "name_en", "measure", "action_field", "formula_de", "formula_en",
             "unit", "grain", "population_de", "direction", "target_value", "target_high",
             "target_source_de", "target_source_en", "standard", "level", "evidence_class",
             "decision_de", "decision_en", "office", "sureness", "missing_de", "missing_en",
             "status_period", "min_coverage_pct", "min_n")  # fmt: skip
HISTORY = ("kpi_code", "area_kind", "area_id", "period_kind", "period_start", "value", "low",
           "high", "quality_flags")  # fmt: skip
SOURCES = ("source", "measure", "title_de", "title_en", "producer", "attribution", "licence_id",
           "licence_verified", "state", "last_success_at", "rows", "quarantined",
           "held_or_refused", "gaps")  # fmt: skip


def all_of(writer: Writer, figures: Sequence[Number], edition: str) -> tuple[Sheet, ...]:
    """About, figures, time series, changes, definitions, sources."""
    say, facts = writer.say, writer.facts
    columns = tuple(
        f.name for f in dataclasses.fields(Number) if f.name not in {"change", "previous"}
    )
    compared = changes.compare(list(figures), writer.previous)
    history = [r for key in sorted(facts.history) for r in facts.history[key]]
    about = [
        (say("title"), edition),
        (say("fact.origin"), say(f"origin.{facts.origin}")),
        ("", say(f"banner.{facts.origin}")),
        (say("fact.period"), facts.period.label(writer.lang)),
        (say("fact.build"), facts.build_id),
        (say("fact.published"), facts.published_at.isoformat()),
    ]
    return (
        Sheet(say("sheet.about"), ("", ""), tuple(a for a in about if any(a))),
        Sheet(say("sheet.figures"), columns,
              tuple(tuple(getattr(n, c) for c in columns) for n in figures)),
        Sheet(say("sheet.history"), HISTORY,
              tuple(tuple(_plain(r[c]) for c in HISTORY) for r in history)),
        Sheet(say("sheet.changes"), ("kind", "key", "value", "previous_key", "previous_value"),
              tuple((kind, now.key if now else None, now.value if now else None,
                     before.key if before else None, before.value if before else None)
                    for kind, now, before in compared)),
        Sheet(say("sheet.definitions"), CATALOGUE,
              tuple(tuple(_plain(k.row.get(c)) for c in CATALOGUE) for k in facts.kpis)),
        Sheet(say("sheet.sources"), SOURCES,
              tuple(tuple(_plain(s[c]) for c in SOURCES) for s in facts.sources)),
    )  # fmt: skip


def _plain(value: object) -> str | float | int | None:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
