"""MSCONS: splitting EDIFACT, what belongs to a quantity, and the meters of the demo quarter."""

from __future__ import annotations

import csv
import itertools
import json
import logging
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import registry
from urbandata.contract import Payload, Window
from urbandata.demo.energy import quarter_wh
from urbandata.demo.world import World
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.mscons import demo, edifact, fetch
from urbandata.sources.mscons import parse as parsing
from urbandata.sources.mscons import quantities as placing
from urbandata.sources.mscons.parse import parse

SOURCE = registry.source("mscons")
MALO = "99999900019"
HEAD = "UNB+UNOC:3+1:500+2:500+240103:0500+R++TL'"
OPEN = (
    "UNH+1+MSCONS:D:04B:UN:2.4c'BGM+7+A1+9'DTM+137:202401030500?+00:303'UNS+D'NAD+DP'"
    f"LOC+172+{MALO}'DTM+163:202401010000?+01:303'DTM+164:202401020000?+01:303'"
    "LIN+1'PIA+5+1-1?:1.29.0:SRW'"
)
VALUE = "QTY+220:12.345'DTM+163:202401010000?+01:303'DTM+164:202401010015?+01:303'"


def file(*bodies: str, una: str = "UNA:+.? '") -> bytes:
    """An interchange of messages given by their segments from UNH on, without UNT."""
    messages = "".join(f"{b}UNT+{b.count(chr(39)) + 1}+{i}'" for i, b in enumerate(bodies, 1))
    return f"{una}{HEAD}{messages}UNZ+{len(bodies)}+R'".encode("latin-1")


def rows(parsed):
    """Values with what their series says of them."""
    series = {s["series"]: s for s in parsed.tables["series"].to_pylist()}
    return [series[v["series"]] | v for v in parsed.tables["meter_values"].to_pylist()]


def day(world, first: date, is_month: bool = False) -> demo.Delivery:
    end = demo._next_month(first) if is_month else first + timedelta(days=1)
    return demo._delivery(first, end, is_month)


@pytest.fixture
def service(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_quantity_with_all_that_belongs_to_it(make_payload):
    (row,) = rows(parse(make_payload(file(OPEN + VALUE)), SOURCE))
    assert row == {
        "series": 11,
        "market_location": MALO,
        "obis": "1-1:1.29.0",
        "interval_start": datetime(2023, 12, 31, 23, 0, tzinfo=UTC),
        "interval_end": datetime(2023, 12, 31, 23, 15, tzinfo=UTC),
        "value": 12.345,
        "unit": None,
        "qualifier": "220",
        "message_ref": "1",
        "message_function": "9",
        "created_at": datetime(2024, 1, 3, 5, 0, tzinfo=UTC),
        "_row": 12,
    }


def test_each_quantity_keeps_to_its_meter_and_register(make_payload):
    second = OPEN.replace(MALO, "DE" + "X" * 31).replace("UNH+1", "UNH+2")
    other = "LIN+2'PIA+5+1-1?:2.29.0:SRW'" + VALUE.replace("QTY+220:12.345", "QTY+67:1:KWH")
    parsed = parse(make_payload(file(OPEN + VALUE + other, second + VALUE)), SOURCE)
    found = [(r["market_location"], r["obis"], r["qualifier"], r["unit"]) for r in rows(parsed)]
    assert found == [
        (MALO, "1-1:1.29.0", "220", None),
        (MALO, "1-1:2.29.0", "67", "KWH"),
        ("DE" + "X" * 31, "1-1:1.29.0", "220", None),
    ]


def test_nothing_is_inherited_from_another_message_or_line(make_payload):
    bare = "UNH+2+MSCONS:D:04B:UN:2.4c'BGM+7+A2+1'UNS+D'"
    line = "LIN+2'"
    parsed = parse(make_payload(file(OPEN + VALUE + line + VALUE, bare + VALUE)), SOURCE)
    assert [r["obis"] for r in rows(parsed)] == ["1-1:1.29.0", None]
    (reject,) = parsed.rejects
    assert (reject.table, reject.row) == ("meter_values", 23)
    assert "no metering point" in reject.reason
    assert "value=12.345" in reject.record
    known = bare.replace("UNS+D'", f"UNS+D'LOC+172+{MALO}'") + VALUE
    *_, last = rows(parse(make_payload(file(OPEN + VALUE, known)), SOURCE))
    assert (last["message_ref"], last["message_function"]) == ("2", "1")
    assert (last["obis"], last["created_at"]) == (None, None)


def test_segments_may_be_wrapped_anywhere(make_payload):
    whole = file(OPEN + VALUE)
    wrapped = b"\r\n".join(whole[i : i + 70] for i in range(0, len(whole), 70))
    per_line = whole.replace(b"'", b"'\n")
    expected = rows(parse(make_payload(whole), SOURCE))
    assert rows(parse(make_payload(wrapped), SOURCE)) == expected
    assert rows(parse(make_payload(per_line), SOURCE)) == expected


def test_other_separators_and_decimal_comma(make_payload):
    usual = file(OPEN + VALUE, una="")
    assert usual.startswith(b"UNB")
    odd = usual.translate(bytes.maketrans(b":+.?'", b";|,!~"))
    # The released colon of the OBIS code is a plain one here, and so is the plus of the offset.
    odd = odd.replace(b"1-1!;1,29,0", b"1-1:1.29.0").replace(b"!|0", b"+0")
    expected = rows(parse(make_payload(usual), SOURCE))
    assert rows(parse(make_payload(b"UNA;|,! ~" + odd), SOURCE)) == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [("A?'B", "A'B"), ("A??", "A?"), ("A???+", "A?+"), ("?AB", "AB"), ("A???'B", "A?'B")],
)
def test_release_character(make_payload, written, read):
    body = OPEN.replace(MALO, written) + VALUE
    segments = body.count("'") - written.count("?'") + 1
    content = f"{HEAD}{body}UNT+{segments}+1'UNZ+1+R'".encode()
    (row,) = rows(parse(make_payload(content), SOURCE))
    assert row["market_location"] == read


