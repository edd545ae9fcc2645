"""Takes people out of a calendar before it is stored: an allow-list, line by line.

Titles, descriptions, organisers, attendees, contacts, comments and everything nobody asked for
are left out; values that have not the shape of their property too. Of a title only an agreed word
in front ("Verein: …") survives, as a category. The result is again a calendar.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator

from urbandata.errors import PayloadError
from urbandata.reading import catalogue
from urbandata.reading.tabular import decode

UNFIT = "X-UNFIT"  # names a property whose value had not its shape and was not stored
_DATE = r"\d{8}(?:T\d{6}Z?)?"
_PERIOD = rf"{_DATE}(?:/(?:{_DATE}|P[\dWDTHMS]{{1,20}}))?"
_STAMP = re.compile(_DATE)
_STAMPS = re.compile(rf"{_PERIOD}(?:,{_PERIOD})*")
_INSTANT = re.compile(r"\d{8}T\d{6}Z")
_LENGTH = re.compile(r"[+-]?P[\dWDTHMS]{1,20}")
_RULE = re.compile(r"(?:(?:FREQ|UNTIL|COUNT|INTERVAL|WKST|BY[A-Z]+)=[A-Z0-9,+-]+(?:;|$))+")
_NUMBER = re.compile(r"\d{1,9}")
_WORD = re.compile(r"[A-Z0-9.-]{1,20}")
_ZONE = re.compile(r"[\w+./:(), -]{1,80}")
_OFFSET = re.compile(r"[+-]\d{4}(?:\d\d)?")
_PLACE = re.compile(r"[\w .&/'-]{1,60}")
_PERSONAL = re.compile(r"@|\d{5,}|\b(?:frau|herr|fam(?:ilie)?|bei|mr|mrs|ms)\b", re.IGNORECASE)

TIMES = {
    "DTSTART": _STAMP,
    "DTEND": _STAMP,
    "DURATION": _LENGTH,
    "RECURRENCE-ID": _STAMP,
    "RRULE": _RULE,
    "RDATE": _STAMPS,
    "EXDATE": _STAMPS,
    "EXRULE": _RULE,
}
_CHANGE = {
    **{n: TIMES[n] for n in ("DTSTART", "RRULE", "RDATE")},
    **dict.fromkeys(("TZOFFSETFROM", "TZOFFSETTO"), _OFFSET),
    "TZNAME": _WORD,
}
SHAPES: dict[str, dict[str, re.Pattern[str]]] = {
    "VCALENDAR": {"VERSION": _WORD, "CALSCALE": _WORD, "METHOD": _WORD},
    "VEVENT": {
        **TIMES,
        **dict.fromkeys(("DTSTAMP", "CREATED", "LAST-MODIFIED"), _STAMP),
        **dict.fromkeys(("X-BOOKING-REQUESTED", "X-BOOKING-CONFIRMED"), _INSTANT),
        "SEQUENCE": _NUMBER,
        "STATUS": re.compile("TENTATIVE|CONFIRMED|CANCELLED"),
        "TRANSP": re.compile("OPAQUE|TRANSPARENT"),
    },
    "VTODO": {},
    "VJOURNAL": {},
    "VTIMEZONE": {"TZID": _ZONE},
    "STANDARD": _CHANGE,
    "DAYLIGHT": _CHANGE,
}
PARAMETERS = {"TZID": _ZONE, "VALUE": _WORD, "RANGE": _WORD}
WORDS = {
    **dict.fromkeys(("verein", "vereine", "club", "vereinssport", "training"), "club"),
    **dict.fromkeys(("schule", "schulsport", "school"), "school"),
    **dict.fromkeys(("privat", "einzelperson", "einzel", "individual", "person"), "person"),
    **dict.fromkeys(("stadt", "city", "verwaltung"), "city"),
    **dict.fromkeys(("veranstaltung", "wettkampf", "spiel", "event"), "event"),
    **dict.fromkeys(("sperrung", "sperrzeit", "wartung", "closure", "geschlossen"), "closure"),
    **dict.fromkeys(("nachwuchs", "jugend", "kinder", "youth"), "youth"),
    **dict.fromkeys(("frauen", "mädchen", "women", "girls"), "women"),
}
_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)')
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PREFIX = re.compile(r"\s*\[?\s*([^\W\d_]{3,20})\s*(?:\]|:| - | – )")


def strip(content: bytes, resource: str, key: str) -> bytes:
    """The calendar without people; what is no calendar leaves a note that says so."""
    try:
        text = decode(_FOLD.sub(b"", content))  # a fold may lie within a character
    except PayloadError as error:
        return catalogue.unreadable(error)
    if not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        return catalogue.unreadable("no iCalendar file: it does not begin with BEGIN:VCALENDAR")
    return "".join(f"{line}\r\n" for line in _kept(unfolded(text), key)).encode()


def unfolded(text: str) -> list[str]:
    """Content lines; a line that begins with a blank continues the one before."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\n[ \t]", "", lines).split("\n")


