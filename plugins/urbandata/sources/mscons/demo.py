"""Deliveries of the demo city's meter operator: MSCONS files in a folder on a web server.

One interchange per local month with a message per meter, delivered on the 3rd of the next month,
and one per day for days that no month covers yet. A meter that was silent is missing from the
day; the month brings substitute values (67) for short gaps and leaves long ones out. Of a day's
delivery the last hours are provisional (201). The residential quarter and the sports park are
served, water in m³. Numbers of operators and meters are invented.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import sports_use
from urbandata.demo.calendar import local
from urbandata.demo.chance import Bools, Ints, Times, seconds
from urbandata.demo.energy import quarter_wh
from urbandata.demo.world import World

ZONE = ZoneInfo("Europe/Berlin")
SENDER, RECEIVER = "9900000000013", "9900000000020"
Texts = npt.NDArray[np.str_]
STEP = np.timedelta64(15, "m")
MONTH_DELIVERY = timedelta(days=2, hours=6)  # after the end of the month
DAY_DELIVERY = timedelta(hours=6)
LONG_GAP = 32  # quarters of an hour; for longer gaps no substitute is formed
PROVISIONAL_FROM_H = 20  # local hour of the day delivered
SILENT = 0.006  # share of the time


@dataclass(frozen=True, slots=True)
class Meter:
    """A metering point, the register that is delivered and the curve behind it."""

    point: str
    obis: str
    curve: str
    unit: str = ""


METERS = (
    Meter("99999900019", "1-1:1.29.0", "import"),
    Meter("99999900027", "1-1:2.29.0", "export"),
    Meter("DE00000001239DEMOQUARTIER00000001", "1-1:1.29.0", "load"),
    Meter("DE00000001239DEMOQUARTIER00000002", "1-1:2.29.0", "generation"),
    Meter("DE00000001239DEMOQUARTIER00000003", "1-1:1.29.0", "heat_pump"),
    Meter("DE00000001239DEMOQUARTIER00000004", "6-0:1.0.0", "heat", unit=":KWH"),
    Meter("DE00000001067DEMOSPORTPARK0000001", "1-1:1.29.0", "ostra_ice"),
    Meter("DE00000001067DEMOSPORTPARK0000002", "1-1:1.29.0", "ostra_halls"),
    Meter("DE00000001067DEMOSPORTPARK0000003", "8-0:1.0.0", "ostra_pitches", unit=":MTQ"),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file: the local days ``[first, end)`` and when it was delivered."""

    first: date
    end: date
    delivered: datetime
    is_month: bool

    @property
    def reference(self) -> str:
        """Number of the interchange: M202401 or D20240131."""
        return f"M{self.first:%Y%m}" if self.is_month else f"D{self.first:%Y%m%d}"

    @property
    def name(self) -> str:
        """Name of the file."""
        return f"MSCONS_TL_{SENDER}_{RECEIVER}_{self.delivered:%Y%m%d}_{self.reference}.txt"


def routes(world: World) -> list[Route]:
    """The listing of the folder (as nginx gives it in JSON) and the files in it."""

    def listing(_: Request) -> Response:
        return JSONResponse([_entry(d) for d in deliveries(world)])

    def file(request: Request) -> Response:
        name = request.path_params["name"]
        found = next((d for d in deliveries(world) if d.name == name), None)
        if found is None:
            return PlainTextResponse("404 Not Found", status_code=404)
        content = interchange(world, found)
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {"etag": tag, "last-modified": format_datetime(found.delivered, usegmt=True)}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/edifact", headers=headers)

    return [Route("/lastgang/", listing), Route("/lastgang/{name}", file)]


def deliveries(world: World) -> list[Delivery]:
    """Files in the folder by now: finished months, then the days after them."""
    now, found = world.now(), []
    first = world.start.date()
    while (month := _delivery(first, _next_month(first), True)).delivered <= now:
        found.append(month)
        first = month.end
    while (day := _delivery(first, first + timedelta(days=1), False)).delivered <= now:
        found.append(day)
        first = day.end
    return found


def interchange(world: World, delivery: Delivery) -> bytes:
    """The file's content: one line for months, a line per segment for days."""
    line_end = "" if delivery.is_month else "\r\n"
    times = world.steps(_midnight(delivery.first), _midnight(delivery.end), 15)
    curves = {**quarter_wh(world, times), **sports_use.meters(world, times)}
    values = []
    for meter in METERS:
        codes = _codes(world, meter, delivery, times)
        kept = codes != ""
        values.append((times[kept], curves[meter.curve][kept], codes[kept]))
    segments = [_head(delivery)]
    for number, quantities in enumerate(_quantities(values), start=1):
        segments += _message(delivery, METERS[number - 1], number, quantities)
    segments.append(f"UNZ+{len(METERS)}+{delivery.reference}'")
    text = "".join(segments).replace("'", f"'{line_end}")
    return f"UNA:+.? '{line_end}{text}".encode("latin-1")


