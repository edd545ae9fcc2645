"""Values over periods as the course chart and its table want them."""

from __future__ import annotations

from typing import Any

import pandas as pd

import theme
from sections import kpi_words as words
from shell import View

FREQUENCIES = {"day": "D", "month": "MS", "quarter": "QS", "year": "YS"}
OPTIONAL = ("low", "high", "n", "coverage_pct")
WEAK = "running_period|low_coverage|few_cases"


def by_period(view: View, rows: pd.DataFrame, step: str) -> pd.DataFrame:
    """Every period between the first and the last; one without a value is a gap.

    ``rows`` has ``value`` and the first day of the period (``period_start`` or ``month_start``).
    """
    start = "period_start" if "period_start" in rows.columns else "month_start"
    known = rows.set_index(pd.DatetimeIndex(rows[start]))
    if step in FREQUENCIES:
        first, last = known.index.min(), known.index.max()
        known = known.reindex(pd.date_range(first, last, freq=FREQUENCIES[step]))
    given = {c: known[c] if c in known.columns else None for c in OPTIONAL}
    flags = known["quality_flags"].fillna("") if "quality_flags" in known.columns else ""
    found = pd.DataFrame({
        "at": known.index,
        "label": [theme.fmt_period(step, s, view.t, view.lang) for s in known.index],
        "value": known["value"].astype(float), **given, "flags": flags,
    })  # fmt: skip
    found = found.astype(dict.fromkeys(OPTIONAL, float)).rename(
        columns={"coverage_pct": "coverage"}
    )
    found["is_weak"] = found["flags"].str.contains(WEAK)
    found["remark"] = [_remark(view, f) for f in found.pop("flags")]
    return found.reset_index(drop=True)


def _remark(view: View, flags: str) -> str:
    return ", ".join(view.t(key) for flag, key in words.FLAGS.items() if flag in flags)


def table(view: View, points: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Points as readers write numbers; columns without any value are left out."""
    t = view.t
    shown: dict[str, Any] = {t("topic.period"): points["label"]}
    heads = {"value": f"{t('chart.value')} ({unit})" if unit else t("chart.value"),
             "low": t("kpi.low"), "high": t("kpi.high"), "n": t("kpi.n"),
             "coverage": t("kpi.coverage")}  # fmt: skip
    for column, head in heads.items():
        if points[column].notna().any():
            shown[head] = [words.number(view, v) for v in points[column]]
    if points["remark"].ne("").any():
        shown[t("map.remark")] = points["remark"]
    return pd.DataFrame(shown)
