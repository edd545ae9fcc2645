"""Files of the DWD's radar products to frames: values in mm, north first, missing as NaN."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import h5py
import numpy as np

from urbandata.errors import PayloadError
from urbandata.sources.dwd_radar.grid import (
    EXTENDED,
    NATIONAL,
    NATIONAL_WGS84,
    RADOLAN,
    Floats,
    Grid,
    Projection,
    from_projdef,
)

ETX = b"\x03"
GRIDS = {(grid.rows, grid.columns): grid for grid in (RADOLAN, EXTENDED, NATIONAL)}
ON_ELLIPSOID = 5  # format version from which the national grid lies on WGS84
HDF5 = b"\x89HDF\r\n\x1a\n"
VALUE, MISSING, NEGATIVE = 0x0FFF, 0x2000, 0x4000  # bits of a RADOLAN word
MINUTES = {"RW": 60, "SF": 1440}  # products that come as ESRI grids, which do not say it
ASCII_MM = 0.1
ASCII_NAME = re.compile(r"([A-Z]{2})_(\d{8})-(\d{4})\.asc", re.IGNORECASE)
ASCII_HEAD = ("ncols", "nrows", "xllcorner", "yllcorner", "cellsize", "nodata_value")
BINARY_HEAD = re.compile(
    rb"(?P<product>[A-Z]{2})(?P<day_clock>\d{6})\d{5}(?P<month_year>\d{4})BY\s*(?P<length>\d+)VS\s*"
    rb"(?P<version>\d+).*PR\s*E(?P<exponent>[+-]\d\d)INT\s*(?P<minutes>\d+).*?GP\s*(?P<rows>\d+)x\s*(?P<columns>\d+)"
    rb"(?:VV\s*(?P<forecast>\d+))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One grid of precipitation (mm) over the ``minutes`` before ``end`` (UTC)."""

    product: str
    end: datetime
    minutes: int
    forecast_min: int
    grid: Grid
    values: Floats


def read(name: str, content: bytes) -> Frame:
    """A frame, by its bytes. Raises PayloadError naming what is wrong with it."""
    if content.startswith(HDF5):
        return read_odim(content)
    if content[:5].lower() == b"ncols":
        return read_ascii(PurePosixPath(name).name, content)
    if BINARY_HEAD.match(content[:1000]):
        return read_binary(content)
    raise PayloadError("neither a RADOLAN composite nor an ESRI grid nor an HDF5 composite")


def read_binary(content: bytes) -> Frame:
    """RADOLAN composite: a header in letters up to ETX, then 16-bit words from the south.

    The lower 12 bits are the value in units of the header's precision, the upper 4 are flags.
    A forecast names the time it was made and how many minutes later its interval ends (VV).
    """
    head, _, body = content.partition(ETX)
    found = BINARY_HEAD.match(head)
    if found is None:
        raise PayloadError(f"RADOLAN header cannot be read: {head[:60]!r}")
    shape = (int(found["rows"]), int(found["columns"]))
    grid = _radolan_grid(shape, int(found["version"]))
    if len(content) != int(found["length"]) or len(body) != 2 * shape[0] * shape[1]:
        raise PayloadError(f"{len(content)} bytes, the header announces {int(found['length'])}")
    words = np.frombuffer(body, "<u2").reshape(shape)[::-1]
    values = (words & VALUE) * 10.0 ** int(found["exponent"])
    values = np.where(words & NEGATIVE, -values, values)
    ahead = int(found["forecast"] or 0)
    made = _header_time(found["day_clock"].decode(), found["month_year"].decode())
    return Frame(
        product=found["product"].decode(),
        end=made + timedelta(minutes=ahead),
        minutes=int(found["minutes"]),
        forecast_min=ahead,
        grid=grid,
        values=np.where(words & MISSING, np.nan, values),
    )


