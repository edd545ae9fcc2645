"""Every parser, also of sources to come: any bytes give typed tables or a named error.

Bytes are random, text, JSON, or a real file of the source with parts cut out, doubled or spoiled.
What single formats promise beyond that (no record lost) is tested with each source.
"""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import NOW, REALDATA

from urbandata import registry
from urbandata.contract import Parsed, Payload, Window
from urbandata.errors import PayloadError
from urbandata.reading.tabular import ROW

WINDOW = Window(NOW - timedelta(days=1), NOW)
SAMPLE_BYTES = 6_000
TABLE = Path(__file__).parents[1] / "realdata/every_file.csv"


def samples() -> dict[str, list[tuple[str, bytes]]]:
    """Beginnings of two real files per source, the smallest ones; none without the collection."""
    if not REALDATA.is_dir():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["state"] == "accepted"]
    found: dict[str, list[Path]] = {}
    for row in rows:
        found.setdefault(row["source"], []).append(REALDATA / row["path"])
    smallest = {s: sorted(p, key=lambda f: f.stat().st_size)[:2] for s, p in found.items()}
    return {s: [(f.name, f.read_bytes()[:SAMPLE_BYTES]) for f in p] for s, p in smallest.items()}


SAMPLES = samples()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def spoiled(draw, content: bytes) -> bytes:
    """The bytes with a few parts cut out, doubled or replaced."""
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.integers(0, len(content)))
        last = min(len(content), first + draw(st.integers(0, 400)))
        middle = draw(st.sampled_from([b"", content[first:last] * 2]) | st.binary(max_size=6))
        content = content[:first] + middle + content[last:]
    return content


def payloads(name: str) -> st.SearchStrategy[tuple[str, str, bytes]]:
    """Resource, file name and bytes."""
    anything = st.binary() | st.text().map(str.encode) | JSON.map(json.dumps).map(str.encode)
    asked = [r.resource for r in registry.source(name).module("fetch").requests(WINDOW, demo(name))]
    resources = st.sampled_from([*dict.fromkeys(asked[:6]), "inbox/x.csv"])
    known = [
        st.tuples(st.just(f"inbox/{file}"), st.just(file), spoiled(content))
        for file, content in SAMPLES.get(name, ())
    ]
    return st.one_of(st.tuples(resources, st.just(""), anything), *known)


def demo(name: str) -> registry.Source:
    return registry.source(name).as_demo()


@pytest.mark.parametrize("name", registry.sources())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_bytes_give_typed_tables_or_a_named_error(name, data):
    source = registry.source(name)
    resource, filename, content = data.draw(payloads(name))
    strip = getattr(source.module("fetch"), "strip", None)
    kept = [content] if strip is None else [content, strip(content, resource, "k")]
    for body in kept:
        payload = Payload(body, resource, "x", NOW, "real", filename=filename)
        try:
            parsed = source.module("parse").parse(payload, source)
        except PayloadError as error:
            assert str(error).strip(), "an error says what is wrong"
        else:
            assert_whole(parsed, source)


def assert_whole(parsed: Parsed, source: registry.Source) -> None:
    """Tables as declared, every row and reject with its place and reason."""
    for name, table in parsed.tables.items():
        declared = source.tables[name].schema.append(pa.field(ROW, pa.int64()))
        assert table.schema.equals(declared)
        assert table[ROW].null_count == 0
    for reject in parsed.rejects:
        assert reject.table in source.tables
        assert reject.row >= 0
        assert reject.reason
