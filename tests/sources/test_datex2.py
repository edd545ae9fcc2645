"""DATEX II: counts, sites, car parks and situations, real publications and the demo city's."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import inbox, recognition, registry
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.sources.datex2 import demo, fetch
from urbandata.sources.datex2.parse import parse

REAL = "traffic/datex2/stuttgart-{}.xml"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


DAY = Window(at(2025, 9, 14), at(2025, 9, 15))


@pytest.fixture(scope="module")
def source():
    return registry.source("datex2")


def v2(kind, body) -> bytes:
    return (
        f'<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" {XSI}><payloadPublication '
        f'xsi:type="{kind}"><publicationTime>2025-09-15T12:00:00Z</publicationTime>{body}'
        "</payloadPublication></d2LogicalModel>"
    ).encode()


def value(index, inner, kind="TrafficFlow"):
    return (
        f'<measuredValue index="{index}"><measuredValue><basicData xsi:type="{kind}">{inner}'
        "</basicData></measuredValue></measuredValue>"
    )


def site(*values, when="2025-09-15T14:00:00+02:00"):
    return (
        '<siteMeasurements><measurementSiteReference id="Z1" version="1"/>'
        f"<measurementTimeDefault>{when}</measurementTimeDefault>{''.join(values)}"
        "</siteMeasurements>"
    )


FLOW = value(1, "<vehicleFlow><vehicleFlowRate>840</vehicleFlowRate></vehicleFlow>")
SPEED = value(2, "<averageVehicleSpeed><speed>41.5</speed></averageVehicleSpeed>", "TrafficSpeed")


def rows(parsed, table):
    return parsed.tables[table].to_pylist()


# --- fetch -------------------------------------------------------------------------------------


def test_no_subscription_is_made_up(source):
    assert list(fetch.requests(DAY, source)) == []


def test_live_subscriptions_are_asked_for_what_is_new(source):
    options = {"subscriptions": {"lots": 7}, "by_window": []}
    (request,) = fetch.requests(DAY, source.model_copy(update={"options": options}))
    assert request.path == "subscription/7/clientPullService"
    assert request.params == {"subscriptionID": "7"}
    assert request.conditional


def test_demo_counts_are_asked_by_window(source):
    counters, *others = fetch.requests(DAY, source.as_demo())
    assert counters.params["start"] == "2025-09-14T00:00:00Z"
    assert not counters.conditional
    assert all(r.conditional and "start" not in r.params for r in others)


# --- strip -------------------------------------------------------------------------------------


def test_contact_persons_do_not_survive():
    body = (
        "<owner><contactName>Erika Mustermann</contactName></owner>"
        '<ns2:contactTelephoneNumber a="1">0351 555</ns2:contactTelephoneNumber>'
        "<contactDetails><contactPerson>Erika</contactPerson></contactDetails><contactName/>"
        "<name>Altmarkt</name>"
    )
    for content in (body.encode(), gzip.compress(body.encode())):
        kept = fetch.strip(content, "x", "k")
        assert kept == b"<owner></owner><name>Altmarkt</name>"


def test_real_contacts_do_not_survive(realdata, source, make_payload):
    content = realdata(REAL.format("static")).read_bytes()
    kept = fetch.strip(content, "inbox/x.xml", "k")
    assert content.count(b"<contactName>") > 10
    assert b"contactName" not in kept
    assert b"B+B Parkhaus" not in kept
    before, after = (parse(make_payload(c), source) for c in (content, kept))
    assert after.tables["parking_facilities"].equals(before.tables["parking_facilities"])


# --- parse -------------------------------------------------------------------------------------


def test_measured_values_of_v2(source, make_payload, check):
    gap = value(3, "<vehicleFlow><dataError>true</dataError></vehicleFlow>")
    content = v2("MeasuredDataPublication", site(FLOW, SPEED, gap))
    parsed = parse(make_payload(content), source)
    first, second, third = rows(parsed, "traffic_measurements")
    assert first == {
        "site_id": "Z1",
        "measured_at": at(2025, 9, 15, 12),
        "value_index": 1,
        "quantity": "flow",
        "value": 840.0,
        "unit": "veh/h",
        "published_at": at(2025, 9, 15, 12),
        "_row": 1,
    }
    assert (second["quantity"], second["value"], second["unit"]) == ("speed", 41.5, "km/h")
    assert (third["quantity"], third["value"]) == ("flow", None)
    assert not check("datex2", parsed).quarantined


V3 = f"""xmlns:com="http://datex2.eu/schema/3/common" xmlns:par="http://datex2.eu/schema/3/parking"
    xmlns:roa="http://datex2.eu/schema/3/roadTrafficData" {XSI}"""


def v3(*payloads) -> bytes:
    return f"""<mc:messageContainer xmlns:mc="http://datex2.eu/schema/3/messageContainer" {V3}>
        {"".join(payloads)}</mc:messageContainer>""".encode()


def payload(kind, body, hour=12):
    return f"""<mc:payload xsi:type="{kind}"><com:publicationTime>2025-09-15T{hour}:00:00Z
        </com:publicationTime>{body}</mc:payload>"""


def test_measured_values_of_v3(source, make_payload):
    body = """<roa:siteMeasurements><roa:measurementSiteReference id="Z9"/>
        <roa:physicalQuantity index="4"><roa:physicalQuantity><roa:basicData
        xsi:type="roa:TrafficFlow"><roa:vehicleFlow><com:vehicleFlowRate>60</com:vehicleFlowRate>
        </roa:vehicleFlow></roa:basicData></roa:physicalQuantity></roa:physicalQuantity>
        <roa:measurementTimeDefault><roa:timeValue>2025-09-15T11:00:00Z</roa:timeValue>
        </roa:measurementTimeDefault></roa:siteMeasurements>"""
    content = v3(*(payload("roa:MeasuredDataPublication", body, hour) for hour in (12, 13)))
    first, second = rows(parse(make_payload(content), source), "traffic_measurements")
    assert (first["site_id"], first["value_index"], first["value"]) == ("Z9", 4, 60.0)
    assert (first["measured_at"], first["published_at"]) == (
        at(2025, 9, 15, 11),
        at(2025, 9, 15, 12),
    )
    assert second["published_at"] == at(2025, 9, 15, 13)


def test_a_flow_is_not_mistaken_for_its_share_of_long_vehicles(source, make_payload):
    share = "<percentageLongVehicles><percentage>7</percentage></percentageLongVehicles>"
    own = "<measurementOrCalculationTime>2025-09-15T11:45:00Z</measurementOrCalculationTime>"
    flow = "<vehicleFlow><vehicleFlowRate>840</vehicleFlowRate></vehicleFlow>"
    time = "<travelTime><duration>31.5</duration></travelTime>"
    values = [value(1, own + share + flow), value(2, share), value(3, time, "TravelTimeData")]
    content = v2("MeasuredDataPublication", site(*values))
    found = rows(parse(make_payload(content), source), "traffic_measurements")
    assert [(r["quantity"], r["value"], r["unit"]) for r in found] == [
        ("flow", 840.0, "veh/h"),
        ("long_vehicles", 7.0, "%"),
        ("travel_time", 31.5, "s"),
    ]
    assert [r["measured_at"].minute for r in found] == [45, 0, 0]


def test_car_parks_of_the_parking_publications(source, make_payload, check):
    table = """<par:parkingTable id="T"><par:parkingRecord xsi:type="par:UrbanParkingSite" id="P1">
        <par:parkingName><com:values><com:value lang="de">Markt</com:value></com:values>
        </par:parkingName><par:parkingNumberOfSpaces>120</par:parkingNumberOfSpaces>
        <par:parkingLocation><com:latitude>51.05</com:latitude><com:longitude>13.74
        </com:longitude></par:parkingLocation><par:parkingLayout>openSpace</par:parkingLayout>
        </par:parkingRecord></par:parkingTable>"""
    status = """<par:parkingRecordStatus xsi:type="par:ParkingSiteStatus">
        <par:parkingRecordReference id="P1"/>
        <par:parkingStatusOriginTime>2025-09-15T11:58:00Z</par:parkingStatusOriginTime>
        <par:groupOfParkingSpacesStatus><par:parkingOccupancy><par:parkingNumberOfVacantSpaces>2
        </par:parkingNumberOfVacantSpaces></par:parkingOccupancy></par:groupOfParkingSpacesStatus>
        <par:parkingOccupancy><par:parkingNumberOfVacantSpaces>50</par:parkingNumberOfVacantSpaces>
        <par:parkingOccupancy>58.0</par:parkingOccupancy></par:parkingOccupancy>
        <par:parkingSiteStatus>spacesAvailable</par:parkingSiteStatus>
        <par:parkingSiteOpeningStatus>open</par:parkingSiteOpeningStatus>
        </par:parkingRecordStatus>"""
    content = v3(
        payload("par:ParkingTablePublication", table),
        payload("par:ParkingStatusPublication", status),
    )
    parsed = parse(make_payload(content), source)
    (facility,) = rows(parsed, "parking_facilities")
    assert (facility["facility_id"], facility["name"]) == ("P1", "Markt")
    assert (facility["total"], facility["layout"]) == (120, "openSpace")
    (state,) = rows(parsed, "parking_status")
    assert (state["facility_id"], state["vacant"], state["occupied"]) == ("P1", 50, None)
    assert state["status"] == "open|spacesAvailable"
    assert state["status_time"] == at(2025, 9, 15, 11, 58)
    assert not check("datex2", parsed).quarantined


def test_a_payload_without_its_container_is_known(source):
    content = f'<d2:payload {V3} xmlns:d2="http://datex2.eu/schema/3/d2Payload"/>'.encode()
    assert recognition.claims(Path("a.xml"), content, [source]) == ["datex2"]


def test_broken_values_are_turned_away(source, make_payload):
    bad = value(1, "<vehicleFlow><vehicleFlowRate>viele</vehicleFlowRate></vehicleFlow>")
    content = v2(
        "MeasuredDataPublication", site(bad, SPEED) + site(FLOW, when="2025-09-15T14:00:00")
    )
    parsed = parse(make_payload(content), source)
    assert len(rows(parsed, "traffic_measurements")) == 1
    assert [r.row for r in parsed.rejects] == [1, 3]
    assert "viele" in parsed.rejects[0].reason
    assert parsed.rejects[1].reason == "measured_at has no offset from UTC"


def test_situations(source, make_payload, check):
    record = (
        '<situation id="S1"><situationRecord id="S1-1" xsi:type="Accident">'
        "<situationRecordVersionTime>2025-09-15T12:00:00Z</situationRecordVersionTime><validity>"
        "<validityStatus>active</validityStatus><validityTimeSpecification><overallStartTime>"
        "2025-09-15T10:00:00Z</overallStartTime></validityTimeSpecification></validity>"
        "<roadNumber>B173</roadNumber><latitude>51.05</latitude><longitude>13.7</longitude>"
        "<generalPublicComment><comment><values><value>Erika</value></values></comment>"
        "</generalPublicComment></situationRecord></situation>"
    )
    parsed = parse(make_payload(v2("SituationPublication", record)), source)
    (row,) = rows(parsed, "situations")
    assert (row["situation_id"], row["record_type"], row["road"]) == ("S1", "Accident", "B173")
    assert (row["valid_from"], row["valid_to"]) == (at(2025, 9, 15, 10), None)
    assert all(c.success for c in check("datex2", parsed).checks)


def test_compressed_files_are_read(source, make_payload):
    content = gzip.compress(v2("MeasuredDataPublication", site(FLOW)))
    assert parse(make_payload(content, filename="x.xml.gz"), source).count == 1


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        ("MeasuredDataPublication", "traffic_measurements"),
        ("SituationPublication", "situations"),
        ("MeasurementSiteTablePublication", "measurement_sites"),
        ("par:ParkingStatusPublication", "parking_status"),
        ("par:ParkingTablePublication", "parking_facilities"),
    ],
)
def test_publication_without_records_is_empty(source, make_payload, kind, table):
    parsed = parse(make_payload(v2(kind, "")), source)
    assert list(parsed.tables) == [table]
    assert parsed.count == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "broken XML"),
        (b"<a>", "broken XML"),
        (b"<html></html>", "no DATEX II"),
        (v2("VmsPublication", ""), "not read here"),
        (v2("SituationPublication", "")[:-30], "broken XML"),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "no DATEX II"),
        (b"\x1f\x8b\x08kaputt", "broken XML"),
    ],
)
def test_other_bytes_are_refused(source, make_payload, content, message):
    with pytest.raises(PayloadError, match=message):
        parse(make_payload(content), source)


WORDS = st.sampled_from(
    ["<latitude>", "</latitude>", FLOW, SPEED, site(), "5", "<speed/>", 'x id="', "&#0;", "ä"]
)


@given(
    st.one_of(
        st.binary(max_size=80),
        st.binary(max_size=40).map(lambda b: fetch.GZIP + b),
        st.lists(WORDS, max_size=6).map(lambda w: v2("MeasuredDataPublication", "".join(w))),
        st.lists(WORDS, max_size=6).map(
            lambda w: v2("MeasuredDataPublication", site("".join(w), when="".join(w)[:5]))
        ),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content):
    payload = Payload(fetch.strip(content, "x", "k"), "x", "xml", at(2025, 9, 15), "real")
    try:
        parsed = parse(payload, registry.source("datex2"))
    except PayloadError:
        return
    numbers = [(n, r) for n, t in parsed.tables.items() for r in t.column("_row").to_pylist()]
    assert len({*numbers, *((r.table, r.row) for r in parsed.rejects)}) == parsed.count


def test_real_car_parks(source, realdata, make_payload, check):
    parsed = parse(make_payload(realdata(REAL.format("static")).read_bytes()), source)
    found = rows(parsed, "parking_facilities")
    assert (len(found), parsed.rejects) == (49, ())
    assert (found[0]["facility_id"], found[0]["name"]) == ("12717375", "Kronprinzstraße")
    assert (found[0]["total"], found[0]["latitude"]) == (564, 5402496.0)
    door = check("datex2", parsed)
    assert door.accepted["parking_facilities"].num_rows == 49
    assert [c.severity for c in door.checks if not c.success] == ["warning"]  # metres


def test_real_states_of_1970(source, realdata, make_payload, check):
    parsed = parse(make_payload(realdata(REAL.format("realtime")).read_bytes()), source)
    found = rows(parsed, "parking_status")
    assert (len(found), parsed.rejects) == (49, ())
    assert found[0]["status"] == "open|spacesAvailable"
    assert (found[0]["occupied"], found[0]["vacant"]) == (319, 245)
    assert {r["published_at"] for r in found} == {at(2023, 10, 7, 1, 45, 31, 582_000)}
    stale = [r for r in found if r["status_time"] == at(1970, 1, 1)]
    assert stale
    door = check("datex2", parsed)
    assert door.accepted["parking_status"].num_rows == 49
    (warned,) = (c for c in door.checks if not c.success)
    assert (warned.column, warned.severity) == ("status_time", "warning")
    assert warned.unexpected_count == len(stale)


def test_real_files_are_recognised(realdata):
    for name in ("static", "realtime"):
        path = realdata(REAL.format(name))
        owner = inbox.owner(path, path.read_bytes(), path.parent, registry.sources())
        assert owner == "datex2", name


# --- demo --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


def test_round_trip(source, world, ask, check):
    payloads = {p.resource: p for p in ask("datex2", DAY)}
    assert not [p for p in payloads.values() if b"Mustermann" in p.content]
    parsed = {name: parse(p, source) for name, p in payloads.items()}
    assert not any(p.rejects for p in parsed.values())
    found = rows(parsed["counters"], "traffic_measurements")
    times = world.steps(DAY.start, DAY.end, 60)
    assert len(found) == demo.COUNTERS * times.size * 2
    flow, speed, silent = demo.measured(world, 1, times)
    mine = [r for r in found if r["site_id"] == "DD-Z01"]
    seen = [[-1.0 if r["value"] is None else r["value"] for r in mine[i::2]] for i in (0, 1)]
    assert seen == [np.where(silent == 1, -1.0, v).tolist() for v in (flow, speed)]
    assert mine[0]["measured_at"] == DAY.start
    assert len(rows(parsed["sites"], "measurement_sites")) == demo.COUNTERS
    assert len(rows(parsed["facilities"], "parking_facilities")) == 4
    assert 6 <= len(rows(parsed["situations"], "situations")) <= 13
    states = rows(parsed["parking"], "parking_status")
    assert sum(r["status_time"] == at(1970, 1, 1) for r in states) == 1
    failed = {
        (name, c.column)
        for name, p in parsed.items()
        for c in check("datex2", p).checks
        if not c.success
    }
    assert failed == {("parking", "status_time")}


def test_nothing_lies_ahead_and_states_change(world, client):
    ahead = demo.measurements(world, at(2025, 9, 15, 11, 1), at(2026, 1, 1))
    assert "siteMeasurements>" not in ahead
    path = "/subscription/2000004/clientPullService?subscriptionID=2000004"
    stamp = client.get(path).headers["last-modified"]
    assert client.get(path, headers={"If-Modified-Since": stamp}).status_code == 304
    later = type(world)(seed=world.seed, clock=lambda: at(2025, 9, 15, 12, 5))
    moved = TestClient(Starlette(routes=demo.routes(later)))
    assert moved.get(path, headers={"If-Modified-Since": stamp}).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [("2000004/clientPullService", 400), ("7/clientPullService?subscriptionID=7", 404)],
)
def test_errors_of_the_service(client, query, status):
    assert client.get(f"/subscription/{query}").status_code == status


def test_traffic_is_slow_when_it_is_dense(world):
    times = world.steps(at(2025, 8, 1), at(2025, 9, 1), 60)
    flow, speed, _ = demo.measured(world, 5, times)
    assert np.corrcoef(flow, speed)[0, 1] < -0.7


def test_first_fill_stays_small(source):
    windows = -(-source.window.demo_history.days // source.window.size.days)
    assert windows * len(source.demo_options["subscriptions"]) <= 60
    assert source.window.demo_history.days * 24 * demo.COUNTERS * 2 < 125_000