def _codes(world: World, meter: Meter, delivery: Delivery, times: Times) -> Texts:
    """Status of each value: 220, 67 or 201, empty where nothing is delivered."""
    silent, length = _gaps(world, meter, times)
    if delivery.is_month:
        return np.where(silent, np.where(length > LONG_GAP, "", "67"), "220")
    hour = local(times).astype("datetime64[h]").astype(np.int64) % 24
    read = np.where(hour >= PROVISIONAL_FROM_H, "201", "220")
    return np.where(silent, "", read)


def _gaps(world: World, meter: Meter, times: Times) -> tuple[Bools, Ints]:
    """Where the meter was silent, and how many quarters of an hour each such gap lasts."""
    margin = 96
    around = times[0] + STEP * np.arange(-margin, times.size + margin)
    silent = world.dropped(f"meter/{meter.point}", around, SILENT)
    edge = np.flatnonzero(np.diff(silent)) + 1
    bounds = np.concatenate([[0], edge, [silent.size]])
    length = np.repeat(np.diff(bounds), np.diff(bounds))
    inner = slice(margin, margin + times.size)
    return silent[inner], length[inner]


def _quantities(values: list[tuple[Times, Ints, Texts]]) -> list[str]:
    """``QTY+220:12.345'DTM+163:202401010000?+01:303'DTM+164:…'`` for the values of each meter."""
    meter = np.repeat(np.arange(len(values)), [len(codes) for _, _, codes in values])
    times: Times = np.concatenate([t for t, _, _ in values])
    ends: Times = times + STEP
    wh: Ints = np.concatenate([e for _, e, _ in values])
    codes: Texts = np.concatenate([c for _, _, c in values])
    units = np.array([m.unit for m in METERS])[meter]
    columns = {
        "meter": pa.array(meter),
        "n": pa.array(np.arange(meter.size)),
        "code": pa.array(codes.tolist(), pa.string()),
        "kwh": pa.array(wh / 1000.0),
        "unit": pa.array(units.tolist(), pa.string()),
        "start": pa.array(_stamps(times)),
        "end": pa.array(_stamps(ends)),
    }
    with duckdb.connect() as session:
        session.register("quantities", pa.table(columns))
        found = session.execute(
            "SELECT meter, string_agg(format('QTY+{}:{:.3f}{}''DTM+163:{}:303''DTM+164:{}:303''', "
            'code, kwh, unit, "start", "end"), \'\' ORDER BY n) FROM quantities GROUP BY meter'
        ).fetchall()
    texts = dict(found)
    return [str(texts.get(number, "")) for number in range(len(values))]


def _stamps(times: Times) -> list[str]:
    """``202401010000?+01``, local time with offset; each instant is formatted once."""
    distinct, index = np.unique(times, return_inverse=True)
    clock = local(distinct)
    offset_h = (seconds(clock) - seconds(distinct)) // 3600
    texts = np.datetime_as_string(clock.astype("datetime64[m]")).tolist()
    stamps = [
        f"{t[:4]}{t[5:7]}{t[8:10]}{t[11:13]}{t[14:]}?+{h:02d}"
        for t, h in zip(texts, offset_h.tolist(), strict=True)
    ]
    return [stamps[i] for i in index.tolist()]


def _message(delivery: Delivery, meter: Meter, number: int, quantities: str) -> Iterator[str]:
    """One message for one meter."""
    reference = f"{delivery.reference}{number:02d}"
    begin, end = (_stamp(_midnight(d)) for d in (delivery.first, delivery.end))
    head = (
        f"UNH+{reference}+MSCONS:D:04B:UN:2.4c'BGM+7+{reference}+9'"
        f"DTM+137:{_stamp(delivery.delivered.astimezone(UTC))}:303'"
        f"NAD+MS+{SENDER}::293'NAD+MR+{RECEIVER}::293'UNS+D'NAD+DP'"
        f"LOC+172+{meter.point}'DTM+163:{begin}:303'DTM+164:{end}:303'"
        f"LIN+1'PIA+5+{meter.obis.replace(':', '?:')}:SRW'"
    )
    yield head
    yield quantities
    yield f"UNT+{head.count(chr(39)) + quantities.count(chr(39)) + 1}+{reference}'"


def _head(delivery: Delivery) -> str:
    at = delivery.delivered
    return f"UNB+UNOC:3+{SENDER}:500+{RECEIVER}:500+{at:%y%m%d:%H%M}+{delivery.reference}++TL'"


def _stamp(at: datetime) -> str:
    """``202401010000?+01``."""
    return f"{at:%Y%m%d%H%M}?{at:%z}"[:16]


def _delivery(first: date, end: date, is_month: bool) -> Delivery:
    delay = MONTH_DELIVERY if is_month else DAY_DELIVERY
    return Delivery(first, end, _midnight(end).astimezone(UTC) + delay, is_month)


def _entry(delivery: Delivery) -> dict[str, object]:
    mtime = format_datetime(delivery.delivered, usegmt=True)
    return {"name": delivery.name, "type": "file", "mtime": mtime}


def _midnight(day: date) -> datetime:
    """Local midnight with the offset of its season."""
    return datetime.combine(day, datetime.min.time(), tzinfo=ZONE)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
