"""SMARD: which blocks are asked, blocks and exports, and the demo market."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import recognition, registry
from urbandata.contract import Payload, Window
from urbandata.demo.energy import area_mw, price_eur_mwh
from urbandata.demo.world import World
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.smard import demo, fetch
from urbandata.sources.smard.parse import parse

SOURCE = registry.source("smard")
DEMO = SOURCE.as_demo()
HOUR = timedelta(hours=1)
BLOCK = "410/50Hertz/hour/1757887200000"
EXPORT = "Realisierter_Stromverbrauch_2017_2024_Tag_50Hertz.csv"


def rows(parsed, table="series"):
    return parsed.tables[table].to_pylist()


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@pytest.fixture
def service(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_hours_are_asked_for_the_end_of_the_window_only():
    window = Window(datetime(2023, 7, 1, tzinfo=UTC), datetime(2025, 9, 15, tzinfo=UTC))
    asked = {r.resource: r for r in fetch.requests(window, DEMO)}
    assert len(asked) == 5 + 3
    price = asked["4169/DE/hour/index"]
    assert price.path == "4169/DE/index_hour.json"
    assert (price.land, price.missing_ok) == (False, True)
    assert price.context["start"] == "2025-07-21T00:00:00+00:00"
    assert asked["410/50Hertz/day/index"].context["start"] == "2023-07-01T00:00:00+00:00"


def test_only_blocks_that_touch_the_window_are_asked(make_payload):
    mondays = [datetime(2025, 8, 31, 22, tzinfo=UTC) + timedelta(weeks=n) for n in range(4)]
    index = json.dumps({"timestamps": [ms(m) for m in reversed(mondays)]}).encode()
    window = Window(mondays[1], mondays[2] + HOUR)
    request = next(r for r in fetch.requests(window, DEMO) if "hour" in r.resource)
    asked = list(fetch.follow(request, make_payload(index), DEMO))
    assert [r.resource for r in asked] == [f"4169/DE/hour/{ms(m)}" for m in mondays[1:3]]
    assert asked[0].path == f"4169/DE/4169_DE_hour_{ms(mondays[1])}.json"
    assert list(fetch.follow(asked[0], make_payload(b"{}"), DEMO)) == []


@pytest.mark.parametrize(
    "content", [b"<html>", b"[]", b'{"timestamps": null}', b'{"timestamps": [1e300, "x"]}']
)
def test_unreadable_index_is_a_failure(make_payload, content):
    now = datetime(2025, 9, 15, tzinfo=UTC)
    request = next(iter(fetch.requests(Window(now, now), DEMO)))
    with pytest.raises(FetchError, match="index"):
        list(fetch.follow(request, make_payload(content), DEMO))


def test_block(make_payload):
    content = b'{"meta_data": {}, "series": [[1757887200000, 8123.25], [1757890800000, null]]}'
    first, second = rows(parse(make_payload(content, resource=BLOCK), SOURCE))
    assert first == {
        "filter_id": "410",
        "region": "50Hertz",
        "resolution": "hour",
        "started_at": datetime(2025, 9, 14, 22, tzinfo=UTC),
        "value": 8123.25,
        "_row": 1,
    }
    assert (second["started_at"], second["value"]) == (datetime(2025, 9, 14, 23, tzinfo=UTC), None)


def test_broken_pairs_are_rejected_and_the_rest_goes_on(make_payload):
    content = b'{"series": [[1, 2], ["x", 1], [3600000, "viel"], [], 7, [1.5, 1], [99, 3]]}'
    parsed = parse(make_payload(content, filename="4169_DE_hour_0.json"), SOURCE)
    assert [(r["filter_id"], r["value"], r["_row"]) for r in rows(parsed)] == [
        ("4169", 2.0, 1),
        ("4169", 3.0, 7),
    ]
    assert [r.row for r in parsed.rejects] == [2, 3, 4, 5, 6]
    assert "viel" in parsed.rejects[1].reason
    assert "milliseconds" in parsed.rejects[0].reason


def test_export_with_dashes_and_broken_lines(make_payload):
    content = (
        "\ufeffDatum von;Datum bis;"
        "Gesamt (Netzlast) [MWh] Berechnete Auflösungen;Residuallast [MWh]\n"
        "01.01.2023;02.01.2023;251.021,25;-15.334,75\n"
        "14.03.2023;15.03.2023;-;1,5\n"
        "31.02.2023;01.03.2023;1,0;2,0\n"
        ";;3,0;4,0\n"
        "02.01.2023;03.01.2023;viel;5,0;6\n"
    ).encode()
    parsed = parse(make_payload(content, filename=EXPORT), SOURCE)
    found = rows(parsed, "daily_consumption")
    assert found[1] == {
        "dataset": "Realisierter_Stromverbrauch",
        "region": "50Hertz",
        "day": date(2023, 1, 1),
        "next_day": date(2023, 1, 2),
        "quantity": "Residuallast",
        "value": -15334.75,
        "unit": "MWh",
        "_row": 4,
    }
    assert [r["value"] for r in found] == [251021.25, -15334.75, None, 1.5]
    assert [r.row for r in parsed.rejects] == [7, 8, 9, 10, 11, 12]
    assert parsed.count == 10


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("Realisierte_Erzeugung_202301010000_202401010000_Tag.csv", None),
        ("Realisierte_Erzeugung_2017-2024_Tag.csv", None),
        ("Realisierte_Erzeugung_2017-2024_Tag_TransNetBW (2).csv", "TransNetBW"),
    ],
)
def test_names_of_exports(make_payload, name, region):
    content = b"Datum von;Datum bis;Biomasse [MWh]\n01.01.2023;02.01.2023;1,5\n"
    found = rows(parse(make_payload(content, filename=name), SOURCE), "daily_consumption")
    assert [(r["dataset"], r["region"]) for r in found] == [("Realisierte_Erzeugung", region)]


def test_a_month_is_not_a_day_whatever_the_name_says(make_payload):
    content = (
        b"Datum von;Datum bis;A [MWh]\n31.12.2022;01.01.2023;1,0\n01.01.2023;01.02.2023;31,0\n"
    )
    parsed = parse(make_payload(content, filename=EXPORT), SOURCE)
    assert [r["value"] for r in rows(parsed, "daily_consumption")] == [1.0]
    assert [r.reason for r in parsed.rejects] == ["not one day"]


@pytest.mark.parametrize(
    ("heading", "owner"),
    [
        ("Netzlast [MWh] Berechnete Auflösungen", ["smard"]),
        ("Deutschland/Luxemburg [€/MWh]", ["smard"]),
        ("Energiemenge in kWh", ["load_profile"]),
        ("Verbrauch [kWh]", ["load_profile"]),
    ],
)
def test_exports_of_meters_begin_alike_and_are_none(heading, owner):
    content = f"Datum von;Datum bis;{heading}\n".encode()
    assert recognition.claims(Path("a.csv"), content, registry.sources().values()) == owner


@pytest.mark.parametrize(
    ("content", "name", "hint"),
    [
        (b"", EXPORT, "empty"),
        (b"Datum;Wert\n1;2\n", EXPORT, "header"),
        (b"Datum von;Datum bis;Menge\n1;2;3\n", EXPORT, "no unit"),
        (b"Datum von;Datum bis;A [MWh]\n", "Verbrauch_2023_2024_Stunde.csv", "daily export"),
        (b'{"series": 3}', "410_DE_hour_1.json", "no JSON array"),
        (b'{"series": ', "410_DE_hour_1.json", "broken JSON"),
        (b'{"series": []}', "x.json", "names no filter"),
    ],
)
def test_useless_payload_says_why(make_payload, content, name, hint):
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content, filename=name), SOURCE)


def test_empty_block_is_no_error(make_payload):
    assert parse(make_payload(b'{"series": []}', resource=BLOCK), SOURCE).count == 0


JSONS = st.recursive(
    st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=8,
)
LINES = st.sampled_from(
    ["Datum von;Datum bis;A [MWh]", "01.01.2023;02.01.2023;1,5", "infinity;-;-", ";", "x;y;z;1"]
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.tuples(st.binary(max_size=100), st.none()),
        st.lists(JSONS, max_size=5).map(lambda s: (json.dumps({"series": s}).encode(), len(s))),
        st.lists(st.one_of(LINES, st.text(max_size=9)), max_size=6).map(
            lambda s: ("\n".join(s).encode("utf-8", "replace"), None)
        ),
    ),
    st.sampled_from([EXPORT, "410_DE_hour_1.json"]),
)
def test_any_bytes_give_a_table_or_a_named_error(noise, name):
    content, count = noise
    payload = Payload(content, "x", "x", datetime(2025, 1, 1, tzinfo=UTC), "real", filename=name)
    try:
        parsed = parse(payload, SOURCE)
    except PayloadError:
        return
    (table,) = parsed.tables.values()
    assert parsed.count == table.num_rows + len(parsed.rejects)
    if count is not None:
        assert parsed.count == count


def test_real_consumption_is_complete(realdata, make_payload, check):
    path = realdata(f"energy/smard/{EXPORT}")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), SOURCE)
    found = rows(parsed, "daily_consumption")
    assert parsed.rejects == ()
    assert len(found) == 2556 * 3
    assert len({r["day"] for r in found}) == 2556
    assert {r["quantity"] for r in found} == {"Gesamt (Netzlast)", "Residuallast", "Pumpspeicher"}
    assert all(r["next_day"] - r["day"] == timedelta(days=1) for r in found)
    assert (found[0]["value"], found[-1]["value"]) == (232526.0, 16474.25)
    result = check("smard", parsed)
    assert (result.held, result.quarantined) == ("", [])


def test_real_forecast_has_two_days_of_dashes(realdata, make_payload):
    path = realdata("energy/smard/Prognostizierter_Stromverbrauch_2023_2024_Tag_50Hertz.csv")
    parsed = parse(make_payload(path.read_bytes(), filename=path.name), SOURCE)
    table = parsed.tables["daily_consumption"]
    assert (table.num_rows, parsed.rejects) == (365 * 2, ())
    empty = table.filter(pc.is_null(table["value"]))["day"].to_pylist()
    assert set(empty) == {date(2023, 3, 14), date(2023, 8, 31)}
    assert pc.min(table["value"]).as_py() < 0


def test_round_trip_through_the_demo_market(ask, check, world):
    payloads = ask("smard", Window(world.start, world.now()))
    assert len(payloads) == 5 * 3 + 3 * 9  # years of days, weeks of hours
    assert len(payloads) + 8 <= 60
    series = {}
    for payload in payloads:
        parsed = parse(payload, SOURCE)
        assert parsed.rejects == ()
        result = check("smard", parsed)
        assert (result.held, result.quarantined) == ("", [])
        for r in rows(parsed):
            assert r["started_at"] <= world.now()
            series.setdefault((r["filter_id"], r["resolution"]), {})[r["started_at"]] = r["value"]
    assert len(series["410", "day"]) == 77 + 731  # since July 2023, today still empty
    hours = sorted(series["4169", "hour"])
    assert {b - a for a, b in itertools.pairwise(hours)} == {HOUR}


@pytest.mark.parametrize(("day", "hours"), [("2025-03-30", 23), ("2024-10-27", 25)])
def test_days_of_the_clock_change_are_sums_of_their_hours(world, day, hours):
    start = datetime.fromisoformat(day).replace(tzinfo=demo.ZONE)
    end = datetime.fromisoformat(day).replace(tzinfo=demo.ZONE) + timedelta(days=1)
    year = demo._year(start)
    days = json.loads(demo.series_json(world, "410", "day", year, end))["series"]
    assert days[-1][0] == ms(start)
    times = world.steps(start, end, 60)
    assert times.size == hours
    assert days[-1][1] == pytest.approx(area_mw(world, times)["load"].sum(), abs=0.01)


def test_newest_hours_are_filled_later():
    def values(hour):
        then = World(clock=lambda: datetime(2025, 9, 15, hour, tzinfo=UTC))
        week = demo._blocks(then, demo._week)[-1]
        body = demo.series_json(then, "410", "hour", *week)
        return [v for _, v in json.loads(body)["series"]]

    now, later = values(12), values(18)
    assert now[-1] is None
    assert None not in later[: len(now)]
    assert later[: len(now) - 3] == now[:-3]


def test_service_has_no_series_of_other_regions(service):
    assert service.get("/410/50Hertz/index_hour.json").status_code == 200
    assert service.get("/410/DE/index_hour.json").status_code == 404
    assert service.get("/410/50Hertz/index_month.json").status_code == 404
    assert service.get("/410/50Hertz/410_50Hertz_hour_1.json").status_code == 404


def test_prices_fall_with_sun_and_wind(world):
    year = world.steps(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), 60)
    area, price = area_mw(world, year), price_eur_mwh(world, year)
    renewable = area["solar"] + area["wind"]
    assert np.corrcoef(renewable, price)[0, 1] < -0.5
    assert 30 < price.mean() < 150
    assert (price < 0).any()
