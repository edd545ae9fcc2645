"""What a reader holds beside the data: dictionary, registers, checks, licences, how to cite."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from urbandata.releases.licences import terms
from urbandata.releases.model import Content
from urbandata.releases.policy import policy
from urbandata.releases.tables import DATABASE

SQL = Path(__file__).parent / "sql"
CHECKS = ("dbt_results", "door_checks")
DICTIONARY = ("table", "column", "type", "unit", "description", "licences")


def write(content: Content, build: Path, root: Path, folder: Path) -> None:
    """All papers of a release."""
    _dictionary(content, folder)
    _registers(content, folder)
    _checks(content, build, folder)
    _licences(content, folder)
    _citation(content, folder)
    (folder / "README.md").write_text("\n".join(_readme(content)) + "\n", encoding="utf-8")
    shutil.copy(root / "LICENSE", folder / "LICENSE-CODE")
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    for path in sorted((root / "notebooks").glob("[!.]*.*")):
        shutil.copy(path, notebooks / path.name)


def _dictionary(content: Content, folder: Path) -> None:
    lines = [f"# Data dictionary {content.version}", "", f"**{content.notice_de}**", "",
             f"**{content.notice_en}**", ""]  # fmt: skip
    rows: list[Sequence[Any]] = []
    for table in content.tables:
        names = ", ".join(dict.fromkeys(str(x["name"]) for x in terms(content, table).licences))
        lines += [f"## {table.name}", "", table.description or "(no description)", "",
                  f"{table.rows} rows · licences: {names}", "",
                  "| column | type | unit | description |", "|---|---|---|---|"]  # fmt: skip
        for c in table.columns:
            text = c.description.replace("|", "\\|")
            lines.append(f"| `{c.name}` | {c.type} | {c.unit or ''} | {text} |")
            rows.append((table.name, c.name, c.type, c.unit or "", c.description, names))
        lines.append("")
    (folder / "data_dictionary.md").write_text("\n".join(lines), encoding="utf-8")
    _csv(folder / "data_dictionary.csv", DICTIONARY, rows)


def _registers(content: Content, folder: Path) -> None:
    """Factors and assumptions as CSV, for those who only want these."""
    target = folder / "factors"
    target.mkdir()
    with duckdb.connect(str(folder / DATABASE), read_only=True) as con:
        for name in policy().registers:
            if content.table(name):
                con.execute(f"COPY marts.\"{name}\" TO '{target / name}.csv' (HEADER)")


def _checks(content: Content, build: Path, folder: Path) -> None:
    """What was checked: results only, no message that could hold a value."""
    target = folder / "checks"
    target.mkdir()
    with duckdb.connect(str(build), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        for name in CHECKS:
            sql = (SQL / f"{name}.sql").read_text(encoding="utf-8")
            wanted = {"build_id": content.build_id, "origin": content.origin}
            cursor = con.execute(sql, {k: v for k, v in wanted.items() if f"${k}" in sql})
            names = [d[0] for d in cursor.description or []]
            _csv(target / f"{name}.csv", names, cursor.fetchall())


def _licences(content: Content, folder: Path) -> None:
    rows = []
    for table in content.tables:
        under = terms(content, table)
        for licence in under.licences:
            rows.append((table.name, licence["name"], licence["path"], licence["title"],
                         "; ".join(under.attributions),
                         "yes" if under.is_verified else "no"))  # fmt: skip
    header = ("table", "licence", "url", "sources", "attribution", "verified")
    _csv(folder / "licences.csv", header, rows)


def _citation(content: Content, folder: Path) -> None:
    title = "Urbane Datenplattform Dresden: Forschungsausgabe"
    cited = {
        "cff-version": "1.2.0",
        "message": f"{content.notice_en} Cite version and build.",
        "type": "dataset",
        "title": f"{title} (Demodaten)" if content.is_demo else title,
        "version": content.version,
        "date-released": f"{content.built_at:%Y-%m-%d}",
        "authors": [{"name": policy().own_attribution}],
        "keywords": ["Dresden", "smart city", "urban data", content.origin],
        "identifiers": [
            {"type": "other", "value": content.build_id, "description": "build of the platform"}
        ],
    }
    text = yaml.safe_dump(cited, allow_unicode=True, sort_keys=False)
    (folder / "CITATION.cff").write_text(text, encoding="utf-8")


def _readme(content: Content) -> Iterator[str]:
    rows = sum(t.rows for t in content.tables)
    yield f"# Urbane Datenplattform Dresden, Forschungsausgabe {content.version}\n"
    yield f"> **{content.notice_de}**\n>\n> **{content.notice_en}**\n"
    yield f"{len(content.tables)} tables, {rows} rows, origin `{content.origin}`, build"
    yield f"`{content.build_id}` of {content.built_at:%d.%m.%Y %H:%M} UTC. Read-only, never changed"
    yield "after it was written; `sha256sum -c SHA256SUMS` proves it.\n"
    yield "| what | where |\n|---|---|"
    yield f"| all tables in one file, with comments | `{DATABASE}` (schema `marts`) |"
    yield "| one file per table | `parquet/`, `csv/` |"
    yield "| schemas, units, licences (Frictionless) | `datapackage.json` |"
    yield "| every column in words | `data_dictionary.md`, `data_dictionary.csv` |"
    yield "| emission factors and assumptions | `factors/` |"
    yield "| what was checked | `checks/` |"
    yield "| licence and attribution of each table | `licences.csv` |"
    yield "| what changed | `CHANGELOG.md`, `changes_kpi.csv` |"
    yield "| open data in DCAT-AP.de, for people | `open_data/`, `open_data/index.html` |"
    yield "| how the tables are made | `docs/` (if it is there) |"
    yield "| first steps and a worked question | `notebooks/` |\n"
    yield "**Licences.** There is none for the whole: each table is under those of its sources, see"
    yield "`licences.csv`. `verified = no`: nobody has confirmed the terms with the producer yet."
    yield "`internal`, `unknown` and the like: for research with the city, not for passing on.\n"
    yield "**Not in here:** raw data, quarantine, rows of single people. Counts of fewer than"
    yield f"{policy().least_people} people are empty. Left out on purpose:\n"
    for name, why in {**policy().excluded, **policy().dropped}.items():
        yield f"- `{name}`: {why}"


def _csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
