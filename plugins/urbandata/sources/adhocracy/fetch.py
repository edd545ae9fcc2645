"""adhocracy+ over REST: log in, list the projects, then the ideas of each module page by page.

The log-in is never stored. Names and texts are removed before storing, authors become keyed
hashes (to count active people), times are cut to the hour.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import ConfigError, FetchError, PayloadError
from urbandata.reading import reduction
from urbandata.reading.reduction import COUNT, ID, PLACE, STAMP, Shapes
from urbandata.registry import Source

KNOWN = ("projects", "ideas")
MINUTES = re.compile(r"(?<=[T ]\d\d):\d\d(:\d\d(\.\d+)?)?")
LINK = re.compile(r"https?://[^\s@]{1,200}/api/modules/\d+/ideas/\?[\w=&%.-]{1,200}")
PROJECT: Shapes = {
    "project_id": ("pk", ID),
    "idea_module_id": ("single_idea_collection_module", COUNT),
    "poll_module_id": ("single_poll_module", COUNT),
}
IDEA: Shapes = {
    "idea_id": ("pk", ID),
    "created_at": ("created", STAMP),
    "comments": ("comment_count", COUNT),
    "positive_ratings": ("positive_rating_count", COUNT),
    "negative_ratings": ("negative_rating_count", COUNT),
    "category": ("category.name", PLACE),
    "creator_key": ("creator_key", ID),
}


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The log-in; everything else follows with its token."""
    yield Request(
        resource="login",
        path="api/login/",
        method="POST",
        json={"username": "{ADHOCRACY_USER}", "password": "{ADHOCRACY_PASSWORD}"},
        land=False,
    )


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """Projects after the log-in, first pages of ideas after the projects, then further pages.

    Raises FetchError if the log-in gives no token or an answer is no list.
    """
    if request.resource == "login":
        yield _get("projects", "api/app-projects/", _token(payload.content))
        return
    try:
        answer = reduction.kept(payload.content, KNOWN)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    token = request.context["token"]
    if answer["resource"] == "projects":
        modules = {p.get("idea_module_id") for p in answer["data"]}
        for module in sorted(str(m) for m in modules if COUNT.fullmatch(str(m))):
            yield _get(f"modules/{module}/page/1", f"api/modules/{module}/ideas/", token)
    elif answer["page"].get("next"):
        name, _, number = request.resource.rpartition("/")
        yield _get(f"{name}/{int(number) + 1}", answer["page"]["next"], token)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Ids, times and counts only. Raises ConfigError without a key for the hashes."""
    try:
        answer = reduction.decoded(content)
    except PayloadError as error:
        return reduction.refused(str(error))
    listed = answer.get("results") if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        return reduction.refused("the answer is no list of projects or ideas")
    module = re.match(r"modules/(\d{1,9})/", resource)
    if module is None:
        return reduction.stored("projects", [reduction.reduced(p, PROJECT) for p in listed])
    if not key:
        raise ConfigError("adhocracy: authors need keyed hashes; set URBANDATA_PSEUDONYM_KEY")
    link = reduction.fitting(reduction.at(answer, "next"), LINK)
    if link == reduction.UNFIT:
        return reduction.refused("the address of the next page leads elsewhere")
    ideas = [reduction.reduced(_idea(i, key), IDEA) for i in listed]
    return reduction.stored("ideas", ideas, module=module[1], next=link)


def _idea(idea: Any, key: str) -> Any:
    """The idea with its author hashed and the hour it was written in."""
    if not isinstance(idea, dict):
        return idea
    created, creator = idea.get("created"), idea.get("creator")
    return {
        **idea,
        "created": MINUTES.sub(":00:00", created) if isinstance(created, str) else created,
        "creator_key": None if creator in (None, "") else _hashed(str(creator), key),
    }


def _hashed(name: str, key: str) -> str:
    encoded = name.encode("utf-8", "surrogatepass")
    return hmac.new(key.encode(), encoded, hashlib.sha256).hexdigest()


def _token(content: bytes) -> str:
    try:
        token = reduction.at(reduction.decoded(content), "token")
    except PayloadError as error:
        raise FetchError("auth", f"log-in: {error}") from error
    if not isinstance(token, str) or not ID.fullmatch(token):
        raise FetchError("auth", "the log-in gave no token")
    return token


def _get(resource: str, path: str, token: str) -> Request:
    headers = {"Authorization": f"Token {token}"}
    return Request(resource=resource, path=path, headers=headers, context={"token": token})
