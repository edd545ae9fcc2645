"""HTTP as the sources need it: time limits, retries by kind of failure, a polite pace.

Tried again: time-outs, broken connections, 429 (after Retry-After) and 5xx. Failing at once:
401/403, 404, other 4xx and ways to another host; trying those again helps nobody.
"""

from __future__ import annotations

import email.utils
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus, urljoin

import httpx
import tenacity

from urbandata import probing
from urbandata.contract import Request
from urbandata.errors import ConfigError, FetchError
from urbandata.landing import utc_now
from urbandata.registry import Source
from urbandata.settings import secret

MAX_TRIES = 4
MAX_WAIT_S = 60.0
MAX_REDIRECTS = 5
USER_AGENT = "urbandata/0.1 (urban data platform; research and public administration)"
RETRIED = frozenset({"timeout", "network", "rate_limited", "server"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer (2xx, 304 or a permitted 404) and what it took."""

    content: bytes
    status: int
    url: str
    finished_at: datetime
    etag: str
    last_modified: str
    tries: int


@dataclass(frozen=True, slots=True)
class Validators:
    """What the last answer said about its version; sent back to ask only for news."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """Headers of a conditional request, without what a header cannot hold."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value and value.isascii()}


class Transport:
    """Executes the requests of one source against one base address.

    ``{NAME}`` in headers, parameters and JSON is filled from ``secrets``; secrets never reach
    the ledger or an error message.
    """

    def __init__(
        self,
        source: Source,
        base_url: str,
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        pace: bool = True,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._base = httpx.URL(base_url)
        self._secrets = dict(secrets or {})
        self._sleep = sleep
        self._interval = source.min_interval.total_seconds() if pace else 0.0
        self._next_at = 0.0
        self._client = client or httpx.Client(
            timeout=source.timeout.total_seconds(),
            follow_redirects=True,  # of probes; other requests are followed step by step
            headers={"User-Agent": USER_AGENT},
        )

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def url(self, request: Request) -> str:
        """Absolute address. Raises FetchError if a link is none or leads to another host."""
        try:
            url = urljoin(f"{self.base_url}/", request.path)
            host = httpx.URL(url).netloc
        except (ValueError, httpx.InvalidURL) as error:
            raise self._failed("client", f"{request.path} is no address: {error}") from error
        if host != self._base.netloc:
            raise self._failed("redirected", self._leads_away(url))
        return url

    def ask(self, request: Request, validators: Validators | None = None) -> Answer:
        """The answer to ``request``. Raises FetchError after the last try."""
        if request.probes:
            return self._probed(request)
        headers = {**request.headers, **(validators or Validators()).headers()}
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_retrying),
            wait=_wait,
            stop=tenacity.stop_after_attempt(MAX_TRIES),
            sleep=self._sleep,
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                answer = self._once(request, headers)
        return Answer(*answer, tries=retrying.statistics["attempt_number"])

    def _probed(self, request: Request) -> Answer:
        """States of addresses, asked one after the other at the source's pace, never twice."""
        lines = []
        for published, address in request.probes:
            self._keep_pace()
            url = urljoin(f"{self.base_url}/", address)
            lines.append(probing.probed(self._client, published, url))
        content = probing.as_lines(lines)
        return Answer(content, httpx.codes.OK, self.base_url, utc_now(), "", "", 1)

    def _once(
        self, request: Request, headers: Mapping[str, str]
    ) -> tuple[bytes, int, str, datetime, str, str]:
        self._keep_pace()
        url = self.url(request)
        try:
            first = self._client.request(
                request.method,
                url,
                params=self._filled(dict(request.params)) or None,
                json=self._filled(request.json),
                headers=self._filled(dict(headers)),
                follow_redirects=False,
            )
            response = self._followed(first)
        except httpx.TimeoutException as error:
            message = f"{url}: no answer in time ({_name(error)})"
            raise self._failed("timeout", message) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise self._failed("client", f"{url}: {_name(error)}: {error}") from error
        except httpx.RequestError as error:
            raise self._failed("network", f"{url}: {_name(error)}: {error}") from error
        self._check(response, request)
        return (
            b"" if response.status_code == httpx.codes.NOT_MODIFIED else response.content,
            response.status_code,
            self._redacted(str(response.url)),
            utc_now(),
            response.headers.get("etag", ""),
            response.headers.get("last-modified", ""),
        )

    def _followed(self, response: httpx.Response) -> httpx.Response:
        """The answer that redirects within our host end at. Raises FetchError for others.

        An address is looked at before it is asked: the headers and body may hold secrets.
        """
        steps = 0
        while (following := response.next_request) is not None:
            status = response.status_code
            if not self._is_ours(following.url):
                raise self._failed("redirected", self._leads_away(following.url), status)
            if steps == MAX_REDIRECTS:
                message = f"{following.url}: more than {MAX_REDIRECTS} redirects"
                raise self._failed("client", message, status)
            response = self._client.send(following, follow_redirects=False)
            steps += 1
        return response

    def _is_ours(self, url: httpx.URL) -> bool:
        """Whether an address is on the source's host and no less encrypted than the base."""
        return url.netloc == self._base.netloc and url.scheme in (self._base.scheme, "https")

    def _leads_away(self, url: httpx.URL | str) -> str:
        origin = self._base.copy_with(raw_path=b"/", userinfo=b"")
        return f"{url} leads away from {origin}; not followed"

    def _failed(self, kind: str, message: str, status: int | None = None) -> FetchError:
        return FetchError(kind, self._redacted(message), status)

    def _check(self, response: httpx.Response, request: Request) -> None:
        status = response.status_code
        if response.is_success or status == httpx.codes.NOT_MODIFIED:
            return
        if status == httpx.codes.NOT_FOUND and request.missing_ok:
            return
        raise _failure(response, self._redacted)

    def _filled(self, value: Any) -> Any:
        """``value`` with ``{NAME}`` replaced by the secret of that name, at any depth."""
        if isinstance(value, str):
            for name, secret in self._secrets.items():
                value = value.replace(f"{{{name}}}", secret)
            return value
        if isinstance(value, dict):
            return {k: self._filled(v) for k, v in value.items()}
        return [self._filled(v) for v in value] if isinstance(value, list) else value

    def _redacted(self, text: str) -> str:
        """``text`` without the values of secrets, as set or as an address spells them.

        It goes to ledger and logs.
        """
        for value in self._secrets.values():
            for form in (value, quote(value, safe=""), quote_plus(value)):
                text = text.replace(form, "***")
        return text

    def _keep_pace(self) -> None:
        wait = self._next_at - time.monotonic()
        if wait > 0:
            self._sleep(wait)
        self._next_at = time.monotonic() + self._interval


class RateLimitedError(FetchError):
    """429, with the seconds the server asks us to wait."""

    def __init__(self, message: str, retry_after_s: float | None) -> None:
        super().__init__("rate_limited", message, httpx.codes.TOO_MANY_REQUESTS)
        self.retry_after_s = retry_after_s


def secrets_of(source: Source, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Values of the secrets a source requires, by variable name.

    Raises ConfigError naming the variable that is not set.
    """
    env = os.environ if env is None else env
    found = {name: secret(env, name) for name in source.requires}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise ConfigError(f"{source.source}: set {', '.join(missing)} in the environment")
    return found


def _failure(response: httpx.Response, redact: Callable[[str], str]) -> FetchError:
    status, url = response.status_code, response.url
    hint = response.text[:200].replace("\n", " ") if response.content else "no body"
    message = redact(f"{url} answered {status}: {hint}")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitedError(message, _retry_after(response.headers.get("retry-after", "")))
    kinds = {401: "auth", 403: "auth", 404: "missing", 410: "missing"}
    return FetchError(kinds.get(status, "server" if status >= 500 else "client"), message, status)  # noqa: PLR2004


def _retry_after(text: str) -> float | None:
    """Seconds of a Retry-After header: a number or an HTTP date, in UTC where it has no zone."""
    if text.isdecimal():
        return float(text)
    try:
        at = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)  # also "-0000", a zone nobody knows
    return max(0.0, (at - utc_now()) / timedelta(seconds=1))


def _worth_retrying(error: BaseException) -> bool:
    return isinstance(error, FetchError) and error.kind in RETRIED


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
        return min(error.retry_after_s, MAX_WAIT_S)
    return min(0.5 * float(2 ** (state.attempt_number - 1)), MAX_WAIT_S)


def _name(error: Exception) -> str:
    return type(error).__name__
