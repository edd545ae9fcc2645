"""``urbandata release``: everything of a published build into one new folder, all or nothing."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from urbandata import serving
from urbandata.errors import UrbandataError
from urbandata.releases import changes, datapackage, dbt_docs, guard, papers, publication, tables
from urbandata.releases.model import Content, Origin
from urbandata.releases.read import read
from urbandata.settings import Settings

SUMS = "SHA256SUMS"
READ_ONLY = 0o444


def release(
    settings: Settings,
    shelf: Path,
    base_url: str,
    origin: Origin | None = None,
    with_docs: bool = True,
) -> Path:
    """Write ``<shelf>/urbandata-<version>-<origin>`` and return it.

    Raises UrbandataError if it is there already (a release never changes) or if something
    personal would be in it; then nothing is left behind.
    """
    build = serving.current_path(settings)  # once: a publication meanwhile moves the pointer
    content = read(build, origin)
    target = shelf / content.name
    if target.exists():
        raise UrbandataError(f"{target} is there already and is never changed; build anew first")
    if not any(t.rows for t in content.tables if t.has_origin):
        raise UrbandataError(f"the build has no rows of origin '{content.origin}'")
    partial = shelf / f".{content.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _fill(settings, build, content, partial, shelf, base_url, with_docs)
        _seal(partial)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return target


def _fill(
    settings: Settings,
    build: Path,
    content: Content,
    folder: Path,
    shelf: Path,
    base_url: str,
    with_docs: bool,
) -> None:
    database = tables.write_database(content, build, folder)
    guard.check(database)
    tables.write_files(content, folder)
    datapackage.write(content, folder)
    papers.write(content, build, settings.root, folder)
    publication.write(content, folder, base_url)
    changes.write(content, shelf, folder)
    if with_docs:
        dbt_docs.write(settings, content, folder)


def _seal(folder: Path) -> None:
    """Checksums of all files, then no file can be written any more."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    lines = [
        f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(folder).as_posix()}\n"
        for p in files
    ]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    for path in (*files, folder / SUMS):
        path.chmod(READ_ONLY)
