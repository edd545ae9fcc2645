"""Matomo's reporting API for the demo city's portal.

Days are those of the site's zone. Visits follow workdays, school holidays and the growth of the
catalogue; a few datasets are wanted every day, most are not. The newest day is still counting.
Without the token the answer is 401, an unknown report answers 200 with an error, as Matomo does.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from urbandata.demo import catalogue
from urbandata.demo.chance import generator
from urbandata.demo.world import World

LOCAL = ZoneInfo("Europe/Berlin")
WANTED = 160  # datasets that are downloaded at all


def routes(world: World) -> list[Route]:
    """``index.php`` with the two reports."""

    def api(request: Request) -> Response:
        wanted = request.query_params
        if request.headers.get("Authorization") != "Bearer demo":
            return _json(_error("You must be logged in: token_auth is missing or wrong."), 401)
        reports = {"VisitsSummary.get": _visits, "Actions.getDownloads": _downloads}
        report = reports.get(wanted.get("method", ""))
        days = _days(wanted.get("date", ""))
        if report is None or wanted.get("period") != "day" or days is None:
            return _json(_error("The report, the period or the date is not valid."))
        known = _known(world)
        return _json({day.isoformat(): report(world, day, known) for day in days})

    return [Route("/index.php", api)]


def _visits(world: World, day: date, files: tuple[_File, ...]) -> Any:
    count = visits(world, day)
    if count == 0:
        return []
    rng = generator(world.seed, "matomo", day.isoformat(), "visits")
    actions = int(count * rng.uniform(2.6, 3.4))
    return {
        "nb_uniq_visitors": int(count * rng.uniform(0.78, 0.9)),
        "nb_visits": count,
        "nb_actions": actions,
        "bounce_count": int(count * rng.uniform(0.35, 0.5)),
        "sum_visit_length": int(count * rng.uniform(110, 190)),
        "max_actions": int(rng.integers(10, 60)),
        "bounce_rate": "41%",
    }


_File = tuple[str, datetime]


def _downloads(world: World, day: date, files: tuple[_File, ...]) -> Any:
    """Files of the day; the first ones of the catalogue are wanted most."""
    there = [(i, url) for i, (url, issued) in enumerate(files) if issued.date() <= day]
    if not there:
        return []
    rng = generator(world.seed, "matomo", day.isoformat(), "downloads")
    weight = 1.0 / (np.array([i for i, _ in there]) % WANTED + 1.5) ** 0.9
    hits = rng.poisson(visits(world, day) * 0.35 * weight / weight.sum())
    return [
        {
            "label": url.removeprefix("https://"),
            "nb_visits": int(max(1, round(h * 0.8))),
            "nb_hits": int(h),
            "url": url,
            "segment": f"downloadUrl=={url}",
        }
        for (_, url), h in zip(there, hits.tolist(), strict=True)
        if h > 0
    ]


def visits(world: World, day: date) -> int:
    """Visits of a local day, so far."""
    begin = datetime.combine(day, time(), LOCAL).astimezone(UTC)
    now = world.now()
    if begin > now or begin < world.start - timedelta(days=1):
        return 0
    age_years = (begin - world.start) / timedelta(days=365)
    level = 90 * (1 + 0.22 * age_years) * (1.0 if world.is_workday(day) else 0.45)
    level *= 0.8 if world.is_school_holiday(day) else 1.0
    rng = generator(world.seed, "matomo", day.isoformat())
    passed = min(1.0, (now - begin) / timedelta(days=1))
    return int(rng.poisson(level * world.scale) * passed)


def _known(world: World) -> tuple[_File, ...]:
    """Files that somebody wants, with the day of their issue; fixed, so that days never change."""
    return _wanted(world, len(catalogue.datasets(world)))


@lru_cache(maxsize=4)
def _wanted(world: World, count: int) -> tuple[_File, ...]:
    """A seventh of all datasets, by their place in the catalogue."""
    return tuple(
        (d.downloads[0].url, d.issued.astimezone(LOCAL))
        for i, d in enumerate(catalogue.datasets(world))
        if i % 7 == 0
    )


def _days(text: str) -> list[date] | None:
    """Days of a range ``2024-01-01,2024-01-31``, both included; None if it is none."""
    first, _, last = text.partition(",")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        return None
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _error(message: str) -> dict[str, str]:
    return {"result": "error", "message": message}


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")
