"""SensorThings answers (JSON) and LDES files (RDF, one triple a line) to typed tables.

The collections (Things, Datastreams, Observations) are told apart by their records, an empty one
by what was asked. A datastream is named by the request; files name it only where the observations
expand it or stand inside of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

OBSERVATION = (
    'observation_id="@iot.id"',
    'expanded_id=Datastream."@iot.id"',
    "phenomenon=phenomenonTime",
    "result_time=resultTime",
    "result",
)
THINGS = """
    CREATE TEMP TABLE streams AS
    WITH things AS (
        SELECT thing, row_number() OVER () AS place
        FROM (SELECT unnest(from_json(json_extract(?::JSON, '$.value'), '["JSON"]')) AS thing)
    )
    SELECT thing, place, generate_subscripts(list, 1) AS number, unnest(list) AS stream
    FROM (SELECT *, from_json(thing->'Datastreams', '["JSON"]') AS list FROM things)"""
STREAMS = """
    CREATE TEMP TABLE streams AS
    SELECT json_extract(stream, '$.Thing') AS thing, row_number() OVER () AS place, 1 AS number,
        stream
    FROM (SELECT unnest(from_json(json_extract(?::JSON, '$.value'), '["JSON"]')) AS stream)"""
DATASTREAMS = """
    WITH located AS (
        SELECT *, coalesce(
            json_extract(thing, '$.Locations[0].location.geometry'),
            json_extract(thing, '$.Locations[0].location')) AS point
        FROM streams
    )
    SELECT
        json_extract_string(stream, '$."@iot.id"') AS datastream_id,
        json_extract_string(thing, '$."@iot.id"') AS thing_id,
        json_extract_string(thing, '$.name') AS thing_name,
        json_extract_string(stream, '$.name') AS name,
        json_extract_string(stream, '$.ObservedProperty.name') AS observed_property,
        coalesce(
            nullif(json_extract_string(stream, '$.unitOfMeasurement.symbol'), ''),
            json_extract_string(stream, '$.unitOfMeasurement.name')) AS unit,
        CASE WHEN point->>'type' = 'Point' THEN point->'coordinates'->>1 END AS latitude,
        CASE WHEN point->>'type' = 'Point' THEN point->'coordinates'->>0 END AS longitude,
        row_number() OVER (ORDER BY place, number) AS _row
    FROM located ORDER BY _row"""
INSIDE = """
    SELECT
        json_extract_string(stream, '$."@iot.id"') AS expanded_id,
        json_extract_string(record, '$."@iot.id"') AS observation_id,
        json_extract_string(record, '$.phenomenonTime') AS phenomenon,
        json_extract_string(record, '$.resultTime') AS result_time,
        json_extract_string(record, '$.result') AS result,
        row_number() OVER () AS _row
    FROM (
        SELECT stream, unnest(from_json(stream->'Observations', '["JSON"]')) AS record
        FROM (FROM streams ORDER BY place, number)
    )"""
OFFSET = r":\d\d(\.\d+)?\s*(Z|[+-]\d\d(:?\d\d)?)$"
TRIPLE = (
    r"^<[^<>]*/Observations\(([^()<>]+)\)>\s+<[^<>]*[/#]([A-Za-z]+)>\s+"
    r'(?:<([^<>]*)>|"([^"\\]*)"(?:\^\^<[^<>]*>)?)\s+\.$'
)
TRIPLES = """
    CREATE TEMP TABLE triples AS
    SELECT line, _row, regexp_extract(line, ?, ['id', 'property', 'link', 'text']) AS part
    FROM (
        SELECT trim(unnest(lines)) AS line, generate_subscripts(lines, 1) AS _row
        FROM (SELECT string_split(?, chr(10)) AS lines)
    )
    WHERE line <> ''"""
SUBJECTS = """
    SELECT
        part.id AS observation_id,
        max(part.text) FILTER (part.property = 'phenomenonTime') AS phenomenon,
        max(part.text) FILTER (part.property = 'resultTime') AS result_time,
        max(part.text) FILTER (part.property = 'result') AS result,
        regexp_extract(
            max(part.text || part.link) FILTER (part.property = 'datastream'),
            'Datastreams\\(([^()]+)\\)$', 1) AS expanded_id,
        count(*) > count(DISTINCT part.property) AS is_ambiguous,
        min(_row) AS _row
    FROM triples WHERE part.id <> '' GROUP BY part.id ORDER BY _row"""


def parse(payload: Payload, source: Source) -> Parsed:
    """Tables ``datastreams`` and ``observations``. Raises PayloadError for anything else."""
    if payload.content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        text, rejects = _triples(payload.content)
        return _observations(text, None, source, rejects)
    rows = tabular.json_records(payload.content, OBSERVATION, "$.value", numbers=["result"])
    entries = None if _has(rows, "result") else _entries(payload)
    if entries:
        return _streams(payload.content, entries, source)
    if rows.num_rows and not (_has(rows, "phenomenon") or _has(rows, "result")):
        raise PayloadError("neither Things with their Datastreams nor Observations")
    kind, _, rest = payload.resource.partition("/")
    asked = rest.split("/page/")[0] if kind == "datastreams" else None
    return _observations(rows, asked, source)


def _entries(payload: Payload) -> str | None:
    """How to read a list of Things or of Datastreams; None for what is neither."""
    fields = ("streams=Datastreams", "unit=unitOfMeasurement")
    rows = tabular.json_records(payload.content, fields, "$.value")
    if _has(rows, "streams") or (not rows.num_rows and payload.resource.startswith("things")):
        return THINGS
    return STREAMS if _has(rows, "unit") else None


def _has(rows: pa.Table, column: str) -> bool:
    return bool(rows.column(column).null_count < rows.num_rows)


def _streams(content: bytes, entries: str, source: Source) -> Parsed:
    """Datastreams, and the observations that stand inside of them if they are expanded."""
    with tabular.in_memory() as session:
        session.execute(entries, [content.decode("utf-8-sig")])
        streams = session.execute(DATASTREAMS).to_arrow_table()
        inside = session.execute(INSIDE).to_arrow_table()
    parsed = tabular.typed(streams, "datastreams", source.tables["datastreams"])
    if not inside.num_rows:
        return parsed
    more = _observations(inside, None, source)
    return Parsed({**parsed.tables, **more.tables}, (*parsed.rejects, *more.rejects))


def _observations(
    text: pa.Table, asked: str | None, source: Source, rejects: tuple[Reject, ...] = ()
) -> Parsed:
    """Typed observations; ``asked`` is the datastream of the request."""
    start, end = _ends(text.column("phenomenon").combine_chunks())
    text = text.append_column("phenomenon_start", start).append_column("phenomenon_end", end)
    if _has(text, "expanded_id"):
        text = text.append_column("datastream_id", text.column("expanded_id"))
    else:
        same = pa.array(np.zeros(text.num_rows, np.int32))
        names = pa.DictionaryArray.from_arrays(same, pa.array([asked or ""]))
        text = text.append_column("datastream_id", names)
    fault = _without_offset(text, ("phenomenon_start", "phenomenon_end", "result_time"))
    if fault is not None:
        text = text.append_column(tabular.FAULT, fault)
    typed = tabular.typed(text, "observations", source.tables["observations"])
    found = sorted((*rejects, *typed.rejects), key=lambda r: r.row)
    return Parsed(typed.tables, tuple(found))


def _ends(times: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Begin and end of intervals (``begin/end``); an instant has no end."""
    if (found := _alike(times)) is not None:
        return found
    parts = pc.split_pattern(times, "/", max_splits=1)
    ends = pc.list_slice(parts, 0, 2, return_fixed_size_list=True)  # null where there is none
    return pc.list_element(ends, 0), pc.list_element(ends, 1)


