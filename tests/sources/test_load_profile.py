"""Load profiles: headings of every kind, the clock in CET, workbooks, and the demo hospital."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time, timedelta

import openpyxl
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.demo.energy import hospital_kw
from urbandata.demo.world import World
from urbandata.errors import PayloadError
from urbandata.reading.casting import SPACES
from urbandata.sources.load_profile import demo, fetch
from urbandata.sources.load_profile.headings import fields, layout
from urbandata.sources.load_profile.parse import parse

SOURCE = registry.source("load_profile")
QUARTERS = ("00:15", "00:30", "00:45", "01:00")


def clock(text: str) -> datetime:
    """A clock reading without a zone."""
    return datetime.fromisoformat(text)


def rows(parsed, table="load_values"):
    return parsed.tables[table].to_pylist()


def csv(header: str, *lines: str, encoding: str = "cp1252", end: str = "\r\n") -> bytes:
    return end.join([header, *lines, ""]).encode(encoding)


def workbook(*sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, grid in enumerate(sheets):
        sheet = book.create_sheet(f"s{number}")
        for row in grid:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def service(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_file_with_preamble(make_payload):
    content = csv(
        "Standort;Friedrichstadt\r\nMedium;Strom\r\n\r\nZeitstempel (Ende);Wirkleistung [kW]",
        "01.07.2025 00:15;1.234,5",
        "01.07.2025 00:30;",
    )
    first, second = rows(parse(make_payload(content, extension="csv"), SOURCE))
    assert first == {
        "site": "Friedrichstadt",
        "medium": "Strom",
        "meter": None,
        "measured_local": clock("2025-07-01 00:15"),
        "stamp_marks": "end",
        "interval_minutes": 15,
        "value": 1234.5,
        "unit": "kW",
        "_row": 5,
    }
    assert second["value"] is None


def test_several_meters_side_by_side(make_payload):
    content = csv(
        "Zeitstempel (Beginn);Bemerkung;Wärme gesamt [kW];Strom Lüftung [kW];Küche (kWh)",
        "01.07.2025 00:00;x;900,0;300,5;20,0",
        "01.07.2025 01:00;;910,0;;21,0",
    )
    found = rows(parse(make_payload(content), SOURCE))
    assert [(r["medium"], r["meter"], r["value"], r["unit"], r["_row"]) for r in found] == [
        ("Wärme", "gesamt", 900.0, "kW", 4),
        ("Strom", "Lüftung", 300.5, "kW", 5),
        (None, "Küche", 20.0, "kWh", 6),
        ("Wärme", "gesamt", 910.0, "kW", 7),
        ("Strom", "Lüftung", None, "kW", 8),
        (None, "Küche", 21.0, "kWh", 9),
    ]


@pytest.mark.parametrize(
    ("header", "line", "unit", "marks"),
    [
        ("ts;mw", "{d} {t};1,5", "MW", "end"),
        ("Datum;Uhrzeit;Verbrauch [kWh]", "{d};{t};1,5", "kWh", "end"),
        ('"Datum/Zeit";"Leistung in kW"', '"{d} {t}";"1,5"', "kW", "end"),
        ("Datum;von;bis;kW", "{d} {t};x;y;1,5", "kW", "end"),
        ("Zeitstempel (Beginn);kW", "{d} {t};1,5", "kW", "start"),
        ("timestamp,load kW", "{i}T{t}:00,1.5", "kW", "end"),
        ("Zeit\tWirkleistung [kW]", "{i} {t}\t1,5", "kW", "end"),
        ("Datum;Zeit;kW;Status;", "{d};{t};1,5;W;", "kW", "end"),
        ("Datum;von;bis;kW", "{d};{t};x;1,5", "kW", "start"),
        ("Ab-Datum;Ab-Zeit;Bis-Datum;Bis-Zeit;Profilwert kWh", "{d};{t};x;y;1,5", "kWh", "start"),
        ("Uhrzeit;Datum;kW", "{t};{d};1,5", "kW", "end"),
        ("Datum von;Datum bis;Energiemenge in kWh", "{d} {t};x;1,5", "kWh", "start"),
        ("timestamp,power_kW", "{i} {t},1.5", "kW", "end"),
        ('"Zeit","Last [kW]","Status"', '"{d} {t}","1,5","W"', "kW", "end"),
        ("Zeit;kW", "05.02.25 {t}:00;1,5", "kW", "end"),
        ("Zeit;kWh;ct/kWh;Zählerstand [kWh];EUR / kWh", "{d} {t};1,5;2;3;4", "kWh", "end"),
    ],
)
def test_headings_of_other_systems(make_payload, header, line, unit, marks):
    lines = [line.format(d="05.02.2025", i="2025-02-05", t=t) for t in QUARTERS]
    parsed = parse(make_payload(csv(header, *lines)), SOURCE)
    assert parsed.rejects == ()
    (first, *_, last) = rows(parsed)
    assert (first["value"], first["unit"], first["stamp_marks"]) == (1.5, unit, marks)
    assert len(rows(parsed)) == len(QUARTERS)
    assert first["measured_local"] == clock("2025-02-05 00:15")
    assert last["measured_local"] == clock("2025-02-05 01:00")
    assert {r["interval_minutes"] for r in rows(parsed)} == {15}


def test_first_stamp_tells_starts_from_ends_and_nothing_else_does(make_payload):
    def marks(*times):
        lines = [f"05.02.2025 {t};1,5" for t in times]
        return rows(parse(make_payload(csv("ts;kW", *lines)), SOURCE))[0]["stamp_marks"]

    assert marks("00:00", "01:00") == "start"
    assert marks("01:00", "02:00", "03:00") == "end"
    assert marks("07:30", "07:45") is None


@pytest.mark.parametrize(
    ("stamps", "first", "marks"),
    [
        (("2025-07-01T00:00:00Z", "2025-07-01T01:00:00Z"), "2025-07-01 01:00", "start"),
        (("2025-07-01T01:00:00+02:00", "2025-07-01 02:00:00+0200"), "2025-07-01 00:00", "end"),
        (("01.07.2025 00:00+01:00", "01.07.2025 01:00+01:00"), "2025-07-01 00:00", "start"),
    ],
)
def test_offsets_from_utc_are_turned_into_cet(make_payload, stamps, first, marks):
    parsed = parse(make_payload(csv("ts;kW", *(f"{s};1,5" for s in stamps))), SOURCE)
    found = rows(parsed)[0]
    assert parsed.rejects == ()
    assert (found["measured_local"], found["stamp_marks"]) == (clock(first), marks)
    assert found["interval_minutes"] == 60


def test_with_offsets_the_clock_may_be_changed(make_payload):
    stamps = ("02:00:00+02:00", "02:30:00+02:00", "02:00:00+01:00", "02:30:00+01:00")
    content = csv("ts;kW", *(f"2025-10-26T{s};1,5" for s in stamps), "2025-1-1T00:00:00+02:00;1")
    parsed = parse(make_payload(content), SOURCE)
    times = [f"{r['measured_local']:%H:%M}" for r in rows(parsed)]
    assert times == ["01:00", "01:30", "02:00", "02:30"]
    assert [r.row for r in parsed.rejects] == [6]


def test_the_newest_may_come_first(make_payload):
    lines = [f"05.02.2025 {t};1,5" for t in reversed(QUARTERS)]
    found = rows(parse(make_payload(csv("ts;kW", *lines)), SOURCE))[0]
    assert (found["interval_minutes"], found["stamp_marks"]) == (15, "end")


@pytest.mark.parametrize(
    "content",
    [
        csv("Bis-Datum;kWh", *["01.07.2025;1,5"] * 4),
        csv("Datum;Zeit;OBIS;kWh", *(f"01.07.2025;{t};{o};1" for t in QUARTERS for o in "12")),
        csv("Datum;Zeit;OBIS;kWh", *(f"01.07.2025;{t};{o};1" for o in "12" for t in QUARTERS)),
    ],
)
def test_stamps_that_tell_no_intervals_apart_are_refused(make_payload, content):
    with pytest.raises(PayloadError, match="more than once"):
        parse(make_payload(content), SOURCE)


def test_meter_readings_are_no_loads(make_payload):
    with pytest.raises(PayloadError, match="column of loads"):
        parse(make_payload(csv("ts;Zählerstand [kWh]", "01.07.2025 00:15;81234,5")), SOURCE)


def test_a_quote_that_is_not_closed_swallows_no_line(make_payload):
    lines = ('01.07.2025 00:15;"1,5";"x', "01.07.2025 00:30;1,6;y", '01.07.2025 00:45;1,7;z"')
    parsed = parse(make_payload(csv("ts;kW;Bemerkung", *lines)), SOURCE)
    assert [r["value"] for r in rows(parsed)] == [1.5, 1.6, 1.7]


def test_midnight_as_24_00(make_payload):
    content = csv("ts;kW", "31.12.2024 23:45;1,5", "31.12.2024 24:00;1,6", "32.12.2024 24:00;1,7")
    parsed = parse(make_payload(content), SOURCE)
    assert rows(parsed)[1]["measured_local"] == clock("2025-01-01 00:00")
    assert [r.row for r in parsed.rejects] == [4]


def test_broken_lines_are_rejected_and_the_rest_goes_on(make_payload):
    content = csv(
        "ts;kW",
        *("01.07.2025 00:15;1,5", "01.07.2025 00:30;viel", "01.07.2025 00:45;---"),
        *("Summe;3", ";4", "01.07.2025 01:15;1,5;x", "01.07.2025 01:30;1,6", "infinity;2"),
    )
    parsed = parse(make_payload(content), SOURCE)
    assert [r["value"] for r in rows(parsed)] == [1.5, None, 1.6]
    assert [r.row for r in parsed.rejects] == [3, 5, 6, 7, 9]
    hints = ("viel", "Summe", "no time", "3 fields", "infinity")
    for reject, hint in zip(parsed.rejects, hints, strict=True):
        assert hint in reject.reason
    assert parsed.count == 8


def test_point_or_comma(make_payload):
    def values(*texts):
        lines = [f"01.07.2025 0{n}:00;{t}" for n, t in enumerate(texts)]
        parsed = parse(make_payload(csv("ts;kW", *lines)), SOURCE)
        assert parsed.rejects == ()
        return [r["value"] for r in rows(parsed)]

    assert values("1.234,5", "2") == [1234.5, 2.0]
    assert values("1.5", "2.25") == [1.5, 2.25]
    with pytest.raises(PayloadError, match="thousands or decimals"):
        values("1.234", "2.345")


@pytest.mark.parametrize("day", ["30.03.2025", "26.10.2025"])
@pytest.mark.parametrize("minutes", [15, 60])
def test_cet_has_24_hours_and_legal_time_is_refused(make_payload, day, minutes):
    times = [f"{m // 60:02d}:{m % 60:02d}" for m in range(0, 24 * 60, minutes)]
    content = csv("ts;kW", *(f"{day} {t};1,5" for t in times))
    assert len(rows(parse(make_payload(content), SOURCE))) == 24 * 60 // minutes
    at_two = [t for t in times if t.startswith("02")]
    if day.startswith("30.03"):
        times = [t for t in times if t not in at_two]
    else:
        place = times.index("02:00")
        times[place:place] = at_two
    content = csv("ts;kW", *(f"{day} {t};1,5" for t in times))
    with pytest.raises(PayloadError, match="CET is expected"):
        parse(make_payload(content), SOURCE)


def test_workbook_with_measured_values(make_payload):
    values = [
        ["Standort", "Friedrichstadt", None],
        ["Zeitstempel (Ende)", "Wirkleistung [kW]", "Kommentar"],
        [clock("2025-07-01 00:14:59.999000"), 1234.5, "a;b"],
        [clock("2025-07-01 00:30"), 7, None],
        [clock("2025-07-01 00:45"), None, None],
    ]
    notes = [["Hinweise"], ["Alle Werte in kW"]]
    parsed = parse(make_payload(workbook(notes, values), filename="x_lastgang.xlsx"), SOURCE)
    assert parsed.rejects == ()
    found = [(r["measured_local"].minute, r["value"], r["site"]) for r in rows(parsed)]
    site = "Friedrichstadt"
    assert found == [(15, 1234.5, site), (30, 7.0, site), (45, None, site)]
    with pytest.raises(PayloadError, match="2 sheets"):
        parse(make_payload(workbook(values, values)), SOURCE)


def test_workbook_with_day_and_time_apart(make_payload):
    day = clock("2025-07-01 00:00")
    values = [["Datum", "Uhrzeit", "kWh"], *([day, time(0, m), 1.5] for m in (15, 30, 45))]
    parsed = parse(make_payload(workbook(values), filename="lastgang.xlsx"), SOURCE)
    assert parsed.rejects == ()
    assert [r["measured_local"].minute for r in rows(parsed)] == [15, 30, 45]


def test_standard_profiles_as_new_workbook_with_notes(make_payload):
    times = [time((n + 1) // 4 % 24, (n + 1) % 4 * 15) for n in range(96)]
    grid = [["H0"], [None, "Winter"], ["[W]", "Samstag"], *([t, 1.5] for t in times)]
    parsed = parse(make_payload(workbook([["Hinweise"]], grid), filename="x.xlsx"), SOURCE)
    found = rows(parsed, "normalised_profiles")
    assert [r["interval"] for r in found] == list(range(96))
    assert {(r["season"], r["value"]) for r in found} == {("Winter", 1.5)}


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "no header"),
        (b"a;b\n1;2\n", "no header"),
        (b"\x81\x8d\xff", "encodings"),
        (b"1.5\n2.5\n", "2 lines"),
        (b"PK\x03\x04garbage", "workbook is broken"),
        (b"\xd0\xcf\x11\xe0garbage", "workbook is broken"),
        (workbook([["Appliance", 0, 1], ["CT", 1, 1]]), "not the hours"),
        (workbook([]), "0 sheets"),
    ],
)
def test_useless_payload_says_why(make_payload, content, hint):
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content), SOURCE)


def test_formula_without_result_is_rejected(make_payload):
    content = workbook([["Appliance", *range(24)], ["CT", *[0.5] * 23, "=B2"]])
    parsed = parse(make_payload(content), SOURCE)
    assert len(rows(parsed, "normalised_profiles")) == 23
    assert [r.row for r in parsed.rejects] == [24]
    assert "formula" in parsed.rejects[0].reason


LINES = st.sampled_from(
    [
        *("ts;kW", "Datum;Zeit;MW", "Zeitstempel,kWh", "Standort;A", "01.07.2025 00:15;1,5", ";"),
        *(
            "01.07.2025 00:30+01:00;1",
            "30.03.2025 24:00;1.234",
            "2025-03-30T01:30,2",
            "x",
            "0,5",
            '"',
            '"a;b";1',
            "\r",
            "99.99.9999 1;2",
        ),
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.one_of(LINES, st.text(max_size=12)), max_size=12).map("\n".join),
    )
)
def test_any_bytes_give_a_table_or_a_named_error(noise):
    content = noise if isinstance(noise, bytes) else noise.encode("utf-8", "replace")
    payload = Payload(content, "x", "csv", datetime(2025, 1, 1, tzinfo=UTC), "real")
    try:
        parsed = parse(payload, SOURCE)
    except PayloadError:
        return
    text = content.decode("utf-8-sig", "replace").replace("\r", "")
    head = layout(text, SOURCE)
    body = [fields(line, head.delimiter) for line in text.split("\n")[head.line :]]
    lines = [line for line in body if ";".join(line).strip(SPACES)]
    assert parsed.count == len(rows(parsed)) + len(parsed.rejects)
    assert parsed.count == len(lines) * len(head.values)


def test_real_load_curve_is_complete_in_cet(realdata, make_payload, check):
    path = realdata("energy/lastgang/lastgang-2020-viertelstunde.csv")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), SOURCE)
    assert parsed.rejects == ()
    stamps = [r["measured_local"] for r in rows(parsed)]
    assert stamps == [clock("2020-01-01 00:15") + timedelta(minutes=15) * n for n in range(10080)]
    assert {(r["unit"], r["stamp_marks"]) for r in rows(parsed)} == {("MW", "end")}
    assert rows(parsed)[-1]["value"] == 775.43
    result = check("load_profile", parsed)
    assert (result.held, result.quarantined) == ("", [])


def test_real_hospital_profile_is_modelled_and_sums_to_one(realdata, make_payload):
    path = realdata("energy/hospital/crb8760_norm_Seattle_Hospital.dat")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), SOURCE)
    assert list(parsed.tables) == ["normalised_profiles"]
    assert parsed.count == 8760
    total = pc.sum(parsed.tables["normalised_profiles"]["value"]).as_py()
    assert total == pytest.approx(1.0, abs=1e-6)


def test_real_appliance_profiles(realdata, make_payload):
    path = realdata("energy/hospital/mechEn-86-hagemeier2018messdaten.xlsx")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), SOURCE)
    found = rows(parsed, "normalised_profiles")
    assert (len(found), parsed.rejects) == (6 * 24, ())
    lifts = [r["value"] for r in found if r["profile"] == "Aufzüge"]
    assert (lifts[0], max(lifts), lifts[23]) == (0.4, 1.0, 0.4)
    assert {r["day_type"] for r in found if r["profile"] == "MechEnBC"} == {"b, c"}


def test_real_standard_load_profiles(realdata, make_payload, check):
    path = realdata("energy/bdew/BDEW_H0_G0_G1_G2_G3_G4_G5_G6_L0_L1_L2.xls")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), SOURCE)
    found = rows(parsed, "normalised_profiles")
    assert (len(found), parsed.rejects) == (11 * 9 * 96, ())
    assert {r["profile"] for r in found} == {"H0", "L0", "L1", "L2", *(f"G{n}" for n in range(7))}
    assert {r["season"] for r in found} == {"Winter", "Sommer", "Übergangszeit"}
    first = next(r for r in found if (r["profile"], r["season"]) == ("H0", "Sommer"))
    assert (first["day_type"], first["interval"], first["value"]) == ("Samstag", 0, 89.8)
    result = check("load_profile", parsed)
    assert (result.held, result.quarantined) == ("", [])


def test_listing_is_followed_for_the_periods_of_the_window(make_payload):
    window = Window(datetime(2024, 12, 31, 23, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC))
    (listing,) = fetch.requests(window, SOURCE)
    assert (listing.path, listing.land) == ("lastgang/", False)
    page = (
        b'<a href="../">up</a><a href="A_2024.csv">x</a><a class=x href=\'A%20B_2025.csv\'>x</a>'
        b'<a href="A_2025-01.csv">x</a><A HREF="A_2025-02.csv">x</A><a href="notes.csv">x</a>'
        b'<a href="A_2025-13.csv">x</a><a href="A_2025-03.csv">x</a>'
    )
    asked = list(fetch.follow(listing, make_payload(page), SOURCE))
    assert [r.resource for r in asked] == ["A B_2025.csv", "A_2025-01.csv", "A_2025-02.csv"]
    assert asked[0].path == "lastgang/A%20B_2025.csv"
    assert all(r.conditional for r in asked)
    assert list(fetch.follow(asked[0], make_payload(page), SOURCE)) == []


def test_round_trip_through_the_demo_folder(ask, check, world):
    payloads = ask("load_profile", Window(world.start, world.now()))
    assert len(payloads) == 2 * (2 + 9)  # 2023 and 2024, then months
    total = 0
    for payload in payloads:
        parsed = parse(payload, SOURCE)
        assert parsed.rejects == ()
        total += parsed.count
        result = check("load_profile", parsed)
        assert (result.held, result.quarantined) == ("", [])
    days = (world.now() - world.start).days
    assert total == pytest.approx(days * (96 + 24 * 5), rel=0.01)


def test_export_changes_but_the_curve_does_not(world, make_payload):
    """kWh, MW and kW files all show the demo hospital's load, whatever their headers."""
    factor = {"kWh": 4.0, "MW": 1000.0, "kW": 1.0}
    seen = set()
    for name in ("2023", "2024", "2025-06"):
        content = demo.file_content(world, f"Friedrichstadt_Strom_{name}.csv")
        found = rows(parse(make_payload(content, resource=f"F_Strom_{name}.csv"), SOURCE))[:200]
        starts = [r["measured_local"] - timedelta(hours=1, minutes=15) for r in found]
        times = world.steps(starts[0].replace(tzinfo=UTC), world.now(), 15)[:200]
        expected = hospital_kw(world, times, 15)["electricity"]
        for row, kw in zip(found, expected, strict=True):
            if row["value"] is not None:
                assert row["value"] * factor[row["unit"]] == pytest.approx(kw, abs=0.3)
        seen |= {r["unit"] for r in found}
    assert seen == set(factor)


