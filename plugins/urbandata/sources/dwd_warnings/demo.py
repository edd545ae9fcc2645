"""The demo city's answer in the manner of the DWD's open data server.

The latest zip holds the messages of the last 48 hours and is empty when there were none; it
carries an ETag and Last-Modified and answers 304. The monthly archive does not exist at the DWD.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from lxml import etree
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo.world import World
from urbandata.sources.dwd_warnings.story import SENDER, Message, cap_time, messages

LATEST = "Z_CAP_C_EDZW_LATEST_PVW_STATUS_PREMIUMCELLS_COMMUNEUNION_DE.zip"
CAP = "urn:oasis:names:tc:emergency:cap:1.2"
MEMORY = timedelta(hours=48)
CITY = {"814612000": "Stadt Dresden"}
NEIGHBOURS = {
    "814628110": "Stadt Freital",
    "814628160": "Stadt Heidenau",
    "814628270": "Stadt Pirna",
    "814627210": "Stadt Radebeul",
}
KINDS = {  # event, code II, group, severity, headline, colour
    1: ("WINDBÖEN", "51", "WIND", "Minor", "WARNUNG vor WINDBÖEN", "255 235 59"),
    2: ("STARKREGEN", "61", "RAIN", "Moderate", "WARNUNG vor STARKREGEN", "251 140 0"),
    3: (
        *("HEFTIGER STARKREGEN", "62", "RAIN", "Severe"),
        *("UNWETTERWARNUNG vor HEFTIGEM STARKREGEN", "229 57 53"),
    ),
    4: (
        *("EXTREM HEFTIGER STARKREGEN", "66", "RAIN", "Extreme"),
        *("UNWETTERWARNUNG vor EXTREM HEFTIGEM STARKREGEN", "136 14 79"),
    ),
}
AMOUNTS = {2: "15-25", 3: "25-40", 4: "40-60"}  # l/m² in an hour
TOP_FT = "9842.5197"  # 3000 m; CAP counts in feet


def routes(world: World) -> list[Route]:
    """The latest zip and, in the demo city only, ``archive/YYYY-MM.zip``."""

    def latest(request: Request) -> Response:
        now = world.now()
        return _zip(request, messages(world, now - MEMORY, now + timedelta(seconds=1)), now)

    def archive(request: Request) -> Response:
        try:
            start = datetime.strptime(request.path_params["month"], "%Y-%m").replace(tzinfo=UTC)
        except ValueError:
            return PlainTextResponse("404 Not Found", status_code=404)
        end = (start + timedelta(days=32)).replace(day=1)
        if end <= world.start or start > world.now():
            return PlainTextResponse("404 Not Found", status_code=404)
        return _zip(request, messages(world, start, end), start)

    return [
        Route(f"/COMMUNEUNION_CELLS_STAT/{LATEST}", latest),
        Route("/archive/{month}.zip", archive),
    ]


def _zip(request: Request, found: list[Message], otherwise: datetime) -> Response:
    """The messages as a zip with validators, or 304 if the asker has it already."""
    content = _packed(found)
    changed = max((m.sent for m in found), default=otherwise)
    headers = {
        "etag": f'"{hashlib.sha256(content).hexdigest()[:20]}"',
        "last-modified": format_datetime(changed, usegmt=True),
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/zip", headers=headers)


def _packed(found: list[Message]) -> bytes:
    """Zip with one XML per message; the same messages give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for message in found:
            info = zipfile.ZipInfo(f"{message.identifier}.xml", message.sent.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, xml(message))
    return buffer.getvalue()


def xml(message: Message) -> bytes:
    """One message as CAP 1.2, in the order and wording of the DWD."""
    alert = etree.fromstring(f'<alert xmlns="{CAP}"/>')
    _add(
        alert,
        identifier=message.identifier,
        sender=SENDER,
        sent=cap_time(message.sent),
        status="Actual",
        msgType=message.kind,
        source="PVW",
        scope="Public",
        code=f"id:{message.identifier.removesuffix('.DEU')}",
    )
    if message.references:
        _add(alert, references=message.references)
    _info(etree.SubElement(alert, f"{{{CAP}}}info"), message)
    return etree.tostring(alert, encoding="UTF-8", standalone=True, pretty_print=True)


def _info(info: etree._Element, message: Message) -> None:
    event, code, group, severity, headline, colour = KINDS[message.level]
    _add(
        info,
        language="de-DE",
        category="Met",
        event=event,
        responseType="AllClear" if message.kind == "Cancel" else "Prepare",
        urgency="Immediate",
        severity=severity,
        certainty=message.certainty,
    )
    for name, value in (("II", code), ("GROUP", group), ("AREA_COLOR", colour)):
        _pair(info, "eventCode", name, value)
    _add(
        info,
        effective=cap_time(message.sent),
        onset=cap_time(message.onset),
        expires=cap_time(message.expires),
        senderName="Deutscher Wetterdienst (Demostadt)",
        headline=f"Amtliche {headline}",
        description=_description(message),
        instruction="",
    )
    if message.level in AMOUNTS:
        _pair(info, "parameter", "precipitation", f"{AMOUNTS[message.level]} [l/m² in 1h]")
    else:
        _pair(info, "parameter", "gusts", "~55 [km/h]")
    for cell, name in ({**CITY, **NEIGHBOURS} if message.in_city else NEIGHBOURS).items():
        area = etree.SubElement(info, f"{{{CAP}}}area")
        _add(area, areaDesc=name)
        _pair(area, "geocode", "WARNCELLID", cell)
        _add(area, altitude="0.0", ceiling=TOP_FT)


def _description(message: Message) -> str:
    if message.level not in AMOUNTS:
        return "Es treten Windböen mit Geschwindigkeiten um 55 km/h (15 m/s, 30 kn, Bft 7) auf."
    low, high = AMOUNTS[message.level].split("-")
    return (
        f"Es tritt {KINDS[message.level][0].lower().replace('starkregen', 'Starkregen')} auf. "
        f"Dabei werden Niederschlagsmengen zwischen {low} l/m² und {high} l/m² pro Stunde erwartet."
    )


def _pair(element: etree._Element, tag: str, name: str, value: str) -> None:
    _add(etree.SubElement(element, f"{{{CAP}}}{tag}"), valueName=name, value=value)


def _add(element: etree._Element, **texts: str) -> None:
    for tag, text in texts.items():
        etree.SubElement(element, f"{{{CAP}}}{tag}").text = text
