"""What the platform notes about itself: outcomes of payloads, fetches, declared sources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from urbandata.landing import Ledger
from urbandata.registry import Source
from urbandata.settings import Settings
from urbandata.warehouse.tables import columns_of


def new_outcomes(con: duckdb.DuckDBPyConnection, data_dir: Path) -> list[dict[str, Any]]:
    """Outcomes that are not in the warehouse yet, oldest payload first."""
    known = {row[0] for row in con.execute("SELECT payload_id FROM ops.payloads").fetchall()}
    paths = [p for p in (data_dir / "outcomes").glob("*/*.json") if p.stem not in known]
    outcomes = [json.loads(p.read_bytes()) for p in paths]
    return sorted(outcomes, key=lambda o: (o["fetched_at"], o["payload_id"]))


def record_outcomes(
    con: duckdb.DuckDBPyConnection, settings: Settings, outcomes: list[dict[str, Any]], load_id: int
) -> None:
    """Payloads, checks at the door and rows turned away of the outcomes of one load."""
    if not outcomes:
        return
    payloads = [
        [o[c] for c in columns_of(con, "payloads") if c != "load_id"] + [load_id] for o in outcomes
    ]
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


def record_fetches(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
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
    columns = [c for c in columns_of(con, "fetches") if c != "ledger_file"]
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


def record_sources(con: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> None:
    """What the source.yml files declare replaces what ``ops.sources`` held."""
    con.execute("DELETE FROM ops.sources")
    for s in sources.values():
        con.execute(
            f"INSERT INTO ops.sources VALUES ({', '.join('?' * 18)})",
            [s.source, s.measure, s.title_de, s.title_en, s.office, s.producer, s.licence.id,
             s.licence.url, s.licence.attribution, s.licence.verified, s.homepage, s.protocol,
             s.kind, s.schedule.every.total_seconds(), s.schedule.promise.total_seconds(),
             s.schedule.promise_on, list(s.caveats_de), list(s.caveats_en)],
        )  # fmt: skip
