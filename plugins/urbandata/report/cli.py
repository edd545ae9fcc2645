"""``urbandata report`` and ``urbandata texts``: the strategy update on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from urbandata.errors import UrbandataError
from urbandata.settings import Settings

LOCAL = "lokal"  # who acts where nobody has logged in
FOLDER = click.Path(file_okay=False, path_type=Path)
LANG = click.Choice(["de", "en"])


@click.command()
@click.option("--out", type=FOLDER, required=True, help="Folder for DOCX, PDF, HTML and XLSX.")
@click.option("--period", default="", help="2025, 2025-H1, 2025-Q3, 2025-06; newest by default.")
@click.option("--build", default="", help="A published build; the one in service by default.")
@click.option("--lang", "langs", type=LANG, multiple=True, default=("de",), help="Repeatable.")
@click.option("--origin", type=click.Choice(["demo", "real"]), help="Real where there are any.")
def report(out: Path, period: str, build: str, langs: Sequence[str], origin: str | None) -> None:
    """The strategy update as a draft: one command from the published build to all formats."""
    from urbandata.report import compose, editions, facts, output, periods
    from urbandata.report.texts import Texts

    settings = Settings.from_env()
    for lang in langs:
        read = facts.read(settings, periods.parse(period), build, origin or "", lang)
        before = editions.latest_release(settings, read.origin, lang)
        name = period or f"{read.published_at:%Y-%m-%d}"
        document = compose.document(
            read, Texts(settings, lang).all(), compose.Standing(name), lang, before
        )
        for path in output.write(document, out):
            click.echo(str(path))


@click.group()
def texts() -> None:
    """The editors' texts as plain files."""


@texts.command("export")
@click.argument("folder", type=FOLDER)
@click.option("--lang", type=LANG, default="de")
def export_texts(folder: Path, lang: str) -> None:
    """One Markdown file per subject."""
    from urbandata.report.texts import Texts

    for path in Texts(Settings.from_env(), lang).export(folder):
        click.echo(str(path))


@texts.command("import")
@click.argument("folder", type=FOLDER)
@click.option("--lang", type=LANG, default="de")
@click.option("--author", default=LOCAL, help="Who stands in the history.")
def import_texts(folder: Path, lang: str, author: str) -> None:
    """Markdown files named by their subject become new versions."""
    from urbandata.report.texts import Texts

    if not folder.is_dir():
        raise UrbandataError(f"{folder} is no folder")
    for version in Texts(Settings.from_env(), lang).take_in(folder, author):
        click.echo(f"{version.subject}: version {version.number}")
