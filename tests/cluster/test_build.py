"""One measure built on the lake: the marts of the single machine, also when servers fall away."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.faults import victim
from tests.faults.test_kill import city, marts
from urbandata import cli, dbt_processes, pipeline, registry, serving, transform, warehouse
from urbandata.errors import UrbandataError
from urbandata.landing import Ledger
from urbandata.settings import PROJECT_ROOT, Settings
from urbandata.storage import Folder, at, moving, of

from .conftest import of_scripts, on_a_file
from .services import Postgres

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]
__all__ = ["city"]
WHOLE = transform.build
MARTS = r"\.marts\.(environment|traffic|roads)\."
SCRIPTS = PROJECT_ROOT / "cluster"
REFUSALS = 12  # more than DuckDB itself is ready to try again


def ingest(city: int, env: Mapping[str, str]) -> None:
    """Five days of pegelonline, checked, not loaded; by a process of its own."""
    program = (
        "from tests.faults import victim\n"
        "from urbandata import pipeline\n"
        "from urbandata.settings import Settings\n"
        "victim.only_pegelonline()\n"
        "done = pipeline.ingest('pegelonline', Settings.from_env())\n"
        "assert done.accepted and not done.problems, done\n"
    )
    path = f"{PROJECT_ROOT / 'plugins'}:{PROJECT_ROOT}"
    whole = {**env, "PYTHONPATH": path, "URBANDATA_PORT_DEMO": str(city)}
    subprocess.run([sys.executable, "-c", program], env=whole, timeout=120, check=True)


@pytest.fixture(scope="module")
def ingested(city, tmp_path_factory) -> Path:
    """A data folder with five days of pegelonline."""
    data = tmp_path_factory.mktemp("ingested") / "data"
    ingest(city, {"URBANDATA_DATA_DIR": str(data)})
    return data


@pytest.fixture
def empty(lake, monkeypatch) -> Settings:
    """An empty lake, and builds of the measure environment only."""
    for name, value in lake.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(transform, "build", transform.build)  # put back after the test
    victim.only_environment()
    return Settings.from_env()


@pytest.fixture
def settings(empty, ingested) -> Settings:
    """The ingested data on a lake."""
    shutil.copytree(ingested, empty.data_dir)
    return empty


@pytest.fixture
def in_s3(empty, monkeypatch) -> Settings:
    """An empty platform that keeps nothing on its disk but published builds."""
    monkeypatch.setenv("URBANDATA_STORAGE", f"{empty.warehouse_data}-files")
    return Settings.from_env()


def same(found: dict[str, list], expected: dict[str, list]) -> bool:
    """Whether marts hold equal rows; what was fetched twice has other payload ids."""
    return without_payloads(found) == without_payloads(expected)


def without_payloads(found: dict[str, list]) -> dict[str, list]:
    return {t: sorted(re.sub(r"'[0-9a-f]{32}'", "", row) for row in r) for t, r in found.items()}


@contextmanager
def half_held_back(settings: Settings) -> Iterator[None]:
    """Half of the payloads come only after the block."""
    folder, later = settings.data_dir / "outcomes" / "pegelonline", settings.data_dir / "later"
    later.mkdir()
    outcomes = sorted(folder.glob("*.json"))
    held = [p.rename(later / p.name) for p in outcomes[: len(outcomes) // 2]]
    assert held
    yield
    for path in held:
        path.rename(folder / path.name)


def twice(settings: Settings) -> list:
    """Files that were loaded more than once."""
    return serving.rows(
        settings, "SELECT payload_id FROM ops.loaded_files GROUP BY ALL HAVING count(*) > 1"
    )


@pytest.fixture(scope="module")
def expected(ingested, tmp_path_factory) -> dict[str, list]:
    """The marts of the single machine."""
    data = tmp_path_factory.mktemp("file") / "data"
    shutil.copytree(ingested, data)
    single = on_a_file(Settings.from_env({}), data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "build", transform.build)
        victim.only_environment()
        pipeline.build(single, print)
    found = marts(single)
    assert found["fct_gauge_levels"]
    return found


def test_the_lake_gives_the_marts_of_the_single_machine(settings, expected):
    pipeline.build(settings, print)
    assert marts(settings) == expected
    comments = serving.rows(
        settings, "SELECT count(*) AS n FROM duckdb_columns() "
        "WHERE schema_name = 'marts' AND comment IS NOT NULL",
    )  # fmt: skip
    assert comments[0]["n"] > 100
    assert not (settings.data_dir / "warehouse" / "warehouse.duckdb").exists()
    (state,) = serving.rows(settings, "SELECT snapshot_id FROM ops.builds")
    then = f"SELECT count(*) FROM marts.fct_gauge_levels AT (VERSION => {state['snapshot_id']})"
    with warehouse.writing(settings) as con:
        assert con.execute(then).fetchone() == (len(expected["fct_gauge_levels"]),)


def test_an_incremental_build_and_a_rebuild_give_the_same(settings, expected):
    """First without the last day's payloads, then with them, then from the raw zone alone."""
    with half_held_back(settings):
        pipeline.build(settings, print)
        assert marts(settings) != expected
    pipeline.build(settings, print)
    assert marts(settings) == expected
    pipeline.replay(settings, print)
    assert marts(settings) == expected


