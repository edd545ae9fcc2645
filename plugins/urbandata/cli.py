"""``urbandata …``: the platform on the command line, with the functions Airflow calls too.

Exit code 0 only when all that was asked for happened; errors go to stderr, one line each.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from urbandata import cluster_cli, pipeline, registry, serving, side_by_side, transform
from urbandata.errors import UrbandataError
from urbandata.landing import UNKNOWN
from urbandata.releases import cli as release_cli
from urbandata.report import cli as report_cli
from urbandata.settings import Mode, Settings


class _Group(click.Group):
    """Turns the platform's errors into one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UrbandataError as error:
            click.echo(f"urbandata: {error}", err=True)
            ctx.exit(1)


@click.group(cls=_Group)
def main() -> None:
    """Urban data platform: ingest, build, ask."""


@main.command()
@click.option("--mode", type=click.Choice(["demo", "live", "inbox"]), help="Where data come from.")
@click.option("--inbox", type=click.Path(path_type=Path), help="Folder of files for mode inbox.")
@click.option("--source", "names", multiple=True, help="Only these sources (repeatable).")
@click.option("--build/--no-build", "with_build", default=True, help="Load, transform, publish.")
def run(mode: Mode | None, inbox: Path | None, names: Sequence[str], with_build: bool) -> None:
    """One pass without Airflow: fetch, check, load, transform, publish."""
    settings = _settings(mode, inbox)
    failed = False
    with transform.parsing(settings) if with_build else nullcontext():
        for ingested in _ingest_all(settings, names):
            click.echo(str(ingested))
            for problem in ingested.problems:
                click.echo(f"urbandata: {problem}", err=True)
            # A stray file in the inbox is reported and kept, but it is nobody's failure.
            stray = ingested.source == UNKNOWN and "failed" not in ingested.outcomes
            failed |= bool(ingested.problems) and not stray
    if with_build:
        pipeline.build(settings, click.echo)
    if failed:
        sys.exit(1)


def _ingest_all(settings: Settings, names: Sequence[str]) -> Iterable[pipeline.Ingested]:
    for name in names:
        registry.source(name)
    if settings.mode == "inbox":
        return pipeline.ingest_inbox(settings, names)
    return side_by_side.ingest(settings, names or list(registry.sources()))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def sources(as_json: bool) -> None:
    """Every source with measure, kind, mode, last success and rows."""
    settings = Settings.from_env()
    status = {(s["source"], s["origin"]): s for s in _source_status(settings)}
    listed = []
    for source in registry.sources().values():
        found = status.get((source.source, settings.origin), {})
        success = found.get("last_success_at")
        listed.append(
            {
                "source": source.source,
                "measure": source.measure,
                "kind": source.kind,
                "mode": settings.mode,
                "last_success_at": success.isoformat() if success else None,
                "rows": found.get("rows", 0),
                "quarantined": found.get("quarantined", 0),
                "state": found.get("state", "never"),
            }
        )
    _print(listed, as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def status(as_json: bool) -> None:
    """Last build, its checks, freshness per source, refused and unknown payloads."""
    settings = Settings.from_env()
    build = serving.rows(settings, "FROM ops.builds ORDER BY started_at DESC LIMIT 1")[0]
    refused = serving.rows(
        settings, "SELECT source, filename, resource, state, message FROM ops.payloads "
        "WHERE state <> 'accepted' ORDER BY fetched_at DESC LIMIT 100",
    )  # fmt: skip
    report = {
        "build_id": build["build_id"],
        "state": build["state"],
        "finished_at": build["finished_at"],
        "checks": {k: build[k] for k in ("models", "tests", "failed", "warned")},
        "sources": _source_status(settings),
        "not_accepted": refused,
    }
    if as_json:
        click.echo(json.dumps(report, default=str, ensure_ascii=False, indent=1))
        return
    click.echo(f"build {report['build_id']} {report['state']}, {report['finished_at']}")
    _print(report["sources"], as_json=False)
    _print(refused, as_json=False)


@main.command()
@click.argument("sql")
@click.option("--csv", "fmt", flag_value="csv", help="CSV with header.")
@click.option("--json", "fmt", flag_value="json", help="A JSON list of objects.")
def query(sql: str, fmt: str | None) -> None:
    """Ask the published build, read-only."""
    import duckdb

    try:
        rows = serving.rows(Settings.from_env(), sql)
    except duckdb.Error as error:
        raise UrbandataError(str(error).replace("\n", " ")) from error
    if fmt == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(rows[0].keys() if rows else [])
        writer.writerows(row.values() for row in rows)
        return
    _print(rows, as_json=fmt == "json")


@main.command()
@click.argument("kpi")
@click.argument("period")
@click.argument("area", default="dresden")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def explain(kpi: str, period: str, area: str, as_json: bool) -> None:
    """Definition, models, sources, checks and raw payloads behind a KPI value.

    PERIOD is 2025, 2025-Q1, 2025-03, 2025-03-14 or phase; AREA as in marts.dim_areas.
    """
    from urbandata import explain as lineage

    answer = lineage.explain(Settings.from_env(), kpi, period, area)
    if as_json:
        click.echo(json.dumps(answer, default=str, ensure_ascii=False, indent=1))
        return
    for line in lineage.as_text(answer):
        click.echo(line)


@main.command()
def build() -> None:
    """Load what is new, transform, publish."""
    pipeline.build(Settings.from_env(), click.echo)


@main.command()
def replay() -> None:
    """Rebuild everything from the raw zone and the ledger."""
    pipeline.replay(Settings.from_env(), click.echo)


@main.command()
@click.option("--check", is_flag=True, help="Only say what is out of date.")
def generate(check: bool) -> None:
    """Write what is generated from source.yml (dbt sources, source pages, tables in the README)."""
    from urbandata import generated

    stale = generated.write(check=check)
    for path in stale:
        click.echo(f"{'out of date' if check else 'written'}: {path}")
    if check and stale:
        raise UrbandataError("run 'make generate' and commit the result")


@main.command("new-source")
@click.argument("name")
@click.option("--measure", required=True, help="One of the nine measures, or programme.")
def new_source(name: str, measure: str) -> None:
    """Scaffold a source: folder, suite, staging and a green test (docs/adding-a-source.md)."""
    from urbandata import generated, scaffold

    for path in scaffold.new_source(name, measure):
        click.echo(str(path))
    registry.sources.cache_clear()
    for written in generated.write():
        click.echo(written)


for command in cluster_cli.COMMANDS:
    main.add_command(command)
main.add_command(report_cli.report)
main.add_command(report_cli.texts)
main.add_command(release_cli.release)


def _settings(mode: Mode | None, inbox: Path | None) -> Settings:
    settings = Settings.from_env()
    if inbox is not None:
        settings = dataclasses.replace(settings, inbox_dir=inbox.absolute(), mode="inbox")
    return dataclasses.replace(settings, mode=mode) if mode else settings


def _source_status(settings: Settings) -> list[dict[str, Any]]:
    try:
        return serving.rows(settings, "FROM ops.source_status ORDER BY source, origin")
    except UrbandataError:
        return []  # nothing published yet: every source is listed as never fetched


def _print(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(list(rows), default=str, ensure_ascii=False, indent=1))
        return
    if not rows:
        click.echo("no rows")
        return
    cells = [[str(n) for n in rows[0]]] + [
        ["" if v is None else str(v) for v in r.values()] for r in rows
    ]
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    for line in cells:
        click.echo("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
