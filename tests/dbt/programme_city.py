"""Rows of programme, open data, participation and ops that can be worked out on paper.

Origin ``real`` is written by hand. Origin ``demo`` is drawn at random (always the same way), for
what must hold for any rows. Load n was fetched n hours after 1 September 2025, 00:00 UTC.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from tests.dbt.city import Row, insert, utc

MEASURES = ("open_data", "cleema", "traffic", "sportpark")
MONTHS = [date(2023 + m // 12, m % 12 + 1, 1) for m in range(6, 6 + 30)]
SEPTEMBER, OCTOBER = 1, 24 * 40 + 1  # loads of 1 September and 11 October


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """All rows of both origins."""
    for put in (programme, open_data, usage, participation, portal, surveys, ledger, door, chance):
        put(con)


def programme(con: duckdb.DuckDBPyConnection) -> None:
    """Two deliveries of milestones: the second moves a plan and drops a row."""

    def milestone(measure: str, name: str, planned: date, done: date | None = None) -> Row:
        return {"measure": measure, "milestone": name, "planned_on": planned, "done_on": done}

    first = [
        milestone("open_data", "Konzept", date(2025, 3, 31)),
        milestone("traffic", "Gestrichen", date(2025, 1, 31)),
    ]
    second = [
        milestone("open_data", "Konzept", date(2025, 4, 30), date(2025, 4, 15)),
        milestone("open_data", "Vergabe", date(2025, 6, 30), date(2025, 7, 10)),
        milestone("cleema", "Prototyp", date(2025, 8, 15)),
        milestone("cleema", "Pilot", date(2025, 12, 31)),
    ]
    insert(con, "programme_drop__milestones", first, 1)
    insert(con, "programme_drop__milestones", second, 2)

    def month(measure: str, number: int, planned: float, spent: float | None, share: int | None):
        row = {"measure": measure, "month": date(2025, number, 1), "planned_eur": planned}
        return {**row, "spent_eur": spent, "funded_share_pct": share}

    spending = [
        month("open_data", 6, 1_000_000, 800_000, 65),
        month("open_data", 7, 1_000_000, 1_100_000, 65),
        month("open_data", 8, 1_000_000, None, 65),
        month("cleema", 6, 500_000, 0.01, None),
        month("cleema", 7, 500_000, None, None),
    ]
    insert(con, "programme_drop__spending", spending, 1)
    budgets = [
        {"measure": "open_data", "paper_number": "V1/25", "decided_on": date(2025, 5, 10)},
        {"measure": "cleema", "paper_number": "V2/25", "decided_on": date(2025, 9, 30)},
    ]
    insert(con, "programme_drop__operation", budgets, 1)
    parts = [
        ("A", "EUPL-1.2", "https://x.example/a", date(2025, 2, 1)),
        ("B", "MIT", None, date(2025, 2, 1)),
        ("C", "proprietary", "https://x.example/c", date(2025, 2, 1)),
        ("D", None, None, None),
    ]
    named = ("component", "licence", "repository", "published_on")
    rows = [{"measure": "open_data", **dict(zip(named, p, strict=True))} for p in parts]
    insert(con, "programme_drop__components", rows, 1)


def open_data(con: duckdb.DuckDBPyConnection) -> None:
    """Portal: two of three datasets open. GovData: 215, 75 and 75 points, as worked in the test."""
    for load_id, count in ((SEPTEMBER, 3), (24, 1)):  # on 2 September a page is missing
        portal = [{"catalogue": "dresden", "dataset_id": str(n)} for n in range(count)]
        ways = [{**d, "format": "CSV", "url": "https://x.example"} for d in portal]
        for dataset in portal[:2]:
            dataset["licence"] = "dl-de/by-2-0"
        insert(con, "dresden_portal__datasets", portal, load_id)
        insert(con, "dresden_portal__resources", ways, load_id)
    told = {
        "catalogue": "govdata", "record_type": "dataset", "has_publisher": False,
        "has_contact_point": True, "has_description": True, "keywords": '["k"]',
        "access_rights": "public", "issued_at": utc("2020-01-01 12:00"), "is_public": True,
    }  # fmt: skip
    area = "http://dcat-ap.de/def/politicalGeocoding/districtKey/14612"
    packages = [
        {**told, "dataset_id": "c", "spatial": area, "accrual_periodicity": "ANNUAL",
         "modified_at": utc("2024-06-18 12:00")},
        {**told, "dataset_id": "d", "accrual_periodicity": "ANNUAL",
         "modified_at": utc("2024-06-19 12:00")},
        {**told, "dataset_id": "e", "modified_at": utc("2024-06-19 12:00")},
    ]  # fmt: skip
    resource = {
        "catalogue": "govdata", "dataset_id": "c", "format": "CSV", "media_type": "text/csv",
        "access_url": "https://x.example/c", "rights": "r", "size": "10",
        "licence": "http://dcat-ap.de/def/licenses/dl-by-de/2.0",
    }  # fmt: skip
    insert(con, "ckan__datasets", packages, SEPTEMBER)
    insert(con, "ckan__resources", [resource], SEPTEMBER)
    for source in ("ckan", "dresden_portal"):  # a catalogue lists both in one payload
        con.execute(
            f"UPDATE raw.{source}__resources SET _payload_id = "
            "replace(_payload_id, '__resources', '__datasets')"
        )
    con.executemany(
        "INSERT INTO ops.covered_windows VALUES ('x', ?, 'real', $2, $2, $2)",
        [[s, utc("2025-09-01 01:00")] for s in ("dresden_portal", "ckan")],
    )


def usage(con: duckdb.DuckDBPyConnection) -> None:
    """Three days of August 2025, the last one corrected from 30 to 31 visits."""
    days = [{"day": date(2025, 8, n), "visits": 10 * n, "actions": 50 * n} for n in (1, 2, 3)]
    insert(con, "matomo__visits", days, 1)
    insert(con, "matomo__visits", [{**days[2], "visits": 31}], 2)
    files = [("x.example/c", 4), ("x.example/z", 3)]
    rows = [
        {"day": date(2025, 8, 1), "label": label, "url": f"https://{label}", "hits": n, "visits": 1}
        for label, n in files
    ]
    insert(con, "matomo__downloads", rows, 1)


def participation(con: duckdb.DuckDBPyConnection) -> None:
    """Seen on 1 September and 11 October: one answer in time, one late, one nobody can date."""

    def proposal(key: str, created: str, state: str | None, votes: int | None = 0) -> Row:
        at = utc(f"2025-{created} 12:00")
        place = "Blasewitz" if key == "p2" else None
        row = {"external_id": key, "process_id": "1", "created_at": at, "published_at": at}
        return {**row, "state": state, "votes": votes, "comments": 1, "scope": place}

    proposals = [
        proposal("p1", "03-10", "rejected"),
        proposal("p2", "08-01", "accepted", votes=4),
        proposal("p3", "08-01", None, votes=None),
        proposal("p5", "08-01", "withdrawn"),
    ]
    insert(con, "decidim__contributions", proposals, SEPTEMBER)
    late = [*proposals, proposal("p4", "09-20", None)]
    insert(con, "decidim__contributions", late, OCTOBER)
    processes = [
        {"process_id": "1", "start_date": date(2025, 3, 1), "end_date": date(2025, 5, 31)},
        {"process_id": "2", "start_date": date(2025, 8, 1)},
    ]
    insert(con, "decidim__processes", processes, OCTOBER)
    at = utc("2025-08-05 10:00")
    debate = {"kind": "proposal", "external_id": "v1", "created_at": at, "votes": 10}
    insert(con, "consul__contributions", [{**debate, "geozone": "blasewitz"}], SEPTEMBER)
    insert(con, "adhocracy__projects", [{"project_id": "7", "idea_module_id": "70"}], SEPTEMBER)
    given = [("A", "2024-05-01"), ("A", "2025-05-02"), ("A", "2025-05-03"), ("B", "2025-05-20")]
    ideas = [
        {"idea_id": str(n), "module_id": "70", "creator_key": who,
         "created_at": utc(f"{day} 09:00"), "positive_ratings": 0, "negative_ratings": 0}
        for n, (who, day) in enumerate(given)
    ]  # fmt: skip
    insert(con, "adhocracy__ideas", ideas, SEPTEMBER)


def portal(con: duckdb.DuckDBPyConnection) -> None:
    """2022: two processes of 60 and 45 people; answers on day 56, on day 57, none; one dropped.

    2021, with people of two processes by borough: Altstadt 6 + 5, Neustadt 50 + 5, Pieschen
    30 + 20, Klotzsche 4. 2020: nine people in all. 2019: 100 people of one process, Altstadt 40,
    Neustadt 30, Pieschen 20, ten of unknown home.
    """
    held = [("V-1", 2022, 60), ("V-2", 2022, 45), ("V-3", 2021, 90), ("V-4", 2021, 30),
            ("V-5", 2020, 9), ("V-6", 2019, 100)]  # fmt: skip
    rows = [
        {"procedure_id": key, "mode": "Dialog", "begins_on": date(year, 3, 1),
         "ends_on": date(year, 4, 30), "participants": people}
        for key, year, people in held
    ]  # fmt: skip
    insert(con, "beteiligungsportal__procedures", rows, 1)
    given = [
        {"contribution_id": f"B-{n}", "procedure_id": "V-1", "received_on": date(2022, 3, 1),
         "answered_on": day, "decision": decision, "borough": "Prohlis", "supports": 1,
         "comments": 0}
        for n, (day, decision) in enumerate([
            (date(2022, 4, 26), "übernommen"), (date(2022, 4, 27), "teilweise übernommen"),
            (None, "offen"), (date(2022, 4, 1), "unzuständig"), (None, "offen"),
        ])
    ]  # fmt: skip
    insert(con, "beteiligungsportal__contributions", given, 1)
    insert(con, "beteiligungsportal__contributions", given[:4], 2)
    groups = [("V-1", "18 bis 29", "Blasewitz", 50), ("V-1", "65 und älter", "Prohlis", 41),
              ("V-1", "unter 18", "Prohlis", 9), ("V-1", "unbekannt", "unbekannt", 5)]  # fmt: skip
    homes = [("V-3", "Altstadt", 6), ("V-3", "Neustadt", 50), ("V-3", "Pieschen", 30),
             ("V-3", "Klotzsche", 4), ("V-4", "Altstadt", 5), ("V-4", "Neustadt", 5),
             ("V-4", "Pieschen", 20), ("V-5", "Altstadt", 9), ("V-6", "Altstadt", 40),
             ("V-6", "Neustadt", 30), ("V-6", "Pieschen", 20),
             ("V-6", "unbekannt", 10)]  # fmt: skip
    groups += [(procedure, "30 bis 64", *home) for procedure, *home in homes]
    named = ("procedure_id", "age_group", "borough", "people")
    people = [dict(zip(named, g, strict=True)) for g in groups]
    insert(con, "beteiligungsportal__participants", people, 1)


def surveys(con: duckdb.DuckDBPyConnection) -> None:
    """20 marks: 5 fives, 10 fours, 5 threes; a newer export replaces the days of the first."""
    opened = datetime(2025, 4, 7, 8)  # noqa: DTZ001 - local clock
    survey = {"survey_id": "9", "title": "Kiosk", "is_active": "Y", "starts_at": opened}
    insert(con, "limesurvey__surveys", [survey], 1)
    marks = {"5": 5, "4": 10, "3": 5}
    answers = [
        {"survey_id": "9", "question": "Q1", "answer": mark, "responses": count}
        for mark, count in marks.items()
    ]
    other = {"survey_id": "9", "question": "Q2", "answer": "Y", "responses": 20}
    insert(con, "limesurvey__answers", [*answers, other], 1)
    for load_id, completed in ((1, 10), (2, 20)):
        day = {"survey_id": "9", "day": date(2025, 4, 8), "started": 25, "completed": completed}
        insert(con, "limesurvey__days", [day], load_id)


def ledger(con: duckdb.DuckDBPyConnection) -> None:
    """Daily sources: served, failed, missed, served; one success an hour before its day."""

    def attempt(source: str, run: str, day: int, hour: int, outcome: str = "landed") -> list[Any]:
        at = utc(f"2025-09-{day:02d} {hour:02d}:00")
        key = f"{source}-{run}-{outcome}"
        return ["x", key, f"{source}-{run}", source, "real", "r", at, at, outcome]

    rows = [
        attempt("dresden_portal", "1", 1, 6),
        attempt("dresden_portal", "2", 2, 6),
        attempt("dresden_portal", "2", 2, 6, "failed"),
        attempt("dresden_portal", "4", 4, 6, "not_modified"),
        attempt("ckan", "5", 5, 7, "unchanged"),
        attempt("dcat", "1", 1, 12),
        attempt("dcat", "3", 3, 23),
    ]
    con.executemany(
        "INSERT INTO ops.fetches (ledger_file, attempt_id, run_id, source, origin, resource, "
        "started_at, finished_at, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def door(con: duckdb.DuckDBPyConnection) -> None:
    """One payload with 9 of 10 records accepted, one unreadable; 3 of 4 critical checks passed."""
    fetched, checked = utc("2025-09-01 06:00"), utc("2025-12-24 18:00")  # after a replay
    for key, state, parsed, accepted in (("good", "accepted", 10, 9), ("bad", "refused", 0, 0)):
        counts = [parsed, accepted, parsed - accepted]
        row = [key, "dresden_portal", "real", "r", None, "s", "p", fetched, state, None]
        con.execute(
            f"INSERT INTO ops.payloads VALUES ({', '.join('?' * 16)})",
            [*row, *counts, None, checked, 1],
        )
    checks = [("critical", True)] * 3 + [("critical", False), ("warning", False)]
    con.executemany(
        "INSERT INTO ops.checks VALUES "
        "('good', 'dresden_portal', 'datasets', 'c', NULL, ?, ?, 10, 1, 'w', NULL, ?, 1)",
        [[severity, passed, checked] for severity, passed in checks],
    )


def chance(con: duckdb.DuckDBPyConnection) -> None:
    """Random sheets and contributions of origin demo."""
    rng = random.Random(20230701)  # noqa: S311 - rows, no secrets
    milestones = []
    for n in range(60):
        planned = date(2023, 7, 1) + timedelta(days=rng.randrange(1200))
        done = planned + timedelta(days=rng.randrange(-40, 90))
        told = done if done <= date(2025, 9, 1) else None
        row = {"measure": rng.choice(MEASURES), "milestone": str(n), "planned_on": planned}
        milestones.append({**row, "done_on": told})
    insert(con, "programme_drop__milestones", milestones, 1, "demo")
    spending = [
        {"measure": m, "month": month, "planned_eur": rng.randrange(1, 10**7) / 100,
         "spent_eur": rng.randrange(10**7) / 100 if month <= date(2025, 8, 1) else None,
         "funded_share_pct": rng.choice([65, 65, 50, None])}
        for m in MEASURES for month in MONTHS
    ]  # fmt: skip
    insert(con, "programme_drop__spending", spending, 1, "demo")
    places = ["Blasewitz", "Klotzsche", "Prohlis-Nord", "Atlantis", None]
    proposals = [
        {"external_id": str(n), "process_id": "1", "votes": rng.choice([None, 0, 3]),
         "comments": rng.randrange(5), "scope": rng.choice(places),
         "state": rng.choice([None, "accepted", "rejected", "evaluating"]),
         "created_at": datetime.combine(
             date(2025, 1, 1) + timedelta(days=rng.randrange(240)), utc("2025-01-01 12:00").timetz()
         )}
        for n in range(300)
    ]  # fmt: skip
    insert(con, "decidim__contributions", proposals, SEPTEMBER, "demo")