def test_broken_quantities_are_rejected_and_the_rest_goes_on(make_payload):
    broken = [
        VALUE.replace("12.345", "viel"),
        VALUE.replace("QTY+220:12.345", "QTY+220"),
        "QTY+220:1'DTM+163:202401010000?+01:303'",
        VALUE.replace("202401010000?+01:303", "202401010000:203"),
        VALUE.replace("202401010000?+01", "202401010000"),
        VALUE.replace("202401010000", "202413010000"),
        "QTY+220:1'DTM+9:202401010000?+01:303'",
    ]
    parsed = parse(make_payload(file(OPEN + "".join(broken) + VALUE)), SOURCE)
    assert len(rows(parsed)) == 1
    reasons = [r.reason for r in parsed.rejects]
    hints = ("viel", "quantity", "period", "303", "offset", "timestamp", "no period")
    assert len(reasons) == len(hints)
    for reason, hint in zip(reasons, hints, strict=True):
        assert hint in reason
    assert parsed.tables["meter_values"].num_rows + len(parsed.rejects) == 8


def test_negative_values_are_read_and_stopped_at_the_door(make_payload, check):
    body = OPEN + VALUE + VALUE.replace("12.345", "-1.5") + VALUE.replace("163:", "163:2", 1)
    short = OPEN.replace(MALO, "4711").replace("UNH+1", "UNH+2") + VALUE
    parsed = parse(make_payload(file(body, short)), SOURCE)
    result = check("mscons", parsed)
    assert result.accepted["meter_values"].column("value").to_pylist() == [12.345]
    reasons = [q.reason for q in result.quarantined]
    assert any("303" in r or "timestamp" in r for r in reasons)
    assert "Quantity outside the possible range (0 to 25,000 per period)" in reasons
    assert "Not a valid market or meter location" in reasons


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "does not begin with UNB"),
        (b"\xef\xbb\xbfDatum;Wert\r\n", "not closed"),
        (file(OPEN + VALUE)[:-30], "not closed"),
        (file(OPEN + VALUE).replace(b"UNZ+1+R'", b""), "UNZ is missing"),
        (file(OPEN + VALUE).replace(b"UNZ+1", b"UNZ+2"), "has 1 messages or groups, UNZ says 2"),
        (file(OPEN + VALUE).replace(b"UNZ+1", b"UNZ"), "UNZ says 0"),
        (file(OPEN + VALUE).replace(b"LIN+1'", b""), "UNT says 14"),
        (file(OPEN + VALUE).replace(b"UNT+14+1'", b""), "pair up"),
        (file(OPEN + VALUE).replace(b"MSCONS", b"UTILMD"), "another type than MSCONS: UTILMD"),
        (b"UNA++++++UNB+", "no usable separators"),
        (b"UNA", "cut off"),
    ],
)
def test_useless_payload_says_why(make_payload, content, hint):
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content), SOURCE)


