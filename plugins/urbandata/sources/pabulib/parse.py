"""Stored counts of a participatory budget to tables."""

from __future__ import annotations

from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload, Reject
from urbandata.reading import reduction, tabular
from urbandata.registry import Source
from urbandata.sources.pabulib.counting import KNOWN, META

KINDS = {  # kind of a record: table, columns, those that must be there
    "election": (
        "elections",
        (*META, "year", "begins_on", "ends_on", "projects", "ballots"),
        ("unit", "ballots"),
    ),
    "project": (
        "projects",
        ("project_id", "cost", "votes", "score", "selected", "ballots"),
        ("project_id",),
    ),
    "voters": ("voters", ("age_group", "ballots"), ("age_group", "ballots")),
}


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``elections``, ``projects``, ``voters``. Raises PayloadError if nothing was stored."""
    reduction.kept(payload.content, KNOWN)
    election = PurePosixPath(payload.filename or payload.resource).stem
    kinds = tabular.json_records(payload.content, ["kind"], "$.data").column("kind")
    tables: dict[str, pa.Table] = {}
    rejects: list[Reject] = []
    for kind, (name, columns, required) in KINDS.items():
        rows = reduction.records(payload.content, columns, required).filter(pc.equal(kinds, kind))
        rows = tabular.constants(rows, election_id=election)
        parsed = tabular.typed(rows, name, source.tables[name])
        tables |= parsed.tables
        rejects += parsed.rejects
    known = pc.fill_null(pc.is_in(kinds, value_set=pa.array(list(KINDS))), False).to_pylist()
    rejects += [
        Reject("elections", n, "a record of no known kind", "")
        for n, is_known in enumerate(known, start=1)
        if not is_known
    ]
    return Parsed(tables, tuple(rejects))
