"""Booking calendars of the demo sports park: one per facility and season, and the closures.

Quirks kept: some calendars describe their time zone and some only name it, what people book by
app is in UTC, holidays are exceptions (EXDATE) of the weekly series, single cancellations and
changes are components of their own (RECURRENCE-ID), long lines are folded, titles and organisers
carry names (invented, for the connector to remove). Closures are whole days with an end that is
not included, some for the whole park; one recurs for ever.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import sports
from urbandata.demo.chance import Bools, Times
from urbandata.demo.sports import CLUB, PERSON, SCHOOL, Facility, Slots
from urbandata.demo.world import World
from urbandata.sources.ical.fetch import label

ALLOWED = "Bearer demo"
FOLD_AT = 73  # octets; a line end and a blank follow
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE"""
CLUBS = ("SG Elbaue", "SV Ostragehege", "HC Flutrinne", "TSV Weißeritz", "VfL Friedrichstadt")
PEOPLE = ("Erika Mustermann", "Max Mustermann", "Lieschen Müller", "Otto Normalverbraucher")
CATEGORIES = {SCHOOL: "Schule", CLUB: "Verein", PERSON: "Privat"}
GROUPS = ("", ",Nachwuchs", ",Frauen", "")  # of clubs, by series


def routes(world: World) -> list[Route]:
    """``/<facility>-<season>.ics`` and ``/sperrzeiten.ics``, with entity tags."""
    known = {f.id: f for f in sports.facilities()}
    seasons = {label(year): year for year in sports.seasons(world)}

    def calendar(request: Request) -> Response:
        if request.headers.get("authorization") != ALLOWED:
            return PlainTextResponse("401 Unauthorized", 401)
        name = request.path_params["name"]
        found = re.fullmatch(r"([a-z0-9]+)-(\d{4}-\d\d)", name)
        if name == "sperrzeiten":
            lines = closures(sports.facilities(), sports.seasons(world))
        elif found and found[1] in known and found[2] in seasons:
            facility = known[found[1]]
            lines = bookings(world, sports.slots(world, facility, seasons[found[2]]))
        else:
            return PlainTextResponse("404 Not Found", 404)
        content = "".join(f"{line}\r\n" for raw in lines for line in folded(raw)).encode()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return Response(content, media_type="text/calendar", headers={"etag": tag})

    return [Route("/{name}.ics", calendar)]


def bookings(world: World, slots: Slots) -> Iterator[str]:
    """A season of one facility as it stands now."""
    now = np.datetime64(world.now().replace(tzinfo=None), "s")
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Demostadt//Buchung//DE")
    if len(slots.facility.id) % 2:
        yield from ZONE.split("\n")
    known = slots.requested <= now
    for number in np.unique(slots.series[(slots.group != PERSON) & known]).tolist():
        mine = (slots.series == number) & (slots.group != PERSON)
        yield from _series(slots, mine, number, now)
    for place in np.flatnonzero((slots.group == PERSON) & known).tolist():
        yield from _person(slots, place, now)
    yield "END:VCALENDAR"


def _series(slots: Slots, mine: Bools, number: int, now: np.datetime64) -> Iterator[str]:
    """The weekly series and its exceptions known by now."""
    first = int(np.flatnonzero(mine)[0])
    uid = f"{slots.facility.id}-{slots.season}-{number}@buchung.sportpark.dresden.example"
    clock, ends = slots.clock[mine], slots.clock[mine] + np.timedelta64(sports.SLOT_MIN, "m")
    whole = np.arange(clock[0], clock[-1] + np.timedelta64(1, "s"), np.timedelta64(7, "D"))
    missing = np.union1d(np.setdiff1d(whole, clock), clock[slots.skipped[mine]])
    until = f"{_text(slots.starts[mine][-1:])[0]}Z"
    yield from _event(slots, first, uid, now, _zoned(clock[0], ends[0]), is_series=True)
    yield f"RRULE:FREQ=WEEKLY;UNTIL={until}"
    if missing.size:
        yield f"EXDATE;TZID=Europe/Berlin:{','.join(_text(missing))}"
    yield "END:VEVENT"
    cancelled = slots.cancelled & (slots.cancelled_on <= now)
    changed = slots.short & ~slots.skipped & ~slots.cancelled & (slots.answered <= now)
    for place in np.flatnonzero(mine & (cancelled | changed)).tolist():
        begin = slots.clock[place]
        minutes = sports.SLOT_MIN - (30 if slots.short[place] else 0)
        span = _zoned(begin, begin + np.timedelta64(minutes, "m"))
        yield from _event(slots, place, uid, now, span)
        yield f"RECURRENCE-ID;TZID=Europe/Berlin:{_text(begin[None])[0]}"
        yield "END:VEVENT"


