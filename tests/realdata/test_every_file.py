"""Every real file goes through the inbox: loaded by a connector, or refused with the reason.

``every_file.csv`` says what becomes of each: the source, its state, how many records were parsed,
accepted and quarantined, and words of the message for what is not loaded. A new file in the
collection needs a line there; a change of a parser shows as a change of its line.
"""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import REALDATA
from urbandata import inbox, pipeline
from urbandata.landing import Ledger
from urbandata.settings import Settings
from urbandata.storage import Folder

pytestmark = [pytest.mark.xdist_group("realdata"), pytest.mark.timeout(900)]

with (Path(__file__).parent / "every_file.csv").open(encoding="utf-8", newline="") as lines:
    EXPECTED = {line["path"]: line for line in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory, realdata):
    """A data folder after one pass over the whole collection in mode inbox."""
    folder = tmp_path_factory.mktemp("realdata")
    env = {
        "URBANDATA_DATA_DIR": str(folder),
        "URBANDATA_MODE": "inbox",
        "URBANDATA_INBOX": str(realdata("")),
        "URBANDATA_PSEUDONYM_KEY": "test",
    }
    pipeline.ingest_inbox(Settings.from_env(env))
    return folder


@pytest.fixture(scope="module")
def attempts(data_dir):
    """What was landed, by path in the collection."""
    ledger = Ledger(Folder(data_dir))
    found = [a for source in ledger.sources() for a in ledger.attempts(source)]
    return {a.url.removeprefix("inbox:"): a for a in found}


@pytest.fixture(scope="module")
def outcomes(data_dir):
    """What became of each payload."""
    files = (data_dir / "outcomes").glob("*/*.json")
    return {o["payload_id"]: o for o in (json.loads(f.read_bytes()) for f in files)}


def test_no_file_is_left_out_and_none_counted_twice(realdata, attempts):
    paths = [p.relative_to(REALDATA).as_posix() for p in inbox.files(realdata(""))]
    beside = {p for p, line in EXPECTED.items() if line["state"] == "part"}
    assert sorted(paths) == sorted(EXPECTED)
    assert sorted(attempts) == sorted(set(paths) - beside)


@pytest.mark.parametrize("path", EXPECTED)
def test_the_file_is_loaded_or_refused_as_the_table_says(path, data_dir, attempts, outcomes):
    line = EXPECTED[path]
    if line["state"] == "part":  # of a shapefile; its .shp stands for all parts
        assert path not in attempts
        assert Path(path).with_suffix(".shp").as_posix() in attempts
        return
    attempt = attempts[path]
    outcome = outcomes[attempt.payload_id]
    found = {k: str(outcome[k]) for k in ("source", "state", "parsed", "accepted", "quarantined")}
    assert found == {k: line[k] for k in found}, outcome["message"]
    assert line["message"] in outcome["message"]
    if outcome["state"] == "accepted":
        assert outcome["accepted"] > 0
    else:
        assert line["message"], "what is not loaded says why"
    assert outcome["accepted"] + outcome["quarantined"] == outcome["parsed"]
    assert sum(f["rows"] for f in outcome["files"].values()) == outcome["accepted"]
    for file in outcome["files"].values():  # payloads may share a file
        owners = pq.read_table(data_dir / file["path"], columns=["_payload_id"])["_payload_id"]
        assert owners.to_pylist().count(attempt.payload_id) == file["rows"]
    if outcome["quarantined"]:
        kept = pq.read_table(data_dir / outcome["quarantine_path"])
        assert kept.num_rows == outcome["quarantined"]
        assert all(kept["reason"].to_pylist())


def test_a_second_pass_loads_nothing_again(data_dir, attempts, realdata):
    env = {
        "URBANDATA_DATA_DIR": str(data_dir),
        "URBANDATA_MODE": "inbox",
        "URBANDATA_INBOX": str(realdata("")),
        "URBANDATA_PSEUDONYM_KEY": "test",
    }
    before = len(list((data_dir / "outcomes").glob("*/*.json")))
    again = pipeline.ingest_inbox(dataclasses.replace(Settings.from_env(env)))
    assert sum(i.outcomes.get("unchanged", 0) for i in again) == len(attempts)
    assert not any(i.payloads for i in again)
    assert len(list((data_dir / "outcomes").glob("*/*.json"))) == before
