"""First step of the way: ask a source, land every answer, record every attempt.

Requests of one source are independent chains: one that fails is recorded and the others go on.
A window counts as covered only when every chain of it succeeded, so a gap is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from urbandata import storage
from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError
from urbandata.landing import (
    Attempt,
    Covered,
    Ledger,
    RawZone,
    new_run_id,
    payload_id,
    sha256,
    utc_now,
)
from urbandata.registry import Source
from urbandata.settings import Settings
from urbandata.transport import RETRIED, Answer, Transport, Validators

MAX_PAGES = 20_000
GIVE_UP_AFTER = 3
DEMO_KEY = "demo"  # people of the demo city are invented; real ones are never hashed with it


@dataclass(slots=True)
class FetchRun:
    """What one run of a source did: counts by outcome and the failures in words."""

    source: str
    run_id: str
    windows: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        """One more attempt with this outcome."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


def due_windows(source: Source, ledger: Ledger, origin: str, now: datetime) -> list[Window]:
    """Windows of an interval source that are not covered yet, oldest first.

    The last ``overlap`` is always asked again, because values arrive late or are corrected.
    """
    rule = source.window
    if rule is None:
        return [Window(now, now)]
    start = min(source.history_start(now, origin), now)
    covered = ledger.covered(source.source, origin)
    fixed_until = max((w.end for w in covered), default=start) - rule.overlap
    gaps = _gaps(covered, start, max(start, fixed_until))
    return [
        w for gap in [*gaps, Window(max(start, fixed_until), now)] for w in split(gap, rule.size)
    ]


def is_due(source: Source, ledger: Ledger, origin: str, now: datetime) -> bool:
    """Whether the source's own pace asks for a fetch now (with a tenth of tolerance)."""
    last = last_success(source.source, ledger, origin)
    return last is None or now - last >= source.schedule.every * 0.9


def last_success(source: str, ledger: Ledger, origin: str) -> datetime | None:
    """When a window of the source was last covered."""
    times = [
        line["at"]
        for line in ledger.lines(source)
        if line["kind"] == "window" and line["origin"] == origin
    ]
    return datetime.fromisoformat(max(times)) if times else None