def _person(slots: Slots, place: int, now: np.datetime64) -> Iterator[str]:
    """One booking of a person by app, in UTC."""
    begin = slots.starts[place]
    end = begin + np.timedelta64(sports.SLOT_MIN, "m")
    first, last = _text(np.array([begin, end]))
    uid = f"app-{slots.facility.id}-{first}@buchung.sportpark.dresden.example"
    yield from _event(slots, place, uid, now, (f"DTSTART:{first}Z", f"DTEND:{last}Z"))
    yield "END:VEVENT"


def _event(
    slots: Slots,
    place: int,
    uid: str,
    now: np.datetime64,
    span: tuple[str, str],
    is_series: bool = False,
) -> Iterator[str]:
    """The common lines of an event, without its end; a series outlives each of its slots."""
    group, number = int(slots.group[place]), int(slots.series[place])
    asked, answered = slots.requested[place], slots.answered[place]
    gone = bool(slots.cancelled[place]) and slots.cancelled_on[place] <= now and not is_series
    declined = bool(slots.declined[place]) and answered <= now
    status = "CANCELLED" if gone or declined else "CONFIRMED" if answered <= now else "TENTATIVE"
    changed = slots.cancelled_on[place] if gone else min(answered, now)
    person = PEOPLE[(number + place) % len(PEOPLE)]
    club = CLUBS[number % len(CLUBS)]
    title = {SCHOOL: "Sportunterricht", CLUB: f"Training {club}", PERSON: "Privat"}[group]
    stamps = dict(zip("acm", _text(np.array([asked, answered, changed])), strict=True))
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    yield f"DTSTAMP:{stamps['m']}Z"
    yield from span
    yield f"SUMMARY:{title}: {person}"
    yield f'ORGANIZER;CN="{person}":mailto:{person.split()[-1].lower()}@example.org'
    yield f"DESCRIPTION:Ansprechperson {person}\\, Telefon 0351 0000000\\nSchlüssel am Empfang"
    yield f"CATEGORIES:{CATEGORIES[group]}{GROUPS[number % 4] if group == CLUB else ''}"
    yield f"LOCATION:{slots.facility.name}"
    yield f"STATUS:{status}"
    yield f"CREATED:{stamps['a']}Z"
    yield f"LAST-MODIFIED:{stamps['m']}Z"
    yield f"SEQUENCE:{1 if gone or declined else 0}"
    yield f"X-BOOKING-REQUESTED:{stamps['a']}Z"
    if answered <= now and not declined:
        yield f"X-BOOKING-CONFIRMED:{stamps['c']}Z"


def closures(facilities: Iterable[Facility], seasons: list[int]) -> Iterator[str]:
    """Whole days on which facilities are shut; ends are not included."""
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Demostadt//Buchung//DE")
    yearly = (("weihnachten", "20221224", "20221227"), ("jahreswechsel", "20221231", "20230102"))
    for name, first, end in yearly:
        yield from _closure(name, "Sportpark Ostra", first, end, "RRULE:FREQ=YEARLY")
    for facility in facilities:
        for year in seasons:
            if facility.kind == "ice_track":
                name = f"sommer-{facility.id}-{year}"
                yield from _closure(name, facility.name, f"{year}0401", f"{year}1001")
            elif facility.kind == "ice_rink":
                name = f"eisaufbereitung-{facility.id}-{year}"
                yield from _closure(name, facility.name, f"{year}0601", f"{year}0801")
    yield "END:VCALENDAR"


def _closure(name: str, place: str, first: str, end: str, *more: str) -> Iterator[str]:
    yield from ("BEGIN:VEVENT", f"UID:{name}@sportpark.example", "DTSTAMP:20230601T080000Z")
    yield from (f"DTSTART;VALUE=DATE:{first}", f"DTEND;VALUE=DATE:{end}", *more)
    yield from (f"SUMMARY:Sperrung: {place}", f"LOCATION:{place}", "STATUS:CONFIRMED")
    yield from ("CATEGORIES:Sperrung", "END:VEVENT")


def folded(line: str) -> Iterator[str]:
    """A content line in pieces of at most 75 octets; never inside a character."""
    while len(line.encode()) > FOLD_AT:
        cut = FOLD_AT
        while len(line[:cut].encode()) > FOLD_AT:
            cut -= 1
        yield line[:cut]
        line = f" {line[cut:]}"
    yield line


def _zoned(begin: np.datetime64, end: np.datetime64) -> tuple[str, str]:
    first, last = _text(np.array([begin, end]))
    return f"DTSTART;TZID=Europe/Berlin:{first}", f"DTEND;TZID=Europe/Berlin:{last}"


def _text(times: Times) -> list[str]:
    """``20250901T180000``."""
    texts = np.datetime_as_string(times.astype("datetime64[s]")).tolist()
    return [t.replace("-", "").replace(":", "") for t in texts]
