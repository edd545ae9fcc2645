"""How long the dashboards take: server time of a rerun, and first useful paint in Chromium.

``python benchmarks/pages.py [--data DIR] [--runs N] [--check]`` on a published build. A rerun is
what happens when a reader changes a filter: the page's script from start to end, in this process,
first as it was and then with another choice. Paint is measured against a server of its own from
the click to the first figures on the screen. With ``--check`` the command fails above the limits.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RERUN_MS, PAINT_MS = 300, 2000
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu"]
# page: what is useful on it, and choices to go through
PAGES: dict[str, tuple[str, list[dict[str, str]]]] = {
    "ueberblick": (".overview .figure", [{}]),
    "handlungsfelder": (".kpi-card", [{"hf": f"hf{i}"} for i in range(1, 5)]),
    "massnahmen": (".kpi-card", [{"m": m} for m in ("environment", "cleema", "traffic")]),
    "cleema": (".kpi-value", [{"zus": str(z)} for z in (30, 50, 70)]),
    "finanzierung": (".kpi-card", [{"m": m} for m in ("programme", "cleema", "traffic")]),
    "umwelt": (".kpi-value", [{"period": p} for p in ("7", "30", "90", "365")]),
    "datenlage": (".kpi-value", [{"source": s} for s in ("pegelonline", "uba_air", "dwd_rain")]),
    "forschung": (".summary", [{"mart": m} for m in ("kpi_values", "fct_gauge_levels")]),
}  # fmt: skip


def main() -> None:
    """Measure, print a table, and fail if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", default=os.environ.get("URBANDATA_DATA_DIR", ROOT / "data"))
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    os.environ["URBANDATA_DATA_DIR"] = str(asked.data)
    sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "dashboards")]
    print(f"{'page':<16} {'p50':>8} {'p95':>8} {'CPU p95':>8} {'paint':>8}   ms")
    slow = []
    with server() as address:
        for page, (useful, choices) in PAGES.items():
            wall, cpu = reruns(page, choices, asked.runs)
            shown = paint(f"{address}/{'' if page == 'ueberblick' else page}", useful)
            p95, p95_cpu = quantile(wall), quantile(cpu)
            figures = (statistics.median(wall), p95, p95_cpu, shown)
            print(f"{page:<16} " + " ".join(f"{ms:>8.0f}" for ms in figures))
            slow += [page] if p95 > RERUN_MS or shown > PAINT_MS else []
    print(f"limits: rerun p95 {RERUN_MS} ms, first useful paint {PAINT_MS} ms")
    if slow and asked.check:
        sys.exit(f"too slow: {', '.join(slow)}")


def quantile(times: list[float]) -> float:
    """The 95 % quantile in milliseconds."""
    return statistics.quantiles(times, n=20, method="inclusive")[18]


def reruns(page: str, choices: list[dict[str, str]], runs: int) -> tuple[list[float], list[float]]:
    """Wall and CPU time of reruns in ms, the script alone; each choice is seen once before."""
    import streamlit.runtime.scriptrunner.script_runner
    from streamlit import config
    from streamlit.testing.v1 import AppTest

    # Without a server nobody has read .streamlit/config.toml, and the app lets nobody in.
    config.set_option("server.address", "127.0.0.1")

    runner: Any = streamlit.runtime.scriptrunner.script_runner  # what is timed is not exported
    wall: list[float] = []
    cpu: list[float] = []
    original = runner.exec_func_with_error_handling

    def timed(*arguments: Any, **options: Any) -> Any:
        began, began_cpu = time.perf_counter(), time.thread_time()
        result = original(*arguments, **options)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.thread_time() - began_cpu))
        return result

    runner.exec_func_with_error_handling = timed
    try:
        app = AppTest.from_file(str(ROOT / "dashboards" / "leadership.py"), default_timeout=120)
        if page != "ueberblick":
            app.switch_page(f"views/{page}.py")
        for i in range(len(choices) + runs):
            for name, value in choices[i % len(choices)].items():
                app.query_params[name] = value
                if f"widget_{name}" in app.session_state:
                    app.session_state[f"widget_{name}"] = int(value) if name == "zus" else value
            app.run()
            if app.exception:
                sys.exit(f"{page}: {app.exception[0].value}")
            if not any("page-footer" in str(html.proto) for html in app.get("html")):
                sys.exit(f"{page}: the page did not come to its end")
    finally:
        runner.exec_func_with_error_handling = original
    return wall[len(choices) :], cpu[len(choices) :]


def paint(address: str, useful: str) -> float:
    """Milliseconds from opening the address to the first useful element; best of three visits."""
    from playwright.sync_api import sync_playwright

    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for _ in range(3):
            visit = browser.new_page(viewport={"width": 1440, "height": 900})
            began = time.perf_counter()
            visit.goto(address, wait_until="commit")
            visit.locator(useful).first.wait_for(timeout=60_000)
            times.append(1000 * (time.perf_counter() - began))
            visit.close()
        browser.close()
    return min(times)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[str]:
    """Streamlit on a free port of loopback, as the platform starts it."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboards/leadership.py",
               "--server.port", str(port)]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT / 'dashboards'}"}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL,  # noqa: S603
                               stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.3)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    main()
