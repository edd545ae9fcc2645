"""Files in S3 keep the promises of files in a folder; most of it runs with every test run."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from urbandata import serving, warehouse
from urbandata.errors import ConfigError, UrbandataError
from urbandata.landing import Attempt, Ledger, RawZone, sha256
from urbandata.settings import PROJECT_ROOT, Settings
from urbandata.storage import Folder, of, sharing
from urbandata.storage.s3 import Bucket

from .services import BUCKET, KEYS
from .test_compose import CLUSTER

pytestmark = pytest.mark.xdist_group("cluster")
NUMBERS = count(1)
AT = datetime(2025, 9, 15, tzinfo=UTC)
PART = 10 * 2**20  # above that an object goes up in parts


@pytest.fixture
def far(storage, tmp_path) -> Settings:
    """Settings with an empty store in S3 of their own."""
    env = {
        **KEYS,
        "AWS_ENDPOINT_URL": storage.url,
        "URBANDATA_DATA_DIR": str(tmp_path / "data"),
        "URBANDATA_STORAGE": f"s3://{BUCKET}/store{next(NUMBERS)}",
        "URBANDATA_PATIENCE_S": "60",
    }
    yield Settings.from_env(env)
    storage.refuse(0)


@pytest.fixture(params=["folder", "bucket"])
def store(request, far, tmp_path):
    return of(far) if request.param == "bucket" else Folder(tmp_path)


def attempt(run: str, number: int) -> Attempt:
    return Attempt(
        attempt_id=f"{run}-{number}", run_id=run, source="s", origin="real", resource="a",
        url="u", started_at="t", finished_at="t", outcome="landed",
    )  # fmt: skip


def ids(ledger: Ledger) -> list[str]:
    return [a.attempt_id for a in ledger.attempts("s")]


def test_missing_buckets_are_created_and_those_there_are_kept(far):
    """By the very command of the Compose file."""
    env = {
        **KEYS,
        "AWS_ENDPOINT_URL": f"http://{far.s3.host}",
        "URBANDATA_DATA_DIR": str(far.data_dir),
        "URBANDATA_STORAGE": "s3://new-files/files",
        "URBANDATA_WAREHOUSE": "ducklake:postgres:host=db",
        "URBANDATA_WAREHOUSE_DATA": "s3://new-lake/lake",
    }
    _, *command = CLUSTER["cluster-buckets"]["command"]

    def run() -> str:
        whole = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "plugins"), **env}
        done = subprocess.run(
            [sys.executable, *command], env=whole, stdout=subprocess.PIPE, check=True
        )
        return done.stdout.decode()

    assert "new-files, new-lake" in run()
    store = of(Settings.from_env(env))
    store.put("raw/a", b"x")
    run()
    assert store.get("raw/a") == b"x"


def test_a_bucket_whose_name_is_misspelt_is_an_error(far):
    with pytest.raises(UrbandataError, match="refuses"):
        of(dataclasses.replace(far, storage="s3://misspelt/files")).put("raw/a", b"x")


def test_a_store_gives_back_what_it_was_given(store):
    for path in ("a/b/2.json", "a/b/1.json", "a/c/1.txt", "ab/1.json"):
        store.put(path, path.encode())
    store.put("a/b/1.json", b"replaced")
    assert [(e.path, e.size, e.stem) for e in store.files("a", ".json")] == [
        ("a/b/1.json", 8, "1"), ("a/b/2.json", 10, "2"),
    ]  # fmt: skip
    assert [e.path for e in store.files("a")] == ["a/b/1.json", "a/b/2.json", "a/c/1.txt"]
    assert abs(store.files("a")[0].written_at - time.time()) < 60
    assert list(store.read(store.files("a", ".json"))) == [b"replaced", b"a/b/2.json"]
    assert (store.folders("a"), store.folders("none"), store.files("none")) == (["b", "c"], [], [])
    store.discard(["a/b/1.json"])
    store.remove("a/c")
    store.remove("none")
    assert [e.path for e in store.files("a")] == ["a/b/2.json"]
    with pytest.raises(FileNotFoundError):
        store.get("a/b/1.json")


def test_raw_bytes_come_back_verbatim(store):
    zone, content = RawZone(store), b"\x00\xff verbatim \r\n" * 1000
    path = zone.put("s", sha256(content), content, "bin", AT)
    assert zone.put("s", sha256(content), content, "bin", AT) == path
    assert [e.path for e in store.files("raw")] == [path]
    assert zone.get(path) == content


def test_lines_of_the_ledger_stay_in_order_and_are_sealed_by_day(store):
    ledger, runs = Ledger(store), ("20250101T120000-b", "20250102T000000-a", "20250102T000001-a")
    for number in range(12):
        for run in runs:
            ledger.record(attempt(run, number))
    expected = [f"{run}-{number}" for run in runs for number in range(12)]
    assert ids(Ledger(store)) == expected
    assert ledger.sources() == ["s"]
    assert ledger.seal("s", datetime.now(UTC)) == 0, "somebody may still be writing"
    before = store.files("ledger")
    assert ledger.seal("s", datetime.now(UTC) + timedelta(days=3)) == 2
    assert ids(Ledger(store)) == expected
    assert [e.stem for e in store.files("ledger")] == ["20250101", "20250102"]
    for entry in before:  # a crash between sealing and removing leaves both
        store.put(entry.path, b'{"kind": "attempt"}\n')
    assert ids(Ledger(store)) == expected


def test_two_writers_of_one_run_overwrite_nothing(far):
    for _ in range(2):
        Ledger(of(far)).record(attempt("20250101T120000-b", 1))
    assert len(ids(Ledger(of(far)))) == 2


def test_requests_are_few(far, storage):
    store = of(far)
    for _ in range(5):
        store.append("ledger/s/2025/01/20250101T120000-b.jsonl", b'{"kind": "x"}\n')
    storage.asked.clear()
    assert len(list(Ledger(store).lines("s"))) == 5
    assert len(storage.asked) == 1 + 2 * 5, "a list, and size and bytes of each"
    storage.asked.clear()
    assert len(list(Ledger(of(far)).lines("s"))) == 5
    assert len(storage.asked) == 1, "objects never change, so each is fetched once"
    storage.asked.clear()
    store.put("outcomes/s/1.json", b"x")
    assert len(storage.asked) == 1


def test_answers_of_503_are_waited_for(far, storage):
    store = of(far)
    store.put("x/1", b"1")
    before = storage.refused
    storage.refuse(4)  # more than the SDK itself is ready to try again
    assert store.get("x/1") == b"1"
    assert storage.refused == before + 4


def test_storage_that_stays_away_or_refuses_is_named(far, storage):
    impatient = of(dataclasses.replace(far, patience_s=0.5))
    storage.refuse(1000)
    with pytest.raises(UrbandataError, match="does not answer"):
        impatient.put("x/1", b"1")
    storage.refuse(0)
    elsewhere = dataclasses.replace(far, storage="s3://no-such-bucket/x")
    began = time.monotonic()
    with pytest.raises(UrbandataError, match=r"s3://no-such-bucket/x refuses"):
        of(elsewhere).put("x/1", b"1")
    assert time.monotonic() - began < 10, "waiting would not help"


def test_a_put_that_fails_half_way_leaves_nothing(far, storage):
    impatient = of(dataclasses.replace(far, patience_s=0.5))
    storage.refuse(1000, "partNumber=2")
    with pytest.raises(UrbandataError, match="does not answer"):
        impatient.put("x/1", os.urandom(PART + 1000))
    storage.refuse(0)
    assert of(far).files("x") == []
    of(far).put("x/1", b"now it works")
    assert of(far).get("x/1") == b"now it works"


def test_a_writer_killed_in_mid_put_leaves_nothing(far, storage):
    program = (
        "import os\n"
        "from urbandata.settings import Settings\n"
        "from urbandata.storage import of\n"
        f"of(Settings.from_env()).put('x/1', os.urandom({PART} + 1000))\n"
    )
    env = {
        **KEYS, "AWS_ENDPOINT_URL": storage.url, "URBANDATA_STORAGE": far.storage,
        "PYTHONPATH": str(PROJECT_ROOT / "plugins"),
    }  # fmt: skip
    storage.asked.clear()
    storage.refuse(1000, "partNumber=2")  # so it never gets to the end
    process = subprocess.Popen([sys.executable, "-c", program], env=env)
    deadline = time.monotonic() + 30
    while not any("partNumber=2" in a for a in list(storage.asked)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    storage.refuse(0)
    assert of(far).files("x") == []


def test_a_published_build_reaches_another_machine(far, tmp_path):
    here, there = far, dataclasses.replace(far, data_dir=tmp_path / "there", keep_builds=2)
    assert sharing.fetch(there, there.serving_dir) is False, "nothing is published"
    for number in range(4):
        for folder in (here.serving_dir / "public", here.serving_dir):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"b{number}.duckdb").write_bytes(bytes([number]) * (PART + 10))
            warehouse.point_to(folder, f"b{number}")
            sharing.share(here, folder, f"b{number}")
        if number != 2:  # this machine was not looking
            assert sharing.fetch(there, there.serving_dir) is True
            assert sharing.fetch(there, there.serving_dir) is False
    assert serving.current_path(there).read_bytes() == b"\x03" * (PART + 10)
    assert {p.name for p in there.serving_dir.iterdir()} == {
        "b1.duckdb",
        "b3.duckdb",
        "current.json",
    }
    assert sharing.fetch(there, there.serving_dir / "public") is True
    assert len(of(far).files("serving")) == 2 * (4 + 1)
    warehouse.point_to(here.serving_dir, "b2")  # back to an older one
    sharing.share(dataclasses.replace(here, keep_builds=2), here.serving_dir, "b2")
    assert serving.current_path(there).name == "b2.duckdb"
    assert [e.stem for e in of(far).files("serving", ".duckdb")][:2] == ["b2", "b3"]


def test_the_setting_chooses(far, tmp_path):
    assert isinstance(of(far), Bucket)
    assert isinstance(of(dataclasses.replace(far, storage="")), Folder)
    for wrong in ("/mnt/x", "s3://", "gs://x/y", "s3:///x"):
        with pytest.raises(ConfigError, match="URBANDATA_STORAGE"):
            Settings.from_env({"URBANDATA_STORAGE": wrong})
    inside = {"URBANDATA_STORAGE": "s3://x/lake/raw/", "URBANDATA_WAREHOUSE_DATA": "s3://x/lake"}
    with pytest.raises(ConfigError, match="lies inside"):
        Settings.from_env(inside)
