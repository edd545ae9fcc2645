"""Spending, forecast and milestones in the small build, worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from tests.dashboards.programme import ensure, seed

Row = dict[str, Any]
FIRST, KNOWN, LAST = (2023, 7), (2026, 10), (2026, 12)  # months: begin, last spending, end


def fill(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """Each measure plans 10,000 EUR a month times its number and spends 80 % of it."""
    measures = [(m["measure"], int(m["number"])) for m in seed("programme/measures.csv")]
    ensure(con, "fct_spending_monthly", [
        row for measure, number in measures for row in _spending(origin, measure, number)
    ])  # fmt: skip
    ensure(con, "fct_spending_forecast", list(_forecast(origin, "city", "dresden", 45)))
    ensure(con, "fct_funding", _funding(origin))
    ensure(con, "fct_milestones", [
        row for measure, number in measures for row in _milestones(origin, measure, number)
    ])  # fmt: skip


def months(first: tuple[int, int], last: tuple[int, int]) -> list[date]:
    """First days of the months from the first to the last."""
    start, end = (y * 12 + m - 1 for y, m in (first, last))
    return [date(i // 12, i % 12 + 1, 1) for i in range(start, end + 1)]


def _spending(origin: str, measure: str, number: int) -> list[Row]:
    rows = []
    for i, month in enumerate(months(FIRST, LAST), start=1):
        known = (month.year, month.month) <= KNOWN
        planned = 10_000.0 * number
        spent = 0.8 * planned if known else None
        rows.append({
            "origin": origin, "measure": measure, "month_start": month, "planned_eur": planned,
            "spent_eur": spent, "funded_share_pct": 65.0,
            "grant_eur": 0.65 * spent if spent else None, "planned_cumulated_eur": planned * i,
            "spent_cumulated_eur": spent * i if spent else None,
            "grant_cumulated_eur": 0.65 * spent * i if spent else None, "months_unknown": 0,
            "month_end": month, "payload_id": "p",
        })  # fmt: skip
    return rows


def _forecast(origin: str, kind: str, area: str, numbers: int) -> list[Row]:
    known = months(FIRST, KNOWN)
    rate = 8_000.0 * numbers
    return [
        {"origin": origin, "area_kind": kind, "area_id": area, "month_start": month,
         "last_month": known[-1], "months_ahead": i, "rate_months": 6,
         "is_option": month > date(2026, 12, 31), "rate_eur": rate,
         "spent_cumulated_eur": rate * (len(known) + i),
         "spent_cumulated_low_eur": rate * (len(known) + 0.7 * i),
         "spent_cumulated_high_eur": rate * (len(known) + 1.4 * i),
         "grant_cumulated_eur": 0.65 * rate * (len(known) + i),
         "grant_cumulated_low_eur": 0.65 * rate * (len(known) + 0.7 * i),
         "grant_cumulated_high_eur": 0.65 * rate * (len(known) + 1.4 * i)}
        for i, month in enumerate(months((2026, 11), (2027, 6)), start=1)
    ]  # fmt: skip


def _funding(origin: str) -> list[Row]:
    names = {"phase_1": ("Strategiephase", "Strategy phase", 0.0),
             "phase_2": ("Umsetzungsphase", "Implementation phase", 9_360_000.0),
             "total": ("Modellprojekte Smart Cities", "Model projects", 11_120_000.0)}  # fmt: skip
    rows = []
    for phase in seed("programme/funding_phases.csv"):
        german, english, drawn = names[phase["part"]]
        cost, grant = float(phase["cost_eur"]), float(phase["grant_eur"])
        rows.append({
            "origin": origin, "part": phase["part"], "name_de": german, "name_en": english,
            "starts_on": date.fromisoformat(phase["starts_on"]),
            "ends_on": date.fromisoformat(phase["ends_on"]), "optional_ends_on": None,
            "cost_eur": cost, "grant_eur": grant, "own_share_eur": cost - grant,
            "planned_eur": cost, "spent_eur": drawn / 0.65, "drawn_eur": drawn,
            "remaining_eur": grant - drawn, "drawn_pct": 100 * drawn / grant,
            "last_month": date(2026, 10, 1), "source": phase["source"], "sureness": "verified",
        })  # fmt: skip
    return rows


def _milestones(origin: str, measure: str, number: int) -> list[Row]:
    plans = [("Konzept", date(2024, 3, 31), date(2024, 3, 20), "in_time", -11),
             ("Erprobung", date(2025, 6, 30), date(2025, 9, 15), "late", 77),
             ("Betrieb", date(2026, 9, 30), None, "overdue", 51) if number % 4 == 0
             else ("Betrieb", date(2026, 12, 30), None, "open", None)]  # fmt: skip
    return [
        {"origin": origin, "measure": measure, "milestone": f"{name} {number}",
         "planned_on": planned, "first_planned_on": planned, "plan_changes": number % 2,
         "done_on": done, "as_of_on": date(2026, 11, 20), "state": state, "delay_days": delay,
         "payload_id": "p"}
        for name, planned, done, state, delay in plans
    ]  # fmt: skip
