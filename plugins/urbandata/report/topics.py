"""Chapters on Cleema and funding: KPIs, and the tables of facts ``topics.yml`` lists."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from urbandata.report import charts, numbers, tables
from urbandata.report.chapters import assessment
from urbandata.report.evidence import Writer, value
from urbandata.report.facts import Kpi, Row, rows
from urbandata.report.model import Block, Cell, Inline, Link, Paragraph, Section, Table, Text
from urbandata.report.words import LANGUAGES, or_raw

NUMBERS = ("number", "rough")
PERIODS = ("day", "month", "year")
ESTIMATES = ("kg CO2e", "kg CO₂e", "t CO2e", "t CO₂e")


@cache
def layout() -> dict[str, list[dict[str, Any]]]:
    """The tables of each topic, as ``topics.yml`` lists them."""
    text = (Path(__file__).parent / "topics.yml").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    return found


def read(con: duckdb.DuckDBPyConnection, known: set[str], origin: str) -> dict[str, Any]:
    """Rows of every listed mart the build has, with words from another, by its name."""
    listed = [t for topic in layout().values() for t in topic]
    had = [t for t in listed if {t["mart"], t.get("words", t)["mart"]} <= known]
    return {t["mart"]: rows(con, _query(t), [origin]) for t in had}


def _query(table: Row) -> str:
    columns, words = "t.*", ""
    if "words" in table:
        other = table["words"]
        columns = ", ".join([columns, *(f"words.{c}" for c in other["columns"])])
        words = f" LEFT JOIN marts.{other['mart']} AS words USING ({other['by']})"
    order = f" ORDER BY {table['order']}" if "order" in table else ""
    limit = f" LIMIT {table['limit']}" if "limit" in table else ""
    return (
        f"SELECT {columns} FROM marts.{table['mart']} AS t{words} "
        f"WHERE {table['where']}{order}{limit}"
    )


def cleema(writer: Writer) -> Section:
    """The estimated savings with their range, apart from what is measured."""
    found = [k for k in writer.facts.kpis if k.row["measure"] == "cleema" and is_estimate(k)]
    blocks = _chapter(writer, "cleema", found)
    link = Link("#measure-cleema", writer.say("cleema.measure"))
    blocks.append(Paragraph((Text(writer.say("cleema.see")), link)))
    blocks += assessment(writer, "cleema")
    return Section("cleema", writer.say("chapter.cleema"), 1, tuple(blocks))


def is_estimate(kpi: Kpi) -> bool:
    """Whether a KPI counts emissions avoided."""
    return str(kpi.row["unit"]).startswith(ESTIMATES)


def funding(writer: Writer) -> Section:
    """Granted money by phase, milestones, and the KPIs on how it is spent."""
    spent = [k for k in writer.facts.kpis if k.code.startswith("HF3.2")]
    blocks = [*_chapter(writer, "funding", spent), *assessment(writer, "funding")]
    return Section("funding", writer.say("chapter.funding"), 1, tuple(blocks))


def _chapter(writer: Writer, topic: str, kpis: list[Kpi]) -> list[Block]:
    """Lead, KPIs with a chart each, and tables of facts; without all of these the gap is said."""
    say = writer.say
    blocks: list[Block] = [Paragraph((Text(say(f"{topic}.lead")),))]
    facts = [_table(writer, t) for t in layout()[topic] if writer.facts.topics.get(t["mart"])]
    valued = any(tables.has_value(writer, k) for k in kpis)
    if valued:
        blocks.append(tables.kpi_table(writer, f"topic-{topic}", say(f"{topic}.table"), kpis))
        drawn = [charts.kpi_chart(writer, r, f"-{topic}")
                 for k in kpis for r in writer.facts.of(k.code)[:1]]  # fmt: skip
        blocks += [c for c in drawn if c is not None][:2]
    if not facts and not valued:
        blocks.append(Paragraph((Text(say(f"{topic}.none")),), "gap"))
    return [*blocks, *facts]


def _table(writer: Writer, layout_: Row) -> Table:
    at, columns = LANGUAGES.index(writer.lang), layout_["columns"]
    return Table(
        id=f"table-{layout_['mart'].replace('_', '-')}",
        caption=layout_["caption"][at],
        head=tuple(str(c["head"][at]) for c in columns),
        rows=tuple(
            tuple(_cell(writer, layout_, row, c) for c in columns)
            for row in writer.facts.topics[layout_["mart"]]
        ),
        widths=tuple(c["width"] for c in columns),
        numeric=tuple(n for n, c in enumerate(columns) if c["kind"] in NUMBERS),
    )


def _cell(writer: Writer, layout_: Row, row: Row, column: Row) -> Cell:
    return ((_inline(writer, layout_, row, column),),)


def _inline(writer: Writer, layout_: Row, row: Row, column: Row) -> Inline:
    name, kind = column["name"], column["kind"]
    if kind in NUMBERS:
        named = "|".join(str(row[k]) for k in layout_["key"])
        rough = numbers.ROUGH if kind == "rough" else ""
        return value(f"mart|{layout_['mart']}|{named}|{name}", row[name], writer.lang, rough)
    found = row[f"{name}{writer.lang}" if name.endswith("_") else name]
    if found is None:
        return Text(numbers.NONE, "quiet")
    return Text(_words(writer, kind, found), "small" if kind == "small" else "")


def _words(writer: Writer, kind: str, found: Any) -> str:
    if kind in PERIODS:
        return numbers.period(kind, found, writer.lang)
    if kind == "word":
        return or_raw(writer.say, "word", str(found))
    if kind == "measure":
        titles = {m["measure"]: str(m[f"title_{writer.lang}"]) for m in writer.facts.measures}
        return titles.get(str(found), str(found))
    return str(found)
