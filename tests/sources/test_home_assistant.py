"""Home Assistant and Tasmota: nothing personal is kept, every line is counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOW

from urbandata import registry
from urbandata.contract import Payload, Window
from urbandata.demo.energy import quarter_wh
from urbandata.errors import ConfigError, PayloadError
from urbandata.sources.home_assistant import fetch
from urbandata.sources.home_assistant.parse import parse

SOURCE = registry.source("home_assistant")
HEAD = "entity_id,state,last_changed"
AT = "2025-09-01T10:00:00.000Z"
MESSAGE = {
    "Time": "2025-09-01T12:00:00",
    "ENERGY": {"TotalStartTime": "2023-07-01T00:00:00", "Total": 12.5, "Power": 120, "Factor": 0.9},
    "Wifi": {"SSId": "Familie Muster"},
}


@pytest.fixture
def read(make_payload):
    def run(content, name="x.csv"):
        kept = fetch.strip(content.encode(), name, "k")
        return parse(make_payload(kept, filename=name), SOURCE)

    return run


def test_states_and_gaps_of_agreed_sensors(read):
    sensor = "sensor.flat_03_power"
    content = f"\ufeff{HEAD}\r\n{sensor},120.5,{AT}\r\n{sensor},unavailable,{AT}\r\n"
    first, gap = read(content).tables["states"].to_pylist()
    assert first == {
        "entity_id": "sensor.flat_03_power",
        "value": 120.5,
        "absence": None,
        "changed_at": datetime(2025, 9, 1, 10, tzinfo=UTC),
        "_row": 2,
    }
    assert (gap["value"], gap["absence"]) == (None, "unavailable")


def test_nothing_personal_survives_and_no_line_is_lost(read):
    lines = [
        f"sensor.erikas_zimmer_temperature,21.5,{AT}",
        f"person.erika,home,{AT}",
        f"device_tracker.erikas_handy,not_home,{AT}",
        f"sensor.flat_01_power,Erika,{AT}",
        "sensor.flat_01_power,5,gestern",
        f"sensor.flat_01_power,5,{AT},mehr",
        "",
        f"sensor.flat_01_power,6,{AT}",
    ]
    content = "\n".join([HEAD, *lines])
    kept = fetch.strip(content.encode(), "x.csv", "k")
    assert b"rika" not in kept
    parsed = read(content)
    assert [r["_row"] for r in parsed.tables["states"].to_pylist()] == [2, 9]
    assert [r.row for r in parsed.rejects] == [3, 4, 5, 6, 7]
    assert parsed.tables["states"]["entity_id"][0].as_py().endswith("_temperature")


def test_a_name_is_never_hashed_without_a_key():
    with pytest.raises(ConfigError, match="URBANDATA_PSEUDONYM_KEY"):
        fetch.strip(f"{HEAD}\nsensor.erika_power,1,{AT}".encode(), "x.csv", "")


def test_messages_with_and_without_topic(read, make_payload):
    text = json.dumps(MESSAGE)
    (row,) = read(f"tele/plug_flat_07/SENSOR = {text}").tables["plug_messages"].to_pylist()
    assert (row["device"], row["power"], row["total"]) == ("plug_flat_07", 120.0, 12.5)
    assert row["measured_local"] == datetime(2025, 9, 1, 12)  # noqa: DTZ001 - clock of the plug
    (row,) = read(text, "plug_flat_08.jsonl").tables["plug_messages"].to_pylist()
    assert row["device"] == "plug_flat_08"
    with pytest.raises(PayloadError, match=r"plug_flat_01\.jsonl"):
        read(text, "erika.jsonl")
    assert b"Muster" not in fetch.strip(text.encode(), "x", "k")


def test_a_broken_message_is_a_reject(read):
    parsed = read(
        f"tele/plug_flat_01/SENSOR {json.dumps(MESSAGE)}\nRestart\n{{}}", "plug_flat_01.log"
    )
    assert parsed.tables["plug_messages"].num_rows == 1
    assert [r.row for r in parsed.rejects] == [2, 3]


@pytest.mark.parametrize("content", ["", "hello", "a;b\n1;2", "[]"])
def test_other_files_are_refused_by_name(read, content):
    with pytest.raises(PayloadError, match="neither a history"):
        read(content)


def test_round_trip_counts_what_the_meter_operator_counts(ask, world, check):
    window = Window(NOW - timedelta(days=2), NOW)
    payloads = ask("home_assistant", window)
    assert [p.resource for p in payloads][-2:] == SOURCE.options["plugs"]
    results = {p.resource: check("home_assistant", parse(p, SOURCE)) for p in payloads}
    assert not any(r.quarantined or r.held for r in results.values())
    assert results["flat_01/history"].accepted["states"].num_rows == 3 * 2 * 96
    assert results["plug_flat_01"].accepted["plug_messages"].num_rows > 150
    states = results["pv_01/history"].accepted["states"]
    counter = states.filter(pc.equal(states["entity_id"], "sensor.pv_01_energy"))
    counter = counter.filter(pc.is_valid(counter["value"]))
    first, last = counter["changed_at"][0].as_py(), counter["changed_at"][-1].as_py()
    counted = counter["value"][-1].as_py() - counter["value"][0].as_py()
    wh = quarter_wh(world, world.steps(first, last, 15))["generation"]
    assert counted == pytest.approx(np.sum(wh) / 1000, abs=0.01)


@given(st.binary() | st.text().map(lambda t: f"{HEAD}\n{t}".encode()))
def test_any_bytes_give_rows_or_a_named_error(content):
    for body in (content, fetch.strip(content, "plug_flat_01.jsonl", "k")):
        payload = Payload(body, "plug_flat_01.jsonl", "csv", NOW, "real")
        try:
            parsed = parse(payload, SOURCE)
        except PayloadError as error:
            assert str(error)
        else:
            text = body.decode("utf-8-sig", "replace").replace("\r", "")
            lines = [line for line in text.split("\n") if line.strip(" ")]
            assert parsed.count == len(lines) - ("states" in parsed.tables)
