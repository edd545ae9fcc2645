"""Payloads of the demo city by the million, as its own serialisers write them, in a raw zone.

A seed of the city holds a few years of its sensors; further rows come from further seeds. The
same bytes lie in ``plain/`` as files, uncompressed, for programs that read files themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.routing import Route

from urbandata.demo.world import World
from urbandata.landing import Attempt, Ledger, RawZone, new_run_id, payload_id, sha256
from urbandata.sources.eco_counter import demo as eco_counter
from urbandata.sources.eco_counter import fetch as months_of
from urbandata.sources.mscons import demo as mscons
from urbandata.sources.sensorthings import demo as sensorthings
from urbandata.storage import Folder

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EXTENSIONS = {"sensorthings": "json", "eco_counter": "csv", "mscons": "txt"}
PAGE_DAYS = 34  # of 10-minute values: just under the 5,000 a page holds
Content = tuple[str, bytes, int]  # resource, payload, rows in it


def prepare(source: str, rows: int, folder: Path, copies: int = 1) -> int:
    """Payloads with at least ``rows`` rows in ``folder``; how many there are. Made only once.

    With ``copies`` the ledger names each of them that often, every time as another resource.
    """
    done = folder / "payloads.json"
    if done.exists():
        return int(json.loads(done.read_text())["rows"])
    zone, ledger, run = (
        RawZone(Folder(folder / "data")),
        Ledger(Folder(folder / "data")),
        new_run_id(),
    )
    (folder / "plain").mkdir(parents=True, exist_ok=True)
    made = 0
    for number, (resource, content, count) in enumerate(_contents(source)):
        digest, extension = sha256(content), EXTENSIONS[source]
        (folder / "plain" / f"{number:06}.{extension}").write_bytes(content)
        at = (NOW + timedelta(seconds=number)).isoformat()
        raw_path = zone.put(source, digest, content, extension, NOW)
        for copy in range(copies):
            name = f"{resource}{copy or ''}"
            ledger.record(
                Attempt(
                    attempt_id=f"{run}-{number}-{copy}", run_id=run, source=source, origin="demo",
                    resource=name, url="", started_at=at, finished_at=at, outcome="landed",
                    bytes=len(content), sha256=digest, payload_id=payload_id(name, digest),
                    raw_path=raw_path, extension=extension,
                )
            )  # fmt: skip
        made += count
        if made * copies >= rows:
            break
    made *= copies
    done.write_text(json.dumps({"rows": made}))
    return made


def _contents(source: str) -> Iterator[Content]:
    write = {"sensorthings": _pages, "eco_counter": _months, "mscons": _interchanges}[source]
    for seed in range(1, 1000):
        yield from write(World(seed=seed, clock=lambda: NOW), seed)


def _pages(world: World, seed: int) -> Iterator[Content]:
    """Pages of observations, by the handler that answers HTTP requests in the demo city."""
    (route,) = (r for r in sensorthings.routes(world) if "Observations" in r.path)
    start = world.start
    while start < NOW:
        end = min(start + timedelta(days=PAGE_DAYS), NOW)
        for sensor in sensorthings.sensors(world):
            content = _answer(route, sensor.number, start, end)
            resource = f"datastreams/{sensor.number}/page/{seed}-{start:%Y%m%d}"
            yield resource, content, content.count(b'"@iot.id"')
        start = end


def _answer(route: Route, number: int, start: datetime, end: datetime) -> bytes:
    span = f"phenomenonTime ge {start:%Y-%m-%dT%H:%M:%SZ} and phenomenonTime lt "
    query = f"$top=5000&$filter={span}{end:%Y-%m-%dT%H:%M:%SZ}".replace(" ", "+")
    scope = {
        "type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"127.0.0.1:8900")],
        "scheme": "http", "server": ("127.0.0.1", 8900), "path_params": {"number": number},
        "query_string": query.encode(),
    }  # fmt: skip
    return bytes(route.endpoint(Request(scope)).body)


def _months(world: World, seed: int) -> Iterator[Content]:
    """Monthly files of all counting sites, with a row per quarter of an hour as real ones have."""
    from urbandata.contract import Window

    for month in months_of.months(Window(world.start, NOW)):
        for site in eco_counter.SITES:
            content = eco_counter.month_csv(world, site, month, minutes=15)
            if content:
                channels = 3
                yield f"{site.id}/{month}?{seed}", content, channels * (content.count(b"\n") - 1)


def _interchanges(world: World, seed: int) -> Iterator[Content]:
    """Monthly deliveries of the meter operator."""
    for delivery in mscons.deliveries(world):
        if delivery.is_month:
            content = mscons.interchange(world, delivery)
            yield f"{delivery.name}?{seed}", content, len(re.findall(rb"'\s*QTY\+", content))
