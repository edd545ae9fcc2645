"""From draft to release: an edition is a folder, its state a file, its past a list that grows.

A draft follows the build in service. Submitting freezes it: the document, the numbers, the texts
and the build are kept in the folder, and what is released later is drawn from these alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from urbandata.errors import UrbandataError
from urbandata.report import compose, facts, model, output, periods
from urbandata.report.texts import Texts
from urbandata.report.words import LANGUAGES
from urbandata.settings import Settings
from urbandata.storage import write_atomically

MOVES = {
    "refreshed": ({"draft"}, "draft"),
    "submitted": ({"draft"}, "submitted"),
    "approved": ({"submitted"}, "approved"),
    "rejected": ({"submitted"}, "rejected"),
}


@dataclass(frozen=True, slots=True)
class Edition:
    """State of an edition. ``frozen`` holds the hash of each document once it is submitted.

    ``snapshot`` is the state of the lake its build left; None where the warehouse is a file.
    """

    id: str
    state: str
    period: str
    origin: str
    build_id: str
    langs: tuple[str, ...]
    created_at: str
    created_by: str
    previous: str
    frozen: Mapping[str, str]
    decided_at: str = ""
    decided_by: str = ""
    comment: str = ""
    snapshot: int | None = None


def folder(settings: Settings, edition: str) -> Path:
    """Where an edition lives."""
    return settings.data_dir / "editions" / edition


def every(settings: Settings) -> list[Edition]:
    """All editions, newest first."""
    found = [_load(p) for p in (settings.data_dir / "editions").glob("*/edition.json")]
    return sorted(found, key=lambda e: (e.created_at, e.id), reverse=True)


def get(settings: Settings, edition: str) -> Edition:
    """One edition. Raises UrbandataError naming those there are."""
    try:
        return _load(folder(settings, edition) / "edition.json")
    except FileNotFoundError:
        known = ", ".join(e.id for e in every(settings)) or "none"
        raise UrbandataError(f"there is no edition '{edition}'; there are: {known}") from None


def snapshots(settings: Settings) -> set[int]:
    """States of the lake that editions rest on, but for rejected ones: to be kept."""
    return {e.snapshot for e in every(settings) if e.snapshot is not None and e.state != "rejected"}


def events(settings: Settings, edition: str) -> list[dict[str, str]]:
    """Who did what when, oldest first, comments included."""
    try:
        lines = (folder(settings, edition) / "events.jsonl").read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line]


def create(
    settings: Settings,
    who: str,
    period: str = "",
    build: str = "",
    langs: Sequence[str] = ("de",),
    origin: str = "",
) -> Edition:
    """A new draft with all its files. Raises UrbandataError naming what is wrong."""
    for lang in langs:
        if lang not in LANGUAGES:
            raise UrbandataError(f"language '{lang}': choose {' or '.join(LANGUAGES)}")
    read = facts.read(settings, periods.parse(period), build, origin)
    name = _reserve(settings, read)
    before = _previous(settings, read.origin)
    edition = Edition(
        id=name, state="draft", period=period, origin=read.origin, build_id=read.build_id,
        langs=tuple(langs), created_at=_now(), created_by=who,
        previous=before.id if before else "", frozen={}, snapshot=read.snapshot,
    )  # fmt: skip
    with _locked(settings, name):
        _draw(settings, edition)
        _store(settings, edition, "created", who, "")
    return edition


def refresh(settings: Settings, edition: str, who: str, build: str = "") -> Edition:
    """A draft anew from the build in service and the newest texts."""
    with _moving(settings, edition, "refreshed") as found:
        read = facts.read(settings, periods.parse(found.period), build, found.origin)
        fresh = replace(found, build_id=read.build_id, snapshot=read.snapshot)
        _draw(settings, fresh)
        _store(settings, fresh, "refreshed", who, "")
    return fresh


def submit(settings: Settings, edition: str, who: str) -> Edition:
    """Freezes a draft with the newest texts and its build. Twice is once."""
    if get(settings, edition).state == "submitted":
        return get(settings, edition)
    with _moving(settings, edition, "submitted") as found:
        _keep_build(settings, found)
        hashes = _draw(settings, replace(found, state="submitted"))
        frozen = replace(found, state="submitted", frozen=hashes)
        _store(settings, frozen, "submitted", who, "")
    return frozen


def approve(settings: Settings, edition: str, who: str, comment: str = "") -> Edition:
    """Releases a submitted edition from its frozen documents. Twice is once."""
    if get(settings, edition).state == "approved":
        return get(settings, edition)
    with _moving(settings, edition, "approved") as found:
        at = datetime.now(UTC).replace(microsecond=0)
        approved = replace(found, state="approved", decided_at=at.isoformat(), decided_by=who,
                           comment=comment)  # fmt: skip
        _release(settings, approved, at)
        _store(settings, approved, "approved", who, comment)
    return approved


def reject(settings: Settings, edition: str, who: str, comment: str = "") -> Edition:
    """Sends a submitted edition back; its comment and files stay. Twice is once."""
    if get(settings, edition).state == "rejected":
        return get(settings, edition)
    with _moving(settings, edition, "rejected") as found:
        rejected = replace(found, state="rejected", decided_at=_now(), decided_by=who,
                           comment=comment)  # fmt: skip
        _store(settings, rejected, "rejected", who, comment)
    return rejected


def files(settings: Settings, edition: str) -> dict[str, Path]:
    """The files of an edition by name: the released ones, else those of the draft."""
    at = folder(settings, edition)
    chosen = at / "release" if (at / "release").is_dir() else at / "files"
    return {p.name: p for p in sorted(chosen.glob("fortschreibung_*"))}


def document(settings: Settings, edition: str, lang: str) -> model.Document:
    """The document of an edition. Raises UrbandataError if a frozen one was altered."""
    path = folder(settings, edition) / f"document_{lang}.json"
    content = path.read_bytes()
    frozen = get(settings, edition).frozen.get(lang)
    if frozen and hashlib.sha256(content).hexdigest() != frozen:
        raise UrbandataError(f"{path}: altered after it was submitted; edition {edition} is void")
    return model.loads(content)


def previous(settings: Settings, edition: str, lang: str) -> compose.Previous | None:
    """What a new edition is compared with in a language: numbers are the same in all, texts not."""
    if not edition:
        return None
    found, at = get(settings, edition), folder(settings, edition)
    has_lang = lang in found.langs
    frozen = document(settings, edition, lang if has_lang else found.langs[0])
    texts = json.loads((at / f"texts_{lang}.json").read_bytes()) if has_lang else None
    return compose.Previous(found.id, found.build_id, frozen.numbers, texts)


def latest_release(settings: Settings, origin: str, lang: str) -> compose.Previous | None:
    """The newest approved edition of this origin, to compare with in a language."""
    found = _previous(settings, origin)
    return previous(settings, found.id, lang) if found else None


def _previous(settings: Settings, origin: str) -> Edition | None:
    released = [e for e in every(settings) if e.state == "approved" and e.origin == origin]
    return max(released, key=lambda e: (e.decided_at, e.id), default=None)


def _reserve(settings: Settings, read: facts.Facts) -> str:
    """The next free name for a period: ``2026-Q3-1``; making the folder takes it."""
    key = read.period.key if read.period.end else f"{read.published_at:%Y-%m-%d}"
    for number in range(1, 10_000):
        try:
            folder(settings, f"{key}-{number}").mkdir(parents=True)
        except FileExistsError:
            continue
        return f"{key}-{number}"
    raise UrbandataError(f"too many editions of {key}")


def _draw(settings: Settings, edition: Edition) -> dict[str, str]:
    """Compose and draw all languages into ``files/``; hashes of the documents by language."""
    at, hashes = folder(settings, edition.id), {}
    for lang in edition.langs:
        before = previous(settings, edition.previous, lang)
        read = facts.read(
            settings, periods.parse(edition.period), edition.build_id, edition.origin, lang
        )
        texts = Texts(settings, lang).all()
        standing = compose.Standing(edition.id, edition.state)
        made = compose.document(read, texts, standing, lang, before)
        content = model.dumps(made)
        write_atomically(at / f"document_{lang}.json", content)
        write_atomically(at / f"texts_{lang}.json", _json(texts))
        output.write(made, at / "files")
        hashes[lang] = hashlib.sha256(content).hexdigest()
    return hashes


def _release(settings: Settings, edition: Edition, at: datetime) -> None:
    """The released files, read-only, with checksums; there whole or not at all."""
    place = folder(settings, edition.id)
    partial = place / ".release.partial"
    shutil.rmtree(partial, ignore_errors=True)
    standing = compose.Standing(edition.id, "approved", at, edition.decided_by)
    for lang in edition.langs:
        frozen = document(settings, edition.id, lang)
        output.write(compose.with_standing(frozen, standing), partial)
    sums = "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n"
                   for p in sorted(partial.iterdir()))  # fmt: skip
    (partial / "SHA256SUMS").write_text(sums, encoding="utf-8")
    for path in partial.iterdir():
        path.chmod(0o444)
    shutil.rmtree(place / "release", ignore_errors=True)  # of a try that was cut off
    partial.replace(place / "release")


def _keep_build(settings: Settings, edition: Edition) -> None:
    """The build stays with the edition when serving forgets it: a second name, or a copy."""
    _, path = facts.build_path(settings, edition.build_id)
    target = folder(settings, edition.id) / path.name
    if target.exists():
        return
    try:
        os.link(path, target)
    except OSError:
        shutil.copy2(path, target)


@contextmanager
def _moving(settings: Settings, edition: str, move: str) -> Iterator[Edition]:
    """The edition, locked, if its state allows the move. Raises UrbandataError if not."""
    get(settings, edition)
    with _locked(settings, edition):
        found = get(settings, edition)
        allowed, _ = MOVES[move]
        if found.state not in allowed:
            raise UrbandataError(f"edition {edition} is {found.state}; it cannot be {move}")
        yield found


@contextmanager
def _locked(settings: Settings, edition: str) -> Iterator[None]:
    with (folder(settings, edition) / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _store(settings: Settings, edition: Edition, what: str, who: str, comment: str) -> None:
    at = folder(settings, edition.id)
    event = {"at": _now(), "who": who, "what": what, "build": edition.build_id, "comment": comment}
    with (at / "events.jsonl").open("ab") as file:
        file.write(json.dumps(event, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    write_atomically(at / "edition.json", _json(asdict(edition)))


def _load(path: Path) -> Edition:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return Edition(**{**found, "langs": tuple(found["langs"])})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
