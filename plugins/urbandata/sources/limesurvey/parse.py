"""Stored counts of surveys to tables."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload, Reject
from urbandata.reading import reduction, tabular
from urbandata.registry import Source
from urbandata.sources.limesurvey.counting import KNOWN, SUMMARY, SURVEY

# kind of a stored record: table, its columns from the record, those that must be there
KINDS = {
    "export": (
        "exports",
        ("responses", "completed", "columns_kept", "columns_left_out"),
        ("responses", "completed"),
    ),
    "day": ("days", ("day", "started", "completed"), ("started", "completed")),
    "answer": ("answers", ("question", "answer", "responses=count"), ("question", "responses")),
    "group": ("respondents", ("age_code", "borough_code", "respondents=count"), ("respondents",)),
}


def parse(payload: Payload, source: Source) -> Parsed:
    """The tables of an answer. Raises PayloadError if nothing of it could be stored."""
    answer = reduction.kept(payload.content, KNOWN)
    survey = answer["page"].get("survey")
    if answer["resource"] == "surveys":
        rows = reduction.records(payload.content, (*SURVEY, "title"), ("survey_id",))
        return tabular.typed(rows, "surveys", source.tables["surveys"])
    if answer["resource"] == "summary":
        rows = reduction.records(payload.content, tuple(SUMMARY), ("all_responses",))
        return tabular.typed(_of(rows, survey), "summaries", source.tables["summaries"])
    return _responses(payload.content, survey, source)


def _responses(content: bytes, survey: object, source: Source) -> Parsed:
    kinds = tabular.json_records(content, ["kind"], "$.data").column("kind")
    tables: dict[str, pa.Table] = {}
    rejects: list[Reject] = []
    for kind, (name, fields, required) in KINDS.items():
        columns = [f.partition("=")[0] for f in fields]
        rows = tabular.json_records(content, fields, "$.data").filter(pc.equal(kinds, kind))
        fault = pa.nulls(rows.num_rows, pa.string())
        for column in columns:
            if column in required:
                lacking = pc.is_null(rows.column(column))
                fault = pc.if_else(lacking, f"the record has no {column}", fault)
        parsed = tabular.typed(
            _of(rows.append_column(tabular.FAULT, fault), survey), name, source.tables[name]
        )
        tables |= parsed.tables
        rejects += parsed.rejects
    known = pc.fill_null(pc.is_in(kinds, value_set=pa.array(list(KINDS))), False).to_pylist()
    rejects += [
        Reject("answers", n, "a record of no known kind", "")
        for n, is_known in enumerate(known, start=1)
        if not is_known
    ]
    return Parsed(tables, tuple(rejects))


def _of(rows: pa.Table, survey: object) -> pa.Table:
    number = None if survey is None else str(survey)
    return rows.append_column("survey_id", pa.array([number] * rows.num_rows, pa.string()))
