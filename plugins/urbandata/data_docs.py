"""Data docs: static pages, one per source, on what is checked at the door, why, and the result.

Great Expectations' own pages load styles and scripts from public networks; these are plain HTML
that opens offline. They show the newest result of every check in the suites,
and of unexpected values nothing that points to a person.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import Any

from urbandata import registry, serving, suites
from urbandata.masking import masked_values
from urbandata.registry import Source
from urbandata.settings import Settings
from urbandata.storage import write_atomically

PAGE = Template((Path(__file__).parent / "templates" / "data_docs.html").read_text("utf-8"))
LATEST = """
SELECT source, table_name, check_name, column_name, success, element_count, unexpected_count,
       observed, checked_at, count(*) OVER same AS runs,
       count(*) FILTER (NOT success) OVER same AS failed
FROM ops.checks
WINDOW same AS (PARTITION BY source, table_name, check_name, column_name, why)
QUALIFY row_number() OVER (
    PARTITION BY source, table_name, check_name, column_name, why ORDER BY checked_at DESC
) = 1
"""
SEVERITIES = {"critical": "kritisch", "warning": "Warnung", "info": "Hinweis"}


def write(settings: Settings) -> Path:
    """Write all pages from the build in service; the folder's ``index.html`` lists the sources."""
    folder = settings.data_dir / "data_docs"
    build = serving.current_path(settings).stem
    results_of: dict[str, list[dict[str, Any]]] = {}
    for row in serving.rows(settings, LATEST):
        results_of.setdefault(row["source"], []).append(row)
    links = []
    for source in registry.sources().values():
        results = results_of.get(source.source, [])
        _store(
            folder / f"{source.source}.html", source.title_de, _source_page(source, results), build
        )
        failed = sum(not r["success"] for r in results)
        state = f"✕ {failed} nicht bestanden" if failed else "✓ alle bestanden"
        state = state if results else "○ noch nicht geprüft"
        links.append(
            f"<tr><td><a href='{source.source}.html'>{escape(source.title_de)}</a></td>"
            f"<td>{len(results)}</td><td>{state}</td></tr>"
        )
    table = "<table><tr><th>Quelle</th><th>Prüfungen</th><th>Letzter Stand</th></tr>"
    _store(
        folder / "index.html", "Prüfungen an der Tür", table + "".join(links) + "</table>", build
    )
    return folder / "index.html"


def _source_page(source: Source, results: list[dict[str, Any]]) -> str:
    by_check = {(r["table_name"], r["check_name"], r["column_name"]): r for r in results}
    parts = [f"<p><a href='index.html'>← alle Quellen</a> · {escape(source.producer)}</p>"]
    for table, checks in suites.of(source.source).items():
        rows = "".join(_row(table, c, by_check) for c in checks)
        parts.append(
            f"<h2>{escape(table)}</h2><p>{escape(source.tables[table].grain)}</p><table><tr>"
            "<th>Spalte</th><th>Prüfung</th><th>Schwere</th><th>Warum</th><th>Ergebnis</th>"
            f"<th>Beispiele</th></tr>{rows}</table>"
        )
    return "".join(parts)


def _row(table: str, check: dict[str, Any], results: dict[tuple[str, str, str], Any]) -> str:
    kwargs = dict(check["kwargs"])
    column = kwargs.pop("column", "") or ", ".join(kwargs.get("column_list", []))
    found = results.get((table, check["type"], column))
    limits = ", ".join(f"{k} = {v}" for k, v in kwargs.items() if k != "column_list")
    cells = [
        column or "–",
        f"{check['type']} {limits}",
        SEVERITIES[check["severity"]],
        check["meta"]["why_de"],
        _verdict(found),
        masked_values(column, found["observed"]) if found and not found["success"] else "",
    ]
    return "<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in cells) + "</tr>"


def _verdict(found: dict[str, Any] | None) -> str:
    if found is None:
        return "○ noch nicht geprüft"
    when = f"{found['checked_at']:%d.%m.%Y %H:%M} UTC"
    history = f"{found['failed']} von {found['runs']} Läufen nicht bestanden"
    if found["success"]:
        return f"✓ bestanden, {when}; {history}"
    return f"✕ {found['unexpected_count']} von {found['element_count']} Zeilen, {when}; {history}"


def _store(path: Path, title: str, body: str, build: str) -> None:
    text = PAGE.substitute(title=escape(title), body=body, build=escape(build))
    write_atomically(path, text.encode())
