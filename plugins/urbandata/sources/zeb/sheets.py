"""Deliveries as sheets of text, whatever they are packed in: CSV, XLSX, GeoJSON, shapefile, zip.

A sheet is an Arrow table of text columns with ``_row``; what its columns mean is decided later.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import openpyxl
import pyarrow as pa
import shapefile

from urbandata.errors import BROKEN_ARCHIVE, PayloadError
from urbandata.reading import shapefiles, tabular
from urbandata.recognition import is_zip

Sheet = tuple[str, pa.Table]
MAX_UNPACKED = 1_000_000_000  # bytes; a survey of the whole city has less than a tenth
UTM_33 = re.compile(r"^PROJCS\[[^\[]*UTM[_ ]zone[_ ]33N", re.IGNORECASE)
X, Y = "geometry_x", "geometry_y"  # middle of a line, in the file's reference system


def sheets(content: bytes, name: str) -> Iterator[Sheet]:
    """Name and rows of every sheet. Raises PayloadError for bytes of another kind."""
    if not is_zip(content):
        yield name, _text(content)
        return
    members = _unpacked(content)
    if "xl/workbook.xml" in members:
        yield from _workbook(content, name)
        return
    known = 0
    for path, body in sorted(members.items()):
        suffix = PurePosixPath(path).suffix.lower()
        if suffix == ".shp":
            yield path, _shape(path, members)
        elif suffix in (".csv", ".txt", ".geojson"):
            yield path, _text(body)
        elif suffix == ".xlsx":
            yield from _workbook(body, path)
        else:
            continue
        known += 1
    if not known:
        raise PayloadError(f"no CSV, XLSX or shapefile in the archive: {', '.join(members)[:200]}")


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(info.file_size for info in archive.infolist())
            if size > MAX_UNPACKED:
                raise PayloadError(f"the archive unpacks to {size} bytes; that is no survey")
            return {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}
    except BROKEN_ARCHIVE as error:
        raise PayloadError(f"the archive cannot be unpacked: {error}") from error


def _text(content: bytes) -> pa.Table:
    """GeoJSON or delimited text; the delimiter is the one the header has most of."""
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        return _features(content)
    head = tabular.decode(content).split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    rows = tabular.csv_records(content, delimiter=delimiter)
    cut = [v is None for v in rows.column(rows.column_names.index(tabular.FAULT) - 1).to_pylist()]
    faults = rows.column(tabular.FAULT).to_pylist()
    fault = ["the line is cut off" if c else f for c, f in zip(cut, faults, strict=True)]
    place = rows.column_names.index(tabular.FAULT)
    return rows.set_column(place, tabular.FAULT, pa.array(fault, pa.string()))


def _features(content: bytes) -> pa.Table:
    """Properties of GeoJSON features; columns are those of all features."""
    try:
        features = json.loads(content.decode("utf-8-sig"))["features"]
        records = [dict((f or {}).get("properties") or {}) for f in features]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PayloadError(f"no GeoJSON feature collection: {error!r}") from error
    names = list(dict.fromkeys(str(n) for r in records for n in r))
    return _table(names, ([r.get(n) for n in names] for r in records), first=1)


def _workbook(content: bytes, name: str) -> Iterator[Sheet]:
    """Every sheet with a header in its first row; ``_row`` is the row in the sheet."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        found = [(s.title, list(s.iter_rows(values_only=True))) for s in book.worksheets]
    except Exception as error:  # openpyxl raises whatever its parts raise
        raise PayloadError(f"the workbook cannot be read: {error!r}") from error
    for title, rows in found:
        if rows:
            header = ["" if h is None else str(h).strip() for h in rows[0]]
            yield f"{name}/{title}", _table(header, rows[1:], first=2)


def _shape(path: str, members: Mapping[str, bytes]) -> pa.Table:
    """Attributes and the middle of each line of a shapefile."""
    stem = path[: -len(PurePosixPath(path).suffix)].lower()
    parts = {
        PurePosixPath(n).suffix.lower()[1:]: b
        for n, b in members.items()
        if n[: -len(PurePosixPath(n).suffix) or None].lower() == stem
    }
    if "dbf" not in parts:
        raise PayloadError(f"{path} has no .dbf beside it")
    system = parts.get("prj", b"").decode("utf-8", "replace").strip()
    if system and not UTM_33.search(system):
        raise PayloadError(f"{path}: coordinates are expected in UTM zone 33, not {system[:60]}")
    try:
        reader = shapefile.Reader(
            **{k: io.BytesIO(parts[k]) for k in ("shp", "shx", "dbf") if k in parts},
            encoding=shapefiles.encoding(parts),
            encodingErrors="replace",
        )
        names = [f[0] for f in reader.fields[1:]]
        rows = [[*r.record, *_middle(r.shape.points)] for r in reader.iterShapeRecords()]
    except Exception as error:  # pyshp raises whatever struct and its readers raise
        raise PayloadError(f"the shapefile cannot be read: {error!r}") from error
    return _table([*names, X, Y], rows, first=1)


def _middle(points: Sequence[Sequence[float]]) -> tuple[float | None, float | None]:
    """The point half way along a line."""
    if not points:
        return None, None
    pairs = list(itertools.pairwise(points))
    lengths = [((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in pairs]
    left = sum(lengths) / 2
    for (a, b), length in zip(pairs, lengths, strict=True):
        if length and left <= length:
            share = left / length
            return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
        left -= length
    return points[0][0], points[0][1]


def _table(names: Sequence[str], rows: Iterable[Sequence[Any]], first: int) -> pa.Table:
    """Cells as text; empty lines are no records but count as lines."""
    numbered = [(n, r) for n, r in enumerate(rows, start=first) if any(c is not None for c in r)]
    kept = {n: i for i, n in reversed(list(enumerate(names))) if n}  # of equal names the first
    columns = {
        name: pa.array([_cell(r[i]) if i < len(r) else None for _, r in numbered], pa.string())
        for name, i in sorted(kept.items(), key=lambda item: item[1])
    }
    faults = pa.nulls(len(numbered), pa.string())
    lines = pa.array([n for n, _ in numbered], pa.int64())
    return pa.table({**columns, tabular.FAULT: faults, tabular.ROW: lines})


def _cell(value: Any) -> str | None:
    """Text of a cell; spreadsheets keep whole numbers as floats."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(value)
