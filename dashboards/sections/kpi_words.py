"""What a KPI says in words: value, verdict, target, period and age. Shared by all pages."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import urlencode

import pandas as pd

import marks
import theme
from shell import View
from units import unit_text

OPERATORS = {"down": "≤ ", "up": "≥ "}
ARROWS = {"steigend": "↗", "fallend": "↘", "gleichbleibend": "→"}
FLAGS = {"running_period": "kpi.unfinished", "low_coverage": "kpi.sparse", "few_cases": "kpi.few"}


def name(view: View, kpi: pd.Series) -> str:
    """Name in the reader's language."""
    return str(kpi[f"name_{view.lang}"])


def said(view: View, kpi: pd.Series, column: str) -> str:
    """A text of the catalogue; German stands in where nobody has translated yet, and says so."""
    text = kpi[f"{column}_{view.lang}"]
    if not pd.isna(text) and text:
        return str(text)
    german = kpi[f"{column}_de"]
    return "" if pd.isna(german) or not german else view.t("kpi.german_only", text=german)


def unit(view: View, kpi: pd.Series) -> str:
    """Unit as readers know it."""
    return unit_text(str(kpi["unit"]), view.lang, str(kpi["code"]))


def has_value(kpi: pd.Series) -> bool:
    """Whether there is a value to show."""
    return not pd.isna(kpi["value"])


def value(view: View, kpi: pd.Series, column: str = "value") -> str:
    """A number of the KPI without its unit."""
    return theme.fmt_number(kpi[column], digits(kpi[column]), view.lang)


def digits(number: Any) -> int | None:
    """Decimals by size: readers compare thousands, not tenths of thousands."""
    if number is None or pd.isna(number):
        return None
    size = abs(float(number))
    if size >= 1000:  # noqa: PLR2004
        return 0
    return 2 if 0 < size < 1 else None


def status_key(kpi: pd.Series) -> str:
    """Verdict of kpi_status, or why there is none."""
    if kpi["is_missing"]:
        return "Daten fehlen"
    return str(kpi["status"]) if has_value(kpi) else "noch kein Wert"


def status(view: View, kpi: pd.Series) -> str:
    """The verdict in shape and words, as HTML."""
    key = status_key(kpi)
    return marks.status(key, view.t(f"status.{key}"))


def target(view: View, kpi: pd.Series) -> str:
    """The target with unit, or that none was decided."""
    if pd.isna(kpi["target_value"]):
        return view.t("status.kein Zielwert beschlossen")
    low = theme.fmt_number(kpi["target_value"], digits(kpi["target_value"]), view.lang)
    if not pd.isna(kpi["target_high"]):
        high = theme.fmt_number(kpi["target_high"], digits(kpi["target_high"]), view.lang)
        return f"{low}–{high} {unit(view, kpi)}".strip()
    return f"{OPERATORS.get(kpi['direction'], '')}{low} {unit(view, kpi)}".strip()


def target_if_any(view: View, kpi: pd.Series) -> str:
    """``Zielwert ≤ 40 µg/m³``; nothing without a target, as the verdict says so."""
    return "" if pd.isna(kpi["target_value"]) else f"{view.t('kpi.goal')} {target(view, kpi)}"


def before(view: View, kpi: pd.Series) -> str:
    """The value a year before, with the direction since."""
    if pd.isna(kpi["value_before"]):
        return ""
    arrow = ARROWS.get(kpi["trend"], "")
    return f"{arrow} {view.t('kpi.before', value=value(view, kpi, 'value_before'))}".strip()


def period(view: View, kpi: pd.Series) -> str:
    """The period the value belongs to."""
    return theme.fmt_period(kpi["period_kind"], kpi["period_start"], view.t, view.lang)


def age(view: View, kpi: pd.Series) -> str:
    """How long ago the period of the value ended; the day of a snapshot is whole when it began."""
    if pd.isna(kpi["period_start"]):
        return theme.NONE
    end = theme.period_end(kpi["period_kind"], kpi["period_start"])
    instant = end.tz_localize(theme.CITY_TIME).tz_convert(UTC)
    if instant > view.now:
        is_running = "running_period" in str(kpi["quality_flags"])
        return view.t("kpi.unfinished" if is_running else "age.today")
    return theme.fmt_age(theme.age_of(instant, view.now), view.t)


def flags(view: View, kpi: pd.Series) -> list[str]:
    """What weakens the value, in words."""
    known = "" if pd.isna(kpi["quality_flags"]) else str(kpi["quality_flags"])
    return [view.t(key) for flag, key in FLAGS.items() if flag in known]


def area(view: View, kpi: pd.Series) -> str:
    """Name of the area the value is for; nothing for the whole city or a measure."""
    if pd.isna(kpi["area_kind"]) or kpi["area_kind"] in {"city", "measure"}:
        return ""
    named = kpi[f"area_name_{view.lang}"]
    return str(kpi["area_id"] if pd.isna(named) else named)


def spark(view: View, kpi: pd.Series, histories: pd.DataFrame) -> str:
    """The course of the KPI as a small drawing that says in words what it shows."""
    if kpi["code"] not in histories.index:
        return ""
    row = histories.loc[kpi["code"]]
    numbers, starts = list(row["values"]), list(row["starts"])
    first, last = (theme.fmt_number(n, digits(n), view.lang) for n in (numbers[0], numbers[-1]))
    since, until = (
        theme.fmt_period(row["period_kind"], s, view.t, view.lang) for s in (starts[0], starts[-1])
    )
    label = view.t(
        "kpi.spark", name=name(view, kpi), first=first, since=since, last=last, until=until
    )
    goal = None if pd.isna(kpi["target_value"]) else float(kpi["target_value"])
    return marks.sparkline(starts, numbers, label, goal, is_running=bool(row["is_running"]))


def place(view: View, kpi: pd.Series) -> str:
    """Address of the page that shows this KPI: that of its measure or its action field."""
    code = str(kpi["code"])
    if code.startswith("HF"):
        return link(view, "handlungsfelder", hf=str(kpi["action_field"]), kpi=code)
    return link(view, "massnahmen", m=str(kpi["measure"]), kpi=code)


def link(view: View, page: str, **parameters: str) -> str:
    """Address of a page that keeps language and origin."""
    return f"{page}?{urlencode({'lang': view.lang, 'origin': view.origin, **parameters})}"


def number(view: View, amount: Any) -> str:
    """A number with decimals by its size; an en dash for nothing."""
    return theme.fmt_number(amount, digits(amount), view.lang)


def spread(view: View, kpi: pd.Series) -> str:
    """The range of an estimate; nothing where the value has none, or it is a single point."""
    if pd.isna(kpi["low"]) or pd.isna(kpi["high"]) or kpi["low"] == kpi["high"]:
        return ""
    return view.t("kpi.range", low=number(view, kpi["low"]), high=number(view, kpi["high"]))


def basis(view: View, kpi: pd.Series) -> str:
    """What the value rests on: number of cases and share observed."""
    if pd.isna(kpi["n"]):
        return ""
    n = theme.fmt_number(kpi["n"], 0, view.lang)
    if pd.isna(kpi["coverage_pct"]):
        return view.t("kpi.basis_n", n=n)
    return view.t("kpi.basis", n=n, coverage=theme.fmt_number(kpi["coverage_pct"], 0, view.lang))