def test_current_month_grows_every_morning(make_payload):
    def last(hour):
        at = datetime(2025, 9, 15, hour, tzinfo=UTC)
        then = World(clock=lambda: at)
        content = demo.file_content(then, "Friedrichstadt_Strom_2025-09.csv")
        return rows(parse(make_payload(content), SOURCE))[-1]["measured_local"]

    assert last(4) == clock("2025-09-14 00:00")
    assert last(6) == clock("2025-09-15 00:00")


def test_unchanged_file_is_not_sent_again(service):
    path = "/lastgang/Friedrichstadt_Stunden_2024.csv"
    answer = service.get(path)
    assert b"W\xe4rme" in answer.content
    again = service.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (answer.status_code, again.status_code) == (200, 304)
    assert service.get("/lastgang/Friedrichstadt_Strom_2026-01.csv").status_code == 404


def test_hospital_never_sleeps_and_follows_the_weather(world):
    hours = world.steps(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), 60)
    power = hospital_kw(world, hours, 60)
    load, month = power["electricity"], hours.astype("datetime64[M]").astype(int) % 12
    assert 0.55 < load.min() / load.mean() < 0.9
    assert power["heat"][month == 0].mean() > 2 * power["heat"][month == 6].mean()
    assert power["cooling"][month == 6].mean() > 1.5 * power["cooling"][month == 0].mean()
    parts = sum(power[k] for k in ("cooling", "ventilation", "imaging", "kitchen"))
    assert (parts < load).all()


