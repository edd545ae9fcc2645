"""The storage integration of a LoRaWAN server for the demo sports park: one counter per facility.

Quirks kept: nanoseconds, values of 0 are left out, a body of one JSON object per line that is
called an event stream, repeated frames that arrive again a second later, frames that arrive after
younger ones, lost frames and silent hours, a new session with frame counters from 0 every 97
days. Half of the counters report people since the last uplink, the others totals.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import duckdb
import numpy as np
import pyarrow as pa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo import mobility, sports
from urbandata.demo.chance import Ints, Times, key_number, uniform
from urbandata.demo.sports import Facility
from urbandata.demo.sports_use import QUARTER, passages
from urbandata.demo.world import World

APPLICATION = "sportpark-ostra"
EPOCH = np.datetime64("2023-06-28T00:00", "m")
SESSION = 97 * 96  # quarters of an hour until a device joins anew
TOTALS = frozenset({"pitch", "stadium", "beach", "ice_track"})  # kinds whose counters give totals
LOST, AGAIN, LATE = 0.01, 0.02, 0.004  # shares of frames
LATE_S = 2_700
HIGHEST = 50_000  # uplinks per answer
CHUNK = np.timedelta64(8 * 24, "h")
SQL = """
SELECT '{"result":{"end_device_ids":{"device_id":"' || device || '","application_ids":'
    || '{"application_id":"sportpark-ostra"},"dev_eui":"' || eui || '"},"received_at":"' || received
    || '","uplink_message":{"session_key_id":"' || key || '","f_port":1,'
    || CASE WHEN frame > 0 THEN '"f_cnt":' || frame || ',' ELSE '' END
    || '"decoded_payload":' || counts || ',"rx_metadata":[{"gateway_ids":{"gateway_id":'
    || '"gw-ostra-1"},"rssi":' || rssi || ',"snr":' || snr || '}],"settings":{"data_rate":{"lora":'
    || '{"bandwidth":125000,"spreading_factor":' || factor || '}}},"consumed_airtime":"0.061s"}}}'
