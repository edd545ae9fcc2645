"""``make run`` and ``make stop``: starts the embedded platform, shows progress, stops it.

Demo city, Airflow and the dashboards run as processes of their own on loopback. A second start
picks up where the first was; Ctrl-C stops everything that was started.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

import httpx

from urbandata.airflow_api import AirflowApi
from urbandata.errors import ConfigError, UrbandataError
from urbandata.landing import new_run_id
from urbandata.platform_parts import Part, airflow_url, dashboard_url, parts
from urbandata.platform_pass import FirstPass, first_pass
from urbandata.processes import Children, PidFile, port_free
from urbandata.settings import Settings

START_LIMIT_S = 180.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Platform:
    """The running platform of one data folder."""

    def __init__(
        self, settings: Settings, members: Sequence[Part], say: Callable[[str], None]
    ) -> None:
        self.settings = settings
        self.members = members
        self.say = say
        self.children = Children(new_run_id(), settings.data_dir / "logs")
        self.began = time.monotonic()

    def start(self) -> None:
        """Start all parts and wait until each answers."""
        self._assert_startable()
        for part in self.members:
            self.children.start(part.name, part.command, part.env)
        self.tell(f"{', '.join(p.title for p in self.members)}: gestartet")
        for part in self.members:
            self._wait(part)

    def watch(self) -> None:
        """Stay until a child ends; raises UrbandataError then."""
        while True:
            self.children.check()
            time.sleep(1.0)

    def tell(self, text: str) -> None:
        """A line of progress with the seconds since the start."""
        self.say(f"[{time.monotonic() - self.began:5.0f} s] {text}")

    def _wait(self, part: Part) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while not answers(part.health_url):
            self.children.check()
            if time.monotonic() > deadline:
                log = self.children.log_path(part.name)
                raise UrbandataError(f"{part.name} does not answer; look at {log}")
            time.sleep(0.5)
        self.tell(f"{part.title} antwortet")

    def _assert_startable(self) -> None:
        inbox = self.settings.inbox_dir
        if self.settings.mode == "inbox" and not inbox.is_dir():
            raise ConfigError(f"the inbox {inbox} is not a folder; name one with INBOX=…")
        for part in self.members:
            if not port_free(part.port):
                raise ConfigError(
                    f"port {part.port} for {part.name} is taken; "
                    f"free it or choose another with {part.setting}"
                )


def answers(url: str) -> bool:
    """Whether the address answers with success."""
    try:
        return httpx.get(url, timeout=5.0).is_success
    except httpx.HTTPError:
        return False


def fill(platform: Platform) -> None:
    """Wait for Airflow's own parts and run the first pass."""
    api = AirflowApi(airflow_url(platform.settings))
    deadline = time.monotonic() + START_LIMIT_S
    while not api.healthy():
        platform.children.check()
        if time.monotonic() > deadline:
            raise UrbandataError("Airflow's scheduler does not start; look at data/logs")
        time.sleep(0.5)
    FirstPass(platform.settings, api, platform.tell, platform.children.check).run()


def run(
    settings: Settings,
    members: Sequence[Part] | None = None,
    first: Callable[[Platform], None] = fill,
) -> int:
    """Start, stay, stop. Exit code 0 after Ctrl-C or SIGTERM, 1 after an error.

    Raises UrbandataError if a platform is running on this data folder already.
    """
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    pid_file = _pid_file(settings)
    platform = Platform(settings, parts(settings) if members is None else members, _say)
    if pid_file.claim(platform.children.mark):
        _say("Reste einer früheren Plattform beendet")
    try:
        platform.start()
        first(platform)
        _say(ready_line(settings))
        platform.watch()
    except KeyboardInterrupt:
        _say("\nBeende alles …")
        return 0
    except (UrbandataError, httpx.HTTPError) as error:
        return _failed(error)
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        platform.children.stop()
        pid_file.release()
    return 0


def ready_line(settings: Settings) -> str:
    """The line that says where to go."""
    return f"Bereit: Dashboards {dashboard_url(settings)}  Airflow {airflow_url(settings)}"


def stop(settings: Settings) -> int:
    """Stop a platform that runs elsewhere, or what a killed one has left.

    Raises UrbandataError if it does not stop.
    """
    stopped = _pid_file(settings).stop_owner()
    print("Beendet." if stopped else "Es läuft keine Plattform.")
    return 0


def become(settings: Settings, name: str) -> NoReturn:
    """Turn this process into one part of the platform, as containers do.

    Raises ConfigError if a platform in this mode has no such part.
    """
    found = {p.name: p for p in parts(settings)}
    if name not in found:
        raise ConfigError(f"no part '{name}' here; choose one of {', '.join(found)}")
    part = found[name]
    os.execvpe(part.command[0], part.command, {**os.environ, **part.env})  # noqa: S606


def fill_elsewhere(settings: Settings) -> int:
    """The first pass against an Airflow that is not our child. Raises UrbandataError."""
    first_pass(settings, airflow_url(settings), _say)
    _say(ready_line(settings))
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


def _pid_file(settings: Settings) -> PidFile:
    return PidFile(settings.data_dir / "run" / "platform.json")


def _failed(error: Exception) -> int:
    print(f"urbandata: {error}", file=sys.stderr, flush=True)
    return 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Command line of the supervisor."""
    parser = argparse.ArgumentParser(prog="python -m urbandata.platform", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("run", help="start everything and stay")
    actions.add_parser("stop", help="stop a platform that runs elsewhere")
    actions.add_parser("first-pass", help="load every source once through a running Airflow")
    actions.add_parser("part", help="be one part of the platform").add_argument("name")
    arguments = parser.parse_args()
    try:
        return _act(arguments.action, Settings.from_env(), getattr(arguments, "name", ""))
    except UrbandataError as error:
        return _failed(error)


def _act(action: str, settings: Settings, name: str) -> int:
    if action == "part":
        become(settings, name)
    if action == "stop":
        return stop(settings)
    return run(settings) if action == "run" else fill_elsewhere(settings)


if __name__ == "__main__":
    sys.exit(main())