def monthly_book(quarters=96):
    """A workbook like that of BDEW's profiles of 2025."""
    book = openpyxl.Workbook()
    book.active.title = "Hinweise"
    book.active.append(["Repräsentative Profile"])
    for profile in ("H25", "G25"):
        sheet = book.create_sheet(profile)
        sheet.append([None, profile])
        sheet.append([])
        months = [x for m in range(1, 13) for x in (datetime(2025, m, 1), None, None)]  # noqa: DTZ001
        sheet.append([None, None, *months])
        sheet.append([None, "Zeit", *("SA", "FT", "WT") * 12])
        for n in range(quarters):
            start, end = (f"{x // 4 % 24:02d}:{x % 4 * 15:02d}" for x in (n, n + 1))
            sheet.append([None, f"{start}-{end}", *(n + k / 100 for k in range(36))])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_profiles_of_2025_have_a_column_per_month_and_kind_of_day(make_payload, tmp_path):
    content = monthly_book()
    path = tmp_path / "Veröffentlichung.xlsx"
    assert inbox.owner(path, content, tmp_path, registry.sources()) == "load_profile"
    parsed = parse(make_payload(content, filename=path.name), SOURCE)
    rows = parsed.tables["normalised_profiles"].to_pylist()
    assert (len(rows), parsed.rejects) == (2 * 36 * 96, ())
    (one,) = [
        r
        for r in rows
        if (r["profile"], r["season"], r["day_type"], r["interval"]) == ("H25", "02", "FT", 5)
    ]
    assert (one["value"], one["unit"]) == (5.04, "kWh per 1000000 kWh/a")
    with pytest.raises(PayloadError, match="95 intervals"):
        parse(make_payload(monthly_book(95), filename="x.xlsx"), SOURCE)
