"""What readers of a published build wait for: every query of the dashboard, and many at once.

``python benchmarks/serving.py [--data DIR] [--runs N] [--sessions N …] [--processes N …]
[--thinking S] [--json FILE]``. Queries are those that the pages of ``pages.py`` ask, with the same
choices, past all caches. Sessions are real ones: each a WebSocket to a Streamlit server, which asks
for page after page and waits until the script has come to its end. With several processes each
session stays with one, as the proxy of a cluster sees to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pages

Query = tuple[Callable[..., Any], tuple[Hashable, ...]]
VISITS = 4  # pages a session asks for, one after the other


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", default=os.environ.get("URBANDATA_DATA_DIR", pages.ROOT / "data"))
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--processes", type=int, nargs="+", default=[1])
    parser.add_argument("--thinking", type=float, default=2.0, help="seconds between two pages")
    parser.add_argument("--json", type=Path, help="append a summary to this file")
    asked = parser.parse_args()
    os.environ["URBANDATA_DATA_DIR"] = str(asked.data)
    sys.path[:0] = [str(pages.ROOT / "plugins"), str(pages.ROOT / "dashboards")]
    told = {"queries_p95_ms": queries(asked.runs)}
    print(f"\n{'processes':<10} {'sessions':<9} {'pages':>6} {'p50':>8} {'p95':>8} {'pages/s':>8}"
          "   ms until the page is whole")  # fmt: skip
    for processes in asked.processes:
        told |= sessions_on(processes, asked.sessions, asked.thinking)
    if asked.json:
        with asked.json.open("a") as file:
            file.write(json.dumps(told) + "\n")


def sessions_on(processes: int, counts: list[int], thinking: float) -> dict[str, float]:
    """Print what so many sessions at once wait for; p50 and p95 in milliseconds."""
    told: dict[str, float] = {}
    with ExitStack() as stack:
        addresses = [stack.enter_context(pages.server()) for _ in range(processes)]
        asyncio.run(crowd(addresses, processes, 0))  # the servers read their modules
        for count in counts:
            began = time.perf_counter()
            times = asyncio.run(crowd(addresses, count, thinking))
            each_second = len(times) / (time.perf_counter() - began)
            middle, slow = statistics.median(times), pages.quantile(times)
            print(f"{processes:<10} {count:<9} {len(times):>6} {middle:>8.0f} {slow:>8.0f} "
                  f"{each_second:>8.1f}", flush=True)  # fmt: skip
            if processes == 1:
                told |= {f"sessions_{count}_p50_ms": middle, f"sessions_{count}_p95_ms": slow}
    return told


def queries(runs: int) -> float:
    """Print p50 and p95 of each query, slowest first; the highest p95 in milliseconds."""
    found = asked_by_pages()
    from queries import builds
    from urbandata.settings import Settings

    build = builds.current(Settings.from_env().serving_dir)
    if build is None:
        raise SystemExit("nothing is published yet")
    con = builds.connect(build.build_id, build.path)
    rows = []
    for (query, arguments), page in found.items():
        query(con, *arguments)
        times = [timed(query, con, arguments) for _ in range(runs)]
        name = f"{query.__module__.removeprefix('queries.')}.{query.__name__}"
        rows.append((pages.quantile(times), statistics.median(times), name, page))
    print(f"{'query':<40} {'page':<16} {'p50':>8} {'p95':>8}   ms, of {len(rows)} queries")
    for slow, middle, name, page in sorted(rows, reverse=True)[:25]:
        print(f"{name:<40} {page:<16} {middle:>8.1f} {slow:>8.1f}", flush=True)
    return max(row[0] for row in rows)


def timed(query: Callable[..., Any], con: Any, arguments: tuple[Hashable, ...]) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    query(con, *arguments)
    return 1000 * (time.perf_counter() - began)


def asked_by_pages() -> dict[Query, str]:
    """Every query with its arguments that the pages ask, and the first page that did."""
    import shell

    found: dict[Query, str] = {}
    original = shell.View.read
    page = ""

    def noted(self: Any, query: Callable[..., Any], *arguments: Hashable) -> Any:
        found.setdefault((query, arguments), page)
        return original(self, query, *arguments)

    shell.View.read = noted  # type: ignore[method-assign]
    try:
        for page, (_, choices) in pages.PAGES.items():
            pages.reruns(page, choices, 2)
    finally:
        shell.View.read = original  # type: ignore[method-assign]
    return found


async def crowd(addresses: list[str], sessions: int, thinking: float) -> list[float]:
    """Milliseconds of every page that so many sessions at once have asked for."""
    places = [addresses[number % len(addresses)] for number in range(sessions)]
    visits = [session(address, number, thinking) for number, address in enumerate(places)]
    return [ms for times in await asyncio.gather(*visits) for ms in times]


async def session(address: str, number: int, thinking: float) -> list[float]:
    """One reader, who goes from page to page."""
    import websockets

    names, spoken = list(pages.PAGES), [websockets.Subprotocol("streamlit")]
    stream = f"{address.replace('http', 'ws')}/_stcore/stream"
    times = []
    async with websockets.connect(stream, subprotocols=spoken, max_size=None) as socket:
        for visit in range(VISITS):
            page = names[(number + visit) % len(names)]
            began = time.perf_counter()
            await socket.send(request("" if page == "ueberblick" else page))
            await finished(socket, page)
            times.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(thinking)
    return times


def request(page: str) -> bytes:
    """The message a browser sends to see a page."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    message.rerun_script.page_name = page
    content: bytes = message.SerializeToString()
    return content


async def finished(socket: Any, page: str) -> None:
    """Read until the script has ended. Raises RuntimeError if it shows an exception."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    while True:
        message = ForwardMsg()
        message.ParseFromString(await socket.recv())
        if message.WhichOneof("type") == "delta" and message.delta.new_element.HasField(
            "exception"
        ):
            raise RuntimeError(f"{page}: {message.delta.new_element.exception.message}")
        if message.WhichOneof("type") == "script_finished":
            return


if __name__ == "__main__":
    main()
