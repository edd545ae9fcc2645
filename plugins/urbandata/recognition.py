"""To which source a file belongs, and what a file is that belongs to none.

The ``inbox`` rules of the source.yml files look at names and bytes. Where none fits, the kind of
file is told from its bytes, so that whoever put it there learns what to do with it. Nothing of what
it says is repeated: such sentences go to logs and pages, and any word of an unknown file may be a
person's.
"""

from __future__ import annotations

import fnmatch
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree import ElementTree

from urbandata.errors import BROKEN_ARCHIVE
from urbandata.registry import InboxRule, Source

HEAD_BYTES = 65_536
SHEET_NAME = re.compile(rb'<sheet\b[^>]*\bname="([^"]*)"')
MAGIC = (  # first bytes, what the file is
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database or GeoPackage"),
    (b"\x00\x00\x27\x0a", "the geometry or index of a shapefile without its other parts"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
)
ZIP_START = b"PK\x03\x04"
SIDECARS = {".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx"}


def claims(path: Path, content: bytes, sources: Iterable[Source]) -> list[str]:
    """Names of the sources whose rules fit; those of fallbacks only if there are no others."""
    known = list(sources)
    for fallback in (False, True):
        found = [
            s.source
            for s in known
            if any(r.fallback == fallback and fits(r, path, content) for r in s.inbox)
        ]
        if found:
            return found
    return []


def fits(rule: InboxRule, path: Path, content: bytes) -> bool:
    """Whether one rule fits a file."""
    if not fnmatch.fnmatch(path.name.lower(), rule.glob.lower()):
        return False
    if rule.member is not None and not _any(rule.member, members(content)):
        return False
    if rule.sheet is not None and not _any(rule.sheet, sheet_names(content)):
        return False
    return rule.head is None or re.search(rule.head, _head(content)) is not None


def _any(pattern: str, names: Iterable[str]) -> bool:
    return any(re.search(pattern, name) for name in names)


def _head(content: bytes) -> str:
    """Beginning of a file as text; UTF-16 is what spreadsheets call Unicode."""
    head = content[:HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    return head.decode("utf-8", errors="ignore") if b"\0" not in head else head.decode("latin-1")


def is_zip(content: bytes) -> bool:
    """Whether bytes are a zip archive, also one whose end is cut off or that something precedes."""
    return content.startswith(ZIP_START) or zipfile.is_zipfile(io.BytesIO(content))


def members(content: bytes) -> list[str]:
    """Names inside a zip or tar archive; empty for anything else."""
    if is_zip(content):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return archive.namelist()
        except BROKEN_ARCHIVE:
            return []
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return archive.getnames()
    except (tarfile.TarError, EOFError, OSError, ValueError):
        return []


def sheet_names(content: bytes) -> list[str]:
    """Names of a workbook's sheets, new (.xlsx) or old (.xls); empty for anything else."""
    if content.startswith(ZIP_START):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                book = archive.read("xl/workbook.xml")
        except BROKEN_ARCHIVE:
            return []
        return [n.decode("utf-8", "replace") for n in SHEET_NAME.findall(book)]
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        import xlrd

        try:
            names = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), on_demand=True)
        except Exception:  # xlrd lets all kinds escape from a broken file
            return []
        return [str(n) for n in names.sheet_names()]
    return []


def described(path: Path, content: bytes) -> str:
    """What a file is, in a few plain words: its kind and how much it holds, no word of it."""
    suffix = path.suffix.lower()
    if not content.strip():
        return "an empty file"
    if suffix in SIDECARS:
        return f"a part of a shapefile ({suffix}); put .shp, .dbf and .prj side by side"
    return _described_bytes(content) or _described_text(path, content)


def _described_bytes(content: bytes) -> str | None:
    """What the first bytes or the table of contents say; None for a text."""
    if sheets := sheet_names(content):
        return f"a workbook with {_count(len(sheets), 'sheet')}"
    for magic, kind in MAGIC:
        if content.startswith(magic):
            return kind
    if inside := members(content):
        return f"an archive with {_count(len(inside), 'member')}"
    is_text = b"\0" not in content[:HEAD_BYTES] or content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return None if is_text else "a binary file of unknown kind"


def _described_text(path: Path, content: bytes) -> str:
    head = _head(content).lstrip("\ufeff \r\n\t")
    tests: tuple[tuple[str, Callable[[bytes, str], str]], ...] = (
        ("{", _json),
        ("[", _json),
        ("<", _markup),
        ("BEGIN:VCALENDAR", lambda *_: "an iCalendar file"),
    )
    for start, describe in tests:
        if head.startswith(start):
            return describe(content, head)
    lines = head.split("\n")
    first = lines[0].strip()
    delimiter = max(";,\t|", key=first.count)
    columns = first.count(delimiter) + 1
    if columns > 1 and len(lines) > 1 and delimiter in lines[1] and path.suffix != ".md":
        return f"a table with {columns} columns"
    count = content.count(b"\n") + (not content.endswith(b"\n"))
    return f"a text of {_count(count, 'line')}"


def _json(content: bytes, head: str) -> str:
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return "broken or incomplete JSON"
    if isinstance(value, dict) and value.get("type") == "FeatureCollection":
        return "GeoJSON features"
    if isinstance(value, list):
        return f"a JSON list with {_count(len(value), 'element')}"
    return f"a JSON object with {_count(len(value), 'key')}"


def _markup(content: bytes, head: str) -> str:
    if re.match(r"(?is)<!doctype html|<html", head):
        return "a web page"
    try:
        for _ in ElementTree.iterparse(io.BytesIO(content), events=("start",)):  # noqa: S314 - only whether there is a root
            return "an XML document"
    except (ElementTree.ParseError, LookupError, ValueError):
        pass
    return "a text that begins like XML"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