class Fetcher:
    """Fetches one source into the raw zone, writing the ledger as it goes."""

    def __init__(
        self,
        source: Source,
        settings: Settings,
        transport: Transport,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.source = source
        self.settings = settings
        self.transport = transport
        self.now = now
        store = storage.of(settings)
        self.zone, self.ledger = RawZone(store), Ledger(store)
        self.run = FetchRun(source.source, new_run_id())
        self._module = source.module("fetch")
        self._in_a_row = 0
        self._seen: set[str] = set()
        self._newest: dict[tuple[str, str], str] = {}  # what landed last, by question
        self._versions: dict[str, Validators] = {}
        for attempt in self.ledger.attempts(source.source):
            if attempt.origin == settings.origin:
                self._remember(attempt)

    def fetch(self, windows: Iterable[Window]) -> FetchRun:
        """Ask for every window; failures are recorded in the run, not raised."""
        for window in windows:
            self.run.windows += 1
            requests = self._module.requests(window, self.source)
            chains = [self._chain(r, window) for r in requests if not self._given_up()]
            if self._given_up():
                self.run.failures.append(
                    f"{self.source.source}: gave up after {GIVE_UP_AFTER} failures in a row; "
                    f"{window} and later are asked again next time"
                )
                break
            if all(chains):
                covered = Covered(self.source.source, self.settings.origin, window)
                self.ledger.cover(self.run.run_id, covered)
        return self.run

    def _given_up(self) -> bool:
        """Whether the service seems to be down: going on would only burden it and us."""
        return self._in_a_row >= GIVE_UP_AFTER

    def _chain(self, first: Request, window: Window) -> bool:
        """Ask one request and all pages that follow from it; whether all succeeded."""
        queue = [first]
        for _ in range(MAX_PAGES):
            if not queue:
                return True
            request = queue.pop(0)
            try:
                queue[:0] = self._ask(request, window)
                self._in_a_row = 0
            except FetchError as error:
                self._in_a_row += error.kind in RETRIED
                self._fail(request, window, error)
                return False
        self._fail(
            first, window, FetchError("client", f"more than {MAX_PAGES} pages; paging loops")
        )
        return False

    def _ask(self, request: Request, window: Window) -> Iterable[Request]:
        started = self.now()
        versions = self._versions.get(request.resource) if request.conditional else None
        answer = self.transport.ask(request, versions)
        payload = self._land(request, window, answer, started)
        follow = getattr(self._module, "follow", None)
        if follow is None or payload is None:
            return []
        return list(follow(request, payload, self.source))

    def _land(
        self, request: Request, window: Window, answer: Answer, started: datetime
    ) -> Payload | None:
        """Raw bytes, then the ledger line. None where there is nothing to follow."""
        common = self._common(request, window, started, answer)
        if answer.status in (304, 404):
            outcome = "not_modified" if answer.status == 304 else "missing"  # noqa: PLR2004
            self._record(outcome=outcome, **common)
            return None
        if not request.land:
            return self._payload(request, answer, answer.content, "", "")
        content = self._stripped(answer.content, request.resource)
        digest = sha256(content)
        snapshot = answer.finished_at if self.source.identity == "snapshot" else None
        identity = payload_id(request.resource, digest, snapshot)
        seen = identity in self._seen
        known = seen and self._newest.get(self._question(request, window), digest) == digest
        if seen and not known:  # an earlier state is back, which is news
            identity = payload_id(request.resource, digest, answer.finished_at)
        path = (
            self.zone.put(
                self.source.source, digest, content, request.extension, answer.finished_at
            )
            if not known
            else ""
        )
        self._record(
            outcome="unchanged" if known else "landed",
            bytes=len(content),
            sha256=digest,
            raw_path=path,
            payload_id=identity,
            **common,
        )
        return self._payload(request, answer, content, digest, identity)

    def _question(self, request: Request, window: Window) -> tuple[str, str]:
        """What of a request says which answers follow each other: the newest of them counts.

        A resource asked conditionally is a file, whatever the window; so is any of a source
        without windows. Elsewhere another window has another answer, which is no change.
        """
        is_file = self.source.kind == "now" or request.conditional
        span = f"{window.start.isoformat()}/{window.end.isoformat()}"
        return request.resource, "" if is_file else span

    def _payload(
        self, request: Request, answer: Answer, content: bytes, digest: str, identity: str
    ) -> Payload:
        return Payload(
            content=content,
            resource=request.resource,
            extension=request.extension,
            fetched_at=answer.finished_at,
            origin=self.settings.origin,
            sha256=digest,
            payload_id=identity,
            url=answer.url,
        )

    def _stripped(self, content: bytes, resource: str) -> bytes:
        strip = getattr(self._module, "strip", None)
        key = self.settings.pseudonym_key or (DEMO_KEY if self.settings.origin == "demo" else "")
        return content if strip is None else strip(content, resource, key)

    def _fail(self, request: Request, window: Window, error: FetchError) -> None:
        self.run.failures.append(f"{self.source.source}: {request.resource}: {error}")
        common = self._common(request, window, self.now(), None)
        self._record(
            outcome="failed", status=error.status, error_kind=error.kind, error=str(error), **common
        )

    def _common(
        self, request: Request, window: Window, started: datetime, answer: Answer | None
    ) -> dict[str, Any]:
        common: dict[str, Any] = {
            "resource": request.resource,
            "url": answer.url if answer else f"{self.transport.base_url}/{request.path}",
            "extension": request.extension,
            "started_at": started.isoformat(),
            "window_start": window.start.isoformat(),
            "window_end": window.end.isoformat(),
        }
        if answer is None:
            return {**common, "finished_at": self.now().isoformat()}
        return {
            **common,
            "finished_at": answer.finished_at.isoformat(),
            "status": answer.status,
            "tries": answer.tries,
            "etag": answer.etag,
            "last_modified": answer.last_modified,
        }

    def _record(self, **fields: Any) -> None:
        number = sum(self.run.outcomes.values()) + 1
        attempt = Attempt(
            attempt_id=f"{self.run.run_id}-{number:05d}",
            run_id=self.run.run_id,
            source=self.source.source,
            origin=self.settings.origin,
            **fields,
        )
        self.ledger.record(attempt)
        self.run.count(attempt.outcome)
        self._remember(attempt)

    def _remember(self, attempt: Attempt) -> None:
        if attempt.outcome == "landed":
            self._seen.add(attempt.payload_id)
            for span in ("", f"{attempt.window_start}/{attempt.window_end}"):
                self._newest[attempt.resource, span] = attempt.sha256
        if attempt.outcome in ("landed", "unchanged"):
            self._versions[attempt.resource] = Validators(attempt.etag, attempt.last_modified)


def _gaps(covered: list[Window], start: datetime, end: datetime) -> list[Window]:
    """Parts of ``[start, end)`` that no covered window contains."""
    gaps, at = [], start
    for window in sorted(covered, key=lambda w: w.start):
        if window.start > at:
            gaps.append(Window(at, min(window.start, end)))
        at = max(at, window.end)
        if at >= end:
            break
    if at < end:
        gaps.append(Window(at, end))
    return [g for g in gaps if g.end > g.start]


def split(window: Window, size: timedelta) -> list[Window]:
    """The window in pieces of at most ``size``."""
    pieces, at = [], window.start
    while at < window.end:
        pieces.append(Window(at, min(at + size, window.end)))
        at += size
    return pieces
