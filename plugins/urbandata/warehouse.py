"""The only module that opens DuckDB for writing: load, publish, pointer.

One writer at a time: a lock file beside the warehouse keeps a second one out. Loading appends
new bronze files and records them in the same transaction, so each is in exactly once whatever
was killed when. Publishing writes a new file named by its build and then moves a pointer.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from urbandata.errors import UrbandataError
from urbandata.landing import Ledger, utc_now, write_atomically
from urbandata.registry import Source
from urbandata.settings import Settings

log = logging.getLogger(__name__)
SQL_TYPES = {
    "string": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "datetime": "TIMESTAMP",
    "date": "DATE",
}
META_COLUMNS = {
    "_origin": "VARCHAR",
    "_payload_id": "VARCHAR",
    "_row": "BIGINT",
    "_fetched_at": "TIMESTAMPTZ",
    "_load_id": "BIGINT",
}
PUBLISHED_SCHEMAS = ("marts", "ops")
# What the citizens' app reads: public marts, and the register their figures are computed with.
PUBLIC_TABLES = {
    "marts": ("public_%", "dim_cleema_actions", "dim_cleema_assumptions", "dim_emission_factors"),
    "ops": ("sources",),
}
OPS_DDL = (Path(__file__).parent / "sql" / "ops.sql").read_text(encoding="utf-8")
SOURCE_STATUS = (Path(__file__).parent / "sql" / "source_status.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load brought in: payloads and rows by source."""

    load_id: int
    payloads: int
    rows: dict[str, int]


