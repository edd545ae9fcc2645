"""Cleema in the small build: a few actions whose sums can be checked in the head."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from tests.dashboards.money import months
from tests.dashboards.programme import ensure

Row = dict[str, Any]
ACTIONS = {  # code: name, English name, group, unit, kg per success, weight
    "bike_km": ("Rad statt Auto", "Bike instead of car", "mobility", "km", 0.16, 300),
    "meatless_day": ("Tag ohne Fleisch", "Meatless day", "food", "Tag", 1.2, 40),
    "no_dryer_load": ("Wäsche ohne Trockner", "Laundry without dryer", "energy", "Ladung", 0.7, 20),
}
MONTHS = months((2025, 1), (2026, 10))
PHASE = MONTHS[1]  # the total counts from here on
OBSERVED_UNTIL = date(2026, 10, 19)  # the last month is still running
BOROUGHS = {
    "borough:0": ("Altstadt", "Altstadt"), "borough:1": ("Neustadt", "Neustadt"),
    "borough:2": ("Pieschen", "Pieschen"),
    "borough:under_k": ("unter 10 Personen", "fewer than 10 people"),
}  # fmt: skip
SAVED = ("saving_low_kg_co2e", "saving_kg_co2e", "saving_high_kg_co2e")
ADDITIONALITY, REBOUND = 0.5, {"mobility": 0.2, "energy": 0.2, "food": 0.0}


def fill(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """Savings, activity, retention and coverage."""
    rows = [row for i, month in enumerate(MONTHS) for row in _month(origin, i, month)]
    ensure(con, "fct_cleema_savings_monthly", rows)
    whole = [r for r in rows if r["action_code"] == "all" and r["area_kind"] == "city"]
    ensure(con, "public_cleema_totals", [_totals(origin, whole)])
    ensure(
        con, "fct_cleema_activity_monthly", [_active(origin, i, m) for i, m in enumerate(MONTHS)]
    )
    ensure(con, "fct_cleema_retention", [
        {"origin": origin, "cohort_month": cohort, "from_week": week, "to_week": week,
         "people": 50, "active_people": 50 - 3 * week - extra,
         "retention_pct": 2.0 * (50 - 3 * week - extra), "is_suppressed": False}
        for cohort, extra in ((MONTHS[0], 0), (MONTHS[6], 5)) for week in range(1, 13)
    ])  # fmt: skip
    ensure(con, "fct_cleema_coverage", [
        {"origin": origin, "month_start": MONTHS[-1], "reason": reason, "answers": n,
         "share_pct": n / 10, "is_suppressed": False}
        for reason, n in (("counted", 640), ("unmapped", 210), ("failed", 120), ("duplicate", 30))
    ])  # fmt: skip
    ensure(con, "fct_cleema_sensitivity", [
        {"origin": origin, "period_kind": "year", "period_start": date(2025, 1, 1),
         "parameter": p, "label_de": de, "label_en": en, "saving_at_low_kg_co2e": 400 + 60.0 * i,
         "saving_kg_co2e": 800.0, "saving_at_high_kg_co2e": 1200 - 60.0 * i,
         "swing_kg_co2e": 800 - 120.0 * i, "place": i + 1}
        for i, (p, de, en) in enumerate((
            ("additionality:default", "Zusätzlichkeit", "Additionality"),
            ("substitution:bike_km", "Ersatz von Autofahrten", "Replaced car trips"),
            ("factor:bike_km", "Faktor Rad statt Auto", "Factor bike instead of car")))
    ])  # fmt: skip
    ensure(con, "fct_cleema_unmapped", [
        {"origin": origin, "challenge_id": 7, "challenge_uuid": "u", "title": "Bäume gießen",
         "kind": "partner", "answer_interval": "weekly", "start_date": date(2026, 5, 1),
         "end_date": date(2026, 8, 31), "reason": "no_factor", "people_band": "10–49"},
    ])  # fmt: skip


def publicly(con: duckdb.DuckDBPyConnection, origin: str) -> None:
    """What the citizens' app reads, made of the same rows."""
    sums = ", ".join(f"sum({c}) AS {c}" for c in SAVED)
    for table, key, period, where in (
        ("monthly", "action_code", "month", "area_kind = 'city' AND action_code = 'all'"),
        ("by_action", "action_code", "year", "area_kind = 'city' AND action_code <> 'all'"),
        ("by_borough", "area_id", "year", "area_kind = 'borough'"),
    ):
        found = con.execute(
            f"SELECT {key}, date_trunc('{period}', month_start)::DATE, {sums} "
            f"FROM marts.fct_cleema_savings_monthly WHERE origin = ? AND {where} "
            "GROUP BY ALL ORDER BY ALL",
            [origin],
        ).fetchall()
        rows = [dict(zip((key, f"{period}_start", *SAVED), row, strict=True)) for row in found]
        named = [{"origin": origin, **_names(row), **row,
                  "is_suppressed": row["saving_kg_co2e"] is None} for row in rows]  # fmt: skip
        ensure(con, f"public_cleema_savings_{table}", named)


