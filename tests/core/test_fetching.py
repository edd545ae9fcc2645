"""Which windows are asked, what is recorded, and what a failing chain does to the others."""

import contextlib
import dataclasses
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from urbandata import inbox, pipeline, registry
from urbandata.bronze import Outcome
from urbandata.contract import Request, Window
from urbandata.errors import ConfigError, FetchError
from urbandata.fetching import Fetcher, due_windows, is_due
from urbandata.landing import Covered, Ledger, new_run_id
from urbandata.settings import Settings
from urbandata.storage import Folder
from urbandata.transport import Answer, Transport

NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Server:
    """Stands in for the HTTP client: answers by resource, or fails."""

    base_url = "http://city"

    def __init__(self, answers, at=NOW):
        self.answers = answers
        self.at = at
        self.asked: list[str] = []

    def ask(self, request: Request, _=None) -> Answer:
        self.asked.append(request.resource)
        answer = self.answers.get(request.resource, b"[]")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return Answer(b"", answer, "http://city/x", self.at, "", "", 1)
        return Answer(answer, 200, "http://city/x", self.at, "", "", 1)


@pytest.fixture
def source():
    return registry.source("pegelonline").model_copy(
        update={"options": {"stations": {"u1": "A", "u2": "B"}, "series": ["W"]}}
    )


def fetch(source, settings, answers, windows):
    server = Server(answers)
    fetcher = Fetcher(source, settings, server, now=lambda: NOW)
    return fetcher.fetch(windows), server


def outcomes(settings, source):
    return [
        (a.resource, a.outcome) for a in Ledger(Folder(settings.data_dir)).attempts(source.source)
    ]


def test_first_fill_covers_the_history_and_the_next_run_only_the_overlap(source, settings):
    windows = due_windows(source, Ledger(Folder(settings.data_dir)), "demo", NOW)
    assert windows[0].start == datetime(2023, 7, 1, tzinfo=UTC)
    assert windows[-1].end == NOW
    fetch(source, settings, {}, windows)
    again = due_windows(source, Ledger(Folder(settings.data_dir)), "demo", NOW + DAY)
    assert again == [Window(NOW - DAY, NOW + DAY)]


def test_live_history_is_limited_by_the_service(source, settings):
    windows = due_windows(source, Ledger(Folder(settings.data_dir)), "real", NOW)
    assert windows == [Window(NOW - timedelta(days=31), NOW)]


def test_a_city_may_ask_for_less_history_but_not_for_more(source, settings):
    first = Settings.from_env({"URBANDATA_HISTORY_FROM": "2025-09-01"}).history_from
    windows = due_windows(source.since(first), Ledger(Folder(settings.data_dir)), "demo", NOW)
    assert windows[0].start == datetime(2025, 9, 1, tzinfo=UTC)
    for unlimited in (date.min, settings.history_from):
        assert source.since(unlimited) == source
    with pytest.raises(ConfigError, match="URBANDATA_HISTORY_FROM is 'July'"):
        Settings.from_env({"URBANDATA_HISTORY_FROM": "July"})


def test_a_gap_in_the_middle_is_asked_again(source, settings):
    ledger = Ledger(Folder(settings.data_dir))
    start = datetime(2023, 7, 1, tzinfo=UTC)
    gap = Window(datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 2, 3, tzinfo=UTC))
    ledger.cover("20250101T000000-a", Covered(source.source, "demo", Window(start, gap.start)))
    ledger.cover("20250101T000000-b", Covered(source.source, "demo", Window(gap.end, NOW)))
    assert due_windows(source, ledger, "demo", NOW) == [gap, Window(NOW - DAY, NOW)]


def test_one_failing_chain_does_not_stop_the_others_and_leaves_a_gap(source, settings):
    window = Window(NOW - DAY, NOW)
    failing = {"A/W": FetchError("server", "A is down", 500)}
    run, server = fetch(source, settings, failing, [window])
    assert server.asked == ["A/W", "B/W"]
    assert run.outcomes == {"failed": 1, "landed": 1}
    assert run.failures == ["pegelonline: A/W: A is down"]
    assert Ledger(Folder(settings.data_dir)).covered("pegelonline", "demo") == []


