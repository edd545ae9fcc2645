"""Matomo's reporting API for the app of the demo sports park: summaries by day and by month.

Distinct people of a month are fewer than the sum of its days, many come every week. The app came
out in March 2025; before, periods are empty lists. The newest period is still counting.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo.sports_use import app_users
from urbandata.demo.world import World

LOCAL = ZoneInfo("Europe/Berlin")
DAYS_PER_PERSON = 4.6  # days a month on which one person opens the app


def routes(world: World) -> list[Route]:
    """``index.php`` with ``VisitsSummary.get``."""

    def api(request: Request) -> Response:
        wanted = request.query_params
        if request.headers.get("Authorization") != "Bearer demo":
            return _json(_error("You must be logged in: token_auth is missing or wrong."), 401)
        period, days = wanted.get("period"), _range(wanted.get("date", ""))
        if wanted.get("method") != "VisitsSummary.get" or period not in ("day", "month"):
            return _json(_error("The report or the period is not valid."))
        if days is None:
            return _json(_error(f"Date {wanted.get('date')!r} is not a range of days."))
        if period == "day":
            return _json({d.isoformat(): _summary(world, [d], 1.0) for d in _days(*days)})
        months = {d.replace(day=1) for d in _days(*days)}
        return _json({f"{m:%Y-%m}": _month(world, m) for m in sorted(months)})

    return [Route("/index.php", api)]


def _month(world: World, first: date) -> Any:
    """The summary of a month so far."""
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    today = world.now().astimezone(LOCAL).date()
    days = list(_days(first, min(last, today)))
    return _summary(world, days, max(1.0, DAYS_PER_PERSON * len(days) / 30.0))


def _summary(world: World, days: list[date], days_per_person: float) -> Any:
    users = sum(_users(world, day) for day in days)
    if users == 0:
        return []
    visits = round(users * 1.35)
    return {
        "nb_uniq_visitors": max(1, round(users / days_per_person)),
        "nb_visits": visits,
        "nb_actions": round(visits * 4.2),
        "bounce_count": round(visits * 0.22),
        "sum_visit_length": visits * 74,
        "bounce_rate": "22%",
    }


def _users(world: World, day: date) -> int:
    """People of a local day, so far."""
    begin = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
    passed = (world.now() - begin) / timedelta(days=1)
    return int(app_users(world, day) * min(max(passed, 0.0), 1.0))


def _range(text: str) -> tuple[date, date] | None:
    first, _, last = text.partition(",")
    try:
        return date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        return None


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _error(message: str) -> dict[str, str]:
    return {"result": "error", "message": message}


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")
