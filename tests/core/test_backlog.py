"""A long backlog in several processes gives what one process gives."""

import dataclasses
import json
import multiprocessing
import os
import shutil
import signal
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from urbandata import backlog, bronze, bundles, chunking, door, processes, registry, warehouse
from urbandata.contract import Window
from urbandata.errors import UrbandataError
from urbandata.landing import Attempt, Ledger, RawZone, payload_id, sha256
from urbandata.storage import Folder
from urbandata.warehouse import loading

AT = datetime(2025, 9, 15, 12, tzinfo=UTC)
SOURCE = registry.source("pegelonline")


@pytest.fixture
def landed(settings, ask):
    """Two weeks of the gauges in the raw zone, and an answer that is no JSON."""
    payloads = ask("pegelonline", Window(AT - timedelta(days=14), AT))
    contents = [(p.resource, p.content) for p in payloads] + [("DRESDEN/W", b"<html>")]
    store = Folder(settings.data_dir)
    zone, ledger = RawZone(store), Ledger(store)
    for number, (resource, content) in enumerate(contents):
        digest = sha256(content)
        ledger.record(
            Attempt(
                attempt_id=str(number), run_id="20250915-a", source="pegelonline", origin="demo",
                resource=resource, url="", started_at=AT.isoformat(),
                finished_at=(AT + timedelta(seconds=number)).isoformat(), outcome="landed",
                bytes=len(content), sha256=digest, payload_id=payload_id(resource, digest),
                raw_path=zone.put("pegelonline", digest, content, "json", AT), extension="json",
            )
        )  # fmt: skip
    return len(contents)


@pytest.fixture
def chunked(monkeypatch):
    """A chunk for each payload, few of which are much, and two cores, whatever the machine has."""
    for limit in ("CHUNK_BYTES", "LARGE_CHUNK_BYTES"):
        monkeypatch.setattr(chunking, limit, 1)
    monkeypatch.setattr(backlog, "WORTH_IT", 4)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def done(settings):
    """Outcomes by payload, without the time they were made, and rows in bronze by payload."""
    found = {o.payload_id: dataclasses.asdict(o) for o in backlog.process(settings, SOURCE)}
    for outcome in found.values():
        del outcome["processed_at"]
        for file in outcome["files"].values():  # of others that happened to be read with it
            del file["path"], file["file_rows"]
        for check in outcome["checks"]:
            del check["element_count"], check["payload_ids"], check["observed"]
    return found, in_bronze(settings)