FROM uplinks ORDER BY "at", device
"""


def routes(world: World) -> list[Route]:
    """``/api/v3/as/applications/<application>/packages/storage/uplink_message``."""

    def stored(request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer demo":
            return _error(401, 16, "error:pkg/auth:unauthenticated (no or invalid API key)")
        if request.path_params["application"] != APPLICATION:
            return _error(404, 5, "error:pkg/identityserver/store:not_found (application)")
        if request.headers.get("accept") != "text/event-stream":
            return _error(415, 3, "send Accept: text/event-stream")
        wanted = request.query_params
        try:
            after, before = (_instant(wanted[name]) for name in ("after", "before"))
            limit = min(int(wanted.get("limit", HIGHEST)), HIGHEST)
        except (KeyError, ValueError) as error:
            return _error(400, 3, f"error:pkg/errors:invalid_argument ({error})")
        lines = page(world, after, before, limit)
        body = "".join(f"{line}\n" for line in lines)
        return Response(body, media_type="text/event-stream")

    path = "/api/v3/as/applications/{application}/packages/storage/uplink_message"
    return [Route(path, stored)]


def page(world: World, after: np.datetime64, before: np.datetime64, limit: int) -> list[str]:
    """At most ``limit`` uplinks received after one instant and before another, oldest first."""
    end: np.datetime64 = min(before, mobility.now64(world).astype("datetime64[ns]"))
    lines: list[str] = []
    begin = max(after + np.timedelta64(1, "ns"), EPOCH.astype("datetime64[ns]"))
    while begin < end and len(lines) < limit:
        until = min(begin + CHUNK, end)
        lines += _lines(world, begin, until)
        begin = until
    return lines[:limit]


def _lines(world: World, begin: np.datetime64, end: np.datetime64) -> list[str]:
    """Uplinks of all devices received in ``[begin, end)``."""
    parts = [_uplinks(world, f, begin, end) for f in sports.facilities()]
    with duckdb.connect() as session:
        session.register("uplinks", pa.concat_tables(parts))
        return [line for (line,) in session.execute(SQL).fetchall()]


def _uplinks(
    world: World, facility: Facility, begin: np.datetime64, end: np.datetime64
) -> pa.Table:
    """Uplinks of one device: number of the quarter of an hour, when received, what it says."""
    device = f"pc-{facility.id}"
    first = (begin - EPOCH) // QUARTER - 4
    numbers: Ints = np.arange(max(int(first), 0), int((end - EPOCH) // QUARTER) + 1)
    starts: Times = EPOCH + numbers * QUARTER
    key = key_number(world.seed, "lorawan", device)
    lost = (uniform(key ^ 1, numbers) < LOST) | world.dropped(f"lorawan/{device}", starts, 0.01)
    again = uniform(key ^ 2, numbers) < AGAIN
    late = uniform(key ^ 3, numbers) < LATE
    # the device's own phase, and a little jitter of the air
    phase_ns = int(uniform(key ^ 4, np.array([0]))[0] * 400e9) + (
        uniform(key ^ 5, numbers) * 3e9
    ).astype(np.int64)
    sent = (starts + QUARTER).astype("datetime64[ns]") + phase_ns.astype("timedelta64[ns]")
    received = sent + np.where(late, LATE_S, 0).astype("timedelta64[s]")
    number = np.concatenate([numbers[~lost], numbers[~lost & again]])
    at = np.concatenate([received[~lost], received[~lost & again] + np.timedelta64(1_203, "ms")])
    inside = (at >= begin) & (at < end)
    number, at = number[inside], at[inside]
    strength = uniform(key ^ 6, number)
    return pa.table(
        {
            "device": pa.array([device] * number.size, pa.string()),
            "eui": pa.array([f"70B3D5{key % 16**10:010X}"] * number.size, pa.string()),
            "key": pa.array([f"AX{facility.id}{n:03d}==" for n in (number // SESSION).tolist()]),
            "at": pa.array(at.astype(np.int64)),
            "received": pa.array([f"{t}Z" for t in np.datetime_as_string(at, unit="ns").tolist()]),
            "frame": pa.array(number % SESSION),
            "counts": pa.array(_counts(world, facility, number), pa.string()),
            "rssi": pa.array(np.round(-60 - 55 * strength).astype(np.int64)),
            "snr": pa.array(np.round(11 - 15 * strength, 1)),
            "factor": pa.array(np.where(strength > 0.7, 9, 7)),  # noqa: PLR2004
        }
    )


def _counts(world: World, facility: Facility, numbers: Ints) -> Iterator[str]:
    """Decoded payloads: totals since the device joined, or people since the last uplink."""
    if facility.kind in TOTALS:
        came, went = _totals(world, facility, numbers)
        pairs = zip(came.tolist(), went.tolist(), strict=True)
        return (f'{{"count_in":{i},"count_out":{o},"battery_voltage":3.6}}' for i, o in pairs)
    came, went = passages(world, facility, EPOCH + numbers * QUARTER)
    pairs = zip(came.tolist(), went.tolist(), strict=True)
    return (f'{{"ltr":{i},"rtl":{o}}}' for i, o in pairs)


def _totals(world: World, facility: Facility, numbers: Ints) -> tuple[Ints, Ints]:
    came, went = np.zeros(numbers.size, np.int64), np.zeros(numbers.size, np.int64)
    for session in np.unique(numbers // SESSION).tolist():
        mine = numbers // SESSION == session
        entering, leaving = _session(world.seed, facility, session, len(sports.seasons(world)))
        came[mine] = entering[numbers[mine] % SESSION]
        went[mine] = leaving[numbers[mine] % SESSION]
    return came, went


@lru_cache(maxsize=64)
def _session(seed: int, facility: Facility, session: int, _seasons: int) -> tuple[Ints, Ints]:
    """Totals in each quarter of an hour of a device's session."""
    starts = EPOCH + (np.arange(SESSION) + session * SESSION) * QUARTER
    came, went = passages(World(seed), facility, starts)
    return np.cumsum(came), np.cumsum(went)


def _instant(text: str) -> np.datetime64:
    """An RFC 3339 instant in UTC to the nanosecond. Raises ValueError."""
    if not text.endswith("Z"):
        raise ValueError(f"{text!r} is not in UTC")
    return np.datetime64(text[:-1], "ns")


def _error(status: int, code: int, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "details": []}, status)
