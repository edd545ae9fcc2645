"""Backup of all files and their way back; the lake's catalogue is dumped by ``cluster/backup``.

Data files are written once and never change, so a backup only fetches what is new; what people
write does change and is compared. What it holds is named by a dump of the catalogue that was made
before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from urbandata import storage
from urbandata.settings import Settings
from urbandata.storage import Folder, Store
from urbandata.storage.moving import FOLDERS, copy

PEOPLE = "people"
WRITTEN_BY_PEOPLE = ("editions", "texts")  # in the data folder, wherever the rest lies
EVERYTHING = ("",)


def back_up(settings: Settings, folder: Path) -> dict[str, int]:
    """Copy what the backup lacks; files by part. What was deleted since stays in the backup."""
    return {
        part: len(copy(place, Folder(folder / part), names, compare=part == PEOPLE))
        for part, place, names in _parts(settings)
    }


def restore(settings: Settings, folder: Path) -> dict[str, int]:
    """Put back what is missing or differs, each file compared; files by part."""
    return {
        part: len(copy(Folder(folder / part), place, names))
        for part, place, names in _parts(settings)
    }


def _parts(settings: Settings) -> Iterator[tuple[str, Store, tuple[str, ...]]]:
    """Parts of an installation: name in the backup, where it lies, which folders of it."""
    yield "files", storage.of(settings), FOLDERS
    yield PEOPLE, Folder(settings.data_dir), WRITTEN_BY_PEOPLE
    if settings.lake_dsn:
        yield "lake", storage.at(settings.warehouse_data, settings), EVERYTHING
