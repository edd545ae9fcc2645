"""Cleema API: seven lists, stripped of everything personal before anything is written."""

from __future__ import annotations

import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from urbandata import inbox, registry
from urbandata.contract import Payload, Window
from urbandata.demo.cleema import community, epoch_s
from urbandata.errors import ConfigError, PayloadError
from urbandata.fetching import Fetcher
from urbandata.landing import utc_now
from urbandata.sources.cleema_api import demo, fetch
from urbandata.sources.cleema_api.parse import parse
from urbandata.transport import Transport, secrets_of

UUID = "0b3f6f0e-3c55-4f0e-9a39-2f1f5b2f6d11"
DRESDEN = "d711cb16-a6e1-41ae-9018-73260a8f0aed"
MARKER = "GEHEIM"
WINDOW = Window(utc_now(), utc_now())


@pytest.fixture(scope="module")
def source():
    return registry.source("cleema_api")


def person(number=1):
    return {
        "email": f"{MARKER}-{number}@mail.example",
        "username": f"{MARKER} Name",
        "referralCode": f"{MARKER}REF",
        "avatar": {"image": {"url": f"https://x.example/{MARKER}.jpg"}},
        "uuid": UUID,
    }


def challenge(**more):
    return {
        "title": "Rad im Mai",
        "description": f"{MARKER} Beschreibung",
        "interval": "daily",
        "isPublic": True,
        "kind": "partner",
        "startDate": "2024-05-01T00:00:00.000000Z",
        "endDate": "2024-05-31T00:00:00.000000Z",
        "publishedAt": "2024-04-20T09:00:00.000000Z",
        "goalType": "measurement",
        "uuid": UUID,
        "teaserText": f"{MARKER} Anreißer",
        "region": {"name": MARKER, "uuid": DRESDEN},
        "goalMeasurement": {"unit": "km", "value": 200},
        "goalSteps": {"count": None},
        "joinedChallenge": {"answers": [{"answer": "succeeded", "dayIndex": 1}]},
        "collectiveGoalAmount": None,
        "collectiveProgress": 143,
        "usersJoined": [person(1), person(2), person(3)],
        "author": person(9),
        "comments": [f"{MARKER} Kommentar"],
        "partner": {"title": MARKER, "description": MARKER, "email": f"{MARKER}@x.example"},
        "image": {"url": f"https://x.example/{MARKER}.jpg"},
        **more,
    }


def listing(*records) -> bytes:
    return json.dumps({"data": list(records)}).encode()


def stripped(make_payload, content, resource="challenges", **more):
    return make_payload(fetch.strip(content, resource, ""), resource=resource, **more)


# --- fetch -------------------------------------------------------------------------------------


def test_seven_lists_with_lower_case_bearer(source):
    asked = list(fetch.requests(WINDOW, source))
    assert [r.path for r in asked] == [
        *("challenges", "projects", "regions", "offers"),
        *("surveys", "quizzes/current", "news-entries"),
    ]
    assert {r.headers["Authorization"] for r in asked} == {"bearer {CLEEMA_APP_TOKEN}"}
    assert {r.headers["cleema-install-id"] for r in asked} == {"{CLEEMA_INSTALL_ID}"}


def test_missing_secrets_are_named(source):
    with pytest.raises(ConfigError, match="CLEEMA_APP_TOKEN, CLEEMA_INSTALL_ID"):
        secrets_of(source, {})


# --- nothing personal ---------------------------------------------------------------------------


def test_strip_keeps_counts_and_settings_only():
    content = listing(challenge(), challenge(kind="user", title=f"{MARKER} läuft", uuid=None))
    clean = fetch.strip(content, "challenges", "")
    assert MARKER.encode() not in clean
    assert b"@" not in clean
    first, second = json.loads(clean)["data"]
    assert (first["title"], first["usersJoined"], first["goalMeasurement.value"]) == (
        *("Rad im Mai", 3),
        200,
    )
    assert second["title"] is None


@pytest.mark.parametrize("kind", ["user", "group", MARKER, None, 7, ["partner"]])
def test_titles_of_users_go(kind):
    assert MARKER.encode() not in fetch.strip(
        listing(challenge(kind=kind, title=MARKER)), "challenges", ""
    )


@pytest.mark.parametrize("field", [f for f in fetch.FIELDS["challenges"] if "." not in f])
def test_text_in_any_allowed_field_goes_and_the_record_is_turned_away(source, make_payload, field):
    for planted in (f"{MARKER}@mail.example", {"name": MARKER}, [MARKER]):
        payload = stripped(make_payload, listing(challenge(**{field: planted}), challenge()))
        assert MARKER.encode() not in payload.content
        parsed = parse(payload, source)
        (reject,) = parsed.rejects
        assert (reject.row, "not stored" in reject.reason) == (1, True)
        assert parsed.tables["challenges"].num_rows == 1


