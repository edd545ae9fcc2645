"""Stripped answers of the Cleema API to tables of counts and settings."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from urbandata.contract import Parsed, Payload
from urbandata.errors import PayloadError
from urbandata.reading import tabular
from urbandata.registry import Source
from urbandata.sources.cleema_api.fetch import UNFIT

NO_DATE = "2000-04-30 00:00:00.000000"  # what the server writes for an offer without dates
TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "challenges": (
        "challenges",
        {
            "uuid": "uuid",
            "title": "title",
            "interval": "interval",
            "kind": "kind",
            "goal_type": "goalType",
            "start_date": "startDate",
            "end_date": "endDate",
            "goal_unit": '"goalMeasurement.unit"',
            "goal_value": '"goalMeasurement.value"',
            "goal_steps": '"goalSteps.count"',
            "collective_goal_amount": "collectiveGoalAmount",
            "collective_progress": "collectiveProgress",
            "users_joined": "usersJoined",
            "region_uuid": '"region.uuid"',
            "published_at": "publishedAt",
            "is_public": "isPublic",
        },
    ),
    "projects": (
        "projects",
        {
            "uuid": "uuid",
            "goal_type": "goalType",
            "phase": "phase",
            "start_date": "startDate",
            "current_participants": '"goalInvolvement.currentParticipants"',
            "max_participants": '"goalInvolvement.maxParticipants"',
            "region_uuid": '"region.uuid"',
            "published_at": "publishedAt",
        },
    ),
    "offers": (
        "offers",
        {
            "uuid": "uuid",
            "store_type": "storeType",
            "discount": "discount",
            "valid_from": "validFrom",
            "valid_until": "validUntil",
            "is_regional": "isRegional",
            "redeem_interval_days": "redeemInterval",
            "views": "views",
            "region_uuid": '"region.uuid"',
        },
    ),
    "surveys": (
        "surveys",
        {"uuid": "uuid", "published_at": "publishedAt", "finished": "finished", "target": "target"},
    ),
}
ITEM = {
    "uuid": "uuid",
    "item_date": "date",
    "published_at": "publishedAt",
    "region_uuid": '"region.uuid"',
}
ITEMS = ("regions", "quizzes/current", "news-entries")


def parse(payload: Payload, source: Source) -> Parsed:
    """One table of the list that was asked for. Errors in a 200 answer refuse the payload."""
    answer = _answer(payload.content)
    resource = str(answer["resource"])
    name, fields = TABLES.get(resource, ("items", ITEM))
    rows = tabular.json_records(
        payload.content, [f"{column}={path}" for column, path in fields.items()], "$.data"
    )
    if name == "items":
        rows = tabular.constants(rows, resource=resource)
    markers = ("", NO_DATE) if name == "offers" else ("",)
    return tabular.typed(_faulty(rows), name, source.tables[name], null_markers=markers)


def _answer(content: bytes) -> dict[str, Any]:
    """The stripped answer. Raises PayloadError with the server's message if it is an error."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"the stored answer is not JSON: {error}") from error
    if not isinstance(answer, dict):
        raise PayloadError("the stored answer is no JSON object")
    if answer.get("unreadable"):
        raise PayloadError(f"{answer['unreadable']}; nothing of it was stored")
    if answer.get("error"):
        raise PayloadError(f"the service answered with an error: {answer['error']}")
    known = (*TABLES, *ITEMS)
    records = answer.get("data")
    if answer.get("resource") not in known or not isinstance(records, list):
        raise PayloadError("the answer does not say which list of the API it is")
    failed = [r["error"] for r in records if isinstance(r, dict) and r.get("error")]
    if failed:
        raise PayloadError(f"the service answered with an error: {failed[0]}")
    return answer


def _faulty(rows: pa.Table) -> pa.Table:
    """Marks records that lack their id or had a value of another shape than its field."""
    fault = pa.nulls(rows.num_rows, pa.string())
    missing = pc.is_null(rows.column("uuid"))
    fault = pc.if_else(missing, "the record has no id", fault)
    for column in rows.column_names:
        if column != tabular.ROW:
            unfit = pc.fill_null(pc.equal(rows.column(column), UNFIT), False)
            reason = f"{column}: the value had not the shape of its field and was not stored"
            fault = pc.if_else(unfit, reason, fault)
    return rows.append_column(tabular.FAULT, fault)
