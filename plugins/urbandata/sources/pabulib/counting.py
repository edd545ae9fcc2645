"""Files of the .pb format to counts, before anything is stored.

The three sections META, PROJECTS and VOTES are tables of their own in one file. Of projects only
numbers are kept (names were written by people), of ballots only how many fell to each project
and how many came from each age group.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from urbandata.errors import PayloadError
from urbandata.reading import reduction, tabular
from urbandata.reading.reduction import NUMBER, PLACE, UNFIT, WORD

KNOWN = ("budget",)
SECTIONS = ("META", "PROJECTS", "VOTES")
PROJECT_ID = re.compile(r"[\w./-]{1,40}")
DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
AREA = re.compile(r"[\w .,:;|+*#/()&'’\"„“”–-]{1,200}")  # some list all quarters of a district
RULE = re.compile(r"[A-Za-z][\w /.+-]{0,59}")  # choose-1, equalshares/add1
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
AGES = ((18, "under_18"), (30, "18_29"), (45, "30_44"), (65, "45_64"), (200, "65_plus"))
META = {  # our column: key in the file, shape
    "country": ("country", PLACE),
    "unit": ("unit", AREA),
    "subunit": ("subunit", AREA),
    "edition": ("instance", AREA),
    "budget": ("budget", NUMBER),
    "currency": ("currency", WORD),
    "vote_type": ("vote_type", RULE),
    "rule": ("rule", RULE),
}
Line = Mapping[str, str]


def cleaned(content: bytes) -> bytes:
    """What is stored of a file: one record of each kind, or why there is none."""
    try:
        sections = _sections(tabular.decode(content, ("utf-8-sig",)))
        return reduction.stored("budget", list(_records(sections)))
    except PayloadError as error:
        return reduction.refused(str(error))


def _sections(text: str) -> dict[str, list[Line]]:
    """Lines of each section by heading. Raises PayloadError naming what is missing."""
    found: dict[str, list[Line]] = {}
    head: list[str] | None = None
    section = ""
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=";"):
            cells = [c.strip() for c in row]
            if len(cells) == 1 and cells[0] in SECTIONS:
                section, head = cells[0], None
                found[section] = []
            elif section and any(cells):
                if head is None:
                    head = cells
                    continue
                if len(cells) != len(head):
                    raise PayloadError(f"a line of {section} has {len(cells)} of {len(head)} cells")
                found[section].append(dict(zip(head, cells, strict=True)))
    except csv.Error as error:
        raise PayloadError(f"no .pb file: {error}") from error
    missing = [s for s in SECTIONS if s not in found]
    if missing:
        raise PayloadError(f"no .pb file: section {', '.join(missing)} is missing")
    return found


def _records(sections: Mapping[str, list[Line]]) -> Iterator[dict[str, object]]:
    meta = {line.get("key", ""): line.get("value", "") for line in sections["META"]}
    meta["subunit"] = meta.get("subunit") or meta.get("district", "")
    ballots, projects = sections["VOTES"], sections["PROJECTS"]
    for key, lines in (("num_votes", ballots), ("num_projects", projects)):
        if meta.get(key, "").isdigit() and int(meta[key]) != len(lines):
            raise PayloadError(
                f"META says {key} {meta[key]}, the file has {len(lines)}: is it cut?"
            )
    year = YEAR.search(meta.get("date_begin", "")) or YEAR.search(meta.get("instance", ""))
    yield {
        "kind": "election",
        **{column: reduction.fitting(meta.get(k), shape) for column, (k, shape) in META.items()},
        "year": year[0] if year else None,
        "begins_on": _day(meta.get("date_begin", "")),
        "ends_on": _day(meta.get("date_end", "")),
        "projects": len(projects),
        "ballots": len(ballots),
    }
    given = Counter(p for b in ballots for p in set(_chosen(b.get("vote", ""))))
    for project in projects:
        number = project.get("project_id", "")
        yield {
            "kind": "project",
            "project_id": number if PROJECT_ID.fullmatch(number) else UNFIT,
            "cost": reduction.fitting(project.get("cost"), NUMBER),
            "votes": reduction.fitting(project.get("votes"), NUMBER),
            "score": reduction.fitting(project.get("score"), NUMBER),
            "selected": reduction.fitting(project.get("selected"), NUMBER),
            "ballots": given[number],
        }
    for group, count in sorted(Counter(_age(b.get("age", "")) for b in ballots).items()):
        yield {"kind": "voters", "age_group": group, "ballots": count}


def _chosen(vote: str) -> Iterable[str]:
    return (c.strip() for c in vote.split(",") if c.strip())


def _day(text: str) -> str | None:
    if ISO_DAY.fullmatch(text):
        return text
    found = DAY.fullmatch(text)
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else None


def _age(text: str) -> str:
    """Coarse group of an age in years; anything else is unknown."""
    if not re.fullmatch(r"\d{1,3}", text):
        return "unknown"
    return next((group for limit, group in AGES if int(text) < limit), "unknown")
