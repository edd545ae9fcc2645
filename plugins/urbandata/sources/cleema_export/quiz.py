"""The app's quiz catalogue, counted only: its texts are neither data nor factors."""

from __future__ import annotations

import json
import re

import pyarrow as pa

from urbandata.errors import PayloadError

_HEAD = re.compile(rb'^(\xef\xbb\xbf)?\s*\[\s*\{\s*"question"\s*:')
OPTIONS = ("a", "b", "c", "d")


def is_catalogue(body: bytes) -> bool:
    """Whether a file looks like the catalogue: a JSON list of objects that begin with question."""
    return _HEAD.match(body[:4096]) is not None


def counted(body: bytes) -> pa.Table:
    """One row per question with counts and flags. Raises PayloadError for broken JSON."""
    try:
        questions = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise PayloadError("the quiz catalogue cannot be read") from None
    rows = [q if isinstance(q, dict) else {} for q in questions]
    return pa.table(
        {
            "position": pa.array(range(1, len(rows) + 1), pa.int64()),
            "options": pa.array([sum(bool(q.get(o)) for o in OPTIONS) for q in rows], pa.int64()),
            "has_explanation": pa.array([bool(q.get("explanation")) for q in rows]),
            "has_source": pa.array([bool(q.get("source")) for q in rows]),
            "is_regional": pa.array(
                [bool(q["region"]) if "region" in q else None for q in rows], pa.bool_()
            ),
        }
    )
