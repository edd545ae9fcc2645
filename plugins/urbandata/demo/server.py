"""The demo city over HTTP: every source's own protocol below ``/<source>``, on loopback only."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from urbandata.demo.faults import Fault, Faults
from urbandata.demo.world import World
from urbandata.errors import ConfigError
from urbandata.registry import Source, sources

__all__ = ["Fault", "Faults", "build_app", "running", "serve"]

NOTE = "Demodaten, erfunden"
_COMPRESS_FROM = 2_000  # bytes
_FAST = 3  # gzip level: the answers only cross the loopback


def _mount(source: Source, world: World) -> Mount:
    """The source's routes below its name. Raises ConfigError without a demo module."""
    try:
        demo = source.module("demo")
    except ModuleNotFoundError as error:
        if error.name != f"urbandata.sources.{source.source}.demo":
            raise
        raise ConfigError(
            f"source '{source.source}' has no demo.py beside its source.yml"
        ) from None
    return Mount(f"/{source.source}", routes=demo.routes(world), name=source.source)


def build_app(world: World) -> Starlette:
    """All registered sources, ``/`` (what this is) and ``/_city/health``."""
    known = sources()

    async def index(_: Request) -> JSONResponse:
        return JSONResponse(
            {
                "name": "Demostadt Dresden",
                "note": NOTE,
                "seed": world.seed,
                "scale": world.scale,
                "now": world.now().isoformat(timespec="seconds"),
                "sources": {name: f"/{name}" for name in known},
            }
        )

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "sources": len(known)})

    routes: list[BaseRoute] = [Route("/", index), Route("/_city/health", health)]
    routes += [_mount(source, world) for source in known.values()]
    compressed = Middleware(GZipMiddleware, minimum_size=_COMPRESS_FROM, compresslevel=_FAST)
    return Starlette(routes=routes, middleware=[compressed])


def serve(port: int, seed: int, scale: float = 1.0) -> None:
    """Run the demo city on 127.0.0.1 until stopped. Port 0 picks a free one."""
    app = build_app(World(seed=seed, scale=scale))
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning")


@contextmanager
def running(app: ASGIApp, seconds: float = 20.0) -> Iterator[str]:
    """Run an app in a thread on a free loopback port; gives its base address.

    Raises ConfigError when it does not answer within ``seconds``.
    """
    config = uvicorn.Config(app, host="127.0.0.1", port=0, access_log=False, log_level="critical")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, name="demo-city", daemon=True)
    thread.start()
    deadline = monotonic() + seconds
    while not server.started:
        if not thread.is_alive() or monotonic() > deadline:
            raise ConfigError(f"the demo city did not start within {seconds:g} s")
        sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=seconds)


def main() -> None:
    """Command line: ``python -m urbandata.demo.server --port 8900``."""
    parser = argparse.ArgumentParser(description="Demo city: invented data over real protocols")
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--seed", type=int, default=20230701)
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    serve(options.port, options.seed, options.scale)


if __name__ == "__main__":
    main()