@contextmanager
def writing(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, opened for writing by this process alone."""
    with locked(settings):
        con = duckdb.connect(str(settings.warehouse_path))
        try:
            con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
            yield con
        finally:
            con.close()


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Wait for the writer's lock; the system frees it when a process dies."""
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "writer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> None:
    """Create what is missing: ops tables and one raw table per declared table."""
    con.execute(OPS_DDL)
    con.execute("CREATE SCHEMA IF NOT EXISTS raw")
    for source in sources.values():
        for name, table in source.tables.items():
            columns = {n: SQL_TYPES[c.type] for n, c in table.columns.items()} | META_COLUMNS
            _ensure_table(con, f"{source.source}__{name}", columns)


def load(
    con: duckdb.DuckDBPyConnection, settings: Settings, sources: Mapping[str, Source]
) -> Loaded:
    """Append all new bronze files and ops records in one transaction."""
    prepare(con, sources)
    con.execute("BEGIN")
    try:
        loaded = _load(con, settings, sources)
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise
    return loaded


def _load(
    con: duckdb.DuckDBPyConnection, settings: Settings, sources: Mapping[str, Source]
) -> Loaded:
    load_id = _scalar(con, "SELECT coalesce(max(load_id), 0) + 1 FROM ops.loads")
    outcomes = _new_outcomes(con, settings.data_dir)
    rows: dict[str, int] = {}
    files: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for outcome in outcomes:
        for table, file in outcome["files"].items():
            if outcome["source"] in sources:
                files.setdefault((outcome["source"], table), []).append({**outcome, **file})
    for (source, table), members in files.items():
        rows[source] = rows.get(source, 0) + _append(con, settings, source, table, members, load_id)
    _record_outcomes(con, settings, outcomes, load_id)
    _record_fetches(con, settings)
    _record_sources(con, sources)
    if outcomes:
        con.execute("INSERT INTO ops.loads VALUES (?, ?, ?)", [load_id, utc_now(), len(outcomes)])
    return Loaded(load_id, len(outcomes), rows)


def _append(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: str,
    table: str,
    members: list[dict[str, Any]],
    load_id: int,
) -> int:
    """Append the bronze files of one table; the row counts must be those written."""
    paths = [str(settings.data_dir / m["path"]) for m in members]
    count = con.execute(
        f"INSERT INTO raw.{source}__{table} BY NAME "
        "SELECT *, ?::BIGINT AS _load_id FROM read_parquet(?, union_by_name := true)",
        [load_id, paths],
    ).fetchone()
    expected = int(sum(m["rows"] for m in members))
    if not count or count[0] != expected:
        raise UrbandataError(f"{source}.{table}: {expected} rows in bronze, {count} loaded")
    now = utc_now()
    records = [
        (m["payload_id"], source, table, m["path"], m["rows"], load_id, now,
         m.get("oldest_event_at"), m.get("newest_event_at"))
        for m in members
    ]  # fmt: skip
    con.executemany("INSERT INTO ops.loaded_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", records)
    return expected


def _new_outcomes(con: duckdb.DuckDBPyConnection, data_dir: Path) -> list[dict[str, Any]]:
    """Outcomes that are not in the warehouse yet, oldest payload first."""
    known = {row[0] for row in con.execute("SELECT payload_id FROM ops.payloads").fetchall()}
    paths = [p for p in (data_dir / "outcomes").glob("*/*.json") if p.stem not in known]
    outcomes = [json.loads(p.read_bytes()) for p in paths]
    return sorted(outcomes, key=lambda o: (o["fetched_at"], o["payload_id"]))


def _record_outcomes(
    con: duckdb.DuckDBPyConnection, settings: Settings, outcomes: list[dict[str, Any]], load_id: int
) -> None:
    if not outcomes:
        return
    columns = [c for c in _columns(con, "payloads") if c != "load_id"]
    payloads = [[o[c] for c in columns] + [load_id] for o in outcomes]
    con.executemany(
        f"INSERT INTO ops.payloads VALUES ({', '.join('?' * len(payloads[0]))})", payloads
    )
    checks = [
        (o["payload_id"], o["source"], c["table"], c["check"], c["column"], c["severity"],
         c["success"], c["element_count"], c["unexpected_count"], c["why"], c["observed"],
         o["processed_at"], len(c["payload_ids"]))
        for o in outcomes
        for c in o["checks"]
    ]  # fmt: skip
    if checks:
        con.executemany(f"INSERT INTO ops.checks VALUES ({', '.join('?' * 13)})", checks)
    for outcome in outcomes:
        if outcome["quarantine_path"]:
            con.execute(
                "INSERT INTO ops.quarantine "
                'SELECT ?, ?, table_name, "row", reason, record FROM read_parquet(?)',
                [
                    outcome["payload_id"],
                    outcome["source"],
                    str(settings.data_dir / outcome["quarantine_path"]),
                ],
            )


def _record_fetches(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Ledger lines that are not in ``ops.fetches`` yet; files of known size are skipped."""
    ledger = Ledger(settings.data_dir)
    seen = dict(con.execute("SELECT path, bytes FROM ops.ledger_files").fetchall())
    changed = {
        p.relative_to(ledger.dir).as_posix(): p
        for p in ledger.dir.glob("*/*/*/*.jsonl")
        if seen.get(p.relative_to(ledger.dir).as_posix()) != p.stat().st_size
    }
    for name, path in changed.items():
        content = path.read_bytes()
        lines = [json.loads(raw) for raw in content.split(b"\n")[:-1]]
        con.execute("DELETE FROM ops.fetches WHERE ledger_file = ?", [name])
        con.execute("DELETE FROM ops.covered_windows WHERE ledger_file = ?", [name])
        _insert_lines(con, name, lines)
        con.execute("INSERT OR REPLACE INTO ops.ledger_files VALUES (?, ?)", [name, len(content)])


def _insert_lines(con: duckdb.DuckDBPyConnection, name: str, lines: list[dict[str, Any]]) -> None:
    columns = [c for c in _columns(con, "fetches") if c != "ledger_file"]
    attempts = [
        [name, *(line[c] if line[c] != "" else None for c in columns)]
        for line in lines
        if line["kind"] == "attempt"
    ]
    if attempts:
        marks = ", ".join("?" * len(attempts[0]))
        con.executemany(f"INSERT INTO ops.fetches VALUES ({marks})", attempts)
    windows = [
        (name, w["source"], w["origin"], w["start"], w["end"], w["at"])
        for w in lines
        if w["kind"] == "window"
    ]
    if windows:
        con.executemany("INSERT INTO ops.covered_windows VALUES (?, ?, ?, ?, ?, ?)", windows)


def _record_sources(con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> None:
    con.execute("DELETE FROM ops.sources")
    for s in sources.values():
        con.execute(
            f"INSERT INTO ops.sources VALUES ({', '.join('?' * 18)})",
            [s.source, s.measure, s.title_de, s.title_en, s.office, s.producer, s.licence.id,
             s.licence.url, s.licence.attribution, s.licence.verified, s.homepage, s.protocol,
             s.kind, s.schedule.every.total_seconds(), s.schedule.promise.total_seconds(),
             s.schedule.promise_on, list(s.caveats_de), list(s.caveats_en)],
        )  # fmt: skip


def _ensure_table(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str]) -> None:
    """Create the table, or add columns that its source.yml has gained."""
    body = ", ".join(f'"{n}" {t}' for n, t in columns.items())
    con.execute(f"CREATE TABLE IF NOT EXISTS raw.{name} ({body})")
    for column, sql_type in columns.items():
        con.execute(f'ALTER TABLE raw.{name} ADD COLUMN IF NOT EXISTS "{column}" {sql_type}')


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = con.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'ops' AND table_name = ? ORDER BY ordinal_position",
        [table],
    ).fetchall()
    return [row[0] for row in rows]


def _scalar(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = con.execute(sql).fetchone()
    return row[0] if row else None


def publish(
    settings: Settings, build_id: str, origin: str, extra_schemas: tuple[str, ...] = ()
) -> Path:
    """Copy marts and ops to ``serving/<build_id>.duckdb``, check the copy, move the pointer.

    Beside it ``serving/public/<build_id>.duckdb`` with what everybody may see and nothing else.

    Until the pointer moves, readers keep the last good build. Raises UrbandataError if the copy
    does not hold the rows of the warehouse; the pointer then stays where it is.
    """
    public_dir = settings.serving_dir / "public"
    with writing(settings) as con:
        con.execute(SOURCE_STATUS.format(origin=origin))
        wanted = dict.fromkeys((*PUBLISHED_SCHEMAS, *extra_schemas), ("%",))
        target = _write_build(con, settings.serving_dir, build_id, wanted)
        _write_build(con, public_dir, build_id, PUBLIC_TABLES)
    for folder in (public_dir, settings.serving_dir):
        point_to(folder, build_id)
        _forget_old_builds(folder, settings.keep_builds)
    return target


def _write_build(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    build_id: str,
    wanted: Mapping[str, Sequence[str]],
) -> Path:
    """A file with the wanted tables: schema to LIKE patterns of names. Whole or not there."""
    partial = folder / f".{build_id}.partial"
    folder.mkdir(parents=True, exist_ok=True)
    partial.unlink(missing_ok=True)
    con.execute(f"ATTACH '{partial}' AS serving")
    try:
        for schema, patterns in wanted.items():
            _copy_schema(con, schema, patterns)
    finally:
        con.execute("DETACH serving")
    target = folder / f"{build_id}.duckdb"
    partial.replace(target)
    return target


def point_to(folder: Path, build_id: str) -> None:
    """Make ``build_id`` the build in service of a folder, atomically."""
    pointer = {
        "build_id": build_id,
        "path": f"{build_id}.duckdb",
        "published_at": utc_now().isoformat(),
    }
    write_atomically(folder / "current.json", json.dumps(pointer).encode())


def current_build(settings: Settings) -> dict[str, str] | None:
    """The pointer: build id, file name in the serving folder, time. None before the first build."""
    try:
        pointer: dict[str, str] = json.loads((settings.serving_dir / "current.json").read_bytes())
    except FileNotFoundError:
        return None
    return pointer


def last_code_hash(con: duckdb.DuckDBPyConnection) -> str | None:
    """Hash of the dbt code that built the tables; None before the first good build."""
    row = con.execute(
        "SELECT arg_max(code_hash, started_at) FROM ops.builds WHERE state = 'published'"
    ).fetchone()
    return row[0] if row else None


def record_build(con: duckdb.DuckDBPyConnection, build: Mapping[str, Any]) -> None:
    """One row in ``ops.builds``, one per dbt node in ``ops.dbt_results``; a retry replaces."""
    build_id = build["build_id"]
    con.execute("DELETE FROM ops.builds WHERE build_id = ?", [build_id])
    con.execute("DELETE FROM ops.dbt_results WHERE build_id = ?", [build_id])
    con.execute(
        "INSERT INTO ops.builds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [build[c] for c in _columns(con, "builds")],
    )
    if build["results"]:
        con.executemany(
            "INSERT INTO ops.dbt_results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", build["results"]
        )


def _copy_schema(con: duckdb.DuckDBPyConnection, schema: str, patterns: Sequence[str]) -> None:
    """Copy tables whose names are like a pattern, with their comments; the counts must match."""
    con.execute(f"CREATE SCHEMA serving.{schema}")
    tables = con.execute(
        "SELECT table_name, comment FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = ? "
        "AND len(list_filter(?::VARCHAR[], lambda p: table_name LIKE p)) > 0 ORDER BY 1",
        [schema, list(patterns)],
    ).fetchall()
    for table, comment in tables:
        con.execute(f'CREATE TABLE serving.{schema}."{table}" AS FROM {schema}."{table}"')
        _comment(con, f'TABLE serving.{schema}."{table}"', comment)
        copied = _scalar(con, f'SELECT count(*) FROM serving.{schema}."{table}"')
        if copied != _scalar(con, f'SELECT count(*) FROM {schema}."{table}"'):
            raise UrbandataError(f"{schema}.{table}: the published copy lacks rows; not published")
    columns = con.execute(
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL "
        "AND database_name = current_database() AND schema_name = ? "
        "AND list_contains(?, table_name)",
        [schema, [name for name, _ in tables]],
    ).fetchall()
    for table, column, comment in columns:
        _comment(con, f'COLUMN serving.{schema}."{table}"."{column}"', comment)


def _comment(con: duckdb.DuckDBPyConnection, target: str, comment: str | None) -> None:
    if comment:
        text = comment.replace("'", "''")
        con.execute(f"COMMENT ON {target} IS '{text}'")


def _forget_old_builds(folder: Path, keep: int) -> None:
    """Keep the newest builds; on a POSIX system open readers keep what they have open."""
    for old in sorted(folder.glob("*.duckdb"))[:-keep]:
        old.unlink()
    for leftover in folder.glob(".*.partial*"):
        leftover.unlink()


def extract(
    build: Path, target: Path, selects: Mapping[str, str], comments: Mapping[str, str]
) -> None:
    """Write a new DuckDB file from a published build: a table per select, rows in one order.

    ``selects`` and ``comments`` are by qualified name (``marts.x``, and ``marts.x.column`` for
    comments). One thread, so that equal builds give equal files.
    """
    with duckdb.connect(str(target), config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{build}' AS build (READ_ONLY)")
        for schema in sorted({name.partition(".")[0] for name in selects}):
            con.execute(f"CREATE SCHEMA {schema}")
        for name, select in selects.items():
            con.execute("USE build")
            schema, _, table = name.partition(".")
            place = f'"{target.stem}".{schema}."{table}"'
            con.execute(f"CREATE TABLE {place} AS FROM ({select}) ORDER BY ALL")
        con.execute(f'USE "{target.stem}"')
        for name, text in comments.items():
            parts = name.split(".")
            kind = "COLUMN" if len(parts) > 2 else "TABLE"  # noqa: PLR2004 - schema.table.column
            _comment(con, f"{kind} " + ".".join(f'"{p}"' for p in parts), text)
        con.execute("DETACH build")
