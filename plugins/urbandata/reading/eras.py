"""Times that no calendar here knows: before the year 1000 or after 9999.

They come from placeholders (0001-01-01 with an offset) and slips (12025). A column can hold them,
but Python cannot tell them, so each would stop whatever looks at it later.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Reject
from urbandata.reading.tabular import reject

FIRST, LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def within_reach(parsed: Parsed) -> Parsed:
    """The same with rows turned away that have such a time; usually there is none."""
    tables, rejects = dict(parsed.tables), list(parsed.rejects)
    for name, table in parsed.tables.items():
        for column in [c.name for c in table.schema if pa.types.is_temporal(c.type)]:
            tables[name], gone = _split(name, tables[name], column)
            rejects += gone
    return Parsed(tables, tuple(rejects)) if len(rejects) > len(parsed.rejects) else parsed


def _split(name: str, table: pa.Table, column: str) -> tuple[pa.Table, list[Reject]]:
    """Rows whose ``column`` is within reach or empty, and the others as rejects."""
    times = table.column(column)
    ends = pc.min_max(times)
    first, last = _reach(times.type)
    low, high = pc.less(ends["min"], first).as_py(), pc.greater(ends["max"], last).as_py()
    if not (low or high):
        return table, []
    far = pc.fill_null(pc.or_(pc.less(times, first), pc.greater(times, last)), False)
    others = [c.name for c in table.schema if not pa.types.is_temporal(c.type)]
    reason = f"{column}: time before the year 1000 or after the year 9999"
    rejects = [
        reject(name, record, reason) for record in table.select(others).filter(far).to_pylist()
    ]
    return table.filter(pc.invert(far)), rejects


@cache
def _reach(kind: pa.DataType) -> tuple[Any, Any]:
    """The first and the last time as a column of this type has them."""
    return pa.scalar(_as(FIRST, kind), kind), pa.scalar(_as(LAST, kind), kind)


def _as(end: datetime, kind: pa.DataType) -> datetime | date:
    if pa.types.is_date(kind):
        return end.date()
    return end if kind.tz else end.replace(tzinfo=None)
