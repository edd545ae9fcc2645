"""The check at the door: the only module that imports Great Expectations.

Suites are hand-written JSON in ``expectations/``, loaded into an in-memory context and run on
DataFrames (its SQL engine does not speak DuckDB). Payloads of a table are checked together,
because starting a check costs more than a thousand rows. Each is checked alone by what speaks of
a payload as a whole (``ALONE``); when another check on the table as a whole fails, by everything,
to find the one to hold.
"""

from __future__ import annotations

import gc
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from urbandata import belonging, suites
from urbandata.contract import Parsed, Reject
from urbandata.reading.tabular import ROW, reject
from urbandata.registry import BelongsTo

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
MAX_BATCH_ROWS = 2_000_000
LONG = ("unexpected_list", "unexpected_index_list")
PRESENCE = "ExpectColumnValuesToNotBeNull"
# True of a payload, not of its rows: of several at once they would say something else. Two states
# of a list name the same things twice; a list that is empty hides behind one that is not.
ALONE = {
    "ExpectColumnDistinctValuesToContainSet",
    "ExpectColumnValuesToBeUnique",
    "ExpectTableRowCountToBeBetween",
}
PLAIN = {"column", "mostly"}  # a condition on rows would ask for the text itself


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one expectation on one table of one batch of payloads."""

    table: str
    check: str
    column: str
    severity: str
    success: bool
    element_count: int
    unexpected_count: int
    why: str
    observed: str
    payload_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class DoorResult:
    """What passed, what was turned away and why, and every check made."""

    accepted: dict[str, pa.Table] = field(default_factory=dict)
    quarantined: list[Reject] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    held: str = ""


@cache
def warm_up() -> None:
    """Import what a check needs: before the first one, or before others are forked.

    These are seconds, an eighth of which the collector of garbage would take without finding any;
    it passes over what was imported from then on.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        import great_expectations.expectations  # noqa: F401
        import pandas as pd  # noqa: F401
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def check_payloads(
    source: str, parsed: Mapping[str, Parsed], ties: Mapping[str, BelongsTo] | None = None
) -> dict[str, DoorResult]:
    """Check the parsed payloads of one source; results by payload id.

    ``ties`` say by table which rows go with rows of another one.
    """
    results = {pid: DoorResult(quarantined=list(p.rejects)) for pid, p in parsed.items()}
    suite = suites.of(source)
    for table in sorted({t for p in parsed.values() for t in p.tables}):
        members = {pid: p.tables[table] for pid, p in parsed.items() if table in p.tables}
        for batch in _batches(members):
            _check_batch(table, batch, suite.get(table, []), results)
    for pid, result in results.items():
        if result.held:
            _hold(result, parsed[pid])
        else:
            _keep_together(result, parsed[pid], ties or {})
    return results


def _batches(members: Mapping[str, pa.Table]) -> Iterable[dict[str, pa.Table]]:
    batch: dict[str, pa.Table] = {}
    rows = 0
    for pid, table in members.items():
        if batch and rows + table.num_rows > MAX_BATCH_ROWS:
            yield batch
            batch, rows = {}, 0
        batch[pid] = table
        rows += table.num_rows
    if batch:
        yield batch


def _check_batch(
    name: str,
    batch: Mapping[str, pa.Table],
    expectations: Sequence[Mapping[str, Any]],
    results: dict[str, DoorResult],
) -> None:
    """Check one batch; on a failure of the table as a whole, each payload alone."""
    # Starting a check costs some ms: only sources that have such a check pay for each payload.
    alone = [e for e in expectations if len(batch) > 1 and e["type"] in ALONE]
    outcome = _run(name, batch, [e for e in expectations if e not in alone])
    if outcome.table_failed and len(batch) > 1:
        for pid, table in batch.items():
            _check_batch(name, {pid: table}, expectations, results)
        return
    first = next(iter(batch))
    results[first].checks.extend(outcome.checks)
    for pid, table in batch.items():
        own = _run(name, {pid: table}, alone)
        results[pid].checks.extend(own.checks)
        reasons = {**own.rows.get(pid, {}), **outcome.rows.get(pid, {})}
        _turn_away(results[pid], name, table, reasons)
        if held := outcome.table_failed or own.table_failed:
            results[pid].held = held


@dataclass(slots=True)
class _Outcome:
    checks: list[Check] = field(default_factory=list)
    rows: dict[str, dict[int, str]] = field(default_factory=dict)
    table_failed: str = ""


def _run(
    name: str, batch: Mapping[str, pa.Table], expectations: Sequence[Mapping[str, Any]]
) -> _Outcome:
    """Run the suite on the batch's rows as one DataFrame."""
    outcome = _Outcome()
    if not expectations:
        return outcome
    ids, tables = list(batch), list(batch.values())
    whole = pa.concat_tables(tables)
    frame = _spoken_of(whole, expectations).to_pandas()
    starts = [0]
    for table in tables:
        starts.append(starts[-1] + table.num_rows)
    rows = whole.column(ROW)
    for expectation, result in zip(expectations, _validate(frame, expectations), strict=True):
        check = _as_check(name, expectation, result, tuple(ids))
        outcome.checks.append(check)
        if check.success or check.severity != "critical":
            continue
        indexes = result.get("unexpected_index_list")
        reason = expectation["meta"].get("reason") or expectation["meta"]["why"]
        if indexes is None:
            outcome.table_failed = f"{check.check}: {reason}"
            continue
        for pid, index in _located(ids, starts, indexes):
            outcome.rows.setdefault(pid, {}).setdefault(rows[index].as_py(), reason)
    return outcome