def test_interchanges_one_after_the_other_and_groups_are_counted(make_payload):
    both = file(OPEN + VALUE) + b"\n" + file(OPEN + VALUE, OPEN + VALUE)
    assert len(rows(parse(make_payload(both), SOURCE))) == 3
    grouped = file(OPEN + VALUE, OPEN + VALUE).replace(b"UNH+1+", b"UNG+MSCONS'UNH+1+", 1)
    grouped = grouped.replace(b"UNZ+2", b"UNE+2+1'UNZ+1")
    assert len(rows(parse(make_payload(grouped), SOURCE))) == 2


def test_empty_message_is_no_error(make_payload):
    assert parse(make_payload(file(OPEN)), SOURCE).count == 0


PIECES = st.sampled_from(
    [
        OPEN,
        VALUE,
        HEAD,
        "UNT+4+1'",
        "UNZ+1+R'",
        "UNA:+.? '",
        "QTY+220:1'",
        "DTM+163:2:303'",
        "?",
        "'",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=12).map("".join)))
def test_any_bytes_give_a_table_or_a_named_error(noise):
    content = noise if isinstance(noise, bytes) else noise.encode()
    for candidate in (content, file(OPEN + content.decode("latin-1").replace("UN", "un"))):
        payload = Payload(candidate, "x", "edi", datetime(2025, 1, 1, tzinfo=UTC), "real")
        try:
            parsed = parse(payload, SOURCE)
        except PayloadError:
            continue
        quantities = edifact.read(candidate).places("QTY").size
        turned_away = sum(r.table == "meter_values" for r in parsed.rejects)
        assert parsed.tables["meter_values"].num_rows + turned_away == quantities
        assert parsed.count == quantities + parsed.tables["series"].num_rows + sum(
            r.table == "series" for r in parsed.rejects
        )


STATUSES = st.sampled_from(["220", "67", "20", "Z", "1234", "2?+2", "2?:2", "", "ä1", "22:"])
NUMBERS = st.one_of(
    st.decimals(-(10**6), 10**6, places=3).map(str),
    st.sampled_from(["", "-", "+5", "1e3", " 5", "1,5", "1.2.3", "nan", "5?'", "0x1", "5:6", ".5"]),
)
UNITS = st.sampled_from(
    ["", ":KWH", ":MTQ", ":kWh", ":KW", ":KWHH", ":K?:H", ":", ":KWH:X", "+KWH"]
)
QUANTITIES = st.builds("QTY+{}:{}{}'".format, STATUSES, NUMBERS, UNITS)
UNAS = st.sampled_from(["UNA:+.? '", "UNA:+,? '", "UNA:+.  '", "UNA:+.- '", "UNA-+.? '"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(QUANTITIES, st.just("QTY'"), st.just("QTYX220:2'")), max_size=4), UNAS)
@example(["QTYX220:5'"], "UNA:+.? '")  # no element after the tag
@example(["QTY+220:5:6'"], "UNA-+.? '")  # 5-6 is a number and its unit
@example(["QTY+220:555'", "QTY+67:55'", "QTY+67:5:KWH'", "QTY+220:-5:MTQ'"], "UNA:+.? '")
def test_quantities_are_read_alike_by_place_and_by_pattern(quantities, una):
    body = "".join(
        q + "DTM+163:202401010000?+01:303'DTM+164:202401010015?+01:303'" for q in quantities
    )
    component = una[3]
    content = file(OPEN + VALUE + body).decode("latin-1").replace(":", component)
    payload = Payload(
        (una + content[9:]).encode("latin-1"), "x", "edi", datetime(2025, 1, 1, tzinfo=UTC), "real"
    )
    read = []
    for texts, by_place in [(0, True), (10**6, True), (0, False)]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(edifact, "WORTH_IT", texts)
            if not by_place:
                patch.setattr(placing, "_plain", lambda *_: None)
            try:
                parsed = parse(payload, SOURCE)
            except PayloadError as error:
                read.append(str(error))
                continue
        faults = [(r.row, r.reason) for r in parsed.rejects]
        read.append(({name: t.to_pylist() for name, t in parsed.tables.items()}, faults))
    assert read[0] == read[1] == read[2]


