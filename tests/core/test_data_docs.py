"""Pages on the checks at the door: what they show of a value that was turned away."""

from __future__ import annotations

import duckdb
import pytest

from tests.dashboards import serving
from urbandata import data_docs

TOLD = "erika.muster@example.org"


@pytest.mark.parametrize(("values", "shown"), [(TOLD, "[…]"), ("99999.0", "99999.0")])
def test_examples_point_to_nobody(settings, values, shown):
    path = serving.publish(settings.serving_dir, origins=["real"])
    with duckdb.connect(str(path)) as con:
        con.execute("UPDATE ops.checks SET observed = ? WHERE NOT success", [values])
    page = (data_docs.write(settings).parent / "pegelonline.html").read_text("utf-8")
    assert f"<td>{shown}</td></tr>" in page
    assert TOLD not in page
