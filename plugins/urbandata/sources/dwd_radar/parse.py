"""Radar grids to rain per district; archives (tar), gzip and bzip2 are opened first.

A record is one grid: a broken grid of an archive is a Reject, the others go on.
"""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.settings import PROJECT_ROOT
from urbandata.sources.dwd_radar.districts import cells, districts, summary
from urbandata.sources.dwd_radar.frames import Frame, read

GZIP, BZIP2 = b"\x1f\x8b", b"BZh"
TABLE = "districts"


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``districts``. A payload of one grid raises PayloadError if that is broken."""
    content = unpacked(payload.content)
    if not content:
        raise PayloadError("the file is empty")
    if not _is_tar(content):
        rows = _rows(read(payload.filename or payload.resource, content), source)
        return _parsed(list(rows), [], source)
    found: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for number, (name, member) in enumerate(_members(content), start=1):
        try:
            found += _rows(read(name, unpacked(member)), source)
        except PayloadError as error:
            rejects.append(Reject(TABLE, number, str(error), name))
    if not found and not rejects:
        raise PayloadError("the archive is empty")
    return _parsed(found, rejects, source)


def unpacked(content: bytes) -> bytes:
    """Bytes without gzip or bzip2. Raises PayloadError if they are broken or cut off."""
    try:
        if content.startswith(GZIP):
            return gzip.decompress(content)
        return bz2.decompress(content) if content.startswith(BZIP2) else content
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise PayloadError(f"the compressed file is broken: {error}") from error


def _is_tar(content: bytes) -> bool:
    return content[257:262] == b"ustar"


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file of the archive."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    yield member.name, file.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise PayloadError(f"the archive is broken: {error}") from error


def _rows(frame: Frame, source: Source) -> Iterator[dict[str, Any]]:
    """One row per district."""
    members = districts(PROJECT_ROOT / source.options["districts"])
    for number, flat in cells(frame.grid, members).items():
        yield {
            "product": frame.product,
            "district_number": number,
            "interval_end_at": frame.end,
            "interval_min": frame.minutes,
            "forecast_min": frame.forecast_min,
            **summary(frame.values, flat),
        }


def _parsed(rows: list[dict[str, Any]], rejects: list[Reject], source: Source) -> Parsed:
    numbered = [{**row, tabular.ROW: n} for n, row in enumerate(rows, start=1)]
    return Parsed({TABLE: tabular.from_rows(numbered, source.tables[TABLE])}, tuple(rejects))
