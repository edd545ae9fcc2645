"""CONSUL Democracy over GraphQL: pages of 25, at most two collections and eight levels deep.

Titles, summaries and authors are not asked for, and whatever else an answer or a file holds is
removed before it is stored.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import reduction, tabular
from urbandata.reading.reduction import COUNT, ID, PLACE, STAMP, WORD, Shapes
from urbandata.registry import Source

PAGE = 25
KINDS = ("proposals", "debates", "investments")
KNOWN = (*KINDS, "budgets", "file")
COMMON: Shapes = {
    "external_id": ("id", ID),
    "created_at": ("public_created_at", STAMP),
    "votes": ("cached_votes_up", COUNT),
    "comments": ("comments_count", COUNT),
}
SHAPES: dict[str, Shapes] = {
    "proposals": {**COMMON, "geozone": ("geozone.name", PLACE)},
    "debates": {**COMMON, "votes": ("cached_votes_total", COUNT)},
    "investments": {**COMMON, "geozone": ("heading.name", PLACE), "state": ("feasibility", WORD)},
    "budgets": {"external_id": ("id", ID)},
}
FILE: Shapes = {
    "external_id": ("id", ID),
    "created_at": ("date", STAMP),
    "votes": ("numSupports", COUNT),
    "comments": ("numComments", COUNT),
    "state": ("status", WORD),
}
FIELDS = {
    "proposals": "id public_created_at cached_votes_up comments_count geozone { name }",
    "debates": "id public_created_at cached_votes_total comments_count",
    "investments": "id public_created_at cached_votes_up comments_count feasibility "
    "heading { name }",
}


def requests(window: Window, source: Source) -> Iterable[Request]:
    """First pages of proposals and debates, and the budgets whose investments follow."""
    yield _page("proposals", 1, None)
    yield _page("debates", 1, None)
    yield _ask("budgets", "query { budgets(first: 25) { edges { node { id } } } }", {})


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """The next page; for the list of budgets the investments of each.

    Raises FetchError if the service answered with an error (it does so with status 200).
    """
    try:
        answer = reduction.kept(payload.content, KNOWN)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    kind = answer["resource"]
    if kind == "budgets":
        for budget in answer["data"]:
            yield _page("investments", 1, None, str(budget.get("external_id")))
    elif answer["page"].get("more"):
        number, cursor = request.context["page"] + 1, answer["page"].get("cursor")
        if not cursor or cursor == request.context["cursor"]:
            raise FetchError("client", f"{kind}: the service says there is more but not where")
        yield _page(kind, number, str(cursor), request.context["budget"])


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Counts, times and places only, from an answer or an exported CSV. Never raises."""
    if not content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        return _file(content)
    try:
        answer = reduction.decoded(content)
    except PayloadError as error:
        return reduction.refused(str(error))
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if errors:
        first = errors[0] if isinstance(errors, list) else errors
        return reduction.refused(str(reduction.at(first, "message") or "error without a message"))
    kind = _kind(resource, answer)
    path = "data.budget.investments" if kind == "investments" else f"data.{kind}"
    listed = reduction.at(answer, path)
    edges = listed.get("edges") if isinstance(listed, dict) else None
    if kind is None or not isinstance(edges, list):
        return reduction.refused("the answer lists no proposals, debates or investments")
    nodes = [reduction.reduced(reduction.at(e, "node"), SHAPES[kind]) for e in edges]
    cursor = reduction.fitting(reduction.at(listed, "pageInfo.endCursor"), ID)
    more = reduction.at(listed, "pageInfo.hasNextPage") is True
    return reduction.stored(kind, nodes, more=more, cursor=cursor)


def _kind(resource: str, answer: Any) -> str | None:
    """What was asked for; a file says it by its content."""
    asked = resource.partition("/")[0]
    if asked in SHAPES:
        return asked
    return next((k for k in SHAPES if reduction.at(answer, f"data.{k}") is not None), None)


def _file(content: bytes) -> bytes:
    """A table of proposals as CSV; texts and the ids of users go."""
    try:
        text = tabular.decode(content)
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except PayloadError as error:
        return reduction.refused(str(error))
    except csv.Error as error:
        return reduction.refused(f"this is no CSV: {error}")
    names = {path for path, _ in FILE.values()}
    if not rows or not names <= set(rows[0]):
        return reduction.refused("the file has not the columns of a CONSUL export")
    return reduction.stored("file", (reduction.reduced(r, FILE) for r in rows))


def _page(kind: str, number: int, cursor: str | None, budget: str = "") -> Request:
    inner = (
        f"{kind}(first: $first, after: $after) {{ pageInfo {{ hasNextPage endCursor }} "
        f"edges {{ node {{ {FIELDS[kind]} }} }} }}"
    )
    variables: dict[str, Any] = {"first": PAGE, "after": cursor}
    if kind == "investments":
        query = (
            "query ($first: Int, $after: String, $budget: ID) "
            f"{{ budget(id: $budget) {{ {inner} }} }}"
        )
        name, variables = f"{kind}/{budget}", {**variables, "budget": budget}
    else:
        query, name = f"query ($first: Int, $after: String) {{ {inner} }}", kind
    context = {"page": number, "cursor": cursor, "budget": budget}
    return _ask(f"{name}/page/{number}", query, variables, context)


def _ask(
    resource: str, query: str, variables: dict[str, Any], context: dict[str, Any] | None = None
) -> Request:
    return Request(
        resource=resource,
        path="graphql",
        method="POST",
        json={"query": query, "variables": variables},
        context=context or {},
    )