def test_postgres_restarted_in_mid_build_recovers(settings, expected, postgres, monkeypatch):
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager as Manager

    add_query, asked = Manager.add_query, []

    def counted(*args, **kwargs):
        asked.append(True)
        if len(asked) == 60:
            postgres.stop()
            threading.Timer(4, postgres.start).start()
        return add_query(*args, **kwargs)

    monkeypatch.setattr(Manager, "add_query", counted)
    pipeline.build(settings, print)
    assert len(asked) > 60
    assert marts(settings) == expected


@pytest.mark.parametrize("step", ["load", "build"])
def test_storage_answering_503_for_a_while_recovers(settings, expected, storage, monkeypatch, step):
    before = storage.refused
    if step == "load":
        storage.refuse(REFUSALS)
    else:
        build = transform.build

        def away(*args, **kwargs):
            if storage.refused == before:
                storage.refuse(REFUSALS)
            return build(*args, **kwargs)

        monkeypatch.setattr(transform, "build", away)
    pipeline.build(settings, print)
    assert storage.refused == before + REFUSALS
    assert marts(settings) == expected
    assert twice(settings) == []


@pytest.fixture
def several(settings, monkeypatch) -> Settings:
    """Builds of several measures by three processes, with the tests of the data."""
    monkeypatch.setattr(transform, "build", WHOLE)
    plan = dbt_processes.plan

    def some(nodes, measure_of, processes):
        """With what the marts of these measures hang on, as a whole build would take minutes."""
        parents = {n.unique_id: n.parents for n in nodes}
        ends = [n.unique_id for n in nodes if re.search(MARTS, n.selector)]
        chosen: set[str] = set()
        while ends:
            name = ends.pop()
            if name in parents and name not in chosen:
                chosen.add(name)
                ends += parents[name]
        return plan([n for n in nodes if n.unique_id in chosen], measure_of, processes)

    monkeypatch.setattr(dbt_processes, "plan", some)
    return dataclasses.replace(settings, dbt_processes=3)


def results(settings: Settings) -> list:
    return serving.rows(settings, "FROM ops.dbt_results ORDER BY unique_id")


def test_processes_beside_each_other_build_the_same(several, expected, monkeypatch):
    stages = []
    run = dbt_processes.run
    monkeypatch.setattr(
        dbt_processes, "run", lambda stage, *a: stages.append(stage) or run(stage, *a)
    )
    pipeline.build(several, print)
    assert [len(stage) for stage in stages] == [1, 3, 1]
    found = marts(several)
    assert {t: found[t] for t in expected} == expected
    recorded = results(several)
    planned = sorted(n.unique_id for stage in stages for process in stage for n in process)
    assert [r["unique_id"] for r in recorded] == planned, "each node once"
    assert {r["status"] for r in recorded} == {"success", "pass"}
    assert {r["resource_type"] for r in recorded} == {"model", "seed", "test"}
    assert len({r["build_id"] for r in recorded}) == 1


def test_processes_beside_each_other_build_what_is_new(several, expected, monkeypatch):
    with half_held_back(several):
        pipeline.build(several, print)
        whole = {r["unique_id"] for r in results(several)}
        assert marts(several) != expected
    built, run = [], dbt_processes.run

    def noted(*arguments):
        found = run(*arguments)
        built.extend(found)
        return found

    monkeypatch.setattr(dbt_processes, "run", noted)
    pipeline.build(several, print)
    found = marts(several)
    assert {t: found[t] for t in expected} == expected
    again = {r["unique_id"] for r in built}
    assert again < whole, "only what hangs on new rows"
    assert "model.urbandata.fct_gauge_levels" in again
    assert not any(n.startswith("seed.") for n in again)
    (newest,) = serving.rows(several, "SELECT max(build_id) AS id FROM ops.builds")
    stand = {r["unique_id"] for r in results(several) if r["build_id"] == newest["id"]}
    assert stand == whole, "the others stand in the new build, too"


