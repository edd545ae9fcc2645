"""UBA Air Data API v4: questions, positional answers, hour 24, the demo city, the door."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.compute as pc
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import registry
from urbandata.contract import Window
from urbandata.demo import air
from urbandata.errors import FetchError, PayloadError
from urbandata.inbox import owner
from urbandata.sources.uba_air import demo, fetch, parse

SOURCE = registry.source("uba_air")
NAMES = ["component id", "scope id", "value", "date end", "index"]
STATION_NAMES = ["station id", "station code", "station name", "station longitude"]
WEEK = Window(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 8, tzinfo=UTC))


def answer(data, names=NAMES):
    indices = {"data": {"station id": {"date start": names}}}
    return json.dumps({"request": {}, "indices": indices, "data": data}).encode()


def station_list(*rows):
    data = {row[0]: list(row) for row in rows}
    return json.dumps({"indices": STATION_NAMES, "data": data, "count": len(rows)}).encode()


def measures(parsed):
    return parsed.tables["measures"].to_pylist()


# --- questions


def test_the_first_question_is_the_station_list():
    (request,) = fetch.requests(WEEK, SOURCE)
    assert (request.resource, request.path) == ("stations", "stations/json")
    assert request.params["use"] == "airquality"


def test_numbers_are_read_from_the_list_not_from_the_settings(make_payload):
    (first,) = fetch.requests(WEEK, SOURCE)
    listed = station_list(("4711", "DESN061", "Nord", "13.7"), ("9", "DESN084", "Berg", "13.7"))
    asked = list(fetch.follow(first, make_payload(listed), SOURCE))
    assert {(r.resource.split("/")[1], r.params["station"]) for r in asked} == {
        ("DESN061", "4711"),
        ("DESN084", "9"),
    }
    assert sorted(r.params["component"] for r in asked if r.params["station"] == "9") == list(
        "1359"
    )
    assert {r.params["scope"] for r in asked} == {"2"}
    assert not list(fetch.follow(asked[0], make_payload(answer({})), SOURCE))


def test_of_two_stations_with_one_code_the_younger_is_asked(make_payload):
    names = [*STATION_NAMES, "station active from"]
    new, old = (
        ["2", "DESN061", "neu", "13", "2020-01-01"],
        ["1", "DESN061", "alt", "13", "1991-01-01"],
    )
    content = json.dumps({"indices": names, "data": {"2": new, "1": old}}).encode()
    assert fetch.station_ids(content) == {"DESN061": "2"}


@pytest.mark.parametrize(
    "content", [station_list(("1", "DEBB001", "x", "13")), b"{", b"[]", b'{"data": {}}', b"null"]
)
def test_a_list_without_our_stations_is_a_failure_not_silence(content, make_payload):
    (first,) = fetch.requests(WEEK, SOURCE)
    with pytest.raises(FetchError, match="station list"):
        list(fetch.follow(first, make_payload(content), SOURCE))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # 23:00 UTC is midnight CET: hour 1 of the next day
        ("2024-01-01T23:00", "2024-01-02T00:00", ("2024-01-02", "1", "2024-01-02", "1")),
        # the last hour of a CET day is hour 24, in summer too
        ("2024-07-01T22:00", "2024-07-01T23:00", ("2024-07-01", "24", "2024-07-01", "24")),
        # parts of an hour: the hour they lie in
        ("2024-07-01T10:20", "2024-07-01T12:40", ("2024-07-01", "12", "2024-07-01", "14")),
        ("2024-01-01T00:00", "2025-01-01T00:00", ("2024-01-01", "2", "2025-01-01", "1")),
    ],
)
def test_hours_count_one_to_twenty_four_in_cet(start, end, expected):
    window = Window(
        datetime.fromisoformat(start).replace(tzinfo=UTC),
        datetime.fromisoformat(end).replace(tzinfo=UTC),
    )
    assert tuple(fetch.hours(window).values()) == expected


# --- answers


@pytest.mark.parametrize("midnight", ["2024-01-01 24:00:00", "2024-01-02 00:00:00"])
def test_both_ways_of_writing_midnight_are_the_same_instant(midnight, make_payload):
    content = answer({"298": {"2024-01-01 23:00:00": [5, 2, 23, midnight, "1"]}})
    (row,) = measures(parse.parse(make_payload(content, "measures/DESN061/NO2"), SOURCE))
    assert row == {
        "station_id": "298",
        "station_code": "DESN061",
        "component_id": 5,
        "scope_id": 2,
        "date_start": datetime(2024, 1, 1, 23),  # noqa: DTZ001 - clock readings
        "date_end": datetime(2024, 1, 2, 0),  # noqa: DTZ001
        "value": 23.0,
        "index": 1,
        "_row": 1,
    }


def test_positions_are_read_from_the_answer(make_payload):
    content = answer(
        {"298": {"2024-01-01 00:00:00": ["2024-01-01 01:00:00", 7.5, 9, None, 2, "new"]}},
        ["date end", "value", "component id", "index", "scope id", "something new"],
    )
    (row,) = measures(parse.parse(make_payload(content), SOURCE))
    assert (row["value"], row["component_id"], row["scope_id"], row["index"]) == (7.5, 9, 2, None)


def test_a_gap_is_a_row_without_value_and_order_is_kept(make_payload):
    data = {
        "311": {
            "2024-01-01 13:00:00": [5, 2, None, "2024-01-01 14:00:00", None],
            "2024-01-01 11:00:00": [5, 2, 8, "2024-01-01 12:00:00", "0"],
        },
        "12": {"2024-01-01 11:00:00": [5, 2, 9, "2024-01-01 12:00:00", "0"]},
    }
    parsed = parse.parse(make_payload(answer(data), "inbox/uba.json"), SOURCE)
    found = [
        (r["station_code"], r["date_start"].hour, r["value"], r["_row"]) for r in measures(parsed)
    ]
    assert found == [("DESN092", 13, None, 1), ("DESN092", 11, 8.0, 2), (None, 11, 9.0, 3)]


def test_broken_records_are_turned_away_and_the_rest_goes_on(make_payload):
    data = {
        "298": {
            "2024-01-01 00:00:00": [5, 2, "n/a", "2024-01-01 01:00:00", "1"],
            "2024-02-30 00:00:00": [5, 2, 1, "2024-01-01 01:00:00", "1"],
            "2024-01-01 02:00:00": [5, 2, 3],
            "2024-01-01 03:00:00": {"value": 3},
            "2024-01-01 04:00:00": [5, 2, 4, "2024-01-01 05:00:00", "0"],
        },
        "311": None,
    }
    parsed = parse.parse(make_payload(answer(data), "measures/DESN061/NO2"), SOURCE)
    assert [r["value"] for r in measures(parsed)] == [4.0]
    assert [r.row for r in parsed.rejects] == [1, 2, 3, 4, 6]
    assert 'value: "n/a" is not a float' in parsed.rejects[0].reason
    assert "date_start" in parsed.rejects[1].reason
    assert "not a list of at least 5" in parsed.rejects[2].reason
    assert "298 2024-01-01 02:00:00" in parsed.rejects[2].record
    assert parsed.count == 6


@pytest.mark.parametrize("data", [{}, [], {"298": {}}])
def test_an_empty_answer_is_an_empty_table(data, make_payload):
    parsed = parse.parse(make_payload(answer(data), "measures/DESN061/NO2"), SOURCE)
    assert parsed.count == 0
    assert parsed.tables["measures"].schema.names[:2] == ["station_id", "station_code"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "broken JSON"),
        (answer({"298": {}})[:-9], "broken JSON"),
        (b'{"error": "x"}', "does not name its positions"),
        (b"[]", "does not name its positions"),
        (answer({}, NAMES[:3]), "missing in 'indices': date end, index"),
        (answer([1, 2]), "no 'data'"),
        (answer(None), "no 'data'"),
        (b"\xff\xfe", "encodings"),
    ],
)
def test_a_payload_that_cannot_be_read_is_refused(content, message, make_payload):
    with pytest.raises(PayloadError, match=message):
        parse.parse(make_payload(content), SOURCE)


def test_stations_are_read_by_name_and_missing_columns_are_null(make_payload):
    content = station_list(
        ("298", "DESN061", "Dresden-Nord", "13.7411"), ("x", "DESN092", "W", "O")
    )
    parsed = parse.parse(make_payload(content, "stations"), SOURCE)
    (row,) = parsed.tables["stations"].to_pylist()
    assert (row["code"], row["longitude"], row["latitude"]) == ("DESN061", 13.7411, None)
    assert "longitude" in parsed.rejects[0].reason


# --- demo city and door


@pytest.fixture(scope="module")
def june():
    return Window(datetime(2025, 5, 31, 23, tzinfo=UTC), datetime(2025, 6, 3, 23, tzinfo=UTC))


def test_round_trip_every_hour_once(ask, june):
    payloads = ask("uba_air", june)
    assert len(payloads) == 1 + 4 * 4
    for payload in payloads[1:]:
        parsed = parse.parse(payload, SOURCE)
        table = parsed.tables["measures"]
        assert not parsed.rejects
        assert table.num_rows == 72 == len(set(table["date_start"].to_pylist()))
        assert set(table["station_code"].to_pylist()) == {payload.resource.split("/")[1]}
        length = pc.subtract(table["date_end"], table["date_start"])
        assert set(length.to_pylist()) == {timedelta(hours=1)}
    assert b"24:00:00" in payloads[1].content


def test_demo_shows_the_city_air_as_whole_numbers(ask, june, world):
    payload = next(p for p in ask("uba_air", june) if p.resource == "measures/DESN061/O3")
    shown = [r["value"] for r in measures(parse.parse(payload, SOURCE))]
    begins = air.full_hours(world, june.start, june.end)
    values = air.means(world, air.STATIONS["DESN061"], begins)["O3"]
    assert shown == [None if np.isnan(v) else float(np.rint(v)) for v in values]


def test_demo_values_of_the_last_days_change_later(world, ask):
    later = replace_clock(world, timedelta(days=10))
    begins = air.full_hours(world, world.now() - timedelta(days=4), world.now())
    station = air.STATIONS["DESN061"]
    now, then = (demo._published(w, station, "O3", begins) for w in (world, later))
    assert now[:40] == then[:40]  # older than two days: final
    assert now[-40:] != then[-40:]


def replace_clock(world, delta):
    moment = world.now() + delta
    return type(world)(world.seed, clock=lambda: moment)


def test_demo_never_serves_what_is_not_over(ask, world):
    window = Window(world.now() - timedelta(hours=3), world.now() + timedelta(days=2))
    payload = next(p for p in ask("uba_air", window) if p.resource == "measures/DESN092/NO2")
    ends = [r["date_end"] for r in measures(parse.parse(payload, SOURCE))]
    assert max(ends).replace(tzinfo=UTC) - timedelta(hours=1) <= world.now()
    assert len(ends) == 3


def test_demo_closed_days_have_no_entries(ask):
    window = Window(datetime(2024, 3, 10, tzinfo=UTC), datetime(2024, 3, 11, tzinfo=UTC))
    payloads = ask("uba_air", window)
    counts = {p.resource: parse.parse(p, SOURCE).count for p in payloads[1:]}
    assert counts["measures/DESN084/NO2"] == 0
    assert counts["measures/DESN061/NO2"] == 24


def test_demo_refuses_hours_outside_one_to_twenty_four(world):
    client = TestClient(Starlette(routes=SOURCE.module("demo").routes(world)))
    query = {"date_from": "2024-01-01", "time_from": "0", "date_to": "2024-01-01", "time_to": "24"}
    assert client.get("/measures/json", params=query).status_code == 400
    unknown = client.get("/measures/json", params={**query, "time_from": "1", "station": "77"})
    assert (unknown.status_code, unknown.json()["data"]) == (200, {})


def test_the_demo_passes_the_door(ask, june, check):
    for payload in ask("uba_air", june)[:3]:
        parsed = parse.parse(payload, SOURCE)
        result = check("uba_air", parsed)
        assert not result.quarantined
        assert not result.held
        assert all(c.success for c in result.checks), [c for c in result.checks if not c.success]


def test_the_door_turns_away_single_rows(make_payload, check):
    data = {
        "298": {
            "2024-01-01 00:00:00": [5, 2, -400, "2024-01-01 01:00:00", "0"],
            "2024-01-01 01:00:00": [5, 2, 9, "2024-01-01 01:00:00", "0"],
            "2024-01-01 02:00:00": [5, 2, 9, None, "0"],
            "2024-01-01 03:00:00": [5, 2, None, "2024-01-01 04:00:00", None],
            "2024-01-01 04:00:00": [1, 2, 1100, "2024-01-01 05:00:00", "5"],
        }
    }
    parsed = parse.parse(make_payload(answer(data), "measures/DESN061/NO2"), SOURCE)
    result = check("uba_air", parsed)
    assert {r.row: r.reason for r in result.quarantined} == {
        1: "Value outside the possible range",
        2: "End is not after the start",
        3: "End of the period is missing",
    }
    assert result.accepted["measures"]["_row"].to_pylist() == [4, 5]
    assert any(c.severity == "warning" and not c.success for c in result.checks)


def test_the_door_holds_back_swapped_coordinates(make_payload, check):
    names = [*STATION_NAMES, "station latitude"]
    rows = {"1": ["1", "DESN061", "a", "51.1", "13.7"], "2": ["2", "DESN092", "b", "13.7", "51.0"]}
    content = json.dumps({"indices": names, "data": rows}).encode()
    result = check("uba_air", parse.parse(make_payload(content, "stations"), SOURCE))
    assert [r.row for r in result.quarantined] == [1]


# --- inbox and the model behind the demo


def test_inbox_recognises_answers_by_content(tmp_path):
    for content in (answer({}), station_list(("298", "DESN061", "N", "13"))):
        path = tmp_path / "download.txt"
        assert owner(path, content, tmp_path, registry.sources()) == "uba_air"
    assert owner(tmp_path / "a.json", b'{"data": {}}', tmp_path, {"uba_air": SOURCE}) == "_unknown"


@pytest.mark.parametrize(
    ("code", "no2", "pm10", "pm2_5"),
    [
        ("DESN061", (21, 28), (16, 21), (9, 11.5)),
        ("DESN092", (11, 15), (14, 18), (8, 10.5)),
        ("DESN051", (6, 10), (12, 16), (7, 9.5)),
    ],
)
def test_demo_yearly_means_resemble_dresden(world, code, no2, pm10, pm2_5):
    means = year_means(world, code)
    for pollutant, (low, high) in {"NO2": no2, "PM10": pm10, "PM2.5": pm2_5}.items():
        assert low < np.nanmean(means[pollutant]) < high, pollutant


def year_means(world, code, year=2024):
    start = datetime(year - 1, 12, 31, 23, tzinfo=UTC)
    begins = air.full_hours(world, start, start + timedelta(days=366))
    return air.means(world, air.STATIONS[code], begins)


def test_demo_closures_leave_one_year_below_85_percent(world):
    share = {code: 1 - np.isnan(year_means(world, code)["NO2"]).mean() for code in air.STATIONS}
    assert share.pop("DESN084") < 0.85
    assert min(share.values()) > 0.95


def test_demo_fireworks_and_summer_ozone(world):
    means = year_means(world, "DESN061")
    assert np.nanargmax(means["PM10"]) < 6  # the first hours of the year
    noon = np.arange(8784) // 24
    summer, winter = (noon >= 152) & (noon < 244), (noon < 60)
    assert np.nanmean(means["O3"][summer]) > np.nanmean(means["O3"][winter]) + 15


def test_demo_is_the_same_for_any_window(world):
    station = air.STATIONS["DESN092"]
    long = air.full_hours(world, WEEK.start, WEEK.end)
    whole = air.means(world, station, long)["PM10"]
    part = air.means(world, station, long[50:60])["PM10"]
    np.testing.assert_array_equal(whole[50:60], part)
    other = air.means(type(world)(7, clock=world.now), station, long)["PM10"]
    assert not np.array_equal(whole, other)
