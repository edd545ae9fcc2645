"""Export of the demo city's participation portal as CSV files. Everything in it is INVENTED."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo.districts import districts
from urbandata.demo.participation import (
    AGE_GROUPS,
    Procedure,
    contributions,
    participants,
    procedures,
)
from urbandata.demo.world import World
from urbandata.sources.beteiligungsportal.words import BOOK, BOROUGHS

EVALUATION = timedelta(days=28)  # after the end of a procedure
SPREAD_DAYS = 20  # of the answers around their procedure's day
Row = Sequence[object]


def routes(world: World) -> list[Route]:
    """One CSV per sheet: semicolons and German dates, as spreadsheets write."""
    rows: dict[str, Callable[[World], Iterable[Row]]] = {
        "procedures": _procedures,
        "contributions": _contributions,
        "participants": _participants,
    }

    def sheet(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in rows:
            return PlainTextResponse("Not Found", 404)
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(BOOK.columns[name])
        writer.writerows(rows[name](world))
        return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8")

    return [Route("/{name}.csv", sheet)]


def on_portal(world: World) -> list[Procedure]:
    """Procedures that run on the portal."""
    return [p for p in procedures(world) if p.platform == "portal"]


def _procedures(world: World) -> Iterator[Row]:
    today = world.now().date()
    for p in on_portal(world):
        people = int(participants(world, p).sum())
        borough = BOROUGHS[int(p.borough)] if p.borough else "Gesamtstadt"
        organisations = people // 40
        dates = (_day(p.begins), _day(p.ends))
        yield (_id(p), p.mode, _state(p, today), *dates, borough, people, organisations)


def _state(procedure: Procedure, today: date) -> str:
    if today <= procedure.ends:
        return "laufend"
    return "in Auswertung" if today <= procedure.ends + EVALUATION else "beendet"


def _contributions(world: World) -> Iterator[Row]:
    known = {p.number: p for p in on_portal(world)}
    given, today = contributions(world, "portal"), world.now().date()
    for i in range(given.number.size):
        p = known[int(given.procedure[i])]
        received = datetime.fromtimestamp(int(given.created_s[i]), UTC).date()
        draw = float(given.draw[i])
        answered = _answered(p, received, draw)
        is_answered = answered is not None and answered <= today
        borough = BOROUGHS[int(districts()[int(given.district[i])].borough)]
        yield (
            *(f"B-{int(given.number[i])}", _id(p), _day(received)),
            _day(answered) if is_answered and answered else "",
            _decision(p, draw) if is_answered else "offen",
            *(borough, int(given.votes[i]), int(given.comments[i])),
        )


def _answered(procedure: Procedure, received: date, draw: float) -> date | None:
    """Day of the official answer: around that of the procedure, never before the question."""
    if procedure.answered_on is None:
        return None
    wanted = procedure.answered_on + timedelta(days=int((draw - 0.5) * SPREAD_DAYS))
    return max(wanted, received + timedelta(days=1))


def _decision(procedure: Procedure, draw: float) -> str:
    share, at = procedure.adopted_share, draw * 97 % 1
    if at < share:
        return "übernommen"
    return "teilweise übernommen" if at < min(1.0, 1.8 * share) else "nicht übernommen"


def _participants(world: World) -> Iterator[Row]:
    boroughs = np.array([int(d.borough) for d in districts()])
    for p in on_portal(world):
        table = participants(world, p)
        for age, group in enumerate(AGE_GROUPS):
            for number, name in enumerate(BOROUGHS[:-1]):
                people = int(table[age][boroughs == number].sum())
                if people:
                    yield (_id(p), group, name, people)


def _id(procedure: Procedure) -> str:
    return f"V-{procedure.number}"


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
