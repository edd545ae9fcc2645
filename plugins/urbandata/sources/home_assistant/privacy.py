"""What of a flat's files may be kept: numbers of sensors, under names that name nobody.

Ids that follow the agreed scheme (``sensor.flat_03_power``, ``sensor.pv_01_energy``) stay. Any
other id may carry a name and becomes a keyed hash that keeps its last word if that says what is
measured. Persons and devices that locate them, texts in place of numbers, and files of another
kind are removed.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import re
from typing import Any

from urbandata.errors import ConfigError

HEADER = ("entity_id", "state", "last_changed")
REMOVED = "removed"
UNKNOWN_FILE = b"removed: neither a history nor sensor messages\n"
KINDS = ("power", "energy", "temperature", "humidity", "voltage", "current", "co2", "heat")
UNITS = ("flat", "wohnung", "pv", "heat_meter", "waermezaehler")
AGREED = re.compile(rf"(?:{'|'.join(UNITS)})_\d{{1,3}}_(?:{'|'.join(KINDS)})")
AGREED_DEVICE = re.compile(r"(?:plug|steckdose)_(?:flat|wohnung)_\d{1,3}")
STATES = ("unavailable", "unknown", "")
NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,12})?(?:[eE][-+]?\d{1,3})?")
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?")
MESSAGE = re.compile(r"^(?:tele/(?P<device>[^\s]+)/SENSOR\s*=?\s*)?(?P<json>\{.*\})\s*$")
MEASURED = (
    *("Total", "Yesterday", "Today", "Period", "Power", "ApparentPower", "ReactivePower"),
    *("Factor", "Voltage", "Current"),
)


def cleaned(content: bytes, key: str) -> bytes:
    """The file without anything personal; line numbers stay as they are."""
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if tuple(cell.strip().strip('"') for cell in lines[0].split(",")) == HEADER:
        return _history(lines[1:], key)
    if any(MESSAGE.match(line) for line in lines[:20]):
        return "\n".join(_message(line, key) if line.strip() else "" for line in lines).encode()
    return UNKNOWN_FILE


def _history(lines: list[str], key: str) -> bytes:
    """``entity_id,state,last_changed`` with a line for each line that was there."""
    result = io.StringIO()
    writer = csv.writer(result, lineterminator="\n")
    writer.writerow(HEADER)
    known: dict[str, str] = {}
    for line in lines:
        if not line.strip():
            result.write("\n")
            continue
        cells = _cells(line)
        if len(cells) != len(HEADER) or not cells[0].startswith("sensor."):
            writer.writerow((REMOVED, "", ""))
            continue
        entity, state, changed = (cell.strip() for cell in cells)
        if entity not in known:
            known[entity] = f"sensor.{_named(entity.removeprefix('sensor.'), AGREED, key)}"
        number = state in STATES or NUMBER.fullmatch(state)
        at = changed if INSTANT.fullmatch(changed) else ""
        writer.writerow((known[entity], state if number else REMOVED, at))
    return result.getvalue().removesuffix("\n").encode()


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _message(line: str, key: str) -> str:
    """A sensor message with time and measured numbers only."""
    found = MESSAGE.match(line)
    message = _object(found["json"]) if found else None
    if found is None or message is None:
        return REMOVED
    energy = message.get("ENERGY")
    kept: dict[str, Any] = {}
    if INSTANT.fullmatch(str(message.get("Time"))):
        kept["Time"] = message["Time"]
    if isinstance(energy, dict):
        kept["ENERGY"] = {n: energy[n] for n in MEASURED if _is_number(energy.get(n))}
        if INSTANT.fullmatch(str(energy.get("TotalStartTime"))):
            kept["ENERGY"]["TotalStartTime"] = energy["TotalStartTime"]
    topic = f"tele/{_named(found['device'], AGREED_DEVICE, key)}/SENSOR " if found["device"] else ""
    return topic + json.dumps(kept, separators=(",", ":"))


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - nan


def _named(name: str, agreed: re.Pattern[str], key: str) -> str:
    """The name if it follows the scheme, else its keyed hash with the kind of quantity.

    Raises ConfigError without a key: an unkeyed hash of a name can be guessed.
    """
    if agreed.fullmatch(name):
        return name
    if not key:
        raise ConfigError("home_assistant: set URBANDATA_PSEUDONYM_KEY to pseudonymise entity ids")
    digest = hmac.new(key.encode(), name.encode(), hashlib.sha256).hexdigest()[:16]
    kind = name.rpartition("_")[2]
    return f"x{digest}_{kind}" if kind in KINDS else f"x{digest}"
