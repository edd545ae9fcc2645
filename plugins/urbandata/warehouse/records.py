"""What the platform notes about itself: outcomes of payloads, fetches, declared sources."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from urbandata.landing import Ledger
from urbandata.registry import Source
from urbandata.settings import Settings
from urbandata.warehouse.tables import append, columns_of, staged


def new_outcomes(
    con: duckdb.DuckDBPyConnection, data_dir: Path, only: Collection[str] | None
) -> list[dict[str, Any]]:
    """Outcomes (of some sources) that are not in the warehouse yet, oldest payload first."""
    known = {row[0] for row in con.execute("SELECT payload_id FROM ops.payloads").fetchall()}
    paths = [p for p in _of(data_dir / "outcomes", "*.json", only) if p.stem not in known]
    outcomes = [json.loads(p.read_bytes()) for p in paths]
    return sorted(outcomes, key=lambda o: (o["fetched_at"], o["payload_id"]))


def _of(folder: Path, pattern: str, only: Collection[str] | None) -> Iterator[Path]:
    """Files of the sources' folders; without ``only`` of all of them."""
    for source in ("*",) if only is None else only:
        yield from folder.glob(f"{source}/{pattern}")


def record_outcomes(
    con: duckdb.DuckDBPyConnection, settings: Settings, outcomes: list[dict[str, Any]], load_id: int
) -> None:
    """Payloads, checks at the door and rows turned away of the outcomes of one load."""
    if not outcomes:
        return
    columns = [c for c in columns_of(con, "payloads") if c != "load_id"]
    append(con, "ops.payloads", [[*(o[c] for c in columns), load_id] for o in outcomes])
    checks = [
        (o["payload_id"], o["source"], c["table"], c["check"], c["column"], c["severity"],
         c["success"], c["element_count"], c["unexpected_count"], c["why"], c["observed"],
         o["processed_at"], len(c["payload_ids"]))
        for o in outcomes
        for c in o["checks"]
    ]  # fmt: skip
    append(con, "ops.checks", checks)
    turned_away = [o for o in outcomes if o["quarantine_path"]]
    if not turned_away:
        return
    with staged(con, "ops.quarantine") as place:
        for outcome in turned_away:
            path = settings.data_dir / outcome["quarantine_path"]
            con.execute(
                f"INSERT INTO {place} "
                'SELECT ?, ?, table_name, "row", reason, record FROM read_parquet(?)',
                [outcome["payload_id"], outcome["source"], str(path)],
            )


def record_fetches(
    con: duckdb.DuckDBPyConnection, settings: Settings, only: Collection[str] | None
) -> None:
    """Ledger lines that are not in ``ops.fetches`` yet; files of known size are skipped."""
    ledger = Ledger(settings.data_dir)
    seen = dict(con.execute("SELECT path, bytes FROM ops.ledger_files").fetchall())
    attempts: list[list[Any]] = []
    windows: list[list[Any]] = []
    sizes: list[tuple[str, int]] = []
    columns = [c for c in columns_of(con, "fetches") if c != "ledger_file"]
    for path in _of(ledger.dir, "*/*/*.jsonl", only):
        name = path.relative_to(ledger.dir).as_posix()
        if seen.get(name) == path.stat().st_size:
            continue
        content = path.read_bytes()
        sizes.append((name, len(content)))
        for line in map(json.loads, content.split(b"\n")[:-1]):
            if line["kind"] == "attempt":
                values = (line[c] if line[c] != "" else None for c in columns)
                attempts.append([name, *values])
            elif line["kind"] == "window":
                keys = ("source", "origin", "start", "end", "at")
                windows.append([name, *(line[k] for k in keys)])
    _forget(con, [name for name, _ in sizes if name in seen])
    append(con, "ops.fetches", attempts)
    append(con, "ops.covered_windows", windows)
    append(con, "ops.ledger_files", [s for s in sizes if s[0] not in seen])
    for name, size in sizes:
        if name in seen:
            con.execute("UPDATE ops.ledger_files SET bytes = ? WHERE path = ?", [size, name])


def _forget(con: duckdb.DuckDBPyConnection, files: list[str]) -> None:
    """Remove the lines of ledger files that have grown; they are read anew as a whole."""
    if files:
        for table in ("fetches", "covered_windows"):
            con.execute(f"DELETE FROM ops.{table} WHERE list_contains(?, ledger_file)", [files])


def record_sources(con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> None:
    """What the source.yml files declare replaces what ``ops.sources`` held, if it differs.

    A table nobody changes is one that loaders beside each other do not quarrel about.
    """
    declared = [
        (s.source, s.measure, s.title_de, s.title_en, s.office, s.producer, s.licence.id,
         s.licence.url, s.licence.attribution, s.licence.verified, s.homepage, s.protocol,
         s.kind, s.schedule.every.total_seconds(), s.schedule.promise.total_seconds(),
         s.schedule.promise_on, list(s.caveats_de), list(s.caveats_en))
        for s in sources.values()
    ]  # fmt: skip
    if sorted(declared) != con.execute("FROM ops.sources ORDER BY source").fetchall():
        con.execute("DELETE FROM ops.sources")
        append(con, "ops.sources", declared)
