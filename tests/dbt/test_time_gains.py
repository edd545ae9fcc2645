"""Time gains worked out by hand: two reports, 300 downloads, four contributions in May 2024.

Citizens: a report saves (5 − 1) + (6 − 3) + (4 − 0) = 11 min, 80 % replace a call:
2 × 0.8 × 11 / 60 = 0.29 h. 1 % of 300 downloads save 15 − 3 = 12 min: 0.6 h. 30 % of four
contributions save 40 + (90 − 15) = 115 min: 2.3 h. Together 3.19 h, and 4 × 0.3 × 3 EUR = 3.60 EUR
of tickets. Administration: 2 × 0.8 × (5 − 2 + 5 − 2) / 60 = 0.16 h, 3 × 20 / 60 = 1 h and
1.2 × (10 − 5) / 60 = 0.1 h.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.dbt.city import insert, utc
from urbandata import registry, transform, warehouse
from urbandata.settings import Settings

MAY = date(2024, 5, 1)


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of a city with few cases; two platforms answer with all they have each day."""
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("gains"))})
    with warehouse.writing(settings) as con:
        warehouse.prepare(con, registry.sources())
        for load_id in (1, 2):  # the same again: states change, cases do not
            _fill(con, load_id)
    selected = (
        *("--select", "+int_kpi__time_gains", "+path:models/marts/time_gains"),
        *("--indirect-selection", "cautious"),
    )
    build = transform.build(settings, "gains", selected)
    assert build.ok, build.message
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as opened:
        yield opened


def _fill(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    def reports(*numbers: int) -> list[dict[str, Any]]:
        at = utc("2024-05-03 08:00")
        return [{"service_request_id": str(n), "requested_at": at} for n in numbers]

    downloads = [
        {"day": date(2024, 5, d), "label": "a.csv", "hits": n} for d, n in [(2, 100), (3, 200)]
    ]
    at = utc("2024-05-04 18:00")
    insert(con, "open311__reports", reports(1, 2), load_id)
    insert(con, "open311__reports", reports(9), load_id, origin="demo")
    insert(con, "matomo__downloads", downloads, load_id)
    ideas = [{"idea_id": str(n), "created_at": at} for n in (1, 2)]
    proposals = [{"external_id": "1", "created_at": at}]
    kinds = [{"kind": "debate", "external_id": "1", "created_at": at}]
    insert(con, "adhocracy__ideas", ideas, load_id)
    insert(con, "decidim__contributions", proposals, load_id)
    insert(con, "consul__contributions", kinds, load_id)


def _kpi(con: duckdb.DuckDBPyConnection, code: str, area: str = "dresden") -> tuple[Any, ...]:
    (row,) = con.execute(
        "SELECT value, low, high, n FROM intermediate.int_kpi__time_gains "
        "WHERE kpi_code = ? AND area_id = ? AND origin = 'real' AND period_kind = 'month'",
        [code, area],
    ).fetchall()
    return row


def test_hours_and_outlays_by_hand(con: duckdb.DuckDBPyConnection) -> None:
    citizens = [2 * 0.8 * 11 / 60, 3 * 12 / 60, 1.2 * 115 / 60]
    assert _kpi(con, "Z1")[0] == pytest.approx(sum(citizens), abs=0.01)
    assert _kpi(con, "Z1", "measure:participation")[0] == pytest.approx(2.3)
    assert _kpi(con, "Z2")[0] == pytest.approx(0.16 + 1.0 + 0.1, abs=0.01)
    assert _kpi(con, "Z3")[:1] == (3.6,)


def test_cases_are_counted_once_however_many_steps(con: duckdb.DuckDBPyConnection) -> None:
    assert _kpi(con, "Z1")[3] == 2 + 300 + 4
    assert _kpi(con, "Z1", "measure:road_maintenance")[3] == 2


def test_the_range_takes_the_unfavourable_corner(con: duckdb.DuckDBPyConnection) -> None:
    """A report may cost time: 3 − 2 + 4 − 5 + 0 − 0 = 0 min at the low end; with the share per
    step, 0.5 × 1 − 1 × 1 = −0.5 min for each of two reports."""
    assert _kpi(con, "Z1", "measure:road_maintenance")[1] == pytest.approx(-2 * 0.5 / 60, abs=0.006)
    for code in ("Z1", "Z2", "Z3"):
        value, low, high, _ = _kpi(con, code)
        assert low <= value <= high


def test_sides_and_origins_stay_apart(con: duckdb.DuckDBPyConnection) -> None:
    sides = con.execute("SELECT DISTINCT side FROM marts.fct_time_gains").fetchall()
    assert {s for (s,) in sides} == {"citizen", "administration"}
    demo = con.execute(
        "SELECT sum(cases) FROM intermediate.int_time_gains__cases WHERE origin = 'demo'"
    ).fetchone()
    assert demo == (1,)


def test_services_without_cases_say_what_is_missing(con: duckdb.DuckDBPyConnection) -> None:
    """Nobody counts searches for parking; bookings have a source that is silent here."""
    rows = con.execute(
        "SELECT service_code, missing_de IS NOT NULL FROM marts.dim_services "
        "WHERE origins_with_cases IS NULL ORDER BY 1"
    ).fetchall()
    assert rows == [("parking_search", True), ("sports_booking", False)]


def test_areas_add_up(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute("""
        SELECT kpi_code, sum(value) FILTER (area_kind = 'city'),
            sum(value) FILTER (area_kind = 'measure')
        FROM intermediate.int_kpi__time_gains GROUP BY ALL
    """).fetchall()
    for code, city, measures in rows:
        assert city == pytest.approx(measures, abs=0.05), code