def test_a_process_that_dies_is_started_again(several, expected, tmp_path, monkeypatch):
    mark = tmp_path / "died"
    deadly = (
        "import os, pathlib, signal, threading\n"
        f"mark = pathlib.Path({str(mark)!r})\n"
        "if not mark.exists():\n"
        "    die = lambda: (mark.touch(), os.kill(os.getpid(), signal.SIGKILL))\n"
        "    threading.Timer(12, die).start()\n"
    )
    monkeypatch.setattr(dbt_processes, "PROGRAM", deadly + dbt_processes.PROGRAM)
    pipeline.build(several, print)
    assert mark.exists(), "nobody was killed"
    found = marts(several)
    assert {t: found[t] for t in expected} == expected


def test_what_fails_in_one_process_fails_the_build(several, monkeypatch):
    wrong = dataclasses.replace(several, dbt_processes=2, patience_s=1)
    monkeypatch.setattr(dbt_processes, "PROGRAM", "import sys; sys.exit('no dbt here')")
    with pytest.raises(Exception, match="no dbt here"):
        pipeline.build(wrong, print)
    with pytest.raises(UrbandataError, match="no build is published"):
        serving.current_path(wrong)


def test_a_platform_in_s3_gives_the_marts_of_the_folder(
    city, in_s3, lake, expected, ingested, storage
):
    """Fetched, checked, loaded and built there, while the storage answers 503 now and then."""
    before = storage.refused
    storage.refuse(REFUSALS)
    ingest(city, {**lake, "URBANDATA_STORAGE": in_s3.storage})
    assert storage.refused == before + REFUSALS
    folder, bucket = Folder(ingested), of(in_s3)
    for kind in ("raw", "bronze", "outcomes"):
        assert len(bucket.files(kind)) == len(folder.files(kind)), kind
    again = of(in_s3).files("outcomes")
    storage.refuse(REFUSALS)
    pipeline.build(in_s3, print)
    assert storage.refused == before + 2 * REFUSALS
    assert same(marts(in_s3), expected)
    assert twice(in_s3) == []
    kept = {p.name for p in in_s3.data_dir.iterdir()}
    assert kept.isdisjoint({"raw", "ledger", "bronze", "quarantine", "outcomes"})
    fetches = serving.rows(in_s3, "SELECT count(*) AS n FROM ops.fetches")[0]["n"]
    lines = list(Ledger(bucket).attempts("pegelonline"))
    assert fetches == len(lines) > 0
    pipeline.replay(in_s3, print)
    assert same(marts(in_s3), expected)
    assert [e.path for e in of(in_s3).files("outcomes")] == [e.path for e in again]


def test_all_is_lost_and_comes_back(in_s3, ingested, expected, postgres, tmp_path, monkeypatch):
    """First from a backup, then from raw zone and ledger alone."""
    moving.copy(Folder(ingested), of(in_s3))
    Folder(in_s3.data_dir).put("texts/de/summary.md", b"Von Hand geschrieben")
    pipeline.build(in_s3, print)
    assert marts(in_s3) == expected
    name, kept = in_s3.lake_dsn.rpartition("=")[2], tmp_path / "backup"
    env = of_scripts(postgres, name, tmp_path)
    subprocess.run([str(SCRIPTS / "backup")], env=env, check=True)
    run("backup", str(kept))

    lose(in_s3, postgres, name)
    (dump,) = tmp_path.glob("*.dump")
    subprocess.run([str(SCRIPTS / "restore"), str(dump), name], env=env, check=True)
    assert "all checksums equal" in run("restore", str(kept))
    assert Folder(in_s3.data_dir).get("texts/de/summary.md") == b"Von Hand geschrieben"
    assert warehouse.load_new(in_s3, registry.sources()).payloads == 0, "nothing is new"
    pipeline.build(in_s3, print)
    assert marts(in_s3) == expected
    assert twice(in_s3) == []

    lose(in_s3, postgres, name)
    postgres.database(name)
    moving.copy(Folder(kept / "files"), of(in_s3), ("raw", "ledger"))
    pipeline.replay(in_s3, print)
    assert marts(in_s3) == expected


def lose(settings: Settings, postgres: Postgres, database: str) -> None:
    """Delete the catalogue, everything in S3 and the data folder."""
    postgres.drop(database)
    for place in (settings.storage, settings.warehouse_data):
        storage = at(place, settings)
        assert storage.files("")
        storage.remove("")
        assert storage.files("") == []
    shutil.rmtree(settings.data_dir)


def run(*command: str) -> str:
    """A command of the platform; what it said."""
    done = CliRunner().invoke(cli.main, command)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_catalogue_that_stays_away_is_named(settings):
    impatient = dataclasses.replace(
        settings, lake_dsn="host=127.0.0.1 port=1 dbname=none", patience_s=1
    )
    with pytest.raises(Exception, match="catalogue of the warehouse does not answer"):
        warehouse.load_new(impatient, registry.sources())
