"""The table of KPIs: value, range, year before, target and what has changed."""

from __future__ import annotations

from collections.abc import Sequence

from urbandata.report import changes, numbers
from urbandata.report.evidence import Writer, period_of, unit_of, value
from urbandata.report.facts import Kpi, Reading
from urbandata.report.model import Cell, Inline, Items, Line, Table, Text
from urbandata.report.words import or_raw

OPERATORS = {"down": "≤", "up": "≥"}
GOOD = {"im Zielbereich": "good", "Zielwert verfehlt": "bad"}


def kpi_table(writer: Writer, name: str, caption: str, kpis: Sequence[Kpi]) -> Table:
    """One row per KPI and area; a KPI without value keeps its row and says so."""
    say = writer.say
    head = ["kpi.name", "kpi.value", "kpi.range", "kpi.before", "kpi.target"]
    widths = [28, 14, 15, 21, 22]
    if writer.has_previous:
        head.append("kpi.change")
        widths = [24, 12, 13, 17, 18, 16]
    rows = [row for kpi in kpis for row in _rows(writer, kpi)]
    return Table(
        id=f"table-{name}",
        caption=caption,
        head=tuple(say(h) for h in head),
        rows=tuple(rows),
        widths=tuple(widths),
    )


def gaps(writer: Writer, kpis: Sequence[Kpi]) -> Items | None:
    """What is missing for the KPIs that have no value."""
    empty = [k for k in kpis if not has_value(writer, k)]
    if not empty:
        return None
    return Items(tuple((Text(_gap(writer, kpi)),) for kpi in empty))


def has_value(writer: Writer, kpi: Kpi) -> bool:
    """Whether the report shows at least one value of the KPI."""
    return any(r.row["value"] is not None for r in writer.facts.of(kpi.code))


def _gap(writer: Writer, kpi: Kpi) -> str:
    name = kpi.text("name", writer.lang)
    if kpi.is_missing:
        missing = kpi.text("missing", writer.lang)
        return writer.say("kpi.gap", name=name, code=kpi.code, missing=missing)
    return writer.say("kpi.gap_later", name=name, code=kpi.code)


def _rows(writer: Writer, kpi: Kpi) -> list[tuple[Cell, ...]]:
    found = writer.facts.of(kpi.code)
    if not found:
        return [_empty_row(writer, kpi)]
    return [_row(writer, reading) for reading in found]


def _empty_row(writer: Writer, kpi: Kpi) -> tuple[Cell, ...]:
    dash: Cell = ((Text(numbers.NONE, "quiet"),),)
    what = "kpi.missing" if kpi.is_missing else "kpi.no_value"
    name: Cell = (
        (Text(kpi.text("name", writer.lang), "strong"),),
        (Text(kpi.code, "small"),),
    )
    cells: list[Cell] = [name, ((Text(writer.say(what), "quiet"),),), dash, dash,
                         (target(writer, kpi),)]  # fmt: skip
    return (*cells, dash) if writer.has_previous else tuple(cells)


def _row(writer: Writer, reading: Reading) -> tuple[Cell, ...]:
    cells = [
        _name(writer, reading),
        _value(writer, reading),
        (_range(writer, reading),),
        _before(writer, reading),
        _status(writer, reading),
    ]
    if writer.has_previous:
        cells.append(_change(writer, reading))
    return tuple(cells)


def _name(writer: Writer, reading: Reading) -> Cell:
    kpi = reading.kpi
    where = [kpi.code, period_of(writer, reading)]
    if reading.row["area_kind"] != "city":
        where.append(reading.area)
    flags = [
        or_raw(writer.say, "flag", f) for f in str(reading.row["quality_flags"]).split(",") if f
    ]
    return (
        (Text(kpi.text("name", writer.lang), "strong"), writer.ref(reading)),
        (Text(" · ".join([*where, *flags]), "small"),),
    )


def _value(writer: Writer, reading: Reading) -> Cell:
    if reading.row["value"] is None:
        return ((Text(writer.say("kpi.unusable"), "quiet"),),)
    unit = unit_of(writer, reading.kpi)
    after = (Text(f"{numbers.SPACE}{unit}"),) if unit else ()
    return ((writer.value(reading, style="strong"), *after),)


def _range(writer: Writer, reading: Reading) -> Line:
    if reading.row["low"] is None or reading.row["high"] is None:
        return (Text(numbers.NONE, "quiet"),)
    return (
        writer.value(reading, "low"),
        Text(writer.say("kpi.to")),
        writer.value(reading, "high"),
    )


def _before(writer: Writer, reading: Reading) -> Cell:
    row = reading.row
    trend: list[Inline] = [Text(or_raw(writer.say, "trend", row["trend"]) or numbers.NONE)]
    if row["is_improving"] is not None:
        better = row["is_improving"]
        word = writer.say("kpi.better" if better else "kpi.worse")
        trend.append(Text(f" ({word})", "good" if better else "bad"))
    if row["value_before"] is None:
        return (tuple(trend),)
    return ((writer.value(reading, "value_before"),), tuple(trend))


def target(writer: Writer, kpi: Kpi) -> Line:
    """``≤ 40``, or a band; no target without a decision."""
    row = kpi.row
    if row["target_value"] is None:
        return (Text(writer.say("def.target_none"), "quiet"),)
    low = value(f"catalogue|{kpi.code}|target_value", row["target_value"], writer.lang)
    if row["target_high"] is not None:
        high = value(f"catalogue|{kpi.code}|target_high", row["target_high"], writer.lang)
        return (low, Text(writer.say("kpi.to")), high)
    return (Text(f"{OPERATORS.get(str(row['direction']), '')}{numbers.SPACE}"), low)


def _status(writer: Writer, reading: Reading) -> Cell:
    status = str(reading.row["status"]) or "not_judged"
    word = (Text(or_raw(writer.say, "status", status), GOOD.get(status, "quiet")),)
    if reading.kpi.row["target_value"] is None:
        return (word,)
    return (target(writer, reading.kpi), word)


def _change(writer: Writer, reading: Reading) -> Cell:
    now = changes.number_of(reading)
    before = writer.previous.get(reading.place)
    kind = changes.kind(now, before)
    style = "quiet" if kind == "same" else "changed"
    word: Line = (Text(writer.say(f"change.{kind}"), style),)
    if kind in {"same", "new"} or before is None or before.value is None:
        return (word,)
    return (word, (Text("vorher " if writer.lang == "de" else "was ", "small"),
                   value(f"previous|{before.key}|value", before.value, writer.lang,
                         before.evidence_class)))  # fmt: skip
