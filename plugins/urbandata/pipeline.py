"""The way through the house, step by step: what Airflow's tasks and the command line both call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from urbandata import (
    backlog,
    data_docs,
    inbox,
    links,
    news,
    registry,
    serving,
    storage,
    transform,
    warehouse,
)
from urbandata.bronze import Bronze, Outcome, newest
from urbandata.contract import Window
from urbandata.errors import UrbandataError
from urbandata.fetching import Fetcher, FetchRun, due_windows, is_due, split
from urbandata.landing import UNKNOWN, Ledger, new_run_id, utc_now
from urbandata.registry import Source
from urbandata.report import editions
from urbandata.settings import Settings
from urbandata.transport import Transport, secrets_of

log = logging.getLogger(__name__)
Say = Callable[[str], None]


@dataclass(slots=True)
class Ingested:
    """What one ingest of one source did, in counts and sentences."""

    source: str
    outcomes: dict[str, int] = field(default_factory=dict)
    payloads: int = 0
    parsed: int = 0
    accepted: int = 0
    quarantined: int = 0
    newest_event_at: str | None = None
    sha256: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count one processed payload."""
        self.payloads += 1
        self.parsed += outcome.parsed
        self.accepted += outcome.accepted
        self.quarantined += outcome.quarantined
        self.sha256.append(outcome.sha256)
        self.newest_event_at = newest([self.newest_event_at, outcome.newest_event_at])
        if outcome.state != "accepted":
            self.problems.append(outcome.message)

    def __str__(self) -> str:
        asked = ", ".join(f"{n} {o}" for o, n in sorted(self.outcomes.items())) or "nothing asked"
        return (
            f"{self.source}: {asked}; {self.payloads} payloads, {self.parsed} rows parsed, "
            f"{self.accepted} accepted, {self.quarantined} quarantined"
        )


def due_sources(settings: Settings, measure: str, now: datetime | None = None) -> list[str]:
    """Sources of a measure that should be asked now, by their own schedule.

    None in mode inbox, where files are taken in; sources without an address only ever get files.
    """
    at, ledger = now or utc_now(), Ledger(storage.of(settings))
    members = [
        s for s in registry.sources().values() if s.measure == measure and _asked(s, settings)
    ]
    return [s.source for s in members if is_due(s, ledger, settings.origin, at)]


def ingest(name: str, settings: Settings, windows: Sequence[Window] | None = None) -> Ingested:
    """Fetch, parse, check and store one source. Without windows: what is due.

    A source that cannot be asked is one of the ``problems``, as is each failed request, which is
    in the ledger, too; what landed before is processed all the same. Raises what
    ``backlog.process`` raises.
    """
    source = registry.source(name)
    ingested = Ingested(name)
    if _asked(source, settings):
        try:
            run = fetch(source, settings, windows)
        except UrbandataError as error:
            ingested.problems.append(str(error))
        else:
            ingested.outcomes = run.outcomes
            ingested.problems += run.failures
    for outcome in backlog.process(settings, source):
        ingested.add(outcome)
    return ingested


def windows_between(name: str, first: str, last: str, now: datetime | None = None) -> list[Window]:
    """The days from ``first`` to ``last`` (ISO, in UTC) in windows of the source's own size.

    What has not happened yet is left out. Raises UrbandataError if a day is missing or no date, or
    if they are the wrong way round.
    """
    try:
        start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
    except (TypeError, ValueError) as error:
        raise UrbandataError(f"from {first!r} to {last!r}: both must be dates") from error
    if end < start:
        raise UrbandataError(f"from {first} to {last}: the wrong way round")
    rule, until = registry.source(name).window, min(end + timedelta(days=1), now or utc_now())
    return split(Window(start, until), rule.size) if rule and start < until else []


def _asked(source: Source, settings: Settings) -> bool:
    return settings.mode == "demo" or (settings.mode == "live" and bool(source.url))


def fetch(source: Source, settings: Settings, windows: Sequence[Window] | None) -> FetchRun:
    """Fetch the windows (default: those due) of one source into the raw zone.

    Raises ConfigError if a secret of the source, or the key for hashes it needs, is not set.
    """
    base = f"{settings.demo_url}/{source.source}" if settings.mode == "demo" else source.url
    demo = settings.mode == "demo"
    source = (source.as_demo() if demo else source).since(settings.history_from)
    if "links_of" in source.options:  # what is asked follows from what other sources brought
        source = links.with_due(source, settings, utc_now())
    secrets = dict.fromkeys(source.requires, "demo") if demo else secrets_of(source)
    with Transport(source, base, pace=not demo, secrets=secrets) as transport:
        fetcher = Fetcher(source, settings, transport)
        if windows is None:
            windows = due_windows(source, fetcher.ledger, settings.origin, utc_now())
        return fetcher.fetch(windows)


def ingest_inbox(settings: Settings, names: Iterable[str] | None = None) -> list[Ingested]:
    """Land all inbox files and process those of the named sources (default: all).

    A file that cannot be taken in is among the problems of its source; the others go on.
    """
    counts: dict[str, dict[str, int]] = {}
    failures: dict[str, list[str]] = {}
    for attempt in inbox.land_files(settings, registry.sources()):
        by_outcome = counts.setdefault(attempt.source, {})
        by_outcome[attempt.outcome] = by_outcome.get(attempt.outcome, 0) + 1
        if attempt.outcome == "failed":
            failures.setdefault(attempt.source, []).append(attempt.error)
    results = []
    wanted = set(names) if names else set(registry.sources())
    for name in sorted(wanted & set(counts)):
        ingested = Ingested(name, outcomes=counts[name], problems=failures.get(name, []))
        for outcome in backlog.process(settings, registry.source(name)):
            ingested.add(outcome)
        results.append(ingested)
    stray = failures.get(UNKNOWN, [])
    unknown = Ingested(UNKNOWN, outcomes=counts.get(UNKNOWN, {}), problems=stray)
    for outcome in Bronze(settings).note_unknown():
        unknown.add(outcome)
    return [*results, unknown] if counts.get(UNKNOWN) else results


