"""Excel files as grids of cells, old (.xls) and new (.xlsx)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from urbandata.errors import PayloadError

NEW, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_UNPACKED = 200_000_000  # bytes; no workbook of load profiles is larger

Grid = list[list[Any]]


def sheets(content: bytes) -> dict[str, Grid] | None:
    """Cells of every sheet by its name, or None if the bytes are no workbook.

    Cells are text, numbers, datetimes, times of day or None. Raises PayloadError if the file is
    broken.
    """
    read: Callable[[bytes], Iterator[tuple[str, Grid]]]
    if content.startswith(NEW):
        read = _new
    elif content.startswith(OLD):
        read = _old
    else:
        return None
    try:
        return dict(read(content))
    except PayloadError:
        raise
    except Exception as error:  # the readers let all kinds escape from a broken file
        raise PayloadError(f"the workbook is broken: {type(error).__name__}: {error}") from error


def _new(content: bytes) -> Iterator[tuple[str, Grid]]:
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > MAX_UNPACKED:
        raise PayloadError(f"the workbook unpacks to {size} bytes, more than {MAX_UNPACKED}")
    # data_only: the value a formula had when the file was saved
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for sheet in book.worksheets:
        yield sheet.title, [list(row) for row in sheet.iter_rows(values_only=True)]


def _old(content: bytes) -> Iterator[tuple[str, Grid]]:
    import xlrd

    book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO())
    for sheet in book.sheets():
        cells = ([_cell(c, book.datemode, xlrd) for c in row] for row in sheet.get_rows())
        yield sheet.name, list(cells)


def _cell(cell: Any, datemode: int, xlrd: Any) -> Any:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
        return None
    if cell.ctype == xlrd.XL_CELL_DATE and cell.value < 1:
        return (datetime.combine(date.min, time()) + timedelta(days=cell.value)).time()
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, datemode)
    return None if cell.value == "" else cell.value


def as_text(cell: Any) -> str:
    """A cell as a German CSV file would write it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):  # fractions of a day: 00:14:59.999 is 00:15
        return (cell + timedelta(seconds=30)).strftime("%d.%m.%Y %H:%M")
    if isinstance(cell, time):
        rounded = datetime.combine(date.min, cell) + timedelta(seconds=30)
        return f"{rounded:%H:%M}" if rounded.day == 1 else "24:00"
    if isinstance(cell, float):
        return f"{cell!r}".replace(".", ",")
    return " ".join(str(cell).replace(";", ",").replace('"', "").split())
