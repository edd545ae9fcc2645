"""Matomo answers by day: one object of counts a day, or a list of downloaded files a day.

A day without visits is an empty list. Which report it is, is told by what stands at a day and,
where all days are empty, by what was asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import catalogue, tabular
from urbandata.registry import Source, Table

VISITS = {
    "visits": "nb_visits",
    "unique_visitors": "nb_uniq_visitors",
    "actions": "nb_actions",
    "bounces": "bounce_count",
    "seconds": "sum_visit_length",
}
DOWNLOADS = {"label": "label", "url": "url", "visits": "nb_visits", "hits": "nb_hits"}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``visits`` or ``downloads``. Raises PayloadError for anything else."""
    answer = periods(payload.content)
    name = _report(answer, payload)
    columns = VISITS if name == "visits" else DOWNLOADS
    return records(answer, columns, name, source.tables[name])


def periods(content: bytes) -> dict[str, Any]:
    """An answer by period. Raises PayloadError for anything else."""
    answer = catalogue.json_answer(content)
    if not isinstance(answer, dict):
        raise PayloadError("no object of days; was period=day asked with a range of dates?")
    if answer.get("result") == "error":
        raise PayloadError(f"Matomo answered with an error: {answer.get('message') or 'no reason'}")
    return answer


def records(answer: dict[str, Any], columns: Mapping[str, str], name: str, table: Table) -> Parsed:
    """Rows of table ``name``, whose first column is the period; ``columns`` maps ours to theirs."""
    period = next(iter(table.columns))
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for number, (day, record) in enumerate(_records(answer, columns), start=1):
        is_group = columns is DOWNLOADS and isinstance(record, dict) and not record.get("url")
        if is_group or not isinstance(record, dict):
            reason = "neither counts nor a file"
            if is_group:
                reason = "a group of files without address; the report has to be flat (flat=1)"
            rejects.append(Reject(name, number, reason, f"{day}: {str(record)[:200]}"))
            continue
        rows.append(
            {period: day, tabular.ROW: number, **{c: record.get(k) for c, k in columns.items()}}
        )
    arrays = {c: pa.array([catalogue.text(r[c]) for r in rows], pa.string()) for c in table.columns}
    places = pa.array([r[tabular.ROW] for r in rows], pa.int64())
    typed = tabular.typed(pa.table({**arrays, tabular.ROW: places}), name, table)
    return Parsed(typed.tables, tuple(sorted((*rejects, *typed.rejects), key=lambda r: r.row)))


def _report(answer: dict[str, Any], payload: Payload) -> str:
    """What the answer is about."""
    if any(isinstance(r, dict) for r in answer.values()):
        return "visits"
    if any(isinstance(r, list) and r for r in answer.values()):
        return "downloads"
    kind = payload.resource.partition("/")[0]
    if kind not in ("visits", "downloads"):
        raise PayloadError("no day with counts or files, and nothing tells of which report")
    return kind


def _records(answer: dict[str, Any], columns: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Day and record. Without visits a day is an empty list: zero visits, no downloads."""
    for day, report in answer.items():
        if isinstance(report, list):
            yield from ((day, r) for r in report)
            if not report and columns is not DOWNLOADS:
                yield day, dict.fromkeys(VISITS.values(), 0)
        else:
            yield day, report
