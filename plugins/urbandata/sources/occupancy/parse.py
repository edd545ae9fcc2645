"""Polls in the shapes that collectors and operators use, told apart by their bytes.

JSON: one object with lists of facilities under any name (they change: ``unknown_facilities``
became ``ice_rinks`` within a day), a list of facilities, or one such document per line. CSV: a
line per facility and poll. An object with ``weekly_schedule`` is a reading of opening hours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import catalogue, tabular
from urbandata.registry import Source

FREE, TAKEN = r"(?i)frei|free|available", r"(?i)belegt|voll|besetzt|full|occupied|taken"
ZONED = r"(?i)(Z|[+-]\d\d:?\d\d)\s*$"
GERMAN_DAY = r"^\s*(\d\d)\.(\d\d)\.(\d{4}),? (\d\d:\d\d)"
DECIMAL_COMMA = r"^\s*(\d+),(\d+)$"  # percentages have no thousands
RATIO = r"^\s*(?P<persons>\d{1,6})\s*/\s*(?P<capacity>\d{1,6})\b"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OPENING = ("facility_name", "facility_type", "read_at", "method", "status")
Record = dict[str, Any]


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``polls`` and ``openings``. Raises PayloadError for anything else."""
    text = tabular.decode(payload.content).lstrip()
    if not text.startswith(("{", "[")):
        return _csv(payload.content, source)
    polls: list[Record] = []
    openings: list[Record] = []
    for document in _documents(text):
        for record in _facilities(document):
            (openings if "weekly_schedule" in record else polls).append(record)
    parts = [_polls(_text_rows(polls, source), source)] if polls else []
    if openings:
        parts.append(_openings(openings, source))
    tables = {name: t for part in parts for name, t in part.tables.items()}
    return Parsed(tables, tuple(r for part in parts for r in part.rejects))


def _documents(text: str) -> Iterator[Any]:
    """The whole text, or each line where the text is one document per line."""
    lines = text.splitlines()
    several = len(lines) > 1 and lines[0].rstrip().endswith(("}", "]")) and lines[1].strip()
    if not several:
        try:
            yield json.loads(text)
        except (ValueError, RecursionError) as error:
            raise PayloadError(f"broken JSON: {error}") from error
        return
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise PayloadError(f"broken JSON in line {number}: {error}") from error


def _facilities(document: Any) -> Iterator[Record]:
    """Facilities of a document; ``_list`` says where each stood. Raises PayloadError."""
    if isinstance(document, list):
        lists = {"": document}
    elif isinstance(document, dict):
        lists = {name: value for name, value in document.items() if isinstance(value, list)}
    else:
        raise PayloadError("neither polls nor opening hours: no object and no list")
    if not any(lists.values()) and "scrape_timestamp" not in document and document != []:
        raise PayloadError(f"no list of facilities among {', '.join(map(str, document))[:200]}")
    common = document if isinstance(document, dict) else {}
    about = common.get("scrape_metadata")
    common = {
        "scrape_timestamp": common.get("scrape_timestamp"),
        "method": about.get("method") if isinstance(about, dict) else None,
    }
    for name, items in lists.items():
        for item in items:
            record = item if isinstance(item, dict) else {"_broken": str(item)[:200]}
            yield {**common, **record, "_list": name.removesuffix("s") or None}


def _text_rows(records: list[Record], source: Source) -> pa.Table:
    """Records under our column names as text, with the place of each."""
    known = source.options["fields"]
    columns = {
        ours: [next((t for n in names if (t := catalogue.text(r.get(n)))), None) for r in records]
        for ours, names in known.items()
    }
    stood = [catalogue.text(r["_list"]) for r in records]
    pairs = zip(columns["facility_type"], stood, strict=True)
    columns["facility_type"] = [kind or place for kind, place in pairs]
    arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table({**arrays, tabular.ROW: pa.array(range(1, len(records) + 1), pa.int64())})


def _csv(content: bytes, source: Source) -> Parsed:
    """A line per facility and poll. Raises PayloadError naming what is missing."""
    first = tabular.decode(content).lstrip().split("\n", 1)[0]
    rows = tabular.csv_records(content, ";" if first.count(";") > first.count(",") else ",")
    lower = [n.lower() for n in rows.column_names]
    rows = rows.rename_columns(lower) if len(set(lower)) == len(lower) else rows
    header = [n for n in rows.column_names if n not in (tabular.FAULT, tabular.ROW)]
    _refuse_other_tables(header)
    columns = {}
    for ours, names in source.options["fields"].items():
        found = next((n for n in map(str.lower, names) if n in header), None)
        if found is not None:
            text = rows.column(found)
            columns[ours] = pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), None, text)
    if "facility_name" not in columns or "measured" not in columns:
        raise PayloadError(f"no polls: neither facility nor time among {', '.join(header)[:200]}")
    empty = pa.nulls(rows.num_rows, pa.string())
    columns = {ours: columns.get(ours, empty) for ours in source.options["fields"]}
    if set(source.options["free_columns"]) <= set(header):
        columns["means"] = pa.array(["free"] * rows.num_rows, pa.string())
    for name in (tabular.FAULT, tabular.ROW):
        columns[name] = rows.column(name)
    return _polls(pa.table(columns), source)