def _names(row: Row) -> Row:
    code = row.get("action_code") or row.get("area_id")
    german, english = ACTIONS[code][:2] if code in ACTIONS else BOROUGHS.get(code, ("", ""))
    return {"name_de": german, "name_en": english}


def register(con: duckdb.DuckDBPyConnection) -> None:
    """Actions, factors and assumptions: the same for every origin."""
    ensure(con, "dim_cleema_actions", [
        {"action_code": code, "name_de": de, "name_en": en, "action_group": group, "unit": unit,
         "unit_de": unit, "unit_en": unit, "has_factor": True, "boundary": "upstream"}
        for code, (de, en, group, unit, _, _) in ACTIONS.items()
    ])  # fmt: skip
    ensure(con, "dim_emission_factors", [
        {"action_code": code, "usage": "saving", "valid_from": date(2024, 1, 1), "valid_to": None,
         "unit": unit, "value_kg_co2e": kg, "low_kg_co2e": 0.7 * kg, "high_kg_co2e": 1.3 * kg,
         "gas_scope": "CO2e", "boundary": "upstream", "edition": "2024",
         "source": "TREMOD, Umweltbundesamt", "source_url": None, "evidence_class": "B",
         "sureness": "secondary"}
        for code, (_, _, _, unit, kg, _) in ACTIONS.items()
    ])  # fmt: skip
    ensure(con, "dim_cleema_assumptions", [
        {"assumption": name, "scope": scope, "valid_to": None, "low": low, "central": central,
         "high": high, "evidence_class": "D", "edition": "2026-11",
         "source": "Setzung der Plattform",
         "sureness": "unverified", "note_de": "Anteil", "note_en": "Share"}
        for name, scope, low, central, high in (
            ("additionality", "default", 0.25, ADDITIONALITY, 0.75),
            ("rebound", "default", 0, 0.0, 0),
            ("rebound", "energy", 0.1, 0.2, 0.3), ("rebound", "mobility", 0.1, 0.2, 0.3),
            ("cap_per_day", "bike_km", 100, 100.0, 100))
    ])  # fmt: skip


def _month(origin: str, i: int, month: date) -> list[Row]:
    """Each action of the city and their sum; the sum again by borough, one hidden."""
    factor = (1 + i / 10) * (1 if origin == "real" else 7)
    rows = [
        _saving(origin, month, code, "city", "dresden",
                factor * kg * n * ADDITIONALITY * (1 - REBOUND[group]))
        for code, (_, _, group, _, kg, n) in ACTIONS.items()
    ]  # fmt: skip
    total = sum(r["saving_kg_co2e"] for r in rows)
    shares = {"borough:0": 0.5, "borough:1": 0.3, "borough:under_k": 0.2}
    return [
        *rows,
        _saving(origin, month, "all", "city", "dresden", total),
        *[_saving(origin, month, "all", "borough", b, s * total) for b, s in shares.items()],
        {**_saving(origin, month, "all", "borough", "borough:2", 0.0), "saving_kg_co2e": None,
         "saving_low_kg_co2e": None, "saving_high_kg_co2e": None, "is_suppressed": True},
    ]  # fmt: skip


def _saving(origin: str, month: date, action: str, kind: str, area: str, kg: float) -> Row:
    return {"origin": origin, "month_start": month, "action_code": action, "area_kind": kind,
            "area_id": area, "people": 40, "successes": 400, "gross_kg_co2e": 2.5 * kg,
            "saving_low_kg_co2e": 0.4 * kg, "saving_kg_co2e": kg, "saving_high_kg_co2e": 1.8 * kg,
            "is_suppressed": False, "is_complete": True}  # fmt: skip


def _totals(origin: str, whole: list[Row]) -> Row:
    columns = ("gross_kg_co2e", "saving_low_kg_co2e", "saving_kg_co2e", "saving_high_kg_co2e")
    sums = {c: sum(r[c] for r in whole if r["month_start"] >= PHASE) for c in columns}
    return {"origin": origin, "first_month": PHASE, "last_month": MONTHS[-1],
            "observed_until": OBSERVED_UNTIL, **sums, "answers": 1000,
            "self_reported_pct": 82.0, "challenges": 63, "assessed_challenges": 41}  # fmt: skip


def _active(origin: str, i: int, month: date) -> Row:
    n = (60 + 4 * i) * (1 if origin == "real" else 7)
    return {"origin": origin, "month_start": month, "area_kind": "city", "area_id": "dresden",
            "active_people": n, "active_people_30d": n - 2, "answers": 12 * n,
            "successes": 9 * n, "self_reported_pct": 82.0, "completion_pct": 55.0,
            "is_suppressed": False, "observed_until": OBSERVED_UNTIL}  # fmt: skip