def test_same_bytes_land_once_but_every_attempt_is_recorded(source, settings):
    window = Window(NOW - DAY, NOW)
    fetch(source, settings, {}, [window])
    fetch(source, settings, {}, [window])
    assert outcomes(settings, source) == [
        ("A/W", "landed"), ("B/W", "landed"), ("A/W", "unchanged"), ("B/W", "unchanged"),
    ]  # fmt: skip


def states(source, settings, asked, conditional=False):
    """Outcomes and payload ids of one resource that is asked hourly: pairs (window, answer)."""
    request = Request("file", "file", conditional=conditional)
    for hour, (window, answer) in enumerate(asked):
        at = NOW + timedelta(hours=hour)
        fetcher = Fetcher(source, settings, Server({"file": answer}, at), now=lambda at=at: at)
        fetcher._module = SimpleNamespace(requests=lambda *_: [request])
        fetcher.fetch([window or Window(at, at)])
    attempts = list(Ledger(Folder(settings.data_dir)).attempts(source.source))
    return [a.outcome for a in attempts], [a.payload_id for a in attempts if a.raw_path]


YESTERDAY, TODAY = Window(NOW - DAY, NOW), Window(NOW, NOW + DAY)
BACK = [b"A", b"B", b"A", b"A", b"B", b"B"]
NEWS = ["landed", "landed", "landed", "unchanged", "landed", "unchanged"]


def test_a_state_that_comes_back_is_news(source, settings):
    now = source.model_copy(update={"kind": "now", "window": None})
    outcomes, ids = states(now, settings, [(None, answer) for answer in BACK])
    assert outcomes == NEWS
    assert len(set(ids)) == len(ids) == 4


def test_a_file_that_goes_back_is_news_in_whatever_window(source, settings):
    windows = [YESTERDAY, TODAY] * 3
    asked = list(zip(windows, BACK, strict=True))
    assert states(source, settings, asked, conditional=True)[0] == NEWS


def test_a_window_that_goes_back_is_news_and_another_window_is_none(source, settings):
    asked = [(YESTERDAY, b"A"), (TODAY, b"B"), (YESTERDAY, b"A"), (TODAY, b"B")]
    before = states(source, settings, asked)[0]
    assert before == ["landed", "landed", "unchanged", "unchanged"]
    asked = [(YESTERDAY, b"C"), (YESTERDAY, b"A"), (YESTERDAY, b"A"), (TODAY, b"B")]
    after = states(source, settings, asked)[0]
    assert after == [*before, "landed", "landed", "unchanged", "unchanged"]


def test_a_ledger_of_older_versions_is_put_right(source, settings):
    """It says ``unchanged`` of a state that had come back; what landed last counts."""
    now = source.model_copy(update={"kind": "now", "window": None})
    states(now, settings, [(None, b"A"), (None, b"B")])
    ledger = Ledger(Folder(settings.data_dir))
    first = next(ledger.attempts(source.source))
    ledger.record(dataclasses.replace(first, run_id=new_run_id(), outcome="unchanged"))
    assert states(now, settings, [(None, b"A")])[0][-1] == "landed"


@pytest.mark.parametrize(
    "name", [n for n, s in registry.sources().items() if s.identity == "content" and s.url]
)
def test_asking_the_demo_city_again_lands_nothing(name, settings, world):
    source = registry.source(name).as_demo()
    app = Starlette(routes=[Mount(f"/{name}", routes=source.module("demo").routes(world))])
    client = TestClient(app, base_url="http://testserver")
    secrets = dict.fromkeys(source.requires, "demo")
    base = f"http://testserver/{name}"
    transport = Transport(source, base, client=client, pace=False, secrets=secrets)
    keyed = dataclasses.replace(settings, pseudonym_key="k")
    if source.window is None:
        windows = [Window(NOW, NOW)]
    else:
        windows = [Window(NOW - 2 * DAY, NOW - DAY), Window(NOW - DAY, NOW)]
    first = Fetcher(source, keyed, transport).fetch(windows)
    assert first.failures == []
    again = Fetcher(source, keyed, transport).fetch(windows)
    assert again.failures == []
    assert not again.outcomes.get("landed")


