"""Sheets of the demo programme as CSV files. Budgets, milestones and decisions are INVENTED.

They resemble a programme that runs from July 2023 to December 2026: nine measures whose budgets
add up to the phase's cost, spending that lags behind the plan, milestones that are often late,
operating budgets decided towards the end, software of which not all is published. Past months
never change; the month before the present one is the last with spending.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo.chance import generator
from urbandata.demo.world import World

FIRST, LAST, END = date(2023, 7, 1), date(2026, 12, 1), date(2026, 12, 15)
MEASURES = {  # office, invented budget in EUR (only the sportpark's is known)
    "open_data": ("Eigenbetrieb IT-Dienstleistungen", 1_550_000),
    "cleema": ("Amt für Wirtschaftsförderung", 480_000),
    "road_maintenance": ("Straßen- und Tiefbauamt", 2_380_000),
    "traffic": ("Straßen- und Tiefbauamt", 3_350_000),
    "environment": ("Umweltamt", 2_740_000),
    "participation": ("Bürgermeisteramt", 1_310_000),
    "energy_quarter": ("Amt für Stadtplanung und Mobilität", 1_820_000),
    "hospital_energy": ("Städtisches Klinikum Dresden", 1_787_692.31),
    "sportpark": ("Eigenbetrieb Sportstätten", 890_000),
}
STEPS = (
    "Konzept beschlossen",
    "Vergabe abgeschlossen",
    "Prototyp läuft",
    "Pilotbetrieb",
    "Evaluation",
    "Übergabe",
)
HEADS = {
    "milestones": ("measure", "milestone", "planned_on", "done_on"),
    "spending": ("measure", "month", "planned_eur", "spent_eur", "funded_share_pct"),
    "decisions": ("paper_number", "decided_on", "title", "measure"),
    "offices": ("measure", "office", "valid_from", "valid_to"),
    "operation": ("measure", "paper_number", "decided_on", "starts_on", "budget_eur_per_year"),
    "components": ("measure", "component", "licence", "repository", "published_on"),
}
LICENCES = ("EUPL-1.2", "MIT", "Apache-2.0", "AGPL-3.0-or-later")
PARTS = ("Konnektor", "Auswertung", "Oberfläche")
Row = Sequence[object]


def routes(world: World) -> list[Route]:
    """One CSV per sheet: semicolons, German dates and decimal commas, as spreadsheets write."""
    rows: dict[str, Callable[[World], list[Row]]] = {
        "milestones": _milestones,
        "spending": _spending,
        "decisions": _decisions,
        "offices": _offices,
        "operation": _operation,
        "components": _components,
    }

    def sheet(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in HEADS:
            return PlainTextResponse("Not Found", 404)
        return Response(_csv(HEADS[name], rows[name](world)), media_type="text/csv; charset=utf-8")

    return [Route("/{name}.csv", sheet)]


def _csv(head: Row, rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return "\ufeff" + text.getvalue()


def _months(until: date) -> list[date]:
    months, month = [], FIRST
    while month <= until:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months


def _spending(world: World) -> list[Row]:
    """The plan rises and falls; spending follows some months later and falls a little short."""
    this_month = world.now().date().replace(day=1)
    months = _months(LAST)
    rows: list[Row] = []
    for measure, (_, budget) in MEASURES.items():
        rng = generator(world.seed, "programme", measure)
        shape = np.sin(np.linspace(0.15, np.pi - 0.1, len(months))) * rng.uniform(
            0.7, 1.3, len(months)
        )
        planned = np.round(budget * shape / shape.sum(), 2)
        planned[-1] = round(budget - planned[:-1].sum(), 2)  # the cents that rounding has lost
        lag = int(rng.integers(1, 5))
        spent = np.round(
            np.concatenate([np.zeros(lag), planned[:-lag]]) * rng.uniform(0.75, 1.02, len(months)),
            2,
        )
        for month, plan, paid in zip(months, planned, spent, strict=True):
            known = _german(paid) if month < this_month else ""
            rows.append((measure, f"{month:%m.%Y}", _german(plan), known, 65))
    return rows


def _milestones(world: World) -> list[Row]:
    today = world.now().date()
    rows: list[Row] = []
    for measure in MEASURES:
        rng = generator(world.seed, "milestones", measure)
        gaps = rng.integers(120, 260, len(STEPS))
        span = (END - FIRST).days - int(rng.integers(0, 45))
        days = np.cumsum(gaps) * span / gaps.sum()
        for step, day, delay in zip(STEPS, days, rng.normal(10, 40, len(STEPS)), strict=True):
            planned = FIRST + timedelta(days=int(day))
            done = planned + timedelta(days=int(delay))
            shown = f"{done:%d.%m.%Y}" if done <= today else ""
            rows.append((measure, step, f"{planned:%d.%m.%Y}", shown))
    return rows


def _decisions(world: World) -> list[Row]:
    """Two invented papers per measure; the numbers say that they are invented."""
    rows: list[Row] = []
    for number, measure in enumerate(MEASURES, start=1):
        rng = generator(world.seed, "decisions", measure)
        for part, subject in enumerate(("Umsetzung", "Fortschreibung")):
            day = FIRST + timedelta(days=int(rng.integers(60, 300)) + 420 * part)
            if day <= world.now().date():
                paper = f"DEMO{number:02d}{part}/{day:%y}"
                rows.append((paper, f"{day:%d.%m.%Y}", f"{subject} der Maßnahme {number}", measure))
    return rows


def _offices(world: World) -> list[Row]:
    return [(measure, office, "01.07.2023", "") for measure, (office, _) in MEASURES.items()]


def _operation(world: World) -> list[Row]:
    """Operating budgets decided by now: from autumn 2025 on, about two thirds by the end."""
    rows: list[Row] = []
    for number, (measure, (_, budget)) in enumerate(MEASURES.items(), start=1):
        rng = generator(world.seed, "operation", measure)
        day = date(2025, 9, 1) + timedelta(days=int(rng.integers(0, 720)))
        if day <= world.now().date():
            paper = f"DEMO{number:02d}9/{day:%y}"
            yearly = _german(round(budget * float(rng.uniform(0.05, 0.12)), -3))
            rows.append((measure, paper, f"{day:%d.%m.%Y}", "01.01.2027", yearly))
    return rows


def _components(world: World) -> list[Row]:
    """Two or three parts per measure; some are published, with a licence, after a while."""
    rows: list[Row] = []
    for measure in MEASURES:
        rng = generator(world.seed, "components", measure)
        for part in PARTS[: int(rng.integers(2, len(PARTS) + 1))]:
            day = FIRST + timedelta(days=int(rng.integers(500, 1600)))
            licence, out = str(rng.choice(LICENCES)), day <= world.now().date()
            address = f"https://code.demostadt.example/{measure}/{part.lower()}"
            shown = (licence, address, f"{day:%d.%m.%Y}") if out else ("", "", "")
            rows.append((measure, f"{part} (Demo)", *shown))
    return rows


def _german(amount: float) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