ODD = [
    *("202402300000?+01:303", "202401012400?+01:303", "20240101000?+01:303"),
    *("202401010000?+15:303", "2024010100?+0100:303", "202401010000?+01:203"),
    *("202401010000-01:303", "202401010000:303", "202412312359?-05:303"),
]
INSTANTS = st.sampled_from(["202401010000?+01:303", "202403310245?+02:303", *ODD])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(INSTANTS, INSTANTS), min_size=1, max_size=3))
def test_instants_are_read_alike_as_numbers_and_as_text(spans):
    body = "".join(f"QTY+220:1'DTM+163:{a}'DTM+164:{b}'" for a, b in spans)
    payload = Payload(file(OPEN + body), "x", "edi", datetime(2025, 1, 1, tzinfo=UTC), "real")
    quick = parse(payload, SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "instants", lambda *_: None)
        closely = parse(payload, SOURCE)
    assert closely.tables == quick.tables
    assert [(r.row, r.reason) for r in closely.rejects] == [
        (r.row, r.reason) for r in quick.rejects
    ]


def test_listing_is_followed_for_the_time_of_delivery(make_payload):
    window = Window(datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 4, tzinfo=UTC))
    (listing,) = fetch.requests(window, SOURCE)
    assert (listing.path, listing.land) == ("lastgang/", False)
    entries = [
        {"name": f"{n}.txt", "type": kind, "mtime": f"Tue, {d} Jan 2024 06:00:00 GMT"}
        for n, kind, d in (
            ("MSCONS_TL_b", "file", "03"),
            ("MSCONS_TL_a b", "file", "02"),
            ("MSCONS_TL_old", "file", "01"),
            ("MSCONS_TL_new", "file", "04"),
            ("UTILMD_x", "file", "03"),
            ("MSCONS_TL_dir", "directory", "03"),
        )
    ]
    asked = list(fetch.follow(listing, make_payload(json.dumps(entries).encode()), SOURCE))
    assert [(r.resource, r.path) for r in asked] == [
        ("MSCONS_TL_a b.txt", "lastgang/MSCONS_TL_a%20b.txt"),
        ("MSCONS_TL_b.txt", "lastgang/MSCONS_TL_b.txt"),
    ]
    assert all(r.conditional for r in asked)
    assert list(fetch.follow(asked[0], make_payload(b"UNB"), SOURCE)) == []


@pytest.mark.parametrize("content", [b"<html>", b'{"a": 1}', b'[{"name": "x"}]', b"[1]"])
def test_unreadable_listing_is_a_failure(make_payload, content):
    (listing,) = fetch.requests(Window(*[datetime(2024, 1, 2, tzinfo=UTC)] * 2), SOURCE)
    with pytest.raises(FetchError, match="listing"):
        list(fetch.follow(listing, make_payload(content), SOURCE))


def test_round_trip_through_the_demo_folder(ask, check):
    window = Window(datetime(2025, 9, 1, tzinfo=UTC), datetime(2025, 9, 16, tzinfo=UTC))
    payloads = ask("mscons", window)
    assert len(payloads) == 1 + 14  # August, and the days up to the day before yesterday's night
    for payload in payloads:
        parsed = parse(payload, SOURCE)
        assert parsed.rejects == ()
        result = check("mscons", parsed)
        assert (result.held, result.quarantined) == ("", [])
    (month,) = (p for p in payloads if p.resource.endswith("_M202508.txt"))
    august = parse(month, SOURCE).tables["meter_values"]
    every = len(demo.METERS) * 31 * 96
    assert 0.97 * every < august.num_rows <= every


@pytest.mark.parametrize(
    ("first", "quarters"),
    [(date(2025, 3, 30), 92), (date(2024, 10, 27), 100), (date(2025, 3, 29), 96)],
)
def test_days_of_the_clock_change(world, make_payload, first, quarters):
    """Meters without an outage have every quarter of an hour once, also in the double hour."""
    parsed = parse(make_payload(demo.interchange(world, day(world, first))), SOURCE)
    by_meter = Counter(r["market_location"] for r in rows(parsed))
    assert max(by_meter.values()) == quarters
    starts = sorted({r["interval_start"] for r in rows(parsed)})
    assert len(starts) == quarters
    assert {b - a for a, b in itertools.pairwise(starts)} == {timedelta(minutes=15)}
    local_midnight = datetime.combine(first, datetime.min.time(), tzinfo=demo.ZONE)
    assert starts[0] == local_midnight


def test_the_balance_is_exact_in_the_messages(world, make_payload):
    content = demo.interchange(world, day(world, date(2025, 6, 1), is_month=True))
    names = {(m.point, m.obis): m.curve for m in demo.METERS}
    values: dict[datetime, dict[str, int]] = {}
    for r in rows(parse(make_payload(content), SOURCE)):
        curve = names[r["market_location"], r["obis"]]
        values.setdefault(r["interval_start"], {})[curve] = round(r["value"] * 1000)
    complete = [v for v in values.values() if len(v) == len(demo.METERS)]
    assert len(complete) > 0.9 * 30 * 96
    for v in complete:
        assert v["import"] - v["export"] + v["generation"] == v["load"]
        assert v["heat_pump"] <= v["load"]


