"""Cleema export: an allow-list, cell by cell, before anything is written."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from tests import archives

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.demo import cleema as people
from urbandata.errors import ConfigError, PayloadError
from urbandata.fetching import Fetcher
from urbandata.sources.cleema_export import allowed, cleaning, demo, fetch
from urbandata.sources.cleema_export.parse import parse
from urbandata.transport import Transport

MARKER = "GEHEIM"
KEY = "a-key"
AT = datetime(2025, 9, 15, 12, tzinfo=UTC)
JOINS = "id,user_id,challenge_id,created_at,updated_at\n"
NOTE = {"exported_at": "2025-09-01T00:00:00+00:00", "scope": "changes"}


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


AUGUST = Window(at(2025, 8, 1), at(2025, 9, 1))


@pytest.fixture(scope="module")
def source():
    return registry.source("cleema_export")


def zipped(**members) -> bytes:
    return archives.zipped(archives.dotted(members), zipfile.ZIP_DEFLATED)


def payload(content, resource="export"):
    clean = fetch.strip(content, resource, KEY)
    return Payload(clean, resource, "zip", AT, "real")


def table(content, name, source, resource="export"):
    parsed = parse(payload(content, resource), source)
    return parsed.tables[name].to_pylist()


def about(content, source, resource="export"):
    (row,) = table(content, "exports", source, resource)
    return row


# --- a database full of markers ------------------------------------------------------------------

PLANTED = {  # every column of the database that is personal or free text, and some from nowhere
    "up_users": [
        *("username", "email", "provider", "password", "reset_password_token"),
        *("confirmation_token", "referral_code", "uuid", "avatar", "latitude", "longitude"),
        *("remember_token", "full_name", "street", "phone", "bio"),
    ],
    "challenges": ["teaser_text", "description", "author_name", "comment"],
    "joined_challenges": ["comment", "username"],
    "joined_challenges_answers": ["comment"],
    "quiz_responses_v2": ["comment"],
    "user_trophies_v2": ["comment"],
    "surveys_participants_links": ["answer_text"],
    "projects_users_joined_links": ["motivation"],
    "challenges_goal_type_steps": ["label"],
    "challenges_goal_type_measurements": ["label"],
    "joined_challenge_ids": ["username"],
}
WHOLLY_PERSONAL = ("user_follows_v2", "contact_inquiries", "partner_inquiries", "admin_users")
GOOD = {
    "id": "17",
    "user_id": "4711004711",
    "uuid": "0b3f6f0e-3c55-4f0e-9a39-2f1f5b2f6d11",
    "answer": "succeeded",
    "kind": "user",
    "title": f"{MARKER} Titel",
    "interval": "daily",
    "goal_type": "steps",
    "unit": "km",
}
FOLLOWS = "followed_user_id,follows_user_id,is_request\n4711,4712004712,0\n"


def good(name: str) -> str:
    if name in GOOD:
        return GOOD[name]
    times = ("date", "_at")
    return "2025-08-01 10:00:00.000000" if name.endswith(times) else "1"


def row_of(table_name: str) -> dict[str, str]:
    """A record with a marker in every personal column, and in the title a user gave."""
    canonical = allowed.table_of(table_name)
    kept = {name: good(name) for name in allowed.TABLES[canonical]}
    if canonical == "quiz_responses":
        kept["answer"] = "b"
    personal = {n: f"{MARKER} {n} geheim@mail.example" for n in PLANTED[table_name]}
    return {**kept, **personal}


def csv_of(*rows) -> str:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue()


def database(form="csv") -> dict[str, str]:
    """File names and contents of a whole export with markers everywhere."""
    files = {}
    for name in PLANTED:
        row = row_of(name)
        files[f"{name}.{form}"] = csv_of(row) if form == "csv" else json.dumps([row])
    for name in WHOLLY_PERSONAL:
        row = {"id": 1, "firstname": MARKER, "email": f"{MARKER}@x.example", "message": MARKER}
        files[f"{name}.{form}"] = csv_of(row) if form == "csv" else json.dumps([row])
    files["user_follows_v2.csv"] = FOLLOWS
    files[f"{MARKER}.csv"] = f"{MARKER}\n{MARKER}\n"
    files["dump.sql"] = f"INSERT INTO up_users VALUES ('{MARKER}')"
    files["export.json"] = json.dumps({**NOTE, "contact": MARKER})
    return files


def archive_of(files) -> bytes:
    dump = {f"dump/{name}": body for name, body in files.items()}
    return archives.zipped(dump, zipfile.ZIP_DEFLATED, comment=MARKER.encode())


def assert_clean(content: bytes) -> None:
    for personal in (MARKER, MARKER.lower(), "mail.example", "4711004711", "4712004712"):
        assert personal.encode() not in content, personal


@pytest.mark.parametrize("form", ["csv", "json"])
def test_nothing_planted_survives_the_strip(source, form):
    clean = payload(archive_of(database(form)))
    assert_clean(clean.content)
    parsed = parse(clean, source)
    assert not parsed.rejects
    assert {t: r.num_rows for t, r in parsed.tables.items()} == dict.fromkeys(
        ["exports", *(allowed.table_of(n) for n in PLANTED)], 1
    )
    (export,) = parsed.tables["exports"].to_pylist()
    for name in ("user_follows_v2", "contact_inquiries", "admin_users", "dump"):
        assert name in export["dropped_tables"].split(", ")
    for name in PLANTED["up_users"]:
        assert f"up_users.{name}" in export["dropped_columns"].split(", ")
    assert (export["scope"], export["exported_at"]) == ("changes", at(2025, 9, 1))


def raw_bytes(settings) -> bytes:
    """Everything the platform wrote (the inbox is not its own), raw files decompressed."""
    found = b""
    for path in settings.data_dir.rglob("*"):
        if path.is_file() and settings.inbox_dir not in path.parents:
            content = path.read_bytes()
            if path.suffix == ".zst":
                content = zstandard.ZstdDecompressor().decompress(content)
            found += content
    return found


def keyed(settings):
    return settings.__class__(
        **{f: getattr(settings, f) for f in settings.__slots__} | {"pseudonym_key": KEY}
    )


@pytest.mark.parametrize("single", [False, True])
def test_nothing_personal_reaches_the_disk_by_inbox(source, settings, single):
    settings = keyed(settings)
    folder = settings.inbox_dir / "cleema_export"
    folder.mkdir(parents=True)
    if single:
        for name, body in database().items():
            if MARKER not in name:  # names of files are kept: they are the operator's own
                (folder / name).write_text(body)
    else:
        (folder / "abzug.zip").write_bytes(archive_of(database()))
    outcomes = [a.outcome for a in inbox.land_files(settings, {"cleema_export": source})]
    assert set(outcomes) == {"landed"}
    stored = raw_bytes(settings)
    assert cleaning.pseudonym("4711004711", KEY).encode() in stored
    assert_clean(stored)


def test_nothing_personal_reaches_the_disk_by_http(source, world, settings):
    app = Starlette(routes=[Mount("/cleema_export", routes=demo.routes(world))])
    client = TestClient(app, base_url="http://testserver")
    transport = Transport(source, "http://testserver/cleema_export", client=client, pace=False)
    run = Fetcher(source, keyed(settings), transport).fetch([AUGUST])
    assert run.outcomes == {"landed": 1}
    stored = raw_bytes(settings)
    assert b"joined_challenges_answers.csv" in stored
    for personal in (b"@demo", b"demoperson", b"demohash", b"token1", b"Jule", b"Demotext"):
        assert personal not in stored, personal
    sent = zipfile.ZipFile(io.BytesIO(demo.export_zip(world, AUGUST.start, AUGUST.end)))
    edges = sent.read("user_follows_v2.csv").decode().splitlines()[1:]
    assert edges  # the demo city does send them
    assert not any(edge.encode() in stored for edge in edges)
    assert b"@demostadt.example" in sent.read("up_users.csv")


@pytest.mark.parametrize("name", sorted(allowed.TABLES))
def test_text_in_any_allowed_column_goes_and_the_record_is_turned_away(source, name):
    """Shifted columns or abused fields: what does not look like its column is not stored."""
    right = {n: good(n) for n in allowed.TABLES[name]}
    if name == "quiz_responses":
        right["answer"] = "b"
    for column, rule in allowed.TABLES[name].items():
        if rule.how == "title":
            continue
        wrong = right | {column: f"{MARKER} Mustermann"}
        clean = payload(csv_of(right, wrong).encode(), f"{name}.csv")
        assert_clean(clean.content)
        parsed = parse(clean, source)
        assert [r.row for r in parsed.rejects] == [3], column
        assert parsed.tables[name].num_rows == 1
        assert parsed.tables["exports"].to_pylist()[0]["unfit_cells"] == 1


def test_lines_with_too_many_fields_are_not_stored(source):
    day = "2025-08-01"
    text = f"{JOINS}1,4711004711,7,{day},{day}\n2,4712004712,7,{day},{day},{MARKER}\n"
    clean = payload(text.encode(), "joined_challenges.csv")
    assert_clean(clean.content)
    parsed = parse(clean, source)
    assert (parsed.tables["joined_challenges"].num_rows, len(parsed.rejects)) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("partner", True), ("collective", True), ("user", False), ("group", False), ("", False)],
)
def test_titles_of_users_go(source, kind, kept):
    row = {n: good(n) for n in allowed.TABLES["challenges"]} | {"kind": kind, "title": "Tür an Tür"}
    (found,) = table(csv_of(row).encode(), "challenges", source, "challenges.csv")
    assert found["title"] == ("Tür an Tür" if kept else None)


def test_headerless_files_are_not_repeated(source):
    clean = payload(f"17,{MARKER},geheim@mail.example\n".encode(), "up_users.csv")
    assert_clean(clean.content)
    with pytest.raises(PayloadError, match="not named as in the database"):
        parse(clean, source)


# --- pseudonyms ----------------------------------------------------------------------------------


def test_the_same_person_has_the_same_hash_everywhere(source):
    parsed = parse(payload(archive_of(database())), source)
    keys = {
        name: t.column("user_key").to_pylist()
        for name, t in parsed.tables.items()
        if "user_key" in t.column_names and name != "up_users"
    }
    assert set(map(tuple, keys.values())) == {(cleaning.pseudonym("4711004711", KEY),)}
    assert len(keys) == 5
    (user,) = parsed.tables["up_users"].to_pylist()
    assert user["user_key"] == cleaning.pseudonym("17", KEY)
    assert user["created_on"].isoformat() == "2025-08-01"
    assert cleaning.pseudonym("4711004711", "other") != cleaning.pseudonym("4711004711", KEY)


def test_without_a_key_nothing_is_hashed():
    with pytest.raises(ConfigError, match="set URBANDATA_PSEUDONYM_KEY"):
        fetch.strip(archive_of(database()), "export", "")


def test_strip_is_deterministic():
    first = fetch.strip(archive_of(database()), "export", KEY)
    assert first == fetch.strip(archive_of(database()), "export", KEY)


# --- parse ---------------------------------------------------------------------------------------


def test_joins_of_deleted_challenges_keep_their_place(source):
    text = JOINS + "1,4711004711,NULL,2025-08-01 10:00:00.123456,2025-08-02 10:00:00\n2,\\N,7,,\n"
    first, second = table(text.encode(), "joined_challenges", source, "joined_challenges.csv")
    assert (first["challenge_id"], first["_row"]) == (None, 2)
    assert first["created_at"] == datetime(2025, 8, 1, 10, 0, 0, 123456, UTC)
    assert (second["user_key"], second["challenge_id"], second["created_at"]) == (None, 7, None)


def test_semicolons_upper_case_and_times_with_zone(source):
    text = "ID;USER_ID;CHALLENGE_ID;CREATED_AT\n1;5;7;2025-08-01T10:00:00.000000Z\n"
    (row,) = table(text.encode(), "joined_challenges", source, "joined_challenges_2025-09-01.csv")
    assert row["created_at"] == at(2025, 8, 1, 10)


@pytest.mark.parametrize(
    ("files", "lists"),
    [
        ({"joined_challenges__csv": JOINS}, True),
        ({"joined_challenges__csv": JOINS, "export__json": json.dumps(NOTE)}, False),
        (
            {
                "joined_challenges__csv": JOINS,
                "joined_challenge_ids__csv": "id\n1\n",
                "export__json": json.dumps(NOTE),
            },
            True,
        ),
        (
            {
                "joined_challenge_ids__csv": "id\n1\n",
                "export__json": json.dumps({**NOTE, "rows": {"joined_challenge_ids": 2}}),
            },
            False,  # cut off: the missing ones have not left
        ),
    ],
)
def test_an_export_says_whether_it_lists_all_joins(source, files, lists):
    assert about(zipped(**files), source)["lists_all_joins"] is lists


def test_without_a_stated_moment_the_export_counts_as_made_when_it_came(source):
    row = about(JOINS.encode(), source, "joined_challenges.csv")
    assert (row["exported_at"], row["scope"], row["changed_since"]) == (AT, "full", None)


def test_empty_tables(source):
    parsed = parse(payload(JOINS.encode(), "joined_challenges.csv"), source)
    assert parsed.tables["joined_challenges"].num_rows == 0
    assert parsed.count == 1


def test_one_broken_table_does_not_spoil_the_others(source):
    files = {"joined_challenges__csv": "", "joined_challenge_ids__csv": "id\n1\n"}
    row = about(zipped(**files), source)
    assert (row["tables"], row["problems"]) == (
        "joined_challenge_ids",
        "joined_challenges: the file is empty",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no table"),
        (MARKER.encode(), "no table"),
        (b"PK\x03\x04" + MARKER.encode(), "damaged or encrypted"),
        (zipped(**{f"{MARKER}__txt": MARKER}), "no table"),
    ],
)
def test_what_holds_no_table_is_refused_and_not_stored(source, content, message):
    clean = payload(content)
    assert_clean(clean.content)
    with pytest.raises(PayloadError, match=message):
        parse(clean, source)


def test_fast_and_slow_casts_agree(source):
    rows = [{n: good(n) for n in allowed.TABLES["challenges"]} for _ in range(3)]
    fast = parse(payload(csv_of(*rows).encode(), "challenges.csv"), source)
    odd = rows[0] | {"start_date": f"{MARKER}"}
    slow = parse(payload(csv_of(*rows, odd).encode(), "challenges.csv"), source)
    assert fast.tables["challenges"].equals(slow.tables["challenges"])
    assert len(slow.rejects) == 1


def checked(content: bytes, source) -> None:
    """Any bytes give tables or a named error, and every record is counted once."""
    try:
        parsed = parse(Payload(content, "export", "zip", AT, "real"), source)
    except PayloadError:
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        bodies = [archive.read(n) for n in archive.namelist() if n.endswith(".csv")]
    assert parsed.count == 1 + sum(
        len(list(csv.reader(io.StringIO(b.decode())))) - 1 for b in bodies
    )


NAMES = st.sampled_from([f"{n}.{f}" for n in (*allowed.TABLES, "x") for f in ("csv", "json")])
CELLS = st.text(max_size=8) | st.sampled_from(["17", "?", "2025-08-01", "NULL", '"', "daily"])
HEADS = st.sampled_from([",".join(t) for t in allowed.TABLES.values()])


@st.composite
def files(draw):
    lines = draw(st.lists(st.lists(CELLS, max_size=14).map(",".join), max_size=4))
    return "\n".join([draw(HEADS), *lines]).encode(errors="replace")


@hypothesis_settings(deadline=None, max_examples=80)
@given(st.binary(max_size=200) | files(), NAMES, st.booleans())
def test_any_bytes(content, name, in_zip):
    source = registry.source("cleema_export")
    body = zipped(**{name: content}) if in_zip else content
    checked(fetch.strip(body, name, KEY), source)


KEYS = st.sampled_from(["id", "user_id", "kind", "title", "_row", "\ud800"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@hypothesis_settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "user_id", "kind", "title", "_row", "\ud800"]), VALUES
        )
        | VALUES,
        max_size=4,
    ),
    NAMES,
)
def test_any_json(records, name):
    checked(fetch.strip(json.dumps(records).encode(), name, KEY), registry.source("cleema_export"))


@hypothesis_settings(deadline=None, max_examples=80)
@given(st.binary(max_size=200), st.binary(max_size=200), NAMES)
def test_any_stored_bytes(manifest, body, name):
    source = registry.source("cleema_export")
    for content in (body, zipped(**{allowed.MANIFEST: manifest, name: body})):
        try:
            parsed = parse(Payload(content, "export", "zip", AT, "real"), source)
        except PayloadError:
            continue
        assert parsed.count >= 1


# --- the real quiz catalogue ---------------------------------------------------------------------


def test_real_quiz_catalogue_is_counted_and_not_kept(source, realdata, tmp_path, check):
    path = realdata("cleema/quiz.json")
    content = path.read_bytes()
    assert inbox.owner(path, content, path.parent, registry.sources()) == "cleema_export"
    clean = payload(content, "quiz.json")
    assert b"Nachhaltig" not in clean.content
    parsed = parse(clean, source)
    questions = parsed.tables["quiz_questions"].to_pylist()
    assert len(questions) == 104
    assert sum(q["options"] == 3 for q in questions) == 14
    assert sum(not q["has_source"] for q in questions) == 96
    assert sum(not q["has_explanation"] for q in questions) == 35
    assert {q["is_regional"] for q in questions} == {None}
    assert questions[0] == {
        "position": 1,
        "options": 4,
        "has_explanation": True,
        "has_source": True,
        "is_regional": None,
        "_row": 2,
    }
    assert not check("cleema_export", parsed).quarantined


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("abzug.zip", archive_of(database())),
        ("user_follows_v2.csv", FOLLOWS.encode()),
        ("tabelle.csv", b"id,email,referral_code\n1,x@x.example,R\n"),
        ("tabelle.json", b'[{"joined_challenge_id": 1}]'),
        ("joined_challenges-2025-09-01.csv", JOINS.encode()),
    ],
)
def test_files_are_recognised_outside_their_folder(tmp_path, name, content):
    assert inbox.owner(tmp_path / name, content, tmp_path, registry.sources()) == "cleema_export"


# --- the door ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("joined_challenges_answers", {"day_index": "99999"}, "Day number outside"),
        (
            "joined_challenges_answers",
            {"joined_challenge_id": ""},
            "Join for the answer is missing",
        ),
        ("challenges", {"end_date": "2020-01-01"}, "End is before the start"),
        ("joined_challenges", {"created_at": ""}, "Time of joining is missing"),
    ],
)
def test_door_turns_away_bad_records(source, check, name, change, reason):
    right = {n: good(n) for n in allowed.TABLES[name]}
    content = csv_of(right, right | change).encode()
    door = check("cleema_export", parse(payload(content, f"{name}.csv"), source))
    (turned_away,) = door.quarantined
    assert (turned_away.row, reason in turned_away.reason) == (3, True)
    assert door.accepted[name].num_rows == 1


# --- the demo city -------------------------------------------------------------------------------


def exports(world, source, start, months):
    """Parsed exports of consecutive months."""
    found = []
    for n in range(months):
        begin = start + timedelta(days=31 * n)
        body = demo.export_zip(world, begin, begin + timedelta(days=31))
        found.append(parse(payload(body), source))
    return found


def ids(parsed, name, column="id"):
    return set(parsed.tables[name].column(column).to_pylist())


def test_round_trip(ask, source, world, check):
    (first,) = ask("cleema_export", AUGUST)
    parsed = parse(first, source)
    assert not parsed.rejects
    door = check("cleema_export", parsed)
    assert all(c.success for c in door.checks)
    assert set(parsed.tables) == {"exports", *allowed.TABLES}
    assert all(t.num_rows for t in parsed.tables.values())
    (export,) = parsed.tables["exports"].to_pylist()
    assert (export["exported_at"], export["lists_all_joins"]) == (AUGUST.end, True)
    story, now = people.community(world), people.epoch_s(AUGUST.end)
    live = story.joins.live(now)
    assert ids(parsed, "joined_challenge_ids") == set(story.joins.number[live].tolist())
    boroughs = ids(parsed, "up_users", "borough_number")
    assert boroughs <= {None, *(d.borough for d in world.districts)}


def test_nothing_later_than_now(world, source):
    body = demo.export_zip(world, at(2025, 9, 1), at(2025, 12, 1))
    parsed = parse(payload(body), source)
    (export,) = parsed.tables["exports"].to_pylist()
    assert export["exported_at"] == world.now()
    assert max(parsed.tables["joined_challenges"].column("created_at").to_pylist()) <= world.now()


def test_leaving_takes_joins_and_answers_away_and_the_lists_show_it(world, source):
    may, june = exports(world, source, at(2025, 4, 17), 2)
    gone = ids(may, "joined_challenge_ids") - ids(june, "joined_challenge_ids")
    assert gone
    assert not gone & ids(june, "joined_challenges_answers", "joined_challenge_id")
    assert gone & ids(may, "joined_challenges_answers", "joined_challenge_id")
    fresh = ids(june, "joined_challenges") - ids(may, "joined_challenges")
    assert fresh <= ids(june, "joined_challenge_ids")


def test_deleted_challenges_leave_orphans(world, source):
    story = people.community(world)
    deleted = next(c for c in story.challenges if c.deleted_at)
    since = deleted.deleted_at - timedelta(days=1)
    parsed = parse(payload(demo.export_zip(world, since, since + timedelta(days=2))), source)
    joins = parsed.tables["joined_challenges"].to_pylist()
    assert sum(j["challenge_id"] is None for j in joins) > 100
    assert deleted.number not in ids(parsed, "challenges")


def test_the_story_only_grows(world):
    """Numbers given once stay: an earlier moment shows a prefix."""
    later = type(world)(seed=world.seed, clock=lambda: at(2026, 2, 1))
    now, then = people.community(world), people.community(later)
    end = people.epoch_s(world.now())
    for name, time in (("joins", "joined_s"), ("answers", "given_s")):
        before, after = getattr(now, name), getattr(then, name)
        size = int((getattr(before, time) <= end).sum())
        assert size > 10_000
        for column in before.__slots__:
            known = getattr(before, column)[:size]
            assert (known == getattr(after, column)[:size]).all()


def test_rain_keeps_people_off_their_bikes(world):
    story = people.community(world)
    share = {}
    for challenge in story.challenges:
        if challenge.template.key != "bike" or challenge.start > world.now().date():
            continue
        joins = story.joins.number[story.joins.challenge == challenge.number]
        own = pa.compute.is_in(pa.array(story.answers.join), pa.array(joins)).to_numpy(False)
        for day in range(1, challenge.intervals + 1):
            answers = story.answers.succeeded[own & (story.answers.day_index == day)]
            evening = at(challenge.start.year, challenge.start.month, day, 20)
            rain = world.rain_mm(
                world.steps(evening, evening + timedelta(minutes=10), 10), 51.05, 13.74, 840
            )
            if answers.size > 30 and rain.size:
                share.setdefault(bool(rain[0] > 4), []).append(answers.mean())
    assert sum(share[True]) / len(share[True]) < sum(share[False]) / len(share[False]) - 0.15


def test_interest_fades(world):
    story = people.community(world)
    answers = story.answers.join[story.answers.day_index == 1].size
    last = story.answers.join[story.answers.day_index == 28].size
    assert 0.2 * answers < last < 0.8 * answers


def test_bad_questions_are_refused(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    assert client.get("/export.zip").status_code == 400
    assert client.get("/export.zip?since=gestern&until=heute").status_code == 400
    naive = "/export.zip?since=2025-08-01T00:00:00&until=2025-09-01T00:00:00"
    assert client.get(naive).status_code == 400


def test_first_fill_stays_small(source):
    days = (at(2026, 11, 30).date() - source.window.history_start).days
    assert -(-days // source.window.size.days) <= 60
