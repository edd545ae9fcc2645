"""Bronze files: accepted rows of one table, of as many payloads as are worth a file.

A file per payload would cost more than the rows of a small one, when it is written and again when
it is loaded. Each row says which payload it came from; what became of a payload says which file
holds its rows, and how many rows the file has in all.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from urbandata.landing import Attempt
from urbandata.registry import Table
from urbandata.storage import Store

MAX_ROWS = 250_000  # then one file of a load is read beside the next
INSTANT = pa.timestamp("us", tz="UTC")
File: TypeAlias = dict[str, Any]


def write(
    store: Store, folder: str, spec: Table, tables: Mapping[Attempt, pa.Table]
) -> dict[Attempt, File]:
    """Write one file with the rows of these payloads; what their outcomes say of it.

    That is its path, the payload's rows in it, rows in all, and the payload's first and last
    event time. The same payloads give the same file under the same name.
    """
    if not tables:
        return {}
    path = f"{folder}/{_name([a.payload_id for a in tables])}.parquet"
    whole = _with_origins(tables)
    write_parquet(store, path, whole)
    return {
        attempt: {
            "path": path, "rows": table.num_rows, "file_rows": whole.num_rows,
            **_reach(spec, table),
        }
        for attempt, table in tables.items()
    }  # fmt: skip


def write_parquet(store: Store, path: str, table: pa.Table) -> None:
    """Text by dictionary; times and counts as steps, which takes a seventh of the room."""
    texts, steps = [], {}
    for column in table.schema:
        if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
            texts.append(column.name)
        elif pa.types.is_temporal(column.type) or pa.types.is_int64(column.type):
            steps[column.name] = "DELTA_BINARY_PACKED"
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        compression="zstd",
        use_dictionary=texts,
        column_encoding=steps,
        write_statistics=False,  # it is always read whole
        store_schema=False,
    )
    store.put(path, buffer.getvalue())


def _name(payload_ids: list[str]) -> str:
    """The id of a single payload; of several, a digest of their ids as long as one."""
    if len(payload_ids) == 1:
        return payload_ids[0]
    return hashlib.sha256("\n".join(payload_ids).encode()).hexdigest()[: len(payload_ids[0])]


def _with_origins(tables: Mapping[Attempt, pa.Table]) -> pa.Table:
    """Rows of all payloads one after the other, each with where and when it came from."""
    whole = pa.concat_tables(tables.values())
    places = np.repeat(
        np.arange(len(tables), dtype=np.int32), [t.num_rows for t in tables.values()]
    )
    origins = pa.array([a.origin for a in tables], pa.string()).dictionary_encode()
    ids = pa.array([a.payload_id for a in tables], pa.string())
    fetched = pa.array([datetime.fromisoformat(a.finished_at) for a in tables], INSTANT)
    indices = pa.array(places)
    columns = {
        "_origin": origins.take(indices),
        "_payload_id": pa.DictionaryArray.from_arrays(indices, ids),
        "_fetched_at": fetched.take(indices),
    }
    for name, column in columns.items():
        whole = whole.append_column(name, column)
    return whole


def _reach(spec: Table, table: pa.Table) -> dict[str, str | None]:
    """Earliest and latest event time of a table as instants in ISO form."""
    ends = pc.min_max(table.column(spec.time)).as_py() if spec.time else {"min": None, "max": None}
    return {
        "oldest_event_at": _instant(ends["min"], spec.timezone),
        "newest_event_at": _instant(ends["max"], spec.timezone),
    }


def _instant(value: Any, timezone: str) -> str | None:
    """A clock reading or the start of a day in its zone."""
    if isinstance(value, datetime):
        at = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(timezone))
    elif isinstance(value, date):
        at = datetime(value.year, value.month, value.day, tzinfo=ZoneInfo(timezone))
    else:
        return None
    return at.isoformat()
