"""The city's OGC API: paging that cannot be trusted, two clocks, KLIPS values and other layers."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pyarrow.compute as pc
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import registry
from urbandata.contract import Parsed, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.dresden_ogc_features import demo, fetch
from urbandata.sources.dresden_ogc_features.parse import delimited, features, parse

SOURCE = registry.source("dresden_ogc_features")
DAY = Window(datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 7, 2, tzinfo=UTC))
MONTH = Window(datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC))


def rows(parsed):
    return parsed.tables["klips"].to_pylist()


def collection(*found, **more):
    features = [
        {
            "type": "Feature",
            "id": 1,
            "geometry": {"type": "Point", "coordinates": [13.74, 51.05]},
            "properties": {
                "ids": 920,
                "bezeichnung": "Altmarkt",
                "parameter": "Lufttemperatur 2m",
                "wert_n": 21.5,
                "einheit": "°C",
                "messzeit": "2025-07-01 14:00:00",
                **properties,
            },
        }
        for properties in found
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


@pytest.fixture
def service(world):
    return TestClient(Starlette(routes=demo.routes(world)))


class Server:
    """A service with ``stock`` features a minute apart that can page well or badly."""

    start = datetime.fromisoformat("2025-07-01T02:00:00")  # local clock of DAY.start

    def __init__(self, stock, paging=True, total=True, cap=None):
        self.stock = [{"messzeit": str(self.start + timedelta(minutes=n))} for n in range(stock)]
        self.paging, self.total, self.cap = paging, total, cap
        self.questions = 0

    def answer(self, request):
        self.questions += 1
        low, high = re.findall(r'messzeit[<>]"([^"]+)"', request.params["filter"])
        found = [f for f in self.stock if low < f["messzeit"] < high]
        offset = int(request.params["offset"]) if self.paging else 0
        page = found[offset : offset + min(int(request.params["limit"]), self.cap or 10**6)]
        return collection(*page, **({"numberMatched": len(found)} if self.total else {}))

    def read(self, make_payload, source, window=DAY):
        """Clock readings received when every request is followed to its end."""
        received = []
        for first in fetch.requests(window, source):
            queue = [first]
            while queue:
                request = queue.pop(0)
                payload = make_payload(self.answer(request), resource=request.resource)
                received += [r["measured_local"] for r in rows(parse(payload, SOURCE))]
                queue[:0] = fetch.follow(request, payload, source)
        return received


def paged(size, **changes):
    """The source with one question only and pages of ``size``."""
    layer = {**SOURCE.options["collections"]["L1625"], "page": size, **changes}
    layer["contains"] = {"parameter": ["Lufttemperatur"]}
    return SOURCE.model_copy(update={"options": {"collections": {"L1625": layer}}})


def test_one_question_per_text_in_the_dialect_of_the_service():
    asked = list(fetch.requests(DAY, SOURCE))
    assert [r.resource for r in asked] == ["L1625/Lufttemperatur", "L1625/Luftfeuchte"]
    assert asked[0].path == "collections/L1625/items"
    assert asked[0].params == {
        "limit": "5000",
        "offset": "0",
        "filter": 'messzeit>"2025-07-01 01:59:59" and messzeit<"2025-07-02 02:00:00" '
        'and parameter~~"Lufttemperatur"',
        "propertynames": "geom,ids,bezeichnung,parameter,wert_n,einheit,messzeit",
    }


def test_collection_without_time_is_asked_whole():
    plain = {"L150": {"table": "closures", "page": 1000}}
    (asked,) = fetch.requests(DAY, SOURCE.model_copy(update={"options": {"collections": plain}}))
    assert (asked.resource, asked.path) == ("L150", "collections/L150/items")
    assert asked.params == {"limit": "1000", "offset": "0"}


@pytest.mark.parametrize(
    "day", [datetime(2025, 3, 30, tzinfo=UTC), datetime(2025, 10, 26, tzinfo=UTC)]
)
def test_every_instant_is_asked_when_the_clock_changes(day):
    """Windows of half an hour around the change: the clock reading of each instant is inside."""
    for step in range(12):
        window = Window(
            day + step * timedelta(minutes=30), day + (step + 1) * timedelta(minutes=30)
        )
        start, end = fetch.clock_span(window)
        for minute in (0, 10, 29):
            clock = (window.start + timedelta(minutes=minute)).astimezone(fetch.BERLIN)
            assert start <= clock.replace(tzinfo=None) < end


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("paging", [True, False])
@pytest.mark.parametrize("stock", [0, 1, 99, 100, 101, 200, 750])
def test_nothing_is_lost_however_the_service_pages(make_payload, stock, paging, total):
    server = Server(stock, paging, total)
    received = server.read(make_payload, paged(100))
    assert len(set(received)) == stock
    if paging:
        assert len(received) == stock  # a service that pages well is asked once
        assert server.questions == max(1, -(-stock // 100)) + (
            not total and stock > 0 and stock % 100 == 0
        )


def test_service_that_gives_less_than_asked_is_followed_by_its_total(make_payload):
    received = Server(250, cap=40).read(make_payload, paged(100))
    assert len(received) == len(set(received)) == 250


def test_shifted_page_is_not_trusted(make_payload):
    """A feature that comes twice means that another one may have been skipped."""
    (first,) = fetch.requests(DAY, paged(2))
    page = make_payload(collection({"ids": 1}, {"ids": 2}))
    (second,) = fetch.follow(first, page, paged(2))
    shifted = make_payload(collection({"ids": 2}, {"ids": 3}))
    halves = list(fetch.follow(second, shifted, paged(2)))
    assert [r.params["offset"] for r in halves] == ["0", "0"]
    filters = [re.findall(r'[<>]"([^"]+)"', r.params["filter"]) for r in halves]
    assert filters == [
        ["2025-07-01 01:59:59", "2025-07-01 14:00:00"],
        ["2025-07-01 13:59:59", "2025-07-02 02:00:00"],
    ]


def test_repeating_ids_are_not_mistaken_for_repeating_features(make_payload):
    (first,) = fetch.requests(DAY, paged(1))
    (second,) = fetch.follow(first, make_payload(collection({"ids": 1})), paged(1))
    (third,) = fetch.follow(second, make_payload(collection({"ids": 2})), paged(1))
    assert third.params["offset"] == "2"


def test_full_answer_that_cannot_be_split_fails_loudly(make_payload):
    answer = make_payload(collection({"ids": 1}, {"ids": 2}))
    short = Window(DAY.start, DAY.start + timedelta(seconds=30))
    (first,) = fetch.requests(short, paged(2))
    (second,) = fetch.follow(first, answer, paged(2))
    with pytest.raises(FetchError, match="incomplete answer"):
        fetch.follow(second, answer, paged(2))


def test_repeating_collection_without_time_fails_loudly(make_payload):
    source = SOURCE.model_copy(
        update={"options": {"collections": {"L60": {"table": "x", "page": 2}}}}
    )
    answer = make_payload(collection({"ids": 1}, {"ids": 2}))
    (first,) = fetch.requests(DAY, source)
    (second,) = fetch.follow(first, answer, source)
    with pytest.raises(FetchError, match="larger 'page'"):
        fetch.follow(second, answer, source)


def test_answer_that_is_no_collection_fails():
    with pytest.raises(FetchError, match="no FeatureCollection"):
        fetch.read_page(b"<html>Wartung</html>")


def test_number_matched_may_be_unknown():
    page = fetch.read_page(collection({}, numberMatched="unknown"))
    assert (page.count, page.total) == (1, None)


def test_both_ways_of_writing_the_clock_are_read(make_payload):
    content = collection(
        {"messzeit": "2025-07-01 14:00:00"},
        {"messzeit": "01.07.2025 14:00:00", "wert_n": "21,5"},
        {"messzeit": "2025-07-01T14:00:00"},
    )
    first, second, third = rows(
        parse(make_payload(content, resource="L1625/Lufttemperatur"), SOURCE)
    )
    assert first == {
        "sensor_id": "920",
        "sensor_name": "Altmarkt",
        "parameter": "Lufttemperatur 2m",
        "value": 21.5,
        "unit": "°C",
        "measured_local": datetime.fromisoformat("2025-07-01T14:00:00"),
        "longitude": 13.74,
        "latitude": 51.05,
        "_row": 1,
    }
    assert second == {**first, "_row": 2}
    assert third == {**first, "_row": 3}


def test_points_in_metres_are_not_taken_for_degrees(make_payload):
    content = collection({}).replace(b"[13.74, 51.05]", b"[411713.2, 5656125.1]")
    (reject,) = parse(make_payload(content, resource="L1625/Lufttemperatur"), SOURCE).rejects
    assert reject.reason == "the point is not in degrees"


def test_broken_features_are_rejected_and_the_rest_goes_on(make_payload):
    content = collection(
        {},
        {"messzeit": "31.06.2025 14:00:00"},
        {"messzeit": "2025-07-01T12:00:00Z"},  # a zone has appeared: reading on would be wrong
        {"wert_n": "n/a"},
        {"wert_n": None},
    )
    parsed = parse(make_payload(content, resource="L1625/Lufttemperatur"), SOURCE)
    assert [(r["_row"], r["value"]) for r in rows(parsed)] == [(1, 21.5), (5, None)]
    assert [r.row for r in parsed.rejects] == [2, 3, 4]
    assert "2025-06-31" in parsed.rejects[0].reason


def test_csv_variant_says_the_same(make_payload):
    content = (
        '"geom";"ids";"bezeichnung";"parameter";"wert_n";"einheit";"messzeit"\r\n'
        '"SRID=4326;POINT(13.74 51.05)";"920";"Altmarkt";"Lufttemperatur 2m";"21,5";"°C";'
        '"01.07.2025 14:00:00"\r\n'
        '"";"921";"Zoo";"Lufttemperatur 2m";"20.1";"°C";"2025-07-01 14:00:00"\r\n'
        '"SRID=4326;LINESTRING(1 2,3 4)";"922";"x";"Lufttemperatur 2m";"1";"°C";'
        '"2025-07-01 14:00:00"\r\n'
        '"SRID=4326;POINT(13.74 51.05)";"923";"Altmarkt";"Lufttempe'
    ).encode()
    parsed = parse(make_payload(content, extension="csv"), SOURCE)
    json_row, *_ = rows(parse(make_payload(collection({})), SOURCE))
    assert rows(parsed)[0] == {**json_row, "_row": 2}
    assert (rows(parsed)[1]["sensor_id"], rows(parsed)[1]["longitude"]) == ("921", None)
    assert [r.row for r in parsed.rejects] == [4, 5]


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b'{"type":"FeatureCollection","features":[{"type"', "JSON"),
        (b'{"code":"500"}', "no JSON array"),
        (collection({"ids": None}), "ids missing"),
        (b"", "empty"),
        (b"a;b\n1;2\n", "ids, parameter, messzeit missing"),
    ],
)
def test_useless_payload_says_why(make_payload, content, hint):
    with pytest.raises(PayloadError, match=hint):
        parse(make_payload(content), SOURCE)


def test_empty_collection_is_no_error(make_payload):
    assert parse(make_payload(collection()), SOURCE).count == 0


def test_real_layer_of_the_city_is_read(realdata):
    content = realdata("geodata/dresden-disabled-parking.geojson").read_bytes()
    table = features(content, ["stellplatzanzahl", "nutzungszeit", "of_fest"])
    assert table.num_rows == 476
    assert table.column("_row").to_pylist() == list(range(1, 477))
    longitude, latitude = (
        pc.min_max(table.column(c).cast("float64")) for c in ("longitude", "latitude")
    )
    assert 13.5 < longitude["min"].as_py() < longitude["max"].as_py() < 14.0
    assert 50.9 < latitude["min"].as_py() < latitude["max"].as_py() < 51.2
    places = [int(n) for n in table.column("stellplatzanzahl").to_pylist() if n]
    assert sum(places) >= len(places) > 400
    page = fetch.read_page(content)
    assert (page.count, page.total, page.has_next) == (476, None, False)


def test_real_layer_without_klips_values_is_refused(realdata, make_payload):
    content = realdata("geodata/dresden-disabled-parking.geojson").read_bytes()
    with pytest.raises(PayloadError, match="no KLIPS values"):
        parse(make_payload(content, filename="dresden-disabled-parking.geojson"), SOURCE)


def test_point_in_text_with_and_without_reference_system():
    table = delimited(b"geom;a\nPOINT(13.7 51.0);1\nSRID=4326;2\n")
    assert table.column("longitude").to_pylist() == ["13.7", "SRID=4326"]


def test_round_trip_brings_every_value_of_the_demo_city(ask, world):
    payloads = ask("dresden_ogc_features", MONTH)
    received = set()
    for payload in payloads:
        parsed = parse(payload, SOURCE)
        assert parsed.rejects == ()
        received |= {(r["sensor_id"], r["parameter"], r["measured_local"]) for r in rows(parsed)}
    span = 'messzeit>"2025-07-01 01:59:59" and messzeit<"2025-08-01 02:00:00"'
    stock = {
        (str(v.sensor.number), v.parameter, datetime.fromisoformat(v.clock))
        for v in demo.values(world, span)
    }
    assert received == stock
    assert len(stock) > 15 * 31 * 24 * 0.9


def test_demo_ignores_paging_at_times_and_repeats_ids(service):
    found = {}
    for day in range(1, 15):
        text = (
            f'messzeit>"2025-07-{day:02d} 00:00:00" and messzeit<"2025-07-{day + 1:02d} 00:00:00"'
        )
        first, second = (
            service.get(
                "/collections/L1625/items", params={"filter": text, "limit": 50, "offset": o}
            ).json()
            for o in (0, 50)
        )
        assert [f["id"] for f in second["features"]] == [f["id"] for f in first["features"]]
        same = first["features"] == second["features"]
        found.setdefault(same, set()).add("numberMatched" in first)
    assert set(found) == {True, False}
    assert found[True] | found[False] == {True, False}


def test_demo_writes_both_clocks_and_a_long_time_stamp(service):
    answer = service.get(
        "/collections/L1625/items",
        params={"limit": 200, "filter": 'messzeit>"2025-09-14 00:00:00"'},
    )
    assert answer.headers["content-type"].startswith("application/geo+json")
    assert re.fullmatch(r"2025-09-15T12:00:00\.\d{7}Z", answer.json()["timeStamp"])
    clocks = [f["properties"]["messzeit"] for f in answer.json()["features"]]
    assert any(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:00:00", c) for c in clocks)
    assert any(re.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:00:00", c) for c in clocks)


def test_demo_csv_equals_its_json(service, make_payload):
    params = {"limit": 40, "filter": 'messzeit>"2025-09-14 00:00:00" and ids==901'}
    as_json = service.get("/collections/L1625/items", params=params).content
    params |= {"format": "csv/ewkt", "delimiter": "semicolon"}
    as_csv = service.get("/collections/L1625/items", params=params).content

    def values(content):
        parsed = parse(make_payload(content), SOURCE)
        return [{k: v for k, v in r.items() if k != "_row"} for r in rows(parsed)]

    assert values(as_csv) == values(as_json) != []


def test_demo_doubles_the_hour_at_the_end_of_summer_time(world):
    found = demo.values(
        world, 'messzeit>"2024-10-26 23:30:00" and messzeit<"2024-10-27 04:30:00" and ids==901'
    )
    hours = [v.clock[11:13] for v in found if v.parameter == demo.AIR]
    assert hours == ["00", "01", "02", "02", "03", "04"]


def test_demo_answers_nonsense_with_an_error(service):
    path = "/collections/L1625/items"
    assert service.get(path, params={"filter": "messzeit >= gestern"}).status_code == 400
    assert service.get(path, params={"filter": 'preis<"3"'}).status_code == 400
    assert service.get("/collections/L7/items").status_code == 404
    assert (
        len(
            service.get(path, params={"filter": 'messzeit>"2025-09-01 00:00:00"'}).json()[
                "features"
            ]
        )
        == 10
    )


def test_inner_city_nights_are_warmer(world):
    night = [
        v
        for v in demo.values(
            world, 'messzeit>"2025-06-01 00:00:00" and messzeit<"2025-07-01 00:00:00"'
        )
        if v.clock[11:13] == "04" and v.parameter == demo.AIR and v.value
    ]

    def mean(number):
        found = [float(v.value) for v in night if v.sensor.number == number]
        return sum(found) / len(found)

    assert mean(901) > mean(911) + 1.0  # Innere Altstadt against Hosterwitz/Pillnitz


def test_door_turns_impossible_values_away(make_payload, check):
    content = collection(
        {},
        {"wert_n": 85.0},
        {"parameter": "Relative Luftfeuchte 2m", "einheit": "%", "wert_n": 85.0},
        {"parameter": "Relative Luftfeuchte 2m", "einheit": "%", "wert_n": 120.0},
        {"messzeit": None},
        {"wert_n": None},
    )
    parsed: Parsed = parse(make_payload(content), SOURCE)
    result = check("dresden_ogc_features", parsed)
    assert result.accepted["klips"].column("_row").to_pylist() == [1, 3, 6]
    assert {q.row: q.reason for q in result.quarantined} == {
        2: "Air temperature outside the possible range (-35 to 50 °C)",
        4: "Relative humidity outside the range 0 to 100.5%",
        5: "Measurement time is missing",
    }
