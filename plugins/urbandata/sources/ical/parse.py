"""Calendars to one row per occurrence. Series are expanded up to a horizon after the fetch.

Rows are numbered occurrence by occurrence; what cannot be read (a broken component, an unknown
time zone, a rule that bookings do not have, tasks) is turned away by name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
from icalendar.error import IncompleteComponent, InvalidCalendar
from icalendar.timezone import tzp

from urbandata.contract import Parsed, Payload, Reject
from urbandata.errors import PayloadError
from urbandata.reading import catalogue, tabular
from urbandata.registry import Source
from urbandata.sources.ical import series
from urbandata.sources.ical.cleaning import UNFIT, unfolded
from urbandata.sources.ical.series import Component

# what icalendar and dateutil raise for broken values; their messages name the value
BROKEN = (
    *(ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError),
    *(ArithmeticError, InvalidCalendar, IncompleteComponent, series.SeriesError),
)
NO_BOOKING = {"VTODO": "a task, no booking", "VJOURNAL": "a journal entry, no booking"}
Row = dict[str, Any]
_Refusal = tuple[str, str]  # why, and what it was


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``bookings``. Raises PayloadError for anything but whole calendars."""
    until = payload.fetched_at + timedelta(days=source.options["horizon_days"])
    calendar = payload.filename or payload.resource
    rows: list[Row] = []
    rejects: list[Reject] = []
    for number, found in enumerate(_records(components(payload.content), until), start=1):
        if isinstance(found, dict):
            rows.append({**found, "calendar": calendar, tabular.ROW: number})
        else:
            reason, record = found
            rejects.append(Reject("bookings", number, reason, record))
    table = tabular.from_rows(rows, source.tables["bookings"])
    return Parsed({"bookings": table}, tuple(rejects))


def components(content: bytes) -> list[Component]:
    """Events, tasks and journal entries in the order of the file. Raises PayloadError."""
    catalogue.assert_readable(content)
    text = tabular.decode(content).strip()
    if not text.upper().startswith("BEGIN:VCALENDAR"):
        raise PayloadError("no iCalendar file: it does not begin with BEGIN:VCALENDAR")
    lines = [line.strip().upper() for line in unfolded(text)]
    begun, ended = (sum(x.startswith(w) for x in lines) for w in ("BEGIN:", "END:"))
    if begun != ended or lines[-1] != "END:VCALENDAR":
        raise PayloadError(f"the calendar is cut off: {begun} parts begin, {ended} end")
    # The library remembers described zones for ever; a calendar must not lean on one read before.
    tzp.use_default()
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
    except BROKEN as error:
        raise PayloadError(f"the calendar cannot be read: {_words(error)}") from error
    wanted = {"VEVENT", *NO_BOOKING}
    events = [c for calendar in calendars for c in calendar.walk() if c.name in wanted]
    for event in events:
        if "UID" not in event:  # it cannot be followed over changes, but it is a booking
            said = "|".join(_raw(event, n) for n in ("DTSTART", "DTEND", "RRULE", "LOCATION"))
            event["UID"] = f"none-{hashlib.sha256(said.encode()).hexdigest()[:18]}"
    return events


def _records(found: Iterable[Component], until: datetime) -> Iterator[Row | _Refusal]:
    """Rows and refusals; the components of a series stand together."""
    groups: dict[str, list[Component]] = {}
    for number, component in enumerate(found):
        reason = _reason(component)
        if reason:
            yield reason, _shown(component)
        elif series.recurs(component):
            groups.setdefault(str(component["UID"]), []).append(component)
        else:
            groups[f"{component['UID']}\0{number}"] = [component]
    serial = {uid for uid, events in groups.items() if "\0" not in uid}
    for uid, events in groups.items():
        master = uid.partition("\0")[0]
        if uid in serial:
            yield from _series(events, until)
        else:
            yield from _single(events[0], is_moved_series=master in serial)


def _single(event: Component, is_moved_series: bool) -> Iterator[Row | _Refusal]:
    if is_moved_series:
        yield "the UID is that of a series, but the event says not which occurrence", _shown(event)
        return
    try:
        yield {**_span(event), **_facts(event), "is_series": False}
    except BROKEN as error:
        yield _words(error), _shown(event)


def _series(events: list[Component], until: datetime) -> Iterator[Row | _Refusal]:
    """Occurrences of one series, or one refusal per component."""
    facts = [{**_facts(e), "is_series": True} for e in events]
    try:
        rows = [{**_span(o), **facts[o[series.PLACE]]} for o in series.occurrences(events, until)]
    except BROKEN as error:
        yield from ((_words(error), _shown(e)) for e in events)
        return
    yield from rows


