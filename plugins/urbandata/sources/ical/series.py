"""Recurring bookings to single occurrences, with limits that keep hostile rules harmless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import icalendar
import recurring_ical_events

Component: TypeAlias = Any  # of icalendar, whose values are a union of thirty types
OLDEST = 1900
MOST = 20_000  # occurrences of one series: 50 years of days
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
PLACE = "X-PLACE"  # marks which component of the series an occurrence was made from
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
    for event in events:
        for rule in rules(event):
            _check(rule)
    copies = [_bounded(e, place, until) for place, e in enumerate(events)]
    if first.year < OLDEST:
        raise SeriesError(f"the series begins in the year {first.year}")
    calendar = icalendar.Calendar()
    for copy in copies:
        calendar.add_component(copy)
    query = recurring_ical_events.of(calendar, components=("VEVENT",))
    found: list[Component] = []
    for event in query.between(first - timedelta(days=2), max(until, first)):
        found.append(event)
        if len(found) > MOST:
            raise SeriesError(f"more than {MOST} occurrences")
    return sorted(found, key=lambda e: _instant(e["DTSTART"].dt))


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


def _bounded(event: Component, place: int, until: datetime) -> Component:
    """A copy whose endless rule ends at ``until``: a rule that never matches must end too."""
    copy = event.copy()
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
