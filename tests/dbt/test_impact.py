"""Before and after, and pilot against control, on hand-made monthly values.

Prohlis (borough 7) against Cotta (borough 9), start 1 March 2025. The control rises by a season
that both share; the pilot rises by 2 more after the start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats

from urbandata import transform, warehouse
from urbandata.settings import Settings

SELECTED = ("--select", "fct_impact_did", "fct_impact_baseline", "int_kpi__impact")
SEEDS = (
    "--select",
    "impact_comparisons",
    "impact_outcomes",
    "t_quantiles",
    "measures",
    "funding_phases",
)
NOISE = [0.3, -0.1, 0.2, -0.4, 0.1, -0.2, 0.4, -0.3, 0.0, 0.1, -0.2, 0.1]
EFFECT = 2.0


def _months(first: date, count: int) -> list[date]:
    start = first.year * 12 + first.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(start, start + count)]


def _season(month: date) -> float:
    return 10 + 3 * math.sin(month.month)


def _series() -> list[tuple[str, str, str, date, float]]:
    """code, origin, area, month, value of M2.1; the origin real has four months after the start."""
    rows = []
    for i, month in enumerate(_months(date(2023, 7, 1), 30)):
        after = month >= date(2025, 3, 1)
        pilot = _season(month) + (EFFECT if after else 0.0) + NOISE[i % 12]
        for origin in ("demo", "real"):
            if origin == "real" and month > date(2025, 6, 1):
                continue
            rows += [
                ("M2.1", origin, "borough:7", month, pilot),
                ("M2.1", origin, "borough:9", month, _season(month)),
                ("M2.1", origin, "dresden", month, _season(month)),
            ]
    return rows


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path_factory.mktemp("impact"))})
    with warehouse.writing(settings) as con:
        con.execute("CREATE SCHEMA IF NOT EXISTS intermediate")
        con.execute("""
            CREATE TABLE intermediate.int_impact__values (
                kpi_code VARCHAR, origin VARCHAR, area_kind VARCHAR, area_id VARCHAR,
                period_kind VARCHAR, period_start DATE, period_end DATE, value DOUBLE, n BIGINT,
                observed_until DATE)
        """)
        con.executemany(
            """
            INSERT INTO intermediate.int_impact__values
            SELECT ?, ?, CASE WHEN $3 = 'dresden' THEN 'city' ELSE 'borough' END, $3, 'month', $4,
                $4 + INTERVAL 1 MONTH, $5, 100, CASE $2 WHEN 'real' THEN DATE '2025-06-30'
                ELSE DATE '2025-12-31' END
            """.replace("SELECT ?, ?", "SELECT $1, $2"),
            [list(row) for row in _series()],
        )
    for arguments in (SEEDS, SELECTED):
        build = transform.build(settings, "impact", (*arguments, "--exclude-resource-type", "test"))
        assert build.ok, build.message
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as opened:
        yield opened


def _did(con: duckdb.DuckDBPyConnection, origin: str, code: str = "HF3.5a") -> dict[str, Any]:
    found = con.execute(
        "SELECT * FROM marts.fct_impact_did WHERE origin = ? AND code = ? AND year = 2025",
        [origin, code],
    )
    names = [d[0] for d in found.description]
    (row,) = found.fetchall()
    return dict(zip(names, row, strict=True))


def test_effect_and_interval_by_a_second_computation(con: duckdb.DuckDBPyConnection) -> None:
    """The season is gone; what is left is the effect and the pilot's noise."""
    noise = np.array([NOISE[i % 12] for i in range(30)])
    before, after = noise[:20], noise[20:] + EFFECT
    effect = after.mean() - before.mean()
    residuals = [before - before.mean(), after - after.mean()]
    above = sum(float((r[1:] * r[:-1]).sum()) for r in residuals)
    correlation = min(0.9, max(0.0, above / sum(float((r[1:] ** 2).sum()) for r in residuals)))
    worth = [len(r) * (1 - correlation) / (1 + correlation) for r in (before, after)]
    parts = [x.var(ddof=1) / w for x, w in zip((before, after), worth, strict=True)]
    freedom = math.floor(
        sum(parts) ** 2 / sum(p**2 / (w - 1) for p, w in zip(parts, worth, strict=True))
    )
    half = stats.t.ppf(0.975, freedom) * math.sqrt(sum(parts))
    row = _did(con, "demo")
    assert row["effect"] == pytest.approx(effect, abs=1e-3)
    assert (row["months_before"], row["months_after"]) == (20, 10)
    assert row["degrees_of_freedom"] == freedom
    assert (row["low"], row["high"]) == pytest.approx((effect - half, effect + half), abs=5e-3)
    assert row["low"] < EFFECT < row["high"]
    assert row["status"] == "auswertbar"
    assert not row["is_trend_different"]


