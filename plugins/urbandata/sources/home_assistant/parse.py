"""Home Assistant histories (CSV) and Tasmota messages (JSON lines) to rows."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.sources.home_assistant.privacy import AGREED_DEVICE, HEADER, MESSAGE, REMOVED

ABSENT = ("unavailable", "unknown")
ZONED = r"(Z|[+-]\d\d:?\d\d)$"
FIELDS = {
    "measured_local": "Time",
    "total_started_local": "ENERGY.TotalStartTime",
    "total": "ENERGY.Total",
    "today": "ENERGY.Today",
    "yesterday": "ENERGY.Yesterday",
    "power": "ENERGY.Power",
    "voltage": "ENERGY.Voltage",
    "current": "ENERGY.Current",
    "factor": "ENERGY.Factor",
}


def parse(payload: Payload, source: Source) -> Parsed:
    """Table ``states`` from a history, ``plug_messages`` from sensor messages.

    Raises PayloadError for anything else.
    """
    text = tabular.decode(payload.content)
    first = text.split("\n", 1)[0].strip().replace('"', "")
    if tuple(first.split(",")) == HEADER:
        return _states(payload.content, source)
    return _messages(text, payload, source)


def _states(content: bytes, source: Source) -> Parsed:
    rows = tabular.split_records(content.replace(b'"', b""), ",")
    state = pc.utf8_trim_whitespace(rows.column("state"))
    absent = pc.fill_null(pc.is_in(state, value_set=pa.array(ABSENT)), False)
    changed = pc.utf8_trim_whitespace(rows.column("last_changed"))
    zoned = pc.fill_null(pc.match_substring_regex(changed, ZONED), False)
    removed = pc.fill_null(pc.equal(rows.column("entity_id"), REMOVED), False)
    fault = pc.coalesce(
        rows.column(tabular.FAULT),
        pc.if_else(removed, "the line held no number of a sensor and was removed", None),
        pc.if_else(zoned, None, "no time stamp with offset from UTC"),
    )
    table = pa.table(
        {
            "entity_id": rows.column("entity_id"),
            "value": pc.if_else(absent, None, state).cast(pa.string()),
            "absence": pc.if_else(absent, state, None).cast(pa.string()),
            "changed_at": changed,
            tabular.FAULT: fault.cast(pa.string()),
            tabular.ROW: rows.column(tabular.ROW),
        }
    )
    return tabular.typed(table, "states", source.tables["states"])


def _messages(text: str, payload: Payload, source: Source) -> Parsed:
    """One message per line, with its topic (``tele/plug_flat_01/SENSOR {…}``) or without."""
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip(" ")]
    found = [MESSAGE.match(line.strip()) for _, line in lines]
    if not any(found):
        raise PayloadError("neither a history (entity_id,state,last_changed) nor sensor messages")
    default = _device(payload) if any(m and not m["device"] for m in found) else None
    whole = "[" + ",".join(m["json"] if m and _is_json(m["json"]) else "{}" for m in found) + "]"
    read = tabular.json_records(whole.encode(), [f"{n}={path}" for n, path in FIELDS.items()])
    columns = {name: read.column(name) for name in FIELDS}
    devices = [None if m is None else m["device"] or default for m in found]
    untimed = pc.is_null(read.column("measured_local"))
    columns["device"] = pa.array(devices, pa.string())
    columns[tabular.FAULT] = pc.if_else(untimed, "no message with a time", None).cast(pa.string())
    columns[tabular.ROW] = pa.array([n for n, _ in lines], pa.int64())
    return tabular.typed(pa.table(columns), "plug_messages", source.tables["plug_messages"])


def _is_json(text: str) -> bool:
    """Whether DuckDB can read it too: NaN and lone surrogates are Python's own."""
    try:
        json.loads(text, parse_constant=_refuse)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _device(payload: Payload) -> str:
    """Device from the question or the file's name, for messages without a topic."""
    name = payload.filename or payload.resource
    device = re.sub(r"\.(jsonl?|txt|log)$", "", PurePosixPath(name).name, flags=re.IGNORECASE)
    if not AGREED_DEVICE.fullmatch(device):
        raise PayloadError("messages without topic need a file called plug_flat_01.jsonl")
    return device
