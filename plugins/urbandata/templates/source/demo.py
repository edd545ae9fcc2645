"""$name in the demo city: hourly values of one invented place."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from urbandata.demo.world import World


def routes(world: World) -> list[Route]:
    """The one address of this source."""

    def observations(request: Request) -> Response:
        start, end = (datetime.fromisoformat(request.query_params[k]) for k in ("start", "end"))
        times = world.steps(start, end, 60)
        values = world.temperature_c(times)
        return JSONResponse(
            [
                {"place": "Demoplatz", "observed_at": f"{time}:00Z", "value": round(float(value), 1)}
                for time, value in zip(times, values, strict=True)
            ]
        )

    return [Route("/observations.json", observations)]
