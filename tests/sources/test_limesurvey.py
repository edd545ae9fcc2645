"""LimeSurvey: RemoteControl 2, closed questions only, counts in place of responses."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.conftest import NOW

from urbandata import inbox, registry
from urbandata.contract import Payload
from urbandata.errors import FetchError, PayloadError
from urbandata.sources.limesurvey import demo, fetch
from urbandata.sources.limesurvey.parse import parse

SOURCE = registry.source("limesurvey")
EXPORT = (
    '\ufeff"id","submitdate","lastpage","startlanguage","startdate","AGE","BOROUGH","Q1",'
    '"Q3[SQ001]","Q3[other]","TEXT","MAIL"\r\n'
    '"1","2025-05-01 10:05:00","2","de","2025-05-01 10:00:00","A2","B5","4","Y","Erika",'
    '"Mehr Bäume, bitte","erika@example.org"\r\n'
    '"2","2025-05-02 09:01:00","2","de","2025-05-02 09:00:00","A2","B5","5","","","",""\r\n'
    '"3","","1","de","2025-05-02 12:00:00","","","","","","",""\r\n'
)
FILE = "results-survey123456.csv"


def rpc(result, number=1):
    return json.dumps({"id": number, "result": result, "error": None}).encode()


def tables(parsed):
    return {name: t.drop(["_row"]).to_pylist() for name, t in parsed.tables.items()}


@pytest.fixture
def read(make_payload):
    def run(content, resource=f"inbox/{FILE}"):
        return parse(make_payload(fetch.strip(content, resource, ""), resource=resource), SOURCE)

    return run


def test_responses_become_counts_of_closed_questions(read):
    found = tables(read(EXPORT.encode()))
    (export,) = found["exports"]
    assert (export["survey_id"], export["responses"], export["completed"]) == ("123456", 3, 2)
    assert (export["columns_kept"], export["columns_left_out"]) == (4, 3)
    assert [(d["day"], d["started"], d["completed"]) for d in found["days"]] == [
        (date(2025, 5, 1), 1, 1),
        (date(2025, 5, 2), 2, 1),
    ]
    answers = {(a["question"], a["answer"]): a["responses"] for a in found["answers"]}
    assert answers[("Q1", "4")] == answers[("Q1", "5")] == 1
    assert answers[("Q3[SQ001]", None)] == 1
    (group,) = found["respondents"]
    assert (group["age_code"], group["borough_code"], group["respondents"]) == ("A2", "B5", 2)


def test_no_word_of_anybody_is_stored():
    kept = fetch.strip(EXPORT.encode(), FILE, "")
    for word in (b"rika", b"example.org", b"Mehr"):
        assert word not in kept
    listed = [{"sid": "1", "active": "Y", "surveyls_title": "Fragen an erika@example.org"}]
    assert b"erika@" not in fetch.strip(rpc(listed), "surveys", "")


def test_a_survey_without_times_and_one_without_responses(read):
    undated = EXPORT.replace("2025-05-01 10:00:00", "1980-01-01 00:00:00").replace(
        "2025-05-01 10:05:00", "1980-01-01 00:00:00"
    )
    days = tables(read(undated.encode()))["days"]
    assert sorted((str(d["day"]), d["started"]) for d in days) == [("2025-05-02", 2), ("None", 1)]
    nothing = rpc({"status": "No Data, survey table does not exist."})
    (export,) = tables(read(nothing, "survey/7/responses"))["exports"]
    assert (export["survey_id"], export["responses"]) == ("7", 0)


def test_only_fields_of_closed_questions_are_asked_for():
    questions = [
        {"gid": 2, "qid": 11, "title": "AGE", "type": "L", "parent_qid": 0},
        {"gid": 2, "qid": 12, "title": "Q3", "type": "M", "parent_qid": "0"},
        {"gid": 2, "qid": 13, "title": "SQ001", "type": "T", "parent_qid": "12"},
        {"gid": 2, "qid": 14, "title": "TEXT", "type": "T", "parent_qid": "0"},
        {"gid": 2, "qid": 15, "title": "SQ001", "type": "T", "parent_qid": "14"},
    ]
    assert list(fetch.closed_fields(questions, "7")) == ["7X2X12SQ001", "7X2X11"]
    assert list(fetch.closed_fields({"status": "No questions found"}, "7")) == []


def test_the_session_is_closed_after_everything_else(ask, make_payload):
    (login,) = fetch.requests(None, SOURCE)
    assert login.land is False
    opened = list(fetch.follow(login, make_payload(rpc("abcdefgh~123")), SOURCE))
    assert [r.resource for r in opened] == ["surveys", "logout"]
    assert opened[1].json["params"] == ["abcdefgh~123"]
    for refused in (rpc({"status": "Invalid user name or password"}), rpc(None), b"<html>"):
        with pytest.raises(FetchError):
            list(fetch.follow(login, make_payload(refused), SOURCE))


@pytest.mark.parametrize(
    ("content", "resource", "reason"),
    [
        (b"", "survey/7/responses", "JSON"),
        (rpc(None), "survey/7/summary", "no result"),
        (rpc("%%%"), "survey/7/responses", "base64"),
        (b"id;name\n1;Erika", FILE, "submitdate"),
        (b"id,submitdate\n1", FILE, "cut off"),
        (b'"id","submitdate"\n"1","2025', FILE, "unexpected end"),
        (b'"id","submitdate"\n"1","\n"2",""\n', FILE, "no CSV"),
        (EXPORT.encode(), "antworten.csv", "results-survey123456"),
        (b"\xff\xfe", FILE, "UTF-8"),
    ],
)
def test_what_cannot_be_counted_is_refused_by_name(read, content, resource, reason):
    with pytest.raises(PayloadError, match=reason):
        read(content, resource)


def test_exports_are_recognised_in_the_inbox(tmp_path):
    for name in (FILE, "kiosk 42.csv"):
        path = tmp_path / name
        assert inbox.owner(path, EXPORT.encode(), tmp_path, registry.sources()) == "limesurvey"


def test_round_trip_adds_up(ask, world, check):
    payloads = ask("limesurvey")
    surveys = demo.surveys(world)
    assert payloads[0].resource == "surveys"
    assert len(payloads) == 1 + 2 * len(surveys) > 5
    for payload in payloads:
        assert b"erfundenen Person" not in payload.content
        assert b"verein.example" not in payload.content
    found = {p.resource: parse(p, SOURCE) for p in payloads}
    assert not any(p.rejects for p in found.values())
    assert not any(check("limesurvey", p).quarantined for p in found.values())
    number = demo.FIRST + surveys[0].number
    (summary,) = tables(found[f"survey/{number}/summary"])["summaries"]
    counts = tables(found[f"survey/{number}/responses"])
    assert counts["exports"][0]["responses"] == summary["all_responses"] > 50
    assert sum(d["completed"] for d in counts["days"]) == summary["completed"]
    assert sum(g["respondents"] for g in counts["respondents"]) == summary["completed"]
    questions = {a["question"] for a in counts["answers"]}
    assert questions == {"AGE", "BOROUGH", "Q1", "Q2", "Q3[SQ001]", "Q3[SQ002]", "Q3[SQ003]"}


def test_demo_refuses_strangers_with_status_200(world):
    client = TestClient(Starlette(routes=demo.routes(world)))

    def call(method, *params):
        asked = {"method": method, "params": list(params), "id": 1}
        return client.post("/" + fetch.PATH, json=asked).json()["result"]

    assert "status" in call("get_session_key", "x", "y")
    assert call("list_surveys", "x") == {"status": "Invalid session key"}
    session = call("get_session_key", "demo", "demo")
    number = str(demo.FIRST + demo.surveys(world)[0].number)
    everything = base64.b64decode(call("export_responses", session, number, "csv")).decode()
    assert "TEXT" in next(csv.reader(io.StringIO(everything)))


@given(
    st.binary()
    | st.text().map(lambda t: f"id,submitdate,Q1\n{t}".encode())
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(rpc),
    st.sampled_from(["surveys", "survey/7/summary", "survey/7/responses", FILE, "x"]),
)
def test_any_bytes_give_rows_or_a_named_error(content, resource):
    for body in (content, fetch.strip(content, resource, "")):
        try:
            parsed = parse(Payload(body, resource, "json", NOW, "real"), SOURCE)
        except PayloadError as error:
            assert str(error)
        else:
            assert parsed.count == len(json.loads(body)["data"])
