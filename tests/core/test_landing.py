"""Raw zone and ledger: nothing is written twice, torn writes do no harm."""

from datetime import UTC, datetime

import pytest
import zstandard

from urbandata.landing import Attempt, Ledger, RawZone, payload_id, sha256
from urbandata.storage import Folder

AT = datetime(2025, 9, 15, tzinfo=UTC)


def attempt(number: int, **changes) -> Attempt:
    fields = {
        "attempt_id": f"r-{number}", "run_id": "20250915T120000-aaaa", "source": "s",
        "origin": "real", "resource": "a", "url": "u", "started_at": "t", "finished_at": "t",
        "outcome": "landed",
    }  # fmt: skip
    return Attempt(**{**fields, **changes})


def test_bytes_come_back_verbatim_and_are_stored_once(tmp_path):
    zone, content = RawZone(Folder(tmp_path)), b"\x00\xff verbatim \r\n"
    path = zone.put("s", sha256(content), content, "bin", AT)
    assert path == f"raw/s/2025/09/15/{sha256(content)}.bin.zst"
    assert zone.put("s", sha256(content), content, "bin", AT) == path
    assert zone.get(path) == content
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [f"{sha256(content)}.bin.zst"]


def test_damaged_raw_file_is_noticed(tmp_path):
    zone = RawZone(Folder(tmp_path))
    path = zone.put("s", "d", b"x" * 1000, "bin", AT)
    (tmp_path / path).write_bytes(b"not zstd")
    with pytest.raises(zstandard.ZstdError):
        zone.get(path)


def test_torn_last_line_is_an_attempt_that_did_not_finish(tmp_path):
    ledger = Ledger(Folder(tmp_path))
    ledger.record(attempt(1))
    ledger.record(attempt(2))
    (path,) = (tmp_path / "ledger").rglob("*.jsonl")
    path.write_bytes(path.read_bytes()[:-20])
    assert [a.attempt_id for a in ledger.attempts("s")] == ["r-1"]


def test_identity_of_a_payload():
    assert payload_id("a", "d") == payload_id("a", "d")
    assert payload_id("a", "d") != payload_id("b", "d")
    assert payload_id("a", "d", AT) != payload_id("a", "d")