@pytest.mark.parametrize("resource", list(fetch.FIELDS))
def test_every_list_is_an_allow_list(resource):
    record = dict.fromkeys(["email", "username", "comment", "genericVoucher", "question"], MARKER)
    record |= {f.split(".")[0]: {"uuid": MARKER, "name": MARKER} for f in fetch.FIELDS[resource]}
    for data in (record, [record], [[MARKER]], [MARKER]):
        clean = fetch.strip(json.dumps({"data": data}).encode(), resource, "")
        assert MARKER.encode() not in clean


@pytest.mark.parametrize(
    "content",
    [MARKER.encode(), f'"{MARKER}"'.encode(), f'{{"data": "{MARKER}"}}'.encode(), b"\xff"],
)
def test_what_cannot_be_cleaned_is_not_stored(source, make_payload, content):
    payload = stripped(make_payload, content)
    assert MARKER.encode() not in payload.content
    with pytest.raises(PayloadError, match="nothing of it was stored"):
        parse(payload, source)


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


def test_nothing_personal_reaches_the_disk_by_http(source, world, settings):
    app = Starlette(routes=[Mount("/cleema_api", routes=demo.routes(world))])
    secrets = dict.fromkeys(source.requires, "demo")
    client = TestClient(app, base_url="http://testserver")
    shown = client.get("/cleema_api/challenges", headers=headers()).text
    assert "@demostadt.example" in shown  # the service does send it
    transport = Transport(
        source, "http://testserver/cleema_api", client=client, pace=False, secrets=secrets
    )
    run = Fetcher(source, settings, transport).fetch([WINDOW])
    assert run.outcomes == {"landed": 7}
    stored = raw_bytes(settings)
    assert b"collectiveProgress" in stored
    for personal in (b"@", b"demoperson", b"REF0", b"GUTSCHEIN", b"Muster", b".jpg", b"Demotext"):
        assert personal not in stored


def test_nothing_personal_reaches_the_disk_by_inbox(source, settings):
    settings.inbox_dir.mkdir(parents=True)
    content = json.dumps({"data": [challenge(), challenge(kind="group", title=MARKER)]}).encode()
    (settings.inbox_dir / "abzug.json").write_bytes(content)
    (attempt,) = inbox.land_files(settings, {"cleema_api": source})
    assert (attempt.source, attempt.outcome) == ("cleema_api", "landed")
    stored = raw_bytes(settings)
    assert b"Rad im Mai" in stored
    assert MARKER.encode() not in stored


# --- parse -------------------------------------------------------------------------------------


def test_challenges(source, make_payload, check):
    steps = challenge(goalType="steps", goalMeasurement=None, goalSteps={"count": 20})
    parsed = parse(stripped(make_payload, listing(challenge(), steps)), source)
    first, second = parsed.tables["challenges"].to_pylist()
    assert not parsed.rejects
    assert (first["goal_value"], first["goal_unit"], first["goal_steps"]) == (200.0, "km", None)
    assert (second["goal_value"], second["goal_steps"], second["_row"]) == (None, 20, 2)
    assert (first["users_joined"], first["collective_progress"]) == (3, 143)
    assert first["start_date"].isoformat() == "2024-05-01T00:00:00+00:00"
    assert (first["region_uuid"], first["is_public"]) == (DRESDEN, True)
    assert all(c.success for c in check("cleema_api", parsed).checks)


def test_offers_without_dates(source, make_payload):
    offer = {"uuid": UUID, "validFrom": "2000-04-30 00:00:00.000000", "discount": "12.50"}
    offer |= {"validUntil": "2024-05-31T00:00:00.000000Z", "genericVoucher": MARKER}
    payload = stripped(make_payload, listing(offer), "offers")
    (row,) = parse(payload, source).tables["offers"].to_pylist()
    assert (row["valid_from"], row["discount"]) == (None, 12.5)
    assert row["valid_until"].year == 2024


def test_quiz_of_the_day_is_one_item_or_none(source, make_payload):
    quiz = {"data": {"uuid": UUID, "question": MARKER, "date": "2024-05-01"}}
    payload = stripped(make_payload, json.dumps(quiz).encode(), "quizzes/current")
    (row,) = parse(payload, source).tables["items"].to_pylist()
    assert (row["resource"], row["item_date"].day) == ("quizzes/current", 1)
    payload = stripped(make_payload, b'{"data": null}', "quizzes/current")
    assert parse(payload, source).count == 0


@pytest.mark.parametrize("resource", list(fetch.FIELDS))
def test_empty_lists(source, make_payload, resource):
    parsed = parse(stripped(make_payload, listing(), resource), source)
    assert parsed.count == 0
    assert len(parsed.tables) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"data": None, "error": {"message": "Login failed", "name": "ApplicationError"}},
        {"data": [{"error": "Login failed"}, {"error": "Login failed"}]},
        {"error": "Login failed"},
    ],
)
def test_errors_in_a_200_answer_are_recognised(source, make_payload, answer):
    with pytest.raises(PayloadError, match="Login failed"):
        parse(stripped(make_payload, json.dumps(answer).encode()), source)


