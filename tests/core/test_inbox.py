"""Files in the inbox: each goes to one source, unknown ones are kept and named."""

import dataclasses

import pytest

from urbandata import registry
from urbandata.errors import ConfigError
from urbandata.inbox import files, land_files
from urbandata.landing import UNKNOWN, RawZone
from urbandata.registry import InboxRule

PEGEL = b"\xef\xbb\xbfstationsname,gewaesser,km\nDRESDEN,ELBE,55.6\n"


@pytest.fixture
def inbox(settings, tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return dataclasses.replace(settings, mode="inbox", inbox_dir=folder)


def land(settings):
    return [(a.filename, a.source, a.outcome) for a in land_files(settings, registry.sources())]


def test_recognised_by_content_unknown_kept_hidden_ignored(inbox):
    (inbox.inbox_dir / "any name.csv").write_bytes(PEGEL)
    (inbox.inbox_dir / "readme.txt").write_bytes(b"hello")
    (inbox.inbox_dir / ".hidden").write_bytes(b"x")
    assert land(inbox) == [
        ("any name.csv", "pegelonline", "landed"),
        ("readme.txt", UNKNOWN, "unknown"),
    ]
    (attempt,) = [a for a in land_files(inbox, registry.sources()) if a.source == UNKNOWN]
    assert attempt.outcome == "unchanged"
    (raw,) = (inbox.data_dir / "raw" / UNKNOWN).rglob("*.zst")
    assert RawZone(inbox.data_dir).get(raw.relative_to(inbox.data_dir).as_posix()) == b"hello"


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


def test_a_file_claimed_twice_is_an_error_in_the_rules(inbox):
    (inbox.inbox_dir / "a.csv").write_bytes(PEGEL)
    pegel = registry.source("pegelonline")
    twin = pegel.model_copy(update={"source": "twin", "inbox": (InboxRule(glob="*.csv"),)})
    with pytest.raises(ConfigError, match="claimed by pegelonline and twin"):
        list(land_files(inbox, {"pegelonline": pegel, "twin": twin}))


def test_a_missing_inbox_is_an_error_with_the_way_out(settings):
    with pytest.raises(ConfigError, match="--inbox"):
        list(land_files(settings, registry.sources()))


def test_an_inbox_may_be_named_from_elsewhere(tmp_path):
    (tmp_path / "files" / ".git").mkdir(parents=True)
    (tmp_path / "files" / "rain.txt").write_text("x")
    (tmp_path / "files" / ".git" / "config").write_text("x")
    folder = tmp_path / "files" / ".." / "files"
    assert [p.name for p in files(folder)] == ["rain.txt"]
