"""What changed since the last release in the same folder: tables, rows, columns, KPI values."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from urbandata.releases.model import Content

SQL = (Path(__file__).parent / "sql" / "kpi_changes.sql").read_text(encoding="utf-8")
HEADER = ("kpi_code", "period_kind", "period_start", "area_kind", "area_id", "before", "now")
KPIS = "parquet/kpi_values.parquet"


def write(content: Content, shelf: Path, folder: Path) -> None:
    """``CHANGELOG.md`` and ``changes_kpi.csv`` of the release in ``folder``."""
    before = previous(content, shelf)
    values = _kpi_changes(before, folder) if before else []
    with (folder / "changes_kpi.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(values)
    lines = [f"# Changes of {content.version}", "", f"> {content.notice_de}", ""]
    if before is None:
        lines.append("First release of its kind in this folder: there is nothing to compare with.")
    else:
        lines += _lines(json.loads((before / "datapackage.json").read_bytes()), content, values)
    (folder / "CHANGELOG.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def previous(content: Content, shelf: Path) -> Path | None:
    """The newest older release of the same origin on the shelf."""
    older = []
    for path in shelf.glob("urbandata-*/datapackage.json"):
        package = json.loads(path.read_bytes())
        if package["origin"] == content.origin and package["created"] < (
            content.built_at.isoformat()
        ):
            older.append((package["created"], path.parent))
    return max(older)[1] if older else None


def _lines(old: dict[str, Any], content: Content, values: list[Any]) -> Iterator[str]:
    tables = {r["name"]: r for r in old["resources"]}
    yield f"Compared with {old['version']} (build `{old['build_id']}`)."
    if old["code_hash"] != content.code_hash:
        yield "The models were changed in between, so a value can differ without new data."
    yield "\n## Tables\n\n| table | rows before | rows now | columns |\n|---|---|---|---|"
    for table in content.tables:
        was = tables.pop(table.name, None)
        if was is None:
            yield f"| {table.name} | new | {table.rows} | |"
            continue
        fields = {f["name"] for f in was["schema"]["fields"]}
        names = {c.name for c in table.columns}
        moved = [f"+{n}" for n in sorted(names - fields)] + [
            f"-{n}" for n in sorted(fields - names)
        ]
        if was["rows"] != table.rows or moved:
            yield f"| {table.name} | {was['rows']} | {table.rows} | {' '.join(moved)} |"
    for name, was in sorted(tables.items()):
        yield f"| {name} | {was['rows']} | gone | |"
    changed = [v for v in values if v[-2] is not None and v[-1] is not None]
    yield f"\n## KPI values\n\n{len(changed)} changed, {len(values) - len(changed)} new or gone;"
    yield "all of them in `changes_kpi.csv`. Changed by KPI:\n"
    codes: dict[str, int] = {}
    for row in changed:
        codes[row[0]] = codes.get(row[0], 0) + 1
    yield from (f"- {code}: {n}" for code, n in sorted(codes.items()))


def _kpi_changes(before: Path, folder: Path) -> list[Any]:
    if not (before / KPIS).exists() or not (folder / KPIS).exists():
        return []
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        return con.execute(SQL, [str(before / KPIS), str(folder / KPIS)]).fetchall()
