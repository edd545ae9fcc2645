"""Recurring bookings to single occurrences, with limits that keep hostile rules harmless."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

Component: TypeAlias = Any  # of icalendar, whose values are a union of thirty types
OLDEST = 1900
MOST = 20_000  # occurrences of one series: 50 years of days
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
PLACE = "X-PLACE"  # marks which component of the series an occurrence was made from
TIMING = (
    *("UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"),
    "RECURRENCE-ID",
)
TOO_FINE = ("BYSECOND", "BYMINUTE", "BYHOUR")


class SeriesError(Exception):
    """A series that cannot be expanded; the message says why."""


def occurrences(events: Sequence[Component], until: datetime) -> list[Component]:
    """All occurrences of one UID that begin before ``until``, in order.

    ``PLACE`` of an occurrence is the place in ``events`` of the component it was made from.
    Raises SeriesError for rules that bookings do not have, and whatever icalendar raises for
    broken ones.
    """
    first = min(_instant(e["DTSTART"].dt) for e in events)
    if first.year < OLDEST:
        raise SeriesError(f"the series begins in the year {first.year}")
    for event in events:
        for rule in rules(event):
            _check(rule)
            _assert_matching(rule, event["DTSTART"].dt)
    copies = [_bounded(e, place, until) for place, e in enumerate(events)]
    calendar = icalendar.Calendar()
    for copy in copies:
        calendar.add_component(copy)
    query = recurring_ical_events.of(calendar, components=("VEVENT",))
    found: list[Component] = []
    for event in query.between(first - timedelta(days=2), max(until, first)):
        _name_by_rule(event, events[event[PLACE]])
        found.append(event)
        if len(found) > MOST:
            raise SeriesError(f"more than {MOST} occurrences")
    return sorted(found, key=lambda e: _instant(e["DTSTART"].dt))


def _name_by_rule(event: Component, made_from: Component) -> None:
    """Gives an occurrence of a change of all later ones (RANGE) its own start by rule: that of
    the first one would name all of them alike."""
    rule_start = made_from.get("RECURRENCE-ID")
    if rule_start is not None and "RANGE" in rule_start.params:
        moved = event["DTSTART"].dt - made_from["DTSTART"].dt
        event["RECURRENCE-ID"] = icalendar.vDDDTypes(rule_start.dt + moved)


def recurs(event: Component) -> bool:
    """Whether the component is part of a series."""
    return any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def rules(event: Component) -> list[Any]:
    """The recurrence rules of a component; a component should have one at most."""
    found = event.get("RRULE", [])
    return found if isinstance(found, list) else [found]


def _check(rule: Any) -> None:
    """Only rules by days and longer, with steps that lead somewhere."""
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    if frequency not in FREQUENCIES:
        raise SeriesError(f"the rule repeats {frequency or 'without FREQ'}, not by days or longer")
    fine = [n for n in TOO_FINE if n in rule]
    if fine:
        raise SeriesError(f"the rule has {', '.join(fine)}, which bookings do not use")
    if any(int(n) < 1 for n in rule.get("INTERVAL", [1])):
        raise SeriesError("the rule repeats every 0 times")
    if any(int(n) > MOST for n in rule.get("COUNT", [1])):
        raise SeriesError(f"more than {MOST} occurrences")


def _assert_matching(rule: Any, start: date) -> None:
    """Raises SeriesError for a rule without a single date, such as 31 February.

    dateutil looks for dates up to the year 9999. Weekdays and leap years repeat every 400 years,
    so it is asked from as late a year as possible, which leaves it little to look through.
    """
    parts = rule.to_ical().decode().upper().split(";")
    endless = ";".join(p for p in parts if not p.startswith(("UNTIL=", "COUNT=")))
    late = start.year + (MAXYEAR - start.year) // 400 * 400
    begin = datetime(late, start.month, start.day)  # noqa: DTZ001 - dates only
    if next(iter(rrulestr(endless, dtstart=begin)), None) is None:
        raise SeriesError("the rule matches no date at all")


def _bounded(event: Component, place: int, until: datetime) -> Component:
    """What makes up the series, copied; an endless rule ends at ``until``."""
    copy: Component = icalendar.Event()
    for name in TIMING:
        if name in event:
            copy[name] = deepcopy(event[name]) if name == "RRULE" else event[name]
    copy[PLACE] = place
    for rule in rules(copy):
        if "COUNT" not in rule and "UNTIL" not in rule:
            whole = not isinstance(copy["DTSTART"].dt, datetime)
            rule["UNTIL"] = [until.date() if whole else until.replace(microsecond=0)]
    return copy


def _instant(moment: date | datetime) -> datetime:
    """A comparable instant; floating times and days count as UTC."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
