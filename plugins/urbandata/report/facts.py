"""Reads a published build, read-only: all the report says about the city comes through here."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from urbandata.errors import UrbandataError
from urbandata.report.periods import Period
from urbandata.report.words import german_only
from urbandata.settings import Settings

SQL = Path(__file__).parent / "sql"
MOST_AREAS = 12
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A row of the catalogue."""

    code: str
    row: Row

    def text(self, name: str, lang: str) -> str:
        """A text of the catalogue in a language; German stands in where it is missing, marked."""
        translated = self.row.get(f"{name}_{lang}")
        return str(translated or german_only(self.row.get(f"{name}_de") or "", lang))

    @property
    def is_missing(self) -> bool:
        """Whether no source can feed it."""
        return bool(self.row["missing_de"])


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a KPI in one area that the report shows, with what the build says about it."""

    kpi: Kpi
    row: Row
    area: str

    @property
    def key(self) -> str:
        """Names the row of ``marts.kpi_values``."""
        r, start = self.row, self.row["period_start"].isoformat()
        parts = (self.kpi.code, r["origin"], r["period_kind"], start, r["area_kind"], r["area_id"])
        return "|".join(parts)

    @property
    def place(self) -> tuple[str, str, str]:
        """What stays the same between editions: KPI and area."""
        return self.kpi.code, self.row["area_kind"], self.row["area_id"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What one edition rests on."""

    build_id: str
    published_at: datetime
    snapshot: int | None  # the state of the lake behind the build, which can still be asked
    origin: str
    period: Period
    kpis: tuple[Kpi, ...]
    readings: tuple[Reading, ...]
    history: Mapping[str, tuple[Row, ...]]  # by key without period: the course of a KPI
    fields: tuple[Row, ...]
    measures: tuple[Row, ...]
    sources: tuple[Row, ...]
    checks: Row
    lineage: Mapping[str, tuple[str, ...]]  # sources by KPI code
    topics: Mapping[str, tuple[Row, ...]]

    def of(self, code: str) -> tuple[Reading, ...]:
        """The readings of a KPI."""
        return tuple(r for r in self.readings if r.kpi.code == code)


def build_path(settings: Settings, build: str = "") -> tuple[str, Path]:
    """Name and file of a build; without a name the one in service. Raises UrbandataError."""
    from urbandata import serving

    path = settings.serving_dir / f"{build}.duckdb" if build else serving.current_path(settings)
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in settings.serving_dir.glob("*.duckdb"))) or "none"
        raise UrbandataError(f"build '{path.stem}' is not published; there are: {known}")
    return path.stem, path


def read(
    settings: Settings, period: Period, build: str = "", origin: str = "", lang: str = "de"
) -> Facts:
    """All facts of a build. Raises UrbandataError if there is no such build or origin."""
    from urbandata.report.topics import read as topics

    build_id, path = build_path(settings, build)
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        chosen = _origin(con, origin)
        kpis = catalogue(con)
        return Facts(
            build_id=build_id,
            published_at=_published_at(con, build_id),
            snapshot=_snapshot(con, build_id),
            origin=chosen,
            period=period,
            kpis=kpis,
            readings=_readings(con, kpis, chosen, period, lang),
            history=_history(con, chosen, period),
            measures=measure_rows(con, settings),
            sources=rows(con, (SQL / "sources.sql").read_text(encoding="utf-8"), [chosen]),
            checks=_checks(con, build_id, chosen),
            lineage=_lineage(con),
            fields=field_rows(con),
            topics=topics(con, tables(con), chosen),
        )


def catalogue(con: duckdb.DuckDBPyConnection) -> tuple[Kpi, ...]:
    """All KPIs in the order people read them."""
    found = (Kpi(r["code"], r) for r in rows(con, "FROM marts.kpi_catalogue"))
    return tuple(sorted(found, key=lambda k: natural(k.code)))


def natural(code: str) -> tuple[Any, ...]:
    """Sorts ``M5.10`` behind ``M5.2``."""
    head, _, tail = code.partition(".")
    figures = "".join(c for c in tail if c.isdigit())
    return head, int(figures or 0), tail


