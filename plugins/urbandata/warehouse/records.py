"""What the platform notes about itself: outcomes of payloads, fetches, declared sources."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import duckdb

from urbandata import storage
from urbandata.landing import Ledger, day_of, sealed_day
from urbandata.registry import Source
from urbandata.settings import Settings
from urbandata.storage import Entry, Store
from urbandata.warehouse.tables import append, columns_of, staged


def new_outcomes(
    con: duckdb.DuckDBPyConnection, store: Store, only: Collection[str] | None
) -> list[dict[str, Any]]:
    """Outcomes (of some sources) that are not in the warehouse yet, oldest payload first.

    The same id may stand for two sources: inbox files that changed owner before ids named it.
    """
    known = set(con.execute("SELECT source, payload_id FROM ops.payloads").fetchall())
    folders = ["outcomes"] if only is None else [f"outcomes/{source}" for source in only]
    found = (e for f in folders for e in store.files(f, ".json", sizes=False))
    new = [e for e in found if (e.path.split("/")[1], e.stem) not in known]
    outcomes = [json.loads(content) for content in store.read(new)]
    return sorted(outcomes, key=lambda o: (o["fetched_at"], o["payload_id"]))


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
    store = storage.of(settings)
    with staged(con, "ops.quarantine") as place:
        for outcome in turned_away:
            path = store.uri(outcome["quarantine_path"])
            con.execute(
                f"INSERT INTO {place} "
                'SELECT ?, ?, table_name, "row", reason, record FROM read_parquet(?)',
                [outcome["payload_id"], outcome["source"], path],
            )


def record_fetches(
    con: duckdb.DuckDBPyConnection, settings: Settings, only: Collection[str] | None
) -> None:
    """Ledger lines that are not in ``ops.fetches`` yet; files of known size are skipped."""
    store = storage.of(settings)
    ledger = Ledger(store)
    seen = dict(con.execute("SELECT path, bytes FROM ops.ledger_files").fetchall())
    attempts: list[list[Any]] = []
    windows: list[list[Any]] = []
    sizes: list[tuple[str, int]] = []
    columns = [c for c in columns_of(con, "fetches") if c != "ledger_file"]
    files = [e for source in (("",) if only is None else only) for e in ledger.files(source)]
    new = [e for e in files if seen.get(_name(e)) != e.size]
    for entry, content in zip(new, store.read(new), strict=True):
        name = _name(entry)
        sizes.append((name, len(content)))
        for line in map(json.loads, content.split(b"\n")[:-1]):
            if line["kind"] == "attempt":
                values = (line[c] if line[c] != "" else None for c in columns)
                attempts.append([name, *values])
            elif line["kind"] == "window":
                keys = ("source", "origin", "start", "end", "at")
                windows.append([name, *(line[k] for k in keys)])
    sealed = {day for e in new if (day := sealed_day(_name(e)))}
    grown = dict(sizes)
    _forget(con, [n for n in seen if n in grown or day_of(n) in sealed])
    append(con, "ops.fetches", attempts)
    append(con, "ops.covered_windows", windows)
    append(con, "ops.ledger_files", sizes)


def _name(entry: Entry) -> str:
    return entry.path.removeprefix("ledger/")


def _forget(con: duckdb.DuckDBPyConnection, files: list[str]) -> None:
    """Remove the lines of files that have grown or were sealed; they are read anew as a whole."""
    places = {"fetches": "ledger_file", "covered_windows": "ledger_file", "ledger_files": "path"}
    for table, column in places.items() if files else ():
        con.execute(f"DELETE FROM ops.{table} WHERE list_contains(?, {column})", [files])


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
