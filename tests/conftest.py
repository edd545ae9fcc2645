"""Fixtures shared by all tests: real files, payloads, the demo city, the door, random examples."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from urbandata import registry, transform
from urbandata.contract import Parsed, Payload, Window
from urbandata.dbt_processes import PARSED
from urbandata.settings import PROJECT_ROOT, Settings
from urbandata.storage import write_atomically
from urbandata.transport import Transport

LONG_BYTES = 100

# A busy machine is no defect: no deadlines. On CI the examples are the same at every run, so a
# failure there can be repeated anywhere; on a desk they are new each time and find new things.
hypothesis.settings.register_profile("desk", deadline=None, max_examples=60)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("desk"), derandomize=True, database=None
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")

ROOT = Path(__file__).parent.parent
REALDATA = ROOT.parent / "shared" / "realdata"


@pytest.fixture(scope="session")
def realdata() -> Callable[[str], Path]:
    """Path of a real file; without the collection tests are skipped, on CI they fail."""

    def find(relative: str) -> Path:
        path = REALDATA / relative
        if not path.exists():
            if os.environ.get("CI") == "true":
                pytest.fail(f"real file missing on CI: {relative}")
            pytest.skip(f"the collection of real files is not beside the project: {relative}")
        return path

    return find


@pytest.fixture
def make_payload() -> Callable[..., Payload]:
    """A payload as the raw zone would hand it to ``parse``."""

    def make(
        content: bytes,
        resource: str = "x",
        extension: str = "json",
        filename: str = "",
        origin: str = "real",
    ) -> Payload:
        return Payload(
            content=content,
            resource=resource,
            extension=extension,
            fetched_at=datetime(2025, 9, 15, 12, tzinfo=UTC),
            origin=origin,
            filename=filename,
        )

    return make


NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def world():
    """The demo city, its clock standing at 15.09.2025, 12:00 UTC."""
    from urbandata.demo.world import World

    return World(seed=20230701, clock=lambda: NOW)


@pytest.fixture
def ask(world):
    """Run a source's requests against its own demo routes; payloads in the order they came."""
    from starlette.applications import Starlette
    from starlette.routing import Mount
    from starlette.testclient import TestClient

    def run(name: str, window: Window | None = None) -> list[Payload]:
        source = registry.source(name).as_demo()
        app = Starlette(routes=[Mount(f"/{name}", routes=source.module("demo").routes(world))])
        client = TestClient(app, base_url="http://testserver")
        transport = Transport(
            source,
            f"http://testserver/{name}",
            client=client,
            pace=False,
            secrets=dict.fromkeys(source.requires, "demo"),
        )
        payloads: list[Payload] = []
        for first in source.module("fetch").requests(window or Window(NOW, NOW), source):
            queue = [first]
            while queue:
                queue[:0] = _follow(source, transport, queue.pop(0), payloads)
        return payloads

    return run


def _follow(source, transport, request, payloads):
    answer = transport.ask(request)
    if answer.status in (304, 404):
        return []
    payload = Payload(
        content=answer.content,
        resource=request.resource,
        extension=request.extension,
        fetched_at=NOW,
        origin="demo",
        url=answer.url,
    )
    module = source.module("fetch")
    if request.land:
        if hasattr(module, "strip"):
            payload = replace(payload, content=module.strip(answer.content, request.resource, "k"))
        payloads.append(payload)
    return list(module.follow(request, payload, source)) if hasattr(module, "follow") else []


@pytest.fixture
def check():
    """Run the door check of a source on one parsed payload."""
    from urbandata import door

    def run(name: str, parsed: Parsed) -> door.DoorResult:
        return door.check_payloads(name, {"p": parsed}, registry.source(name).ties)["p"]

    return run


@pytest.fixture(scope="session", autouse=True)
def parsed_project(tmp_path_factory) -> Iterator[None]:
    """What dbt has parsed for one data folder serves all others: it takes longer than most tests.

    dbt itself sees whether it fits; it would refuse each, as the path of the warehouse is another.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    invoke = transform._invoke

    def invoke_parsed(settings: Settings, arguments: list[str]):
        _compare_profiles_without_paths()
        known = shared / f"parsed-for-{'lake' if settings.lake_dsn else 'file'}.msgpack"
        ours = settings.data_dir / "dbt" / "target" / PARSED
        if settings.dbt_dir != PROJECT_ROOT / "dbt":
            return invoke(settings, arguments)
        if known.exists() and not ours.exists():
            ours.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(known, ours)
        done = invoke(settings, arguments)
        if ours.exists() and not known.exists():
            write_atomically(known, ours.read_bytes())
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "_invoke", invoke_parsed)
        yield


def _compare_profiles_without_paths() -> None:
    from dbt.adapters.duckdb.credentials import DuckDBCredentials

    DuckDBCredentials._connection_keys = lambda _: ("database", "schema", "extensions", "settings")


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Settings of an empty platform in a temporary folder."""
    return Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path / "data")})


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long bytes by the name of their argument: archives tell the second they were made in, and
    two workers that collect tests in different seconds must find the same names.
    """
    return argname if isinstance(val, bytes) and len(val) > LONG_BYTES else None
