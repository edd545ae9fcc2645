"""Participatory budgets of the demo city, one vote a year. INVENTED, names and ballots too."""

from __future__ import annotations

import csv
import io

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo.world import World

BUDGET_EUR = 500_000
PROJECTS, BALLOTS = 24, 1_800
FIRST_YEAR = 2024
MOST = 5  # projects on a ballot


def routes(world: World) -> list[Route]:
    """``/dresden_{year}.pb`` once the vote of the year (in May) is over."""

    def file(request: Request) -> Response:
        year = request.path_params["year"]
        now = world.now()
        last = now.year if now.month > 5 else now.year - 1  # noqa: PLR2004 - the vote is in May
        if not FIRST_YEAR <= year <= last:
            return PlainTextResponse("Not Found", 404)
        return Response(_file(world, year), media_type="text/plain; charset=utf-8")

    return [Route("/dresden_{year:int}.pb", file)]


def _file(world: World, year: int) -> str:
    rng = world.rng("pabulib", year)
    cost = rng.integers(5, 90, PROJECTS) * 1000
    liked = rng.dirichlet(np.full(PROJECTS, 0.9))
    ballots = [
        sorted(rng.choice(PROJECTS, int(rng.integers(1, MOST + 1)), replace=False, p=liked))
        for _ in range(BALLOTS)
    ]
    ages = np.clip(rng.normal(47, 17, BALLOTS), 14, 95).astype(int)
    votes = np.bincount(np.concatenate(ballots), minlength=PROJECTS)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerows([["META"], ["key", "value"], *_meta(year).items(), ["PROJECTS"]])
    writer.writerow(["project_id", "cost", "votes", "name", "selected"])
    left = BUDGET_EUR
    chosen = set()
    for n in np.argsort(-votes, kind="stable").tolist():
        if cost[n] <= left:
            left -= int(cost[n])
            chosen.add(n)
    for n in range(PROJECTS):
        name = f"Projekt {n + 1} (Demotext)"
        writer.writerow([n + 1, cost[n], votes[n], name, int(n in chosen)])
    writer.writerows([["VOTES"], ["voter_id", "age", "vote"]])
    for number, (age, picked) in enumerate(zip(ages, ballots, strict=True)):
        writer.writerow([number, age, ",".join(str(n + 1) for n in picked)])
    return text.getvalue()


def _meta(year: int) -> dict[str, object]:
    return {
        "description": "Bürgerhaushalt (Demodaten)",
        "country": "Germany",
        "unit": "Dresden",
        "instance": year,
        "num_projects": PROJECTS,
        "num_votes": BALLOTS,
        "budget": BUDGET_EUR,
        "vote_type": "approval",
        "rule": "greedy",
        "date_begin": f"01.05.{year}",
        "date_end": f"31.05.{year}",
        "currency": "EUR",
    }
