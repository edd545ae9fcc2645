"""Files as a source: recognise each by name and content, land it like an HTTP answer.

A file in a folder named like a source belongs to it; elsewhere the ``inbox`` rules of the
source.yml files decide. A file nobody recognises is reported with its name and what it seems to be;
it stays where it is, because nobody knows what would have to be stripped from it before the raw
zone. One that cannot be taken in is reported, and the others go on.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from urbandata import recognition, storage
from urbandata.errors import ConfigError, UrbandataError
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


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the inbox, its source, what of it is landed, and in words what is wrong with it.

    ``content`` is None where the file cannot be taken in.
    """

    path: Path
    relative: str
    source: str
    content: bytes | None
    problem: str = ""


class Landed:
    """What a source has landed from the inbox: all bytes by name, the newest by path.

    Bytes are not looked up by payload id: those of older ledger lines do not name the source.
    """

    def __init__(self, attempts: Iterable[Attempt]) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._newest: dict[str, str] = {}
        for attempt in attempts:
            self.note(attempt)

    def note(self, attempt: Attempt) -> None:
        """Remember what an attempt landed."""
        if attempt.outcome in ("landed", "unknown"):
            self._seen.add((attempt.resource, attempt.sha256))
            self._newest[attempt.url] = attempt.sha256

    def has(self, resource: str, digest: str) -> bool:
        """Whether a file of this name ever had these bytes, in whatever folder it lay."""
        return (resource, digest) in self._seen

    def is_newest(self, url: str, digest: str) -> bool:
        """Whether these are the last bytes landed from a path; a moved file's path has none."""
        return self._newest.get(url, digest) == digest


def files(folder: Path) -> list[Path]:
    """All files below the folder, without hidden ones. Raises ConfigError if it is missing."""
    if not folder.is_dir():
        raise ConfigError(f"the inbox {folder} is not a folder; set --inbox or URBANDATA_INBOX")
    found = (p for p in folder.rglob("*") if _may_be_file(p))
    return sorted(p for p in found if not _is_hidden(p.relative_to(folder)))


def _may_be_file(path: Path) -> bool:
    """Whether a path is a file; one that cannot be looked at is, so that it is not passed over."""
    try:
        return path.is_file()
    except OSError:
        return True


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def owner(path: Path, content: bytes, folder: Path, sources: Mapping[str, Source]) -> str:
    """Name of the source a file belongs to, or ``_unknown``.

    Raises ConfigError if two sources claim the same file: their rules must be told apart.
    """
    if named := _named_by_folder(path, folder, sources):
        return named
    claims = recognition.claims(path, content, sources.values())
    if len(claims) > 1:
        raise ConfigError(
            f"{path.name} is claimed by {' and '.join(claims)}; put it in a folder with the name "
            "of the right one"
        )
    return claims[0] if claims else UNKNOWN


def _named_by_folder(path: Path, folder: Path, sources: Mapping[str, Source]) -> str | None:
    parents = path.relative_to(folder).parts[:-1]
    return next((part for part in parents if part in sources), None)


def land_files(settings: Settings, sources: Mapping[str, Source]) -> Iterator[Attempt]:
    """Land every file of the inbox and yield its attempt; known bytes are ``unchanged``.

    Known are the newest bytes of a path; earlier ones that come back to it are landed again.
    A file that cannot be read or stripped is ``failed``, with the reason; the others go on.
    """
    store, run_id = storage.of(settings), new_run_id()
    zone, ledger = RawZone(store), Ledger(store)
    landed: dict[str, Landed] = {}
    for number, (path, parts) in enumerate(units(settings.inbox_dir), start=1):
        found = _found(path, parts, settings, sources)
        name = found.source
        if name not in landed:
            landed[name] = Landed(ledger.attempts(name))
        attempt = _attempt(zone, found, run_id, number, landed[name])
        ledger.record(attempt)
        landed[name].note(attempt)
        yield attempt


def units(folder: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Files of the inbox, each with the files it consists of: a shapefile has several."""
    found = files(folder)
    bundles = {p: shapefile_parts(p, found) for p in found if p.suffix.lower() == ".shp"}
    inside = {part for p, parts in bundles.items() for part in parts if part != p}
    for path in found:
        if path not in inside:
            yield path, bundles.get(path, [path])


def bytes_of(parts: list[Path]) -> bytes:
    """Content of a file of the inbox; several parts are one zip archive.

    Raises OSError if one cannot be read.
    """
    return _zipped(parts) if len(parts) > 1 else parts[0].read_bytes()


def _found(
    path: Path, parts: list[Path], settings: Settings, sources: Mapping[str, Source]
) -> Found:
    """A file with its source and the content to land. Never raises for what one file is like."""
    folder = settings.inbox_dir
    relative = path.relative_to(folder).as_posix()
    try:
        content = bytes_of(parts)
    except OSError as error:
        name = _named_by_folder(path, folder, sources) or UNKNOWN
        reason = error.strerror or type(error).__name__
        return Found(path, relative, name, None, f"{relative}: cannot be read: {reason}")
    name, problem = _told(path, content, folder, sources)
    if name == UNKNOWN:
        return Found(path, relative, name, content, problem)
    try:
        return Found(path, relative, name, _stripped(sources[name], content, relative, settings))
    except (UrbandataError, OSError) as error:
        return Found(path, relative, name, None, f"{name}: {relative}: {error}")


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


def _attempt(zone: RawZone, found: Found, run_id: str, number: int, landed: Landed) -> Attempt:
    now = utc_now()
    common: dict[str, Any] = {
        "attempt_id": f"{run_id}-{number:05d}",
        "run_id": run_id,
        "source": found.source,
        "origin": "real",
        "resource": f"inbox/{found.path.name}",
        "url": f"inbox:{found.relative}",
        "started_at": now.isoformat(),
        "finished_at": now.isoformat(),
        "filename": found.path.name,
        "extension": _extension(found.path),
        "error": found.problem,
    }
    if found.content is None:
        return Attempt(outcome="failed", **common)
    digest, resource, extension = sha256(found.content), common["resource"], common["extension"]
    seen = landed.has(resource, digest)
    known = seen and landed.is_newest(common["url"], digest)
    is_unknown = found.source == UNKNOWN
    keep = not known and not is_unknown
    path = zone.put(found.source, digest, found.content, extension, now) if keep else ""
    fresh = "unknown" if is_unknown else "landed"
    is_back = seen and not known
    return Attempt(
        outcome="unchanged" if known else fresh,
        bytes=len(found.content),
        sha256=digest,
        raw_path=path,
        payload_id=payload_id(f"{found.source}/{resource}", digest, now if is_back else None),
        **common,
    )


def _extension(path: Path) -> str:
    kinds = [s for s in path.suffixes[-2:] if SUFFIX.fullmatch(s)]
    return "".join(kinds).lstrip(".").lower() or "bin"


def _stripped(source: Source, content: bytes, resource: str, settings: Settings) -> bytes:
    if not (source.folder / "fetch.py").exists():
        return content
    strip = getattr(source.module("fetch"), "strip", None)
    return content if strip is None else strip(content, resource, settings.pseudonym_key)
