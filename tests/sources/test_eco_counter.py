"""Bicycle counters: monthly files, real ones and those of the demo city."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, recognition, registry
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.sources.eco_counter import demo, fetch
from urbandata.sources.eco_counter.parse import channels, parse

REAL = "traffic/bikecount/muenster-100031297-2025-{}.csv"
HEAD = "Datetime,1 (Platz),2 (FR Nord),3 (FR Süd),1-status,2-status,3-status\n"


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def clock(text):
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def source():
    return registry.source("eco_counter")


def counts(parsed):
    return parsed.tables["counts"].to_pylist()


def described(parsed):
    return parsed.tables["channels"].to_pylist()


# --- fetch -------------------------------------------------------------------------------------


def test_local_months_of_the_window():
    window = Window(at(2024, 12, 31, 22, 59), at(2025, 2, 28, 23))
    assert list(fetch.months(window)) == ["2024-12", "2025-01", "2025-02"]
    assert list(fetch.months(Window(at(2024, 12, 31, 23), at(2024, 12, 31, 23)))) == ["2025-01"]


def test_one_file_per_site_and_month(source):
    asked = source.model_copy(update={"options": {"sites": ["7", "8"]}})
    found = list(fetch.requests(Window(at(2025, 9, 1), at(2025, 9, 2)), asked))
    assert [(r.resource, r.path) for r in found] == [
        ("7/2025-09", "7/2025-09.csv"),
        ("8/2025-09", "8/2025-09.csv"),
    ]
    assert all(r.missing_ok and r.conditional for r in found)


@pytest.mark.parametrize(
    "text",
    [
        '"Datetime","100031297 (Platz, Nord)"\n"2025-10-01 06:15","18"\n',
        "Datetime;100031297 (Platz, Nord)\n01.10.2025 06:15;18\n",
        "datetime\t100031297 (Platz, Nord)\n2025-10-01T06:15:00\t18.0\n",
    ],
)
def test_files_that_other_programs_saved_say_the_same(source, make_payload, text):
    assert recognition.claims(Path("a.csv"), text.encode(), [source]) == ["eco_counter"]
    parsed = parse(make_payload(text.encode()), source)
    (channel,) = described(parsed)
    (row,) = counts(parsed)
    assert (channel["channel_id"], channel["channel_name"]) == ("100031297", "Platz, Nord")
    assert row["channel"] == channel["channel"] == 1
    assert (row["measured_local"], row["count"]) == (clock("2025-10-01 06:15"), 18)


def test_no_site_of_dresden_is_made_up_for_live_use(source):
    assert list(fetch.requests(Window(at(2025, 9, 1), at(2025, 9, 2)), source)) == []


# --- parse -------------------------------------------------------------------------------------


def test_cells_become_rows(source, make_payload):
    content = (HEAD + "2025-03-01 00:00,5,2,3,0,0,1\n2025-03-01 00:15,,,,,,\n").encode()
    parsed = parse(make_payload(content), source)
    rows = counts(parsed)
    assert not parsed.rejects
    assert rows[2] == {
        "channel": 3,
        "measured_local": clock("2025-03-01 00:00"),
        "count": 3,
        "status": 1,
        "_row": 3,
    }
    assert [(r["channel"], r["count"], r["_row"]) for r in rows[3:]] == [
        (1, None, 4),
        (2, None, 5),
        (3, None, 6),
    ]


def test_channels_are_described_as_the_header_has_them(source, make_payload):
    parsed = parse(make_payload(b"Datetime,1 (Platz),2,2-status\n"), source)
    assert described(parsed) == [
        {"channel": place, "site_id": "1", "site_name": "Platz", "channel_id": str(place),
         "channel_name": name, "_row": place}
        for place, name in ((1, "Platz"), (2, None))
    ]  # fmt: skip


def test_a_channel_without_a_name_is_noticed(source, make_payload, check):
    door = check("eco_counter", parse(make_payload(b"Datetime,1 (Platz),2\n"), source))
    assert door.accepted["channels"].num_rows == 2
    assert [c.column for c in door.checks if not c.success and c.table == "channels"] == [
        "channel_name"
    ]


def test_header_text_varies():
    header = ["Datetime", "10(Weg (alt))", "11", "12 ( x ", "10_Status", "12 - status"]
    found = channels(header)
    assert [(c.id, c.name, c.status) for c in found] == [
        ("10", "Weg (alt)", "10_Status"),
        ("11", "", None),
        ("12", "x", "12 - status"),
    ]


def test_bad_cells_are_turned_away_alone(source, make_payload):
    lines = [
        "2025-03-01 00:00,5,zwei,3,0,0,0",
        "2025-03-01 00:15,5,2",
        "1.3.2025 00:30,5,2,3,0,0,0",
        "2025-03-01 00:45,5,2,3,0,0,0,9",
        "2025-03-01 01:00,5,2,3,0,0,0",
    ]
    parsed = parse(make_payload((HEAD + "\n".join(lines)).encode()), source)
    assert [r["_row"] for r in counts(parsed)] == [1, 3, 13, 14, 15]
    reasons = {r.row: r.reason for r in parsed.rejects}
    assert "zwei" in reasons[2]
    assert reasons[4] == "the line is cut off"
    assert "1.3.2025" in reasons[7]
    assert "8 fields" in reasons[10]
    assert parsed.count == 3 + 15


def test_header_alone_is_an_empty_month(source, make_payload):
    parsed = parse(make_payload(HEAD.encode()), source)
    assert (len(described(parsed)), counts(parsed)) == (3, [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<html>", "not Datetime"),
        (b"Datetime\n", "no channel"),
        (b"Datetime,1 (a),1 (b)\n", "two columns"),
        (b"Datetime,1 (a),Wetter\n", "Wetter"),
        (b"Datetime,1 (a),2-status\n", "status without a channel: 2"),
        (b"\x81\x8d", "encodings"),
    ],
)
def test_other_files_are_refused(source, make_payload, content, message):
    with pytest.raises(PayloadError, match=message):
        parse(make_payload(content), source)


@given(st.one_of(st.binary(max_size=80), st.text('0123456789-: ,;"\n\r', max_size=80)))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(body):
    head = HEAD.encode() if isinstance(body, str) else b""
    content = head + (body.encode() if isinstance(body, str) else body)
    payload = Payload(content, "x", "csv", at(2025, 9, 15), "real")
    try:
        parsed = parse(payload, registry.source("eco_counter"))
    except PayloadError:
        return
    assert parsed.count % len(channels(HEAD.strip().split(","))) == 0


@pytest.mark.parametrize(("month", "lines"), [("03", 2876), ("10", 2900)])
def test_real_months(source, realdata, make_payload, check, month, lines):
    content = realdata(REAL.format(month)).read_bytes()
    parsed = parse(make_payload(content, filename="x.csv"), source)
    rows = counts(parsed)
    assert not parsed.rejects
    assert len(rows) == 7 * lines
    assert [r["channel"] for r in described(parsed)] == [r["channel"] for r in rows[:7]]
    assert {(r["site_id"], r["site_name"]) for r in described(parsed)} == {
        ("100031297", "Promenade (nördl. Salzstraße)")
    }
    for start in range(0, len(rows), 7):
        site, *directions = rows[start : start + 7]
        assert site["count"] == sum(d["count"] for d in directions)
    assert {r["status"] for r in rows} == {0}
    assert all(c.success for c in check("eco_counter", parsed).checks)


def test_real_clock_changes(source, realdata, make_payload):
    spring, autumn = (
        {
            r["measured_local"]
            for r in counts(
                parse(make_payload(realdata(REAL.format(m)).read_bytes(), filename="x"), source)
            )
        }
        for m in ("03", "10")
    )
    assert clock("2025-03-30 02:00") not in spring
    assert clock("2025-03-30 03:00") in spring
    assert len([t for t in autumn if t.date() == clock("2025-10-26").date()]) == 96


def test_real_files_are_recognised(realdata):
    path = realdata(REAL.format("03"))
    owner = inbox.owner(path, path.read_bytes(), path.parent, registry.sources())
    assert owner == "eco_counter"


# --- demo --------------------------------------------------------------------------------------


def test_round_trip(source, world, ask, check):
    payloads = ask("eco_counter", Window(at(2025, 8, 10), at(2025, 9, 15, 12)))
    parsed = {p.resource: parse(p, source) for p in payloads}
    assert len(parsed) == 2 * len(demo.SITES)
    assert not any(p.rejects for p in parsed.values())
    site = demo.SITES[0]
    rows = counts(parsed[f"{site.id}/2025-09"])
    times, labels = demo.intervals(world, "2025-09")
    assert (times[-1] + np.timedelta64(1, "h")).astype(datetime).replace(tzinfo=UTC) == world.now()
    assert len(rows) == 3 * times.size
    inward, outward, silent = demo.counts(world, site, times)
    expected = np.where(silent == 1, -1, inward + outward).tolist()
    assert [-1 if r["count"] is None else r["count"] for r in rows[::3]] == expected
    assert [r["measured_local"] for r in rows[::3]] == labels.astype(datetime).tolist()
    door = check("eco_counter", parsed[f"{site.id}/2025-09"])
    assert door.accepted["counts"].num_rows == len(rows)


def test_the_doubled_hour_is_there_once(world):
    for minutes in (60, 15):
        _, autumn = demo.intervals(world, "2024-10", minutes)
        _, spring = demo.intervals(world, "2025-03", minutes)
        an_hour = 60 // minutes
        assert (autumn.size, spring.size) == (31 * 24 * an_hour, (31 * 24 - 1) * an_hour)
        assert np.unique(autumn).size == autumn.size


def test_quarters_of_an_hour_add_up_to_about_the_hours(source, world, make_payload):
    hours, quarters = (
        [
            r["count"] or 0
            for r in counts(
                parse(make_payload(demo.month_csv(world, demo.SITES[5], "2025-06", m)), source)
            )
        ]
        for m in (60, 15)
    )
    assert len(quarters) == 4 * len(hours)
    assert sum(quarters) == pytest.approx(sum(hours), rel=0.05)


def test_overflows_are_turned_away(source, make_payload, check):
    content = (HEAD + f"2025-03-01 00:00,{demo.OVERFLOW},2,3,0,0,0\n").encode()
    door = check("eco_counter", parse(make_payload(content), source))
    assert [r.row for r in door.quarantined] == [1]
    assert "5,000" in door.quarantined[0].reason
    assert door.accepted["counts"].num_rows == 2


def test_files_grow_and_are_not_sent_twice(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    path = f"/{demo.SITES[0].id}/2025-09.csv"
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    later = type(world)(seed=world.seed, clock=lambda: at(2025, 9, 15, 13))
    grown = demo.month_csv(later, demo.SITES[0], "2025-09")
    assert grown.startswith(first.content)
    assert grown.count(b"\n") == first.content.count(b"\n") + 1


@pytest.mark.parametrize(
    "path",
    [
        "/1/2025-09.csv",
        "/100090001/2025-13.csv",
        "/100090008/2024-03.csv",
        "/100090001/2030-01.csv",
    ],
)
def test_no_such_file(world, path):
    assert TestClient(Starlette(routes=demo.routes(world))).get(path).status_code == 404


def test_riders_follow_weather_and_week(world):
    times = world.steps(at(2025, 6, 1), at(2025, 9, 1), 60)
    inward, outward, silent = demo.counts(world, demo.SITES[0], times)
    total = (inward + outward)[silent == 0]
    rain = world.rain_mm(times, 51.05, 13.74, 60)[silent == 0]
    assert total[rain < 0.1].mean() > 1.2 * total[rain > 1.0].mean()


def test_first_fill_stays_small(source):
    hours = (at(2026, 11, 30) - at(2023, 7, 1)).days * 24
    assert hours * 3 * len(demo.SITES) < 720_000
    assert len(source.demo_options["sites"]) == len(demo.SITES)