def _radolan_grid(shape: tuple[int, int], version: int) -> Grid:
    """Grid of a composite by its size. Raises PayloadError for one nobody knows."""
    grid = GRIDS.get(shape)
    if grid is None:
        raise PayloadError(f"RADOLAN grid of {shape[0]} x {shape[1]} cells is not known")
    return NATIONAL_WGS84 if grid is NATIONAL and version >= ON_ELLIPSOID else grid


def read_ascii(name: str, content: bytes) -> Frame:
    """ESRI grid of a RADOLAN product in tenths of a mm; product and time are in its name."""
    known = ASCII_NAME.fullmatch(name)
    product = known[1].upper() if known else ""
    if known is None or product not in MINUTES:
        raise PayloadError("an ESRI grid must be named like RW_20221018-0050.asc (RW or SF)")
    lines = content.split(b"\n", len(ASCII_HEAD))
    try:
        pairs = (line.decode("ascii").split() for line in lines[: len(ASCII_HEAD)])
        head = {key.lower(): float(value) for key, value in pairs}
        left, low, cell = head["xllcorner"], head["yllcorner"], head["cellsize"]
        rows, columns = int(head["nrows"]), int(head["ncols"])
        raw = np.array(lines[-1].split(), dtype=np.float64).reshape(rows, columns)
    except (KeyError, ValueError) as error:
        raise PayloadError(f"ESRI grid cannot be read: {error}") from error
    return Frame(
        product=product,
        end=_time(known[2] + known[3], "%Y%m%d%H%M"),
        minutes=MINUTES[product],
        forecast_min=0,
        grid=Grid(Projection(), left, low + rows * cell, cell, rows, columns),
        values=np.where(raw == head["nodata_value"], np.nan, raw * ASCII_MM),
    )


def read_odim(content: bytes) -> Frame:
    """Composite in ODIM HDF5 with sums (ACRR); values are gain times word plus offset."""
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            return _odim_frame(file)
    except (OSError, KeyError, ValueError) as error:
        raise PayloadError(f"HDF5 composite cannot be read: {error}") from error


def _odim_frame(file: h5py.File) -> Frame:
    when, what = file["dataset1/what"].attrs, file["dataset1/data1/what"].attrs
    if _text(what["quantity"]) != "ACRR":
        raise PayloadError(f"quantity {_text(what['quantity'])} is not a sum of rain (ACRR)")
    start = _time(_text(when["startdate"]) + _text(when["starttime"]), "%Y%m%d%H%M%S")
    end = _time(_text(when["enddate"]) + _text(when["endtime"]), "%Y%m%d%H%M%S")
    made = _time(
        _text(file["what"].attrs["date"]) + _text(file["what"].attrs["time"]), "%Y%m%d%H%M%S"
    )
    words = file["dataset1/data1/data"][()]
    values = words * float(what["gain"]) + float(what["offset"])
    values[words == what["undetect"]] = 0.0
    values[words == what["nodata"]] = np.nan
    return Frame(
        product=_text(when["prodname"]).partition("_")[0],
        end=end,
        minutes=_whole_minutes(end - start),
        forecast_min=_whole_minutes(end - made),
        grid=_odim_grid(file, values.shape),
        values=values,
    )


def _odim_grid(file: h5py.File, shape: tuple[int, ...]) -> Grid:
    """Grid from ``where``: the corner UL is the outer edge of the north-western cell."""
    where = file["where"].attrs
    projection = from_projdef(_text(where["projdef"]))
    rows, columns = int(where["ysize"]), int(where["xsize"])
    if shape != (rows, columns) or where["xscale"] != where["yscale"]:
        raise PayloadError(f"data of shape {shape} do not fit {rows} x {columns} square cells")
    left, top = projection.forward(float(where["UL_lat"]), float(where["UL_lon"]))
    return Grid(projection, float(left), float(top), float(where["xscale"]), rows, columns)


def _header_time(day_clock: str, month_year: str) -> datetime:
    """``DDHHMM`` and ``MMYY`` of a RADOLAN header."""
    return _time(month_year + day_clock, "%m%y%d%H%M")


def _time(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise PayloadError(f"'{text}' is not a time: {error}") from error


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _whole_minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))