def _kept(lines: list[str], key: str) -> Iterator[str]:
    """Allowed lines. What lies inside a component nobody reads (VALARM …) is left out."""
    inside: list[str] = []
    hidden = 0
    for raw in lines:
        name, parameters, value = _parts(raw)
        part = value.strip().upper()
        if name == "BEGIN":
            hidden += bool(hidden) or part not in SHAPES
            if not hidden:
                inside.append(part)
                yield f"BEGIN:{part}"
        elif name == "END" and hidden:
            hidden -= 1
        elif name == "END" and inside and inside[-1] == part:
            yield f"END:{inside.pop()}"
        elif inside and not hidden:
            yield from _property(inside[-1], name, parameters, value, key)


def _property(
    part: str, name: str, parameters: dict[str, str], value: str, key: str
) -> Iterator[str]:
    """One property as it may be stored, or nothing."""
    if name == "UID" and part in ("VEVENT", "VTODO", "VJOURNAL"):
        digest = hmac.new(key.encode(), value.strip().encode(), hashlib.sha256).hexdigest()
        yield f"UID:{digest[:24]}"
    elif part == "VEVENT" and name in ("CATEGORIES", "SUMMARY"):
        words = value.split(",") if name == "CATEGORIES" else _prefix(value)
        known = sorted({WORDS[w] for w in (x.strip().lower() for x in words) if w in WORDS})
        if known:
            yield f"CATEGORIES:{','.join(known)}"
    elif part == "VEVENT" and name == "LOCATION":
        place = re.split(r"[,;(\[|\\]", value.replace("\\,", ","))[0].strip()
        if _PLACE.fullmatch(place) and not _PERSONAL.search(place):
            yield f"LOCATION:{place}"
    elif shape := SHAPES[part].get(name):
        text = value.strip() if name == "TZID" else re.sub(r"\s", "", value).upper()
        if not text:
            return  # "RRULE:" and the like say nothing
        kept = {n: v for n, v in parameters.items() if n in PARAMETERS}
        unfit = any(not PARAMETERS[n].fullmatch(v) for n, v in kept.items())
        if shape.fullmatch(text) and not unfit:
            yield f"{name}{''.join(_written(n, v) for n, v in kept.items())}:{text}"
        elif name in TIMES or name == "STATUS":
            yield f"{UNFIT}:{name}"


def _prefix(title: str) -> list[str]:
    found = _PREFIX.match(title)
    return [found[1]] if found else []


def _written(name: str, value: str) -> str:
    quoted = f'"{value}"' if re.search("[,;:]", value) else value
    return f";{name}={quoted}"


def _parts(line: str) -> tuple[str, dict[str, str], str]:
    """Name, parameters and value of a content line; the name is empty if it is none."""
    found = _NAME.match(line)
    if found is None:
        return "", {}, ""
    at, parameters = found.end(), {}
    while parameter := _PARAMETER.match(line, at):
        parameters[parameter[1].upper()] = parameter[2].strip('"')
        at = parameter.end()
    if line[at : at + 1] != ":":
        return "", {}, ""
    return found[0].upper(), parameters, line[at + 1 :]
