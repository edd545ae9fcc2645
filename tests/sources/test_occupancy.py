"""Occupancy polls: real Munich files with their drift, other shapes, refusals, the demo city."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from urbandata import inbox, recognition, registry
from urbandata.contract import Payload
from urbandata.demo.sports_use import PUBLIC
from urbandata.errors import PayloadError
from urbandata.sources.occupancy import demo, fetch
from urbandata.sources.occupancy.parse import parse

SOURCE = registry.source("occupancy")
NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)
MUNICH = "sports/swm-muenchen"
LIBRARIES = (
    "sports/dresden-bibliotheken/bibliotheken_-_staedtische_bibliotheken_md1_1995ff_dresden.csv"
)
HEADER = (
    "timestamp,facility_name,facility_type,occupancy_percent,is_open,hour,day_of_week,month,"
    "is_weekend,is_holiday,is_school_vacation,temperature_c,precipitation_mm,weather_code,"
    "cloud_cover_percent,data_source"
)


def read(content: bytes):
    return parse(Payload(content, "x", "json", NOW, "real"), SOURCE)


def polls(content: bytes) -> list[dict]:
    return read(content).tables["polls"].to_pylist()


def pool(**more):
    known = {"pool_name": "Bad", "facility_type": "pool", "occupancy_level": "73 % frei"}
    known |= {"occupancy_percent": 73.0, "is_open": True, "raw_occupancy": "84/311 persons"}
    return known | {"timestamp": "2026-01-16T09:57:04+01:00"} | more


def scrape(**lists) -> bytes:
    return json.dumps({"scrape_timestamp": "2026-01-16T09:57:07+01:00", **lists}).encode()


# --- parse -------------------------------------------------------------------------------------


def test_free_places_people_and_capacity():
    (row,) = polls(scrape(pools=[pool()]))
    assert row == {
        "facility_name": "Bad",
        "facility_type": "pool",
        "measured_at": datetime(2026, 1, 16, 8, 57, 4, tzinfo=UTC),
        "measured_local": None,
        "persons": 84,
        "capacity": 311,
        "percent": 73.0,
        "percent_means": "free",
        "level_text": "73 % frei",
        "is_open": True,
        "series": None,
        "_row": 1,
    }


@pytest.mark.parametrize(
    ("level", "means"),
    [("88 % frei", "free"), ("12 % belegt", "taken"), ("voll", "taken"), ("normal", None)],
)
def test_what_the_percentage_means_is_told_by_the_words(level, means):
    (row,) = polls(scrape(pools=[pool(occupancy_level=level)]))
    assert row["percent_means"] == means


def test_lists_may_have_any_name_and_the_list_stands_in_for_the_kind():
    bare = {k: v for k, v in pool().items() if k != "facility_type"}
    found = polls(scrape(pools=[bare], ice_rinks=[bare], unknown_facilities=[pool()], summary={}))
    assert [r["facility_type"] for r in found] == ["pool", "ice_rink", "pool"]


def test_a_time_without_an_offset_stays_a_clock_reading():
    (row,) = polls(scrape(pools=[pool(timestamp="2026-01-16T09:57:04.029672")]))
    assert row["measured_at"] is None
    assert row["measured_local"] == datetime.fromisoformat("2026-01-16T09:57:04.029672")


def test_turnstiles_and_lines_of_documents():
    gates = json.dumps([{"organizationUnitId": 30, "personCount": 0, "maxPersonCount": 9}]).encode()
    (row,) = polls(gates)
    assert (row["facility_name"], row["persons"], row["capacity"]) == ("30", 0, 9)
    assert (row["measured_at"], row["percent"]) == (None, None)
    two = scrape(pools=[pool()]) + b"\n" + scrape(saunas=[pool(pool_name="S")]) + b"\n"
    assert [(r["facility_name"], r["_row"]) for r in polls(two)] == [("Bad", 1), ("S", 2)]


def test_table_of_polls_knows_free_and_forecast():
    content = "\r\n".join(
        [
            HEADER,
            "2026-01-16T11:40:32+01:00,Nordbad,sauna,85.0,1,11,4,1,0,0,0,5.4,0.0,1.0,16.0,historical",
            "2026-01-16T23:40:32+01:00,Nordbad,sauna,0.0,0,23,4,1,0,0,0,5.4,0.0,1.0,16.0,forecast",
            "2026-01-16T23:40:32+01:00,Nordbad,sauna,,1,23",
            "2026-01-16T23:40:32+01:00,Nordbad,sauna,voll,1,23,4,1,0,0,0,5.4,0.0,1.0,16.0,x",
        ]
    ).encode()
    parsed = read(content)
    first, second = parsed.tables["polls"].to_pylist()
    assert (first["percent"], first["percent_means"], first["series"]) == (
        85.0,
        "free",
        "historical",
    )
    assert (second["is_open"], second["series"]) == (False, "forecast")
    assert [(r.row, r.reason.split(":")[0]) for r in parsed.rejects] == [
        (4, "neither people nor a percentage"),
        (5, "percent"),
    ]
    semicolons = (
        b"measured_at;pool_name;persons;capacity\n16.01.2026;x;3;9\n2026-01-16T08:00:00Z;y;3;9\n"
    )
    parsed = read(semicolons)
    assert [r["facility_name"] for r in parsed.tables["polls"].to_pylist()] == ["y"]
    assert "measured_local" in parsed.rejects[0].reason


def test_tables_of_german_programs_are_read():
    content = "Timestamp;Facility_Name;Occupancy_Percent\n16.01.2026 08:30;x;88,5 %\n"
    assert recognition.claims(Path("o.csv"), content.encode(), [SOURCE]) == ["occupancy"]
    (row,) = read(content.encode()).tables["polls"].to_pylist()
    assert (str(row["measured_local"]), row["percent"]) == ("2026-01-16 08:30:00", 88.5)


def test_broken_facilities_are_named_and_the_rest_goes_on():
    parsed = read(scrape(pools=[pool(), 5, pool(pool_name=None), pool(persons=[], raw_occupancy=""
        , occupancy_percent=None), pool(occupancy_percent="viel")]))  # fmt: skip
    assert parsed.tables["polls"].num_rows == 1
    assert [(r.row, r.reason.split(":")[0]) for r in parsed.rejects] == [
        (2, "names no facility"),
        (3, "names no facility"),
        (4, "neither people nor a percentage"),
        (5, "percent"),
    ]


def test_opening_hours_span_by_span():
    week = {"monday": [{"open": "08:00", "close": "12:00"}, {"open": "14:00", "close": "18:00"}]}
    bad = {
        "montag": [{"open": "08:00", "close": "12:00"}],
        "friday": [{"open": "08:00"}],
        "sunday": 5,
    }
    about = {"facility_type": "pool", "status": "open", "scraped_at": "2026-05-20T05:15:58+02:00"}
    parsed = read(scrape(facilities=[
        {"pool_name": "A", "weekly_schedule": week, **about},
        {"pool_name": "B", "weekly_schedule": {}, **about, "status": "closed_for_season"},
        {"pool_name": "C", "weekly_schedule": bad, **about},
        {"pool_name": "D", "weekly_schedule": "immer", **about},
    ]))  # fmt: skip
    found = parsed.tables["openings"].to_pylist()
    assert [(r["facility_name"], r["weekday"], r["opens"], r["closes"]) for r in found] == [
        ("A", "monday", "08:00", "12:00"),
        ("A", "monday", "14:00", "18:00"),
        ("B", None, None, None),
    ]
    assert [r.row for r in parsed.rejects] == [4, 5, 6, 7]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"{", "broken JSON"),
        (b"{}", "no list of facilities"),
        (b'{"a": []}', "no list of facilities"),
        (b"5", "neither facility nor time"),
        (b"a,b\n1,2", "neither facility nor time"),
        (b"Jahr;Besuche\n2020;5\n", "yearly statistics"),
        (b"<html></html>", "neither facility nor time"),
        (b'{"scrape_timestamp":"x","a":[]}\n{"b"', "broken JSON in line 2"),
    ],
)
def test_other_files_are_refused_with_a_reason(content, reason):
    with pytest.raises(PayloadError, match=reason):
        read(content)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60).map(lambda t: t.encode("utf-8", "surrogatepass")),
        st.text("0123456789,;T:-\n\"'{}[]x", max_size=80).map(lambda t: f"{HEADER}\n{t}".encode()),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["pools", "pool_name", "weekly_schedule", "monday", "open", "close", "name",
                         "raw_occupancy", "personCount", "timestamp", "scrape_metadata"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    try:
        parsed = read(content)
    except PayloadError as error:
        assert str(error)
        return
    assert parsed.count == sum(t.num_rows for t in parsed.tables.values()) + len(parsed.rejects)


# --- real files --------------------------------------------------------------------------------


def test_all_munich_polls_load_with_their_drift(realdata, check):
    """224 files, two layouts; every facility of every file is a row, none is lost."""
    files = sorted(realdata(MUNICH).glob("*.json"))
    assert len(files) == 224
    total, kinds, layouts = 0, Counter(), Counter()
    capacity: dict[tuple[str, str], set[int]] = {}
    for path in files:
        content = path.read_bytes()
        document = json.loads(content)
        expected = [
            (
                f["pool_name"],
                f["facility_type"],
                *map(int, f["raw_occupancy"].split(" ")[0].split("/")),
            )
            for value in document.values()
            if isinstance(value, list)
            for f in value
        ]
        parsed = read(content)
        found = parsed.tables["polls"].to_pylist()
        keys = ("facility_name", "facility_type", "persons", "capacity")
        assert ([tuple(r[k] for k in keys) for r in found], parsed.rejects) == (expected, ())
        for row in found:
            assert row["percent_means"] == "free"
            assert abs(row["percent"] - (100 - 100 * row["persons"] / row["capacity"])) <= 1
            capacity.setdefault((row["facility_name"], row["facility_type"]), set()).add(
                row["capacity"]
            )
        total += len(found)
        kinds.update(r["facility_type"] for r in found)
        layouts["pool_count" in document["scrape_metadata"]] += 1
    assert (total, layouts) == (3367, {False: 123, True: 101})
    assert kinds == {"pool": 1804, "sauna": 1462, "ice_rink": 101}
    # the collector had mixed up four pools: their capacities changed places within the days
    names = ("Müller'sches Volksbad", "Nordbad", "Südbad", "Westbad")
    mixed = [(name, "pool") for name in names]
    assert set().union(*(capacity[name] for name in mixed)) == {177, 314, 432, 872}
    assert {len(capacity[name]) for name in mixed} == {2}
    result = check("occupancy", read(files[0].read_bytes()))
    assert (result.accepted["polls"].num_rows, result.quarantined) == (13, [])


def test_munich_days_with_two_offsets_are_instants(realdata):
    files = sorted(realdata(MUNICH).glob("pool_data_20260329_*.json"))
    found = [polls(p.read_bytes())[0]["measured_at"] for p in files]
    assert found == sorted(found)
    offsets = {json.loads(p.read_bytes())["scrape_timestamp"][-6:] for p in files}
    assert offsets == {"+01:00", "+02:00"}


def test_munich_opening_hours(realdata, check):
    rows = {}
    for path in sorted(realdata(f"{MUNICH}-openings").glob("*.json")):
        parsed = read(path.read_bytes())
        assert parsed.rejects == ()
        assert check("occupancy", parsed).quarantined == []
        found = parsed.tables["openings"].to_pylist()
        rows[path.name[:25]] = (
            len(found),
            len({(r["facility_name"], r["facility_type"]) for r in found}),
        )
        assert {r["method"] for r in found} <= {"html", "ai_fallback"}
    assert rows == {"facility_opening_20260519": (108, 18), "facility_opening_20260520": (95, 17)}


def test_library_statistics_are_refused_by_name(realdata):
    path = realdata(LIBRARIES)
    content = path.read_bytes()
    assert inbox.owner(path, content, path.parent, registry.sources()) == "occupancy"
    with pytest.raises(PayloadError, match=r"municipal libraries.*no sports facility"):
        read(content)


def test_real_files_are_recognised(realdata, tmp_path):
    folder = realdata(MUNICH)
    for path in [
        *sorted(folder.glob("*.json"))[:3],
        *realdata(f"{MUNICH}-openings").glob("*.json"),
    ]:
        assert inbox.owner(path, path.read_bytes(), path.parent, registry.sources()) == "occupancy"
    table = tmp_path / "occupancy_historical.csv"
    table.write_text(f"{HEADER}\n")
    assert inbox.owner(table, table.read_bytes(), tmp_path, registry.sources()) == "occupancy"


# --- the demo city -----------------------------------------------------------------------------


def test_live_asks_the_present_only(ask):
    (request,) = fetch.requests(None, SOURCE)  # type: ignore[arg-type]
    assert request.path == "auslastung.json"


def test_round_trip_through_the_demo_city(ask, check, world):
    payloads = ask("occupancy")
    assert [p.resource for p in payloads[:2]] == ["auslastung.json", "2023-07.jsonl"]
    assert len(payloads) == 1 + 27
    old, new = (next(p for p in payloads if p.resource == f"2025-{m}.jsonl") for m in ("01", "02"))
    for payload in (payloads[0], old, new):
        parsed = read(payload.content)
        assert parsed.rejects == ()
        assert check("occupancy", parsed).quarantined == []
    found = read(new.content).tables["polls"].to_pylist()
    assert len(found) == 28 * 24 * len(PUBLIC)
    assert b"unknown_facilities" in old.content
    assert b"unknown_facilities" not in new.content
    assert {r["facility_type"] for r in polls(old.content)} == {"pool", "gym", "ice_rink"}
    night = [r["persons"] for r in found if r["measured_at"].hour == 2]
    assert set(night) == {0}
    assert demo.months(world)[-1] == "2025-09"
