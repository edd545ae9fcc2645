"""Use of the app: what is asked, small numbers, any bytes, the demo city."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.demo.sports_use import app_users
from urbandata.errors import PayloadError
from urbandata.sources.sportpark_app import fetch
from urbandata.sources.sportpark_app.parse import parse

SOURCE = registry.source("sportpark_app")
NOW = datetime(2025, 9, 15, 12, tzinfo=UTC)
SUMMER = Window(datetime(2025, 7, 1, tzinfo=UTC), NOW)
DAY = {"nb_uniq_visitors": 40, "nb_visits": 52, "nb_actions": 200, "bounce_count": 9}


def read(value, cleaned: bool = True):
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    content = fetch.strip(content, "day/x", "k") if cleaned else content
    return parse(Payload(content, "day/x", "json", NOW, "real"), SOURCE)


def test_days_and_months_of_the_window_are_asked():
    asked = list(fetch.requests(SUMMER, SOURCE))
    assert [(r.resource, r.params["period"]) for r in asked] == [
        ("day/2025-07-01/2025-09-15", "day"),
        ("month/2025-07-01/2025-09-15", "month"),
    ]
    assert {r.params["method"] for r in asked} == {"VisitsSummary.get"}
    assert {r.headers["Authorization"] for r in asked} == {"Bearer {SPORTPARK_MATOMO_TOKEN}"}


def test_small_numbers_are_not_kept_and_none_is_a_number():
    answer = {
        "2025-09-01": DAY,
        "2025-09-02": DAY | {"nb_uniq_visitors": 9},
        "2025-09-03": DAY | {"nb_visits": 3, "nb_uniq_visitors": 3},
        "2025-09-04": [],
        "2025-09": DAY | {"nb_uniq_visitors": 10},
    }
    stored = fetch.strip(json.dumps(answer).encode(), "day/x", "k")
    assert json.loads(stored)["2025-09-02"] == {"suppressed": True}
    texts = json.dumps({"2025-09-02": DAY | {"nb_uniq_visitors": "9"}}).encode()
    assert json.loads(fetch.strip(texts, "day/x", "k"))["2025-09-02"] == {"suppressed": True}
    found = read(answer).tables["usage"].to_pylist()
    assert [(r["period"], r["unique_visitors"], r["is_suppressed"]) for r in found] == [
        ("2025-09-01", 40, None),
        ("2025-09-02", None, True),
        ("2025-09-03", None, True),
        ("2025-09-04", 0, None),
        ("2025-09", 10, None),
    ]


def test_other_fields_never_reach_the_raw_zone():
    answer = {"2025-09-01": DAY | {"userId": "erika", "referrer": "x"}}
    assert b"erika" not in fetch.strip(json.dumps(answer).encode(), "day/x", "k")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"result": "error", "message": "token_auth is wrong"}, "error"),
        ([], "no object of days"),
        (b"<html>", "broken JSON"),
        ({"2025-09-01": [{"label": "/x", "nb_hits": 3}]}, "not the summary"),
    ],
)
def test_other_answers_are_refused(answer, reason):
    with pytest.raises(PayloadError, match=reason):
        read(answer)


def test_wrong_values_are_named():
    parsed = read({"2025-09-01": DAY | {"nb_actions": "viele"}, "2025-09-02": 5, "2025-09-03": DAY})
    assert [r.row for r in parsed.rejects] == [1, 2]
    assert parsed.tables["usage"].num_rows == 1


@given(
    st.one_of(
        st.binary(max_size=50),
        st.dictionaries(
            st.sampled_from(["2025-09-01", "2025-09", "result", "x"]),
            st.none() | st.integers() | st.text(max_size=4) | st.lists(st.integers(), max_size=2)
            | st.dictionaries(
                st.sampled_from(["nb_visits", "nb_uniq_visitors", "suppressed"]),
                st.none() | st.booleans() | st.floats() | st.text(max_size=4),
            ),
        ).map(lambda v: json.dumps(v).encode()),
    ),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_rows_or_a_named_error(content, cleaned):
    try:
        parsed = read(content, cleaned)
    except PayloadError as error:
        assert str(error)
        return
    assert parsed.count == parsed.tables["usage"].num_rows + len(parsed.rejects)


def test_exports_in_the_inbox_are_told_from_those_of_the_portal(tmp_path):
    for name, owner in (("sportpark_2025.json", "sportpark_app"), ("visits_2025.json", "matomo")):
        path = tmp_path / name
        path.write_text(json.dumps({"2025-09-01": DAY}))
        assert inbox.owner(path, path.read_bytes(), tmp_path, registry.sources()) == owner


def test_round_trip_through_the_demo_city(ask, check, world):
    days, months = (read(p.content, cleaned=False) for p in ask("sportpark_app", SUMMER))
    for parsed in (days, months):
        assert parsed.rejects == ()
        assert check("sportpark_app", parsed).quarantined == []
    by_day = {r["period"]: r["unique_visitors"] for r in days.tables["usage"].to_pylist()}
    assert len(by_day) == 31 + 31 + 15
    assert by_day["2025-08-20"] == app_users(world, date(2025, 8, 20))
    by_month = {r["period"]: r["unique_visitors"] for r in months.tables["usage"].to_pylist()}
    july = sum(n for day, n in by_day.items() if day.startswith("2025-07"))
    assert max(n for d, n in by_day.items() if d[:7] == "2025-07") < by_month["2025-07"] < july


def test_before_the_app_nobody_uses_it(ask):
    spring = Window(datetime(2025, 2, 1, tzinfo=UTC), datetime(2025, 2, 10, tzinfo=UTC))
    days, _ = (read(p.content, cleaned=False) for p in ask("sportpark_app", spring))
    assert {r["visits"] for r in days.tables["usage"].to_pylist()} == {0}
