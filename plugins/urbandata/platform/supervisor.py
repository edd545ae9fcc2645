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
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import FrameType
from typing import NoReturn

import httpx

from urbandata import pipeline, storage, transform
from urbandata.errors import ConfigError, UrbandataError
from urbandata.platform import cluster
from urbandata.platform.airflow_api import AirflowApi
from urbandata.platform.first_pass import FirstPass, first_pass
from urbandata.platform.parts import (
    Part,
    airflow_env,
    airflow_program,
    airflow_url,
    citizens_url,
    dashboard_url,
    part,
    parts,
)
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
        self.children = Children(settings.data_dir / "logs")
        self.pid_file = PidFile(settings.data_dir / "run" / "platform.json")
        self.began = time.monotonic()

    def start(self) -> None:
        """Start all parts and wait until each answers."""
        self._assert_startable()
        self.bring_up_to_date()
        for member in self.members:
            self.children.start(member.name, member.command, member.env)
            self.pid_file.note(self.children.sessions)
            if member.once:
                self.wait(member.name, partial(self.children.finished, member.name))
        self.tell("alle Teile gestartet")
        for member in self.members:
            if member.health_url:
                self.wait(member.name, partial(answers, member.health_url))
                self.tell(f"{member.name} antwortet")

    def bring_up_to_date(self) -> None:
        """Read everything anew from the raw zone if an older version has filled the warehouse.

        Not a lake, which others may be using: there each load says what is to be done.
        """
        if pipeline.is_outdated(self.settings):
            self.tell("Eine ältere Fassung hat die Daten anders gelesen; alles wird neu gelesen")
            pipeline.replay(self.settings, self.tell)

    def watch(self) -> None:
        """Stay until a child ends; raises UrbandataError then."""
        while True:
            self.children.check()
            time.sleep(1.0)

    def tell(self, text: str) -> None:
        """A line of progress with the seconds since the start."""
        self.say(f"[{time.monotonic() - self.began:5.0f} s] {text}")

    def wait(self, name: str, ready: Callable[[], bool]) -> None:
        """Wait for a part. Raises UrbandataError if any part ends or this one takes too long."""
        deadline = time.monotonic() + START_LIMIT_S
        while not ready():
            self.children.check()
            if time.monotonic() > deadline:
                raise UrbandataError(f"{name} does not start; look at {self.children.log_dir}")
            time.sleep(0.3)

    def _assert_startable(self) -> None:
        inbox = self.settings.inbox_dir
        if self.settings.mode == "inbox" and not inbox.is_dir():
            raise ConfigError(f"the inbox {inbox} is not a folder; name one with INBOX=…")
        for member in self.members:
            if member.port and not port_free(member.port):
                raise ConfigError(
                    f"port {member.port} for {member.name} is taken; "
                    f"free it or choose another with {member.setting}"
                )


def answers(url: str) -> bool:
    """Whether the address answers with success."""
    try:
        return httpx.get(url, timeout=5.0).is_success
    except httpx.HTTPError:
        return False


def fill(platform: Platform) -> None:
    """Wait for all of Airflow and run the first pass."""
    api = AirflowApi(airflow_url(platform.settings))
    platform.wait("airflow", api.healthy)
    platform.tell("Airflow ist bereit, der erste Durchlauf beginnt")
    with transform.parsing(platform.settings):  # done long before the pass comes to its build
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
    platform = Platform(settings, parts(settings) if members is None else members, _say)
    if platform.pid_file.claim():
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
        platform.pid_file.release()
    return 0


def ready_line(settings: Settings) -> str:
    """The line that says where to go."""
    return (
        f"Bereit: Dashboards {dashboard_url(settings)}  Bürgerseite {citizens_url(settings)}  "
        f"Airflow {airflow_url(settings)}"
    )


def stop(settings: Settings) -> int:
    """Stop a platform that runs elsewhere, or what a killed one has left.

    Raises UrbandataError if it does not stop.
    """
    stopped = PidFile(settings.data_dir / "run" / "platform.json").stop_owner()
    print("Beendet." if stopped else "Es läuft keine Plattform.")
    return 0


def become(command: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """Turn this process into another one, as containers do with a part."""
    os.execvpe(command[0], [*command], {**os.environ, **env})  # noqa: S606


def fill_elsewhere(settings: Settings) -> int:
    """The first pass against an Airflow that is not our child. Raises UrbandataError."""
    first_pass(settings, airflow_url(settings), _say)
    _say(ready_line(settings))
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


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
    actions.add_parser("buckets", help="create the buckets that are missing")
    actions.add_parser("first-pass", help="load every source once through a running Airflow")
    actions.add_parser("part", help="be one part of the platform").add_argument("name")
    actions.add_parser("healthy", help="exit code 0 if a part answers").add_argument("name")
    actions.add_parser("airflow", help="any command of this platform's Airflow", add_help=False)
    arguments, rest = parser.parse_known_args()
    if rest and arguments.action != "airflow":
        parser.error(f"unknown: {' '.join(rest)}")
    try:
        return _act(arguments.action, Settings.from_env(), getattr(arguments, "name", ""), rest)
    except UrbandataError as error:
        return _failed(error)


def _act(action: str, settings: Settings, name: str, rest: Sequence[str]) -> int:
    if action == "part":
        chosen = part(settings, name)
        if name == "airflow-api":
            cluster.write_passwords(os.environ)
        become(chosen.command, chosen.env)
    if action == "airflow":
        become([airflow_program(), *rest], airflow_env(settings))
    if action == "healthy":
        return 0 if answers(part(settings, name).health_url or airflow_url(settings)) else 1
    if action == "buckets":
        _say(f"Buckets: {', '.join(storage.prepare(settings)) or '–'}")
        return 0
    if action == "stop":
        return stop(settings)
    return run(settings) if action == "run" else fill_elsewhere(settings)