def unbuilt(settings: Settings) -> int:
    """Checked payloads that are not in the build in service yet."""
    checked = len(storage.of(settings).files("outcomes", ".json", sizes=False))
    try:
        (row,) = serving.rows(settings, "SELECT count(*) AS n FROM ops.payloads")
    except UrbandataError:
        return checked  # nothing is published yet
    return max(0, checked - int(row["n"]))


def load(settings: Settings, measure: str) -> warehouse.Loaded | None:
    """Load what a measure's sources have brought, on a lake beside the loads of other measures.

    None while a build has the lake to itself: nobody waits that long, the next build loads it.
    """
    if warehouse.held_alone(settings):
        return None
    members = [s.source for s in registry.sources().values() if s.measure == measure]
    return warehouse.load_new(settings, registry.sources(), members)


def build(settings: Settings, say: Say = log.info, full_refresh: bool = False) -> transform.Build:
    """Load, transform, publish. Raises UrbandataError if dbt fails; the last build stays.

    Tables are rebuilt in full when the dbt code has changed since the last good build; else only
    what follows from new rows is built and tested. Builds and replays wait for each other.
    """
    with warehouse.building(settings):
        return _build(settings, say, full_refresh)


def _build(settings: Settings, say: Say, full_refresh: bool = False) -> transform.Build:
    build_id = new_run_id()
    code = transform.code_hash(settings)
    loaded = warehouse.load_new(settings, registry.sources())
    with warehouse.writing(settings) as con:
        todo = news.since_last_build(con, "" if full_refresh else code)
        news.begin(con, build_id, todo, code)
    say(f"load {loaded.load_id}: {loaded.payloads} payloads, {sum(loaded.rows.values())} rows")
    built = warehouse.until_there(settings, lambda: _transform(settings, build_id, todo.arguments))
    warehouse.until_there(settings, lambda: record(settings, built, todo, code))
    say(f"build {build_id}: {built.models} models, {built.tests} tests, {built.failed} failed")
    if not built.ok:
        raise UrbandataError(f"build {build_id} failed, the last build stays: {built.message}")
    path = warehouse.publish(settings, build_id, settings.origin, base_of(built, todo))
    data_docs.write(settings)
    say(f"published {path.name}")
    return built


def base_of(built: transform.Build, todo: news.News) -> warehouse.Base | None:
    """The last published build, whose other tables are as this build found them."""
    made = {name for _, _, name, kind, *_ in built.results if kind in transform.MODELS}
    return warehouse.Base(todo.based_on, made) if todo.based_on else None


def _transform(settings: Settings, build_id: str, arguments: Sequence[str]) -> transform.Build:
    """One dbt build. Raises UrbandataError if models failed only because a server was away."""
    with warehouse.locked(settings):
        built = transform.build(settings, build_id, arguments)
    if not built.ok and settings.lake_dsn and warehouse.is_away(built.message):
        raise UrbandataError(f"build {build_id} was interrupted: {built.message}")
    return built


def record(settings: Settings, built: transform.Build, todo: news.News, code: str) -> None:
    """Write the build to ``ops``, with all that stands in it."""
    with warehouse.writing(settings) as con:
        whole = news.with_kept(con, built, todo)
        news.note(con, whole, "published" if built.ok else "failed", todo, code)


def maintain(settings: Settings, keep_days: float = warehouse.KEEP_DAYS) -> dict[str, int]:
    """Tidy a lake and a ledger in S3; what was done, in counts.

    Snapshots that an edition of the report rests on stay. Raises UrbandataError where there is
    nothing to tidy.
    """
    done: dict[str, int] = {}
    if settings.lake_dsn or not settings.storage:
        tidied = warehouse.maintain(settings, keep_days, editions.snapshots(settings))
        done = asdict(tidied)
    if settings.storage:
        ledger = Ledger(storage.of(settings))
        done["sealed"] = sum(ledger.seal(s, utc_now()) for s in ledger.sources())
    return done


def is_outdated(settings: Settings) -> bool:
    """Whether the warehouse file was filled by an older version that read a source another way."""
    if settings.lake_dsn or not settings.warehouse_path.exists():
        return False
    with warehouse.writing(settings) as con:
        return bool(warehouse.outdated(con, registry.sources()))


def replay(settings: Settings, say: Say = log.info) -> transform.Build:
    """Rebuild everything from the raw zone and the ledger alone.

    A build that starts meanwhile waits: it would publish the half that is there.
    """
    with warehouse.building(settings):
        return _replay(settings, say)


def _replay(settings: Settings, say: Say) -> transform.Build:
    store = storage.of(settings)
    for folder in ("bronze", "quarantine", "outcomes"):
        store.remove(folder)
    warehouse.clear(settings)
    ledger = Ledger(store)
    for name in ledger.sources():
        if name in registry.sources():
            ingested = Ingested(name)
            for outcome in backlog.process(settings, registry.source(name)):
                ingested.add(outcome)
            say(str(ingested))
    list(Bronze(settings).note_unknown())
    return _build(settings, say)