def rows(
    con: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()
) -> tuple[dict[str, Any], ...]:
    """Result of a query, a dict per row."""
    cursor = con.execute(sql, list(parameters))
    names = [d[0] for d in cursor.description or []]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of the marts this build has."""
    found = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'")
    return {str(name) for (name,) in found.fetchall()}


def _origin(con: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """Real data where there are any, unless chosen otherwise; never both in one edition."""
    found = con.execute(
        "SELECT origin FROM marts.kpi_values UNION SELECT origin FROM ops.source_status "
        "ORDER BY origin DESC"
    ).fetchall()
    known = [str(o) for (o,) in found]
    if wanted and wanted not in known:
        raise UrbandataError(f"the build has no data of origin '{wanted}'; there are: {known}")
    return wanted or (known[0] if known else "demo")


def _snapshot(con: duckdb.DuckDBPyConnection, build_id: str) -> int | None:
    row = con.execute("FROM ops.builds WHERE build_id = ?", [build_id])
    named = dict(zip([d[0] for d in row.description or []], row.fetchone() or (), strict=False))
    return named.get("snapshot_id")  # builds of older code have no such column


def _published_at(con: duckdb.DuckDBPyConnection, build_id: str) -> datetime:
    row = con.execute(
        "SELECT coalesce(finished_at, started_at) FROM ops.builds WHERE build_id = ?", [build_id]
    ).fetchone()
    if row is None:
        raise UrbandataError(f"build '{build_id}' does not name itself in ops.builds")
    found: datetime = row[0]
    return found


def _readings(
    con: duckdb.DuckDBPyConnection, kpis: Sequence[Kpi], origin: str, period: Period, lang: str
) -> tuple[Reading, ...]:
    """Per KPI: the city, or where it has no city value the kind of area with the fewest areas."""
    by_code = {k.code: k for k in kpis}
    names = _area_names(con, lang)
    found = reading_rows(con, origin, period)
    shown = [r for r in found if r["kpi_code"] in by_code]
    shown.sort(key=lambda r: (natural(r["kpi_code"]), r["area_kind"], r["area_id"]))
    return tuple(
        Reading(by_code[r["kpi_code"]], r, names.get(r["area_id"], _plain(r["area_id"])))
        for r in shown
    )


def reading_rows(
    con: duckdb.DuckDBPyConnection, origin: str, period: Period
) -> tuple[dict[str, Any], ...]:
    """The rows of ``kpi_values`` the report shows."""
    sql = (SQL / "readings.sql").read_text(encoding="utf-8")
    return rows(con, sql, [origin, period.end, MOST_AREAS])


def _checks(con: duckdb.DuckDBPyConnection, build_id: str, origin: str) -> Row:
    """How many checks ran for the build and at the door."""
    sql = (SQL / "checks.sql").read_text(encoding="utf-8")
    return rows(con, sql, [build_id, origin])[0]


def _lineage(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Sources behind each KPI, as the build's own graph has them; older builds have none."""
    if "kpi_lineage" not in tables(con):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    sql = "SELECT DISTINCT kpi_code, source FROM marts.kpi_lineage WHERE source IS NOT NULL"
    for code, source in sorted(con.execute(sql).fetchall()):
        found[code] = (*found.get(code, ()), source)
    return found


def _history(
    con: duckdb.DuckDBPyConnection, origin: str, period: Period
) -> dict[str, tuple[Row, ...]]:
    found = rows(con, (SQL / "history.sql").read_text(encoding="utf-8"), [origin, period.end])
    grouped: dict[str, list[Row]] = {}
    for row in found:
        grouped.setdefault(f"{row['kpi_code']}|{row['area_kind']}|{row['area_id']}", []).append(row)
    return {key: tuple(members) for key, members in grouped.items()}


def _area_names(con: duckdb.DuckDBPyConnection, lang: str) -> dict[str, str]:
    """Names of areas, from the tables this build has."""
    names = {"dresden": "Dresden"}
    known = tables(con)
    if "dim_stations" in known:
        found = con.execute("SELECT station_id, name FROM marts.dim_stations").fetchall()
        names |= {str(i): str(n) for i, n in found}
    if "dim_areas" in known:
        found = con.execute(f"SELECT area_id, name_{lang} FROM marts.dim_areas").fetchall()
        names |= {str(i): str(n) for i, n in found}
    return names


def _plain(area_id: str) -> str:
    return area_id.partition(":")[2].replace("-", " ").capitalize() or area_id


def field_rows(con: duckdb.DuckDBPyConnection) -> tuple[Row, ...]:
    """The action fields of the strategy; an older build knows only their codes."""
    if "dim_action_fields" in tables(con):
        return rows(con, "FROM marts.dim_action_fields ORDER BY number")
    return tuple({"action_field": f"hf{n}", "number": n, "title_de": f"Handlungsfeld {n}",
                  "title_en": f"Action field {n}"} for n in range(1, 5))  # fmt: skip


def measure_rows(con: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[Row, ...]:
    """The nine measures: from the build, or where it has no such table from the project's seed."""
    if "dim_measures" in tables(con):
        return rows(con, "FROM marts.dim_measures WHERE valid_to IS NULL ORDER BY number")
    path = settings.dbt_dir / "seeds" / "programme" / "measures.csv"
    with path.open(encoding="utf-8", newline="") as file:
        found = [r for r in csv.DictReader(file) if not r["valid_to"]]
    return tuple({**r, "number": int(r["number"])} for r in found)
