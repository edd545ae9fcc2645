"""UBA answers to rows: positional lists whose names stand in ``indices``.

Measures have ``indices`` as an object, the station list has it as a list; that tells them apart.
A record is one positional list. ``_row`` counts the records in the order of the payload.
"""

import json
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source

MEASURE = {
    "component id": "component_id",
    "scope id": "scope_id",
    "value": "value",
    "date end": "date_end",
    "index": "index",
}
STATION = {
    "station id": "station_id",
    "station code": "code",
    "station name": "name",
    "station city": "city",
    "station synonym": "synonym",
    "station active from": "active_from",
    "station active to": "active_to",
    "station longitude": "longitude",
    "station latitude": "latitude",
    "network id": "network_id",
    "network code": "network_code",
    "network name": "network_name",
    "station setting id": "setting_id",
    "station setting name": "setting",
    "station setting short name": "setting_short",
    "station type id": "type_id",
    "station type name": "type",
    "station street": "street",
    "station street nr": "street_number",
    "station zip code": "zip_code",
}
HEAD = """
    SELECT
        json_type(answer, '$.indices'),
        json_type(answer, '$.data') = 'OBJECT' OR json_extract(answer, '$.data')::VARCHAR = '[]',
        coalesce(
            json_extract(answer, '$.indices.data."station id"."date start"'),
            json_extract(answer, '$.indices')
        )
    FROM payload"""  # without measures ``data`` may be [] instead of {}
# As maps, because json_each needs time that grows with the square of the entries.
STATIONS = """
    SELECT unnest(map_entries(
        from_json(json_extract(answer, '$.data'), '"MAP(VARCHAR, JSON)"')
    )) AS station
    FROM payload"""
ENTRIES = {  # station_id, date_start, record; in the order of the payload
    "stations": f"""
        SELECT station.key AS station_id, NULL::VARCHAR AS date_start, station.value AS record
        FROM ({STATIONS})""",
    "measures": f"""
        SELECT station_id, entry.key AS date_start, entry.value AS record
        FROM (
            SELECT station.key AS station_id, unnest(
                CASE WHEN json_type(station.value) = 'OBJECT'
                    THEN map_entries(from_json(station.value, '"MAP(VARCHAR, JSON)"'))
                    ELSE [{{'key': NULL::VARCHAR, 'value': station.value}}] END
            ) AS entry
            FROM ({STATIONS})
        )""",
}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``measures`` or ``stations``, whichever the answer holds."""
    with tabular.in_memory() as session:
        _load(session, payload.content)
        kind, names = _head(session)
        wanted = MEASURE if kind == "measures" else STATION
        text, rejects = _records(session, kind, _places(names, wanted, kind))
    if kind == "measures":
        text = _with_code(text, payload.resource, source)
    typed = tabular.typed(text, kind, source.tables[kind])
    return Parsed(typed.tables, tuple(sorted((*rejects, *typed.rejects), key=lambda r: r.row)))


def _load(session: duckdb.DuckDBPyConnection, content: bytes) -> None:
    """The answer as the one row of ``payload``. Raises PayloadError if it is no JSON."""
    text = tabular.decode(content, ["utf-8-sig"])
    with tabular.broken_json_is_said():
        session.execute("CREATE TEMP TABLE payload AS SELECT ?::JSON AS answer", [text])


def _head(session: duckdb.DuckDBPyConnection) -> tuple[str, list[str]]:
    """Kind of the answer and the names of the positions. Raises PayloadError if it is neither."""
    head = session.execute(HEAD).fetchone()
    indices, readable, names = head or (None, None, None)
    listed = json.loads(names) if names else None
    if not isinstance(listed, list):
        raise PayloadError("the answer does not name its positions ('indices')")
    if not readable:
        raise PayloadError("the answer has no 'data' by station")
    return ("stations" if indices == "ARRAY" else "measures"), [str(n) for n in listed]


def _places(names: list[str], wanted: Mapping[str, str], kind: str) -> dict[str, int]:
    """Position of each of our columns. Raises PayloadError naming what the payload lacks."""
    needed = MEASURE if kind == "measures" else ("station id", "station code", "station name")
    missing = [n for n in needed if n not in names]
    if missing:
        raise PayloadError(f"positions missing in 'indices': {', '.join(missing)}")
    return {ours: names.index(theirs) for theirs, ours in wanted.items() if theirs in names}


def _records(
    session: duckdb.DuckDBPyConnection, kind: str, places: Mapping[str, int]
) -> tuple[pa.Table, list[Reject]]:
    """Records as columns of text, and those that are not lists long enough to hold them."""
    length = max(places.values()) + 1
    session.execute(
        "CREATE TEMP TABLE entries AS "
        f"SELECT *, row_number() OVER () AS _row FROM ({ENTRIES[kind]})"
    )
    fits = f"json_type(record) = 'ARRAY' AND json_array_length(record) >= {length}"
    fields = ", ".join(
        f"json_extract_string(record, '$[{i}]') AS \"{n}\"" for n, i in places.items()
    )
    key = "station_id, date_start, " if kind == "measures" else ""
    text = session.execute(
        f"SELECT {key}{fields}, _row FROM entries WHERE {fits} ORDER BY _row"
    ).to_arrow_table()
    bad = session.execute(
        "SELECT _row, concat_ws(' ', station_id, date_start, record::VARCHAR) FROM entries "
        f"WHERE ({fits}) IS NOT TRUE ORDER BY _row"
    ).fetchall()
    reason = f"record is not a list of at least {length} values"
    return text, [Reject(kind, row, reason, record[:500]) for row, record in bad]


def _with_code(text: pa.Table, resource: str, source: Source) -> pa.Table:
    """Adds ``station_code``: from the question asked, or for files by the known numbers."""
    asked = resource.split("/")
    if asked[0] == "measures" and len(asked) > 1:
        return tabular.constants(text, station_code=asked[1])
    known = source.options["known_ids"]
    codes = [known.get(number) for number in text.column("station_id").to_pylist()]
    return text.append_column("station_code", pa.array(codes, pa.string()))