def test_without_correlation_it_is_welch(con: duckdb.DuckDBPyConnection) -> None:
    """The noise turns around each month: nothing is taken off, and scipy's Welch agrees."""
    row = _did(con, "demo")
    assert row["correlation"] == 0.0
    noise = np.array([NOISE[i % 12] for i in range(30)])
    welch = stats.ttest_ind(noise[20:] + EFFECT, noise[:20], equal_var=False)
    assert row["effect"] / row["standard_error"] == pytest.approx(welch.statistic, rel=1e-3)


def test_thin_data_are_not_judged(con: duckdb.DuckDBPyConnection) -> None:
    row = _did(con, "real")
    assert row["months_after"] == 4
    assert (row["effect"], row["low"], row["high"]) == (None, None, None)
    assert row["status"] == "nicht auswertbar"
    assert row["reason_de"] == "weniger als 6 Monate nach dem Beginn"


def test_a_comparison_without_values_says_so(con: duckdb.DuckDBPyConnection) -> None:
    row = _did(con, "demo", "HF3.5b")
    assert (row["status"], row["months_before"]) == ("nicht auswertbar", 0)
    assert row["reason_de"] == "keine Werte in beiden Gebieten"


def test_baseline_against_the_newest_twelve_months(con: duckdb.DuckDBPyConnection) -> None:
    """July 2023 to June 2024 against January to December 2025: every season once on each side."""
    (row,) = con.execute(
        "SELECT baseline_value, after_value, after_from, after_to, evaluable_since, status "
        "FROM marts.fct_impact_baseline WHERE origin = 'demo' AND kpi_code = 'M2.1'"
    ).fetchall()
    mean = sum(_season(date(2024, m, 1)) for m in range(1, 13)) / 12
    assert row[:2] == (pytest.approx(mean, abs=1e-3),) * 2
    assert row[2:] == (
        date(2025, 1, 1), date(2025, 12, 31), date(2025, 1, 1), "auswertbar"
    )  # fmt: skip


def test_state_of_evaluation(con: duckdb.DuckDBPyConnection) -> None:
    """One of nine measures has both values, since half a year of after-values is there."""
    rows = dict(
        con.execute(
            "SELECT period_start, value FROM intermediate.int_kpi__impact "
            "WHERE kpi_code = 'HF3.4' AND origin = 'demo'"
        ).fetchall()
    )
    assert rows[date(2024, 7, 1)] == 0.0
    assert rows[date(2024, 10, 1)] == pytest.approx(100 / 9, abs=1e-3)
    values = [rows[quarter] for quarter in sorted(rows)]
    assert values == sorted(values)


def test_effects_are_kpis(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute(
        "SELECT area_id, value IS NULL FROM intermediate.int_kpi__impact "
        "WHERE kpi_code = 'HF3.5a' AND period_start = '2025-01-01' ORDER BY origin"
    ).fetchall()
    assert rows == [("quarter:prohlis", False), ("quarter:prohlis", True)]
