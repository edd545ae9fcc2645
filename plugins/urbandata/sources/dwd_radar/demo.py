"""The demo city's radar: binary RADOLAN RW composites, gzipped, one per hour at minute 50.

A full grid of 900 x 900 words as the DWD writes it, but only one radar near Dresden: rain is
computed for the cells around the city, the rest of its circle is dry and beyond is no data.
"""

from __future__ import annotations

import gzip
import re
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import numpy.typing as npt
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo.storms import LAT, LON
from urbandata.demo.world import World
from urbandata.sources.dwd_radar.grid import RADOLAN

Words = npt.NDArray[np.uint16]

NAME = re.compile(r"raa01-rw_10000-(\d{10})-dwd---bin\.gz")
NO_DATA = 0x29C4  # 2500 with the flag for missing
RANGE_CELLS, RAIN_CELLS = 150, 40
MINUTE, DELAY = 50, timedelta(minutes=10)


def routes(world: World) -> list[Route]:
    """One route: a frame by its file name, 404 before it is out and before the city began."""

    def frame(request: Request) -> Response:
        end = frame_time(request.path_params["file"])
        if end is None or not world.start <= end <= world.now() - DELAY:
            return Response("Not Found", status_code=404)
        version = f"{world.seed}/rw/{end:%Y%m%d%H%M}"
        headers = {
            "ETag": f'"{zlib.crc32(version.encode()):08x}"',
            "Last-Modified": format_datetime(end + DELAY, usegmt=True),
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        body = gzip.compress(composite(world, end), compresslevel=1, mtime=0)
        return Response(body, media_type="application/octet-stream", headers=headers)

    return [Route("/{file}", frame)]


def frame_time(name: str) -> datetime | None:
    """End of the frame a file name stands for; None if there is no such frame."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    try:
        end = datetime.strptime(found[1], "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return end if end.minute == MINUTE else None


def composite(world: World, end: datetime) -> bytes:
    """Header, ETX and words from the south, little endian, in tenths of a mm."""
    words = _words(world, end)[::-1].astype("<u2").tobytes()
    head = f"RW{end:%d%H%M}10000{end:%m%y}BY{{:7d}}VS 3SW   2.29.1PR E-01INT  60GP 900x 900"
    radars = "<drs>"
    head += f"MF 00000001MS{len(radars) + 1:3d}{radars} "
    length = len(head.format(0)) + 1 + len(words)
    return head.format(length).encode("ascii") + b"\x03" + words


def _words(world: World, end: datetime) -> Words:
    row, column = (int(p) for p in RADOLAN.place(LAT, LON))
    distance = np.hypot(
        np.arange(RADOLAN.rows)[:, None] - row, np.arange(RADOLAN.columns)[None, :] - column
    )
    words = np.where(distance <= RANGE_CELLS, 0, NO_DATA).astype(np.uint16)
    block = np.s_[row - RAIN_CELLS : row + RAIN_CELLS + 1]
    side = np.s_[column - RAIN_CELLS : column + RAIN_CELLS + 1]
    rain = world.rain_field(end, *RADOLAN.centres(block, side), minutes=60)
    words[block, side] = np.rint(rain * 10.0)
    return words
