"""Commands for an installation on several machines: tidy, move, follow, back up, restore."""

from __future__ import annotations

import time
from pathlib import Path

import click

from urbandata import pipeline, warehouse
from urbandata.errors import UrbandataError
from urbandata.settings import Settings
from urbandata.storage import moving, saving, sharing


@click.command()
@click.option("--keep-days", default=warehouse.KEEP_DAYS, show_default=True, type=float)
def maintain(keep_days: float) -> None:
    """Tidy lake and ledger: merge small files, forget old snapshots and what only they name."""
    for step, number in pipeline.maintain(Settings.from_env(), keep_days).items():
        click.echo(f"{number} {step}")


@click.command()
@click.argument("direction", type=click.Choice(["to-lake", "to-file"]))
def move(direction: moving.Direction) -> None:
    """Move between one machine and the cluster of URBANDATA_WAREHOUSE and URBANDATA_STORAGE.

    Raw zone, ledger, bronze, quarantine and outcomes, then the warehouse, whose tables replace
    those of the target. Every file and every table is compared by its checksum.
    """
    done = moving.move(Settings.from_env(), direction)
    click.echo(
        f"moved {done.files} files with {done.bytes} bytes, "
        f"{done.tables} tables with {done.rows} rows, all checksums equal"
    )


@click.command()
@click.option("--public", is_flag=True, help="Only what everybody may see.")
@click.option("--every", default=30.0, show_default=True, help="Seconds between two looks.")
def follow(public: bool, every: float) -> None:
    """Keep this machine's copy of the build in service up to date, for dashboards; never ends."""
    settings = Settings.from_env()
    if not settings.storage:
        raise UrbandataError("URBANDATA_STORAGE is empty: builds are published in the data folder")
    parts = [settings.serving_dir / sharing.PUBLIC] + [settings.serving_dir] * (not public)
    while True:
        for folder in parts:
            if sharing.fetch(settings, folder):
                click.echo(f"{folder}: new build")
        time.sleep(every)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Copy all files that FOLDER lacks into it: raw zone to outcomes, texts, the lake's Parquet.

    Dump the catalogue first (cluster/backup): a dump fits the files copied after it.
    """
    for part, number in saving.back_up(Settings.from_env(), folder.absolute()).items():
        click.echo(f"{part}: {number} files")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
def restore(folder: Path) -> None:
    """Put the files of a backup back where the settings say, each compared by its checksum.

    Restore the catalogue too (cluster/restore), or empty it and run 'urbandata replay'.
    """
    for part, number in saving.restore(Settings.from_env(), folder.absolute()).items():
        click.echo(f"{part}: {number} files, all checksums equal")


COMMANDS = (maintain, move, follow, backup, restore)
