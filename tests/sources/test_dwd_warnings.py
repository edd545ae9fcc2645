"""DWD warnings: CAP messages in zips, real and from the demo city."""

from __future__ import annotations

import io
import itertools
import zipfile
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests import archives

from urbandata import inbox, registry
from urbandata.contract import Window
from urbandata.errors import PayloadError
from urbandata.sources.dwd_warnings import demo, fetch, story
from urbandata.sources.dwd_warnings.parse import parse

REAL = "environment/dwd/Z_CAP_C_EDZW_LATEST_PVW_STATUS_PREMIUMDWD_COMMUNEUNION_MUL.zip"
DRESDEN = "814612000"
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{identifier}</identifier><sender>opendata@dwd.de</sender>
  <sent>{sent}</sent><status>{status}</status><msgType>{kind}</msgType>
  {infos}
</alert>"""
INFO = """<info><language>{language}</language><event>{event}</event><severity>Moderate</severity>
<onset>2025-07-01T15:00:00+02:00</onset><expires>2025-07-01T17:00:00+02:00</expires>{areas}</info>"""
AREA = """<area><areaDesc>Stadt Dresden</areaDesc>
<geocode><valueName>WARNCELLID</valueName><value>814612000</value></geocode></area>"""
POLYGON = "<area><areaDesc>polygonal event area</areaDesc><polygon>1,2 3,4</polygon></area>"


@pytest.fixture(scope="module")
def source():
    return registry.source("dwd_warnings")


@pytest.fixture
def with_archive(source, monkeypatch):
    """The source as the demo mode sees it."""
    merged = source.model_copy(update={"options": {**source.options, **source.demo_options}})
    monkeypatch.setattr(registry, "source", lambda name: merged)
    return merged


def cap(infos=None, identifier="a.1", sent="2025-07-01T14:30:00+02:00", **other) -> bytes:
    infos = info() if infos is None else infos
    fields = {"status": "Actual", "kind": "Alert", **other}
    return CAP.format(identifier=identifier, sent=sent, infos=infos, **fields).encode()


def info(language="de-DE", event="STARKREGEN", areas=AREA) -> str:
    return INFO.format(language=language, event=event, areas=areas)


def packed(**members: bytes) -> bytes:
    return archives.zipped({f"{name}.xml": content for name, content in members.items()})


def rows(parsed):
    return parsed.tables["messages"].to_pylist()


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


# --- fetch -------------------------------------------------------------------------------------


def test_live_asks_for_the_latest_zip_only(source):
    (request,) = fetch.requests(Window(at(2025, 9, 13), at(2025, 9, 15)), source)
    assert request.path == source.options["latest"]
    assert request.conditional
    assert not request.missing_ok


def test_demo_also_asks_for_every_month_of_the_window(with_archive):
    window = Window(at(2024, 12, 31), at(2025, 2, 1))
    latest, *months = fetch.requests(window, with_archive)
    assert latest.resource == "latest"
    assert [m.path for m in months] == ["archive/2024-12.zip", "archive/2025-01.zip"]
    assert all(m.missing_ok and m.conditional for m in months)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (at(2025, 1, 31), at(2025, 3, 3), ["2025-01", "2025-02", "2025-03"]),
        (at(2025, 5, 5), at(2025, 5, 5), ["2025-05"]),
    ],
)
def test_months_of_a_window(start, end, months):
    assert list(fetch.months(Window(start, end))) == months


# --- parse -------------------------------------------------------------------------------------


def test_real_file(source, realdata, make_payload, check):
    parsed = parse(make_payload(realdata(REAL).read_bytes(), extension="zip"), source)
    found = rows(parsed)
    assert not parsed.rejects
    assert len({r["identifier"] for r in found}) == 3
    assert {r["language"] for r in found} == {"de-DE"}
    assert len(found) == 1728 // 8  # eight languages repeat the same cells
    assert [r["_row"] for r in found] == list(range(1, len(found) + 1))
    assert all(r["warncell_id"] and len(r["warncell_id"]) == 9 for r in found)
    havelsee = next(r for r in found if r["warncell_id"] == "812069270")
    assert havelsee["area_name"] == "Stadt Havelsee"
    assert (havelsee["event"], havelsee["event_code"]) == ("STARKREGEN", "61")
    assert havelsee["sent_at"] == at(2023, 6, 23, 9, 14)
    assert havelsee["expires_at"] == at(2023, 6, 23, 13, 0)
    assert havelsee["precipitation"] == "20-30 [l/m² in 6h]"
    assert havelsee["references_text"].split(",")[2] == "2023-06-23T08:51:00+02:00"
    assert (havelsee["altitude"], havelsee["ceiling"]) == (0.0, 9842.5197)
    door = check("dwd_warnings", parsed)
    assert not door.held
    assert not door.quarantined
    assert all(c.success for c in door.checks)


def test_real_file_is_recognised(source, realdata):
    path = realdata(REAL)
    known = {"dwd_warnings": source}
    assert inbox.owner(path, path.read_bytes(), path.parent, known) == "dwd_warnings"


def test_single_message_and_renamed_zip_are_recognised(source, tmp_path):
    known = {"dwd_warnings": source}
    buffer = packed(**{"2.49.0.0.276.0.DWD.PVW.1.x.DEU": cap()})
    for name, content in (("w.xml", cap()), ("w.CAP", cap()), ("download.zip", buffer)):
        assert inbox.owner(tmp_path / name, content, tmp_path, known) == "dwd_warnings"
    assert inbox.owner(tmp_path / "o.xml", b"<other/>", tmp_path, known) == inbox.UNKNOWN


def test_empty_zip_means_no_warnings(source, make_payload):
    parsed = parse(make_payload(EMPTY_ZIP, extension="zip"), source)
    assert parsed.tables["messages"].num_rows == 0
    assert not parsed.rejects


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", packed(a=cap())[:-30], b"<alert>", b"<other/>"],
)
def test_broken_payload_is_refused_as_a_whole(source, make_payload, content):
    with pytest.raises(PayloadError, match=r"zip is broken|broken XML|not a CAP 1\.2 alert"):
        parse(make_payload(content, extension="zip"), source)


def test_broken_members_are_turned_away_and_the_rest_goes_on(source, make_payload):
    last = cap(identifier="a.9")
    damaged = bytearray(packed(first=cap(), torn=b"<alert", readme=b"hello", last=last))
    place = damaged.find(b"a.9")
    damaged[place : place + 3] = b"a.8"  # the checksum of the last member no longer fits
    parsed = parse(make_payload(bytes(damaged)), source)
    assert [r["identifier"] for r in rows(parsed)] == ["a.1"]
    assert [(r.row, r.record) for r in parsed.rejects] == [
        (2, "torn.xml"),
        (3, "readme.xml"),
        (4, "last.xml"),
    ]
    assert "broken XML" in parsed.rejects[0].reason
    assert "CRC" in parsed.rejects[2].reason
    assert parsed.count == 4


def test_entities_are_neither_expanded_nor_fetched(source, make_payload, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("geheim")
    evil = cap(identifier="&e;").replace(
        b"<alert", f'<!DOCTYPE alert [<!ENTITY e SYSTEM "{secret.as_uri()}">]><alert'.encode(), 1
    )
    parsed = parse(make_payload(packed(evil=evil, good=cap())), source)
    assert [r["identifier"] for r in rows(parsed)] == ["a.1"]
    (reject,) = parsed.rejects
    assert "document type" in reject.reason
    assert "geheim" not in str(parsed)


def test_german_blocks_are_taken_and_else_the_first(source, make_payload):
    both = cap(info("en", "heavy rain") + info("de-DE", "STARKREGEN") + info("de", "STURMBÖEN"))
    foreign = cap(info("en", "heavy rain") + info("fr", "pluie"), identifier="a.2")
    parsed = parse(make_payload(packed(both=both, foreign=foreign)), source)
    events = [(r["identifier"], r["event"]) for r in rows(parsed)]
    assert events == [("a.1", "STARKREGEN"), ("a.1", "STURMBÖEN"), ("a.2", "heavy rain")]


def test_outline_repeats_the_cells_or_stands_alone(source, make_payload):
    with_cell = cap(info(areas=POLYGON + AREA))
    alone = cap(info(areas=POLYGON), identifier="a.2")
    bare = cap("", identifier="a.3", kind="Cancel")
    parsed = parse(make_payload(packed(a=with_cell, b=alone, c=bare)), source)
    found = [(r["identifier"], r["warncell_id"], r["event"]) for r in rows(parsed)]
    assert found == [
        ("a.1", DRESDEN, "STARKREGEN"),
        ("a.2", None, "STARKREGEN"),
        ("a.3", None, None),
    ]


@pytest.mark.parametrize("sent", ["gestern", "2025-07-01T14:30:00"])
def test_time_that_is_none_turns_the_row_away(source, make_payload, sent):
    parsed = parse(make_payload(packed(a=cap(sent=sent), b=cap(identifier="a.2"))), source)
    assert [r["identifier"] for r in rows(parsed)] == ["a.2"]
    (reject,) = parsed.rejects
    assert reject.row == 1
    assert sent in reject.reason
    assert "identifier=a.1" in reject.record


def test_option_keeps_only_the_named_cells(source, make_payload):
    other = AREA.replace(DRESDEN, "814628270")
    payload = make_payload(packed(a=cap(info(areas=AREA + other))))
    assert len(rows(parse(payload, source))) == 2
    narrowed = source.model_copy(update={"options": {**source.options, "warncells": [DRESDEN]}})
    assert [r["warncell_id"] for r in rows(parse(payload, narrowed))] == [DRESDEN]


# --- the door ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (cap(status="Test"), "exercise"),
        (cap(kind="Ack"), "Alert nor Update"),
        (cap(identifier=""), "without identifier"),
        (cap(sent=""), "without time"),
        (cap(sent="1925-07-01T14:30:00+01:00"), "2000 to 2100"),
        (cap().replace(b"814612000", b"14612000"), "nine digits"),
    ],
)
def test_door_turns_away_what_is_no_warning(source, make_payload, check, message, reason):
    good = cap(identifier="a.2")
    door = check("dwd_warnings", parse(make_payload(packed(a=message, b=good)), source))
    (turned_away,) = door.quarantined
    assert turned_away.row == 1
    assert reason in turned_away.reason
    assert door.accepted["messages"].column("identifier").to_pylist() == ["a.2"]


def test_door_notes_an_end_before_the_begin(source, make_payload, check):
    upside_down = cap().replace(b"T17:00:00", b"T13:00:00")
    door = check("dwd_warnings", parse(make_payload(packed(a=upside_down)), source))
    assert door.accepted["messages"].num_rows == 1
    failed = [c for c in door.checks if not c.success]
    assert [(c.check, c.severity) for c in failed] == [
        ("ExpectColumnPairValuesAToBeGreaterThanB", "warning")
    ]


# --- the demo city -----------------------------------------------------------------------------


def summer(world) -> list[story.Message]:
    return story.messages(world, at(2025, 5, 1), at(2025, 9, 15))


def test_round_trip_through_the_archive(with_archive, world, ask, check):
    payloads = ask("dwd_warnings", Window(at(2025, 6, 1), at(2025, 7, 1)))
    assert [p.resource for p in payloads] == ["latest", "archive/2025-06"]
    parsed = parse(payloads[1], with_archive)
    issued = story.messages(world, at(2025, 6, 1), at(2025, 7, 1))
    assert {r["identifier"] for r in rows(parsed)} == {m.identifier for m in issued}
    by_id = {m.identifier: m for m in issued}
    for row in rows(parsed):
        message = by_id[row["identifier"]]
        assert (row["sent_at"], row["expires_at"]) == (message.sent, message.expires)
        assert row["references_text"] == (message.references or None)
    door = check("dwd_warnings", parsed)
    assert not door.quarantined
    assert all(c.success for c in door.checks)


def test_latest_holds_48_hours_and_may_be_empty(world):
    def at_time(now):
        clocked = type(world)(seed=world.seed, clock=lambda: now)
        client = TestClient(Starlette(routes=demo.routes(clocked)))
        content = client.get(f"/COMMUNEUNION_CELLS_STAT/{demo.LATEST}").content
        return zipfile.ZipFile(io.BytesIO(content)).namelist()

    message = next(m for m in summer(world) if m.level >= 2)
    name = f"{message.identifier}.xml"
    assert name in at_time(message.sent)
    assert name in at_time(message.sent + timedelta(hours=48))
    assert name not in at_time(message.sent - timedelta(seconds=1))
    assert name not in at_time(message.sent + timedelta(hours=48, seconds=1))
    quiet = _quiet_moment(summer(world))
    assert at_time(quiet) == []


def _quiet_moment(found):
    long = timedelta(hours=50)
    end = next(b.sent for a, b in itertools.pairwise(found) if b.sent - a.sent > long)
    return end - timedelta(hours=1)


def test_unchanged_zip_is_not_sent_again_and_missing_months_are_404(world):
    client = TestClient(Starlette(routes=demo.routes(world)))
    first = client.get("/archive/2025-07.zip")
    again = client.get("/archive/2025-07.zip", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.get("/archive/2025-07.zip").content == first.content
    for month in ("2023-06", "2025-10", "2025-13", "x"):
        assert client.get(f"/archive/{month}.zip").status_code == httpx.codes.NOT_FOUND


def test_story_has_hits_misses_false_alarms_and_chains(world):
    found = [m for year in (2024, 2025) for m in story._year(world, year)]
    heavy = [e for year in (2024, 2025) for e in story.episodes(world, year)]
    first = [m for m in found if m.kind == "Alert" and m.level >= 2 and m.in_city]

    def meets(warning, episode):
        early = warning.onset - timedelta(hours=1)
        return early <= episode.begin <= warning.expires and warning.sent <= episode.begin

    hits = [e for e in heavy if any(meets(w, e) for w in first)]
    leads = [max(e.begin - w.sent for w in first if meets(w, e)) for e in hits]
    assert len(heavy) * 0.6 < len(hits) < len(heavy)
    assert any(not any(meets(w, e) for e in heavy) for w in first)
    assert timedelta(minutes=30) < sum(leads, timedelta()) / len(leads) < timedelta(minutes=75)
    by_id = {m.identifier: m for m in found}
    assert len(by_id) == len(found)
    chained = [m for m in found if m.kind != "Alert"]
    assert {m.kind for m in chained} == {"Update", "Cancel"}
    for message in chained:
        sender, identifier, sent = message.references.split(",")
        before = by_id[identifier]
        assert (sender, sent) == (story.SENDER, story.cap_time(before.sent))
        assert before.sent < message.sent
    assert all(m.sent <= m.expires for m in found)


@pytest.mark.parametrize(
    ("mm_h", "expected"), [(11, 2), (15, 2), (24.9, 2), (25, 3), (39.9, 3), (40, 4), (80, 4)]
)
def test_level_follows_the_thresholds(mm_h, expected):
    assert story.level(mm_h) == expected


def test_clock_of_dresden_has_the_offset_of_the_season():
    assert story.cap_time(at(2025, 7, 1, 12)) == "2025-07-01T14:00:00+02:00"
    assert story.cap_time(at(2025, 12, 31, 23, 30)) == "2026-01-01T00:30:00+01:00"


def test_nothing_is_issued_after_now(world):
    late = story.messages(world, at(2025, 1, 1), at(2026, 12, 31))
    assert late
    assert max(m.sent for m in late) <= world.now()
