"""``urbandata release`` on the command line."""

from __future__ import annotations

from pathlib import Path

import click

from urbandata.releases.model import Origin
from urbandata.settings import Settings

PLACEHOLDER = "https://urbandata.example/open-data/"  # .example belongs to nobody


@click.command()
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True,
    help="Shelf of releases; each becomes a folder of its own.",
)  # fmt: skip
@click.option("--origin", type=click.Choice(["demo", "real"]), help="Real where there are any.")
@click.option(
    "--base-url", default=PLACEHOLDER, show_default=True,
    help="Where the folder open_data will be served; stands in the DCAT metadata.",
)  # fmt: skip
@click.option("--docs/--no-docs", default=True, help="With the documentation of the models.")
def release(out: Path, origin: Origin | None, base_url: str, docs: bool) -> None:
    """The published build as a research release: immutable folder, open data included."""
    from urbandata.releases.release import release as make

    path = make(Settings.from_env(), out.absolute(), f"{base_url.rstrip('/')}/", origin, docs)
    click.echo(str(path))
