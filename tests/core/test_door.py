"""The check at the door: which rows pass, which payloads are held, and what is remembered."""

import json

import pyarrow as pa
import pytest

from urbandata import door, suites
from urbandata.contract import Parsed, Reject
from urbandata.errors import ConfigError


def expectation(kind: str, severity: str = "critical", **kwargs):
    meta = {
        "why": "because",
        "why_de": "weil",
        "reason": f"Reason {kind}",
        "reason_de": f"Grund {kind}",
    }
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": meta}


RANGE = expectation("ExpectColumnValuesToBeBetween", column="v", min_value=0, max_value=10)
FEW_ROWS = expectation("ExpectTableRowCountToBeBetween", max_value=3)


def payload(*values: float | None) -> Parsed:
    rows = {"v": pa.array(values, pa.float64()), "_row": pa.array(range(1, len(values) + 1))}
    return Parsed(
        {"t": pa.table(rows).cast(pa.schema([("v", pa.float64()), ("_row", pa.int64())]))}
    )


@pytest.fixture
def checked(monkeypatch):
    def run(parsed, *expectations):
        monkeypatch.setattr(suites, "of", lambda _: {"t": list(expectations)})
        return door.check_payloads("s", parsed)

    return run


def test_a_failing_row_is_turned_away_from_the_right_payload(checked):
    results = checked({"a": payload(1, 2), "b": payload(3, 99, None)}, RANGE)
    assert results["a"].quarantined == []
    assert results["b"].quarantined == [
        Reject("t", 2, "Reason ExpectColumnValuesToBeBetween", "v=99.0")
    ]
    assert results["b"].accepted["t"].column("v").to_pylist() == [3.0, None]
    (check,) = results["a"].checks
    assert (check.success, check.unexpected_count, check.observed) == (False, 1, "99.0")
    assert check.payload_ids == ("a", "b")


def texts(*values: str | None) -> Parsed:
    rows = {"name": pa.array(values, pa.string()), "_row": pa.array(range(1, len(values) + 1))}
    return Parsed({"t": pa.table(rows)})


PRESENT = expectation(door.PRESENCE, column="name")


def test_a_missing_text_is_turned_away_and_the_others_stay_as_they_are(checked):
    """Great Expectations is only told whether a text is there if nothing else is asked of it."""
    (result,) = checked({"a": texts("x", None, "")}, PRESENT).values()
    assert result.quarantined == [Reject("t", 2, f"Reason {door.PRESENCE}", "")]
    assert result.accepted["t"].column("name").to_pylist() == ["x", ""]
    (check,) = result.checks
    assert (check.element_count, check.unexpected_count) == (3, 1)


def test_a_text_whose_values_are_checked_too_is_given_as_it_is(checked):
    known = expectation("ExpectColumnValuesToBeInSet", column="name", value_set=["x"])
    (result,) = checked({"a": texts("x", None, "y")}, PRESENT, known).values()
    assert [r.row for r in result.quarantined] == [2, 3]


def test_a_text_that_a_condition_names_is_given_as_it_is(checked):
    condition = {"row_condition": 'name=="y"', "condition_parser": "pandas"}
    named = expectation(door.PRESENCE, column="_row", **condition)
    (result,) = checked({"a": texts("x", "y", "y")}, PRESENT, named).values()
    assert [c.element_count for c in result.checks] == [3, 2]


def test_two_reasons_turn_a_row_away_once(checked):
    other = expectation("ExpectColumnValuesToBeInSet", column="v", value_set=[1])
    (result,) = checked({"a": payload(1, 99)}, RANGE, other).values()
    assert len(result.quarantined) == 1
    assert result.accepted["t"].num_rows == 1


def test_a_warning_is_recorded_and_lets_pass(checked):
    warning = {**RANGE, "severity": "warning"}
    (result,) = checked({"a": payload(99)}, warning).values()
    assert (result.quarantined, result.checks[0].success) == ([], False)


