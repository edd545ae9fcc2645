"""A row with a time out of all calendars is turned away; the payload and its source go on."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from urbandata import backlog, registry
from urbandata.contract import Parsed, Payload
from urbandata.landing import Attempt, Ledger, RawZone, payload_id, sha256
from urbandata.reading.eras import within_reach
from urbandata.registry import ARROW_TYPES
from urbandata.storage import Folder

AT = datetime(2025, 9, 15, 12, tzinfo=UTC)
YEAR_US = 31_556_952_000_000


def table(kind: str, *years: int | None) -> pa.Table:
    """Rows with a time in each of these years, told as numbers: Python has no year 0."""
    steps = [None if y is None else (y - 1970) * YEAR_US + YEAR_US // 2 for y in years]
    if kind == "date":
        times = pa.array([s and s // 86_400_000_000 for s in steps], pa.int32())
    else:
        times = pa.array(steps, pa.int64())
    rows = range(1, len(years) + 1)
    return pa.table({"t": times.cast(ARROW_TYPES[kind]), "v": list(rows), "_row": list(rows)})


@pytest.mark.parametrize("kind", ["timestamp", "datetime", "date"])
def test_times_out_of_reach_are_turned_away_with_their_row(kind):
    found = within_reach(Parsed({"t": table(kind, 2025, 0, None, 12_025, 9999, 1000, 999)}))
    assert [(r.table, r.row, r.record) for r in found.rejects] == [
        ("t", 2, "v=2"), ("t", 4, "v=4"), ("t", 7, "v=7"),
    ]  # fmt: skip
    assert found.rejects[0].reason == "t: time before the year 1000 or after the year 9999"
    assert [r["v"] for r in found.tables["t"].to_pylist()] == [1, 3, 5, 6]


def test_a_row_is_turned_away_once_and_usual_tables_stay_as_they_are():
    both = table("date", 2025, 0).append_column("u", table("timestamp", 2025, 0).column("t"))
    found = within_reach(Parsed({"t": both}))
    assert (found.count, [r.row for r in found.rejects]) == (2, [2])
    latest = datetime.max.replace(tzinfo=UTC)  # a usual placeholder for "never"
    forever = pa.table({"t": pa.array([latest], ARROW_TYPES["timestamp"]), "_row": [1]})
    assert within_reach(Parsed({"t": forever})).count == forever.num_rows
    assert not within_reach(Parsed({"t": forever})).rejects
    usual = Parsed({"t": table("date", 2025, 2026), "u": table("timestamp")})
    assert within_reach(usual) is usual
    assert within_reach(Parsed({"t": pa.table({"d": [date(2025, 1, 1)], "_row": [1]})})).count == 1


def test_a_placeholder_of_the_year_one_does_not_stop_its_source(settings):
    content = (
        b'[{"timestamp": "2025-09-15T10:00:00+02:00", "value": 61.0},'
        b' {"timestamp": "0001-01-01T00:00:00+01:00", "value": 62.0}]'
    )
    source = registry.source("pegelonline")
    payload = Payload(content, "DRESDEN/W", "json", AT, "real")
    assert source.module("parse").parse(payload, source).count == 2
    store = Folder(settings.data_dir)
    digest = sha256(content)
    Ledger(store).record(
        Attempt(
            attempt_id="1", run_id="20250915-a", source="pegelonline", origin="real",
            resource="DRESDEN/W", url="", started_at=AT.isoformat(), finished_at=AT.isoformat(),
            outcome="landed", bytes=len(content), sha256=digest,
            payload_id=payload_id("DRESDEN/W", digest), extension="json",
            raw_path=RawZone(store).put("pegelonline", digest, content, "json", AT),
        )
    )  # fmt: skip
    (outcome,) = backlog.process(settings, source)
    assert (outcome.state, outcome.accepted, outcome.quarantined) == ("accepted", 1, 1)
