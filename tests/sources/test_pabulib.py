"""Participatory budgets: counts of projects and age groups, no ballot and no name."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOW

from urbandata import registry
from urbandata.contract import Payload
from urbandata.errors import PayloadError
from urbandata.sources.pabulib import fetch
from urbandata.sources.pabulib.parse import parse

SOURCE = registry.source("pabulib")
FILE = (
    "META\nkey;value\ncountry;Germany\nunit;Dresden\ninstance;2025\nnum_projects;2\nnum_votes;3\n"
    "budget;1000\nvote_type;approval\nrule;greedy\ndate_begin;1.5.2025\ndate_end;31.05.2025\n"
    "PROJECTS\nproject_id;cost;votes;name;proposer\n"
    '1;600;2;"Bäume; viele";Erika\n2;500;1;Bank;Paul\n'
    "VOTES\nvoter_id;age;sex;vote\n1;17;f;1\n2;44;m;1,2\n3;;m;\n"
)


@pytest.fixture
def read(make_payload):
    def run(content, name="vote.pb"):
        return parse(make_payload(fetch.strip(content, name, ""), filename=name), SOURCE)

    return run


def test_counts_by_project_and_age(read):
    parsed = read(FILE.encode())
    assert parsed.rejects == ()
    (election,) = parsed.tables["elections"].to_pylist()
    assert (election["election_id"], election["unit"], election["year"]) == (
        "vote",
        "Dresden",
        2025,
    )
    assert (election["begins_on"], election["ends_on"]) == (date(2025, 5, 1), date(2025, 5, 31))
    assert (election["budget"], election["ballots"], election["currency"]) == (1000.0, 3, None)
    projects = parsed.tables["projects"].to_pylist()
    assert [(p["project_id"], p["votes"], p["ballots"]) for p in projects] == [
        ("1", 2, 2),
        ("2", 1, 1),
    ]
    voters = {v["age_group"]: v["ballots"] for v in parsed.tables["voters"].to_pylist()}
    assert voters == {"under_18": 1, "30_44": 1, "unknown": 1}


def test_words_of_other_cities(read, check):
    """Ways of voting and rules with digits and slashes; districts that list their quarters."""
    area = "16 - Nord / Süd / „Mitte“ – " + "Altstadt / " * 10
    other = FILE.replace("approval", "choose-1").replace("greedy", "equalshares/add1")
    other = other.replace("unit;Dresden", f"unit;Dresden\nsubunit;{area}")
    other = other.replace("1.5.2025", "2025-05-01").replace("instance;2025", "instance;2025 | II")
    parsed = read(other.encode())
    assert parsed.rejects == ()
    (election,) = parsed.tables["elections"].to_pylist()
    assert (election["vote_type"], election["rule"]) == ("choose-1", "equalshares/add1")
    assert (election["subunit"], election["edition"]) == (area.strip(), "2025 | II")
    assert election["begins_on"] == date(2025, 5, 1)
    assert all(c.success for c in check("pabulib", parsed).checks)
    district = read(FILE.replace("unit;Dresden", "unit;Dresden\ndistrict;Nord").encode())
    assert district.tables["elections"].column("subunit").to_pylist() == ["Nord"]


def test_no_name_is_stored():
    kept = fetch.strip(FILE.encode(), "vote.pb", "")
    assert not any(word in kept for word in (b"rika", b"Paul", b"Bank", "Bäume".encode()))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "section META, PROJECTS, VOTES is missing"),
        (FILE[: FILE.index("VOTES")].encode(), "section VOTES is missing"),
        (FILE.replace("3;;m;\n", "").encode(), "num_votes 3, the file has 2"),
        (FILE.replace("2;500;1;Bank;Paul", "2;500").encode(), "2 of 5 cells"),
        (FILE.encode("utf-16"), "encoding"),
    ],
)
def test_a_damaged_file_is_refused_with_the_reason(read, content, reason):
    with pytest.raises(PayloadError, match=reason):
        read(content)


@pytest.mark.parametrize(
    ("name", "projects", "ballots", "year"),
    [("Netherlands_Amsterdam_417", 39, 9562, 2021), ("France_Toulouse_2019", 30, 1494, 2019)],
)
def test_real_votes(realdata, read, check, name, projects, ballots, year):
    path = realdata(f"participation/pabulib/{name}.pb")
    parsed = read(path.read_bytes(), path.name)
    assert parsed.rejects == ()
    (election,) = parsed.tables["elections"].to_pylist()
    assert (election["projects"], election["ballots"], election["year"]) == (
        projects,
        ballots,
        year,
    )
    assert parsed.tables["projects"].num_rows == projects
    assert sum(v["ballots"] for v in parsed.tables["voters"].to_pylist()) == ballots
    for project in parsed.tables["projects"].to_pylist():
        assert project["votes"] in (None, project["ballots"]), "our count is the organisers' count"
    assert not check("pabulib", parsed).quarantined


def test_round_trip(ask, check):
    payloads = ask("pabulib")
    assert [p.resource for p in payloads] == ["dresden_2024.pb", "dresden_2025.pb"]
    for payload in payloads:
        parsed = parse(payload, SOURCE)
        result = check("pabulib", parsed)
        assert (parsed.rejects, result.quarantined) == ((), [])
        for project in parsed.tables["projects"].to_pylist():
            assert project["votes"] == project["ballots"]


LINES = st.lists(st.sampled_from(FILE.split("\n")) | st.text(max_size=20)).map("\n".join)


@given(st.binary() | LINES.map(str.encode))
def test_any_bytes_give_rows_or_a_named_error(content):
    for body in (content, fetch.strip(content, "x.pb", "")):
        try:
            parsed = parse(Payload(body, "x.pb", "pb", NOW, "real"), SOURCE)
        except PayloadError as error:
            assert str(error)
        else:
            assert parsed.count == len(json.loads(body)["data"])