def _alike(times: pa.Array) -> tuple[pa.Array, pa.Array] | None:
    """The same, in less time, where all are instants, or intervals as long as each other."""
    slash, length = (
        pc.min_max(found(times)).as_py()
        for found in (partial(pc.find_substring, pattern="/"), pc.binary_length)
    )
    if slash["max"] in (None, -1):
        return times, pa.nulls(len(times), pa.string())
    place, end = slash["max"], length["max"]
    if times.null_count or slash["min"] < place or length["min"] < end:
        return None
    letters = times.cast(pa.binary())
    halves = pc.binary_slice(letters, 0, place), pc.binary_slice(letters, place + 1, end)
    return halves[0].cast(pa.string()), halves[1].cast(pa.string())


def _without_offset(text: pa.Table, columns: Iterable[str]) -> pa.ChunkedArray | None:
    """Marks times without an offset, which might be hours wrong in UTC; None if all have one."""
    bad = None
    for column in columns:
        times = text.column(column)
        if pc.all(pc.ends_with(times, "Z"), min_count=0).as_py():
            continue
        bare = pc.fill_null(pc.invert(pc.match_substring_regex(times, OFFSET)), False)
        bad = bare if bad is None else pc.or_(bad, bare)
    if bad is None or not pc.any(bad).as_py():
        return None
    return pc.if_else(bad, "time without offset from UTC", pa.scalar(None, pa.string()))


def _triples(content: bytes) -> tuple[pa.Table, tuple[Reject, ...]]:
    """Observations of an RDF file as text, ``_row`` being their first line.

    A line that is no triple about an observation, and an observation that says the same property
    twice, are turned away. Raises PayloadError if not a single line can be read.
    """
    text = tabular.decode(content, ["utf-8-sig"])
    with tabular.in_memory() as session:
        session.execute(TRIPLES, [TRIPLE, text])
        subjects = session.execute(SUBJECTS).to_arrow_table()
        lines = session.execute(
            "SELECT _row, line FROM triples WHERE part.id = '' ORDER BY _row"
        ).fetchall()
    if not subjects.num_rows:
        raise PayloadError("no line is a triple about an observation")
    reason = "the line is no triple about an observation"
    rejects = [Reject("observations", row, reason, line[:500]) for row, line in lines]
    twice = subjects.filter(subjects.column("is_ambiguous")).to_pylist()
    rejects += [_twice(r["_row"], r["observation_id"]) for r in twice]
    return subjects.filter(pc.invert(subjects.column("is_ambiguous"))), tuple(rejects)


def _twice(row: int, number: str) -> Reject:
    return Reject("observations", row, "a property is given twice", f"Observations({number})")
