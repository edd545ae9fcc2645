"""The whole programme in a small build: every KPI of the catalogue gets a plausible course.

Values follow from the code of the KPI alone, so two runs agree; real and demo never come close.
"""

from __future__ import annotations

import csv
import math
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.dashboards.records import BUILD, insert

SEEDS = Path(__file__).parents[2] / "dbt" / "seeds"
MONTHS = 30
LAST = (2026, 11)  # still running
FIELDS = {
    "hf1": ("Partizipative Analyse von Problemstellungen", "Participatory analysis of problems"),
    "hf2": ("Daten erheben, organisieren und bereitstellen", "Collect, organise and provide data"),
    "hf3": ("Innovationen implementieren, testen und evaluieren",
            "Implement, test and evaluate innovations"),
    "hf4": ("Verstetigung, Innovationsökosysteme und Vernetzung",
            "Continuation, innovation ecosystems and networking"),
}  # fmt: skip
Row = dict[str, Any]


def seed(name: str) -> list[dict[str, str]]:
    """Rows of a seed."""
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def dimensions(con: duckdb.DuckDBPyConnection) -> None:
    """Measures, action fields and areas; only what the build has no rows of."""
    measures = [
        {**{k: m[k] for k in ("measure", "title_de", "title_en", "action_field")},
         "number": int(m["number"]), "valid_from": date(2023, 6, 15), "valid_to": None}
        for m in seed("programme/measures.csv")
    ]  # fmt: skip
    ensure(con, "dim_measures", measures)
    fields = [{"action_field": f, "title_de": de, "title_en": en} for f, (de, en) in FIELDS.items()]
    ensure(con, "dim_action_fields", fields)
    ensure(con, "dim_areas", list(_areas()))


def _areas() -> Iterator[Row]:
    def area(kind: str, key: str, name: str, parent: str, at: tuple[float, float] | None) -> Row:
        latitude, longitude = at or (None, None)
        return {"area_kind": kind, "area_id": key, "name_de": name, "name_en": name,
                "parent_area_id": parent, "latitude": latitude, "longitude": longitude}  # fmt: skip

    yield area("city", "dresden", "Dresden", "", None)
    for b in seed("reference/boroughs.csv"):
        yield area("borough", f"borough:{b['borough_number']}", b["name"], "dresden", None)
    for d in seed("reference/districts.csv"):
        at = (float(d["latitude"]), float(d["longitude"])) if d["latitude"] else None
        parent = f"borough:{d['borough_number']}"
        yield area("district", f"district:{d['district_number']}", d["name"], parent, at)


def ensure(con: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    """Rows for a mart; a table the contracts do not know yet is made from the rows."""
    types = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", date: "DATE", str: "VARCHAR",
             type(None): "VARCHAR"}  # fmt: skip
    columns = ", ".join(f'"{n}" {types[type(v)]}' for n, v in _full(rows).items())
    con.execute(f"CREATE TABLE IF NOT EXISTS marts.{table} ({columns})")
    known = {r[1] for r in con.execute(f"PRAGMA table_info('marts.{table}')").fetchall()}
    insert(con, f"marts.{table}", [{n: v for n, v in r.items() if n in known} for r in rows])


def _full(rows: list[Row]) -> Row:
    return {n: next((r[n] for r in rows if r[n] is not None), None) for n in rows[0]}


def values(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """Months, years and a verdict for every KPI that has no value yet and lacks no source."""
    kpis = con.execute(
        "SELECT code, unit, direction, target_value, status_period, measure FROM "
        "marts.kpi_catalogue WHERE coalesce(missing_de, '') = '' AND code NOT IN "
        "(SELECT kpi_code FROM marts.kpi_values WHERE origin = ?) ORDER BY code",
        [origin],
    ).fetchall()
    rows = [row for kpi in kpis for row in _course(origin, *kpi)]
    if rows:
        insert(con, "marts.kpi_values", rows)
        insert(con, "marts.kpi_status", [_verdict(rows, origin, *kpi) for kpi in kpis])


def _course(
    origin: str, code: str, unit: str, direction: str, target: float | None, kind: str, measure: str
) -> Iterator[Row]:
    """A level with a season and a trend; boroughs around it for every second KPI."""
    chance = zlib.crc32(code.encode())
    level = (20 + chance % 60) * (1 if origin == "real" else 7)
    base = {"kpi_code": code, "origin": origin, "n": 40 + chance % 900, "coverage_pct": 96.0,
            "build_id": BUILD}  # fmt: skip
    for i in range(MONTHS):
        months = LAST[0] * 12 + LAST[1] - 1 - (MONTHS - 1 - i)
        start = date(months // 12, months % 12 + 1, 1)
        value = level * (1 + 0.12 * math.sin(2 * math.pi * (start.month + chance % 12) / 12)
                         + 0.004 * i * (1 if chance % 3 else -1))  # fmt: skip
        running = "running_period" if i == MONTHS - 1 else ""
        month = {**base, "period_kind": "month", "period_start": start, "quality_flags": running}
        yield {**month, "area_kind": "city", "area_id": "dresden", "value": value,
               "low": 0.9 * value, "high": 1.12 * value}  # fmt: skip
        if chance % 2 and i >= MONTHS - 2:
            for b in range(10):
                yield {**month, "area_kind": "borough", "area_id": f"borough:{b}",
                       "value": value * (0.7 + 0.06 * ((chance + 7 * b) % 10)),
                       "low": None, "high": None}  # fmt: skip
    for year, flags in ((2024, ""), (2025, ""), (2026, "running_period")):
        yield {**base, "period_kind": "year", "period_start": date(year, 1, 1),
               "value": level * 1.02, "low": 0.95 * level, "high": 1.1 * level,
               "quality_flags": flags, "area_kind": "city", "area_id": "dresden"}  # fmt: skip


def _verdict(
    rows: list[Row], origin: str, code: str, unit: str, direction: str, target: float | None,
    kind: str, measure: str,
) -> Row:  # fmt: skip
    kind = kind if kind in {"month", "year"} else "month"
    mine = [r for r in rows if r["kpi_code"] == code and r["period_kind"] == kind
            and r["area_kind"] == "city" and not r["quality_flags"]]  # fmt: skip
    row = mine[-1]
    status = "kein Zielwert beschlossen"
    if target is not None:
        met = row["value"] <= target if direction == "down" else row["value"] >= target
        status = "im Zielbereich" if met else "Zielwert verfehlt"
    keep = ("kpi_code", "origin", "area_kind", "area_id", "period_kind", "period_start", "value")
    return {**{k: row[k] for k in keep}, "value_before": row["value"] * 0.9, "trend": "steigend",
            "is_improving": {"up": True, "down": False}.get(direction), "target": target,
            "status": status}  # fmt: skip
