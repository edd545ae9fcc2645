"""A small published build with rows worked out by hand, in both origins.

The tables are made from the contracts in dbt's YAML and from the platform's own ops tables, so a
change of either shows here. Real and demo values never come close: a mix would be seen.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
import yaml

from tests.dashboards import app_rows, money, programme, records
from tests.dashboards.records import BUILD, END, insert
from urbandata import warehouse
from urbandata.warehouse import publishing

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 20)
QUARTER = timedelta(minutes=15)
DAYS = 40
READINGS = DAYS * 96
GAP = (2000, 2040)  # ten hours without a reading


def publish(serving_dir: Path, *, filled: bool = True, origins: Sequence[str] = ("real", "demo")):
    """Write a build and the pointer to it."""
    serving_dir.mkdir(parents=True, exist_ok=True)
    path = serving_dir / f"{BUILD}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        _tables(con)
        if filled:
            for origin in origins:
                _marts(con, origin)
                records.fill(con, origin)
                programme.values(con, origin)
                money.fill(con, origin)
                app_rows.fill(con, origin)
            programme.dimensions(con)
            app_rows.register(con)
            records.lineage(con)
            _stations(con)
        records.builds(con)
        con.execute(warehouse.SOURCE_STATUS.format(origin=origins[0]))
    point_to(serving_dir, path.name)
    return path


def publish_public(serving_dir: Path, *, filled: bool = True) -> Path:
    """The public build of the same rows: what the platform publishes for everybody, no more."""
    whole = publish(serving_dir, filled=filled)
    with duckdb.connect(str(whole)) as con:
        if filled:
            for origin in ("real", "demo"):
                app_rows.publicly(con, origin)
        path = publishing.write_build(con, serving_dir / "public", BUILD, publishing.PUBLIC_TABLES)
    point_to(serving_dir / "public", path.name)
    return path


def point_to(serving_dir: Path, name: str) -> None:
    """Move the pointer, as the platform does."""
    pointer = {"build_id": Path(name).stem, "path": name, "published_at": END.isoformat()}
    (serving_dir / "current.json").write_text(json.dumps(pointer), encoding="utf-8")


def _tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(warehouse.OPS_DDL)
    con.execute("CREATE SCHEMA marts")
    for ddl in _contracts():
        con.execute(ddl)
    con.execute(
        "CREATE TABLE marts.kpi_catalogue AS SELECT * REPLACE ("
        "target_value::DOUBLE AS target_value, target_high::DOUBLE AS target_high, "
        "is_headline::BOOLEAN AS is_headline) FROM read_csv(?, header = true, all_varchar = true)",
        [str(ROOT / "dbt" / "seeds" / "kpi_catalogue.csv")],
    )


@cache
def _contracts() -> list[str]:
    """A statement per mart, as dbt's YAML promises it."""
    tables = []
    for file in sorted((ROOT / "dbt" / "models" / "marts").glob("*/*.yml")):
        text = file.read_text(encoding="utf-8")
        for model in yaml.load(text, Loader=yaml.CSafeLoader)["models"]:
            columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in model["columns"])
            tables.append(f"CREATE TABLE marts.{model['name']} ({columns})")
    return tables