def _refuse_other_tables(header: list[str]) -> None:
    """Raises PayloadError for yearly statistics, saying what they are."""
    if "bibliotheksausweise" in map(str.lower, header):
        raise PayloadError(
            "yearly statistics of the municipal libraries (visits, cards, loans, costs): no sports "
            "facility and no time of day, and no measure of the programme counts library visits"
        )
    if header and header[0].strip().lower() in ("jahr", "year"):
        raise PayloadError(f"yearly statistics ({', '.join(header)[:150]}): no polls of facilities")


def _polls(rows: pa.Table, source: Source) -> Parsed:
    """Typed polls; what names no facility or holds no number is turned away."""
    ratio = pc.extract_regex(pc.fill_null(rows.column("ratio"), ""), RATIO)
    for name in ("persons", "capacity"):
        part = pc.struct_field(ratio, name)
        rows = _replaced(rows, name, pc.coalesce(rows.column(name), part))
    level = pc.fill_null(rows.column("level_text"), "")
    given = rows.column("means") if "means" in rows.column_names else pa.nulls(rows.num_rows)
    taken = pc.if_else(pc.match_substring_regex(level, TAKEN), "taken", None)
    words = pc.if_else(pc.match_substring_regex(level, FREE), "free", taken)
    rows = rows.append_column(
        "percent_means", pc.coalesce(words.cast(pa.string()), given.cast(pa.string()))
    )
    percent = pc.replace_substring_regex(rows.column("percent"), r"\s*%?\s*$", "")
    percent = pc.replace_substring_regex(percent, DECIMAL_COMMA, r"\1.\2")
    rows = _replaced(rows, "percent", percent)
    measured = pc.replace_substring_regex(rows.column("measured"), GERMAN_DAY, r"\3-\2-\1 \4")
    zoned = pc.fill_null(pc.match_substring_regex(measured, ZONED), False)
    rows = rows.append_column("measured_at", pc.if_else(zoned, measured, None).cast(pa.string()))
    rows = rows.append_column("measured_local", pc.if_else(zoned, None, measured).cast(pa.string()))
    return tabular.typed(_faulted(rows), "polls", source.tables["polls"])


def _faulted(rows: pa.Table) -> pa.Table:
    """``rows`` with the reason why a record is no poll."""
    numbers = pc.coalesce(rows.column("persons"), rows.column("percent"))
    fault = pc.if_else(pc.is_null(numbers), "neither people nor a percentage", None)
    nameless = pc.is_null(rows.column("facility_name"))
    fault = pc.if_else(nameless, "names no facility", fault).cast(pa.string())
    if tabular.FAULT in rows.column_names:
        fault = pc.coalesce(rows.column(tabular.FAULT), fault)
    return _replaced(rows, tabular.FAULT, fault)


def _openings(records: list[Record], source: Source) -> Parsed:
    """Spans of all weekdays; a facility that opens on none keeps one row."""
    rows: list[dict[str, str | None]] = []
    for record in records:
        about = {
            "facility_name": catalogue.text(record.get("pool_name") or record.get("facility_name")),
            "facility_type": catalogue.text(record.get("facility_type")),
            "read_at": catalogue.text(record.get("scraped_at") or record.get("scrape_timestamp")),
            "method": catalogue.text(record.get("method")),
            "status": catalogue.text(record.get("status")),
        }
        spans = list(_spans(record["weekly_schedule"])) or [{}]
        rows += [{**about, **span} for span in spans]
    names = (*OPENING, "weekday", "opens", "closes", tabular.FAULT)
    columns = {n: pa.array([r.get(n) for r in rows], pa.string()) for n in names}
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    table = pa.table({**columns, tabular.ROW: numbers})
    return tabular.typed(table, "openings", source.tables["openings"])


def _spans(schedule: Any) -> Iterator[dict[str, str | None]]:
    """``{"monday": [{"open": "08:00", "close": "18:00"}]}`` span by span."""
    if not isinstance(schedule, dict):
        yield {tabular.FAULT: "weekly_schedule is no object"}
        return
    for day, spans in schedule.items():
        for span in spans if isinstance(spans, list) else [spans]:
            good = isinstance(span, dict) and day in DAYS
            fault = None if good else f"{day}: no span of opening"
            times = span if isinstance(span, dict) else {}
            opens, closes = (catalogue.text(times.get(k)) for k in ("open", "close"))
            if good and (opens is None or closes is None):
                fault = f"{day}: opening or closing time is missing"
            yield {"weekday": day, "opens": opens, "closes": closes, tabular.FAULT: fault}


def _replaced(rows: pa.Table, name: str, values: Any) -> pa.Table:
    if name not in rows.column_names:
        return rows.append_column(name, values)
    return rows.set_column(rows.column_names.index(name), name, values)
