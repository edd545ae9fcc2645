"""sensor.community: which days are asked, how files are read, and the demo archive."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Window
from urbandata.errors import PayloadError
from urbandata.sources.sensor_community import demo, fetch
from urbandata.sources.sensor_community.parse import parse

SOURCE = registry.source("sensor_community").as_demo()
HEADER = b"sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2\n"
LINE = b"8733;SDS011;4403;51.05;13.74;2025-09-01T00:04:41;13.33;;;3.90;;\n"
DAY = Window(datetime(2025, 9, 1, tzinfo=UTC), datetime(2025, 9, 2, tzinfo=UTC))


def rows(parsed):
    return parsed.tables["measurements"].to_pylist()


def test_a_day_is_asked_when_it_is_over():
    asked = list(fetch.requests(DAY, SOURCE))
    assert [r.path for r in asked] == [
        f"2025-09-01/2025-09-01_sds011_sensor_{n}.csv" for n in (9000001, 9000002, 9000003)
    ]
    assert all(r.missing_ok and r.conditional for r in asked)
    assert fetch.finished_days(Window(DAY.start, DAY.end - timedelta(seconds=1))) == []


def test_windows_however_cut_ask_every_day_once():
    cuts = [DAY.start + timedelta(hours=h) for h in (0, 6, 24, 31, 47, 48, 49, 96)]
    asked = [d for a, b in pairwise(cuts) for d in fetch.finished_days(Window(a, b))]
    assert asked == [date(2025, 9, d) for d in (1, 2, 3, 4)]


def test_line_is_read(make_payload):
    parsed = parse(make_payload(HEADER + LINE, extension="csv"), SOURCE)
    assert rows(parsed) == [
        {
            "sensor_id": "8733",
            "sensor_type": "SDS011",
            "location_id": "4403",
            "latitude": 51.05,
            "longitude": 13.74,
            "measured_at": datetime.fromisoformat("2025-09-01T00:04:41"),
            "pm10": 13.33,
            "pm2_5": 3.9,
            "_row": 2,
        }
    ]


def test_broken_lines_are_rejected_and_the_rest_goes_on(make_payload):
    torn = LINE.rstrip(b"\n").removesuffix(b"0;;")  # 3.90 cut to 3.9: looks whole, is not
    content = HEADER + b"\n".join(
        [
            LINE.rstrip(b"\n"),
            LINE.rstrip(b"\n").replace(b"13.33", b"nan"),
            LINE.rstrip(b"\n").replace(b"2025-09-01T", b"2025-09-41T"),
            LINE.rstrip(b"\n") + LINE.rstrip(b"\n"),
            LINE.rstrip(b"\n").replace(b"13.33", b""),
            torn,
        ]
    )
    parsed = parse(make_payload(content, extension="csv"), SOURCE)
    assert [(r["_row"], r["pm10"]) for r in rows(parsed)] == [(2, 13.33), (6, None)]
    assert [r.row for r in parsed.rejects] == [3, 4, 5, 7]
    assert parsed.count == 6


def test_stamps_are_utc_or_turned_away(make_payload):
    stamps = (
        b"01:02:03.5+00:00",
        b"01:02:03+0000",
        b"01:02:03",
        b"01:02:03+02:00",
        b"01:02:03-0030",
    )
    content = HEADER + b"".join(LINE.replace(b"00:04:41", s) for s in stamps)
    parsed = parse(make_payload(content, extension="csv"), SOURCE)
    assert [r["measured_at"].hour for r in rows(parsed)] == [1, 1, 1]
    assert [(r.row, r.reason) for r in parsed.rejects] == [
        (5, "the time is not UTC"),
        (6, "the time is not UTC"),
    ]


@pytest.mark.parametrize("kind", [b"PPD42NS", b"ppd42ns"])
def test_counts_of_particles_are_no_micrograms(make_payload, kind):
    content = HEADER + LINE.replace(b"SDS011", kind)
    with pytest.raises(PayloadError, match="counts particles"):
        parse(make_payload(content, extension="csv"), SOURCE)


def test_columns_of_other_dust_sensors(make_payload):
    header = HEADER.replace(b"P1;durP1;ratioP1;P2;durP2;ratioP2", b"P1;P4;P2;P0;N10;TS")
    line = b"7;SPS30;5;51.05;13.74;2025-09-01T00:04:41;9.1;8.2;7.3;6.4;5;0.5\n"
    (found,) = rows(parse(make_payload(header + line, extension="csv"), SOURCE))
    assert (found["pm10"], found["pm2_5"]) == (9.1, 7.3)


def test_file_with_a_heading_only_has_no_rows(make_payload):
    assert parse(make_payload(HEADER, extension="csv"), SOURCE).count == 0


@pytest.mark.parametrize(
    ("content", "hint"),
    [(b"", "empty"), (b"<html>404</html>", "columns missing"), (b"sensor_id;lat\n1;2\n", "P1")],
)
def test_useless_file_says_why(make_payload, content, hint):
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content, extension="csv"), SOURCE)


@pytest.mark.parametrize(
    ("name", "count", "location"),
    [
        ("2019-01-19_sds011_sensor_8733.csv", 145, "4403"),
        ("2019-05-24_sds011_sensor_24543.csv", 554, "12697"),
    ],
)
def test_real_files_are_read_whole(realdata, make_payload, check, name, count, location):
    content = realdata(f"environment/sensor-community/{name}").read_bytes()
    parsed = parse(make_payload(content, extension="csv", filename=name), SOURCE)
    assert (len(rows(parsed)), parsed.rejects) == (count, ())
    assert {r["location_id"] for r in rows(parsed)} == {location}
    assert all(r["pm10"] >= r["pm2_5"] > 0 for r in rows(parsed))
    result = check("sensor_community", parsed)
    assert result.quarantined == []  # a sensor in Aberdeen is a warning, not an error
    failed = {c.column for c in result.checks if not c.success}
    assert failed == {"latitude", "longitude"}


def test_round_trip_through_the_demo_archive(ask):
    payloads = ask("sensor_community", DAY)
    assert [p.resource for p in payloads] == [
        f"sds011/{n}/2025-09-01" for n in (9000001, 9000002, 9000003)
    ]
    for payload in payloads:
        parsed = parse(payload, SOURCE)
        stamps = [r["measured_at"] for r in rows(parsed)]
        gaps = np.diff([s.timestamp() for s in stamps])
        assert parsed.rejects == ()
        assert 400 < len(stamps) <= 576
        assert gaps.min() > 0
        assert len(set(gaps.tolist())) > 20  # never quite the same beat
        assert {s.date() for s in stamps} == {date(2025, 9, 1)}


def test_a_day_is_published_after_it_is_over(ask, world):
    now = world.now()  # 15 September, 12:00
    assert demo.published(world, date(2025, 9, 14))
    assert not demo.published(world, date(2025, 9, 15))
    assert ask("sensor_community", Window(now, now + timedelta(days=1))) == []


def test_unchanged_file_is_not_sent_twice(world):
    service = TestClient(Starlette(routes=demo.routes(world)))
    url = "/2025-09-01/2025-09-01_sds011_sensor_9000001.csv"
    first = service.get(url)
    again = service.get(url, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert "9000002.csv" in service.get("/2025-09-01/").text
    assert service.get("/2025-09-01/2025-09-01_sds011_sensor_1.csv").status_code == 404
    assert service.get("/2025-09-01/2025-09-02_sds011_sensor_9000001.csv").status_code == 404


def test_damp_air_fools_the_demo_sensor(world):
    sensor = demo.SENSORS[9000001]
    days = [date(2024, 11, 1) + timedelta(days=n) for n in range(30)]
    times = np.concatenate([demo.reading_times(world, sensor, d) for d in days])
    pm10, pm2_5 = demo.dust(world, sensor, times)
    damp = world.humidity_pct(times)
    assert pm10[damp > 96].mean() > 2 * pm10[damp < 80].mean()
    assert (pm10 >= pm2_5).mean() > 0.99


def test_demo_sensor_is_silent_at_times(world):
    sensor = demo.SENSORS[9000002]
    days = [date(2025, 6, 1) + timedelta(days=n) for n in range(60)]
    counts = [demo.reading_times(world, sensor, d).size for d in days]
    assert min(counts) < 500 < max(counts)


def test_door_turns_impossible_values_away(make_payload, check):
    content = HEADER + LINE + LINE.replace(b"13.33", b"-1") + LINE.replace(b"3.90", b"4000")
    content += LINE.replace(b"8733", b"") + LINE.replace(b"2025-09-01T00:04:41", b"")
    result = check("sensor_community", parse(make_payload(content, extension="csv"), SOURCE))
    assert result.accepted["measurements"].num_rows == 1
    assert {q.row: q.reason for q in result.quarantined} == {
        3: "PM10 outside the measuring range (0 to 2,000 µg/m³)",
        4: "PM2.5 outside the measuring range (0 to 1,000 µg/m³)",
        5: "Sensor number is missing",
        6: "Time stamp is missing",
    }


def test_a_sensor_of_another_kind_is_refused_with_what_it_measures(make_payload, tmp_path):
    content = (
        b"sensor_id;sensor_type;location;lat;lon;timestamp;pressure;temperature;humidity\n"
        b"1;BME280;2;51.0;13.7;2025-01-01T00:00:00;99000;5.0;80\n"
    )
    path = tmp_path / "2025-01-01_bme280_sensor_1.csv"
    assert inbox.owner(path, content, tmp_path, registry.sources()) == "sensor_community"
    with pytest.raises(PayloadError, match=r"BME280: pressure, temperature, humidity"):
        parse(make_payload(content), registry.source("sensor_community"))