def _marts(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    for fill in (_gauges, _rain, _warnings, _air, _heat, _kpis):
        fill(con, origin)


def _gauges(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """Real: a wave of 150 ± 60 cm with a gap of ten hours. Demo: 640 cm, then 450 cm."""
    level = (
        "150 + 60 * sin(i / 300)" if origin == "real" else "CASE WHEN i < 300 THEN 640 ELSE 450 END"
    )
    con.execute(
        f"""
        INSERT INTO marts.fct_gauge_levels BY NAME
        SELECT $origin AS origin, station, instant AS measured_at,
            (instant AT TIME ZONE 'Europe/Berlin')::DATE AS local_date, cm AS water_level_cm,
            CASE WHEN station = 'DRESDEN' THEN
                (cm >= 400)::INT + (cm >= 500)::INT + (cm >= 600)::INT + (cm >= 700)::INT
            END AS alarm_level
        FROM (
            SELECT s.station, $end::TIMESTAMPTZ - to_minutes(15 * ($n - i)::BIGINT) AS instant,
                round(CASE WHEN s.station = 'DRESDEN' THEN {level} ELSE 130 END) AS cm
            FROM range(1, $n + 1) AS r (i)
            CROSS JOIN (VALUES ('DRESDEN'), ('PIRNA')) AS s (station)
            WHERE s.station = 'PIRNA' OR i NOT BETWEEN $gap_start AND $gap_end
        )
        """,
        {"origin": origin, "end": END, "n": READINGS, "gap_start": GAP[0], "gap_end": GAP[1] - 1},
    )


def _rain(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """Real: dry but for one hour of 6 x 5 mm at Klotzsche, ending 15 November, 15:00 UTC."""
    storm = datetime(2026, 11, 15, 15, tzinfo=UTC)
    con.execute(
        """
        INSERT INTO marts.fct_rain_10min BY NAME
        WITH slots AS (
            SELECT s.station_id, $end::TIMESTAMPTZ - to_minutes(10 * i::BIGINT) AS instant
            FROM range(0, $days * 144) AS r (i)
            CROSS JOIN (VALUES ('dwd:01048'), ('dwd:01050')) AS s (station_id)
        ), wet AS (
            SELECT *, CASE
                WHEN $origin = 'demo' THEN 0.5
                WHEN station_id = 'dwd:01048' AND instant > $storm::TIMESTAMPTZ - INTERVAL 1 HOUR
                    AND instant <= $storm::TIMESTAMPTZ THEN 5.0
                ELSE 0.0
            END AS mm FROM slots
        )
        SELECT $origin AS origin, station_id, instant AS interval_end_at,
            ((instant - INTERVAL 10 MINUTE) AT TIME ZONE 'Europe/Berlin')::DATE AS local_date,
            mm AS precipitation_mm, sum(mm) OVER (w ROWS 5 PRECEDING) AS rolling_60min_mm,
            sum(mm) OVER (w ROWS 35 PRECEDING) AS rolling_6h_mm
        FROM wet WINDOW w AS (PARTITION BY station_id ORDER BY instant)
        """,
        {"origin": origin, "end": END, "days": DAYS, "storm": storm},
    )
    station, total = ("dwd:01048", 30.0) if origin == "real" else ("dwd:01050", 99.0)
    event = {
        "origin": origin, "event_id": f"{station}/1", "station_id": station,
        "started_at": storm - timedelta(minutes=30), "ended_at": storm + timedelta(hours=5),
        "level": 3, "level_name_de": "heftiger Starkregen (Unwetter)", "max_60min_mm": total,
        "max_6h_mm": total, "total_mm": total,
    }  # fmt: skip
    insert(con, "marts.fct_heavy_rain_events", [event])


def _warnings(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    sent = datetime(2026, 11, 15, 13, tzinfo=UTC)
    warning = {
        "origin": origin, "warning_id": "w1", "first_sent_at": sent, "last_sent_at": sent,
        "onset_at": sent, "expires_at": sent + timedelta(hours=4),
        "event": "STARKREGEN" if origin == "real" else "GEWITTER (DEMO)", "severity": "Moderate",
        "level": 2, "is_rain": True, "messages": 2, "is_cancelled": False,
    }  # fmt: skip
    insert(con, "marts.fct_weather_warnings", [warning])
    outcomes = ["hit", "hit", "miss", "false_alarm"] if origin == "real" else ["miss"]
    insert(con, "marts.fct_warning_verification", [
        {"origin": origin, "verification_id": f"{o}:{i}", "outcome": o,
         "lead_time_min": 90 if o == "hit" else None, "year": 2025}
        for i, o in enumerate(outcomes)
    ])  # fmt: skip


LIMITS = {
    ("NO2", "year"): (("eu_now", 40, None), ("eu_2030", 20, None), ("who_2021", 10, None)),
    ("PM2.5", "year"): (("eu_now", 25, None), ("eu_2030", 10, None), ("who_2021", 5, None)),
    ("NO2", "hour"): (("eu_now", 200, 18), ("eu_2030", 200, 3)),
}


def _air(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """Real 2025: NO2 23.4, PM2.5 9.0 µg/m³, one hour above 200. 2026 is not assessable."""
    add = 0.0 if origin == "real" else 50.0
    values = {("NO2", "year"): 23.4, ("PM2.5", "year"): 9.0, ("NO2", "hour"): 214.0}
    rows = []
    for year, capture in ((2025, 96.0), (2026, 80.0)):
        for (pollutant, averaging), limits in LIMITS.items():
            value = values[pollutant, averaging] + add
            for regime, limit, allowed in limits:
                over = (value > limit) if allowed is None else allowed < 1
                status = "exceeded" if over else "met"
                rows.append({
                    "origin": origin, "station_code": "DESN061", "pollutant": pollutant,
                    "year": year, "limit_code": f"{regime}_{pollutant}_{averaging}",
                    "regime": regime, "averaging": averaging, "limit_value_ug_m3": limit,
                    "allowed_exceedances": allowed, "value": value,
                    "exceedances": 1 if averaging == "hour" else int(value > limit),
                    "capture_pct": capture, "status": status if capture >= 85 else "not_assessable",
                })  # fmt: skip
    insert(con, "marts.fct_air_quality_assessment", rows)
    insert(con, "marts.fct_air_quality_daily", [
        {"origin": origin, "station_code": "DESN061", "pollutant": "NO2", "local_date": TODAY,
         "mean_ug_m3": 21.5 + add, "hours": 24, "capture_pct": 100.0, "basis": "hourly"},
    ])  # fmt: skip


def _heat(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    add = 0 if origin == "real" else 40
    insert(con, "marts.fct_heat_daily", [
        {"origin": origin, "station_id": s, "local_date": TODAY, "max_temperature_c": 8.5 + add,
         "min_temperature_c": 1.0, "is_hot_day": False, "is_tropical_night": False,
         "readings": 24, "coverage_pct": 100.0}
        for s in ("dwd:01048", "klips:7")
    ])  # fmt: skip
    insert(con, "marts.fct_heat_yearly", [
        {"origin": origin, "station_id": "dwd:01048", "year": year, "hot_days": hot + add,
         "tropical_nights": nights + add, "days": days, "coverage_pct": pct}
        for year, hot, nights, days, pct in (
            (2024, 21, 4, 366, 100.0), (2025, 12, 2, 365, 100.0), (2026, 17, 3, 200, 54.8))
    ])  # fmt: skip


def _kpis(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """City values of 2025 and, still running, 2026."""
    add = 0.0 if origin == "real" else 70.0
    known = {"M5.1a": 5.0, "M5.2": 45.0, "M5.3a": 66.7, "M5.3b": 33.3, "M5.5a": 23.4,
             "M5.6a": 0.0, "M5.7a": 12.0}  # fmt: skip
    few = {"M5.2", "M5.3a", "M5.3b"}
    base = {"origin": origin, "area_kind": "city", "area_id": "dresden", "period_kind": "year"}
    values = [
        {**base, "kpi_code": code, "period_start": date(year, 1, 1), "value": value + add + more,
         "low": 20.8 if code == "M5.3a" else None, "high": 93.9 if code == "M5.3a" else None,
         "n": 3, "coverage_pct": pct, "build_id": BUILD,
         "quality_flags": ",".join(flags + (["few_cases"] if code in few else []))}
        for code, value in known.items()
        for year, more, pct, flags in (
            (2025, 0.0, 98.0, []), (2026, 1.0, 70.0, ["running_period", "low_coverage"]))
    ]  # fmt: skip
    insert(con, "marts.kpi_values", values)
    target = {"M5.5a": 40.0}
    insert(con, "marts.kpi_status", [
        {**base, "kpi_code": code, "period_start": date(2025, 1, 1), "value": value + add,
         "value_before": 30.0 if code == "M5.5a" else None,
         "trend": "fallend" if code == "M5.5a" else "kein Vergleich",
         "is_improving": True if code == "M5.5a" else None, "target": target.get(code),
         "status": ("im Zielbereich" if value + add <= 40 else "Zielwert verfehlt")
         if code in target else "kein Zielwert beschlossen"}
        for code, value in known.items()
    ])  # fmt: skip


def _stations(con: duckdb.DuckDBPyConnection) -> None:
    """Pirna lies outside the map; nobody knows where sensor 7 is."""
    places = [
        ("gauge:DRESDEN", "pegelonline", "Elbpegel Dresden", "gauge", 51.0545, 13.7388, "01"),
        ("gauge:PIRNA", "pegelonline", "Elbpegel Pirna", "gauge", 50.965, 14.1, None),
        ("dwd:01048", "dwd_rain", "Dresden-Klotzsche", "rain", 51.1278, 13.7543, "33"),
        ("dwd:01050", "dwd_rain", "Dresden-Hosterwitz", "rain", 51.0221, 13.847, "62"),
        ("air:DESN061", "uba_air", "Dresden-Nord", "air", 51.065, 13.741, "13"),
        ("klips:7", "dresden_ogc_features", "Postplatz", "heat", None, None, None),
    ]
    names = ["station_id", "source_key", "name", "kind", "latitude", "longitude", "district_number"]
    insert(con, "marts.dim_stations", [dict(zip(names, p, strict=True)) for p in places])
