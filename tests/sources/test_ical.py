"""Booking calendars: names out, recurrence, time zones, real calendars, a calendar server, demo."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.demo import sports
from urbandata.errors import PayloadError
from urbandata.fetching import Fetcher
from urbandata.landing import Ledger
from urbandata.sources.ical import demo, fetch
from urbandata.sources.ical.cleaning import strip
from urbandata.sources.ical.parse import parse
from urbandata.storage import Folder
from urbandata.transport import Transport

REAL = "sports/ical/samo-water-polo-calendar.ics"
SOURCE = registry.source("ical")
NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
KEY = "secret"


def event(*lines: str, uid: str = "u1") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def clock(text: str) -> datetime:
    """A clock reading without a zone."""
    return datetime.fromisoformat(text)


def calendar(*parts: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""]).encode()


def read(content: bytes, fetched_at: datetime = NOW):
    payload = Payload(strip(content, "x", KEY), "halle.ics", "ics", fetched_at, "real")
    return parse(payload, SOURCE)


def rows(content: bytes) -> list[dict]:
    parsed = read(content)
    assert parsed.rejects == ()
    return parsed.tables["bookings"].to_pylist()


# --- fetch -------------------------------------------------------------------------------------


def test_seasons_are_calendars_of_their_own():
    feeds = {"feeds": ["sperrzeiten.ics", "halle-{season}.ics"], "first_season": 2024}
    source = SOURCE.model_copy(update={"options": {**SOURCE.options, **feeds}})
    summer = datetime(2025, 6, 15, tzinfo=UTC)
    asked = list(fetch.requests(Window(summer, summer), source))
    assert [(r.path, r.missing_ok) for r in asked] == [
        ("sperrzeiten.ics", False),
        ("halle-2024-25.ics", True),
        ("halle-2025-26.ics", True),
    ]
    assert all(r.conditional for r in asked)
    assert fetch.season(date(2025, 7, 31)) == 2024
    assert fetch.label(2099) == "2099-00"


# --- people ------------------------------------------------------------------------------------


NAMED = event(
    "DTSTART:20250915T160000Z",
    "DTEND:20250915T173000Z",
    "SUMMARY;LANGUAGE=de:Verein: Training mit Erika Muster",
    'ORGANIZER;CN="Erika Muster":mailto:erika.muster@example.org',
    "ATTENDEE;CN=Max Beispiel:mailto:max@example.org",
    "DESCRIPTION:Erika Muster\\, 0351 1234567\\nbitte Schlüs",
    " sel mitbringen",
    "LOCATION:Sporthalle (bei Frau Muster), Magdeburger Straße 10",
    "CONTACT:Erika Muster",
    "COMMENT:Muster",
    "X-ALT-DESC:Erika Muster",
    "CATEGORIES:Frauen,Erika Muster",
    "X-BOOKING-REQUESTED:20250901T080000Z",
    "X-BOOKING-CONFIRMED:Erika Muster",
    "BEGIN:VALARM",
    "DESCRIPTION:Erika Muster anrufen",
    "END:VALARM",
    "BEGIN:PARTICIPANT",
    "BEGIN:MUSTER",
    "SUMMARY:Muster",
    "END:MUSTER",
    "END:PARTICIPANT",
    "Muster ohne Doppelpunkt",
    "DTSTAMP;X-NAME=Muster:20250901T080000Z",
    uid="erika.muster@example.org-1",
)


def test_people_never_reach_the_raw_zone():
    stored = strip(calendar(NAMED), "x", KEY)
    for personal in (b"uster", b"rika", b"Max", b"example.org", b"0351", b"chl", b"Magdeburger"):
        assert personal.lower() not in stored.lower(), personal
    (row,) = read(calendar(NAMED)).tables["bookings"].to_pylist()
    assert (row["location"], row["categories"]) == ("Sporthalle", "club,women")
    assert row["requested_at"] == datetime(2025, 9, 1, 8, tzinfo=UTC)
    assert row["confirmed_at"] is None
    assert re.fullmatch("[0-9a-f]{24}", row["uid"])


@pytest.mark.parametrize(
    "place", ["erika@example.org", "0351 1234567", "Bei Frau Muster", "Familie Muster", "<b>M</b>"]
)
def test_a_person_as_place_is_dropped(place):
    (row,) = rows(calendar(event("DTSTART:20250915T160000Z", f"LOCATION:{place}")))
    assert row["location"] is None


def test_hash_of_the_uid_needs_the_key():
    content = calendar(event("DTSTART:20250915T160000Z"))
    assert strip(content, "x", "a") == strip(content, "y", "a") != strip(content, "x", "b")


def test_what_is_no_calendar_is_not_kept():
    stored = strip("Liebe Erika Muster, …".encode(), "x", KEY)
    assert b"Erika" not in stored
    payload = Payload(stored, "x", "ics", NOW, "real")
    with pytest.raises(PayloadError, match="no iCalendar file"):
        parse(payload, SOURCE)


@given(st.text(min_size=4, alphabet="qjxyzQJXYZ", max_size=12), st.sampled_from(
    ["SUMMARY", "DESCRIPTION", "ORGANIZER", "ATTENDEE", "CONTACT", "COMMENT", "X-NOTE", "URL",
     "CATEGORIES", "STATUS", "RRULE", "SEQUENCE", "TRANSP", "CREATED", "DTEND"]
))  # fmt: skip
def test_no_free_text_survives_in_any_property(name, prop):
    content = calendar(event("DTSTART:20250915T160000Z", f"{prop}:{name}", f"{prop};CN={name}:1"))
    assert name.lower().encode() not in strip(content, "x", KEY).lower()


# --- parse -------------------------------------------------------------------------------------


def test_zones_ends_and_whole_days():
    found = rows(calendar(
        event("DTSTART;TZID=Europe/Berlin:20250701T180000", "DURATION:PT1H30M", uid="named"),
        event("DTSTART:20250701T160000Z", "DTEND:20250701T173000Z", uid="utc"),
        event("DTSTART:20250701T180000", "DTEND:20250701T193000", uid="floating"),
        event("DTSTART;VALUE=DATE:20251224", "DTEND;VALUE=DATE:20251227", uid="days"),
        event("DTSTART;VALUE=DATE:20251224", uid="day"),
        event("DTSTART;TZID=W. Europe Standard Time:20251201T180000", "DURATION:PT1H", uid="ms"),
    ))  # fmt: skip
    sixteen = datetime(2025, 7, 1, 16, tzinfo=UTC)
    windows = "W. Europe Standard Time"
    evening = clock("2025-07-01T18:00")
    assert [(r["zone"], r["starts_local"], r["starts_at"], r["is_all_day"]) for r in found] == [
        ("Europe/Berlin", evening, sixteen, False),
        ("UTC", clock("2025-07-01T16:00"), sixteen, False),
        (None, evening, None, False),
        (None, clock("2025-12-24"), None, True),
        (None, clock("2025-12-24"), None, True),
        (windows, clock("2025-12-01T18:00"), datetime(2025, 12, 1, 17, tzinfo=UTC), False),
    ]  # fmt: skip
    assert found[0]["ends_at"] == found[1]["ends_at"] == sixteen + timedelta(minutes=90)
    assert [r["ends_local"] for r in found[3:5]] == [clock("2025-12-27"), clock("2025-12-25")]


def test_a_described_zone_needs_no_known_name():
    zone = "\r\n".join(["BEGIN:VTIMEZONE", "TZID:Eigene", "BEGIN:STANDARD",
        "DTSTART:19700101T000000", "TZOFFSETFROM:+0300", "TZOFFSETTO:+0300", "END:STANDARD",
        "END:VTIMEZONE"])  # fmt: skip
    (row,) = rows(calendar(zone, event("DTSTART;TZID=Eigene:20250701T180000")))
    assert row["starts_at"] == datetime(2025, 7, 1, 15, tzinfo=UTC)
    parsed = read(calendar(event("DTSTART;TZID=Eigene:20250701T180000")))
    assert "neither known nor described" in parsed.rejects[0].reason


SERIES = (
    "DTSTART;TZID=Europe/Berlin:20250929T180000",
    "DTEND;TZID=Europe/Berlin:20250929T193000",
    "RRULE:FREQ=WEEKLY;COUNT=5",
)


def test_a_series_keeps_its_clock_over_the_change_of_the_hour():
    found = rows(calendar(event(*SERIES)))
    assert [r["starts_local"].hour for r in found] == [18] * 5
    assert [r["starts_at"].hour for r in found] == [16, 16, 16, 16, 17]
    assert found[0]["occurrence"] == "20250929T180000"
    assert {r["is_series"] for r in found} == {True}
    assert len({r["_row"] for r in found}) == 5


def test_exceptions_cancellations_and_moved_occurrences():
    found = rows(calendar(
        event(*SERIES, "STATUS:CONFIRMED", "EXDATE;TZID=Europe/Berlin:20251006T180000"),
        event("DTSTART;TZID=Europe/Berlin:20251013T180000", "DURATION:PT90M", "STATUS:CANCELLED",
              "RECURRENCE-ID;TZID=Europe/Berlin:20251013T180000"),
        event("DTSTART;TZID=Europe/Berlin:20251021T200000", "DURATION:PT60M", "STATUS:CONFIRMED",
              "RECURRENCE-ID;TZID=Europe/Berlin:20251020T180000"),
    ))  # fmt: skip
    assert [(r["occurrence"], r["starts_local"], r["status"], r["is_changed"]) for r in found] == [
        ("20250929T180000", clock("2025-09-29T18:00"), "CONFIRMED", False),
        ("20251013T180000", clock("2025-10-13T18:00"), "CANCELLED", True),
        ("20251020T180000", clock("2025-10-21T20:00"), "CONFIRMED", True),
        ("20251027T180000", clock("2025-10-27T18:00"), "CONFIRMED", False),
    ]
    assert found[2]["ends_local"] == clock("2025-10-21T21:00")


def test_a_change_of_all_later_occurrences_names_each_by_its_own_start():
    found = rows(calendar(
        event(*SERIES),
        event("DTSTART;TZID=Europe/Berlin:20251013T190000", "DURATION:PT60M",
              "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20251013T180000"),
    ))  # fmt: skip
    assert [(r["occurrence"][4:11], r["starts_local"].hour) for r in found] == [
        ("0929T18", 18),
        ("1006T18", 18),
        ("1013T18", 19),
        ("1020T18", 19),
        ("1027T18", 19),
    ]


def test_a_line_may_be_folded_within_a_character():
    content = calendar(event("DTSTART:20250915T160000Z", "LOCATION:Halle Süd"))
    (row,) = rows(content.replace("ü".encode(), b"\xc3\r\n \xbc"))
    assert row["location"] == "Halle Süd"


def test_endless_series_reach_to_the_horizon_and_replay_the_same():
    content = calendar(event("DTSTART;VALUE=DATE:20221224", "RRULE:FREQ=YEARLY"))
    horizon = NOW + timedelta(days=SOURCE.options["horizon_days"])
    found = rows(content)
    assert [r["starts_local"].year for r in found] == list(range(2022, 2026))
    assert max(r["starts_local"] for r in found).replace(tzinfo=UTC) < horizon
    assert read(content) == read(content)
    later = read(content, NOW + timedelta(days=400)).tables["bookings"]
    assert later.num_rows == 5


def test_changes_without_their_series_are_bookings_of_their_own():
    (row,) = rows(calendar(event("DTSTART:20251021T200000Z", "RECURRENCE-ID:20251020T180000Z")))
    assert (row["occurrence"], row["is_changed"]) == ("20251020T180000", True)


def test_an_event_without_uid_gets_one_from_what_it_says():
    bare = "\r\n".join(["BEGIN:VEVENT", "DTSTART:20250915T160000Z", "END:VEVENT"])
    (row,) = rows(calendar(bare))
    assert row["uid"].startswith("none-")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("DTSTART:Montag",), "DTSTART: the value had not its shape"),
        (("SUMMARY:x",), "no DTSTART"),
        (("DTSTART:20250915T160000Z", "DTEND:20250915T150000Z"), "ends before it begins"),
        (("DTSTART:20251315T160000Z",), "DTSTART"),
        (("DTSTART;TZID=Europe/Berlin:20250915T240000",), "Wrong datetime format"),
        (("DTSTART:20250915T160000Z", "RRULE:FREQ=SECONDLY"), "repeats SECONDLY"),
        (("DTSTART:20250915T160000Z", "RRULE:FREQ=DAILY;BYMINUTE=1,2"), "BYMINUTE"),
        (("DTSTART:20250915T160000Z", "RRULE:FREQ=DAILY;INTERVAL=0"), "0 times"),
        (("DTSTART:20250915T160000Z", "RRULE:FREQ=DAILY;COUNT=999999"), "20000"),
        (("DTSTART:20250915T160000Z", "RRULE:jeden Montag"), "RRULE: the value"),
        (("DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY"), "year 1"),
        (("DTSTART:20250915T160000Z", "EXRULE:FREQ=DAILY"), "EXRULE"),
    ],
)
def test_broken_bookings_are_named_and_the_rest_goes_on(lines, reason):
    good = event("DTSTART:20250915T160000Z", uid="good")
    parsed = read(calendar(event(*lines, uid="bad"), good))
    assert parsed.tables["bookings"].num_rows == 1
    assert [r.table for r in parsed.rejects] == ["bookings"]
    assert reason in parsed.rejects[0].reason


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=5FR;BYMONTHDAY=1",
        "FREQ=DAILY;BYSETPOS=2;BYDAY=MO",
    ],
)
def test_rules_that_never_match_do_not_run_for_ever(rule):
    began = time.process_time()
    parsed = read(calendar(event("DTSTART:20250915T160000Z", f"RRULE:{rule}")))
    assert [r.reason for r in parsed.rejects] == ["the rule matches no date at all"]
    assert time.process_time() - began < 15


def test_a_rare_date_is_a_date():
    found = rows(calendar(event("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY")))
    assert [r["occurrence"] for r in found] == ["20240229"]


@pytest.mark.parametrize(
    "content",
    [b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:2025", calendar()[:-8]],
)
def test_cut_off_calendars_are_refused(content):
    with pytest.raises(PayloadError, match="cut off"):
        read(content)


def test_tasks_are_turned_away_by_name():
    task = "\r\n".join(["BEGIN:VTODO", "UID:t", "SUMMARY:Erika anrufen", "END:VTODO"])
    parsed = read(calendar(task, event("DTSTART:20250915T160000Z")))
    assert [r.reason for r in parsed.rejects] == ["a task, no booking"]
    assert parsed.count == 2


def test_two_calendars_in_one_file_and_an_empty_one():
    one = calendar(event("DTSTART:20250915T160000Z"))
    assert read(one + one).count == 2
    assert read(calendar()).count == 0


LINES = st.sampled_from([
    "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "UID:1", "UID:2",
    "DTSTART:20250915T160000Z", "DTSTART;VALUE=DATE:20250915", "DTSTART;TZID=X:20250915T160000",
    "DTEND:20250915T170000Z", "DURATION:-PT1H", "RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY",
    "RECURRENCE-ID:20250916T160000Z", "EXDATE:20250916T160000Z", "RDATE:20250917T160000Z",
    "RDATE;VALUE=PERIOD:20250917T160000Z/PT1H", "STATUS:CANCELLED", "SEQUENCE:-1", "CREATED:x",
    "BEGIN:VTIMEZONE", "TZID:X", "END:VTIMEZONE", "BEGIN:STANDARD", "TZOFFSETTO:+9999",
    "END:STANDARD", "CATEGORIES:a,b", "X-UNFIT:DTSTART", " folded", "", ":", ";",
])  # fmt: skip


@given(st.one_of(
    st.binary(max_size=80),
    st.text(max_size=80).map(lambda t: b"BEGIN:VCALENDAR\r\n" + t.encode("utf-8", "ignore")),
    st.lists(LINES, max_size=14).map(lambda ls: calendar("BEGIN:VEVENT", *ls, "END:VEVENT")),
    st.lists(LINES, max_size=10).map(lambda ls: calendar(event("DTSTART:20250915T160000Z", *ls))),
), st.booleans())  # fmt: skip
@settings(max_examples=250, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content, cleaned):
    content = strip(content, "x", KEY) if cleaned else content
    try:
        parsed = parse(Payload(content, "x", "ics", NOW, "real"), SOURCE)
    except PayloadError as error:
        assert str(error)
        return
    assert parsed.count == parsed.tables["bookings"].num_rows + len(parsed.rejects)
    assert all(r.reason for r in parsed.rejects)


# --- real calendars ----------------------------------------------------------------------------


def test_real_calendar_agrees_with_its_text(realdata, check):
    """315 events without DTSTAMP and VTIMEZONE; times are compared with the lines themselves."""
    content = realdata(REAL).read_bytes()
    parsed = read(content, datetime(2026, 9, 1, tzinfo=UTC))
    table = parsed.tables["bookings"]
    assert (table.num_rows, len(parsed.rejects)) == (315, 0)
    text = re.sub(r"\r?\n[ \t]", "", content.decode())
    expected = []
    for value in re.findall(r"^DTSTART;(.*)$", text, re.MULTILINE):
        how, _, stamp = value.strip().partition(":")
        if how == "VALUE=DATE":
            expected.append((True, clock(stamp), None))
        else:
            zone = ZoneInfo(how.removeprefix("TZID="))
            at = clock(stamp)
            expected.append((False, at, at.replace(tzinfo=zone).astimezone(UTC)))
    found = [(r["is_all_day"], r["starts_local"], r["starts_at"]) for r in table.to_pylist()]
    assert found == expected
    assert sum(whole for whole, *_ in found) == 159
    result = check("ical", parsed)
    assert (result.accepted["bookings"].num_rows, result.quarantined) == (315, [])


def test_real_calendar_is_recognised_and_stripped(realdata):
    path = realdata(REAL)
    content = path.read_bytes()
    assert inbox.owner(path, content, path.parent, registry.sources()) == "ical"
    assert b"docs.google.com" in content
    assert b"docs.google.com" not in strip(content, "x", KEY)


def _library_calendars() -> list[Path]:
    """Calendars that ship with the libraries: holidays, bug reports, hostile fragments."""
    found = []
    for package, folder in (("recurring_ical_events", "test"), ("icalendar", "tests")):
        root = Path(str(resources.files(package))) / folder / "calendars"
        found += sorted(root.rglob("*.ics"))
    return found


def test_calendars_of_the_libraries_give_rows_or_a_named_error():
    """Two hundred calendars nobody here wrote: every one is read or refused with a reason."""
    files = _library_calendars()
    assert len(files) > 150
    read_ones = refused = 0
    for path in files:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                parsed = read(path.read_bytes())
            except PayloadError as error:
                assert str(error), path
                refused += 1
                continue
        assert all(r.reason for r in parsed.rejects), path
        read_ones += 1
    assert read_ones > 0.9 * len(files)
    assert refused < 0.1 * len(files)


def test_expansion_agrees_with_dateutil_on_foreign_calendars():
    """Series without changed occurrences, expanded a second time from the text with dateutil."""
    compared = 0
    for path in _library_calendars():
        content = path.read_bytes()
        for block in re.findall(rb"BEGIN:VEVENT\r?\n.*?END:VEVENT", content, re.DOTALL):
            expected = _by_dateutil(block.decode("utf-8", "replace"))
            uid = re.search(rb"^UID:(.*?)\r?$", block, re.MULTILINE)
            if expected is None or uid is None or content.count(uid[0].strip()) != 1:
                continue
            parsed = read(calendar(block.decode("utf-8", "replace")))
            found = [r["starts_local"] for r in parsed.tables["bookings"].to_pylist()]
            until = NOW.replace(tzinfo=None) + timedelta(days=390)
            assert [f for f in found if f < until] == [e for e in expected if e < until], path
            compared += len(found)
    assert compared > 500


def _by_dateutil(block: str) -> list[datetime] | None:
    """Local starts by dateutil alone; None for what this second reader does not know."""
    text = re.sub(r"\r?\n[ \t]", "", block)
    rule = re.search(r"^RRULE:(FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)[^\r\n ]*)", text, re.MULTILINE)
    start = re.search(r"^DTSTART;TZID=([A-Za-z]+/[A-Za-z_]+):(\d{8}T\d{6})\r?$", text, re.MULTILINE)
    known = rule and start and not re.search(r"^(RDATE|EXDATE|RECURRENCE|EXRULE)", text, re.M)
    if not known or text.count("\nRRULE") > 1 or re.search("BY(HOUR|MINUTE|SECOND)", rule[1]):
        return None
    zone = ZoneInfo(start[1])
    until = re.search(r"UNTIL=(\d{8})(T\d{6}Z)?", rule[1])
    words = rule[1]
    if until:
        stamp = clock(until[1] + (until[2] or "T235959Z").rstrip("Z"))
        local = stamp.replace(tzinfo=UTC).astimezone(zone) if until[2] else stamp
        words = words.replace(until[0], f"UNTIL={local:%Y%m%dT%H%M%S}")
    first = clock(start[2])
    rules = rruleset()
    try:
        rules.rrule(rrulestr(words, dtstart=first))
    except ValueError:
        return None
    rules.rdate(first)
    last = NOW.replace(tzinfo=None) + timedelta(days=800)
    return list(rules.between(first - timedelta(1), last, inc=True)) if first.year > 1970 else None


# --- a calendar server nobody here wrote -------------------------------------------------------


@pytest.fixture
def radicale(tmp_path) -> Iterator[str]:
    """Radicale on loopback with an open rule; its base address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rights = tmp_path / "rights"
    rights.write_text("[all]\nuser: .*\ncollection: .*\npermissions: RrWw\n")
    command = [sys.executable, "-m", "radicale", "--config", "", "--auth-type", "none"]
    command += ["--server-hosts", f"127.0.0.1:{port}", "--rights-type", "from_file"]
    command += ["--rights-file", str(rights), "--storage-filesystem-folder", str(tmp_path / "s")]
    command += ["--logging-level", "error"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(base, server)
        yield base
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(base: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(f"{base}/.web/", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("radicale did not start")


def test_ingest_from_radicale(radicale, realdata, settings):
    """A real calendar and a changed series, stored and served by a calendar server."""
    real = realdata(REAL).read_bytes().replace(b"UID:", b"DTSTAMP:20250801T000000Z\r\nUID:")
    series = calendar(
        event(*SERIES, "DTSTAMP:20250801T000000Z", "SUMMARY:Verein: Erika Muster"),
        event("DTSTART;TZID=Europe/Berlin:20251013T180000", "DURATION:PT90M", "STATUS:CANCELLED",
              "RECURRENCE-ID;TZID=Europe/Berlin:20251013T180000", "DTSTAMP:20250901T000000Z"),
    )  # fmt: skip
    headers = {"Content-Type": "text/calendar; charset=utf-8"}
    httpx.request("MKCOL", f"{radicale}/sport/", timeout=60)
    for name, content in (("samo", real), ("halle", series)):
        answer = httpx.put(
            f"{radicale}/sport/{name}/", content=content, headers=headers, timeout=60
        )
        assert answer.status_code == 201, answer.text
    feeds = {"feeds": ["sport/samo/", "sport/halle/"], "first_season": 2024}
    source = SOURCE.model_copy(update={"options": {**SOURCE.options, **feeds}})
    settings = replace(settings, mode="live", pseudonym_key=KEY)
    transport = Transport(source, radicale, pace=False, secrets={"SPORTPARK_CALENDAR_TOKEN": "t"})
    run = Fetcher(source, settings, transport).fetch([Window(NOW, NOW)])
    assert (run.outcomes, run.failures) == ({"landed": 2}, [])
    attempts = {a.resource: a for a in Ledger(Folder(settings.data_dir)).attempts("ical")}
    stored = {n: _stored(settings, attempts[f"sport/{n}/"]) for n in ("samo", "halle")}
    assert b"Muster" not in stored["halle"]
    served = {n: parse(Payload(c, n, "ics", NOW, "real"), SOURCE) for n, c in stored.items()}
    assert [p.rejects for p in served.values()] == [(), ()]

    def starts(parsed):
        return sorted((r["uid"], r["starts_local"]) for r in parsed.tables["bookings"].to_pylist())

    assert starts(served["samo"]) == starts(read(real))
    changed = [(r["starts_local"].day, r["status"]) for r in rows(series)]
    found = served["halle"].tables["bookings"].to_pylist()
    assert sorted((r["starts_local"].day, r["status"] or "") for r in found) == sorted(
        (day, status or "") for day, status in changed
    )


def _stored(settings, attempt) -> bytes:
    from urbandata.landing import RawZone

    return RawZone(Folder(settings.data_dir)).get(attempt.raw_path)


# --- the demo city -----------------------------------------------------------------------------


def test_round_trip_through_the_demo_calendars(ask, check, world):
    """Every slot that is held or booked by now comes back, once, with what is known of it."""
    payloads = {p.resource: p for p in ask("ical")}
    assert len(payloads) == 1 + 10 * 3  # closures; seasons 2023-24 to 2025-26
    facility = next(f for f in sports.facilities() if f.id == "kunstrasen1")
    parsed = parse(payloads["kunstrasen1-2025-26.ics"], SOURCE)
    assert parsed.rejects == ()
    assert check("ical", parsed).quarantined == []
    found = parsed.tables["bookings"].to_pylist()
    slots = sports.slots(world, facility, 2025)
    now = np.datetime64(NOW.replace(tzinfo=None), "s")
    known = (slots.requested <= now) & ~slots.skipped
    assert sorted(r["starts_at"].replace(tzinfo=None) for r in found) == sorted(
        slots.starts[known].astype(object)
    )
    cancelled = known & slots.cancelled & (slots.cancelled_on <= now)
    declined = known & slots.declined & (slots.answered <= now)
    assert sum(r["status"] == "CANCELLED" for r in found) == int((cancelled | declined).sum())
    assert {r["location"] for r in found} == {"Kunstrasenplatz 1"}
    assert all(r["requested_at"] <= NOW for r in found)
    assert len({(r["uid"], r["occurrence"]) for r in found}) == len(found)
    for payload in payloads.values():
        assert b"Mustermann" not in payload.content
        assert b"example" not in payload.content


def test_demo_closures_are_whole_days_of_the_whole_park(world):
    lines = demo.closures(sports.facilities(), sports.seasons(world))
    found = rows("\r\n".join(lines).encode())
    christmas = [r for r in found if r["starts_local"] == clock("2025-12-24")]
    assert [(r["location"], r["ends_local"]) for r in christmas] == [
        ("Sportpark Ostra", clock("2025-12-27"))
    ]
    assert {r["categories"] for r in found} == {"closure"}


def test_demo_calendars_are_folded_and_some_describe_their_zone(world):
    text = {}
    for facility in sports.facilities():
        lines = demo.bookings(world, sports.slots(world, facility, 2024))
        content = "\r\n".join(piece for line in lines for piece in demo.folded(line))
        assert max(len(line.encode()) for line in content.split("\r\n")) <= 75
        text[facility.id] = content
    assert {"BEGIN:VTIMEZONE" in t for t in text.values()} == {True, False}
    assert sum(t.count("BEGIN:VEVENT") for t in text.values()) > 400


def test_snapshots_land_again_when_a_calendar_goes_back(settings, world):
    """A, B, then A again: the third answer is news, an unchanged fourth is not."""
    states = [calendar(event("DTSTART:20250915T160000Z", f"SEQUENCE:{n}")) for n in (0, 1, 0)]
    tags = iter(['"a"', '"b"', '"a"', None])

    def handle(request: httpx.Request) -> httpx.Response:
        tag = next(tags)
        if tag is None:
            assert request.headers["if-none-match"] == '"a"'
            return httpx.Response(304)
        return httpx.Response(200, content=states.pop(0), headers={"etag": tag})

    source = SOURCE.model_copy(update={"options": {**SOURCE.options, "feeds": ["halle.ics"]}})
    outcomes = []
    for n in range(4):
        client = httpx.Client(transport=httpx.MockTransport(handle))
        transport = Transport(source, "http://kalender", client=client, pace=False)
        moment = Window(NOW + timedelta(days=n), NOW + timedelta(days=n))
        outcomes += list(Fetcher(source, settings, transport).fetch([moment]).outcomes)
    assert outcomes == ["landed", "landed", "landed", "not_modified"]
