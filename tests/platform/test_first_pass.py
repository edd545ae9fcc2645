"""The first pass: what it starts, what it waits for and says, against an Airflow of its own."""

import json
import os
import time

import duckdb
import httpx
import pytest
import tenacity

from urbandata import transform
from urbandata.errors import UrbandataError
from urbandata.platform import first_pass
from urbandata.platform.airflow_api import AirflowApi, Run
from urbandata.platform.cluster import User
from urbandata.platform.first_pass import BUILD, FirstPass
from urbandata.settings import Settings


class City:
    """An Airflow whose ingest lands payloads and whose build publishes them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.dags = {"ingest_traffic", "ingest_environment", BUILD, "backfill_traffic"}
        self.errors = []
        self.runs = {}
        self.tasks = {}
        self.paused = []
        self.pools = None
        self.payloads = {"ingest_traffic": 2, "ingest_environment": 3}
        self.build_state = "success"

    def ensure_pools(self, path):
        self.pools = json.loads(path.read_text())

    def dag_ids(self):
        return self.dags

    def pause(self, dag_id, paused):
        self.paused.append((dag_id, paused, self.loaded()))

    def loaded(self):
        return sum(s == "success" for r, s in self.runs.items() if r.dag_id != BUILD)

    def import_errors(self):
        return self.errors

    def trigger(self, dag_id):
        run = Run(dag_id, f"manual_{len(self.runs)}")
        self.runs = {run: "running", **self.runs}
        return run

    def run_states(self, dag_id="~"):
        found = {r: s for r, s in self.runs.items() if dag_id in ("~", r.dag_id)}
        for run, state in found.items():
            if state == "running":
                self.finish(run)
        return found

    def task_states(self, runs):
        return {(r.dag_id, "source_" + r.dag_id): self.runs[r] for r in runs}

    def finish(self, run):
        self.runs[run] = self.build_state if run.dag_id == BUILD else "success"
        for number in range(self.payloads.get(run.dag_id, 0)):
            land(self.settings, f"source_{run.dag_id}", number)
        if run.dag_id == BUILD and self.build_state == "success":
            publish(self.settings)


def land(settings, source, number):
    path = settings.data_dir / "outcomes" / source / f"{number}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"accepted": 600}))
    os.utime(path, (time.time(),) * 2)  # the kernel's stamp may be some milliseconds behind


def publish(settings):
    settings.serving_dir.mkdir(parents=True, exist_ok=True)
    count = len(list((settings.data_dir / "outcomes").glob("*/*.json")))
    path = settings.serving_dir / f"build{count}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA IF NOT EXISTS ops")
        con.execute("CREATE OR REPLACE TABLE ops.payloads AS FROM range(?)", [count])
    (settings.serving_dir / "current.json").write_text(json.dumps({"path": path.name}))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(first_pass, "POLL_S", 0.01)
    monkeypatch.setattr(first_pass, "BUILD_GRACE_S", 0.02)


@pytest.fixture
def city(settings):
    return City(settings)


@pytest.fixture
def go(settings, city):
    """Run the first pass and return what it said."""

    def run(alive=lambda: None, chosen=settings):
        said = []
        FirstPass(chosen, city, said.append, alive).run()
        return said

    return run


def count(city, dag_id):
    return sum(run.dag_id == dag_id for run in city.runs)


def test_every_ingest_runs_once_and_the_build_is_published(city, go):
    said = go()
    assert city.pools.keys() == {"duckdb_writer", "ingest"}
    assert [count(city, d) for d in sorted(city.dags)] == [0, 1, 1, 1]
    assert "traffic: source_ingest_traffic geladen, 1.200 Zeilen" in said
    assert "environment: source_ingest_environment geladen, 1.800 Zeilen" in said
    assert said[-1] == "veröffentlicht: build5"


def test_a_build_says_how_far_it_is(settings, city, go, monkeypatch):
    monkeypatch.setattr(first_pass, "NEWS_EVERY_S", 0)
    assert "… seit 0 s wird geladen" in go()

    log = settings.data_dir / "dbt" / "logs" / "dbt.log"
    log.parent.mkdir(parents=True)
    node = "[0m23:57:19.1 [info ] [Thread-2 (]: {} of {} START sql view model stg_a .. [RUN]\n"
    begin = "[0m23:57:11.9 [info ] [MainThread]: Running with dbt=1.11.16\n"
    log.write_text(begin + node.format(77, 77) + begin)
    assert transform.progress(settings, 0) is None, "what is there is of the last build"
    with log.open("a") as file:
        file.write("".join(node.format(n, 1942) for n in (1, 2, 451, 447)))
    assert transform.progress(settings, 0) == (451, 1942)
    assert transform.progress(settings, log.stat().st_mtime + 1) is None
    os.utime(log, (time.time() + 60,) * 2)
    city.payloads["ingest_traffic"] += 1
    assert "… 451 von 1.942 Modellen und Prüfungen" in go()


def test_no_build_starts_before_all_is_loaded(city, go):
    go()
    assert city.paused == [(BUILD, True, 0), (BUILD, False, 2)]


def test_builds_may_start_again_after_a_failed_pass(city, go):
    def gone():
        if city.runs:
            raise UrbandataError("airflow-scheduler ended with code 1")

    with pytest.raises(UrbandataError, match="ended"):
        go(alive=gone)
    assert city.paused[-1][:2] == (BUILD, False)


def test_a_run_that_is_under_way_is_followed_not_doubled(city, go):
    city.trigger("ingest_traffic")
    go()
    assert count(city, "ingest_traffic") == 1


def test_nothing_new_needs_no_build(city, go):
    go()
    city.payloads = {}
    said = go()
    assert count(city, BUILD) == 1
    assert said[-1] == "veröffentlicht: build5"


def test_what_a_killed_platform_had_checked_gets_built(settings, city, go):
    city.payloads = {}
    land(settings, "source_ingest_traffic", 0)
    assert go()[-1] == "veröffentlicht: build1"


def test_a_failed_first_build_is_an_error(city, go):
    city.build_state = "failed"
    with pytest.raises(UrbandataError, match="no build is published yet"):
        go()
    assert count(city, BUILD) == 1, "a failed build is not tried for ever"


def test_a_failed_build_leaves_the_last_one_in_service(settings, city, go):
    go()
    city.build_state = "failed"
    land(settings, "source_new", 1)
    assert "bleibt bei build5" in go()[-1]


def test_yesterdays_failure_is_tried_again(settings, city, go):
    city.build_state = "failed"
    with pytest.raises(UrbandataError):
        go()
    city.build_state = "success"
    assert go()[-1] == "veröffentlicht: build5"


@pytest.mark.parametrize("mode", ["demo", "live"])
def test_silent_sources_are_an_error(settings, city, go, mode):
    city.payloads = {}
    env = {"URBANDATA_DATA_DIR": str(settings.data_dir), "URBANDATA_MODE": mode}
    with pytest.raises(UrbandataError, match="no source brought any data"):
        go(chosen=Settings.from_env(env))


def test_an_empty_inbox_is_no_error(settings, city, go):
    city.payloads = {}
    env = {"URBANDATA_DATA_DIR": str(settings.data_dir), "URBANDATA_MODE": "inbox"}
    assert "noch keine Dateien" in go(chosen=Settings.from_env(env))[-1]


def test_a_broken_dag_file_is_named(city, go):
    city.errors = ["ingest.py: ImportError: no module named x"]
    with pytest.raises(UrbandataError, match=r"ingest\.py: ImportError"):
        go()


def test_a_part_that_ends_meanwhile_stops_the_waiting(city, go):
    def alive():
        raise UrbandataError("airflow-scheduler ended with code 1")

    city.dags = set()
    with pytest.raises(UrbandataError, match="airflow-scheduler ended"):
        go(alive)


@pytest.fixture
def api(monkeypatch):
    """The real client; ``answers`` are given one after the other, ``asked`` is what it sent."""
    monkeypatch.setattr(AirflowApi._start.retry, "wait", tenacity.wait_none())
    monkeypatch.setattr(AirflowApi._read.retry, "wait", tenacity.wait_none())
    monkeypatch.setattr(AirflowApi._ensure_pool.retry, "wait", tenacity.wait_none())
    client = AirflowApi("http://airflow")
    client.answers, client.asked = [], []

    def handle(request):
        if request.url.path == "/auth/token":
            return httpx.Response(200, json={"access_token": "t"})
        client.asked.append(request)
        answer = client.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx.MockTransport(handle)
    monkeypatch.setattr(
        client, "_client", httpx.Client(transport=transport, base_url="http://airflow")
    )
    return client


def test_where_airflow_wants_a_log_in_the_client_logs_in(monkeypatch):
    asked = []

    def handle(request):
        asked.append(request)
        is_token = request.url.path == "/auth/token"
        return httpx.Response(201 if is_token else 200, json={"access_token": "t", "dags": []})

    client = AirflowApi("http://airflow", User("platform", "USER", "word"))
    transport = httpx.MockTransport(handle)
    monkeypatch.setattr(
        client, "_client", httpx.Client(transport=transport, base_url="http://airflow")
    )
    assert client.dag_ids() == set()
    assert asked[0].method == "POST"
    assert json.loads(asked[0].content) == {"username": "platform", "password": "word"}
    assert asked[1].headers["authorization"] == "Bearer t"


def test_tasks_are_read_page_by_page_and_never_by_a_request_that_airflow_notes(api):
    runs = [Run("ingest_a", "x+1"), Run("ingest_b", "y")]
    tasks = [
        {"dag_id": d, "dag_run_id": r, "task_id": f"{d}{n}"}
        for d, r in [*runs, ("ingest_a", "x+10")] for n in range(2)
    ]  # fmt: skip
    pages = [tasks[:4], tasks[4:]]
    api.answers = [
        httpx.Response(200, json={"task_instances": p, "total_entries": 6}) for p in pages
    ]
    found = api.tasks(runs)
    assert [t["task_id"] for t in found] == [
        "ingest_a0", "ingest_a1", "ingest_b0", "ingest_b1",
    ], "of a run whose id only begins like one of ours nothing is taken"  # fmt: skip
    assert [r.method for r in api.asked] == ["GET", "GET"]
    assert [r.url.params["offset"] for r in api.asked] == ["0", "4"]
    assert api.asked[0].url.params["run_id_pattern"] == "x+1|y"
    assert api.tasks([]) == []


def test_a_trigger_that_is_repeated_starts_one_run(api):
    api.answers = [httpx.Response(500), httpx.ReadTimeout("busy"), httpx.Response(409)]
    run = api.trigger("ingest_traffic")
    sent = [json.loads(r.content) for r in api.asked]
    assert [s["dag_run_id"] for s in sent] == [run.run_id] * 3


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refused_trigger_is_not_repeated(api, status):
    api.answers = [httpx.Response(status)]
    with pytest.raises(httpx.HTTPStatusError):
        api.trigger("ingest_traffic")
    assert len(api.asked) == 1


def test_a_question_is_asked_again_but_not_for_ever(api):
    api.answers = [httpx.Response(503)] * 5
    with pytest.raises(httpx.HTTPStatusError):
        api.dag_ids()
    assert len(api.asked) == 5


def known(*names):
    return httpx.Response(200, json={"pools": [{"name": n} for n in names]})


def test_pools_are_created_or_updated(api, tmp_path):
    (tmp_path / "pools.json").write_text(json.dumps({"ingest": {}, "duckdb_writer": {}}))
    done = httpx.Response(200, json={})
    api.answers = [known("ingest"), done, known("ingest"), done]
    api.ensure_pools(tmp_path / "pools.json")
    asked = [(r.method, json.loads(r.content)["name"]) for r in api.asked if r.method != "GET"]
    assert asked == [("PATCH", "ingest"), ("POST", "duckdb_writer")]


def test_a_pool_that_was_created_without_an_answer_is_not_created_twice(api, tmp_path):
    (tmp_path / "pools.json").write_text(json.dumps({"ingest": {"slots": 4}}))
    api.answers = [
        known(), httpx.ReadTimeout("busy"), known("ingest"), httpx.Response(200, json={}),
    ]  # fmt: skip
    api.ensure_pools(tmp_path / "pools.json")
    assert [r.method for r in api.asked] == ["GET", "POST", "GET", "PATCH"]
