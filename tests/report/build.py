"""A small published build for the report: every kind of KPI once, numbers worked out by hand.

Tables are made from the contracts in dbt's YAML, the catalogue from the seed's header, so a change
of either shows here. The catalogue's rows are the test's own.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.dashboards import records
from urbandata import warehouse

ROOT = Path(__file__).parents[2]
BUILD = records.BUILD
SNAPSHOT = 77  # the state of a lake that the builds come from
NEXT_BUILD = "b20261121T120000"
TYPES = {"target_value": "DOUBLE", "target_high": "DOUBLE", "is_headline": "BOOLEAN",
         "min_coverage_pct": "INTEGER", "min_n": "INTEGER"}  # fmt: skip


def kpi(code: str, name: str, measure: str | None, field: str, unit: str, **more: Any) -> dict:
    """A row of the catalogue with what the report reads."""
    return {
        "code": code, "name_de": name, "name_en": f"{name} (en)", "measure": measure,
        "action_field": field, "formula_de": f"Formel von {code}", "formula_en": "", "unit": unit,
        "grain": "Jahr × Stadt", "direction": "up", "level": "outcome", "evidence_class": "A",
        "decision_de": "Was tun?", "office": "Umweltamt", "sureness": "verified",
        "is_headline": False, "status_period": "year", "min_coverage_pct": 80, "min_n": 0, **more,
    }  # fmt: skip


CATALOGUE = [
    kpi("HF1.1", "Beteiligungsquote", None, "hf1", "%", is_headline=True),
    kpi("HF1.2", "Repräsentativität", None, "hf1", "0–1", sureness="secondary"),
    kpi("HF3.2a", "Mittelabfluss", "programme", "hf3", "%", direction="band", target_value=90,
        target_high=110, target_source_de="Vorlage V2076/23", status_period="month"),
    kpi("M2.3", "Vermiedene Emissionen", "cleema", "hf3", "kg CO2e", evidence_class="D"),
    kpi("M5.1a", "Starkregenereignisse ab Stufe 2", "environment", "hf2", "Anzahl",
        population_de="Messnetz des DWD"),
    kpi("M5.4", "Betroffene im Hochwasser", "environment", "hf2", "Anzahl",
        missing_de="Simulation des Zwillings", missing_en="Simulation of the twin"),
    kpi("M5.5a", "NO2-Jahresmittel", "environment", "hf2", "µg/m³", direction="down",
        target_value=40, target_source_de="39. BImSchV", is_headline=True),
    kpi("M5.7a", "Hitzetage", "environment", "hf2", "Anzahl"),
    kpi("M9.9", "Noch ohne Wert", "sportpark", "hf3", "Anzahl"),
]  # fmt: skip
# code, area, period, value, low, high, n, coverage, flags
VALUES = [
    ("HF1.1", "dresden", date(2024, 1, 1), 1.234, None, None, 6789, 100.0, ""),
    ("HF1.1", "dresden", date(2025, 1, 1), 1.5, None, None, 8123, 100.0, ""),
    ("HF1.2", "dresden", date(2025, 1, 1), 0.8765, 0.81, 0.93, 12, 100.0, "few_cases"),
    ("HF3.2a", "dresden", date(2026, 9, 1), 87.65, None, None, 9, 100.0, ""),
    ("HF3.2a", "dresden", date(2026, 10, 1), -3.5, None, None, 9, 100.0, ""),
    ("M2.3", "dresden", date(2025, 1, 1), 123456.7, 61728.0, 246913.0, 345, 100.0, ""),
    ("M5.1a", "dresden", date(2025, 1, 1), 14.0, None, None, 365, 99.1, ""),
    ("M5.5a", "dresden", date(2024, 1, 1), 30.0, 13.1, 30.0, 3, 98.0, ""),
    ("M5.5a", "dresden", date(2025, 1, 1), 24.64, 13.08, 24.64, 3, 98.9, ""),
    ("M5.5a", "dresden", date(2026, 1, 1), 22.3, 11.7, 22.3, 3, 85.0, "running_period"),
    ("M5.7a", "dresden", date(2025, 1, 1), None, None, None, 10, 40.0, "low_coverage"),
]
STATUS = {
    "HF1.1": (1.234, "steigend", True, "kein Zielwert beschlossen"),
    "HF1.2": (None, "kein Vergleich", None, "kein Zielwert beschlossen"),
    "HF3.2a": (None, "kein Vergleich", None, "Zielwert verfehlt"),
    "M2.3": (None, "kein Vergleich", None, "kein Zielwert beschlossen"),
    "M5.1a": (None, "kein Vergleich", None, "kein Zielwert beschlossen"),
    "M5.5a": (30.0, "fallend", True, "im Zielbereich"),
    "M5.7a": (None, "kein Vergleich", None, "nicht auswertbar"),
}


def publish(serving_dir: Path, build: str = BUILD, add: float = 0.0, origin: str = "demo") -> Path:
    """Write a build and move the pointer to it; ``add`` shifts the NO2 mean of 2025."""
    serving_dir.mkdir(parents=True, exist_ok=True)
    path = serving_dir / f"{build}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(warehouse.OPS_DDL)
        con.execute("CREATE SCHEMA marts")
        _tables(con)
        _fill(con, build, add, origin)
        records.fill(con, origin)
        con.execute(
            "INSERT INTO ops.builds VALUES (?, ?, ?, 'published', 126, 480, 0, 2, '', 'c', ?, 1)",
            [build, _instant(build), _instant(build), SNAPSHOT],
        )
        con.execute(warehouse.SOURCE_STATUS.format(origin=origin))
    pointer = {"build_id": build, "path": path.name, "published_at": _instant(build).isoformat()}
    (serving_dir / "current.json").write_text(json.dumps(pointer), encoding="utf-8")
    return path


def _instant(build: str) -> datetime:
    return datetime.strptime(build, "b%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _tables(con: duckdb.DuckDBPyConnection) -> None:
    for name in ("kpi_values", "kpi_status", "kpi_lineage"):
        contract(con, name)
    with (ROOT / "dbt" / "seeds" / "kpi_catalogue.csv").open(encoding="utf-8") as seed:
        header = next(csv.reader(seed))
    columns = ", ".join(f'"{c}" {TYPES.get(c, "VARCHAR")}' for c in header)
    con.execute(f"CREATE TABLE marts.kpi_catalogue ({columns})")


def contract(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """An empty mart with the columns of its contract."""
    (file,) = (ROOT / "dbt" / "models" / "marts").rglob(f"{name}.yml")
    (model,) = yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in model["columns"])
    con.execute(f"CREATE TABLE marts.{name} ({columns})")


def _fill(con: duckdb.DuckDBPyConnection, build: str, add: float, origin: str) -> None:
    for row in CATALOGUE:
        records.insert(con, "marts.kpi_catalogue", [row])
    period = {k["code"]: k["status_period"] for k in CATALOGUE}
    targets = {k["code"]: k.get("target_value") for k in CATALOGUE}
    newest: dict[str, dict[str, Any]] = {}
    for code, area, start, value, low, high, n, coverage, flags in VALUES:
        if code == "M5.5a" and start.year == 2025:
            value, high = value + add, high + add  # noqa: PLW2901
        row = {
            "kpi_code": code, "period_start": start, "period_kind": period[code],
            "area_kind": "city", "area_id": area, "value": value, "low": low, "high": high,
            "n": n, "coverage_pct": coverage, "origin": origin, "quality_flags": flags,
            "build_id": build,
        }  # fmt: skip
        records.insert(con, "marts.kpi_values", [row])
        if "running" not in flags:
            newest[code] = row
        if not flags:
            records.insert(con, "marts.kpi_lineage", [{"kpi_code": code, "node": f"x.{start}",
                "node_kind": "source", "source": "uba_air", "depth": 3}])  # fmt: skip
    for code, row in newest.items():
        before, trend, better, status = STATUS[code]
        same = (
            "kpi_code",
            "origin",
            "area_kind",
            "area_id",
            "period_start",
            "period_kind",
            "value",
        )
        records.insert(con, "marts.kpi_status", [{
            **{c: row[c] for c in same}, "value_before": before, "trend": trend,
            "is_improving": better, "target": targets[code], "status": status,
        }])  # fmt: skip