def test_a_failing_table_holds_only_its_own_payload(checked):
    results = checked({"good": payload(1, 2), "bad": payload(1, 2, 3, 4)}, FEW_ROWS)
    assert (results["good"].held, results["good"].accepted["t"].num_rows) == ("", 2)
    assert (
        results["bad"].held
        == "ExpectTableRowCountToBeBetween: Reason ExpectTableRowCountToBeBetween"
    )
    assert results["bad"].accepted == {}
    assert len(results["bad"].quarantined) == 4


def test_a_check_that_cannot_run_holds_the_payload(checked):
    wrong = expectation("ExpectColumnValuesToBeBetween", column="none", min_value=0)
    (result,) = checked({"a": payload(1)}, wrong).values()
    assert result.held
    assert "none" in result.checks[0].observed


def test_parser_rejects_are_kept(checked):
    reject = Reject("t", 7, "kaputt", "x")
    parsed = Parsed(payload(1).tables, (reject,))
    (result,) = checked({"a": parsed}, RANGE).values()
    assert result.quarantined == [reject]


def test_an_empty_table_passes(checked):
    (result,) = checked({"a": payload()}, RANGE).values()
    assert (result.held, result.accepted["t"].num_rows) == ("", 0)


def test_every_expectation_says_why(tmp_path):
    both = {"why": "because", "why_de": "weil"}
    halves = [{}, {"why": "because"}, {"why_de": "weil"}]
    cases = [(meta, "does not say why") for meta in halves]
    cases += [({**both, key: "x"}, "needs reason and") for key in ("reason", "reason_de")]
    for meta, problem in cases:
        check = {"type": "ExpectColumnToExist", "kwargs": {}, "severity": "info", "meta": meta}
        (tmp_path / "s.json").write_text(json.dumps({"tables": {"t": [check]}}))
        with pytest.raises(ConfigError, match=problem):
            suites.of("s", tmp_path)
    with pytest.raises(ConfigError, match=r"missing\.json"):
        suites.of("missing", tmp_path)


def test_only_columns_that_a_check_names_are_given_to_it():
    speaks = [{"kwargs": {"column_A": "end", "row_condition": 'unit == "K"', "ignore_row_if": "x"}}]
    assert door._named(speaks, ["_row", "end", "end_local", "unit", "id"]) == ["end", "unit"]
    assert door._named([{"kwargs": {"min_value": 1}}], ["end", "id"]) == ["_row"]


UNIQUE = expectation("ExpectColumnValuesToBeUnique", column="v")
NOT_EMPTY = expectation("ExpectTableRowCountToBeBetween", "warning", min_value=1)
WHOLE = expectation(
    "ExpectColumnDistinctValuesToContainSet", "warning", column="v", value_set=[1, 2]
)


@pytest.mark.parametrize("severity", ["warning", "critical"])
def test_two_payloads_may_name_the_same_thing(checked, severity):
    """Two states of a list, as a replay reads them at once."""
    results = checked({"a": payload(1, 2), "b": payload(1, 2)}, UNIQUE | {"severity": severity})
    assert all(c.success for r in results.values() for c in r.checks)
    assert [c.payload_ids for r in results.values() for c in r.checks] == [("a",), ("b",)]
    assert [r.quarantined for r in results.values()] == [[], []]


def test_what_one_payload_names_twice_is_turned_away_from_it_once(checked):
    results = checked({"a": payload(1, 2), "b": payload(1, 99, 99)}, UNIQUE, RANGE)
    assert results["a"].quarantined == []
    assert [r.row for r in results["b"].quarantined] == [2, 3]
    assert results["b"].accepted["t"].column("v").to_pylist() == [1.0]


@pytest.mark.parametrize(("check", "bad"), [(NOT_EMPTY, ()), (WHOLE, (1, 3))])
def test_a_payload_that_lacks_something_does_not_hide_behind_another(checked, check, bad):
    results = checked({"a": payload(1, 2), "b": payload(*bad)}, check, RANGE)
    found = {pid: [c for c in r.checks if c.check == check["type"]] for pid, r in results.items()}
    assert [[c.success for c in checks] for checks in found.values()] == [[True], [False]]


def test_a_table_check_that_is_critical_holds_the_payload_it_is_about(checked):
    results = checked({"a": payload(1), "b": payload()}, NOT_EMPTY | {"severity": "critical"})
    assert [bool(r.held) for r in results.values()] == [False, True]
