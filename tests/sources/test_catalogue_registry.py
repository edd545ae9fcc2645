"""Registry of suppliers and portals: real lists, parents unpacked, the demo."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOW

from urbandata import inbox, registry
from urbandata.contract import Payload
from urbandata.errors import PayloadError
from urbandata.sources.catalogue_registry.demo import LISTS
from urbandata.sources.catalogue_registry.parse import parse

SOURCE = registry.source("catalogue_registry")


@pytest.mark.parametrize(
    ("name", "table", "rows"), [("suppliers", "suppliers", 956), ("portals.de", "portals", 897)]
)
def test_real_lists(realdata, make_payload, check, name, table, rows):
    path = realdata(f"catalogue/opendata-guru/{name}.csv")
    content = path.read_bytes()
    assert inbox.owner(path, content, path.parent, registry.sources()) == "catalogue_registry"
    parsed = parse(make_payload(content, filename=path.name), SOURCE)
    result = check("catalogue_registry", parsed)
    assert (parsed.rejects, result.quarantined) == ((), [])
    assert parsed.tables[table].num_rows == rows
    found = parsed.tables[table].to_pylist()
    (dresden,) = [r for r in found if r["supplier_id"] == "s6PY1"]
    if table == "portals":
        assert dresden["regional_key"] == "146120000000"
        parents = json.loads(dresden["parents"])
        assert len(parents) == 4
        assert "geoportal.de|LandeshauptstadtDresden" in parents


def test_a_cut_line_is_a_reject_and_other_lists_are_refused(make_payload):
    head = ",".join(LISTS["portals.de.csv"][0])
    parsed = parse(make_payload(f"{head}\nd1,Stadt,x\n".encode()), SOURCE)
    assert [(r.row, r.reason) for r in parsed.rejects] == [(2, "the line is cut off")]
    for content in (b"", b"a,b\n1,2\n"):
        with pytest.raises(PayloadError, match=r"empty|neither a list"):
            parse(make_payload(content), SOURCE)


def test_round_trip(ask):
    found = [parse(p, SOURCE) for p in ask("catalogue_registry")]
    assert [list(p.tables) for p in found] == [["suppliers"], ["portals"]]
    assert [p.count for p in found] == [3, 2]
    assert not any(p.rejects for p in found)


HEADS = st.sampled_from([",".join(lines[0]) for lines in LISTS.values()])


@given(st.binary() | st.tuples(HEADS, st.text()).map("\n".join).map(str.encode))
def test_any_bytes_give_rows_or_a_named_error(content):
    try:
        parsed = parse(Payload(content, "x", "csv", NOW, "real"), SOURCE)
    except PayloadError as error:
        assert str(error)
    else:
        assert parsed.count >= len(parsed.rejects)
