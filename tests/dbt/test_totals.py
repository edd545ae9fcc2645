"""One build of all measures, seen by everybody: whoever reads a figure reads the same one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from queries import cleema, kpis, public
from tests.dbt import all_cities
from tests.report.test_figures import READING
from urbandata import serving, transform, warehouse
from urbandata.report import compose, facts, periods
from urbandata.report.model import Document
from urbandata.settings import Settings

BUILD = "b20251001T060000"


@dataclass(frozen=True)
class Whole:
    """The published build, as offices and as citizens open it."""

    settings: Settings
    offices: duckdb.DuckDBPyConnection
    citizens: duckdb.DuckDBPyConnection

    def report(self, origin: str) -> Document:
        """The edition an editor would get."""
        read = facts.read(self.settings, periods.parse(""), origin=origin)
        return compose.document(read, {}, compose.Standing("2026-11-20-1"), "de", None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("whole"))})
    all_cities.fill(settings)
    built = transform.build(settings, BUILD, ("--exclude-resource-type", "test"))
    assert built.ok, built.message
    with warehouse.writing(settings) as con:
        row = {f: getattr(built, f) for f in built.__slots__}
        warehouse.record_build(con, {**row, "state": "published", "code_hash": "x", "load_id": 2})
    path = warehouse.publish(settings, BUILD, "demo")
    with (
        duckdb.connect(str(path), read_only=True) as offices,
        duckdb.connect(str(public_build(path)), read_only=True) as citizens,
    ):
        yield Whole(settings, offices, citizens)


def public_build(path: Path) -> Path:
    return path.parent / "public" / path.name


def mart(whole: Whole, code: str, origin: str) -> float:
    """Value of a KPI for the city since the beginning."""
    rows = whole.offices.execute(
        "SELECT value FROM marts.kpi_values WHERE kpi_code = ? AND origin = ? "
        "AND period_kind = 'phase' AND area_kind = 'city'",
        [code, origin],
    ).fetchall()
    ((value,),) = rows
    return float(value)


def test_what_cleema_saved_is_one_figure(whole: Whole) -> None:
    """Mart = leadership's page = citizens' page = report, whichever way they cut it."""
    ((origin,),) = whole.citizens.execute(
        "SELECT DISTINCT origin FROM marts.public_cleema_totals"
    ).fetchall()
    saved = mart(whole, "M2.3", origin)
    assert saved > 100
    seen = {
        "offices, total": cleema.totals(whole.offices, origin)["saving_kg_co2e"].sum(),
        "offices, months": cleema.monthly(whole.offices, origin)["saving_kg_co2e"].sum(),
        "offices, actions": cleema.by_action(whole.offices, origin)["value"].sum(),
        "citizens, total": public.totals(whole.citizens, origin)["saving_kg_co2e"].sum(),
        "citizens, months": public.monthly(whole.citizens, origin)["value"].sum(),
        "citizens, actions": public.by_action(whole.citizens, origin)["value"].sum(),
        "citizens, boroughs and those put together": public.by_borough(whole.citizens, origin)[
            "value"
        ].sum(),
    }
    assert seen == pytest.approx(dict.fromkeys(seen, saved), abs=2e-3)
    reported = next(n for n in whole.report(origin).numbers if n.kpi_code == "M2.3")
    for found, value in (
        (cleema.monthly(whole.offices, origin), "saving_kg_co2e"),
        (public.monthly(whole.citizens, origin), "value"),
    ):
        of_year = found[found["month_start"].astype(str).str[:4] == reported.period_start[:4]]
        assert of_year[value].sum() == pytest.approx(reported.value, abs=2e-3), value


@pytest.mark.parametrize("origin", ["demo", "real"])
def test_every_kpi_is_the_same_for_leadership_and_report(whole: Whole, origin: str) -> None:
    """The verdict of the overview and every figure of the edition are rows of the mart."""
    where = " AND ".join(f"{column}::VARCHAR = ?" for column in READING)
    judged = kpis.overview(whole.offices, origin).dropna(subset=["value"])
    assert len(judged) > 25
    read = [
        ((code, origin, kind, str(start)[:10], area_kind, area), value)
        for code, kind, start, area_kind, area, value in judged[
            ["code", "period_kind", "period_start", "area_kind", "area_id", "value"]
        ].itertuples(index=False)
    ]
    numbers = whole.report(origin).numbers
    assert {n.kpi_code for n in numbers if n.value is not None} >= set(judged["code"]) & {
        n.kpi_code for n in numbers
    }
    read += [
        ((n.kpi_code, n.origin, n.period_kind, n.period_start, n.area_kind, n.area_id), n.value)
        for n in numbers
    ]
    for key, value in read:
        found = whole.offices.execute(
            f"SELECT value FROM marts.kpi_values WHERE {where}", list(key)
        ).fetchall()
        assert found == [(value,)], key


def test_the_public_build_holds_public_tables_and_no_others(whole: Whole) -> None:
    (tables,) = zip(
        *whole.citizens.execute("SELECT table_name FROM duckdb_tables()").fetchall(), strict=True
    )
    allowed = ("public_", "dim_cleema_", "dim_emission_factors", "sources")
    assert all(name.startswith(allowed) for name in tables), tables
    assert serving.rows(whole.settings, "SELECT count(*) AS n FROM marts.kpi_values")[0]["n"] > 0
