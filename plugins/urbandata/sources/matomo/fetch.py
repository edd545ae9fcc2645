"""Matomo reporting API: visits and downloads per day of the window."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from urbandata.contract import Request, Window
from urbandata.errors import PayloadError
from urbandata.reading import catalogue
from urbandata.registry import Source

REPORTS = {
    "visits": ("VisitsSummary.get", {}),
    "downloads": ("Actions.getDownloads", {"flat": "1", "filter_limit": "-1"}),
}
KEPT = {
    *("label", "url", "nb_visits", "nb_hits", "nb_uniq_visitors", "nb_actions", "bounce_count"),
    *("sum_visit_length",),
}


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Each report for the local days that the window touches."""
    zone = ZoneInfo(source.tables["visits"].timezone)
    for name, (method, params) in REPORTS.items():
        asked = {"method": method, "idSite": str(source.options["site"]), **params}
        yield report(name, asked, window, zone, "{MATOMO_TOKEN}")


def report(
    name: str, asked: Mapping[str, str], window: Window, zone: ZoneInfo, token: str
) -> Request:
    """One report by day (or ``period``) for the local days that the window touches."""
    first = window.start.astimezone(zone).date()
    last = max(first, (window.end - timedelta(seconds=1)).astimezone(zone).date())
    params = {"module": "API", "period": "day", "date": f"{first},{last}", "format": "JSON"}
    return Request(
        resource=f"{name}/{first}/{last}",
        path="index.php",
        params={**params, **asked},
        headers={"Authorization": f"Bearer {token}"},
    )


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Counts and file addresses only: queries of addresses may name people and are cut off."""
    try:
        answer = catalogue.json_answer(content)
    except PayloadError as error:
        return catalogue.unreadable(error)
    if not isinstance(answer, dict):
        return catalogue.unreadable("no object of days")
    if answer.get("result") == "error":
        kept: dict[str, Any] = {"result": "error", "message": catalogue.text(answer.get("message"))}
    else:
        kept = {str(day): _kept(report) for day, report in answer.items()}
    return catalogue.scrubbed(json.dumps(kept, ensure_ascii=False)).encode("utf-8", "replace")


def _kept(report: Any) -> Any:
    if isinstance(report, list):
        return [_kept(r) for r in report]
    if not isinstance(report, dict):
        return report if isinstance(report, (int, float)) else None
    kept = {n: v for n, v in report.items() if n in KEPT and not isinstance(v, (dict, list))}
    for name in ("label", "url"):
        if isinstance(kept.get(name), str):
            kept[name] = kept[name].split("?")[0].split("#")[0]
    return kept
