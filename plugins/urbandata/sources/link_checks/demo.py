"""The servers behind the demo city's links: most answer, some do not, a few do not know HEAD."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from urbandata.demo.world import World

STATES = ((0.90, "fine"), (0.95, "gone"), (0.97, "broken"), (0.99, "no head"), (1.0, "moved"))


def routes(world: World) -> list[Route]:
    """``/{host}/{path}`` for every published address."""

    def page(request: Request) -> Response:
        address = f"{request.path_params['host']}/{request.path_params['path']}"
        if "moved" in request.query_params:
            return PlainTextResponse("Demodaten")
        drawn = world.rng("link", address, request.url.query).random()
        state = next(name for limit, name in STATES if drawn <= limit)
        if state == "moved":
            return RedirectResponse(request.url.include_query_params(moved=1), 302)
        if state == "no head" and request.method == "HEAD":
            return PlainTextResponse("", 405)
        status = {"gone": 404, "broken": 500}.get(state, 200)
        return PlainTextResponse("Demodaten", status)

    return [Route("/{host}/{path:path}", page)]