def _spoken_of(whole: pa.Table, expectations: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Columns that the expectations speak of; each text costs as much as a check on it.

    So where only the presence of a text is checked, that is what is given: 1 or nothing.
    """
    found = whole.select(_named(expectations, whole.column_names))
    others = [e for e in expectations if e["type"] != PRESENCE or e["kwargs"].keys() - PLAIN]
    more = set(_named(others, whole.column_names))
    for place, column in enumerate(found.schema):
        if pa.types.is_string(column.type) and column.name not in more:
            present = pc.if_else(pc.is_valid(found.column(place)), 1.0, None)
            found = found.set_column(place, column.name, present)
    return found


def _named(expectations: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    words = json.dumps([e["kwargs"] for e in expectations], ensure_ascii=False)
    spoken_of = set(re.findall(r"\w+", words))
    return [c for c in columns if c in spoken_of] or [ROW]


def _located(ids: list[str], starts: list[int], indexes: list[int]) -> Iterable[tuple[str, int]]:
    """Payload of each failing index; ``indexes`` count over all payloads of the batch."""
    place = 0
    for index in sorted(indexes):
        while index >= starts[place + 1]:
            place += 1
        yield ids[place], index


def _validate(frame: Any, expectations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Result of each expectation, in order: ``{success, error, …}`` as GX reports them."""
    warm_up()
    from great_expectations import expectations as gxe
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    # A batch of a data source would be given a hash of all its values, a third of a check's time.
    validator = Validator(PandasExecutionEngine(), data_context=_context(), batches=[Batch(frame)])
    configurations = [
        getattr(gxe, e["type"])(**e["kwargs"], severity=e["severity"], meta={"number": number})
        for number, e in enumerate(expectations)
    ]
    report = validator.graph_validate(
        [c.configuration for c in configurations],
        runtime_configuration={"result_format": {"result_format": "COMPLETE"}},
    )
    results: list[dict[str, Any]] = [{} for _ in expectations]
    for item in report:
        results[item.expectation_config.meta["number"]] = _flat(item)
    return results


def _flat(item: Any) -> dict[str, Any]:
    """Outcome of one expectation with the message of an exception, if it raised one."""
    # Where many values are unexpected, making JSON of all of them takes longer than the check.
    long = {key: item.result.pop(key) for key in LONG if key in item.result}
    result = item.to_json_dict()
    info = result["exception_info"]
    messages = [info] if "exception_message" in info else list(info.values())
    error = next((m["exception_message"] for m in messages if m["exception_message"]), "")
    return {**result["result"], **long, "success": result["success"], "error": error}


@cache
def _context() -> Any:
    """A context that writes nothing, asks nobody and shows no progress."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _as_check(
    table: str,
    expectation: Mapping[str, Any],
    result: Mapping[str, Any],
    payload_ids: tuple[str, ...],
) -> Check:
    kwargs = expectation["kwargs"]
    column = kwargs.get("column") or ", ".join(kwargs.get("column_list", []))
    observed = result.get("error") or result.get("observed_value")
    if observed is None:
        observed = ", ".join(str(v) for v in result.get("partial_unexpected_list", [])[:5])
    return Check(
        table=table,
        check=expectation["type"],
        column=column,
        severity=expectation["severity"],
        success=bool(result["success"]),
        element_count=int(result.get("element_count") or 0),
        unexpected_count=int(result.get("unexpected_count") or 0),
        why=expectation["meta"]["why"],
        observed=str(observed)[:500],
        payload_ids=payload_ids,
    )


def _keep_together(result: DoorResult, parsed: Parsed, ties: Mapping[str, BelongsTo]) -> None:
    """Turn away what belongs to a row that was turned away."""
    for name, tie in ties.items():
        if rows := result.accepted.get(name):
            there = result.accepted.get(tie.table)
            reasons = belonging.orphans(rows, tie, there, parsed, result.quarantined)
            _turn_away(result, name, rows, reasons)


def _turn_away(result: DoorResult, name: str, rows: pa.Table, reasons: Mapping[int, str]) -> None:
    """Accept the rows of a table but those with a reason to go, by ``_row``."""
    result.accepted[name] = rows
    if reasons:
        gone = pc.is_in(rows.column(ROW), value_set=pa.array(reasons, pa.int64()))
        result.accepted[name] = rows.filter(pc.invert(gone))
        records = rows.filter(gone).to_pylist()
        result.quarantined += [reject(name, r, reasons[r[ROW]]) for r in records]


def _hold(result: DoorResult, parsed: Parsed) -> None:
    """Turn away every row of a payload whose table check failed; the reason says so."""
    reason = f"delivery held back – {result.held}"
    result.accepted = {}
    result.quarantined = list(parsed.rejects) + [
        reject(name, record, reason)
        for name, table in parsed.tables.items()
        for record in table.to_pylist()
    ]
