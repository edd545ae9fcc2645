"""What editors write: one Markdown file per subject and a history that only grows.

The texts live beside the builds, never in them, so a rebuild cannot touch them. A line of the
history is appended and synced first, then the file is replaced: a crash leaves the old text or the
new one, never half of one. Who saves on top of a version that is no longer the newest gets a
ConflictError; the text is kept in the history all the same, and the person merges.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from urbandata.errors import UrbandataError
from urbandata.settings import Settings
from urbandata.storage import write_atomically

_SUBJECT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,80}$")
BY_HAND = "Datei"  # author of what somebody changed in the file itself


@dataclass(frozen=True, slots=True)
class Version:
    """One saved text; ``kind`` is ``save | import | file | conflict`` (never current)."""

    subject: str
    number: int
    text: str
    author: str
    at: str
    base: int
    kind: str


class ConflictError(UrbandataError):
    """Somebody else saved in between; both texts are kept."""

    def __init__(self, mine: Version, theirs: Version) -> None:
        super().__init__(
            f"'{mine.subject}' was changed by {theirs.author} in the meantime (version "
            f"{theirs.number}); your text is kept as version {mine.number}: merge both and save"
        )
        self.mine = mine
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has typed and not saved yet."""

    text: str
    base: int
    at: str


class Texts:
    """The editors' texts in one language."""

    def __init__(self, settings: Settings, lang: str = "de") -> None:
        self.folder = settings.data_dir / "texts" / lang

    def subjects(self) -> list[str]:
        """Subjects somebody has written about."""
        return sorted(p.stem for p in (self.folder / "history").glob("*.jsonl"))

    def all(self) -> dict[str, str]:
        """The current text of every subject."""
        with self._locked():
            found = {p.stem for p in self.folder.glob("*.md")} | set(self.subjects())
            current = {s: self._settle(s) for s in sorted(found) if _SUBJECT.match(s)}
        return {s: v.text for s, v in current.items() if v is not None and v.text.strip()}

    def current(self, subject: str) -> Version | None:
        """The newest version, None before the first."""
        self._check(subject)
        with self._locked():
            return self._settle(subject)

    def history(self, subject: str) -> list[Version]:
        """All versions, oldest first, those in conflict included."""
        self._check(subject)
        try:
            lines = (self.folder / "history" / f"{subject}.jsonl").read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        return [v for v in map(_version, lines) if v is not None]

    def save(self, subject: str, text: str, author: str, base: int, kind: str = "save") -> Version:
        """A new version on top of ``base``. Raises ConflictError if ``base`` is not the newest."""
        self._check(subject)
        text = _plain(text)
        with self._locked():
            newest = self._settle(subject)
            at = newest.number if newest else 0
            if newest is not None and newest.text == text:
                return newest
            if base != at:
                mine = self._append(subject, text, author, base, "conflict")
                raise ConflictError(mine, newest or mine)
            saved = self._append(subject, text, author, base, kind)
            write_atomically(self._file(subject), text.encode())
        return saved

    def autosave(self, subject: str, text: str, author: str, base: int) -> None:
        """Keeps what is typed, for this author alone; a version comes with ``save``."""
        self._check(subject)
        draft = Draft(_plain(text), base, _now())
        write_atomically(self._draft(subject, author), json.dumps(asdict(draft)).encode())

    def draft(self, subject: str, author: str) -> Draft | None:
        """What this author has typed and not saved."""
        self._check(subject)
        try:
            return Draft(**json.loads(self._draft(subject, author).read_bytes()))
        except FileNotFoundError:
            return None

    def discard(self, subject: str, author: str) -> None:
        """Forget the draft: it is saved, or not wanted."""
        self._check(subject)
        self._draft(subject, author).unlink(missing_ok=True)

    def export(self, folder: Path) -> list[Path]:
        """The current texts as plain Markdown files."""
        written = []
        for subject, text in self.all().items():
            path = folder / f"{subject}.md"
            write_atomically(path, text.encode())
            written.append(path)
        return written

    def take_in(self, folder: Path, author: str) -> list[Version]:
        """Markdown files as new versions. Raises UrbandataError naming a file it cannot take."""
        found = []
        for path in sorted(folder.glob("*.md")):
            if not _SUBJECT.match(path.stem):
                raise UrbandataError(f"{path}: '{path.stem}' is no subject of the strategy update")
            try:
                text = path.read_text(encoding="utf-8-sig")
            except UnicodeDecodeError as error:
                raise UrbandataError(f"{path}: not UTF-8 ({error.reason})") from error
            newest = self.current(path.stem)
            number = newest.number if newest else 0
            found.append(self.save(path.stem, text, author, number, "import"))
        return found

    def _settle(self, subject: str) -> Version | None:
        """The newest version; the file is mended after a crash, taken in if changed by hand."""
        versions = [v for v in self.history(subject) if v.kind != "conflict"]
        newest = versions[-1] if versions else None
        try:
            on_disk = _plain(self._file(subject).read_text(encoding="utf-8"))
        except FileNotFoundError:
            on_disk = None
        if on_disk is None or any(on_disk == v.text for v in versions):
            if newest is not None and on_disk != newest.text:
                write_atomically(self._file(subject), newest.text.encode())
            return newest
        number = newest.number if newest else 0
        return self._append(subject, on_disk, BY_HAND, number, "file")

    def _append(self, subject: str, text: str, author: str, base: int, kind: str) -> Version:
        number = max((v.number for v in self.history(subject)), default=0) + 1
        version = Version(subject, number, text, author, _now(), base, kind)
        path = self.folder / "history" / f"{subject}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            torn = file.tell() > 0 and not _ends_line(path)
            line = json.dumps(asdict(version), ensure_ascii=False).encode() + b"\n"
            file.write(b"\n" * torn + line)
            file.flush()
            os.fsync(file.fileno())
        return version

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time; the system frees the lock when a process dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _file(self, subject: str) -> Path:
        return self.folder / f"{subject}.md"

    def _draft(self, subject: str, author: str) -> Path:
        slug = author.encode().hex()
        return self.folder / "drafts" / subject / f"{slug}.json"

    def _check(self, subject: str) -> None:
        if not _SUBJECT.match(subject):
            raise UrbandataError(f"'{subject}' is no subject of the strategy update")


def _version(line: bytes) -> Version | None:
    """A line of the history; a torn one was never confirmed to anybody."""
    try:
        return Version(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _plain(text: str) -> str:
    """Line ends as on this system, one at the end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return f"{lines}\n" if lines else ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
