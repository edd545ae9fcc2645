"""Files as a source: recognise each by name and content, land it like an HTTP answer.

A file in a folder named like a source belongs to it; elsewhere the ``inbox`` rules of the
source.yml files decide. A file nobody recognises is kept in the raw zone and reported by name.
"""

from __future__ import annotations

import fnmatch
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

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
from urbandata.registry import InboxRule, Source
from urbandata.settings import Settings

HEAD_BYTES = 4096


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
    claims = [s.source for s in sources.values() if any(_fits(r, path, content) for r in s.inbox)]
    if len(claims) > 1:
        raise ConfigError(f"{path.name} is claimed by {' and '.join(claims)}; narrow their rules")
    return claims[0] if claims else UNKNOWN


def land_files(settings: Settings, sources: Mapping[str, Source]) -> Iterator[Attempt]:
    """Land every file of the inbox and yield its attempt; known bytes are ``unchanged``."""
    zone, ledger, run_id = RawZone(settings.data_dir), Ledger(settings.data_dir), new_run_id()
    seen: dict[str, set[str]] = {}
    for number, path in enumerate(files(settings.inbox_dir), start=1):
        content = path.read_bytes()
        name = owner(path, content, settings.inbox_dir, sources)
        if name not in seen:
            seen[name] = {a.payload_id for a in ledger.attempts(name) if a.payload_id}
        relative = path.relative_to(settings.inbox_dir).as_posix()
        if name in sources:
            content = _stripped(sources[name], content, relative, settings)
        attempt = _attempt(zone, name, path, relative, content, run_id, number, seen[name])
        ledger.record(attempt)
        seen[name].add(attempt.payload_id)
        yield attempt


def _attempt(
    zone: RawZone,
    source: str,
    path: Path,
    relative: str,
    content: bytes,
    run_id: str,
    number: int,
    seen: set[str],
) -> Attempt:
    now, digest = utc_now(), sha256(content)
    identity = payload_id(f"inbox/{path.name}", digest)
    known = identity in seen
    extension = "".join(path.suffixes[-2:]).lstrip(".").lower() or "bin"
    raw_path = "" if known else zone.put(source, digest, content, extension, now)
    outcome = "unknown" if source == UNKNOWN else "landed"
    return Attempt(
        attempt_id=f"{run_id}-{number:05d}",
        run_id=run_id,
        source=source,
        origin="real",
        resource=f"inbox/{path.name}",
        url=f"inbox:{relative}",
        started_at=now.isoformat(),
        finished_at=now.isoformat(),
        outcome="unchanged" if known else outcome,
        bytes=len(content),
        sha256=digest,
        raw_path=raw_path,
        payload_id=identity,
        filename=path.name,
        extension=extension,
        error="" if source != UNKNOWN else f"{path.name}: no source recognises this file",
    )


def _stripped(source: Source, content: bytes, resource: str, settings: Settings) -> bytes:
    if not (source.folder / "fetch.py").exists():
        return content
    strip = getattr(source.module("fetch"), "strip", None)
    return content if strip is None else strip(content, resource, settings.pseudonym_key)


def _fits(rule: InboxRule, path: Path, content: bytes) -> bool:
    if not fnmatch.fnmatch(path.name.lower(), rule.glob.lower()):
        return False
    if rule.member is not None and not any(re.search(rule.member, n) for n in _members(content)):
        return False
    if rule.head is None:
        return True
    head = content[:HEAD_BYTES]
    text = head.decode("utf-8", errors="ignore") if b"\0" not in head else head.decode("latin-1")
    return re.search(rule.head, text) is not None


def _members(content: bytes) -> list[str]:
    """Names inside a zip or tar archive; empty for anything else."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return archive.getnames()
    except (tarfile.TarError, EOFError, OSError):
        return []
