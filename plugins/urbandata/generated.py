"""Files generated from ``source.yml``: dbt source metadata and the source pages in docs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import yaml

from urbandata import registry
from urbandata.registry import Source
from urbandata.settings import PROJECT_ROOT

NOTE = "Generated from plugins/urbandata/sources/{0}/source.yml by 'make generate'; edit there."


def write(check: bool = False, root: Path = PROJECT_ROOT) -> list[str]:
    """Write every generated file that is out of date; with ``check`` only name them."""
    stale = []
    for path, text in documents():
        target = root / path
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.as_posix())
        if not check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return stale


def documents() -> Iterator[tuple[Path, str]]:
    """Path below the project root and content of every generated file."""
    sources = registry.sources()
    for source in sources.values():
        folder = Path("dbt/models/staging", source.source)
        yield folder / f"_{source.source}__sources.yml", dbt_source(source)
        yield Path("docs/sources", f"{source.source}.md"), page(source)
    yield Path("docs/sources/README.md"), overview(list(sources.values()))


def dbt_source(source: Source) -> str:
    """dbt ``sources`` entry of one source, with column descriptions."""
    tables = [
        {
            "name": name,
            "identifier": f"{source.source}__{name}",
            "description": table.grain,
            "columns": [
                {"name": n, "description": _column_text(c.description, c.unit)}
                for n, c in table.columns.items()
            ],
        }
        for name, table in source.tables.items()
    ]
    document = {
        "sources": [
            {
                "name": source.source,
                "schema": "raw",
                "description": f"{source.title_en}. {source.producer}, {source.licence.id}.",
                "config": {
                    "meta": {"measure": source.measure, "attribution": source.licence.attribution}
                },
                "tables": tables,
            }
        ]
    }
    body = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)
    return f"# {NOTE.format(source.source)}\n{body}"


def page(source: Source) -> str:
    """Markdown page of one source."""
    licence = source.licence
    unverified = "" if licence.verified else " (unverified)"
    lines = [
        f"# {source.title_en}",
        "",
        f"<!-- {NOTE.format(source.source)} -->",
        "",
        f"| | |\n|---|---|\n| source | `{source.source}` |\n| German title | {source.title_de} |",
        f"| measure | {source.measure} |\n| office | {source.office} |",
        f"| producer | [{source.producer}]({source.homepage}) |",
        f"| licence | [{licence.id}]({licence.url}){unverified}, {licence.attribution} |",
        f"| protocol | {source.protocol} |\n| kind | {source.kind} |",
        f"| asked every | {_span(source.schedule.every)} |",
        f"| late after | {_span(source.schedule.promise)} ({source.schedule.promise_on}) |",
        "",
        *(f"- {c}" for c in source.caveats_en),
        *(f"- Unverified: {u}" for u in source.unverified),
    ]
    for name, table in source.tables.items():
        lines += ["", f"## {name}", "", f"{table.grain} Key: {', '.join(table.key)}.", ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        lines += [
            f"| {n} | {c.type} | {c.unit or ''} | {c.description} |"
            for n, c in table.columns.items()
        ]
    return "\n".join(lines) + "\n"


def overview(sources: list[Source]) -> str:
    """Table of all sources with their licences."""
    rows = [
        f"| [{s.source}]({s.source}.md) | {s.measure} | {s.producer} | {s.licence.id}"
        f"{'' if s.licence.verified else ' (unverified)'} | {s.kind} | {_span(s.schedule.every)} |"
        for s in sources
    ]
    head = [
        "| source | measure | producer | licence | kind | asked every |",
        "|---|---|---|---|---|---|",
    ]
    note = "<!-- Generated from the source.yml files by 'make generate'; edit there. -->"
    return "\n".join(["# Sources", "", note, "", *head, *rows]) + "\n"


def _column_text(description: str, unit: str | None) -> str:
    return f"{description} [{unit}]" if unit else description


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes % 1440 == 0:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
