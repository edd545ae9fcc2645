"""Moving an installation from one machine to a cluster and back: its files and its warehouse."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal

from urbandata import registry, storage, warehouse
from urbandata.errors import UrbandataError
from urbandata.settings import Settings
from urbandata.storage import Entry, Folder, Store

Direction = Literal["to-lake", "to-file"]
FOLDERS = ("raw", "ledger", "bronze", "quarantine", "outcomes")
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Moved:
    """What is in the target now, each file and table with the checksum it has in the origin."""

    files: int
    bytes: int
    tables: int
    rows: int


def move(settings: Settings, direction: Direction) -> Moved:
    """Copy all files into or out of the storage, if one is set, and all tables of the warehouse.

    The origin stays as it is. What has been copied before is only compared, so that a move that
    was cut off goes on. Raises UrbandataError naming what differs.
    """
    files: list[Entry] = []
    if settings.storage:
        pair: tuple[Store, Store] = Folder(settings.data_dir), storage.of(settings)
        files = copy(*(pair if direction == "to-lake" else pair[::-1]))
    act = warehouse.to_lake if direction == "to-lake" else warehouse.to_file
    sums = act(settings, registry.sources())
    rows = sum(count for count, _ in sums.values())
    return Moved(len(files), sum(e.size for e in files), len(sums), rows)


def copy(
    origin: Store, target: Store, folders: tuple[str, ...] = FOLDERS, compare: bool = True
) -> list[Entry]:
    """Copy all files of the folders that the target lacks; the files that are in both then.

    What has been there before is read and compared too, or else known by its size.
    """
    entries = [e for folder in folders for e in origin.files(folder)]
    sizes = {e.path: e.size for folder in folders for e in target.files(folder)}
    work: Callable[[Entry], Entry] = partial(_copy, origin, target, sizes, compare)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, entries))


def _copy(
    origin: Store, target: Store, sizes: dict[str, int], compare: bool, entry: Entry
) -> Entry:
    if not compare and sizes.get(entry.path) == entry.size:
        return entry
    content = origin.get(entry.path)
    if sizes.get(entry.path) == len(content) and _same(target.get(entry.path), content):
        return entry
    target.put(entry.path, content)
    if not _same(target.get(entry.path), content):
        raise UrbandataError(f"{entry.path}: the copy differs; keep the original")
    return entry


def _same(one: bytes, other: bytes) -> bool:
    return hashlib.sha256(one).digest() == hashlib.sha256(other).digest()
