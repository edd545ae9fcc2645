"""Links of the open-data catalogues that are due for a check: never checked, or long ago.

Read from the checked rows, so that the question does not depend on a build.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from urbandata import storage, warehouse
from urbandata.registry import Source
from urbandata.settings import Settings

LISTED_DAYS = 8  # a link counts as published if a catalogue listed it this recently
LISTED = """
    SELECT DISTINCT unnest([access_url, download_url]) AS url
    FROM read_parquet($resources, union_by_name = true)
    WHERE _origin = $origin AND _fetched_at > $since
"""
CHECKED = """
    SELECT url, max(checked_at) AS checked_at, arg_max(status, checked_at) AS status
    FROM read_parquet($checks, union_by_name = true) WHERE _origin = $origin GROUP BY url
"""
NEVER = "SELECT NULL::VARCHAR AS url, NULL::TIMESTAMPTZ AS checked_at, NULL::INT AS status LIMIT 0"
DUE = """
    SELECT url FROM ({listed}) LEFT JOIN ({checked}) USING (url)
    WHERE url IS NOT NULL AND (
        checked_at IS NULL OR checked_at < CASE WHEN status < 400 THEN $good ELSE $bad END
    )
    ORDER BY checked_at NULLS FIRST, hash(url)
"""


def with_due(source: Source, settings: Settings, now: datetime) -> Source:
    """The source with the links it should ask about in its option ``due``."""
    found = due(source, settings, now)
    return source.model_copy(update={"options": {**source.options, "due": found}})


def due(source: Source, settings: Settings, now: datetime) -> list[str]:
    """Links due now, those never checked first, at most ``per_run``."""
    store, options = storage.of(settings), source.options
    resources, checks = (
        [store.uri(e.path) for f in folders for e in store.files(f"bronze/{f}", ".parquet")]
        for folders in (
            [f"{name}/resources" for name in options["links_of"]],
            [f"{source.source}/checks"],
        )
    )
    if not resources:
        return []
    given = {
        "resources": resources,
        "origin": settings.origin,
        "since": now - timedelta(days=LISTED_DAYS),
        "good": now - timedelta(days=options["recheck_days"]),
        "bad": now - timedelta(days=options["recheck_broken_days"]),
    }
    if checks:
        given["checks"] = checks
    with warehouse.session(settings) as session:
        sql = DUE.format(listed=LISTED, checked=CHECKED if checks else NEVER)
        urls = [str(url) for (url,) in session.execute(sql, given).fetchall()]
    return [url for url in urls if is_public(url)][: options["per_run"]]


def is_public(url: str) -> bool:
    """Whether an address may be asked: http(s), and no host that can only be one of our own."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or "." not in host or host.endswith(".local"):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True
