"""What points to a person is hidden from those who look at turned-away records and values."""

from __future__ import annotations

import pytest

from urbandata.masking import HIDDEN, masked, masked_values


@pytest.mark.parametrize(("record", "gone", "kept"), [
    ('{"email": "a.b@example.org", "value": 7}', "a.b@example.org", '"value": 7'),
    ('{"note": "call +49 351 4881234 now"}', "4881234", "call"),
    ('{"note": "IBAN DE02 1203 0000 0000 2020 51"}', "1203", "IBAN"),
    ('{"user": {"first_name": "Erika", "id": 5}}', "Erika", '"id": 5'),
    ('[{"nachname": "Muster"}, {"x": 1}]', "Muster", '"x": 1'),
    ("user_name=Erika Muster, Dresden, value=3", "Erika", "value=3"),
    ("text to mail@example.org, value=3", "mail@example.org", "value=3"),
])  # fmt: skip
def test_what_points_to_a_person_is_hidden(record, gone, kept):
    shown = masked(record)
    assert gone not in shown
    assert HIDDEN in shown
    assert kept in shown


@pytest.mark.parametrize("record", [
    "site_id=100090008, site_name=Leipziger Straße, measured_local=2024-05-22 00:00:00, count=6",
    "sensor_name=Demo-Sensor Strehlen, longitude=13.76675, latitude=51.023349, value=85.0",
    '{"station": "DRESDEN", "timestamp": "2026-11-15T15:00:00+01:00", "value": 0.0123456}',
    '{"name": 5, "payload_id": "7f451234567890"}',
])  # fmt: skip
def test_what_does_not_stays_readable(record):
    assert HIDDEN not in masked(record)


def test_nothing_stays_nothing():
    assert masked(None) is None
    assert masked_values("value", None) == ""


@pytest.mark.parametrize(("column", "values", "shown"), [
    ("unit", "a.b@example.org, cm", f"{HIDDEN}, cm"),
    ("value", "99.0, -1e+20, nan", "99.0, -1e+20, nan"),
    ("comments", "-1, 12", "-1, 12"),
    ("persons", "nan", "nan"),
    ("user_key", "Erika, 12", HIDDEN),
    ("user_key", "Erika", HIDDEN),
    ("id, nachname", "(1, 'Muster')", HIDDEN),
    ("", "IBAN DE02 1203 0000 0000 2020 51", f"IBAN {HIDDEN}"),
])  # fmt: skip
def test_unexpected_values_show_no_person(column, values, shown):
    assert masked_values(column, values) == shown