def test_missing_and_not_modified_are_answers(source, settings):
    window = Window(NOW - DAY, NOW)
    run, _ = fetch(source, settings, {"A/W": 404, "B/W": 304}, [window])
    assert run.outcomes == {"missing": 1, "not_modified": 1}
    assert Ledger(Folder(settings.data_dir)).covered("pegelonline", "demo") == [window]


def test_due_by_the_source_s_own_pace(source, settings):
    ledger = Ledger(Folder(settings.data_dir))
    assert is_due(source, ledger, "demo", NOW)
    ledger.cover("20250101T000000-a", Covered(source.source, "demo", Window(NOW - DAY, NOW)))
    from urbandata.landing import utc_now

    assert not is_due(source, ledger, "demo", utc_now())
    assert is_due(source, ledger, "demo", utc_now() + timedelta(minutes=15))
    assert is_due(source, ledger, "real", utc_now())


def test_a_service_that_is_down_is_left_alone_after_three_failures(source, settings):
    down = FetchError("network", "nobody there")
    windows = [Window(NOW - DAY * n, NOW - DAY * (n - 1)) for n in (5, 4, 3, 2, 1)]
    run, server = fetch(source, settings, {"A/W": down, "B/W": down}, windows)
    assert len(server.asked) == 3
    assert "gave up after 3 failures in a row" in run.failures[-1]
    assert Ledger(Folder(settings.data_dir)).covered("pegelonline", "demo") == []


def test_a_missing_resource_is_not_a_sign_of_a_service_that_is_down(source, settings):
    gone = FetchError("missing", "not here", 404)
    windows = [Window(NOW - DAY * n, NOW - DAY * (n - 1)) for n in (3, 2, 1)]
    _, server = fetch(source, settings, {"A/W": gone, "B/W": gone}, windows)
    assert len(server.asked) == 6


HISTORY = b"entity_id,state,last_changed\nsensor.erika_power,1,2025-09-01T10:00:00.000Z\n"


def test_real_people_are_not_hashed_with_the_key_of_the_demo_city(settings):
    folder = settings.inbox_dir / "home_assistant"
    folder.mkdir(parents=True)
    (folder / "history.csv").write_bytes(HISTORY)
    with contextlib.suppress(ConfigError):
        list(inbox.land_files(settings, registry.sources()))
    assert settings.mode == "demo"
    assert list((settings.data_dir / "raw").rglob("*.zst")) == []


def test_people_of_the_demo_city_need_no_key(settings):
    source = registry.source("home_assistant")
    content = Fetcher(source, settings, Server({}))._stripped(HISTORY, "history.csv")
    assert b"erika" not in content and b"_power" in content
    with pytest.raises(ConfigError, match="URBANDATA_PSEUDONYM_KEY"):
        Fetcher(source, dataclasses.replace(settings, mode="live"), Server({}))._stripped(
            HISTORY, "x.csv"
        )


def test_a_source_without_its_secret_is_a_problem_and_what_landed_is_processed(
    settings, monkeypatch
):
    monkeypatch.delenv("TELRAAM_API_KEY", raising=False)
    folder = settings.inbox_dir / "telraam"
    folder.mkdir(parents=True)
    (folder / "answer.json").write_bytes(b"{}")
    assert [a.outcome for a in inbox.land_files(settings, registry.sources())] == ["landed"]
    done = pipeline.ingest("telraam", dataclasses.replace(settings, mode="live"))
    assert done.problems[0] == "telraam: set TELRAAM_API_KEY in the environment"
    assert (done.outcomes, done.payloads) == ({}, 1)


def test_the_newest_event_is_the_latest_instant_whatever_its_offset():
    done = pipeline.Ingested("eco_counter")
    names = ("payload_id", "source", "origin", "resource", "filename", "sha256", "raw_path")
    common = dict.fromkeys(names, "x") | {"fetched_at": NOW.isoformat(), "state": "accepted"}
    later, earlier = "2025-10-26T02:30:00+01:00", "2025-10-26T02:45:00+02:00"
    for at in (earlier, None, later, earlier):
        done.add(Outcome(**common, newest_event_at=at))
    assert done.newest_event_at == later
