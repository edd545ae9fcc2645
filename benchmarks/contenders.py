"""The ways from payloads to loaded rows that ``ingest.py`` compares, each in a process of its own.

``python benchmarks/contenders.py NAME SOURCE FOLDER [FILES]`` prints what it cost as JSON. Imports
are done before the clock starts. All but ``ours`` read the plain files and check nothing.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

COLUMNS = {
    "sensorthings": "observation_id BIGINT, phenomenon VARCHAR, result_time TIMESTAMPTZ, "
    '"result" DOUBLE',
    "eco_counter": "channel VARCHAR, measured_local TIMESTAMP, bicycles BIGINT, status BIGINT",
    "mscons": "qualifier VARCHAR, quantity DOUBLE, interval_start VARCHAR, interval_end VARCHAR",
}
# What DuckDB's readers make of the files; it has none for EDIFACT, so text is split in SQL.
SELECTS = {
    "sensorthings": """
        SELECT o."@iot.id" AS observation_id, o.phenomenonTime AS phenomenon,
            o.resultTime AS result_time, o."result" AS "result"
        FROM (SELECT unnest(value) AS o FROM read_json($files, maximum_object_size = 67108864,
            columns = {value: 'STRUCT("@iot.id" BIGINT, phenomenonTime VARCHAR,
                resultTime TIMESTAMPTZ, "result" DOUBLE)[]'}))""",
    "eco_counter": """
        SELECT unnest(['total', 'in', 'out']) AS channel, measured_local,
            unnest([a, b, c]) AS bicycles, unnest([x, y, z]) AS status
        FROM read_csv($files, skip = 1, header = false, delim = ',', columns = {
            measured_local: 'TIMESTAMP', a: 'BIGINT', b: 'BIGINT', c: 'BIGINT',
            x: 'BIGINT', y: 'BIGINT', z: 'BIGINT'})""",
    "mscons": """
        SELECT split_part(part, ':', 1) AS qualifier,
            split_part(split_part(part, '''', 1), ':', 2)::DOUBLE AS quantity,
            part[position('DTM+163:' IN part) + 8:][:16] AS interval_start,
            part[position('DTM+164:' IN part) + 8:][:16] AS interval_end
        FROM (SELECT unnest(string_split(content, 'QTY+')[2:]) AS part FROM read_text($files))""",
}


def main() -> None:
    """Run one contender and print its cost."""
    name, source, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    files = sorted(str(p) for p in (folder / "plain").iterdir())
    if len(sys.argv) > 4:  # noqa: PLR2004 - more than there are: some of them again
        files = [files[n % len(files)] for n in range(int(sys.argv[4]))]
    run = {"ours": ours, "limit": limit, "dlt": dlt_rows, "dlt-arrow": dlt_arrow}[name]
    scratch = folder / f"run-{name}"
    work = run(source, folder, files, scratch)  # imports and settings
    began, began_cpu = time.perf_counter(), _cpu()
    rows, notes = work()
    seconds, cpu = time.perf_counter() - began, _cpu() - began_cpu
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(k).ru_maxrss for k in kinds) / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu": cpu, "peak_mb": peak, **notes}))


def _cpu() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))


Work = Callable[[], tuple[int, dict[str, Any]]]


def ours(source: str, folder: Path, files: list[str], scratch: Path) -> Work:
    """The platform's own way: raw zone, parser, door, bronze, load; counts must add up."""
    from urbandata import backlog, door, pipeline, registry, warehouse
    from urbandata.settings import Settings

    door.warm_up()
    settings = dataclasses.replace(Settings.from_env({}), data_dir=folder / "data")
    known = registry.source(source)
    scratch.mkdir(exist_ok=True)

    def work() -> tuple[int, dict[str, Any]]:
        ingested = pipeline.Ingested(source)
        began = time.perf_counter()
        for outcome in backlog.process(settings, known):
            ingested.add(outcome)
        bronze = time.perf_counter() - began
        with warehouse.writing(settings) as con:
            loaded = warehouse.load(con, settings, registry.sources())
        if ingested.accepted + ingested.quarantined != ingested.parsed:
            sys.exit(f"rows are lost: {ingested}")
        if sum(loaded.rows.values()) != ingested.accepted:
            sys.exit(f"{loaded} does not hold {ingested.accepted} rows")
        load = time.perf_counter() - began - bronze
        notes = {"bronze_s": bronze, "load_s": load, "quarantined": ingested.quarantined}
        return ingested.parsed, notes

    return work


