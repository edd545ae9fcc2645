"""What may be kept of a database export, table by table: everything else is dropped.

Each column has a shape. A cell that does not have it (a name in a date, a shifted line) becomes
``?`` and its record is turned away later, so that text cannot slip in under an allowed name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

UNFIT = "?"
QUIZ = "quiz_questions"  # catalogue of the app: only counted, see ``quiz.py``
MANIFEST = "manifest.json"
EXPORT_NOTE = "export.json"  # in an export: {"exported_at", "scope", "changed_since"}


@dataclass(frozen=True, slots=True)
class Rule:
    """How one column is kept: ``keep`` as it is, ``user`` as keyed hash, ``day`` cut to the day,
    ``title`` only where the operator or a partner wrote it. ``needed``: empty is unfit."""

    shape: str
    how: Literal["keep", "user", "day", "title"] = "keep"
    needed: bool = False


DATE = r"\d{4}-\d\d-\d\d"
TIME = DATE + r"([T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00(:?00)?)?)?"
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
ID = Rule(r"\d{1,12}", needed=True)
NUMBER = Rule(r"-?\d{1,12}")
REFERENCE = Rule(r"\d{1,12}")
INSTANT = Rule(TIME)
BOOL = Rule(r"0|1|true|false")
# A user is a number in every table; an install id (uuid) is accepted where a dump uses it.
USER = Rule(rf"\d{{1,12}}|{UUID}", "user", needed=True)

TABLES: dict[str, dict[str, Rule]] = {
    "joined_challenges": {
        "id": ID,
        "user_id": Rule(USER.shape, "user"),
        "challenge_id": REFERENCE,  # null where the challenge was deleted
        "created_at": INSTANT,
        "updated_at": INSTANT,
    },
    "joined_challenge_ids": {"id": ID},
    "joined_challenges_answers": {
        "id": ID,
        "joined_challenge_id": REFERENCE,
        "answer": Rule("succeeded|failed"),
        "day_index": NUMBER,
    },
    "challenges": {
        "id": ID,
        "uuid": Rule(UUID),
        "title": Rule(r".{1,300}", "title"),
        "interval": Rule("daily|weekly"),
        "kind": Rule("user|group|partner|collective"),
        "goal_type": Rule("steps|measurement"),
        "start_date": INSTANT,
        "end_date": INSTANT,
        "is_public": BOOL,
        "collective_goal_amount": NUMBER,
        "region_id": REFERENCE,
        "created_at": INSTANT,
        "published_at": INSTANT,
    },
    "challenges_goal_type_steps": {"challenge_id": REFERENCE, "count": NUMBER},
    "challenges_goal_type_measurements": {
        "challenge_id": REFERENCE,
        "value": NUMBER,
        "unit": Rule("km|m|kg|g"),
    },
    "up_users": {
        "id": USER,
        "created_at": Rule(TIME, "day"),
        "confirmed": BOOL,
        "blocked": BOOL,
        "is_anonymous": BOOL,
        "accepts_surveys": BOOL,
        "is_supporter": BOOL,
        "region_id": REFERENCE,
        "borough_number": Rule(r"\d{1,2}"),
    },
    "user_trophies": {"user_id": USER, "trophy_id": REFERENCE, "date": INSTANT},
    "quiz_responses": {
        "user_id": USER,
        "quiz_id": REFERENCE,
        "answer": Rule("[a-d]"),
        "date": INSTANT,
    },
    "surveys_participants": {"user_id": USER, "survey_id": REFERENCE},
    "projects_users_joined": {"user_id": USER, "project_id": REFERENCE},
}
# Without one of these a first line is no header but data, and its words are not to be repeated.
LANDMARKS = {"id", "user_id", "challenge_id"}
_NAME = re.compile(r"(?P<table>[a-z_]+?)(_v2)?(_links)?([-_.]?\d{4}-?\d\d-?\d\d[-_T\d]*)?")
_HARMLESS = re.compile(r"[a-z][a-z0-9_]{0,40}")


def table_of(path: str) -> str | None:
    """Table that a file or member holds by its name (``quiz_responses_v2.csv``), or None."""
    stem = PurePosixPath(path.lower()).stem
    match = _NAME.fullmatch(stem)
    return match["table"] if match and match["table"] in TABLES else None


def nameable(name: str) -> str:
    """``name`` if it can only be a technical one; a word of another kind is not repeated."""
    return name if _HARMLESS.fullmatch(name) else "(not a technical name)"