def in_bronze(settings):
    """Rows of all bronze files by table and payload."""
    rows = {}
    for path in sorted((settings.data_dir / "bronze").rglob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            rows.setdefault((path.parent.name, row["_payload_id"]), []).append(row)
    return rows


def test_several_processes_leave_what_one_leaves(settings, landed, chunked, monkeypatch):
    with monkeypatch.context() as one:
        one.setattr(backlog, "WORTH_IT", landed + 1)
        one.setattr(processes, "crew", lambda *_: pytest.fail("no need of it"))
        alone = done(settings)
    assert len(alone[0]) == landed and len(alone[1]) >= backlog.WORTH_IT
    assert [o["state"] for o in alone[0].values()].count("refused") == 1
    for folder in ("bronze", "outcomes"):
        shutil.rmtree(settings.data_dir / folder)
    crews, crew = [], processes.crew
    monkeypatch.setattr(processes, "crew", lambda *a: crews.append(a) or crew(*a))
    assert done(settings) == alone
    assert crews == [(1, "spawn")]
    assert list(backlog.process(settings, SOURCE)) == []


def sized(*sizes):
    empty = dict.fromkeys((f.name for f in dataclasses.fields(Attempt)), "")
    return [Attempt(**{**empty, "bytes": size}) for size in sizes]


def test_many_small_files_are_as_much_work_as_a_large_one():
    small = chunking.CHUNK_BYTES // chunking.PAYLOAD_BYTES
    assert [len(c) for c in chunking.chunks(sized(*[0] * small))] == [small]
    assert [len(c) for c in chunking.chunks(sized(*[0] * (small + 1)))] == [small, 1]


def test_a_long_backlog_has_larger_chunks_but_many_of_them():
    page = chunking.CHUNK_BYTES // 64 - chunking.PAYLOAD_BYTES  # 64 of them are a chunk
    assert [len(c) for c in chunking.chunks(sized(*[page] * 64 * 8))] == [64] * 8
    assert [len(c) for c in chunking.chunks(sized(*[page] * 64 * 16))] == [128] * 8
    assert {len(c) for c in chunking.chunks(sized(*[page] * 64 * 80))} == {256}


@pytest.mark.parametrize("rows", [1, 1400])
def test_however_many_are_checked_at_once_the_same_is_left(settings, landed, monkeypatch, rows):
    together = done(settings)
    for folder in ("bronze", "outcomes"):
        shutil.rmtree(settings.data_dir / folder)
    checked, check = [], door.check_payloads
    monkeypatch.setattr(bronze, "READ_BYTES", 1)
    monkeypatch.setattr(bronze, "CHECK_ROWS", rows)
    monkeypatch.setattr(
        door, "check_payloads", lambda s, p, t: checked.append(len(p)) or check(s, p, t)
    )
    assert without_checks(done(settings)) == without_checks(together)
    assert len(checked) > 1 and (max(checked) > 1) == (rows > 1), checked


def without_checks(left):
    """Checks are told of the first payload of those that were checked together."""
    outcomes, files = left
    return {pid: {**outcome, "checks": []} for pid, outcome in outcomes.items()}, files


def dies_elsewhere(settings, source, chunk):
    """What another process does, and this one too: it lives on."""
    if multiprocessing.parent_process():
        os.kill(os.getpid(), signal.SIGKILL)
    return list(bronze.Bronze(settings).process(source, chunk))


def test_what_was_done_before_a_process_died_is_not_done_again(
    settings, landed, chunked, monkeypatch
):
    with monkeypatch.context() as dying:
        dying.setattr(backlog, "_one", dies_elsewhere)
        with pytest.raises(BrokenProcessPool):
            list(backlog.process(settings, SOURCE))
    before = set((settings.data_dir / "outcomes").rglob("*.json"))
    left = [o.payload_id for o in backlog.process(settings, SOURCE)]
    assert len(before) + len(left) == landed
    assert left and before
    kept = [json.loads(p.read_text()) for p in (settings.data_dir / "outcomes").rglob("*.json")]
    assert len(kept) == landed
    assert sum(o["accepted"] for o in kept) > 14 * 96


@pytest.mark.parametrize("many", [1, 10**9])
def test_many_rows_are_loaded_without_their_order_and_none_is_lost(
    settings, landed, monkeypatch, many
):
    monkeypatch.setattr(loading, "MANY", many)
    outcomes, _ = done(settings)
    keeps = "SELECT current_setting('preserve_insertion_order')"
    with warehouse.writing(settings) as con:
        loaded = warehouse.load(con, settings, {SOURCE.source: SOURCE})
        (rows,) = con.execute("SELECT count(*) FROM raw.pegelonline__measurements").fetchone()
        assert con.execute(keeps).fetchone() == (True,)
    assert loaded.rows == {"pegelonline": rows}
    assert rows == sum(o["accepted"] for o in outcomes.values()) > 14 * 96


def load(settings):
    """Load what is new; rows in raw by payload."""
    with warehouse.writing(settings) as con:
        warehouse.load(con, settings, {SOURCE.source: SOURCE})
        return dict(
            con.execute(
                "SELECT _payload_id, count(*) FROM raw.pegelonline__measurements GROUP BY ALL"
            ).fetchall()
        )


def measured(outcomes):
    return {
        pid: outcome["files"]["measurements"]["rows"]
        for pid, outcome in outcomes.items()
        if "measurements" in outcome["files"]
    }


@pytest.mark.parametrize("rows", [1, 3000, 10**9])
def test_payloads_share_files_of_at_most_so_many_rows(settings, landed, monkeypatch, rows):
    monkeypatch.setattr(bundles, "MAX_ROWS", rows)
    outcomes = [dataclasses.asdict(o) for o in backlog.process(settings, SOURCE)]
    found = [o["files"]["measurements"] for o in outcomes if "measurements" in o["files"]]
    sizes = {f["path"]: f["file_rows"] for f in found}
    for path, size in sizes.items():
        assert pq.read_metadata(settings.data_dir / path).num_rows == size
        assert sum(f["rows"] for f in found if f["path"] == path) == size
    least, most = {1: (len(found),) * 2, 3000: (2, len(found) - 1)}.get(rows, (1, 1))
    assert least <= len(sizes) <= most
    assert load(settings) == measured({o["payload_id"]: o for o in outcomes})


def test_a_file_half_of_whose_payloads_are_told_is_loaded_by_halves(settings, landed):
    """A load may come while the outcomes of a check are being written."""
    outcomes = {o.payload_id: dataclasses.asdict(o) for o in backlog.process(settings, SOURCE)}
    expected = measured(outcomes)
    assert len({outcomes[p]["files"]["measurements"]["path"] for p in expected}) == 1
    late = settings.data_dir / "late"
    late.mkdir()
    told = sorted((settings.data_dir / "outcomes/pegelonline").glob("*.json"))
    for path in told[::2]:
        path.rename(late / path.name)
    early = load(settings)
    assert early == {p: n for p, n in expected.items() if not (late / f"{p}.json").exists()}
    assert 0 < len(early) < len(expected)
    for path in late.iterdir():
        path.rename(settings.data_dir / "outcomes/pegelonline" / path.name)
    assert load(settings) == expected == load(settings)


def test_payloads_checked_again_after_a_kill_come_from_their_new_file(settings, landed):
    """Killed between two outcomes: the others' rows are in the first file and in another."""
    outcomes = {o.payload_id: dataclasses.asdict(o) for o in backlog.process(settings, SOURCE)}
    told = sorted((settings.data_dir / "outcomes/pegelonline").glob("*.json"))
    for path in told[::2]:
        path.unlink()
    again = {o.payload_id: dataclasses.asdict(o) for o in backlog.process(settings, SOURCE)}
    assert again.keys() == {p.stem for p in told[::2]}
    assert sum(map(len, in_bronze(settings).values())) > sum(measured(outcomes).values())
    assert load(settings) == measured(outcomes)


def test_a_raw_file_out_of_reach_is_asked_for_again(settings, landed, monkeypatch):
    """No rights, or too many open files: nothing is wrong with the payload."""
    get = Folder.get

    def refuse(self, path):
        if path.startswith("raw/"):
            raise PermissionError("not yours")
        return get(self, path)

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "get", refuse)
        with pytest.raises(UrbandataError, match="out of reach: not yours"):
            list(backlog.process(settings, SOURCE))
    states = [o.state for o in backlog.process(settings, SOURCE)]
    assert len(states) == landed
    assert states.count("refused") == 1


def test_a_lost_raw_file_is_refused(settings, landed):
    for path in (settings.data_dir / "raw").rglob("*.zst"):
        path.unlink()
    states = [o.state for o in backlog.process(settings, SOURCE)]
    assert states == ["refused"] * landed