def test_month_fills_short_gaps_of_its_days_and_says_so(world, make_payload):
    month = day(world, date(2025, 7, 1), is_month=True)
    of_month = rows(parse(make_payload(demo.interchange(world, month)), SOURCE))
    key = ("market_location", "interval_start")
    late = {tuple(r[k] for k in key): r for r in of_month}
    early = {}
    for n in range(31):
        first = date(2025, 7, 1) + timedelta(days=n)
        for r in rows(parse(make_payload(demo.interchange(world, day(world, first))), SOURCE)):
            early[tuple(r[k] for k in key)] = r
    added = [late[k] for k in late.keys() - early.keys()]
    assert added
    assert {r["qualifier"] for r in added} == {"67"}
    assert {r["qualifier"] for r in early.values()} == {"220", "201"}
    assert all(late[k]["value"] == r["value"] for k, r in early.items())
    assert len(late) < len(demo.METERS) * 31 * 96  # long gaps stay


def test_folder_grows_with_time_and_forgets_days_of_finished_months(world):
    def names(at):
        then = World(seed=world.seed, clock=lambda: at)
        return [d.reference for d in demo.deliveries(then)]

    before = names(datetime(2025, 9, 3, 3, tzinfo=UTC))
    after = names(datetime(2025, 9, 3, 5, tzinfo=UTC))
    assert before[-2:] == ["D20250831", "D20250901"]
    assert after[-3:] == ["M202508", "D20250901", "D20250902"]
    assert "D20250831" not in after


def test_files_do_not_change_and_are_not_sent_twice(service):
    name = service.get("/lastgang/").json()[0]["name"]
    answer = service.get(f"/lastgang/{name}")
    again = service.get(f"/lastgang/{name}", headers={"if-none-match": answer.headers["etag"]})
    assert (answer.status_code, again.status_code) == (200, 304)
    assert service.get("/lastgang/MSCONS_TL_none.txt").status_code == 404


def test_quarter_follows_sun_and_temperature(world):
    year = world.steps(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), 15)
    curves = quarter_wh(world, year)
    night = world.sun_w_m2(year) < 0.01
    assert curves["generation"][night].mean() < 0.01 * curves["generation"].mean()
    month = year.astype("datetime64[M]").astype(int) % 12
    assert curves["generation"][month == 6].sum() > 3 * curves["generation"][month == 11].sum()
    assert curves["heat"][month == 0].sum() > 3 * curves["heat"][month == 6].sum()
    performance = curves["heat"].sum() / curves["heat_pump"].sum()
    assert 3.5 < performance < 5.0
    autarky = 1 - curves["import"].sum() / curves["load"].sum()
    assert 0.25 < autarky < 0.6


def test_another_converter_reads_the_same_values(world, tmp_path):
    """Cross-check against msconsconverter 2.0.

    It reads only the first line, knows only status 220, ignores registers, and writes a line at
    every segment once the first period is closed, mixing old and new; of each three lines the
    third is right.
    """
    from msconsconverter.functions import convert_single

    content = demo.interchange(world, day(world, date(2025, 6, 1), is_month=True)).decode()
    first_message = content[: content.index("'UNT+")]
    path = tmp_path / "month.txt"
    path.write_text(first_message, encoding="latin-1")
    convert_single(str(path), str(tmp_path / "out"), logging.getLogger("converter"))
    (converted,) = (tmp_path / "out").glob("*.csv")
    with converted.open() as lines:
        theirs = list(csv.DictReader(lines))[2::3]
    assert theirs
    parsed = parse(
        Payload(content.encode(), "x", "edi", datetime(2025, 9, 1, tzinfo=UTC), "demo"), SOURCE
    )
    ours = [r for r in rows(parsed) if r["market_location"] == demo.METERS[0].point]
    assert len(theirs) == len(ours)
    for their, our in zip(theirs, ours, strict=True):
        assert their["LOC_MSCONS"] == our["market_location"]
        start = datetime.strptime(f"{their['DATE_PERIOD_START']}00", "%Y%m%d%H%M%z")
        end = datetime.strptime(f"{their['DATE_PERIOD_END']}00", "%Y%m%d%H%M%z")
        assert (start, end) == (our["interval_start"], our["interval_end"])
        if our["qualifier"] == "220":
            assert float(their["VALUE"]) == our["value"]
