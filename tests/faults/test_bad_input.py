"""Bad input end to end: a clear message, the bytes kept, the rest unharmed, nothing lost."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from tests import archives
from urbandata import backlog, pipeline, registry
from urbandata.contract import Window
from urbandata.demo.server import Fault, Faults, build_app, running
from urbandata.demo.world import World
from urbandata.fetching import Fetcher
from urbandata.landing import Ledger, RawZone
from urbandata.storage import Folder
from urbandata.transport import Transport

NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)
DAY = Window(NOW - timedelta(days=1), NOW)
READINGS = 97  # quarter hours of a day; the service includes both ends
GAUGE = (
    b"stationsname,gewaesser,km,lat,lon,wasserstand_cm,einheit,trend_label,status_label,"
    b"abgerufen_utc\n"
)


def zipped(**members: bytes) -> bytes:
    return archives.zipped(archives.dotted(members))


GOOD_ZIP = zipped(produkt_zehn_now_rr_20250914_20250915_01048__txt=b"x" * 500)
CASES = {
    "corrupt zip": ("dwd_rain", "a.zip", GOOD_ZIP[:-40], "zip"),
    "zip without a known member": ("dwd_rain", "b.zip", zipped(readme__txt=b"?"), "."),
    "truncated JSON": ("pegelonline", "DRESDEN_W.json", b'[{"timestamp":"2025-', "JSON"),
    "JSON of another shape": ("pegelonline", "DRESDEN_W.json", b'{"error": "no"}', "array"),
    "missing column": ("pegelonline", "p.csv", GAUGE.replace(b"einheit,", b""), "einheit"),
    "wrong encoding": ("uba_air", "m.json", "{}".encode("utf-16"), "."),
    "corrupt CAP zip": ("dwd_warnings", "w.zip", b"PK\x03\x04 broken", "zip"),
}


@pytest.fixture
def inbox(settings, tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return dataclasses.replace(settings, mode="inbox", inbox_dir=folder)


def drop(inbox, source: str, name: str, content: bytes):
    (inbox.inbox_dir / source).mkdir(exist_ok=True)
    (inbox.inbox_dir / source / name).write_bytes(content)


@pytest.mark.parametrize("case", CASES)
def test_a_broken_file_is_refused_by_name_and_its_neighbour_goes_on(case, inbox):
    source, name, content, word = CASES[case]
    drop(inbox, source, name, content)
    good = GAUGE + b"DRESDEN,ELBE,55.6,51,13,91,cm,,Normal,2026-08-22T13:35:25Z\n"
    drop(inbox, "pegelonline", "good.csv", good)
    done = {i.source: i for i in pipeline.ingest_inbox(inbox)}
    (problem,) = done[source].problems
    assert problem.startswith(f"{source}: {name}: ")
    assert word.lower() in problem.lower()
    assert done["pegelonline"].accepted == 1
    kept = [a for a in Ledger(Folder(inbox.data_dir)).attempts(source) if a.filename == name]
    assert RawZone(Folder(inbox.data_dir)).get(kept[0].raw_path) == content


def test_an_empty_cap_zip_means_no_warnings(inbox):
    drop(inbox, "dwd_warnings", "w.zip", zipped())
    (done,) = pipeline.ingest_inbox(inbox)
    assert (done.problems, done.parsed, done.payloads) == ([], 0, 1)


def test_rows_out_of_range_or_unreadable_go_to_quarantine_with_reason(inbox):
    rows = (
        b"DRESDEN,ELBE,55.6,51,13,91,cm,,Normal,2026-08-22T13:35:25Z\n"
        b"PIRNA,ELBE,34.7,51,13,99999,cm,,Normal,2026-08-22T13:35:25Z\n"
        b"MEISSEN,ELBE,82.2,51,13,viel,cm,,Normal,2026-08-22T13:35:25Z\n"
    )
    drop(inbox, "pegelonline", "rows.csv", GAUGE + rows)
    (done,) = pipeline.ingest_inbox(inbox)
    assert (done.parsed, done.accepted, done.quarantined) == (3, 1, 2)
    import pyarrow.parquet as pq

    (file,) = (inbox.data_dir / "quarantine").rglob("*.parquet")
    found = {r["row"]: r for r in pq.read_table(file).to_pylist()}
    assert found[4]["reason"] == 'value: "viel" is not a float'
    assert "outside the possible range" in found[3]["reason"]


@pytest.fixture
def fetch(settings):
    """One day of one gauge from a city that misbehaves as told."""
    source = registry.source("pegelonline")
    short = source.model_copy(
        update={"options": {"stations": {"DRESDEN": "DRESDEN"}, "series": ["W"]}}
    )

    def go(*faults: Fault):
        app = Faults(build_app(World(clock=lambda: NOW)), {"/pegelonline/": list(faults)})
        with (
            running(app) as url,
            Transport(
                short.model_copy(update={"timeout": timedelta(seconds=2)}),
                f"{url}/pegelonline",
                sleep=lambda _: None,
            ) as transport,
        ):
            run = Fetcher(short, settings, transport, now=lambda: NOW).fetch([DAY])
        return run, list(backlog.process(settings, source))

    return go


@pytest.mark.parametrize(
    "faults",
    [
        [Fault("status", 3, 500)],
        [Fault("status", 1, 429, retry_after=1)],
        [Fault("hang", 1, 4.0)],
    ],
    ids=["500 three times", "429", "hangs once"],
)
def test_a_passing_fault_of_the_server_costs_nothing(fetch, faults):
    run, outcomes = fetch(*faults)
    assert (run.outcomes, run.failures) == ({"landed": 1}, [])
    assert outcomes[0].accepted == READINGS


def test_a_lasting_fault_is_recorded_and_the_window_asked_again(fetch, settings):
    run, _ = fetch(Fault("status", 99, 503))
    assert run.outcomes == {"failed": 1}
    assert "503" in run.failures[0]
    assert Ledger(Folder(settings.data_dir)).covered("pegelonline", "demo") == []
    run, outcomes = fetch()
    assert (run.outcomes, outcomes[0].accepted) == ({"landed": 1}, READINGS)


def test_a_body_corrupted_on_the_way_is_refused_and_healed_by_the_next_run(fetch):
    _, outcomes = fetch(Fault("corrupt", 1))
    assert [o.state for o in outcomes] == ["refused"]
    _, outcomes = fetch()
    assert [o.state for o in outcomes] == ["accepted"]


def test_a_duplicate_page_is_counted_once(fetch, settings):
    fetch()
    run, outcomes = fetch(Fault("duplicate", 1))
    assert (run.outcomes, outcomes) == ({"unchanged": 1}, [])
