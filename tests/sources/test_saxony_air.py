"""Monthly files of the Saxon network: units line, daily lines, changing columns, CET."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import registry
from urbandata.contract import Window
from urbandata.demo import air
from urbandata.errors import PayloadError
from urbandata.inbox import owner
from urbandata.sources.saxony_air import demo, fetch, parse

SOURCE = registry.source("saxony_air")
HEAD = "Datum,Zeit,NO,NO2,O3,PM10\nyyyy-mm-dd,hh:mm,µg/m³,µg/m³,µg/m³,µg/m³\n"
REAL = "environment/luft-sachsen"


def rows(parsed):
    return parsed.tables["measurements"].to_pylist()


@pytest.fixture
def read(make_payload):
    def run(text, resource="joint/2018/10/Dresden-Winckelmannstr..csv"):
        content = text if isinstance(text, bytes) else text.encode()
        return parse.parse(make_payload(content, resource, "csv"), SOURCE)

    return run


@pytest.fixture
def read_real(realdata, make_payload):
    def run(name):
        content = realdata(f"{REAL}/{name}").read_bytes()
        payload = make_payload(content, f"inbox/{name}", "csv", filename=name)
        return content, parse.parse(payload, SOURCE)

    return run


# --- questions


def test_one_conditional_request_per_station_and_month():
    window = Window(datetime(2023, 12, 30, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    asked = list(fetch.requests(window, SOURCE))
    assert len(asked) == 3 * 4
    assert all(r.conditional and r.missing_ok and r.extension == "csv" for r in asked)
    assert asked[0].resource == "joint/2023/12/Dresden-Nord.csv"
    assert "joint/2024/01/Dresden-Winckelmannstr..csv" in {r.resource for r in asked}
    assert "joint/2024/01/Dresden-Bergstra%C3%9Fe.csv" in {r.path for r in asked}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-01-31T22:00", "2024-01-31T23:00", [1]),  # last hour of January in CET
        ("2024-01-31T23:00", "2024-02-01T00:00", [2]),  # first hour of February
        ("2024-11-30T00:00", "2025-02-01T00:00", [11, 12, 1, 2]),
        ("2024-05-05T00:00", "2024-05-05T00:00", [5]),
    ],
)
def test_months_are_those_in_which_hours_begin(start, end, expected):
    ends = (datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (start, end))
    assert [m.month for m in fetch.months(Window(*ends))] == expected


# --- names


@pytest.mark.parametrize(
    ("path", "station", "code"),
    [
        ("Dresden-Nord-2013-06.csv", "Dresden-Nord", "DESN061"),
        ("inbox/Dresden-Winckelmannstr-2018-10.csv", "Dresden-Winckelmannstr", "DESN092"),
        ("joint/2018/10/Dresden-Winckelmannstr..csv", "Dresden-Winckelmannstr.", "DESN092"),
        ("joint/2018/10/Dresden-Bergstraße.csv", "Dresden-Bergstraße", "DESN084"),
        ("Dresden-Bergstr.-2018-10.CSV", "Dresden-Bergstr.", "DESN084"),
        ("joint/2019/03/Radebeul-Wahnsdorf.csv", "Radebeul-Wahnsdorf", "DESN051"),
        ("joint/2019/03/Zittau-Ost.csv", "Zittau-Ost", None),
    ],
)
def test_station_is_named_by_the_file(path, station, code):
    assert parse.station_name(path) == station
    assert parse.station_code(station, SOURCE) == code


# --- files


def test_filled_cells_become_rows_and_daily_lines_have_no_time(read):
    found = rows(read(HEAD + "2018-10-02,,,,,9.65\n2018-10-02,00:00,1, 13 ,,\n"))
    assert found == [
        {
            "station_code": "DESN092",
            "station": "Dresden-Winckelmannstr.",
            "date": date(2018, 10, 2),
            "time": time,
            "component": component,
            "value": value,
            "unit": "µg/m³",
            "averaging": averaging,
            "line": line,
            "_row": number,
        }
        for time, component, value, averaging, line, number in [
            (None, "PM10", 9.65, "day", 3, 18),
            ("00:00", "NO", 1.0, "hour", 4, 21),
            ("00:00", "NO2", 13.0, "hour", 4, 22),
        ]
    ]


def test_a_wrong_cell_is_turned_away_with_line_and_column(read):
    parsed = read(HEAD + "2018-10-02,01:00,1,abc,3,4\n2018-13-02,02:00,,2,,\n")
    assert [r["component"] for r in rows(parsed)] == ["NO", "O3", "PM10"]
    assert [r.reason for r in parsed.rejects] == [
        'line 3, column NO2: value: "abc" is not a float',
        'line 4, column NO2: date: "2018-13-02" is not a date',
    ]
    assert "value=abc" in parsed.rejects[0].record
    assert parsed.count == 5


def test_nan_and_n_def_are_gaps(read):
    assert [r["value"] for r in rows(read(HEAD + "2019-03-04,11:00,NaN,n. def.,34,\n"))] == [34.0]


def test_a_line_of_zeros_is_a_failed_transfer(read):
    zeros = "2019-03-04,06:00,0,0.0,0,0.00\n"
    parsed = read(HEAD + "2019-03-04,05:00,0,1,0,0\n" + zeros + "2019-03-04,07:00,0,,0,0\n")
    assert sorted(r["line"] for r in rows(parsed)) == [3, 3, 3, 3, 5, 5, 5]
    assert [r.reason for r in parsed.rejects] == [
        f"line 4, column {c}: every value of the line is zero, a failed transfer"
        for c in ("NO", "NO2", "O3", "PM10")
    ]
    assert parsed.count == 11


def test_torn_lines_are_one_reject_each_and_the_rest_goes_on(read):
    parsed = read(HEAD + "2018-10-02,01:00,1\n2018-10-02,02:00,1,2,3,4,5\n2018-10-02,03:00,1,,,")
    assert [r["line"] for r in rows(parsed)] == [5]
    assert [r.reason for r in parsed.rejects] == [
        "line 3 has 3 fields, the heading 6",
        "line 4 has 7 fields, the heading 6",
    ]
    assert parsed.rejects[0].record == "2018-10-02,01:00,1"


def test_numbers_of_cells_are_unique(read):
    parsed = read(HEAD + "2018-10-02,01:00,1,x,3,4\n2018-10-02,02:00,1\n2018-10-02,03:00,1,2,3,4\n")
    numbers = [r["_row"] for r in rows(parsed)] + [r.row for r in parsed.rejects]
    assert len(numbers) == len(set(numbers)) == 9


def test_line_ends_byte_order_mark_and_old_encoding_do_not_matter(read):
    text = HEAD + "2018-10-02,01:00,1,2,3,4\n"
    expected = rows(read(text))
    assert rows(read(text.replace("\n", "\r\n"))) == expected
    assert rows(read(b"\xef\xbb\xbf" + text.encode())) == expected
    assert rows(read(text.encode("cp1252"))) == expected


def test_a_month_that_has_only_begun_is_empty(read):
    assert read(HEAD).count == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no heading"),
        ("a;b;c\n1;2;3\n", "no heading"),
        ("Datum,Zeit\n", "no heading"),
        ("Datum,Zeit,NO2,NO2\nyyyy-mm-dd,hh:mm,µg/m³,µg/m³\n", "no heading"),
        ("Datum,Zeit,NO2\n2018-10-02,01:00,3\n", "units"),
        ("Datum,Zeit,NO2\n", "units"),
    ],
)
def test_a_file_of_another_kind_is_refused(read, text, message):
    with pytest.raises(PayloadError, match=message):
        read(text)


# --- real files


def test_real_june_2013_loads_with_its_gap(read_real):
    content, parsed = read_real("Dresden-Nord-2013-06.csv")
    assert not parsed.rejects
    lines = content.decode().splitlines()[2:]
    assert parsed.count == sum(bool(c) for line in lines for c in line.split(",")[2:]) == 2849
    hours = [(r["date"].day, r["time"]) for r in rows(parsed) if r["component"] == "NO2"]
    assert hours[0] == (1, "01:00")
    assert hours[-1] == (1, "00:00")  # 1 July: the last hour of June
    day = [time for number, time in hours if number == 19]
    assert "10:00" in day
    assert "17:00" in day
    assert not {f"{h}:00" for h in range(11, 17)} & set(day)
    assert {r["averaging"] for r in rows(parsed) if r["component"] == "PM2.5"} == {"day"}
    units = {r["component"]: r["unit"] for r in rows(parsed)}
    assert (units["PM10_Pb"], units["NO2"]) == ("ng/m3", "µg/m³")


def test_real_columns_change_within_a_year(read_real):
    _, march = read_real("Dresden-Winckelmannstr-2018-03.csv")
    _, october = read_real("Dresden-Winckelmannstr-2018-10.csv")
    assert not march.rejects + october.rejects
    columns = [{r["component"] for r in rows(p)} for p in (march, october)]
    assert columns[1] - columns[0] == {
        *("DRUCK", "FEUCHT", "RUSS_PM1", "STRAHL", "TEMP", "WINDGE", "WINDRI")
    }
    assert (march.count, october.count) == (3735, 8938)


def test_real_summer_time_does_not_touch_the_clock(read_real):
    _, march = read_real("Dresden-Winckelmannstr-2018-03.csv")
    day = [
        r["time"] for r in rows(march) if r["date"] == date(2018, 3, 25) and r["component"] == "O3"
    ]
    assert day == [f"{hour:02}:00" for hour in range(24)]


def test_real_files_pass_the_door_and_the_sum_is_right(read_real, check):
    _, parsed = read_real("Dresden-Winckelmannstr-2018-10.csv")
    result = check("saxony_air", parsed)
    assert not result.held
    assert result.accepted["measurements"].num_rows + len(result.quarantined) == parsed.count
    assert not result.quarantined
    assert all(c.success for c in result.checks), [c for c in result.checks if not c.success]


@pytest.mark.parametrize(
    "name",
    [
        "Dresden-Nord-2013-06.csv",
        "Dresden-Winckelmannstr-2018-03.csv",
        "Dresden-Winckelmannstr-2018-10.csv",
    ],
)
def test_inbox_recognises_real_files_by_content(realdata, tmp_path, name):
    content = realdata(f"{REAL}/{name}").read_bytes()
    assert owner(tmp_path / "renamed.txt", content, tmp_path, registry.sources()) == "saxony_air"


# --- door


def test_the_door_turns_away_single_cells_not_lines(read, check):
    head = "Datum,Zeit,DRUCK,NO2,TEMP\nyyyy-mm-dd,hh:mm,hPa,µg/m³,GRADC\n"
    parsed = read(
        head
        + "2024-01-01,01:00,0,9,-20\n"
        + "2024-01-01,02:00,1010,-20,5000\n"
        + "2024-01-01,3h,1010,,\n"
        + ",04:00,,8,\n"
        + "2024-01-01,,,7,\n"
    )
    result = check("saxony_air", parsed)
    assert {(r.row, r.reason) for r in result.quarantined} == {
        (13, "Impossible air pressure"),
        (19, "Concentration well below zero"),
        (20, "Value outside the possible range"),
        (23, "Time is not a full hour"),
        (29, "Date is missing"),
    }
    assert "line=3, " in next(r.record for r in result.quarantined if r.row == 13) + ", "
    assert result.accepted["measurements"]["value"].to_pylist() == [9.0, -20.0, 1010.0, 7.0]


# --- demo city


@pytest.fixture(scope="module")
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_round_trip_of_a_month(ask):
    window = Window(datetime(2024, 6, 30, 23, tzinfo=UTC), datetime(2024, 7, 31, 23, tzinfo=UTC))
    payloads = ask("saxony_air", window)
    assert {p.resource.split("/", 3)[3] for p in payloads} == {
        *("Dresden-Nord.csv", "Dresden-Winckelmannstr..csv"),
        *("Dresden-Bergstraße.csv", "Radebeul-Wahnsdorf.csv"),
    }
    for payload in payloads:
        parsed = parse.parse(payload, SOURCE)
        found = rows(parsed)
        assert not parsed.rejects
        assert {r["station_code"] for r in found} < {*air.STATIONS, None}
        hours = Counter(r["component"] for r in found if r["averaging"] == "hour")
        assert hours["TEMP"] == 744
        assert 700 < hours["NO2"] <= 744
        assert {r["component"] for r in found if r["averaging"] == "day"} == {"PM10_HVS", "PM2.5"}


def test_demo_shows_the_same_air_as_the_uba(ask, world):
    window = Window(datetime(2025, 2, 28, 23, tzinfo=UTC), datetime(2025, 3, 31, 22, tzinfo=UTC))
    files = {p.resource: p for p in ask("saxony_air", window)}
    nord = rows(parse.parse(files["joint/2025/03/Dresden-Nord.csv"], SOURCE))
    saxony = {
        datetime.combine(r["date"], datetime.strptime(r["time"], "%H:%M").time()): r["value"]  # noqa: DTZ007
        for r in nord
        if r["component"] == "NO2"
    }
    uba_source = registry.source("uba_air")
    answer = next(p for p in ask("uba_air", window) if p.resource == "measures/DESN061/NO2")
    table = uba_source.module("parse").parse(answer, uba_source).tables["measures"]
    uba = {r["date_end"]: r["value"] for r in table.to_pylist() if r["value"] is not None}
    assert len(uba) > 700
    assert {end: value for end, value in saxony.items() if end in uba} == uba


def test_demo_columns_change_in_july_2024(client):
    june, july = (
        client.get(f"/joint/2024/{month}/Dresden-Nord.csv").text.splitlines()[0]
        for month in ("06", "07")
    )
    assert june == "Datum,Zeit,BEN,NO,NO2,O3,PM10_HVS,PM10_TEOM,PM2.5,SO2"
    assert set(july.split(",")) - set(june.split(",")) == {
        *("DRUCK", "FEUCHT", "STRAHL", "TEMP", "WINDGE")
    }


def test_demo_lines_run_from_the_daily_mean_to_the_midnight_of_the_next_month(client):
    lines = client.get("/joint/2024/07/Dresden-Nord.csv").text.splitlines()
    keys = [tuple(line.split(",")[:2]) for line in lines[2:]]
    assert keys[:2] == [("2024-07-01", ""), ("2024-07-01", "01:00")]
    assert keys[-1] == ("2024-08-01", "00:00")
    assert keys == sorted(keys)


def test_demo_current_month_grows_and_weighed_means_come_late(client, world):
    lines = client.get("/joint/2025/09/Dresden-Nord.csv").text.splitlines()[2:]
    assert lines[-1].startswith("2025-09-15,13:00")  # CET, the hour that ends at 12:00 UTC
    days = [line[:10] for line in lines if line.split(",")[1] == ""]
    assert days == ["2025-09-01"]


def test_demo_answers_unchanged_files_with_304_and_missing_ones_with_404(client):
    first = client.get("/joint/2024/07/Dresden-Nord.csv")
    again = client.get(
        "/joint/2024/07/Dresden-Nord.csv", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    for path in (
        "2023/06/Dresden-Nord",
        "2025/10/Dresden-Nord",
        "2024/13/Dresden-Nord",
        "2024/07/X",
    ):
        assert client.get(f"/joint/{path}.csv").status_code == 404


def test_demo_failed_transfer_is_turned_away(client, read):
    parsed = read(client.get("/joint/2024/11/Dresden-Nord.csv").content)
    assert {r.reason.split(": ")[1] for r in parsed.rejects} == {
        "every value of the line is zero, a failed transfer"
    }
    assert {r.record.split(",")[0] for r in parsed.rejects} == {"date=2024-11-12"}


def test_demo_closed_station_writes_no_lines(client):
    lines = client.get("/joint/2024/03/Dresden-Bergstra%C3%9Fe.csv").text.splitlines()[2:]
    assert {line[:10] for line in lines} == {f"2024-03-0{day}" for day in range(1, 5)}
    assert [line[11:16] for line in lines if line.startswith("2024-03-04")] == ["00:00"]


def test_demo_daily_mean_is_the_mean_of_its_hours(client, world):
    text = client.get("/joint/2023/08/Radebeul-Wahnsdorf.csv").text
    (line,) = [x for x in text.splitlines() if x.startswith("2023-08-10,,")]
    start = datetime(2023, 8, 9, 23, tzinfo=UTC)
    begins = air.full_hours(world, start, start + timedelta(days=1))
    means = air.means(world, air.STATIONS["DESN051"], begins)
    assert [c for c in line.split(",")[2:] if c] == [
        f"{np.nanmean(means['PM10']):.2f}",
        f"{np.nanmean(means['PM2.5']):.2f}",
    ]


def test_the_demo_passes_the_door(client, read, check):
    result = check("saxony_air", read(client.get("/joint/2024/07/Dresden-Nord.csv").content))
    assert not result.quarantined
    assert all(c.success for c in result.checks), [c for c in result.checks if not c.success]