def test_record_without_id_is_turned_away(source, make_payload):
    parsed = parse(stripped(make_payload, listing(challenge(uuid=None), challenge())), source)
    assert [(r.row, r.reason) for r in parsed.rejects] == [(1, "the record has no id")]


def test_door_turns_away_an_unknown_order_of_days(source, make_payload, check):
    wrong = challenge(endDate="2024-04-01T00:00:00.000000Z")
    door = check("cleema_api", parse(stripped(make_payload, listing(challenge(), wrong)), source))
    assert [(r.row, r.reason) for r in door.quarantined] == [(2, "End is before the start")]


def checked(content: bytes, resource: str) -> None:
    """Any bytes give a table or a named error, never anything else."""
    payload = Payload(content, resource, "json", utc_now(), "real")
    try:
        parsed = parse(payload, registry.source("cleema_api"))
    except PayloadError:
        return
    assert parsed.count == sum(t.num_rows for t in parsed.tables.values()) + len(parsed.rejects)
    records = json.loads(content)["data"]
    assert parsed.count == len(records)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
RECORDS = st.dictionaries(
    st.sampled_from(["uuid", "kind", "startDate", "usersJoined", "title", "region", "x"]),
    st.recursive(SCALARS, lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(), s)),
)


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.binary() | st.text().map(str.encode), st.sampled_from([*fetch.FIELDS, "x"]))
def test_any_bytes(content, resource):
    checked(content, resource)
    checked(fetch.strip(content, resource, ""), resource)


@hypothesis_settings(deadline=None, max_examples=60)
@given(st.lists(RECORDS | SCALARS, max_size=4), st.sampled_from([*fetch.FIELDS, "x"]))
def test_any_json(records, resource):
    content = json.dumps({"data": records}).encode()
    checked(fetch.strip(content, resource, ""), resource)
    checked(json.dumps({"resource": resource, "data": records}).encode(), resource)


# --- the demo city -----------------------------------------------------------------------------


def headers(token="bearer demo", install="demo"):  # noqa: S107 - what the demo city demands
    sent = {"Authorization": token, "cleema-install-id": install}
    return {k: v for k, v in sent.items() if v}


@pytest.fixture
def client(world):
    return TestClient(Starlette(routes=demo.routes(world)))


@pytest.mark.parametrize("token", ["", "Bearer demo", "demo", "bearer falsch", "Basic ZGVtbw=="])
def test_only_lower_case_bearer_opens(client, token):
    answer = client.get("/challenges", headers=headers(token))
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] in ("No bearer token provided", "Login failed")


def test_without_install_id_errors_come_with_200(client, source, make_payload):
    for path in ("challenges", "quizzes/current"):
        answer = client.get(f"/{path}", headers=headers(install=""))
        assert answer.status_code == 200
        with pytest.raises(PayloadError, match="Authentication failed"):
            parse(stripped(make_payload, answer.content, path), source)


def test_round_trip(ask, source, world, check):
    parsed = [parse(p, source) for p in ask("cleema_api")]
    assert not any(p.rejects for p in parsed)
    assert all(c.success for p in parsed for c in check("cleema_api", p).checks)
    tables = {name: t for p in parsed[:6] for name, t in p.tables.items()}
    assert all(t.num_rows for t in tables.values())
    story, now = community(world), epoch_s(world.now())
    by_uuid = {c.uuid: c for c in story.challenges}
    for row in tables["challenges"].to_pylist():
        own = story.joins.live(now) & (story.joins.challenge == by_uuid[row["uuid"]].number)
        assert row["users_joined"] == own.sum()
        assert (row["title"] is None) == (row["kind"] in ("user", "group"))
    assert {r["current_participants"] for r in tables["projects"].to_pylist()} == {0}
    assert sum(r["users_joined"] for r in tables["challenges"].to_pylist()) > 500


def test_challenges_vanish_a_week_after_their_end(world):
    def shown(moment):
        city = type(world)(seed=world.seed, clock=lambda: moment)
        answer = TestClient(Starlette(routes=demo.routes(city))).get(
            "/challenges", headers=headers()
        )
        return {r["uuid"] for r in answer.json()["data"]}

    ended = next(c for c in community(world).challenges if c.template.key == "meat")
    last = world.now().replace(ended.end.year, ended.end.month, ended.end.day, hour=0)
    day = (world.now().replace(year=2024, month=1, day=2) - world.now().replace(2024, 1, 1)) * 7
    assert ended.uuid in shown(last + day * 0.99)
    assert ended.uuid not in shown(last + day)


def test_answers_are_deterministic(ask):
    payloads = ask("cleema_api")
    assert len({p.resource for p in payloads}) == 7
    assert payloads[0].content == ask("cleema_api")[0].content  # deterministic
