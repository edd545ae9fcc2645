"""$name: requests, parser, demo round trip and suite."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from urbandata import registry
from urbandata.contract import Payload, Window
from urbandata.errors import PayloadError
from urbandata.sources.$name.fetch import requests
from urbandata.sources.$name.parse import parse

SOURCE = registry.source("$name")
DAY = Window(NOW - timedelta(days=1), NOW)


def test_requests_name_the_window():
    (request,) = requests(DAY, SOURCE)
    assert request.params == {"start": DAY.start.isoformat(), "end": DAY.end.isoformat()}


def test_a_bad_record_is_a_reject_and_the_rest_goes_on(make_payload):
    content = b'[{"place":"a","observed_at":"2025-01-01T00:00:00Z","value":1},{"observed_at":"x"}]'
    parsed = parse(make_payload(content), SOURCE)
    assert (parsed.tables["observations"].num_rows, [r.row for r in parsed.rejects]) == (1, [2])


def test_round_trip_through_the_demo_city(ask, check):
    (payload,) = ask("$name", DAY)
    result = check("$name", parse(payload, SOURCE))
    assert (result.accepted["observations"].num_rows, result.quarantined) == (24, [])


@given(st.binary())
def test_any_bytes_give_rows_or_a_named_error(content):
    payload = Payload(content, "x", "json", NOW, "real")
    try:
        assert parse(payload, SOURCE).count >= 0
    except PayloadError as error:
        assert str(error)


def test_truncated_json_is_a_named_error(make_payload):
    with pytest.raises(PayloadError, match="JSON"):
        parse(make_payload(b'[{"place":'), SOURCE)
