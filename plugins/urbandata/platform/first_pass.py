"""The first pass: asks every source once through Airflow and follows it to a published build."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from urbandata import serving, storage, transform
from urbandata.errors import UrbandataError
from urbandata.platform.airflow_api import AirflowApi, Run
from urbandata.settings import Settings
from urbandata.storage import Entry

BUILD = "build_warehouse"
DONE = ("success", "failed")
WORDS = {"success": "geladen", "failed": "fehlgeschlagen", "skipped": "nichts Neues"}
POLL_S = 2.0
NEWS_EVERY_S = 15.0
PARSE_LIMIT_S = 180.0
PASS_LIMIT_S = 3600.0
WIRING = ("due", "load", "announce", "watch")  # tasks that bring no data themselves
BUILD_GRACE_S = 10.0  # between two builds, should one not have seen all rows


@dataclass(slots=True)
class FirstPass:
    """One pass through all ingest DAGs, then one build for all of them.

    ``alive`` raises when a part of the platform has ended.
    """

    settings: Settings
    api: AirflowApi
    tell: Callable[[str], None]
    alive: Callable[[], None] = lambda: None
    told: set[tuple[str, str]] = field(default_factory=set)
    old_builds: set[Run] = field(default_factory=set)
    began: float = field(default_factory=time.time)

    def run(self) -> None:
        """Trigger, follow, build. Raises UrbandataError if nothing gets published."""
        self.api.ensure_pools(self.settings.pools_path)
        self._until(self._parsed, PARSE_LIMIT_S, "Airflow finds no DAGs; look at data/logs")
        wanted = sorted(d for d in self.api.dag_ids() if d.startswith("ingest_"))
        self.old_builds = set(self.api.run_states(BUILD))
        self.api.pause(BUILD, paused=True)  # one build for all, not one for each measure
        active = {r.dag_id: r for r, state in self.api.run_states().items() if state not in DONE}
        runs = {active.get(dag_id) or self.api.trigger(dag_id) for dag_id in wanted}
        self.tell(f"{len(runs)} Ladeläufe begonnen")
        self._load(runs)
        if not self._checked():
            return self._without_data()
        return self._publish()

    def _load(self, runs: set[Run]) -> None:
        """Follow the runs to their end; builds may start again whatever happens."""
        late = "the first pass takes too long; look at Airflow's page and data/logs"
        try:
            self._until(
                lambda: self._ingested(runs), PASS_LIMIT_S, late, news=lambda: self._news(runs)
            )
        finally:
            self.api.pause(BUILD, paused=False)

    def _parsed(self) -> bool:
        errors = self.api.import_errors()
        if errors:
            raise UrbandataError(f"a DAG file cannot be read: {errors[0]}")
        found = self.api.dag_ids()
        return BUILD in found and any(d.startswith("ingest_") for d in found)

    def _ingested(self, runs: set[Run]) -> bool:
        """Whether all runs are done; tells each task that has ended since the last look."""
        for (dag_id, task), state in sorted(self.api.task_states(runs).items()):
            if (dag_id, task) in self.told or state not in WORDS or task in WIRING:
                continue
            self.told.add((dag_id, task))
            if state == "skipped" and self.settings.mode == "inbox":
                continue  # no source is asked, only files are taken in
            rows = self._new("" if task == "take_in" else task)[1] if state == "success" else 0
            count = f", {_number(rows)} Zeilen" if rows else ""
            self.tell(f"{dag_id.removeprefix('ingest_')}: {task} {WORDS[state]}{count}")
        states = self.api.run_states()
        return all(states.get(run) in DONE for run in runs)

    def _news(self, runs: set[Run]) -> None:
        """Which sources are being fetched or checked, and the rows so far."""
        states = self.api.task_states(runs)
        busy = sorted(
            task for (_, task), s in states.items() if s == "running" and task not in WIRING
        )
        waiting = sum(s in (None, "scheduled", "queued", "up_for_retry") for s in states.values())
        payloads, rows = self._new()
        self.tell(
            f"… {_number(rows)} Zeilen aus {_number(payloads)} Antworten geprüft; "
            f"läuft: {', '.join(busy) or '–'}; {waiting} warten"
        )

    def _publish(self) -> None:
        """Start a build unless one is under way, and wait until all checked payloads are in."""
        self.tell("Lager wird gebaut und geprüft")
        began = told = time.time()
        idle_since = time.monotonic() - BUILD_GRACE_S
        deadline = time.monotonic() + PASS_LIMIT_S
        while not self._published():
            self.alive()
            runs = self.api.run_states(BUILD)
            ours = [state for run, state in runs.items() if run not in self.old_builds]
            if any(state not in DONE for state in runs.values()):
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > BUILD_GRACE_S:
                if ours[:1] == ["failed"]:  # the newest has seen all rows
                    return self._build_failed()
                self.api.trigger(BUILD)
                idle_since = time.monotonic()
            if time.time() - told > NEWS_EVERY_S:
                told = time.time()
                self._build_news(began)
            if time.monotonic() > deadline:
                raise UrbandataError(f"{BUILD} takes too long; look at Airflow's page")
            time.sleep(POLL_S)
        return self.tell(f"veröffentlicht: {self._in_service()}")

    def _build_news(self, began: float) -> None:
        """How far the build is; how long it has taken, while it is being loaded."""
        nodes = transform.progress(self.settings, began)
        far = "{} von {} Modellen und Prüfungen".format(*map(_number, nodes)) if nodes else ""
        self.tell(f"… {far or f'seit {time.time() - began:.0f} s wird geladen'}")

    def _published(self) -> bool:
        """Whether every checked payload is in the build in service."""
        try:
            (row,) = serving.rows(self.settings, "SELECT count(*) AS n FROM ops.payloads")
        except UrbandataError:
            return False
        return bool(row["n"] >= self._checked())

    def _build_failed(self) -> None:
        """A failed build leaves the last good one in service; without one there is nothing."""
        build = self._in_service()
        where = "its log is in Airflow's page and under data/airflow/logs"
        if not build:
            raise UrbandataError(f"{BUILD} failed and no build is published yet; {where}")
        self.tell(f"Achtung: Der neue Bau ist fehlgeschlagen, es bleibt bei {build} ({where})")

    def _without_data(self) -> None:
        """No payload yet: an empty inbox is no fault, silent sources are one."""
        if self.settings.mode != "inbox":
            raise UrbandataError("no source brought any data; Airflow's task logs say why")
        self.tell(f"Achtung: In {self.settings.inbox_dir} liegen noch keine Dateien")

    def _in_service(self) -> str:
        try:
            return serving.current_path(self.settings).stem
        except UrbandataError:
            return ""

    def _checked(self) -> int:
        """Payloads that have passed through the door check, ever."""
        return len(self._outcome_files())

    def _new(self, source: str = "") -> tuple[int, int]:
        """Payloads checked in this pass, and rows accepted from them."""
        store = storage.of(self.settings)
        new = [e for e in self._outcome_files(source) if e.written_at >= self.began]
        return len(new), sum(json.loads(content)["accepted"] for content in store.read(new))

    def _outcome_files(self, source: str = "") -> list[Entry]:
        return storage.of(self.settings).files(f"outcomes/{source}".rstrip("/"), ".json")

    def _until(
        self,
        ready: Callable[[], bool],
        limit_s: float,
        late: str,
        news: Callable[[], None] | None = None,
    ) -> None:
        """Wait for ``ready``; ``news`` is called now and then. Raises UrbandataError after all."""
        began = told = time.monotonic()
        while not ready():
            self.alive()
            now = time.monotonic()
            if now - began > limit_s:
                raise UrbandataError(late)
            if news and now - told > NEWS_EVERY_S:
                told = now
                news()
            time.sleep(POLL_S)


def first_pass(settings: Settings, base_url: str, tell: Callable[[str], None]) -> None:
    """Run the first pass against an Airflow that somebody else keeps running."""
    api = AirflowApi(base_url)
    pass_ = FirstPass(settings, api, tell)
    try:
        pass_.run()
    except httpx.HTTPError as error:
        raise UrbandataError(f"Airflow at {base_url} does not answer: {error}") from error


def _number(count: int) -> str:
    """German thousands."""
    return f"{count:,}".replace(",", ".")