def limit(source: str, folder: Path, files: list[str], scratch: Path) -> Work:
    """DuckDB's reader into a table: no check, no types but those of the table."""
    con = duckdb.connect(str(scratch) + ".duckdb")
    con.execute(f"SET TimeZone = 'UTC'; CREATE TABLE rows ({COLUMNS[source]})")

    def work() -> tuple[int, dict[str, Any]]:
        con.execute(f"INSERT INTO rows {SELECTS[source]}", {"files": files})
        (rows,) = con.execute("SELECT count(*) FROM rows").fetchone() or (0,)
        con.close()
        return int(rows), {}

    return work


def dlt_rows(source: str, folder: Path, files: list[str], scratch: Path) -> Work:
    """dlt as its tutorial shows it: a generator of dictionaries, ``pipeline.run``."""
    return _dlt(lambda: READERS[source](files), scratch)


def dlt_arrow(source: str, folder: Path, files: list[str], scratch: Path) -> Work:
    """dlt's fast path: one Arrow table a file, read with DuckDB, the fastest reader at hand."""

    def tables() -> Iterator[pa.Table]:
        with duckdb.connect() as con:
            for file in files:
                yield con.execute(SELECTS[source], {"files": [file]}).to_arrow_table()

    return _dlt(tables, scratch)


def _dlt(data: Callable[[], Iterator[Any]], scratch: Path) -> Work:
    import dlt

    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=str(scratch),
        destination=dlt.destinations.duckdb(str(scratch) + ".duckdb"),
        dataset_name="loaded",
    )

    def work() -> tuple[int, dict[str, Any]]:
        pipeline.run(data(), table_name="rows")
        with duckdb.connect(str(scratch) + ".duckdb") as con:
            (rows,) = con.execute("SELECT count(*) FROM loaded.rows").fetchone() or (0,)
        return int(rows), {}

    return work


def _pages(files: list[str]) -> Iterator[Any]:
    for file in files:
        yield json.loads(Path(file).read_bytes())["value"]


def _cells(files: list[str]) -> Iterator[Any]:
    for file in files:
        with Path(file).open(encoding="utf-8", newline="") as text:
            lines = csv.reader(text)
            _, *names = next(lines)
            channels = names[: len(names) // 2]
            for at, *values in lines:
                for i, name in enumerate(channels):
                    status = values[i + len(channels)]
                    yield {"channel": name, "at": at, "count": values[i], "status": status}


def _quantities(files: list[str]) -> Iterator[Any]:
    for file in files:
        point = register = ""
        found: dict[str, Any] = {}
        for segment in Path(file).read_text(encoding="latin-1").split("'"):
            tag, _, rest = segment.strip().partition("+")
            if tag == "LOC":
                point = rest.split("+")[1]
            elif tag == "PIA":
                register = rest.split("+")[1]
            elif tag == "QTY":
                code, value, *_ = rest.split(":")
                found = {"point": point, "register": register, "code": code, "value": float(value)}
            elif tag == "DTM" and found and rest.startswith("163:"):
                found["start"] = rest[4:20]
            elif tag == "DTM" and found and rest.startswith("164:"):
                yield {**found, "end": rest[4:20]}
                found = {}


READERS = {"sensorthings": _pages, "eco_counter": _cells, "mscons": _quantities}

if __name__ == "__main__":
    main()
