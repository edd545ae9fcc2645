"""Turned-away records and values for people to look at, without what points to a person.

Sources strip personal data before the raw zone; a record that was turned away because it is broken
may still hold some in a place nobody expected. This is the second net, and it is coarse on purpose.
"""

from __future__ import annotations

import json
import re
from typing import Any

HIDDEN = "[…]"
PERSONAL_KEY = re.compile(
    r"(first|last|sur|full|user|given|family|contact|author|owner|person|nick|vor|nach|real)_?name"
    r"|^name$|e?_?mail|phone|telefon|mobile_|handy|address|adresse|anschrift|birth|geburt|iban"
    r"|passw|token|comment|kommentar|author|autor|^user|^person|message|nachricht|^text$",
    re.IGNORECASE,
)
PAIR = re.compile(r"(\w+)=(.*?)(?=, \w+=|$)", re.DOTALL)
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?|nan|None")
PATTERNS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    re.compile(r"(?<![\d.:])(?:\+|00)\d{2}[ /-]?\d{2,5}[ /-]?\d{4,}(?![\d:])"),
    re.compile(r"(?<![\d.:])0\d{2,5}[ /-]\d{4,}(?![\d:])"),
)


def masked(record: str | None) -> str | None:
    """The record with personal fields and anything like an address, number or account hidden."""
    if record is None:
        return None
    try:
        parsed = json.loads(record)
    except ValueError:
        return PAIR.sub(_pair, _text(record))
    return json.dumps(_value(parsed), ensure_ascii=False)


def masked_values(column: str, values: str | None) -> str:
    """Values of a column (or columns), joined by commas; of a personal one only numbers."""
    if not values:
        return ""
    is_personal = any(PERSONAL_KEY.search(name) for name in column.split(", "))
    is_text = not all(NUMBER.fullmatch(value) for value in values.split(", "))
    return HIDDEN if is_personal and is_text else _text(values)


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: HIDDEN if _is_personal(k, v) else _value(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_value(inner) for inner in value]
    return _text(value) if isinstance(value, str) else value


def _is_personal(key: str, value: Any) -> bool:
    """Only text can name somebody; numbers under such keys are counts and ids of things."""
    return isinstance(value, str) and value != "" and bool(PERSONAL_KEY.search(key))


def _pair(found: re.Match[str]) -> str:
    """One ``key=value`` of a record that is written out flat."""
    key, value = found.groups()
    return f"{key}={HIDDEN if _is_personal(key, value) else value}"


def _text(value: str) -> str:
    for pattern in PATTERNS:
        value = pattern.sub(HIDDEN, value)
    return value
