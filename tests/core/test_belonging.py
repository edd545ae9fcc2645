"""What belongs to a row that was turned away goes with it, and nothing else does."""

import pyarrow as pa
import pytest

from urbandata import door, registry, suites
from urbandata.contract import Parsed, Reject
from urbandata.registry import BelongsTo

TIES = {"values": BelongsTo(table="meters", by="meter")}
NAMED = {
    "type": "ExpectColumnValuesToNotBeNull",
    "kwargs": {"column": "name"},
    "severity": "critical",
    "meta": {
        "why": "because",
        "why_de": "weil",
        "reason": "Meter without a name",
        "reason_de": "Zähler ohne Namen",
    },
}


def payload(meters: dict[int, str | None], values: list[int], rejects=()) -> Parsed:
    """Meters with their names, and values by their meter."""
    tables = {
        "meters": {"meter": list(meters), "name": list(meters.values())},
        "values": {"meter": values, "value": [10.0 * n for n in range(len(values))]},
    }
    types = {"meter": pa.int64(), "name": pa.string(), "value": pa.float64()}
    return Parsed(
        {
            name: pa.table(
                {c: pa.array(v, types[c]) for c, v in columns.items()}
                | {"_row": pa.array(range(1, len(columns["meter"]) + 1), pa.int64())}
            )
            for name, columns in tables.items()
        },
        tuple(rejects),
    )


@pytest.fixture
def checked(monkeypatch):
    def run(**payloads):
        monkeypatch.setattr(suites, "of", lambda _: {"meters": [NAMED]})
        return door.check_payloads("s", payloads, TIES)

    return run


def told(result):
    return {(r.table, r.row): r.reason for r in result.quarantined}


def accepted(result, table="values"):
    return result.accepted[table].column("_row").to_pylist()


def test_values_go_with_their_meter_of_the_same_payload(checked):
    results = checked(
        a=payload({1: None, 2: "B"}, [1, 2, 1, 2]),
        b=payload({1: "A", 2: None}, [1, 2]),
        c=payload({1: "A"}, [1, 1]),
    )
    reason = "Meter without a name"
    assert told(results["a"]) == {
        ("meters", 1): reason,
        ("values", 1): reason,
        ("values", 3): reason,
    }
    assert (accepted(results["a"]), accepted(results["a"], "meters")) == ([2, 4], [2])
    assert told(results["b"]) == {("meters", 2): reason, ("values", 2): reason}
    assert (told(results["c"]), accepted(results["c"])) == ({}, [1, 2])
    record = next(r.record for r in results["b"].quarantined if r.table == "values")
    assert record == "meter=2, value=10.0"


def test_a_meter_that_could_not_be_read_takes_its_values_along(checked):
    unread = Reject("meters", 2, "name: too long", "")
    (result,) = checked(a=payload({1: "A"}, [1, 2], [unread])).values()
    assert told(result) == {
        ("meters", 2): "name: too long",
        ("values", 2): "belongs to no row of the table meters",
    }
    (result,) = checked(a=payload({}, [7])).values()
    assert accepted(result) == []
    assert len(result.quarantined) == 1


def test_a_table_cannot_belong_to_one_that_is_not_there():
    known = registry.source("mscons").model_dump()
    for wrong in ({"table": "meters", "by": "series"}, {"table": "series", "by": "qualifier"}):
        known["tables"]["meter_values"]["belongs_to"] = wrong
        with pytest.raises(ValueError, match="meter_values belongs to no table"):
            registry.Source.model_validate(known)
    known["tables"]["meter_values"]["belongs_to"] = {"table": "series", "by": "meter"}
    with pytest.raises(ValueError, match="unknown columns"):
        registry.Source.model_validate(known)
