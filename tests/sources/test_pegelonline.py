"""PEGELONLINE: what is asked, how answers are read, and the way through the demo river."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.compute as pc
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import registry
from urbandata.contract import Window
from urbandata.errors import PayloadError
from urbandata.sources.pegelonline import demo, fetch
from urbandata.sources.pegelonline.parse import parse

SOURCE = registry.source("pegelonline")
WEEK = Window(datetime(2025, 9, 1, tzinfo=UTC), datetime(2025, 9, 8, tzinfo=UTC))
SNAPSHOT = b"\xef\xbb\xbfstationsname,gewaesser,km,lat,lon,wasserstand_cm,einheit,trend_label,\
status_label,abgerufen_utc\n"


def rows(parsed):
    return parsed.tables["measurements"].to_pylist()


@pytest.fixture
def service(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_one_request_per_gauge_and_series():
    asked = list(fetch.requests(WEEK, SOURCE))
    assert len(asked) == 8
    assert {r.resource for r in asked} >= {"DRESDEN/W", "SCHÖNA/Q"}
    schoena = next(r for r in asked if r.resource == "SCHÖNA/W")
    assert schoena.path == "stations/SCH%C3%96NA/W/measurements.json"
    assert schoena.params == {
        "start": "2025-09-01T00:00:00+00:00",
        "end": "2025-09-08T00:00:00+00:00",
    }
    assert {r.resource for r in asked if r.missing_ok} == {
        f"{g}/Q" for g in ("SCHÖNA", "PIRNA", "DRESDEN", "MEISSEN")
    }


def test_answer_is_read_with_its_offset(make_payload):
    content = b"""[{"timestamp":"2025-03-30T01:45:00+01:00","value":142.0},
                   {"timestamp":"2025-03-30T03:00:00+02:00","value":143.0}]"""
    parsed = parse(make_payload(content, resource="DRESDEN/W"), SOURCE)
    assert [r["measured_at"] for r in rows(parsed)] == [
        datetime(2025, 3, 30, 0, 45, tzinfo=UTC),
        datetime(2025, 3, 30, 1, 0, tzinfo=UTC),
    ]
    assert [(r["station"], r["series"], r["unit"], r["_row"]) for r in rows(parsed)] == [
        ("DRESDEN", "W", "cm", 1),
        ("DRESDEN", "W", "cm", 2),
    ]


def test_broken_readings_are_rejected_and_the_rest_goes_on(make_payload):
    content = b"""[{"timestamp":"2025-09-01T00:00:00+02:00","value":142.0},
                   {"timestamp":"2025-09-01T00:15:00+02:00","value":"XXX"},
                   {"timestamp":"2025-09-01T00:30:00","value":143.0},
                   {"timestamp":"2025-09-01T00:45:00+02:00","value":null},
                   "no reading"]"""
    parsed = parse(make_payload(content, resource="PIRNA/W"), SOURCE)
    assert [r.row for r in parsed.rejects] == [2, 3]
    assert "XXX" in parsed.rejects[0].reason
    assert "offset" in parsed.rejects[1].reason
    assert [(r["_row"], r["value"]) for r in rows(parsed)] == [(1, 142.0), (4, None), (5, None)]
    assert parsed.count == 5


@pytest.mark.parametrize(
    ("name", "station", "series", "unit"),
    [
        ("DRESDEN_W.json", "DRESDEN", "W", "cm"),
        ("meißen_w.JSON", "MEISSEN", "W", "cm"),
        ("SCHO\u0308NA_W.json", "SCHÖNA", "W", "cm"),
        ("HANNOVER_W.json", "HANNOVER", "W", None),
        ("HANNOVER_Q.json", "HANNOVER", "Q", "m³/s"),
    ],
)
def test_name_of_a_file_tells_gauge_and_series(make_payload, name, station, series, unit):
    content = b'[{"timestamp":"2025-09-01T00:00:00+02:00","value":50.32}]'
    (found,) = rows(parse(make_payload(content, filename=name), SOURCE))
    assert (found["station"], found["series"], found["unit"]) == (station, series, unit)


def test_empty_answer_is_no_error(make_payload):
    assert parse(make_payload(b"[]", resource="PIRNA/W"), SOURCE).count == 0


@pytest.mark.parametrize(
    ("content", "resource", "hint"),
    [
        (b'[{"timestamp":', "DRESDEN/W", "JSON"),
        (b'{"status":404,"message":"gone"}', "DRESDEN/W", "no JSON array"),
        (b'[{"timestamp":"2025-09-01T00:00:00Z","value":1}]', "DRESDEN", "no gauge and series"),
        (b"", "DRESDEN/W", "empty"),
        (b"a,b\n1,2\n", "inbox/x.csv", "columns missing"),
    ],
)
def test_useless_payload_says_why(make_payload, content, resource, hint):
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content, resource=resource), SOURCE)


def test_file_name_tells_gauge_and_series(make_payload):
    content = b'[{"timestamp":"2025-09-01T00:00:00+02:00","value":250.5}]'
    payload = make_payload(content, resource="inbox/DRESDEN_Q.json", filename="DRESDEN_Q.json")
    (row,) = rows(parse(payload, SOURCE))
    assert (row["station"], row["series"], row["unit"]) == ("DRESDEN", "Q", "m³/s")


def test_broken_lines_of_a_snapshot_are_rejected(make_payload):
    content = SNAPSHOT + (
        b"DRESDEN,ELBE,55.63,51.05,13.74,134.0,cm,,Normal,2026-08-22T22:27:09Z\n"
        b"PIRNA,ELBE,34.67,50.96,13.93,12\n"
        b"MEISSEN,ELBE,82.2,51.16,13.48,viel,cm,,Normal,2026-08-22T22:27:09Z\n"
        b"RIESA,ELBE,108.4,51.3,13.3,99.0,cm,,Normal,2026-08-22T22:27:09Z,2026\n"
    )
    parsed = parse(make_payload(content, extension="csv"), SOURCE)
    assert [r["station"] for r in rows(parsed)] == ["DRESDEN"]
    assert [r.row for r in parsed.rejects] == [3, 4, 5]
    assert "cut off" in parsed.rejects[0].reason


def test_real_snapshots_keep_every_gauge(realdata, make_payload, check):
    files = sorted(realdata("environment/pegel").glob("*.csv"))
    assert len(files) == 10
    levels = []
    for file in files:
        parsed = parse(make_payload(file.read_bytes(), filename=file.name), SOURCE)
        assert parsed.count == 434
        assert parsed.rejects == ()
        units = parsed.tables["measurements"].column("unit")
        assert pc.sum(pc.equal(units, "m+NN")).as_py() == 53
        levels += [r["value"] for r in rows(parsed) if r["station"] == "DRESDEN"]
    assert (levels[0], levels[-1]) == (91.0, 134.0)
    result = check("pegelonline", parsed)
    assert not result.held
    assert result.quarantined == []


def test_round_trip_through_the_demo_river(ask):
    payloads = ask("pegelonline", WEEK)
    assert [p.resource for p in payloads] == [
        *("SCHÖNA/W", "SCHÖNA/Q", "PIRNA/W", "DRESDEN/W", "DRESDEN/Q", "MEISSEN/W")
    ]
    for payload in payloads:
        parsed = parse(payload, SOURCE)
        assert parsed.rejects == ()
        stamps = [r["measured_at"] for r in rows(parsed)]
        assert 0.9 * 7 * 96 < len(stamps) <= 7 * 96 + 10
        assert WEEK.start <= min(stamps)
        assert max(stamps) <= WEEK.end
        assert stamps == sorted(stamps)


def test_demo_values_do_not_depend_on_the_window(world):
    gauge, middle = demo.GAUGES[2], WEEK.start + timedelta(days=3)
    whole = list(zip(*demo.readings(world, gauge, "W", WEEK.start, WEEK.end), strict=True))
    part = list(zip(*demo.readings(world, gauge, "W", middle, WEEK.end), strict=True))
    assert len(part) > 300
    assert whole[-len(part) :] == part


def test_demo_serves_nothing_from_the_future(world):
    times, _ = demo.readings(
        world, demo.GAUGES[2], "W", world.now() - timedelta(days=2), world.now() + timedelta(days=9)
    )
    assert times.max() <= np.datetime64(world.now().replace(tzinfo=None))


def test_demo_has_the_habits_of_the_service(world):
    year = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    times, values = demo.readings(world, demo.GAUGES[2], "W", *year)
    unique = np.unique(times)
    assert len(unique) < len(times) < 1.01 * len(unique)  # repeated stamps
    assert 0.97 * 366 * 96 < len(unique) < 366 * 96  # gaps
    gauges = [demo.readings(world, g, "W", *year)[1] for g in demo.GAUGES]
    assert sum((v == demo.NONSENSE).sum() for v in [values, *gauges]) > 0


def test_demo_values_arrive_late_but_arrive(world):
    """What is missing now and known later is late, not lost."""
    from urbandata.demo.world import World

    def known(at):
        then = World(seed=world.seed, clock=lambda: at)
        end = datetime(2025, 3, 1, tzinfo=UTC)
        return len(demo.readings(then, demo.GAUGES[2], "W", end - timedelta(days=1), end)[0])

    days = [datetime(2025, 3, 1, tzinfo=UTC) + timedelta(hours=h) for h in (0, 30)]
    assert known(days[0]) < known(days[1])


def test_local_stamps_carry_the_offset_of_their_season(service):
    url = "/stations/DRESDEN/W/measurements.json"
    span = {"start": "2024-10-27T00:30:00+00:00", "end": "2024-10-27T01:30:00+00:00"}
    stamps = [r["timestamp"] for r in service.get(url, params=span).json()]
    assert "2024-10-27T02:45:00+02:00" in stamps
    assert "2024-10-27T02:00:00+01:00" in stamps


def test_service_describes_stations(service):
    wanted = {"waters": "ELBE", "includeTimeseries": "true", "includeCurrentMeasurement": "true"}
    stations = service.get("/stations.json", params=wanted).json()
    dresden = next(s for s in stations if s["shortname"] == "DRESDEN")
    assert [t["shortname"] for t in dresden["timeseries"]] == ["W", "Q"]
    current = service.get(f"/stations/{dresden['uuid']}/W/currentmeasurement.json").json()
    assert dresden["timeseries"][0]["currentMeasurement"] == current
    assert current["stateMnwMhw"] in ("low", "normal", "high")
    assert service.get("/stations/SCHÖNA.json").json()["km"] == 2.05
    assert service.get("/stations.json", params={"waters": "RHEIN"}).json() == []


def test_period_before_now(service, world):
    answer = service.get("/stations/PIRNA/W/measurements.json", params={"start": "P8D"}).json()
    first = datetime.fromisoformat(answer[0]["timestamp"])
    assert world.now() - timedelta(days=8) <= first < world.now() - timedelta(days=7)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/stations/PIRNA/Q/measurements.json", 404),
        ("/stations/PRAHA.json", 404),
        ("/stations/DRESDEN/W/measurements.json?start=gestern", 400),
    ],
)
def test_errors_are_json(service, path, status):
    answer = service.get(path)
    assert answer.status_code == status
    assert json.loads(answer.content)["status"] == status


def test_door_turns_nonsense_away_and_keeps_the_flood(make_payload, check):
    content = b"""[{"timestamp":"2025-09-01T00:00:00+02:00","value":940.0},
                   {"timestamp":"2025-09-01T00:15:00+02:00","value":3276.7},
                   {"value":140.0}]"""
    result = check("pegelonline", parse(make_payload(content, resource="DRESDEN/W"), SOURCE))
    assert result.accepted["measurements"].column("value").to_pylist() == [940.0]
    assert {q.row: q.reason for q in result.quarantined} == {
        2: "Water level outside the possible range of the Elbe (-50 to 1,300 cm)",
        3: "Time stamp is missing",
    }
