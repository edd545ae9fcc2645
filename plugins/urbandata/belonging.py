"""Rows that say nothing without a row of another table (``belongs_to`` in source.yml).

A count without its channel, a metered value without its meter: when the door turns one away, those
that belong to it go with it, for the same reason. Otherwise they would be taken in and never used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Reject
from urbandata.reading.tabular import ROW
from urbandata.registry import BelongsTo


def orphans(
    rows: pa.Table,
    tie: BelongsTo,
    accepted: pa.Table | None,
    parsed: Parsed,
    gone: Iterable[Reject],
) -> dict[int, str]:
    """Reasons by ``_row`` of the rows that belong to none of the ``accepted`` ones.

    ``parsed`` and all that is ``gone`` of its payload tell why the other row is not there.
    """
    ties = rows.column(tie.by)
    there = pa.nulls(0, ties.type) if accepted is None else pc.unique(accepted.column(tie.by))
    alone = pc.invert(pc.is_in(ties, value_set=there))
    if not pc.any(alone).as_py():
        return {}
    why = _reasons(parsed.tables.get(tie.table), tie, gone)
    default = f"belongs to no row of the table {tie.table}"
    lost = rows.filter(alone).select([ROW, tie.by]).to_pylist()
    return {r[ROW]: why.get(r[tie.by], default) for r in lost}


def _reasons(
    parents: pa.Table | None, tie: BelongsTo, gone: Iterable[Reject]
) -> Mapping[object, str]:
    """Why a row of ``parents`` was turned away, by what ties others to it."""
    if parents is None:
        return {}
    by_row = {r.row: r.reason for r in gone if r.table == tie.table}
    found = parents.select([ROW, tie.by]).to_pylist() if by_row else []
    return {r[tie.by]: by_row[r[ROW]] for r in found if r[ROW] in by_row}
