"""Files as a source: recognise each by name and content, land it like an HTTP answer.

A file in a folder named like a source belongs to it; elsewhere the ``inbox`` rules of the
source.yml files decide. A file nobody recognises is kept in the raw zone and reported with its
name and what it seems to be.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from urbandata import recognition, storage
from urbandata.errors import ConfigError
from urbandata.landing import (
    UNKNOWN,
    Attempt,
    Ledger,
    RawZone,
    new_run_id,
    payload_id,
    sha256,
    utc_now,
)
from urbandata.registry import Source
from urbandata.settings import Settings

SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,6}")  # not the rest of "v1.0_zones.shp"


def files(folder: Path) -> list[Path]:
    """All files below the folder, without hidden ones. Raises ConfigError if it is missing."""
    if not folder.is_dir():
        raise ConfigError(f"the inbox {folder} is not a folder; set --inbox or URBANDATA_INBOX")
    found = (p for p in folder.rglob("*") if p.is_file())
    return sorted(p for p in found if not _is_hidden(p.relative_to(folder)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def owner(path: Path, content: bytes, folder: Path, sources: Mapping[str, Source]) -> str:
    """Name of the source a file belongs to, or ``_unknown``.

    Raises ConfigError if two sources claim the same file: their rules must be told apart.
    """
    parts = path.relative_to(folder).parts[:-1]
    for part in parts:
        if part in sources:
            return part
    claims = recognition.claims(path, content, sources.values())
    if len(claims) > 1:
        raise ConfigError(
            f"{path.name} is claimed by {' and '.join(claims)}; put it in a folder with the name "
            "of the right one"
        )
    return claims[0] if claims else UNKNOWN


def land_files(settings: Settings, sources: Mapping[str, Source]) -> Iterator[Attempt]:
    """Land every file of the inbox and yield its attempt; known bytes are ``unchanged``."""
    store, run_id = storage.of(settings), new_run_id()
    zone, ledger = RawZone(store), Ledger(store)
    seen: dict[str, set[tuple[str, str]]] = {}
    for number, (path, found) in enumerate(units(settings.inbox_dir), start=1):
        name, problem = _told(path, found, settings.inbox_dir, sources)
        if name not in seen:
            seen[name] = {(a.resource, a.sha256) for a in ledger.attempts(name) if a.payload_id}
        relative = path.relative_to(settings.inbox_dir).as_posix()
        known = sources.get(name)
        content = found if known is None else _stripped(known, found, relative, settings)
        attempt = _attempt(zone, name, path, relative, content, run_id, number, seen[name], problem)
        ledger.record(attempt)
        seen[name].add((attempt.resource, attempt.sha256))
        yield attempt


def units(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Files of the inbox with their bytes; the parts of a shapefile are one zip archive."""
    found = files(folder)
    bundles = {p: shapefile_parts(p, found) for p in found if p.suffix.lower() == ".shp"}
    inside = {part for p, parts in bundles.items() for part in parts if part != p}
    for path in found:
        if path in inside:
            continue
        yield path, _zipped(bundles[path]) if len(bundles.get(path, ())) > 1 else path.read_bytes()


def shapefile_parts(path: Path, found: Iterable[Path]) -> list[Path]:
    """The files beside a ``.shp`` that make one shapefile with it, and itself."""
    stem = path.stem.lower()
    return [
        p
        for p in found
        if p.parent == path.parent
        and p.stem.lower() == stem
        and p.suffix.lower() in recognition.SIDECARS
    ]


def _zipped(parts: Iterable[Path]) -> bytes:
    """The parts as an archive, the same bytes for the same files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for part in sorted(parts):
            target.writestr(zipfile.ZipInfo(part.name), part.read_bytes())
    return archive.getvalue()


def _told(
    path: Path, content: bytes, folder: Path, sources: Mapping[str, Source]
) -> tuple[str, str]:
    """Source of a file and, where it has none, why: the other files go on."""
    try:
        name = owner(path, content, folder, sources)
    except ConfigError as error:
        return UNKNOWN, str(error)
    if name != UNKNOWN:
        return name, ""
    kind = recognition.described(path, content)
    return UNKNOWN, f"{path.name}: no source recognises this file; it is {kind}"


def _attempt(
    zone: RawZone,
    source: str,
    path: Path,
    relative: str,
    content: bytes,
    run_id: str,
    number: int,
    seen: set[tuple[str, str]],
    problem: str,
) -> Attempt:
    now, digest = utc_now(), sha256(content)
    resource = f"inbox/{path.name}"
    # Not by payload id: those of older ledger lines do not name the source.
    known = (resource, digest) in seen
    kinds = [s for s in path.suffixes[-2:] if SUFFIX.fullmatch(s)]
    extension = "".join(kinds).lstrip(".").lower() or "bin"
    raw_path = "" if known else zone.put(source, digest, content, extension, now)
    outcome = "unknown" if source == UNKNOWN else "landed"
    return Attempt(
        attempt_id=f"{run_id}-{number:05d}",
        run_id=run_id,
        source=source,
        origin="real",
        resource=resource,
        url=f"inbox:{relative}",
        started_at=now.isoformat(),
        finished_at=now.isoformat(),
        outcome="unchanged" if known else outcome,
        bytes=len(content),
        sha256=digest,
        raw_path=raw_path,
        payload_id=payload_id(f"{source}/{resource}", digest),
        filename=path.name,
        extension=extension,
        error=problem,
    )


def _stripped(source: Source, content: bytes, resource: str, settings: Settings) -> bytes:
    if not (source.folder / "fetch.py").exists():
        return content
    strip = getattr(source.module("fetch"), "strip", None)
    return content if strip is None else strip(content, resource, settings.pseudonym_key)
