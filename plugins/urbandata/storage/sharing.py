"""Published builds on their way to readers on other machines: through the storage, if there is one.

A build is a file with a name of its own, so only the pointer ever changes. A machine that reads
copies the file first and moves its own pointer then: dashboards open local files in any case.
"""

from __future__ import annotations

import json
from pathlib import Path

from urbandata import storage
from urbandata.settings import Settings
from urbandata.storage import write_atomically

POINTER = "current.json"
PUBLIC = "public"  # the folder in the serving folder with what everybody may see


def share(settings: Settings, folder: Path, build_id: str) -> None:
    """Put the build in service of a serving folder into the storage, and then its pointer."""
    if not settings.storage:
        return
    store, place = storage.of(settings), _place(settings, folder)
    store.put_file(f"{place}/{build_id}.duckdb", folder / f"{build_id}.duckdb")
    store.put(f"{place}/{POINTER}", (folder / POINTER).read_bytes())
    builds = [e.path for e in store.files(place, ".duckdb") if e.path == f"{place}/{e.stem}.duckdb"]
    store.discard(builds[: -settings.keep_builds])


def fetch(settings: Settings, folder: Path) -> bool:
    """Copy the build in service of the storage into a serving folder; whether it is a new one."""
    if not settings.storage:
        return False
    store, place = storage.of(settings), _place(settings, folder)
    try:
        pointer = store.get(f"{place}/{POINTER}")
    except FileNotFoundError:
        return False  # nothing is published yet
    build = folder / str(json.loads(pointer)["path"])
    if build.exists() and _same(folder / POINTER, pointer):
        return False
    if not build.exists():
        folder.mkdir(parents=True, exist_ok=True)
        store.get_file(f"{place}/{build.name}", build)
    write_atomically(folder / POINTER, pointer)
    forget_old(folder, settings.keep_builds)
    return True


def forget_old(folder: Path, keep: int) -> None:
    """Keep the newest builds; on a POSIX system open readers keep what they have open."""
    for old in sorted(folder.glob("*.duckdb"))[:-keep]:
        old.unlink(missing_ok=True)  # another process of the same dashboard may be as far


def _same(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


def _place(settings: Settings, folder: Path) -> str:
    return f"serving/{folder.name}" if folder != settings.serving_dir else "serving"
