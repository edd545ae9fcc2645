"""DWD station files: which file for which window, zips and their faults, the demo, the door."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow.compute as pc
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests import archives

from urbandata import registry
from urbandata.contract import Window
from urbandata.errors import FetchError, PayloadError
from urbandata.inbox import owner
from urbandata.reading import tabular
from urbandata.sources.dwd_rain import demo, fetch, parse

SOURCE = registry.source("dwd_rain")
TEN = "STATIONS_ID;MESS_DATUM;  QN;RWS_DAU_10;RWS_10;RWS_IND_10;eor"
HOUR = "STATIONS_ID;MESS_DATUM;QN_8;  R1;RS_IND;WRTR;eor"
DAY = (
    "STATIONS_ID;MESS_DATUM;QN_3;  FX;  FM;QN_4; RSK;RSKF; SDK;SHK_TAG;  NM; VPM;  PM; TMK; UPM;"
    " TXK; TNK; TGK;eor"
)
REAL = (
    "10315-BEOB.csv",
    "dresden-klotzsche-01048-tageswerte.txt",
    "observations_recent_RR_akt.zip",
)


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def text(*lines):
    return "".join(f"{line}\r\n" for line in lines).encode()


def zipped(**members):
    texts = {f"{name}.txt": content for name, content in members.items()}
    return archives.zipped(texts, zipfile.ZIP_DEFLATED)


def resources(requests):
    return [r.resource for r in requests]


def ten(day, clock, rain="0.00", minutes="0"):
    return f"       1048;{day}{clock};    3;{minutes:>4};{rain:>7};   0;eor"


# --- questions


def test_a_short_window_asks_only_the_small_files_of_today():
    asked = list(fetch.requests(Window(at(2025, 9, 17, 14), at(2025, 9, 17, 14, 15)), SOURCE))
    assert resources(asked) == [
        f"ten_minutes/10minutenwerte_nieder_{s}_now" for s in ("01048", "01050", "01051", "01693")
    ]
    assert all(r.conditional and r.missing_ok and r.path.endswith("_now.zip") for r in asked)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (at(2025, 9, 16), {"daily": 3, "ten_minutes": 4}),  # Tuesday
        (at(2025, 9, 15), {"daily": 3, "ten_minutes": 8, "hourly": 4}),  # Monday
    ],
)
def test_recent_files_are_asked_in_one_window_of_the_day(day, counts):
    starts = [day + timedelta(minutes=15 * n) for n in range(96)]
    rounds = [list(fetch.requests(Window(s, s + timedelta(minutes=15)), SOURCE)) for s in starts]
    large = [r for r in rounds if len(r) > 4]
    assert len(large) == 1
    assert len(large[0]) == sum(counts.values())
    for dataset, count in counts.items():
        assert sum(r.resource.startswith(f"{dataset}/") for r in large[0]) == count


def test_a_gap_over_the_hour_of_renewal_asks_the_recent_files_too():
    asked = list(fetch.requests(Window(at(2025, 9, 14, 20), at(2025, 9, 15, 10)), SOURCE))
    assert "ten_minutes/10minutenwerte_nieder_01693_akt" in resources(asked)
    assert not fetch.refresh_due(Window(at(2025, 9, 16, 9, 1), at(2025, 9, 17, 9)), 9)
    assert fetch.refresh_due(Window(at(2025, 9, 16, 9), at(2025, 9, 16, 9, 15)), 9)


def listing(*spans, name="10minutenwerte_nieder"):
    files = [f"{name}_{station}_{span}_hist.zip" for station, span in spans]
    return "".join(f'<a href="{f}">{f}</a>  2025\n' for f in files).encode()


def follow(window, content, make_payload):
    (first, *_) = fetch.requests(window, SOURCE)
    assert (first.land, first.path.endswith("historical/")) == (False, True)
    return resources(fetch.follow(first, make_payload(content), SOURCE))


def test_a_long_window_takes_the_historical_files_that_overlap(make_payload):
    listed = listing(
        ("01048", "20100101_20191231"),
        ("01048", "20200101_20241231"),
        ("00044", "20200101_20241231"),
    )
    prefix = "ten_minutes/10minutenwerte_nieder"
    recent = [f"{prefix}_{s}_akt" for s in ("01048", "01050", "01051", "01693")]
    window = Window(at(2023, 7, 1), at(2025, 9, 15))
    assert follow(window, listed, make_payload) == [
        f"{prefix}_01048_20200101_20241231_hist",
        *recent,
    ]
    within = Window(at(2024, 12, 31), at(2025, 1, 1))
    assert follow(within, listed, make_payload) == [
        f"{prefix}_01048_20200101_20241231_hist",
        *recent[1:],
    ]
    after = Window(at(2025, 1, 1), at(2025, 2, 1))
    assert follow(after, listed, make_payload) == recent


def test_a_list_without_the_files_is_an_error_not_silence(make_payload):
    with pytest.raises(FetchError, match="lists no 10minutenwerte_nieder"):
        follow(Window(at(2023, 7, 1), at(2024, 1, 1)), b"<html>moved</html>", make_payload)


# --- answers


def test_good_and_bad_lines_of_a_zip_all_arrive_somewhere(make_payload):
    product = text(
        TEN,
        ten(20240331, "0150", "0.12", "3"),
        ten(20240331, "0200", "-999", "-999"),
        "",
        ten(20240331, "2460"),
        ten(20240331, "0220", "0,5"),
        ten(20240331, "0230") + ";more",
        "       1048;202403310240;    3;   0;   0.",
    )
    content = zipped(
        Metadaten_Geographie_01048="Höhe".encode("latin-1"), produkt_zehn_min_rr=product
    )
    parsed = parse.parse(make_payload(content, extension="zip"), SOURCE)
    assert parsed.tables["ten_minutes"].to_pylist() == [
        {
            "station_id": "1048",
            "measured_at": datetime(2024, 3, 31, 1, 50),  # noqa: DTZ001 - as written
            "quality_level": 3,
            "rain_duration": 3,
            "precipitation": 0.12,
            "precipitation_indicator": 0,
            "_row": 2,
        },
        {
            "station_id": "1048",
            "measured_at": datetime(2024, 3, 31, 2, 0),  # noqa: DTZ001
            "quality_level": 3,
            "rain_duration": None,
            "precipitation": None,
            "precipitation_indicator": 0,
            "_row": 3,
        },
    ]
    reasons = [(r.row, r.reason) for r in parsed.rejects]
    assert reasons[0] == (5, 'measured_at: "202403312460" is not a datetime')
    assert reasons[1] == (6, 'precipitation: "0,5" is not a float')
    assert reasons[2] == (7, "8 fields, the header has 7")
    assert reasons[3] == (8, "the line is cut off: no 'eor' at its end")
    assert parsed.count == 6


@pytest.mark.parametrize(
    ("header", "table"), [(TEN, "ten_minutes"), (HOUR, "hourly"), (DAY, "daily")]
)
def test_a_product_without_lines_has_no_rows(make_payload, header, table):
    parsed = parse.parse(make_payload(text(header)), SOURCE)
    assert (parsed.tables[table].num_rows, parsed.rejects) == (0, ())


GOOD = zipped(produkt_zehn_min_rr=text(TEN, *[ten(20240101, f"{h:02}00") for h in range(24)]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"<html><body>Wartung</body></html>", "no known DWD product"),
        (text("STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor"), "no known DWD product"),
        (text("STATIONS_ID;MESS_DATUM;RWS_10;eor"), "columns missing: QN"),
        (text("STATIONS_ID;;;eor"), "not a header"),
        (GOOD[:200], "zip is broken"),
        (GOOD[:60] + b"\0\0\0\0" + GOOD[64:], "zip is broken"),
        (zipped(), "0 product files"),
        (zipped(Metadaten_Geographie_01048="x"), "0 product files"),
        (zipped(produkt_a=text(TEN), produkt_b=text(TEN)), "2 product files"),
        (text("surface observations;Parameter description;a", ";Unit;b"), "columns missing"),
        (
            text(
                "surface observations;Parameter description;precipitation_amount_last_hour",
                "Datum;Uhrzeit;Niederschlag",
            ),
            "station's number",
        ),
        (
            text(
                "surface observations;Parameter description;precipitation_amount_last_hour",
                "10147;Unit;cm",
            ),
            "in 'cm', not in mm",
        ),
    ],
)
def test_an_unreadable_payload_says_why(make_payload, content, message):
    with pytest.raises(PayloadError, match=message):
        parse.parse(make_payload(content), SOURCE)


def test_the_quick_reader_agrees_with_the_csv_reader():
    content = text("a; b;c", "1;;3", "", "4", "5;6;7;8", " 9 ;x;y").replace(b"\r", b"")
    quick, slow = tabular.split_records(content, ";"), tabular.csv_records(content, ";")
    assert quick.to_pylist() == slow.to_pylist()
    skipped = tabular.split_records(b"note\n" + content, ";", skip=1)
    assert skipped.drop_columns("_row") == quick.drop_columns("_row")
    assert skipped["_row"].to_pylist() == [n + 1 for n in quick["_row"].to_pylist()]


# --- real files


def test_real_daily_values_since_1934_pass_the_door_with_the_flood_day(
    realdata, make_payload, check
):
    content = realdata(f"environment/dwd/{REAL[1]}").read_bytes()
    parsed = parse.parse(make_payload(content, extension="txt"), SOURCE)
    days = parsed.tables["daily"]
    assert (days.num_rows, parsed.rejects) == (27_453, ())
    result = check("dwd_rain", parsed)
    accepted = result.accepted["daily"]
    assert (accepted.num_rows, result.quarantined, result.held) == (27_453, [], "")
    flood = accepted.filter(pc.equal(accepted["observed_on"], date(2002, 8, 12))).to_pylist()
    assert [(d["station_id"], d["precipitation"]) for d in flood] == [("1048", 158.0)]
    observed = days["observed_on"]
    assert (observed[0].as_py(), observed[-1].as_py()) == (date(1934, 1, 1), date(2023, 12, 31))
    gap = pc.and_(pc.greater(observed, date(1945, 2, 28)), pc.less(observed, date(1960, 1, 1)))
    assert pc.sum(gap).as_py() == 0
    assert days["wind_gust_max"][0].as_py() is None
    assert pc.min(days["temperature_min"]).as_py() > -40


def test_real_hourly_zip_with_latin_1_descriptions(realdata, make_payload, check):
    content = realdata(f"environment/dwd/{REAL[2]}").read_bytes()
    parsed = parse.parse(make_payload(content, extension="zip"), SOURCE)
    rows = parsed.tables["hourly"].to_pylist()
    assert (len(rows), parsed.rejects) == (10, ())
    assert {r["station_id"] for r in rows} == {"20"}
    assert rows[1]["measured_at"].isoformat() == "2018-09-22T21:00:00"
    assert (rows[1]["precipitation"], rows[1]["precipitation_form"]) == (0.1, None)
    assert check("dwd_rain", parsed).accepted["hourly"].num_rows == 10


@pytest.mark.parametrize("station", ["10147", "A191"])
def test_poi_report_of_any_station(make_payload, check, station):
    content = text(
        "surface observations;Parameter description;x;precipitation_amount_last_hour",
        f"{station};Unit;%;mm",
        "Datum;Uhrzeit (UTC);x;Niederschlag",
        "31.08.26;20:00;1;0,1",
        "31.08.26;19:00;1;1.5",
    )
    parsed = parse.parse(make_payload(content), SOURCE)
    (found,) = parsed.tables["hourly"].to_pylist()
    assert (found["station_id"], found["precipitation"]) == (station, 0.1)
    assert [r.row for r in parsed.rejects] == [5]
    assert check("dwd_rain", parsed).accepted["hourly"].num_rows == 1


def test_real_poi_report(realdata, make_payload, check):
    content = realdata(f"environment/dwd/{REAL[0]}").read_bytes()
    parsed = parse.parse(make_payload(content, extension="csv"), SOURCE)
    rows = parsed.tables["hourly"].to_pylist()
    assert (len(rows), parsed.rejects) == (25, ())
    assert {r["station_id"] for r in rows} == {"10315"}
    assert (rows[0]["_row"], rows[0]["precipitation"]) == (4, 2.1)
    times = [r["measured_at"] for r in rows]
    assert times[0].isoformat() == "2023-04-12T11:00:00"
    assert times == sorted(times, reverse=True)
    assert check("dwd_rain", parsed).accepted["hourly"].num_rows == 25


def test_the_inbox_knows_the_files_of_this_source_and_no_others(realdata):
    every = registry.sources()
    folder = realdata("environment/dwd")

    def whose(name):
        path = folder / name
        return owner(path, path.read_bytes(), folder, every)

    assert {whose(name) for name in REAL} == {"dwd_rain"}
    assert whose("meta_wetterdaten.txt") == "_unknown"
    warnings = next(p.name for p in folder.glob("Z_CAP_*"))
    assert whose(warnings) != "dwd_rain"


# --- the demo city


@pytest.fixture(scope="module")
def client(world):
    with TestClient(Starlette(routes=demo.routes(world))) as client:
        yield client


def test_round_trip_of_the_first_fill_has_no_gap(world, ask):
    payloads = ask("dwd_rain", Window(at(2024, 11, 1), world.now()))
    assert len(payloads) == 4 * 3 + 4 * 2 + 3 * 2
    rows = {"ten_minutes": set(), "hourly": set(), "daily": set()}
    for payload in payloads:
        parsed = parse.parse(payload, SOURCE)
        assert not parsed.rejects
        (name,) = parsed.tables
        times = parsed.tables[name][SOURCE.tables[name].time]
        ids = parsed.tables[name]["station_id"].to_pylist()
        rows[name] |= set(zip(ids, times.to_pylist(), strict=True))
    tens = world.steps(world.start, world.now(), 10).astype("datetime64[us]").tolist()
    assert rows["ten_minutes"] == {(str(int(s)), t) for s in demo.STATIONS for t in tens}
    assert max(t for _, t in rows["hourly"]) == datetime(2025, 9, 14, 23)  # noqa: DTZ001
    days = {t for _, t in rows["daily"]}
    assert (min(days), max(days)) == (date(2023, 7, 1), date(2025, 9, 14))


def test_demo_values_are_those_of_the_city(world, client, make_payload, check):
    folder = "observations_germany/climate/10_minutes/precipitation/recent"
    content = client.get(f"/{folder}/10minutenwerte_nieder_01048_akt.zip").content
    parsed = parse.parse(make_payload(content, extension="zip"), SOURCE)
    table = check("dwd_rain", parsed).accepted["ten_minutes"]
    assert table.num_rows == parsed.count == 550 * 144
    times = table["measured_at"].to_numpy().astype("datetime64[m]")
    values = table["precipitation"].to_numpy(zero_copy_only=False)
    silent = np.isnan(values)
    assert 0 < silent.mean() < 0.02
    expected = world.rain_mm(times, 51.1278, 13.7543, 10)
    np.testing.assert_allclose(values[~silent], expected[~silent], atol=0.00501)
    assert values[~silent].max() > 5


def test_demo_days_have_rain_from_six_to_six_and_plausible_temperatures(
    world, client, make_payload, check
):
    folder = "observations_germany/climate/daily/kl/recent"
    content = client.get(f"/{folder}/tageswerte_KL_01051_akt.zip").content
    parsed = parse.parse(make_payload(content, extension="zip"), SOURCE)
    result = check("dwd_rain", parsed)
    assert (result.quarantined, result.held) == ([], "")
    days = result.accepted["daily"].to_pylist()
    wettest = max(days, key=lambda d: d["precipitation"])
    end = np.datetime64(wettest["observed_on"], "m") + np.timedelta64(30, "h")
    rain = world.rain_mm(np.array([end]), 51.0249, 13.7750, 24 * 60)
    assert wettest["precipitation"] == pytest.approx(float(rain[0]), abs=0.051)
    july = [d for d in days if d["observed_on"].month == 7]
    assert 18 < np.mean([d["temperature_max"] for d in july]) < 32
    assert all(d["temperature_min"] <= d["temperature_mean"] <= d["temperature_max"] for d in days)


def test_demo_server_lists_keeps_still_and_knows_its_limits(client):
    folder = "/observations_germany/climate/hourly/precipitation"
    page = client.get(f"{folder}/historical/")
    (first, *others) = fetch.historical_files(page.content, "stundenwerte_RR")
    assert (first.station, first.end, len(others)) == ("01048", at(2025, 1, 1), 3)
    answer = client.get(f"{folder}/historical/{first.name}")
    again = client.get(
        f"{folder}/historical/{first.name}", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (answer.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.get(f"{folder}/historical/{first.name}").content == answer.content
    assert client.get(f"{folder}/recent/stundenwerte_RR_09999_akt.zip").status_code == 404
    assert client.get(f"{folder}/now/stundenwerte_RR_01048_now.zip").status_code == 404
    members = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert members == [
        "Metadaten_Geographie_01048.txt",
        "produkt_rr_stunde_20230701_20241231_01048.txt",
    ]


# --- the door


@pytest.mark.parametrize(
    ("rain", "minutes", "kept"),
    [("36.10", "10", True), ("-0.10", "0", False), ("100.10", "10", False), ("1.00", "11", False)],
)
def test_the_door_keeps_cloudbursts_and_turns_away_the_impossible(
    make_payload, check, rain, minutes, kept
):
    good, odd = ten(20240701, "1200", "0.10", "2"), ten(20240701, "1210", rain, minutes)
    parsed = parse.parse(make_payload(text(TEN, good, odd)), SOURCE)
    result = check("dwd_rain", parsed)
    assert result.accepted["ten_minutes"].num_rows == 1 + kept
    assert [r.row for r in result.quarantined] == ([] if kept else [3])
    assert parsed.count == result.accepted["ten_minutes"].num_rows + len(result.quarantined)


def test_the_door_turns_away_days_with_shifted_columns(make_payload, check):
    def day(number, rain, mean, high, low):
        return f"1048;202407{number};1;1;1;1;{rain};6;1;0;5;10;990;{mean};70;{high};{low};5;eor"

    lines = [
        day("01", "312.0", 15, 20, 10),
        day("02", "401.0", 15, 20, 10),
        day("03", "1.0", 15, 10, 20),
        day("04", "1.0", 15, 70, 10),
        day("05", "-999", "-999", "-999", "-999"),
    ]
    result = check("dwd_rain", parse.parse(make_payload(text(DAY, *lines)), SOURCE))
    assert sorted(r.row for r in result.quarantined) == [3, 4, 5]
    assert all(r.reason and not r.reason.startswith("Expect") for r in result.quarantined)
    assert result.accepted["daily"]["precipitation"].to_pylist() == [312.0, None]