def _reason(component: Component) -> str:
    """Why a component can be no booking; empty if it can."""
    if component.name in NO_BOOKING:
        return NO_BOOKING[component.name]
    if UNFIT not in component and "DTSTART" not in component:
        return "the event has no DTSTART"
    if UNFIT in component:
        return f"{_text(component, UNFIT)}: the value had not its shape and was not stored"
    if "EXRULE" in component:
        return "the series has an EXRULE, which no longer exists in the standard"
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        value = component.get(name)
        zone = getattr(value, "params", {}).get("TZID")
        if zone and not _has_zone(value):
            return f"{name}: the time zone {str(zone)[:80]!r} is neither known nor described"
    return ""


def _has_zone(value: Any) -> bool:
    """Whether a time has its zone; one that cannot be read is named where it is used."""
    try:
        return getattr(getattr(value, "dt", None), "tzinfo", 0) is not None
    except BROKEN:
        return True


def _span(event: Component) -> Row:
    """When one occurrence takes place. Raises one of BROKEN."""
    start, end = event.start, event.end
    if end < start:
        raise ValueError("it ends before it begins")
    whole = not isinstance(start, datetime)
    zone = event["DTSTART"].params.get("TZID") if not whole else None
    if isinstance(start, datetime) and start.tzinfo is not None:
        zone = str(zone or start.tzname())
    return {
        "occurrence": _occurrence(event),
        "starts_local": _clock(start),
        "ends_local": _clock(end),
        "zone": zone,
        "starts_at": _instant(start),
        "ends_at": _instant(end),
        "is_all_day": whole,
    }


def _facts(event: Component) -> Row:
    """What a component says about all its occurrences."""
    return {
        "uid": str(event["UID"]),
        "is_changed": "RECURRENCE-ID" in event,
        "status": _text(event, "STATUS"),
        "categories": _categories(event),
        "location": _text(event, "LOCATION"),
        "is_transparent": _text(event, "TRANSP") == "TRANSPARENT",
        "sequence": _number(event, "SEQUENCE"),
        "created_at": _stamp(event, "CREATED"),
        "modified_at": _stamp(event, "LAST-MODIFIED"),
        "stamped_at": _stamp(event, "DTSTAMP"),
        "requested_at": _stamp(event, "X-BOOKING-REQUESTED"),
        "confirmed_at": _stamp(event, "X-BOOKING-CONFIRMED"),
    }


def _occurrence(event: Component) -> str:
    """Start by rule as written: ``20250804T143000`` or ``20250804``."""
    moment = event.get("RECURRENCE-ID", event["DTSTART"]).dt
    return f"{moment:%Y%m%dT%H%M%S}" if isinstance(moment, datetime) else f"{moment:%Y%m%d}"


def _clock(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - a clock reading


def _instant(moment: date | datetime) -> datetime | None:
    zoned = isinstance(moment, datetime) and moment.tzinfo is not None
    return moment.astimezone(UTC) if zoned and isinstance(moment, datetime) else None


def _stamp(event: Component, name: str) -> datetime | None:
    """An instant in UTC; null where it is missing, broken or without a zone."""
    text = re.fullmatch(r"(\d{8}T\d{6})Z", _raw(event, name))
    try:
        return datetime.fromisoformat(f"{text[1]}Z") if text else None
    except ValueError:
        return None


def _categories(event: Component) -> str | None:
    """Words of all CATEGORIES lines, sorted."""
    found = event.get("CATEGORIES", [])
    lines = found if isinstance(found, list) else [found]
    words = {str(w) for line in lines for w in getattr(line, "cats", ())}
    return ",".join(sorted(words)) or None


def _text(event: Component, name: str) -> str | None:
    return _raw(event, name) or None


def _number(event: Component, name: str) -> int | None:
    text = _raw(event, name)
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def _raw(event: Component, name: str) -> str:
    """A property as text; the first one where a calendar repeats it."""
    value = event.get(name)
    value = value[0] if isinstance(value, list) and value else value
    if value is None:
        return ""
    text = value.to_ical() if hasattr(value, "to_ical") else str(value)
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _shown(component: Component) -> str:
    pairs = ((n, _raw(component, n)) for n in ("UID", "DTSTART", "RECURRENCE-ID", "RRULE"))
    return ", ".join(f"{n}={v}" for n, v in pairs if v)[:300]


def _words(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200] or type(error).__name__
