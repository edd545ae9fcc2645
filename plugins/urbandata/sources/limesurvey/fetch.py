"""LimeSurvey over RemoteControl 2 (JSON-RPC): log in, list, then per survey totals and answers.

Only fields of closed questions are asked for, and only counts of them are kept. The session is
closed at the end; log-in and questions are never stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from urbandata.contract import Payload, Request, Window
from urbandata.errors import FetchError, PayloadError
from urbandata.reading import reduction
from urbandata.registry import Source
from urbandata.sources.limesurvey import counting

PATH = "index.php/admin/remotecontrol"
SESSION = re.compile(r"[\w~.-]{8,128}")
CLOSED = frozenset("LYG5!ABCEFHIMR1")  # question types with fixed answers
ABOUT = ("id", "submitdate", "lastpage", "startlanguage", "startdate", "datestamp")


def requests(window: Window, source: Source) -> Iterable[Request]:
    """The log-in; everything else follows with its session key."""
    user = ["{LIMESURVEY_USER}", "{LIMESURVEY_PASSWORD}"]
    yield _call("login", "get_session_key", user, "", land=False)


def follow(request: Request, payload: Payload, source: Source) -> Iterable[Request]:
    """Surveys after the log-in, totals and questions of each, answers after the questions.

    Raises FetchError if the log-in gives no key or an answer is an error.
    """
    session = request.context["session"]
    step = request.resource.rpartition("/")[2]
    if step == "login":
        yield from _opened(payload.content)
    elif step == "surveys":
        for survey in _listed(payload.content):
            yield _call(
                f"survey/{survey}/summary", "get_summary", [session, survey, "all"], session
            )
            yield _call(
                f"survey/{survey}/questions", "list_questions", [session, survey], session, False
            )
    elif step == "questions":
        survey = request.resource.split("/")[1]
        fields = [*ABOUT, *closed_fields(_result(payload.content), survey)]
        asked = [session, survey, "csv", None, "all", "code", "short", None, None, fields]
        yield _call(f"survey/{survey}/responses", "export_responses", asked, session)


def strip(content: bytes, resource: str, key: str) -> bytes:
    """Counts only: of answers to closed questions, of starts and completions by day, of groups."""
    return counting.cleaned(content, resource)


def closed_fields(questions: Any, survey: str) -> Iterator[str]:
    """Names of the fields (SGQA) of closed questions and of their parts."""
    known = [q for q in questions if isinstance(q, dict)] if isinstance(questions, list) else []
    closed = {str(q.get("qid")): q for q in known if q.get("type") in CLOSED and _top(q)}
    with_parts = {str(q.get("parent_qid")) for q in known if not _top(q)}
    for question in known:
        parent = closed.get(str(question.get("parent_qid")))
        if not _top(question) and parent is not None:
            yield f"{survey}X{parent.get('gid')}X{parent.get('qid')}{question.get('title')}"
    for number, question in closed.items():
        if number not in with_parts:
            yield f"{survey}X{question.get('gid')}X{number}"


def _top(question: Mapping[str, Any]) -> bool:
    return str(question.get("parent_qid") or 0) == "0"


def _opened(content: bytes) -> Iterator[Request]:
    """The list of surveys, and the end of the session, which comes after all that follows."""
    session = _result(content)
    if not isinstance(session, str) or not SESSION.fullmatch(session):
        raise FetchError("auth", "the log-in gave no session key")
    yield _call("surveys", "list_surveys", [session], session)
    yield _call("logout", "release_session_key", [session], session, False)


def _listed(content: bytes) -> list[str]:
    try:
        answer = reduction.kept(content, counting.KNOWN)
    except PayloadError as error:
        raise FetchError("client", str(error)) from error
    ids = (str(s.get("survey_id")) for s in answer["data"] if s.get("is_active") == "Y")
    return [i for i in ids if reduction.COUNT.fullmatch(i)]


def _result(content: bytes) -> Any:
    """``result`` of a JSON-RPC answer. Raises FetchError for an error or a refusal."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FetchError("client", f"the answer is no JSON-RPC: {error}") from error
    result = answer.get("result") if isinstance(answer, dict) else None
    refusal = result.get("status") if isinstance(result, dict) else None
    if result is None or refusal:
        raise FetchError("auth", f"LimeSurvey refuses: {str(refusal or 'no result')[:100]}")
    return result


def _call(
    resource: str, method: str, params: list[Any], session: str, land: bool = True
) -> Request:
    return Request(
        resource=resource,
        path=PATH,
        method="POST",
        json={"method": method, "params": params, "id": 1},
        land=land,
        context={"session": session},
    )
