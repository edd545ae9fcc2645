"""``urbandata explain``: definition, models, sources, checks and payloads behind a KPI value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from urbandata import serving
from urbandata.errors import UrbandataError
from urbandata.settings import Settings

SQL = Path(__file__).parent / "sql" / "explain"
PERIOD = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(\d\d)(?:-(\d\d))?))?")
Answer = dict[str, Any]


def explain(settings: Settings, code: str, period: str, area: str = "dresden") -> Answer:
    """Everything behind the values of one KPI in one period and area, of the published build.

    ``period``: ``2025``, ``2025-Q1``, ``2025-03``, ``2025-03-14`` or ``phase``. Keys of the
    answer: definition, values (one per origin), models, sources, checks, payloads. Raises
    UrbandataError, naming what there is instead, if there is no such value.
    """
    kind, start = _period(period)
    key = {"code": code, "kind": kind, "start": start, "area": area}
    definition = _ask(settings, "definition", code=code)
    if not definition:
        raise UrbandataError(f"no KPI '{code}'; 'from marts.kpi_catalogue' lists them")
    values = _ask(settings, "values", **key)
    if not values:
        raise UrbandataError(_instead(settings, code, period, area))
    return {
        "definition": definition[0],
        "values": values,
        "models": _ask(settings, "models", code=code),
        "sources": _ask(settings, "sources", code=code),
        "checks": _ask(settings, "checks", code=code),
        "payloads": _ask(settings, "payloads", **key),
    }


def as_text(answer: Answer) -> Iterator[str]:
    """The answer in lines for people."""
    known = answer["definition"]
    yield f"{known['code']}  {known['name_de']} ({known['unit']})"
    yield f"  {known['formula_de']}"
    for heading in ("values", "models", "sources", "checks", "payloads"):
        rows = answer[heading]
        yield f"{heading} ({len(rows)})"
        for row in rows:
            yield "  " + "  ".join(f"{k}={v}" for k, v in row.items() if v is not None)


def _period(text: str) -> tuple[str | None, date | None]:
    """Kind and first day. The phase has its own first day: None leaves that open."""
    if text == "phase":
        return "phase", None
    found = PERIOD.fullmatch(text)
    year, quarter, month, day = (int(g or 0) for g in found.groups()) if found else (0, 0, 0, 0)
    kind = "quarter" if quarter else "day" if day else "month" if month else "year"
    try:
        return kind, date(year, 3 * quarter - 2 if quarter else month or 1, day or 1)
    except ValueError:
        raise UrbandataError(
            f"'{text}' is not a period; say 2025, 2025-Q1, 2025-03, 2025-03-14 or phase"
        ) from None


def _instead(settings: Settings, code: str, period: str, area: str) -> str:
    """A sentence with the periods and areas that have values."""
    found = _ask(settings, "instead", code=code)
    if not found:
        missing = _ask(settings, "definition", code=code)[0]["missing_de"]
        return f"{code} has no values" + (f": {missing}" if missing else "")
    listed = "; ".join(
        f"{r['period_kind']} {r['first_start']} to {r['last_start']} for {', '.join(r['areas'])}"
        for r in found
    )
    return f"{code} has no value for {period} and {area}; there are {listed}"


def _ask(settings: Settings, name: str, **parameters: Any) -> list[Answer]:
    sql = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    return serving.rows(settings, sql, parameters)
