"""Sources at once and the project parsed meanwhile: order, what goes wrong, what stays behind."""

import os
import signal
from concurrent.futures.process import BrokenProcessPool

import pytest

from urbandata import pipeline, processes, side_by_side, transform
from urbandata.dbt_processes import PARSED
from urbandata.errors import ConfigError
from urbandata.pipeline import Ingested

MEMBERS = ["link_checks", "ckan", "dcat", "csw", "dresden_portal", "pegelonline"]


@pytest.fixture
def ingesting(monkeypatch):
    """Replaces the ingest of a source; at least two processes, whatever the machine has."""

    def replace(function):
        monkeypatch.setattr(pipeline, "ingest", function)
        monkeypatch.setattr(os, "cpu_count", lambda: 2)

    return replace


def noted(name, settings):
    """Leaves a mark that it is done, with the process and what was done before it."""
    before = [p.name for p in settings.data_dir.iterdir()]
    (settings.data_dir / name).write_text(str(os.getpid()))
    return Ingested(name, problems=sorted(before))


def fails_once(name, settings):
    if name == "dcat":
        raise ConfigError("dcat: no address")
    return noted(name, settings)


def dies_once(name, settings):
    if name == "dcat":
        os.kill(os.getpid(), signal.SIGKILL)
    return noted(name, settings)


def test_all_sources_are_ingested_by_other_processes_and_those_that_follow_others_last(
    settings, ingesting
):
    settings.data_dir.mkdir(parents=True)
    ingesting(noted)
    done = list(side_by_side.ingest(settings, MEMBERS))
    assert sorted(d.source for d in done) == sorted(MEMBERS)
    assert done[-1].source == "link_checks" and done[-1].problems == sorted(MEMBERS[1:])
    workers = {int((settings.data_dir / n).read_text()) for n in MEMBERS}
    assert os.getpid() not in workers


def test_one_source_alone_needs_no_process(settings, ingesting):
    settings.data_dir.mkdir(parents=True)
    ingesting(noted)
    assert [d.source for d in side_by_side.ingest(settings, ["ckan"])] == ["ckan"]
    assert int((settings.data_dir / "ckan").read_text()) == os.getpid()


@pytest.mark.parametrize(
    ("ingest", "error"), [(fails_once, ConfigError), (dies_once, BrokenProcessPool)]
)
def test_what_goes_wrong_in_a_process_is_raised_here(settings, ingesting, ingest, error):
    settings.data_dir.mkdir(parents=True)
    ingesting(ingest)
    with pytest.raises(error):
        list(side_by_side.ingest(settings, MEMBERS))


def test_a_process_ends_with_the_one_that_started_it():
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            processes.end_with(os.getppid())
            os.write(write, b"x")
            signal.pause()
        signal.pause()
    os.close(write)
    assert os.read(read, 1) == b"x"
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert os.read(read, 1) == b""  # nobody holds the other end any more
    os.close(read)


def test_the_project_is_parsed_once_beside_the_work_and_never_again(settings, monkeypatch):
    parsed = settings.data_dir / "dbt" / "target" / PARSED
    with transform.parsing(settings):
        assert not parsed.exists()
    first = parsed.stat().st_mtime_ns
    monkeypatch.setattr(transform, "_parse", lambda *_: pytest.fail("parsed again"))
    with transform.parsing(settings):
        pass
    assert parsed.stat().st_mtime_ns == first


def test_work_that_fails_does_not_wait_for_the_parsing(settings):
    with pytest.raises(ConfigError), transform.parsing(settings):
        raise ConfigError("no source")
    assert not (settings.data_dir / "dbt" / "target" / PARSED).exists()
