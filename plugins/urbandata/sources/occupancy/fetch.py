"""Polls of what is shown now, and in the demo city its archive of past hours."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from urbandata.contract import Payload, Request, Window
from urbandata.registry import Source
from urbandata.sources.mscons.fetch import listed


def requests(window: Window, source: Source) -> Iterable[Request]:
    """Every configured poll; ``archive`` (demo only) is a folder with a listing."""
    for path in source.options["polls"]:
        yield Request(resource=path, path=path)
    if source.options.get("archive"):
        yield Request(resource="archive", path=source.options["archive"], land=False)


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """Files of the archive, conditionally: finished months do not change."""
    if request.resource != "archive":
        return
    for name, _ in listed(payload.content):
        path = f"{source.options['archive']}{quote(name)}"
        yield Request(resource=name, path=path, extension="jsonl", conditional=True)
