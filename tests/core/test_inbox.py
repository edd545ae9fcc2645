"""Files in the inbox: each goes to one source, unknown ones are named and not copied."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import archives
from urbandata import inbox as inbox_module
from urbandata import pipeline, recognition, registry, warehouse
from urbandata.bronze import Bronze
from urbandata.errors import ConfigError
from urbandata.inbox import bytes_of, files, land_files, units
from urbandata.landing import UNKNOWN, payload_id
from urbandata.registry import InboxRule

PEGEL = b"\xef\xbb\xbfstationsname,gewaesser,km\nDRESDEN,ELBE,55.6\n"
GAUGE = (
    b"stationsname,gewaesser,km,lat,lon,wasserstand_cm,einheit,trend_label,status_label,"
    b"abgerufen_utc\nDRESDEN,ELBE,55.6,51,13,91,cm,,Normal,2026-08-22T13:35:25Z\n"
)


@pytest.fixture
def inbox(settings, tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return dataclasses.replace(settings, mode="inbox", inbox_dir=folder)


def land(settings):
    return [(a.filename, a.source, a.outcome) for a in land_files(settings, registry.sources())]


def test_recognised_by_content_unknown_named_hidden_ignored(inbox):
    (inbox.inbox_dir / "any name.csv").write_bytes(PEGEL)
    (inbox.inbox_dir / "readme.txt").write_bytes(b"hello")
    (inbox.inbox_dir / ".hidden").write_bytes(b"x")
    assert land(inbox) == [
        ("any name.csv", "pegelonline", "landed"),
        ("readme.txt", UNKNOWN, "unknown"),
    ]
    (attempt,) = [a for a in land_files(inbox, registry.sources()) if a.source == UNKNOWN]
    assert attempt.outcome == "unchanged"
    # what nobody knows nobody can strip of personal data
    assert [p.parts[-5] for p in (inbox.data_dir / "raw").rglob("*.zst")] == ["pegelonline"]
    assert (inbox.inbox_dir / "readme.txt").read_bytes() == b"hello"


def test_a_folder_named_like_a_source_decides(inbox):
    (inbox.inbox_dir / "pegelonline").mkdir()
    (inbox.inbox_dir / "pegelonline" / "x.json").write_bytes(b"[]")
    assert land(inbox) == [("x.json", "pegelonline", "landed")]


def test_the_same_file_twice_is_one_payload(inbox):
    (inbox.inbox_dir / "a.csv").write_bytes(PEGEL)
    assert [o for _, _, o in land(inbox)] == ["landed"]
    assert [o for _, _, o in land(inbox)] == ["unchanged"]
    (inbox.inbox_dir / "a.csv").write_bytes(PEGEL + b"PIRNA,ELBE,34.7\n")
    assert [o for _, _, o in land(inbox)] == ["landed"]


def test_a_file_that_goes_back_is_landed_again_and_is_the_newest(inbox):
    file = inbox.inbox_dir / "a.csv"
    outcomes = []
    for level in (b",91,", b",500,", b",91,", b",91,"):
        file.write_bytes(GAUGE.replace(b",91,", level))
        (done,) = pipeline.ingest_inbox(inbox)
        outcomes += done.outcomes
    assert outcomes == ["landed", "landed", "landed", "unchanged"]
    assert levels(inbox) == [91, 500, 91]
    assert levels(inbox) == [91, 500, 91]


def test_a_file_that_is_moved_or_copied_is_not_news(inbox):
    for folder in ("old", "new"):
        (inbox.inbox_dir / folder).mkdir()
    (inbox.inbox_dir / "old" / "a.csv").write_bytes(PEGEL)
    (inbox.inbox_dir / "new" / "a.csv").write_bytes(PEGEL + b"PIRNA,ELBE,34.7\n")
    assert [o for _, _, o in land(inbox)] == ["landed", "landed"]
    assert [o for _, _, o in land(inbox)] == ["unchanged", "unchanged"]
    (inbox.inbox_dir / "b").mkdir()
    (inbox.inbox_dir / "old" / "a.csv").rename(inbox.inbox_dir / "b" / "a.csv")
    assert [o for _, _, o in land(inbox)] == ["unchanged", "unchanged"]


def test_a_file_claimed_twice_is_reported_and_the_others_go_on(inbox):
    (inbox.inbox_dir / "a.csv").write_bytes(PEGEL)
    (inbox.inbox_dir / "b.csv").write_bytes(PEGEL.replace(b"DRESDEN", b"PIRNA"))
    (inbox.inbox_dir / "twin").mkdir()
    (inbox.inbox_dir / "b.csv").rename(inbox.inbox_dir / "twin" / "b.csv")
    pegel = registry.source("pegelonline")
    twin = pegel.model_copy(update={"source": "twin", "inbox": (InboxRule(glob="*.csv"),)})
    found = list(land_files(inbox, {"pegelonline": pegel, "twin": twin}))
    assert [(a.filename, a.source) for a in found] == [("a.csv", UNKNOWN), ("b.csv", "twin")]
    assert "claimed by pegelonline and twin; put it in a folder" in found[0].error


def id_without_source(resource, digest, _):
    """Ids as older versions made them."""
    return payload_id(resource.partition("/")[2], digest)


def take_in_without_owner(settings, name="a.csv"):
    """A file of gauges as a pass leaves it for which no source knew it yet."""
    (settings.inbox_dir / name).write_bytes(GAUGE)
    assert [a.outcome for a in land_files(settings, {})] == ["unknown"]
    assert len(list(Bronze(settings).note_unknown())) == 1


def move_to_owner(settings, name="a.csv"):
    """Do what the message says: put the file into the folder of its source."""
    (settings.inbox_dir / "pegelonline").mkdir()
    (settings.inbox_dir / name).rename(settings.inbox_dir / "pegelonline" / name)


def levels(settings):
    """Load what is new; the water levels in the warehouse."""
    warehouse.load_new(settings, registry.sources())
    with warehouse.writing(settings) as con:
        found = con.execute("SELECT value FROM raw.pegelonline__measurements ORDER BY _fetched_at")
        return [value for (value,) in found.fetchall()]


@pytest.mark.parametrize("loaded_between", [True, False])
@pytest.mark.parametrize("older", [True, False], ids=["ids of older versions", "ids of today"])
def test_a_file_that_changes_owner_is_loaded_once(inbox, monkeypatch, loaded_between, older):
    if older:
        monkeypatch.setattr(inbox_module, "payload_id", id_without_source)
    take_in_without_owner(inbox)
    if loaded_between:
        assert levels(inbox) == []
    move_to_owner(inbox)
    (done,) = pipeline.ingest_inbox(inbox)
    assert (done.source, done.outcomes, done.accepted) == ("pegelonline", {"landed": 1}, 1)
    monkeypatch.undo()
    assert levels(inbox) == [91]
    (again,) = pipeline.ingest_inbox(inbox)
    assert again.outcomes == {"unchanged": 1}
    assert levels(inbox) == [91]
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_build", lambda settings, _: levels(settings))
        assert pipeline.replay(inbox, str) == [91]


def test_a_warehouse_keyed_by_the_id_alone_takes_both_owners(inbox, monkeypatch):
    monkeypatch.setattr(inbox_module, "payload_id", id_without_source)
    take_in_without_owner(inbox)
    assert levels(inbox) == []
    with warehouse.writing(inbox) as con:
        con.execute("CREATE TABLE kept AS FROM ops.payloads")
        con.execute("DROP TABLE ops.payloads")
        con.execute("CREATE TABLE ops.payloads AS FROM kept")
        con.execute("ALTER TABLE ops.payloads ADD PRIMARY KEY (payload_id)")
    move_to_owner(inbox)
    pipeline.ingest_inbox(inbox)
    assert levels(inbox) == [91]
    with warehouse.writing(inbox) as con:
        owners = con.execute("SELECT source FROM ops.payloads ORDER BY source").fetchall()
    assert owners == [(UNKNOWN,), ("pegelonline",)]


def test_a_file_that_needs_a_key_there_is_not_is_named_and_the_others_go_on(inbox):
    (inbox.inbox_dir / "home_assistant").mkdir()
    (inbox.inbox_dir / "home_assistant" / "a_history.csv").write_bytes(
        b"entity_id,state,last_changed\nsensor.door,5,2025-09-14T22:00:00.000Z\n"
    )
    (inbox.inbox_dir / "pegelonline").mkdir()
    (inbox.inbox_dir / "pegelonline" / "b.csv").write_bytes(GAUGE)
    done = {i.source: i for i in pipeline.ingest_inbox(inbox)}
    assert done["home_assistant"].outcomes == {"failed": 1}
    (problem,) = done["home_assistant"].problems
    assert problem.startswith("home_assistant: home_assistant/a_history.csv: ")
    assert "URBANDATA_PSEUDONYM_KEY" in problem
    assert (done["pegelonline"].accepted, done["pegelonline"].problems) == (1, [])
    assert not (inbox.data_dir / "raw" / "home_assistant").exists()
    keyed = dataclasses.replace(inbox, pseudonym_key="k")
    (done, _) = pipeline.ingest_inbox(keyed)
    assert (done.source, done.outcomes) == ("home_assistant", {"landed": 1})


@pytest.mark.parametrize("method", ["read_bytes", "is_file"])
def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(inbox, monkeypatch, method):
    (inbox.inbox_dir / "a.csv").write_bytes(GAUGE)
    (inbox.inbox_dir / "b.csv").write_bytes(GAUGE)
    usual = {name: getattr(Path, name) for name in ("read_bytes", "is_file")}

    def refuse(name, path):
        if path.name == "a.csv" and name in (method, "read_bytes"):
            raise PermissionError(13, "Permission denied", str(path))
        return usual[name](path)

    for name in usual:
        monkeypatch.setattr(Path, name, lambda path, name=name: refuse(name, path))
    known, unknown = pipeline.ingest_inbox(inbox)
    assert (known.source, known.accepted, known.problems) == ("pegelonline", 1, [])
    assert (unknown.source, unknown.outcomes) == (UNKNOWN, {"failed": 1})
    assert unknown.problems == ["a.csv: cannot be read: Permission denied"]


def test_a_fallback_gives_way_to_any_other_rule(inbox):
    (inbox.inbox_dir / "a.csv").write_bytes(PEGEL)
    (inbox.inbox_dir / "b.csv").write_bytes(b"x,y\n1,2\n")
    pegel = registry.source("pegelonline")
    rule = InboxRule(glob="*.csv", fallback=True)
    rest = pegel.model_copy(update={"source": "rest", "inbox": (rule,)})
    found = [a.source for a in land_files(inbox, {"pegelonline": pegel, "rest": rest})]
    assert found == ["pegelonline", "rest"]


def test_parts_of_a_shapefile_are_one_payload(inbox):
    for suffix in ("shp", "shx", "dbf", "prj"):
        (inbox.inbox_dir / f"zone.{suffix}").write_bytes(b"x" + suffix.encode())
    (inbox.inbox_dir / "zone.txt").write_bytes(b"about the zone")
    (path, parts), (other, _) = units(inbox.inbox_dir)
    content = bytes_of(parts)
    assert (path.name, other.name) == ("zone.shp", "zone.txt")
    assert recognition.members(content) == ["zone.dbf", "zone.prj", "zone.shp", "zone.shx"]
    assert bytes_of(parts) == content


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "an empty file"),
        ("a.csv", b"x;y\n1;2\n", "a table with 2 columns"),
        ("a.csv", "Straße;Länge\n1;2\n".encode("utf-16"), "a table with 2 columns"),
        ("a.json", b'[{"name": 1}]', "a JSON list with 1 element"),
        ("a.json", b'{"name": 1, "x": 2}', "a JSON object with 2 keys"),
        ("a.json", b'{"type": "FeatureCollection", "features": []}', "GeoJSON features"),
        ("a.json", b'{"x": ', "broken or incomplete JSON"),
        ("a.xml", b"<root><a/></root>", "an XML document"),
        ("a.html", b"<!DOCTYPE html><title> X </title>", "a web page"),
        ("a.pdf", b"%PDF-1.7", "a PDF document"),
        ("a.dbf", b"\x03abc", "a part of a shapefile"),
        ("a.gz", b"\x1f\x8babc", "a gzip archive"),
        ("a.bin", b"\x01\x00\x02", "a binary file of unknown kind"),
        ("a.md", b"# About\n\ntext", "a text of 3 lines"),
        ("a.ics", b"BEGIN:VCALENDAR\r\n", "an iCalendar file"),
    ],
)
def test_an_unknown_file_is_described(inbox, name, content, said):
    (inbox.inbox_dir / name).write_bytes(content)
    (attempt,) = land_files(inbox, {})
    assert attempt.error.startswith(f"{name}: no source recognises this file; it is {said}")


PERSON = ("Erika", "Muster", "erika@mail.example", "Hauptstraße 5")


def workbook(sheet):
    return archives.zipped(
        {"xl/workbook.xml": f'<workbook><sheet name="{sheet}"/></workbook>'.encode()}
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "Erika Muster;erika@mail.example\nHauptstraße 5;1\n".encode()),
        ("b.csv", "Erika Muster,Hauptstraße 5".encode()),
        ("c.txt", b"erika@mail.example"),
        ("d.json", '{"Erika Muster": "Hauptstraße 5"}'.encode()),
        ("e.json", b'[{"Erika Muster": 1}]'),
        ("f.html", b"<html><title>Erika Muster</title></html>"),
        ("g.xml", b"<Erika/>"),
        ("h.zip", archives.zipped({"Erika Muster.txt": b"x"})),
        ("i.xlsx", workbook("Erika Muster")),
    ],
)
def test_no_word_of_an_unknown_file_gets_into_a_message(inbox, name, content):
    (inbox.inbox_dir / name).write_bytes(content)
    (done,) = pipeline.ingest_inbox(inbox)
    assert done.source == UNKNOWN
    (ledger,) = (inbox.data_dir / "ledger").rglob("*.jsonl")
    (outcome,) = (inbox.data_dir / "outcomes").rglob("*.json")
    said = "\n".join([*done.problems, ledger.read_text("utf-8"), outcome.read_text("utf-8")])
    assert "no source recognises this file; it is a" in said
    assert not [word for word in PERSON if word in said]


@given(st.binary() | st.text().map(str.encode), st.sampled_from(["a.csv", "a.json", "a.xls"]))
def test_any_bytes_are_described(content, name):
    path = Path(name)
    assert recognition.described(path, content)
    assert isinstance(recognition.claims(path, content, registry.sources().values()), list)


def test_a_missing_inbox_is_an_error_with_the_way_out(settings):
    with pytest.raises(ConfigError, match="--inbox"):
        list(land_files(settings, registry.sources()))


def test_an_inbox_may_be_named_from_elsewhere(tmp_path):
    (tmp_path / "files" / ".git").mkdir(parents=True)
    (tmp_path / "files" / "rain.txt").write_text("x")
    (tmp_path / "files" / ".git" / "config").write_text("x")
    folder = tmp_path / "files" / ".." / "files"
    assert [p.name for p in files(folder)] == ["rain.txt"]
