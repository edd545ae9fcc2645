"""Decidim over GraphQL (``POST /api``): processes, then the proposals of each component.

Titles, texts and authors are not asked for. Whatever an answer holds beyond the listed fields is
removed before it is stored, and times are cut to the hour.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import reduction
from urbandata.reading.reduction import COUNT, DAY, ID, PLACE, STAMP, WORD, Shapes
from urbandata.registry import Source

KNOWN = ("processes", "proposals")
PROCESSES = """query { participatoryProcesses {
  id slug startDate endDate steps { id active }
  components { id __typename } } }"""
PROPOSALS = """query ($component: ID!, $first: Int, $after: String) {
  component(id: $component) { id ... on Proposals { proposals(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id state voteCount totalCommentsCount publishedAt createdAt
      scope { name { translation(locale: "de") } } } } } } }"""
PROCESS: Shapes = {
    "process_id": ("id", ID),
    "slug": ("slug", ID),
    "start_date": ("startDate", DAY),
    "end_date": ("endDate", DAY),
    "step_count": ("steps", COUNT),
    "active_step": ("active", COUNT),
}
PROPOSAL: Shapes = {
    "external_id": ("id", ID),
    "state": ("state", WORD),
    "votes": ("voteCount", COUNT),
    "comments": ("totalCommentsCount", COUNT),
    "published_at": ("publishedAt", STAMP),
    "created_at": ("createdAt", STAMP),
    "scope": ("scope", PLACE),
}
TAG = re.compile(r"<[^>]*>")
MINUTES = re.compile(r"(?<=[T ]\d\d):\d\d(:\d\d(\.\d+)?)?")


def requests(window: Window, source: Source) -> Iterable[Request]:
    """All processes; their proposals follow."""
    yield _ask("processes", PROCESSES, {}, {})


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """First pages of all proposal components, or the next page of one.

    Raises FetchError if the service answered with an error (it does so with status 200).
    """
    try:
        answer = reduction.kept(payload.content, KNOWN)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    page = answer["page"]
    if answer["resource"] == "processes":
        for process, component in page["components"]:
            yield _page(process, component, 1, None, source)
    elif page.get("more"):
        place = request.context
        if not page.get("cursor") or page["cursor"] == place["cursor"]:
            raise FetchError("client", "the service says there is more but not where")
        yield _page(place["process"], place["component"], place["page"] + 1, page["cursor"], source)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Ids, dates, states and counts only. Never raises."""
    try:
        answer = reduction.decoded(content)
    except PayloadError as error:
        return reduction.refused(str(error))
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if errors:
        first = errors[0] if isinstance(errors, list) else errors
        return reduction.refused(str(reduction.at(first, "message") or "error without a message"))
    processes = reduction.at(answer, "data.participatoryProcesses")
    if isinstance(processes, list):
        records = [reduction.reduced(_process(p), PROCESS) for p in processes]
        return reduction.stored("processes", records, components=_components(processes))
    listed = reduction.at(answer, "data.component.proposals")
    nodes = reduction.at(listed, "nodes")
    if not isinstance(nodes, list):
        return reduction.refused("the answer lists no processes and no proposals")
    return reduction.stored(
        "proposals",
        [reduction.reduced(_proposal(n), PROPOSAL) for n in nodes],
        process=_process_of(resource),
        more=reduction.at(listed, "pageInfo.hasNextPage") is True,
        cursor=reduction.fitting(reduction.at(listed, "pageInfo.endCursor"), ID),
    )


def _process(process: Any) -> Any:
    """The process with its steps as two numbers: how many, and which one runs (from 1)."""
    if not isinstance(process, dict):
        return process
    listed = process.get("steps")
    steps = listed if isinstance(listed, list) else []
    active = [i for i, s in enumerate(steps, start=1) if reduction.at(s, "active") is True]
    return {**process, "steps": len(steps), "active": active[0] if active else None}


def _components(processes: list[Any]) -> list[tuple[str, str]]:
    """Pairs of process and component that hold proposals."""
    found = []
    for process in processes:
        listed = reduction.at(process, "components")
        for component in listed if isinstance(listed, list) else []:
            pair = (str(reduction.at(process, "id")), str(reduction.at(component, "id")))
            if reduction.at(component, "__typename") == "Proposals" and all(
                ID.fullmatch(part) for part in pair
            ):
                found.append(pair)
    return found


def _proposal(node: Any) -> Any:
    """The node with hours for times and the plain name of its scope (answers hold raw HTML)."""
    if not isinstance(node, dict):
        return node
    times = {
        name: MINUTES.sub(":00:00", node[name])
        for name in ("publishedAt", "createdAt")
        if isinstance(node.get(name), str)
    }
    name = reduction.at(node, "scope.name.translation")
    scope = html.unescape(TAG.sub("", name)).strip() if isinstance(name, str) else None
    return {**node, **times, "scope": scope}


def _process_of(resource: str) -> str | None:
    """Id of the process out of ``processes/12/components/3/page/1``."""
    parts = resource.split("/")
    known = len(parts) > 1 and parts[0] == "processes" and ID.fullmatch(parts[1])
    return parts[1] if known else None


def _page(process: str, component: str, number: int, cursor: str | None, source: Source) -> Request:
    variables = {"component": component, "first": source.options["first"], "after": cursor}
    context = {"process": process, "component": component, "page": number, "cursor": cursor}
    name = f"processes/{process}/components/{component}/page/{number}"
    return _ask(name, PROPOSALS, variables, context)


def _ask(name: str, query: str, variables: dict[str, Any], context: dict[str, Any]) -> Request:
    body = {"query": query, "variables": variables}
    return Request(resource=name, path="api", method="POST", json=body, context=context)
