"""Records reduced to ids, numbers, dates and fixed words before anything is stored.

Participation platforms answer with people and what they wrote. ``strip`` of these sources keeps
the listed fields only, and only where the value has the shape of its field; the result always
looks the same, ``{"resource": …, "page": {…}, "data": [{…}]}``, so that one reader fits them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.errors import PayloadError
from urbandata.reading import tabular

UNFIT = "[unfit]"  # stands where a value had another shape than its field
ID = re.compile(r"[A-Za-z0-9_=-]{1,64}")
COUNT = re.compile(r"\d{1,9}")
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
FLAG = re.compile(r"true|false|0|1")
WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}")
PLACE = re.compile(r"[\w .,/()&'-]{1,80}")  # names of districts as administrators wrote them
DAY = re.compile(r"\d{4}-\d\d-\d\d")
STAMP = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)? ?(Z|UTC|[+-]\d\d:?\d\d)?", re.ASCII
)
MAIL = re.compile(r"\S*@\S*")
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
Shapes = Mapping[str, tuple[str, re.Pattern[str]]]  # our column: path in the record, shape


def decoded(content: bytes) -> Any:
    """Decoded JSON. Raises PayloadError with a plain sentence."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"the answer is not JSON: {type(error).__name__}") from error


def reduced(record: Any, shapes: Shapes) -> dict[str, Any]:
    """The allowed fields of one record under our column names."""
    if not isinstance(record, dict):
        return {"unreadable": UNFIT}
    return {column: fitting(at(record, path), s) for column, (path, s) in shapes.items()}


def at(record: Any, path: str) -> Any:
    """Value at a dotted path, null where the way ends."""
    value = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def fitting(value: Any, shape: re.Pattern[str]) -> Any:
    """``value`` if it has the shape, null if there is none, else the marker."""
    if value is None or value == "":
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return value if isinstance(value, str | int | float) and shape.fullmatch(text) else UNFIT


def stored(resource: str, records: Iterable[Mapping[str, Any]], **page: Any) -> bytes:
    """What is kept of an answer."""
    return _dumped({"resource": resource, "page": page, "data": list(records)})


def refused(reason: str) -> bytes:
    """What is kept of an answer that is an error or cannot be cleaned."""
    return _dumped({"error": CONTROL.sub(" ", MAIL.sub("…", reason))[:200]})


def kept(content: bytes, known: Iterable[str]) -> dict[str, Any]:
    """A stored answer. Raises PayloadError if it is a refusal or no stored answer."""
    answer = decoded(content)
    if isinstance(answer, dict) and answer.get("error"):
        raise PayloadError(f"nothing of the answer was stored: {answer['error']}")
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise PayloadError("this is no stored answer with a list 'data'")
    if answer.get("resource") not in set(known):
        raise PayloadError("the stored answer does not say what it lists")
    if not isinstance(answer.get("page"), dict):
        raise PayloadError("the stored answer does not say which page it is")
    return answer


def records(
    content: bytes, columns: Iterable[str], required: Iterable[str], path: str = "$.data"
) -> pa.Table:
    """Stored records as text; those that lack an id or had unfit values carry a fault."""
    rows = tabular.json_records(content, columns, path)
    fault = pa.nulls(rows.num_rows, pa.string())
    for column in columns:
        unfit = pc.fill_null(pc.equal(rows.column(column), UNFIT), False)
        reason = f"{column}: the value had not the shape of its field and was not stored"
        fault = pc.if_else(unfit, reason, fault)
    for column in required:
        fault = pc.if_else(pc.is_null(rows.column(column)), f"the record has no {column}", fault)
    return rows.append_column(tabular.FAULT, fault)


def _dumped(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
