"""Answers of people to counts, before anything is stored.

Of a response only its day and, question by question, the code of a closed answer are counted;
which answers belong together is lost on purpose. Age group and borough are counted together,
because a representative survey is recognised by them. A column counts as closed if all its
values are codes; every other column (texts, addresses, e-mails) is left out and only counted.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from urbandata.errors import PayloadError
from urbandata.reading import catalogue, reduction
from urbandata.reading.reduction import COUNT, FLAG, STAMP, Shapes

KNOWN = ("surveys", "summary", "responses")
CODE = re.compile(r"[A-Z]{1,3}\d{1,4}|\d{1,2}|Y|N|M|F|-oth-")
QUESTION = re.compile(r"[A-Za-z][A-Za-z0-9]{0,19}(\[[A-Za-z0-9_]{1,20}\])?")
OPEN_PART = re.compile(r"(other|comment)\]?$", re.IGNORECASE)
DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?: \d\d:\d\d(?::\d\d)?)?")
UNDATED = "1980-01-01"  # what LimeSurvey writes where a survey keeps no times
MAX_ANSWERS = 30  # different codes in a closed question
AGE, BOROUGH = "AGE", "BOROUGH"  # agreed codes of the two questions about the respondent
ABOUT = ("id", "submitdate", "lastpage", "startlanguage", "startdate", "datestamp", "seed")
FROM_API = re.compile(r"(?:survey/(?P<survey>\d{1,9})/)?(?P<step>surveys|summary|responses)")
FROM_FILE = re.compile(r"(?P<survey>\d{4,9})")
SURVEY: Shapes = {
    "survey_id": ("sid", COUNT),
    "is_active": ("active", re.compile(r"Y|N")),
    "starts_at": ("startdate", STAMP),
    "expires_at": ("expires", STAMP),
}
SUMMARY: Shapes = {
    "completed": ("completed_responses", COUNT),
    "incomplete": ("incomplete_responses", COUNT),
    "all_responses": ("full_responses", COUNT),
    "is_open": ("is_open", FLAG),
}
Lines = Sequence[Mapping[str, str | None]]


def cleaned(content: bytes, resource: str) -> bytes:
    """What is stored of an answer or of an exported file (``results-survey123456.csv``)."""
    asked = FROM_API.fullmatch(resource)
    try:
        if asked is None:
            found = FROM_FILE.search(resource.rpartition("/")[2])
            return _responses(content, found["survey"] if found else None)
        result = _result(content)
        if asked["step"] == "surveys":
            return _surveys(result)
        if asked["step"] == "summary":
            summary = reduction.reduced(result, SUMMARY)
            return reduction.stored("summary", [summary], survey=asked["survey"])
        return _responses(_decoded(result), asked["survey"])
    except PayloadError as error:
        return reduction.refused(str(error))


def _result(content: bytes) -> Any:
    answer = reduction.decoded(content)
    if not isinstance(answer, dict) or answer.get("result") is None:
        raise PayloadError("the answer has no result")
    return answer["result"]


def _surveys(result: Any) -> bytes:
    if isinstance(result, dict) and str(result.get("status")).startswith("No surveys"):
        return reduction.stored("surveys", [])
    if not isinstance(result, list):
        raise PayloadError("the answer is no list of surveys")
    rows = []
    for survey in result:
        row = reduction.reduced(survey, SURVEY)
        title = survey.get("surveyls_title") if isinstance(survey, dict) else None
        rows.append({**row, "title": _title(title)})
    return reduction.stored("surveys", rows)


def _title(value: Any) -> str | None:
    """The city's own words, without an e-mail address in them."""
    if not isinstance(value, str) or not value.isprintable():
        return None
    return catalogue.scrubbed(value)[:200]


def _decoded(result: Any) -> bytes:
    """CSV of an export; a survey without responses has none."""
    if isinstance(result, dict) and str(result.get("status")).startswith("No "):
        return b""
    try:
        return base64.b64decode(result, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise PayloadError("the export is no base64") from error


def _responses(content: bytes, survey: str | None) -> bytes:
    if survey is None:
        raise PayloadError("the name of the file has to say the survey (results-survey123456.csv)")
    lines = _lines(content)
    completed = [line for line in lines if line.get("submitdate")]
    names = [n for n in (lines[0] if lines else ()) if n not in ABOUT]
    closed = [n for n in names if _is_closed(n, lines)]
    records = [*_days(lines), *_answers(completed, closed), *_groups(completed, closed)]
    counts = {
        "kind": "export",
        "responses": len(lines),
        "completed": len(completed),
        "columns_kept": len(closed),
        "columns_left_out": len(names) - len(closed),
    }
    return reduction.stored("responses", [counts, *records], survey=survey)


def _lines(content: bytes) -> Lines:
    """Lines by heading. Raises PayloadError for anything but a response export."""
    if not content.strip():
        return []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PayloadError("the export is not UTF-8") from error
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        if not {"id", "submitdate"} <= set(reader.fieldnames or ()):
            raise PayloadError("no export of responses: columns id and submitdate are missing")
        lines = [{k: v for k, v in line.items() if isinstance(k, str)} for line in reader]
    except csv.Error as error:
        raise PayloadError(f"no CSV: {error}") from error
    if any(None in line.values() for line in lines):
        raise PayloadError("a line of the export is cut off")
    return lines


def _is_closed(name: str, lines: Lines) -> bool:
    """Whether a column holds codes of answers only; free parts (other, comment) never do."""
    if OPEN_PART.search(name) or not QUESTION.fullmatch(name):
        return False
    values = {v for line in lines if (v := line.get(name))}
    return len(values) <= MAX_ANSWERS and all(CODE.fullmatch(v) for v in values)


def _days(lines: Lines) -> Iterator[dict[str, Any]]:
    started, completed = Counter(map(_day, lines)), Counter[str | None]()
    completed.update(_day(line) for line in lines if line.get("submitdate"))
    for day in sorted(started, key=str):
        yield {"kind": "day", "day": day, "started": started[day], "completed": completed[day]}


def _day(line: Mapping[str, str | None]) -> str | None:
    """Local day a response was begun; null where the survey keeps no times."""
    for column in ("startdate", "datestamp", "submitdate"):
        found = DAY.fullmatch(line.get(column) or "")
        if found and found[1] != UNDATED:
            return found[1]
    return None


def _answers(lines: Lines, closed: Sequence[str]) -> Iterator[dict[str, Any]]:
    for question in closed:
        counted = Counter(line.get(question) or "" for line in lines)
        for answer, count in sorted(counted.items()):
            yield {"kind": "answer", "question": question, "answer": answer or None, "count": count}


def _groups(lines: Lines, closed: Sequence[str]) -> Iterator[dict[str, Any]]:
    if not {AGE, BOROUGH} & set(closed):
        return
    age, borough = (n if n in closed else "" for n in (AGE, BOROUGH))
    counted = Counter((line.get(age) or "", line.get(borough) or "") for line in lines)
    for (of_age, of_borough), count in sorted(counted.items()):
        yield {
            "kind": "group",
            "age_code": of_age or None,
            "borough_code": of_borough or None,
            "count": count,
        }
